"""Payload mapping of targets: what becomes of a message in Kafka."""

import json

import pytest

import messages
from config import (COMMANDS, EVENTS, LIVE_EVENTS, MESSAGES, connection,
                    document, location, target)
from kafka import records
from nginx import ok, refused

THING = "org.acme:pump-7"
TOPIC = "org.acme/pump-7/things"
RPM = "/features/motor/properties/rpm"
TIME = "2026-08-18T10:00:00Z"
HEADERS = {"correlation-id": "c-1", "unit": "Hz"}
MERGE = "application/merge-patch+json"


# of every connection here
DEFINITIONS = {
    "fields": {"mappingEngine": "Normalized", "options": {
        "fields": "thingId,features/motor(properties),_revision"}},
    "deletions": {"mappingEngine": "Normalized",
                  "options": {"includeDeletedFields": True}},
    "as json": {"mappingEngine": "RawMessage",
                "options": {"outgoingContentType": "application/json"}},
    "alarms": {"mappingEngine": "Ditto", "options": {}, "outgoingConditions": {
        "a": "fn:filter(topic:subject,'eq','alarm')",
        "b": "fn:filter(header:loud,'eq','yes')"}},
    "status": {"mappingEngine": "ConnectionStatus",
               "options": {"thingId": "{{header:device}}"}},
    "implicit": {"mappingEngine": "ImplicitThingCreation", "options": {
        "thing": {"thingId": "{{header:device}}"}}},
}


# --- what is posted ----------------------------------------------------------

def event(path=RPM, value="9.50", action="modified", **members):
    return messages.event(path=path, value=value, action=action,
                          headers=HEADERS, revision=12, timestamp=TIME,
                          **members)


def message(value='"now"', content_type="text/plain", subject="restart",
            path=None, **headers):
    if content_type is not None:
        headers["content-type"] = content_type
    return messages.message(subject=subject, value=value,
                            path=path or f"/inbox/messages/{subject}",
                            headers={**HEADERS, **headers})


COMMAND = messages.envelope(f"{TOPIC}/live/commands/modify", RPM, "9",
                            HEADERS)


# --- what lies in Kafka: headers and value, bytes or JSON --------------------

class Envelope:
    """Equal to a Ditto Protocol message of this topic."""

    def __init__(self, topic):
        self.topic = f"{TOPIC}/{topic}"

    def __eq__(self, other):
        return isinstance(other, dict) and other.get("topic") == self.topic


def ditto(topic="twin/events/modified"):
    return ({"content-type": messages.CONTENT_TYPE, "correlation-id": "c-1"},
            Envelope(topic))


def flat(members, more=None, path=RPM, value=9.5, action="modified",
         content_type="application/json"):
    """Of Normalized; in _context all headers are texts."""
    headers = {"correlation-id": "c-1", "unit": "Hz",
               "ditto-originator": "nginx:device", "entity-revision": "12",
               "response-required": "false"}
    if content_type is not None:
        headers["content-type"] = content_type
    context = {"topic": f"{TOPIC}/twin/events/{action}", "path": path,
               "value": value, "headers": headers}
    return ({"content-type": "application/json"},
            {"thingId": THING, **members, "_modified": TIME, "_revision": 12,
             **(more or {}), "_context": context})


def raw(value, content_type="text/plain", direction="TO", **more):
    return ({"content-type": content_type, "ditto-message-thing-id": THING,
             "ditto-message-direction": direction,
             "ditto-message-subject": "restart", **more}, value)


def cloud(data, time, kind="things/twin/events/modified"):
    return ({"content-type": "application/cloudevents+json"},
            {"data": data, "specversion": "1.0", "id": "c-1",
             "source": "https://github.com/eclipse-ditto/ditto",
             "type": f"org.eclipse.ditto.outbound:{kind}",
             "datacontenttype": messages.CONTENT_TYPE, "time": time,
             "subject": THING})


MOTOR = {"features": {"motor": {"properties": {"rpm": 9.5}}}}
NULLS = '{"a":null,"b":{"c":null,"d":1},"e":{"f":null}}'
LEFT = {"b": {"d": 1}}
LIVE = "live/messages/restart"

