"""Files of policies: arrays, imports, reload, namespaces, expiry."""

import json
import os
import struct
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

import messages
import wait
from config import READER, SENDER, connection, entry, policy, target
from kafka import records
from load import Load
from nginx import ok, refused
from paths import BUILD, SANITIZED
from test_config import GOOD, accepts, refuses


def readable(policy_id, reader=READER, **more):
    """The sender may write the things, the reader may read them."""
    document = policy(policy_id, entry([SENDER], thing="+W"),
                      entry([reader], thing="+R"))
    document.update(more)
    return document


def imported(policy_id):
    """Entries for those who import it, and nobody else."""
    return policy(policy_id, entry([SENDER], thing="+W"),
                  entry([READER], thing="+R"))


def things(broker, topic="t"):
    """How many records each thing has."""
    return Counter(r.key.decode() for r in records(broker.bootstrap, topic))


def keyed(broker, **options):
    return connection(broker.bootstrap, target("t/{{ thing:name }}",
                                               **options))


# --- arrays -----------------------------------------------------------------

def test_arrays_and_single_documents(nginx, broker):
    """Each policy governs its thing, wherever it stands."""
    one = nginx(http=keyed(broker), policies=[
        [readable("a:p0"), readable("a:p1", "x:y"), readable("a:p2")],
        readable("a:p3"), [], [readable("a:p4")]]).start()
    for i in range(5):
        ok(one.post(messages.event(thing=f"a:p{i}")))
    assert one.post(messages.event(thing="a:p5")).status_code in (403, 404)
    assert set(things(broker)) == {"p0", "p2", "p3", "p4"}


def test_many_policies_in_one_array(nginx, broker):
    """So many that the index of ids grows several times."""
    n = 3000
    one = nginx(http=keyed(broker), policies=[
        [readable(f"a:p{i}", READER if i % 7 else "x:y") for i in range(n)]],
        workers=2).start()
    wanted = range(0, n, 11)
    for i in wanted:
        ok(one.post(messages.event(thing=f"a:p{i}")))
    assert set(things(broker)) == {f"p{i}" for i in wanted if i % 7}


@pytest.mark.parametrize("text", ["[]", " [ ] ", "\n[\n]\n"])
def test_empty_array(nginx, text):
    accepts(nginx, http=GOOD, policies=[text])


BAD_KEY = policy("a:b", entry([SENDER], **{"thing:/a//b": "+R"}))
FINE = readable("a:fine")


@pytest.mark.parametrize("content, words", [
    ([FINE, BAD_KEY],
     ('0.json" at /1/entries/e1/resources/thing:~1a~1~1b', "</a//b>")),
    ([FINE, readable("a:1"), {"policyId": "a:2", "entries": {}}],
     ('0.json" at /2:', "'a:2'")),
    ([FINE, 5], ('0.json" at /1:', "<5> is not a valid JSON object")),
    ([FINE, [FINE]], ('0.json" at /1:', "is not a valid JSON object")),
    ([{"entries": FINE["entries"]}],
     ('0.json" at /0 has no member "policyId"',)),
    ([FINE, dict(FINE, policyId=None)],
     ('0.json" at /1 has no member "policyId"',)),
    ('[{"policyId":"a:b"},\n {"policyId":,}]',
     ('0.json" at line 2, column 14',)),
    ('[{}', ('0.json" at line 1, column 4',)),
    ("[]x", ('0.json" at line 1, column 3',)),
    ('[{"policyId":"a:\\u0000b"}]', ('0.json" at /0:', "at byte 14!")),
    ("5", ('0.json"', "<5> is not a valid JSON object")),
])
def test_wrong_array(nginx, content, words):
    refuses(nginx, *words, http=GOOD, policies=[content])


@pytest.mark.parametrize("policies, words", [
    ([[readable("a:x"), readable("a:y"), readable("a:x")]],
     ('0.json" at /2 has the policyId "a:x" of', '0.json" at /0')),
    ([readable("a:x"), [readable("a:z"), readable("a:x")]],
     ('1.json" at /1 has the policyId "a:x" of', '0.json"')),
    ([[readable("a:x")], readable("a:x")],
     ('1.json" has the policyId "a:x" of', '0.json" at /0')),
])
def test_same_id_twice_names_both_places(nginx, policies, words):
    refuses(nginx, *words, http=GOOD, policies=policies)


# --- imports ----------------------------------------------------------------

