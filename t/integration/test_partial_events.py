"""ditto_partial_events: who may read a part of an event only."""

import json

import pytest

import messages
from config import (COMMANDS, EVENTS, LIVE_EVENTS, MESSAGES, SENDER,
                    connection, entry, location, policy, target)
from kafka import records
from nginx import ok

A, B, ALL = "t:a", "t:b", "t:all"

PUBLIC = [entry([A], **{"thing:/attributes/public": "+R"})]
NOT_SECRET = [entry([A], **{"thing:/": "+R",
                            "thing:/attributes/secret": "-R"})]
WHOLE = '{"thingId":"org.acme:@","policyId":"a:b","attributes":' \
    '{"public":1.50,"secret":2},"features":{"f":{"properties":{"t":3}}}}'
BOTH = '{"public":1.50,"secret":2}'
NOTHING = "nothing"   # is published

# policy, action, path and value of the event; the value that a target with
# subject A gets if it may have parts.  None: an event without a value.
CASES = {
    "whole thing": (PUBLIC, "modified", "/", WHOLE, {
        "thingId": "org.acme:c0", "attributes": {"public": 1.5}}),
    "created thing": (NOT_SECRET, "created", "/", WHOLE, {
        "thingId": "org.acme:c1", "policyId": "a:b",
        "attributes": {"public": 1.5},
        "features": {"f": {"properties": {"t": 3}}}}),
    "merged thing":
        (PUBLIC, "merged", "/", '{"attributes":{"public":1,"secret":null}}',
         {"attributes": {"public": 1}}),
    "merged, with what identifies the thing":
        (PUBLIC, "merged", "/", '{"_revision":3,"_namespace":"org.acme",'
         '"policyId":"a:b","attributes":{"public":1}}',
         {"_revision": 3, "_namespace": "org.acme",
          "attributes": {"public": 1}}),
    "merged with nulls":
        (PUBLIC, "merged", "/",
         '{"attributes":{"public":null,"secret":null},"features":null}',
         {"attributes": {"public": None}}),
    "merged, a null above":
        (PUBLIC, "merged", "/", '{"attributes":null}', NOTHING),
    "granted to nothing of it":
        ([entry([A], **{"thing:/attributes/none": "+R"})], "modified",
         "/attributes", BOTH, NOTHING),
    "what may be read": (PUBLIC, "modified", "/attributes/public", "9", 9),
    "below what may be read":
        (PUBLIC, "modified", "/attributes/public/x", '{"y":9}', {"y": 9}),
    "another part": (PUBLIC, "modified", "/attributes/secret", "9", NOTHING),
    "another feature":
        (PUBLIC, "modified", "/features/f/properties", '{"t":1}', NOTHING),
    "above what may be read":
        (PUBLIC, "modified", "/attributes", BOTH, {"public": 1.5}),
    "above, nothing of it": (PUBLIC, "modified", "/attributes",
                             '{"secret":2}', NOTHING),
    "above, not an object":
        (PUBLIC, "merged", "/attributes", "null", NOTHING),
    "merged above": (PUBLIC, "merged", "/attributes",
                     '{"public":3,"x":{"public":1}}', {"public": 3}),
    "merged null": (PUBLIC, "merged", "/attributes/public", "null", "null"),
    "merged null of another part":
        (PUBLIC, "merged", "/attributes/secret", "null", NOTHING),
    "deleted": (PUBLIC, "deleted", "/attributes/public", None, None),
    "deleted above": (PUBLIC, "deleted", "/attributes", None, None),
    "deleted thing": (PUBLIC, "deleted", "/", None, None),
    "deleted other part":
        (PUBLIC, "deleted", "/attributes/secret", None, NOTHING),
    "revoked part": (NOT_SECRET, "modified", "/attributes", BOTH,
                     {"public": 1.5}),
    "revoked itself":
        (NOT_SECRET, "modified", "/attributes/secret", "1", NOTHING),
    "beside the revoked":
        (NOT_SECRET, "modified", "/features/f/properties/t", "9", 9),
    "granted again below":
        ([entry([A], **{"thing:/": "+R", "thing:/attributes": "-R",
                        "thing:/attributes/public": "+R"})],
         "modified", "/attributes", BOTH, {"public": 1.5}),
    "emptied objects go":
        (PUBLIC, "modified", "/attributes",
         '{"public":{},"x":{"y":{"z":1}},"secret":{}}', {"public": {}}),
    "inside of arrays":
        ([entry([A], **{"thing:/attributes": "+R",
                        "thing:/attributes/list/x": "-R"})],
         "modified", "/attributes/list", '[{"x":1,"y":2},3,{"x":1}]',
         [{"y": 2}, 3, {}]),
    "granted to nothing that is there":
        ([entry([A], **{"thing:/attributes/none": "+R"})], "modified",
         "/attributes/secret", "9", NOTHING),
    "WRITE only": ([entry([A], thing="+W")], "modified", "/attributes",
                   BOTH, NOTHING),
}