# mappers, what is posted, the records
CASES = {
    "Ditto": (["Ditto"], event(), [ditto()]),
    "none named": ([], event(), [ditto()]),
    "Ditto, message": (["Ditto"], message(), [ditto(LIVE)]),

    "Normalized": (["Normalized"], event(), [flat(MOTOR)]),
    "Normalized, created thing":
        (["Normalized"], event(
            "/", f'{{"thingId":"{THING}","attributes":{{"a":1}}}}', "created"),
         [flat({"attributes": {"a": 1}}, action="created", path="/", value={
             "thingId": THING, "attributes": {"a": 1}})]),
    "Normalized, merged":
        (["Normalized"], event("/attributes", NULLS, "merged"),
         [flat({"attributes": LEFT}, path="/attributes", action="merged",
               value=LEFT, content_type=MERGE)]),
    "Normalized, deleted thing":
        (["Normalized"], event("/", None, "deleted"),
         [flat({}, {"_deleted": TIME}, "/", None, "deleted", None)]),
    "Normalized, deleted part":
        (["Normalized"], event("/attributes/a", None, "deleted"), []),
    "Normalized, message": (["Normalized"], message(), []),
    "Normalized, command": (["Normalized"], COMMAND, []),
    "fields":
        (["fields"], event(channel="live"), [(
            {"content-type": "application/json"},
            {"thingId": THING, **MOTOR, "_revision": 12})]),
    "includeDeletedFields, deleted part":
        (["deletions"], event("/attributes/a", None, "deleted"), [flat(
            {}, {"_deletedFields": {"attributes": {"a": TIME}}},
            "/attributes/a", None, "deleted", None)]),
    "includeDeletedFields, merged":
        (["deletions"], event("/attributes", NULLS, "merged"), [flat(
            {"attributes": LEFT},
            {"_deletedFields": {"attributes": {
                "a": TIME, "b": {"c": TIME}, "e": {"f": TIME}}}},
            "/attributes", LEFT, "merged", MERGE)]),

    "RawMessage": (["RawMessage"], message(), [raw(b"now")]),
    "RawMessage, an object as text":
        (["RawMessage"], message('{"a":1}'), [raw(b'{"a":1}')]),
    "RawMessage, JSON":
        (["RawMessage"], message('{"a": 1.50}', "application/json"),
         [raw(b'{"a": 1.50}', "application/json")]),
    "RawMessage, a string of JSON":
        (["RawMessage"], message('"now"', "application/json"),
         [raw(b"now", "application/json")]),
    "RawMessage, Latin-1":
        (["RawMessage"], message('"ä€"', "text/plain; charset=ISO-8859-1"),
         [raw(b"\xe4?", "text/plain; charset=iso-8859-1")]),
    "RawMessage, bytes":
        (["RawMessage"], message('"AQID"', "application/octet-stream"),
         [raw(b"\1\2\3", "application/octet-stream")]),
    "RawMessage, other bytes":
        (["RawMessage"], message('"%%"', "application/octet-stream"),
         [raw(b"%%", "application/octet-stream")]),
    "RawMessage, no content type":
        (["RawMessage"], message('"hello"', None),
         [raw(b"aGVsbG8=", "text/plain; charset=utf-8")]),
    "RawMessage, a content type of its own":
        (["as json"], message('"hello"', None),
         [raw(b"aGVsbG8=", "application/json")]),
    "RawMessage, no value":
        (["RawMessage"], message(None), [raw(b"")]),
    "RawMessage, of a feature":
        (["RawMessage"],
         message(path="/features/f/outbox/messages/restart"),
         [raw(b"now", direction="FROM", **{"ditto-message-feature-id": "f"})]),
    "RawMessage, Ditto Protocol":
        (["RawMessage"], message("{}", messages.CONTENT_TYPE), [ditto(LIVE)]),
    "RawMessage, event": (["RawMessage"], event(), [ditto()]),
    "RawMessage, command":
        (["RawMessage"], COMMAND, [ditto("live/commands/modify")]),

    "CloudEvents":
        (["CloudEvents"], event(),
         [cloud(Envelope("twin/events/modified"), TIME)]),

    "all conditions": (["alarms"], message(subject="alarm", loud="yes"),
                       [ditto("live/messages/alarm")]),
    "one condition": (["alarms"], message(subject="alarm", loud="no"), []),
    "no condition": (["alarms"], message(subject="other"), []),
    "a condition of one of two":
        (["alarms", "RawMessage"], message(loud="yes"), [raw(b"now")]),

    "several": (["Ditto", "Normalized", "RawMessage", "CloudEvents"], event(),
                [ditto(), flat(MOTOR), ditto(),
                 cloud(Envelope("twin/events/modified"), TIME)]),
    "several of a message":
        (["Ditto", "Normalized", "RawMessage"], message(),
         [ditto(LIVE), raw(b"now")]),
    "ten": (["Ditto"] * 10, event(), [ditto()] * 10),
    "what only reads":
        (["status", "implicit", "UpdateTwinWithLiveResponse"], event(), []),
    "what only reads, and one":
        (["status", "Ditto", "implicit"], event(), [ditto()]),
}


