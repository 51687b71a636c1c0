"""Who may write, and whose targets get what: nearest mention, revoke wins."""

from collections import Counter

import pytest

import messages
from config import MESSAGES, EVENTS, SENDER, connection, entry, policy, target
from kafka import records
from nginx import ok, refused

A, B, CONTROL = "t:a", "t:b", "t:control"
PATH = "/attributes/x/y"

# What the policy of the thing says, and whether a target with subject A gets
# a twin event about PATH: unrestricted READ on the path is needed.
EVENT_CASES = {
    "not granted": ([], 0),
    "granted at the root": ([entry([A], thing="+R")], 1),
    "granted at the path": ([entry([A], **{"thing:" + PATH: "+R"})], 1),
    "granted above": ([entry([A], **{"thing:/attributes": "+R"})], 1),
    "granted below only": ([entry([A], **{"thing:" + PATH + "/z": "+R"})], 0),
    "granted beside": ([entry([A], **{"thing:/attributes/x/yy": "+R"})], 0),
    "other permission": ([entry([A], thing="+W")], 0),
    "other type": ([entry([A], message="+R", policy="+R")], 0),
    "other subject": ([entry([B], thing="+R")], 0),
    "revoked at the path":
        ([entry([A], **{"thing:/": "+R", "thing:" + PATH: "-R"})], 0),
    "revoked above":
        ([entry([A], **{"thing:/": "+R", "thing:/attributes": "-R"})], 0),
    "revoked below":
        ([entry([A], **{"thing:/": "+R", "thing:" + PATH + "/z/z": "-R"})], 0),
    "revoked below and granted again":
        ([entry([A], **{"thing:/": "+R", "thing:" + PATH + "/z": "-R",
                        "thing:" + PATH + "/z/z": "+R"})], 0),
    "revoked beside":
        ([entry([A], **{"thing:/": "+R", "thing:/features": "-R"})], 1),
    "revoked at the root, granted above":
        ([entry([A], **{"thing:/": "-R", "thing:/attributes/x": "+R"})], 1),
    "revoked and granted in one place": ([entry([A], thing="+R -R")], 0),
    "revoked in another entry":
        ([entry([A], thing="+R"), entry([A], thing="-R")], 0),
    "WRITE revoked only": ([entry([A], thing="+R -W")], 1),
    "granted to two subjects": ([entry([A, B], thing="+R")], 1),
}

# The same for a live message about "/outbox/messages/alarm": permission on
# the path itself, nothing below it counts.
AT = "message:/outbox/messages/alarm"
MESSAGE_CASES = {
    "not granted": ([], 0),
    "granted at the root": ([entry([A], message="+R")], 1),
    "thing rights do not count": ([entry([A], thing="+R")], 0),
    "granted at the path": ([entry([A], **{AT: "+R"})], 1),
    "revoked at the path": ([entry([A], **{"message:/": "+R", AT: "-R"})], 0),
    "revoked above":
        ([entry([A], **{"message:/": "+R", "message:/outbox": "-R"})], 0),
    "revoked below":
        ([entry([A], **{"message:/": "+R", AT + "/x": "-R"})], 1),
    "granted to the inbox":
        ([entry([A], **{"message:/inbox": "+R"})], 0),
}


def numbered(cases, kind):
    return [(f"{kind}-{i}", *case) for i, case in enumerate(cases.values())]


CASES = numbered(EVENT_CASES, "event") + numbered(MESSAGE_CASES, "message")


@pytest.fixture(scope="module")
def delivered(shared_nginx, shared_broker):
    """
    One thing with its own policy for each case, one message about each.
    Returns how many records each of the two targets got, by thing.
    """
    policies = [policy(f"org.acme:{name}",
                       entry([SENDER], thing="+W", message="+W"),
                       entry([CONTROL], thing="+R", message="+R"), *entries)
                for name, entries, _ in CASES]
    both = [EVENTS, MESSAGES]
    one = shared_nginx(policies=policies, http=connection(
        shared_broker.bootstrap,
        target("a/{{ thing:name }}", topics=both, subjects=[A]),
        target("control/{{ thing:name }}", topics=both,
               subjects=[CONTROL]))).start()
    for name, _, _ in CASES:
        thing = f"org.acme:{name}"
        ok(one.post(messages.event(thing=thing, path=PATH)
                    if name.startswith("event")
                    else messages.message(thing=thing)))
    return {topic: Counter(r.key.decode() for r in
                           records(shared_broker.bootstrap, topic))
            for topic in ("a", "control")}