# which of them reach a target that needs unrestricted READ of their path
STRICT = {"what may be read", "below what may be read", "merged null",
          "deleted", "beside the revoked"}


@pytest.fixture(scope="module")
def delivered(shared_nginx, shared_broker):
    """
    A thing with its own policy for each case; the same events strictly, in
    parts, and in parts on the live channel.  The records by topic and thing.
    """
    policies = [policy(f"org.acme:c{i}", entry([SENDER], thing="+W"),
                       entry([ALL], thing="+R"), *case[0])
                for i, case in enumerate(CASES.values())]
    kinds = [EVENTS, LIVE_EVENTS]
    one = shared_nginx(
        policies=policies, http=connection(
            shared_broker.bootstrap,
            target("a-{{ header:mode }}/{{ thing:name }}", kinds, [A]),
            target("all-{{ header:mode }}/{{ thing:name }}", kinds, [ALL])),
        server=location("/strict") + location("/explicit", more="""
            ditto_partial_events strict;""") + location("/partial", more="""
            ditto_partial_events partial;""")).start()
    for i, (_, action, path, value, _) in enumerate(CASES.values()):
        for mode, uri, channel in [
                ("strict", "/strict", "twin"), ("strict", "/explicit", "live"),
                ("twin", "/partial", "twin"), ("live", "/partial", "live")]:
            ok(one.post(messages.event(
                f"org.acme:c{i}", path, value and value.replace("@", f"c{i}"),
                {"mode": mode}, channel, action), path=uri))
    return {topic: {name: [r.value for r in found
                           if r.key.decode() == name]
                    for name in (f"c{i}" for i in range(len(CASES)))}
            for topic in ("a-strict", "a-twin", "a-live", "all-strict",
                          "all-twin", "all-live")
            for found in [records(shared_broker.bootstrap, topic)]}


def values(found):
    return [json.loads(text).get("value") for text in found]


@pytest.mark.parametrize("i, title", list(enumerate(CASES)), ids=CASES)
def test_part(delivered, i, title):
    expected = CASES[title][4]
    if expected == "null":
        expected = None
    for mode in "twin", "live":
        found = delivered[f"a-{mode}"][f"c{i}"]
        if expected == NOTHING:
            assert found == []
        else:
            assert values(found) == [expected], mode
            assert ("value" in json.loads(found[0])) \
                == (CASES[title][3] is not None)
            if "1.5" in json.dumps(expected):
                assert b"1.50" in found[0], "the sender's bytes"


@pytest.mark.parametrize("i, title", list(enumerate(CASES)), ids=CASES)
def test_strict(delivered, i, title):
    found = delivered["a-strict"][f"c{i}"]
    assert len(found) == (2 if title in STRICT else 0)
    assert found == [r for r in delivered["all-strict"][f"c{i}"] if found], \
        "unchanged"


@pytest.mark.parametrize("i", range(len(CASES)))
def test_who_may_read_everything(delivered, i):
    for mode in "twin", "live":
        assert len(delivered[f"all-{mode}"][f"c{i}"]) == 1
    whole, = delivered["all-twin"][f"c{i}"]
    assert len(delivered["all-strict"][f"c{i}"]) == 2
    assert values([whole]) * 2 == values(delivered["all-strict"][f"c{i}"])


# --- together with other features --------------------------------------------

PARTIAL = location(more="ditto_partial_events partial;")
DOCUMENT = policy(
    "org.acme:default", entry([SENDER], thing="+W", message="+W"),
    entry([A], **{"thing:/attributes/public": "+R"}),
    entry([B], **{"thing:/attributes/other": "+R", "thing:/features": "+R",
                  "thing:/features/f": "-R"}),
    entry([ALL], thing="+R"))