def mapped(bootstrap, name, mappers, definitions):
    return document(bootstrap, {
        "address": f"m/{name}", "payloadMapping": mappers,
        "topics": [EVENTS, LIVE_EVENTS, MESSAGES, COMMANDS]}, name=name,
        mappingDefinitions=definitions)


@pytest.fixture(scope="module")
def server(shared_nginx, shared_broker):
    """A connection and a location for each case."""
    return shared_nginx(
        files={f"c/{i}.json": mapped(shared_broker.bootstrap, f"c{i}", case[0],
                                     DEFINITIONS)
               for i, case in enumerate(CASES.values())},
        http='ditto_connections "@DIR@/c/*.json";',
        server="".join(location(f"/{i}", f"c{i}")
                       for i in range(len(CASES)))).start()


def found(broker, topic, key):
    return [r for r in records(broker.bootstrap, topic)
            if r.key == key.encode()]


@pytest.mark.parametrize("i, case", list(enumerate(CASES.values())), ids=CASES)
def test_outbound(server, shared_broker, i, case):
    ok(server.post(case[1], path=f"/{i}"))
    lies = found(shared_broker, "m", f"c{i}")
    assert len(lies) == len(case[2])
    for record, (headers, value) in zip(lies, case[2]):
        assert {k: v.decode() for k, v in record.headers} \
            == {**headers, "ditto-connection-id": f"c{i}"}
        if isinstance(value, bytes):
            assert record.value == value
        else:
            assert json.loads(record.value) == value


def test_bytes_of_the_value(server, shared_broker):
    """Numbers keep their spelling whatever the mapper."""
    i = list(CASES).index("several")
    ok(server.post(event(), path=f"/{i}"))
    for record in found(shared_broker, "m", f"c{i}"):
        assert b"9.50" in record.value


def test_normalized_with_extra_fields(nginx, broker):
    """What the event says wins; what was there comes first."""
    one = nginx(
        http="ditto_things /things;" + connection(
            broker.bootstrap,
            target("t", [EVENTS + "?extraFields=attributes,policyId"],
                   more="payload_mapping Normalized;")),
        server=location() + """location /things/ { internal; return 200
            '{"policyId":"a:b","attributes":{"site":"B4","x":1}}'; }""")
    one.start()
    ok(one.post(event("/attributes/x", "2")))
    value = json.loads(records(broker.bootstrap, "t")[0].value)
    assert list(value)[:2] == ["attributes", "policyId"]
    expected = flat({"policyId": "a:b", "attributes": {"site": "B4", "x": 2}},
                    path="/attributes/x", value=2)[1]
    assert value == expected


def test_mappers_in_a_block(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target(
        "t/x", [EVENTS, MESSAGES],
        more="payload_mapping RawMessage Normalized;"))).start()
    ok(one.post(event()))
    ok(one.post(message()))
    values = [r.value for r in records(broker.bootstrap, "t")]
    assert [json.loads(v) for v in values[:2]] == [ditto()[1], flat(MOTOR)[1]]
    assert values[2:] == [b"now"]