@pytest.mark.parametrize("name, expected", [
    pytest.param(name, expected, id=f"{name.split('-')[0]}: {title}")
    for (name, _, expected), title in zip(
        CASES, [*EVENT_CASES, *MESSAGE_CASES])])
def test_read(delivered, name, expected):
    assert delivered["control"][name] == 1, "others are unaffected"
    assert delivered["a"][name] == expected


def test_one_of_several_subjects_suffices_but_a_revoke_vetoes(nginx, broker):
    document = policy(
        "org.acme:default", entry([SENDER], thing="+W", message="+W"),
        entry([A], message="+R"), entry([B], message="-R"))
    one = nginx(policies=[document], http=connection(
        broker.bootstrap,
        target("a", topics=[MESSAGES], subjects=["t:nobody", A]),
        target("ab", topics=[MESSAGES], subjects=[A, B]),
        target("b", topics=[MESSAGES], subjects=[B]))).start()
    ok(one.post(messages.message()))
    assert len(records(broker.bootstrap, "a")) == 1
    assert records(broker.bootstrap, "ab") == []
    assert records(broker.bootstrap, "b") == []


@pytest.mark.parametrize("entries, body, code", [
    ([], messages.event(), "things:event.notallowed"),
    ([entry([SENDER], thing="+R")], messages.event(),
     "things:event.notallowed"),
    ([entry([SENDER], **{"thing:/": "+W", "thing:/attributes/rpm": "-W"})],
     messages.event(), "things:event.notallowed"),
    ([entry([SENDER], **{"thing:/": "+W", "thing:/attributes/rpm/x": "-W"})],
     messages.event(), "things:event.notallowed"),
    ([entry([SENDER], thing="+W")], messages.message(),
     "messages:send.notallowed"),
    ([entry([SENDER], message="+W"), entry([SENDER], message="-W")],
     messages.message(), "messages:send.notallowed"),
])
def test_sender_without_write(nginx, broker, entries, body, code):
    one = nginx(policies=[policy("org.acme:default", *entries,
                                 entry([CONTROL], thing="+R", message="+R"))],
                http=connection(broker.bootstrap,
                                target("t", topics=[EVENTS, MESSAGES],
                                       subjects=[CONTROL]))).start()
    refused(one.post(body), 403, code)
    assert records(broker.bootstrap, "t") == []


def test_thing_without_a_policy(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    response = one.post(messages.event(thing="org.other:x"))
    assert response.status_code in (403, 404), response.text
    assert response.json()["error"].startswith(("things:", "policies:"))
    assert records(broker.bootstrap, "t") == []


def test_own_policy_of_a_thing_wins_over_the_default(nginx, broker):
    own = policy("org.acme:special", entry([SENDER], thing="+W"))
    default = policy("org.acme:default", entry([SENDER], thing="+W"),
                     entry([A], thing="+R"))
    one = nginx(policies=[default, own], http=connection(
        broker.bootstrap, target("t", subjects=[A]))).start()
    ok(one.post(messages.event(thing="org.acme:special")))
    assert records(broker.bootstrap, "t") == []
    ok(one.post(messages.event(thing="org.acme:usual")))
    assert len(records(broker.bootstrap, "t")) == 1


def test_policies_off_lets_everybody_read_and_write(nginx, broker):
    one = nginx(policies=None, http="ditto_policies off;" + connection(
        broker.bootstrap, target("t", subjects=["no:body"]))).start()
    ok(one.post(messages.event(thing="any.thing:x")))
    assert len(records(broker.bootstrap, "t")) == 1


def test_expired_subject_is_no_subject(nginx, broker):
    document = policy("org.acme:default", entry([SENDER], thing="+W"),
                      entry([A], thing="+R"))
    document["entries"]["e2"]["subjects"][A]["expiry"] = "2020-01-01T00:00:00Z"
    one = nginx(policies=[document], http=connection(
        broker.bootstrap, target("t", subjects=[A])))
    rc, text = one.test()
    if rc == 0:
        one.start()
        ok(one.post())
        assert records(broker.bootstrap, "t") == []
    else:
        assert "expiry" in text