def test_imports_across_files(nginx, broker):
    """The document that is imported stands in a later file, or nowhere."""
    one = nginx(http=keyed(broker), policies=[
        [policy("a:p0"), dict(policy("a:p1"), imports={"a:base": {}}),
         dict(policy("a:p2"), imports={"a:nothing": {}})],
        [readable("a:other"), imported("a:base")]]).start()
    for i in (0, 2):
        refused(one.post(messages.event(thing=f"a:p{i}")), 403,
                "things:event.notallowed")
    ok(one.post(messages.event(thing="a:p1")))
    assert set(things(broker)) == {"p1"}


def test_error_of_an_import_names_the_policy(nginx):
    """A chain that is too long only shows when all documents are there."""
    chain = [dict(policy(f"a:p{i}"), imports={f"a:p{i + 1}": {
        "transitiveImports": [f"a:p{i + 2}"]}}) for i in range(14)]
    refuses(nginx, '0.json" at /1:', "policies:import.invalid", "depth of 10",
            http=GOOD, policies=[[FINE, chain[0]], chain[1:]])


# --- reload -----------------------------------------------------------------

def test_reload_with_changed_documents(nginx, broker):
    """New rules at once; a wrong file leaves the old ones."""
    one = nginx(http=keyed(broker), policies=[
        [readable("a:p0"), readable("a:p1", "x:y")],
        readable("a:p2")], workers=2).start()

    def post_all():
        for i in range(4):
            one.post(messages.event(thing=f"a:p{i}"))
        return things(broker)

    before = post_all()
    assert before == {"p0": 1, "p2": 1}

    one.write("policies/0.json", [readable("a:p1"), readable("a:p3")])
    old = one.reload()
    wait.until(lambda: not old & set(one.pids()), "the old workers end", 30)
    assert post_all() == {"p0": 1, "p1": 1, "p2": 2, "p3": 1}

    one.allowed.append("1.json")
    one.write("policies/1.json", [readable("a:p2"), readable("a:p2")])
    one.process.send_signal(1)
    wait.until(lambda: "has the policyId" in one.log(), "the refusal")
    assert post_all() == {"p0": 1, "p1": 2, "p2": 3, "p3": 2}