# the same in nginx.conf
BLOCK = """
    mapping_definition slim Normalized fields=thingId,features/motor,_revision
        "outgoing_condition=fn:filter(header:unit,'eq','Hz')"
        "outgoing_condition=fn:filter(topic:channel,'eq','twin')";
    mapping_definition gone Normalized includeDeletedFields=true;
    mapping_definition "not deleted" Normalized 'includeDeletedFields="false"';
    mapping_definition bytes RawMessage outgoingContentType=image/x-8
        outgoing_condition=fn:filter(header:unit,'eq','Hz');
    mapping_definition cloud CloudEvents
        "outgoing_condition=fn:filter(header:cloud,'eq','yes')";
    mapping_definition Ditto RawMessage outgoingContentType=8;
"""

# known to ditto_payload_mapping only if one connection alone has it
READ = """
    mapping_definition read RawMessage
        "incoming_condition=fn:filter(header:loud,'eq','yes')"
        'incomingMessageHeaders={"content-type": "text/plain",
            "ditto-message-thing-id": "org.acme:{{ header:device }}",
            "ditto-message-subject": "restart"}';
"""

SLIM = ({"content-type": "application/json"},
        {"thingId": THING, **MOTOR, "_revision": 12})

# mappers, what is posted, the records
BLOCK_CASES = {
    "fields and conditions": ("slim", event(), [SLIM]),
    "one of two conditions": ("slim", event(channel="live"), []),
    "a flag": ("gone", event("/attributes/a", None, "deleted"), [flat(
        {}, {"_deletedFields": {"attributes": {"a": TIME}}},
        "/attributes/a", None, "deleted", None)]),
    "a text that reads as JSON":
        ('"not deleted"', event("/attributes/a", None, "deleted"), []),
    "an option that is text":
        ("bytes", message('"hello"', None), [raw(b"hello", "image/x-8")]),
    "a condition without a value": ("cloud", event(), []),
    "a number, before an alias":
        ("Ditto", message('"hello"', None), [raw(b"hello", "8")]),
    "several":
        ("slim bytes Normalized RawMessage gone cloud CloudEvents slim",
         event(), [SLIM, ditto(), flat(MOTOR), ditto(), flat(MOTOR),
                   cloud(Envelope("twin/events/modified"), TIME), SLIM]),
    "several of a message":
        ("slim bytes RawMessage Normalized bytes", message('"hello"', None),
         [raw(b"hello", "image/x-8"),
          raw(b"aGVsbG8=", "text/plain; charset=utf-8"),
          raw(b"hello", "image/x-8")]),
    "of what goes in": ("read", message(), [raw(b"now")]),
}


@pytest.fixture(scope="module")
def block_server(shared_nginx, shared_broker):
    """A connection and a location for each case."""
    shared_broker.topic("b", 1)
    return shared_nginx(
        http="".join(connection(
            shared_broker.bootstrap, target(
                "b/{{ thing:name }}-{{ connection:id }}",
                [EVENTS, LIVE_EVENTS, MESSAGES],
                more=f"payload_mapping {case[0]};"
                     'header_mapping hertz "{{ header:unit }}";'
                     'header_mapping of "{{ thing:id }}";'),
            name=f"b{i}", more=BLOCK if case[0] != "read" else BLOCK + READ)
            for i, case in enumerate(BLOCK_CASES.values())),
        server="".join(location(f"/{i}", f"b{i}")
                       for i in range(len(BLOCK_CASES)))
        + location("/in", more="ditto_payload_mapping read;")).start()


@pytest.mark.parametrize("i, case", list(enumerate(BLOCK_CASES.values())),
                         ids=BLOCK_CASES)
def test_definitions_in_a_block(block_server, shared_broker, i, case):
    ok(block_server.post(case[1], path=f"/{i}"))
    lies = found(shared_broker, "b", f"pump-7-b{i}")
    assert len(lies) == len(case[2])
    for record, (headers, value) in zip(lies, case[2]):
        assert {k: v.decode() for k, v in record.headers} \
            == {**headers, "hertz": "Hz", "of": THING,
                "ditto-connection-id": f"b{i}"}
        if isinstance(value, bytes):
            assert record.value == value
        else:
            assert json.loads(record.value) == value