@pytest.mark.parametrize("subjects, expected", [
    ([A], {"public": 1}), ([B], {"other": 3}),
    ([A, B], {"public": 1, "other": 3}),
    ([A, ALL], {"public": 1, "secret": 2, "other": 3}),
    (["t:nobody", A], {"public": 1}), (["t:nobody"], None)])
def test_several_subjects(nginx, broker, subjects, expected):
    one = nginx(policies=[DOCUMENT], server=PARTIAL, http=connection(
        broker.bootstrap, target("t", subjects=subjects))).start()
    ok(one.post(messages.event(path="/attributes",
                               value='{"public":1,"secret":2,"other":3}')))
    assert values(r.value for r in records(broker.bootstrap, "t")) \
        == ([] if expected is None else [expected])


def test_filters_see_the_whole_event(nginx, broker):
    entries = {"yes": "gt(attributes/secret,1)",
               "no": "gt(attributes/secret,2)"}
    one = nginx(policies=[DOCUMENT], server=PARTIAL, http=connection(
        broker.bootstrap, *[target(name, [f"{EVENTS}?filter={rql}"], [A])
                            for name, rql in entries.items()])).start()
    ok(one.post(messages.event(path="/attributes", value=BOTH)))
    assert values(r.value for r in records(broker.bootstrap, "yes")) \
        == [{"public": 1.5}]
    assert records(broker.bootstrap, "no") == []


@pytest.mark.parametrize("fields, expected", [
    ("attributes", {"attributes": {"public": 1}}), ("attributes/secret", {}),
    ("attributes,_revision,policyId",
     {"attributes": {"public": 1}, "_revision": 1})])
@pytest.mark.parametrize("mode", ["strict", "partial"])
def test_extra_is_cut(nginx, broker, fields, expected, mode):
    one = nginx(
        policies=[DOCUMENT],
        http="ditto_things /things;" + connection(broker.bootstrap, target(
            "t", [f"{EVENTS}?extraFields={fields}"], [A])),
        server=location(more=f"ditto_partial_events {mode};") + """
            location /things/ { internal; return 200 '{"_revision":1,
                "policyId":"a:b","attributes":{"public":1,"secret":2}}'; }""")
    one.start()
    ok(one.post(messages.event(path="/attributes/public", value="1")))
    record, = records(broker.bootstrap, "t")
    assert json.loads(record.value)["extra"] == expected


def test_nothing_left_is_a_weak_acknowledgement(nginx, broker):
    one = nginx(policies=[DOCUMENT], server=PARTIAL, http=connection(
        broker.bootstrap, target("t", subjects=[A], more="""
            issued_acknowledgement_label k:stored;"""))).start()
    for value, status in ('{"secret":1}', 200), ('{"public":1}', 204):
        response = one.post(messages.event(
            path="/attributes", value=value,
            headers={"requested-acks": ["k:stored"]}))
        assert response.status_code == status, response.text
    assert len(records(broker.bootstrap, "t")) == 1


def test_live_messages_and_commands_are_not_cut(nginx, broker):
    """READ of the path itself decides, and a revoked subject vetoes."""
    document = policy(
        "org.acme:default", entry([SENDER], thing="+W", message="+W"),
        entry([A], **{"thing:/attributes": "+R", "message:/": "+R",
                      "thing:/attributes/secret": "-R"}),
        entry([B], **{"thing:/features": "+R", "thing:/attributes": "-R",
                      "message:/outbox/messages/alarm": "-R"}))
    kinds = [COMMANDS, MESSAGES]
    one = nginx(policies=[document], server=PARTIAL, http=connection(
        broker.bootstrap, target("a", kinds, [A]), target("b", kinds, [B]),
        target("ab", kinds, [A, B]))).start()
    command = "org.acme/pump-7/things/live/commands/modify"
    ok(one.post(messages.envelope(command, "/attributes", BOTH)))
    ok(one.post(messages.envelope(command, "/attributes/secret", "1")))
    ok(one.post(messages.message(headers={"content-type": "text/plain"})))
    assert sorted(map(str, values(
        r.value for r in records(broker.bootstrap, "a")))) \
        == sorted(map(str, [{"public": 1.5, "secret": 2}, "hot"]))
    assert records(broker.bootstrap, "b") == []
    assert records(broker.bootstrap, "ab") == []


def test_wrong_argument(nginx):
    rc, text = nginx(server=location(more="ditto_partial_events some;")).test()
    assert rc != 0
    assert '"some"' in text and "nginx.conf:" in text