@pytest.mark.skipif(SANITIZED, reason="the sanitizer keeps what is freed")
def test_reloads_give_memory_back(nginx, broker):
    """The documents of an old configuration go with it."""
    documents = [readable(f"a:p{i}") for i in range(20000)]
    one = nginx(http=keyed(broker), policies=[documents]).start()

    def megabytes():
        pid = one.process.pid
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            line = next(x for x in f if x.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    first = megabytes()
    for _ in range(3):
        old = one.reload()
        wait.until(lambda: not old & set(one.pids()), "old workers end", 60)
    assert megabytes() < first + 5


# --- what workers compile themselves ----------------------------------------

def of_namespaces(policy_id):
    """Things of namespace a may be read, others by another subject."""
    document = readable(policy_id)
    document["entries"]["e2"]["namespaces"] = ["a"]
    document["entries"]["e3"] = dict(entry(["x:other"], thing="+R"),
                                     namespaces=["b", "b.*"])
    return document


@pytest.mark.parametrize("cache", ["", "ditto_policy_cache 0;",
                                   "ditto_policy_cache 20k;"])
def test_policies_for_namespaces(nginx, broker, cache):
    """
    Things of several namespaces under one policy; a cache smaller than what
    is worked with, or none, changes no answer.
    """
    n = 25
    one = nginx(http='ditto_policies "@DIR@/more/*.json"; '
                'ditto_policy_id "a:{{ thing:name }}";' + cache
                + connection(
                    broker.bootstrap,
                    target("t/{{ thing:namespace }}.{{ thing:name }}"),
                    target("u/{{ thing:namespace }}.{{ thing:name }}",
                           subjects=["x:other"])),
                policies=None, files={
                    "more/0.json": [of_namespaces(f"a:p{i}")
                                    for i in range(n)]}).start()
    for _ in range(3):
        for ns in ("a", "b", "b.c", "c"):
            for i in range(n):
                ok(one.post(messages.event(thing=f"{ns}:p{i}")))
    assert things(broker) == {f"a.p{i}": 3 for i in range(n)}
    assert things(broker, "u") == {f"{ns}.p{i}": 3 for i in range(n)
                                   for ns in ("b", "b.c")}


def test_announcement_is_of_no_namespace(nginx, broker):
    """
    Who announces has the entries for every namespace; things of the empty one
    do not.
    """
    document = policy("a:p0", dict(entry([SENDER], policy="+W", thing="+W"),
                                   namespaces=["b"]))
    one = nginx(http='ditto_policies "@DIR@/more/*.json"; '
                'ditto_policy_id "a:p0";' + keyed(broker), policies=None,
                files={"more/0.json": document}).start()
    announcement = messages.envelope(
        "a/p0/policies/announcements/subjectDeletion", "/", json.dumps(
            {"deleteAt": "2026-08-18T10:00:00Z", "subjectIds": ["x:y"]}))
    for _ in range(2):
        ok(one.post(announcement))
        refused(one.post(messages.event(thing=":p0")), 403,
                "things:event.notallowed")


@pytest.mark.skipif(SANITIZED, reason="the sanitizer keeps what is freed")
def test_cache_is_bounded(nginx, broker):
    """Policies of 6 MB for three namespaces, a cache of one."""
    n = 4000
    one = nginx(http='ditto_policies "@DIR@/more/*.json"; '
                'ditto_policy_id "a:{{ thing:name }}"; '
                "ditto_policy_cache 1m;" + keyed(broker), policies=None,
                files={"more/0.json": [of_namespaces(f"a:p{i}")
                                       for i in range(n)]}).start()

    def private():
        """Megabytes of the worker's own: what is shared is counted apart."""
        with open(f"/proc/{one.pids()[0]}/smaps_rollup",
                  encoding="ascii") as f:
            line = next(x for x in f if x.startswith("Private_Dirty:"))
        return int(line.split()[1]) / 1024

    def post(ns):
        load = Load(one.port, messages.event(thing=f"{ns}:p@N@"), n)
        assert load.finish().numbers(204) == set(range(n))
        return private()

    before = post("a")
    grown = [post(ns) - before for ns in ("b", "c", "d")]
    assert grown[-1] < 2, grown


@pytest.fixture
def clock(tmp_path):
    """A clock that is ahead by so many hours."""
    file = tmp_path / "clock"
    tmp_path.chmod(0o755)

    class Clock:
        under = ("env", f"DITTO_CLOCK={file}", "LD_PRELOAD=" + ":".join(
            filter(None, [os.environ.get("DITTO_PRELOAD"),
                          str(BUILD / "ditto-clock.so")])))

        @staticmethod
        def ahead(hours):
            with open(file, "r+b" if file.exists() else "wb") as f:
                f.write(struct.pack("=q", int(hours * 3600)))

    Clock.ahead(0)
    return Clock


def hours_from_now(hours):
    """As Ditto rounds it up: the next full hour."""
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def test_subjects_expire_while_nginx_runs(nginx, broker, clock):
    """
    A subject that has expired is none, in the master's policy as in one that
    the worker has compiled.
    """
    document = readable("a:p0")
    for subject, hours in (("x:1", 2), ("x:2", 5)):
        document["entries"][subject] = entry([subject], thing="+R")
        document["entries"][subject]["subjects"][subject]["expiry"] = \
            hours_from_now(hours)
    one = nginx(policies=[[document, of_namespaces("a:p1")]], http=connection(
        broker.bootstrap, target("t"), target("t1", subjects=["x:1"]),
        target("t2", subjects=["x:2"])), under=clock.under).start()

    for hours, topics in ((0, "t t1 t2"), (4, "t t2"), (4, "t t2"), (7, "t"),
                          (7, "t"), (0, "t t1 t2")):
        before = {t: len(records(broker.bootstrap, t))
                  for t in ("t", "t1", "t2")}
        clock.ahead(hours)
        ok(one.post(messages.event(thing="a:p0")))
        got = [t for t, n in before.items()
               if len(records(broker.bootstrap, t)) > n]
        assert got == topics.split(), f"{hours} hours later"


@pytest.mark.parametrize("value", ["x", "-1", "16q", ""])
def test_wrong_cache(nginx, value):
    refuses(nginx, "ditto_policy_cache", http=GOOD
            + f'ditto_policy_cache "{value}";')


def test_cache_twice(nginx):
    refuses(nginx, "ditto_policy_cache", "duplicate", http=GOOD
            + "ditto_policy_cache 1m; ditto_policy_cache 1m;")