def test_a_definition_of_a_block_maps_what_is_posted(block_server,
                                                     shared_broker):
    i = list(BLOCK_CASES).index("of what goes in")
    headers = {"Content-Type": None, "Device": "in-1", "unit": "Hz"}
    quiet = block_server.post("now", path="/in", headers=headers)
    refused(quiet, 400, "connectivity:message.mapping.failed")
    ok(block_server.post("now", path="/in",
                         headers={**headers, "Loud": "yes"}))
    record, = found(shared_broker, "b", f"in-1-b{i}")
    assert record.value == b"now"
    assert dict(record.headers)["ditto-message-thing-id"] == b"org.acme:in-1"


def test_a_definition_comes_before_an_alias(nginx, broker):
    one = nginx(files={"c/c.json": mapped(
        broker.bootstrap, "c", ["Normalized"],
        {"Normalized": {"mappingEngine": "Ditto", "options": {}}})},
        http='ditto_connections "@DIR@/c/c.json";').start()
    ok(one.post(event()))
    assert json.loads(records(broker.bootstrap, "m")[0].value) == ditto()[1]


def test_a_condition_that_is_wrong(nginx, broker):
    """It is found when a message comes; nothing is lost in silence."""
    one = nginx(files={"c/c.json": mapped(
        broker.bootstrap, "c", ["wrong"],
        {"wrong": {"mappingEngine": "Ditto", "options": {},
                   "outgoingConditions": {"x": "fn:nonsense()"}}})},
        http='ditto_connections "@DIR@/c/c.json";').start()
    response = one.post(event())
    assert response.status_code == 400, response.text
    assert response.json()["outcome"] == "not persisted"
    assert records(broker.bootstrap, "m") == []


# --- nginx -t ----------------------------------------------------------------

SCRIPT = {"js": {"mappingEngine": "JavaScript", "options": {
    "outgoingScript": "function mapFromDittoProtocolMsg() { return null; }"}}}


@pytest.mark.parametrize("mappers, definitions, words", [
    (["Nope"], {}, ["The mapper <Nope> could not be loaded."]),
    (["ditto"], {}, ["The mapper <ditto> could not be loaded."]),
    (["JavaScript"], {}, ["JavaScript"]),
    (["js"], SCRIPT, ["JavaScript"]),
    (["Ditto", "js"], SCRIPT, ["JavaScript"]),
    (["ConnectionStatus"], {}, ["The mapper <ConnectionStatus>"]),
    (["x"], {"x": {"mappingEngine": "ConnectionStatus", "options": {}}},
     ["The mapper <x> could not be loaded."]),
    (["x"], {"x": {"mappingEngine": "org.acme.Mapper", "options": {}}},
     ["The mapper <x> could not be loaded."]),
    (["x"], {"x": {"mappingEngine": "Normalized",
                   "options": {"fields": "attributes(a"}}},
     ["attributes(a"]),
    (["Ditto"] * 11, {}, ["payload mappings exceeded the limit", "10"]),
    (["x"], {"x": {"options": {}}}, ["mappingEngine"]),
])
def test_wrong_mappers(nginx, mappers, definitions, words):
    rc, text = nginx(files={"c/c.json": mapped("localhost:9092", "c", mappers,
                                                 definitions)},
                     http='ditto_connections "@DIR@/c/c.json";').test()
    assert rc != 0
    for word in ["[emerg]", "/c/c.json", *words]:
        assert word in text, text


@pytest.mark.parametrize("mappers, word", [
    ("Nope", "The mapper <Nope> could not be loaded."),
    ("JavaScript", "JavaScript"), ("Ditto " * 11, "exceeded the limit")])
def test_wrong_mappers_in_a_block(nginx, mappers, word):
    rc, text = nginx(http=connection("127.0.0.1:9", target(
        "t", more=f"payload_mapping {mappers};"))).test()
    assert rc != 0
    for w in "[emerg]", "payload_mapping", "nginx.conf:", word:
        assert w in text, text
