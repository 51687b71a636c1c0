"""ditto_payload_mapping: what is posted becomes Ditto Protocol messages."""

import base64
import json

import pytest

import messages
from config import (EVENTS, MESSAGES, READER, SENDER, connection, document,
                    entry, location, policy, target)
from kafka import records
from nginx import ok, refused

THING = "org.acme:pump-7"

# nobody may write what lies below /inbox/messages/secret
POLICY = policy(
    "org.acme:default",
    entry([SENDER], **{"thing:/": "+W", "message:/": "+W",
                       "message:/inbox/messages/secret": "-W"}),
    entry([READER], thing="+R", message="+R"))

DEFINITIONS = {
    "telemetry": {"mappingEngine": "RawMessage", "options": {
        "incomingMessageHeaders": {
            "content-type": "text/plain",
            "ditto-message-thing-id": "org.acme:{{ header:device }}",
            "ditto-message-subject": "telemetry",
            "ditto-message-direction": "FROM"}}},
    "secret": {"mappingEngine": "RawMessage", "options": {
        "incomingMessageHeaders": {"ditto-message-subject": "secret"}}},
    "loud": {"mappingEngine": "RawMessage", "options": {},
             "incomingConditions": {
                 "it is": "fn:filter(header:loud,'eq','yes')"}},
    "no text": {"mappingEngine": "RawMessage", "options": {
        "content-type-blocklist": "text/html,text/csv"}},
}


def defining(bootstrap="localhost:9092", name="defs", definitions=None):
    """A connection that is only there for its definitions."""
    return document(bootstrap, {"address": "none", "topics": []}, name=name,
                    mappingDefinitions=definitions or DEFINITIONS)


@pytest.fixture(scope="module")
def server(shared_nginx, shared_broker):
    locations = {"raw": "RawMessage", "cloud": "CloudEvents", "ditto": "Ditto",
                 "several": "RawMessage secret", "both": "Ditto CloudEvents",
                 "telemetry": "telemetry", "loud": "loud", "blocked":
                 '"no text"', "any": "CloudEvents Ditto RawMessage"}
    shared_broker.topic("t", 1)
    return shared_nginx(
        policies=[POLICY], 
        files={"c/c.json": defining(shared_broker.bootstrap)},
        http='ditto_connections "@DIR@/c/c.json";' + connection(
            shared_broker.bootstrap, target("t", [EVENTS, MESSAGES])),
        server="".join(location(f"/{name}", more=f"ditto_payload_mapping {m};")
                       for name, m in locations.items())).start()


@pytest.fixture
def post(server, shared_broker):
    """Posts; returns the answer and the envelopes that then lie in Kafka."""
    def make(path, body, headers=None):
        before = len(records(shared_broker.bootstrap, "t"))
        response = server.post(body, path=path, headers={
            "Content-Type": None, **(headers or {})})
        return response, [json.loads(r.value) for r in
                          records(shared_broker.bootstrap, "t")[before:]]
    return make


# --- RawMessage --------------------------------------------------------------

TO = {"Ditto-Message-Thing-Id": THING, "Ditto-Message-Subject": "restart"}
BASE = "org.acme/pump-7/things/live/messages/"

# headers, body, topic, path and value of the message
RAW = {
    "text": ({"Content-Type": "text/plain"}, b"now", "restart",
             "/inbox/messages/restart", "now"),
    "text of UTF-8": ({"Content-Type": "text/plain; charset=utf-8"},
                      "ä€".encode(), "restart", "/inbox/messages/restart",
                      "ä€"),
    "JSON": ({"Content-Type": "application/json"}, b'{"a": [1.50]}',
             "restart", "/inbox/messages/restart", {"a": [1.5]}),
    "bytes": ({"Content-Type": "application/octet-stream"}, b"\0\1\xff",
              "restart", "/inbox/messages/restart", "AAH/"),
    "no content type": ({}, b"now", "restart", "/inbox/messages/restart",
                        base64.b64encode(b"now").decode()),
    "outbox": ({"Content-Type": "text/plain",
                "Ditto-Message-Direction": "FROM"}, b"now", "restart",
               "/outbox/messages/restart", "now"),
    "a feature": ({"Content-Type": "text/plain",
                   "Ditto-Message-Feature-Id": "motor"}, b"now", "restart",
                  "/features/motor/inbox/messages/restart", "now"),
    "a long subject": ({"Content-Type": "text/plain",
                        "Ditto-Message-Subject": "a/b c"}, b"now", "a/b c",
                       "/inbox/messages/a/b c", "now"),
}


@pytest.mark.parametrize("headers, body, subject, path, value", RAW.values(),
                         ids=RAW)
def test_raw_message(post, headers, body, subject, path, value):
    response, found = post("/raw", body, {**TO, **headers})
    ok(response)
    assert [(m["topic"], m["path"], m["value"]) for m in found] \
        == [(BASE + subject, path, value)]
    result = found[0]["headers"]
    assert result["ditto-message-thing-id"] == THING
    assert result["ditto-message-subject"] == subject
    assert result["ditto-message-direction"] == \
        headers.get("Ditto-Message-Direction", "TO")
    assert result["ditto-originator"] == SENDER
    assert result["correlation-id"] == response.headers["correlation-id"]


def test_raw_message_keeps_the_bytes_of_json(post, shared_broker):
    ok(post("/raw", b'{"a": [1.50]}',
            {**TO, "Content-Type": "application/json"})[0])
    assert b'"value":{"a": [1.50]}' \
        in records(shared_broker.bootstrap, "t")[-1].value


def test_raw_message_takes_the_protocol_too(post):
    response, found = post("/raw", messages.event(),
                           {"Content-Type": messages.CONTENT_TYPE})
    ok(response)
    assert found[0]["topic"] == "org.acme/pump-7/things/twin/events/modified"


@pytest.mark.parametrize("headers", [
    {"Ditto-Message-Thing-Id": None}, {"Ditto-Message-Subject": None},
    {"Ditto-Message-Direction": "UP"}, {"Content-Type": "application/json"},
    {"Ditto-Message-Thing-Id": "pump"}])
def test_no_raw_message(post, headers):
    response, found = post("/raw", b"{", {
        "Content-Type": "text/plain", **TO, **headers})
    assert response.status_code == 400, response.text
    assert response.json()["error"] in (
        "connectivity:message.mapping.failed", "json.invalid",
        "things:id.invalid")
    assert found == []


def test_raw_message_needs_the_right_to_write(post):
    response, found = post("/raw", b"x", {
        **TO, "Ditto-Message-Subject": "secret", "Content-Type": "text/plain"})
    refused(response, 403, "messages:send.notallowed")
    assert found == []


# --- CloudEvents -------------------------------------------------------------

STRUCTURED = {"specversion": "1.0", "id": "e-1", "source": "urn:x",
              "type": "t", "data": json.loads(messages.event())}
BINARY = {"ce-specversion": "1.0", "ce-id": "e-1", "ce-source": "urn:x",
          "ce-type": "t", "Content-Type": messages.CONTENT_TYPE}
CLOUD_TYPE = {"Content-Type": "application/cloudevents+json"}


@pytest.mark.parametrize("headers, body", [
    (CLOUD_TYPE, STRUCTURED),
    (CLOUD_TYPE, {**{k: v for k, v in STRUCTURED.items() if k != "data"},
                  "data_base64": base64.b64encode(
                      messages.event().encode()).decode()}),
    (BINARY, STRUCTURED["data"]),
])
def test_cloud_event(post, headers, body):
    response, found = post("/cloud", json.dumps(body), headers)
    ok(response)
    assert [(m["topic"], m["path"], m["value"]) for m in found] \
        == [("org.acme/pump-7/things/twin/events/modified",
             "/attributes/rpm", 900)]
    if headers == BINARY:
        assert found[0]["headers"]["correlation-id"] == "e-1"


WITHOUT = [{k: v for k, v in STRUCTURED.items() if k != name}
           for name in STRUCTURED]


@pytest.mark.parametrize("headers, body", [
    *[(CLOUD_TYPE, body) for body in WITHOUT],
    *[({k: v for k, v in BINARY.items() if k != name}, STRUCTURED["data"])
      for name in BINARY if name.startswith("ce-")],
    ({"Content-Type": "text/plain"}, STRUCTURED), ({}, STRUCTURED),
    ({"Content-Type": "application/json"}, STRUCTURED),
    (CLOUD_TYPE, []), (CLOUD_TYPE, {**STRUCTURED, "data": 1}),
])
def test_no_cloud_event(post, headers, body):
    response, found = post("/cloud", json.dumps(body), headers)
    assert response.status_code == 400, response.text
    error = response.json()
    if headers in (CLOUD_TYPE, {}) and body in WITHOUT or "ce-id" in headers:
        assert error["error"] == "connectivity:message.mapping.failed"
    if headers == CLOUD_TYPE and body in WITHOUT:
        assert error["description"] == "This is not a CloudEvent"
    assert found == []


# --- definitions of a connection document ------------------------------------

def test_definition(post):
    response, found = post("/telemetry", b"23.5", {"Device": "pump-7"})
    ok(response)
    assert [(m["topic"], m["path"], m["value"]) for m in found] \
        == [(BASE + "telemetry", "/outbox/messages/telemetry", "23.5")]
    response, found = post("/telemetry", b"23.5")
    assert response.status_code == 400, response.text
    assert found == []


@pytest.mark.parametrize("path, headers, status", [
    ("/loud", {"Loud": "yes"}, 204), ("/loud", {"Loud": "no"}, 400),
    ("/loud", {}, 400),
    ("/blocked", {"Content-Type": "text/html"}, 400),
    ("/blocked", {"Content-Type": "text/plain"}, 204)])
def test_conditions_and_content_types(post, path, headers, status):
    response, found = post(path, b"x", {"Content-Type": "text/plain", **TO,
                                        **headers})
    assert response.status_code == status, response.text
    if status == 400:
        refused(response, 400, "connectivity:message.mapping.failed")
    assert len(found) == (status == 204)


@pytest.mark.parametrize("content_type", [None, "text/plain", "x/y", "junk"])
def test_any_content_type_is_taken(post, content_type):
    response, found = post("/ditto", messages.event(),
                           {"Content-Type": content_type})
    ok(response)
    assert len(found) == 1


def test_empty_body(post):
    response, _ = post("/ditto", b"", {"Content-Type": "text/plain"})
    refused(response, 400, "connectivity:message.mapping.failed")


# --- several messages of one post --------------------------------------------

def test_several_that_succeed(post):
    response, found = post("/both", messages.event(), BINARY)
    ok(response)
    assert len(found) == 2


def test_several_of_which_one_is_refused(post):
    """A result for each, in their order."""
    headers = {**TO, "Content-Type": "text/plain"}
    response, found = post("/several", b"now", headers)
    assert response.status_code == 207, response.text
    assert response.headers["content-type"] == "application/json"
    first, second = response.json()
    assert first == {"status": 204}
    assert second["status"] == 403
    assert second["error"] == "messages:send.notallowed"
    assert second["message"] and second["correlation-id"]
    assert [m["topic"] for m in found] == [BASE + "restart"]


def test_several_with_acknowledgements(post):
    headers = {**TO, "Content-Type": "text/plain"}
    response, found = post("/several?requested-acks=who:knows", b"now",
                           headers)
    assert response.status_code == 207, response.text
    assert [r["status"] for r in response.json()] == [408, 403]
    assert response.json()[0]["acknowledgements"]["error"] \
        == "acknowledgement:request.timeout"
    assert len(found) == 1


# --- configuration -----------------------------------------------------------

def test_within_if(nginx, broker):
    """What "if" says itself comes before what stands around it."""
    one = nginx(
        http=connection(broker.bootstrap, target("t/{{ thing:name }}",
                                                 [EVENTS, MESSAGES]))
        + connection(broker.bootstrap, target("u/{{ thing:name }}",
                                              [EVENTS, MESSAGES]), name="k2"),
        server=location(publish="k", more="""
            ditto_payload_mapping RawMessage;
            if ($http_kind = inherited) { add_header x y; }
            if ($http_kind = own) { ditto_payload_mapping Ditto; }
            if ($http_kind = other) { ditto_publish k2; }""")).start()

    def post(content, kind):
        ok(one.post(content, headers={
            "Content-Type": "text/plain", "Kind": kind,
            "Ditto-Message-Thing-Id": f"org.acme:{kind}",
            "Ditto-Message-Subject": "restart"}))

    for kind in "none", "inherited", "other":
        post("now", kind)
    post(messages.event(thing="org.acme:own"), "own")
    assert {r.key for r in records(broker.bootstrap, "t")} \
        == {b"none", b"inherited", b"own"}
    assert [r.key for r in records(broker.bootstrap, "u")] == [b"other"]


# --- nginx -t ----------------------------------------------------------------

@pytest.mark.parametrize("mappers, words", [
    ("Nope", ["Nope"]), ("rawmessage", ["rawmessage"]),
    ("JavaScript", ["JavaScript"]), ("js", ["JavaScript"]),
    ("twice", ["twice", '"a"', '"b"']),
    ("", ["invalid number of arguments"]),
    ("Ditto; ditto_payload_mapping Ditto", ["duplicate"]),
])
def test_wrong_names(nginx, mappers, words):
    script = {"mappingEngine": "JavaScript", "options": {
        "incomingScript": "function mapToDittoProtocolMsg() { return null; }"}}
    one = {"mappingEngine": "RawMessage", "options": {}}
    rc, text = nginx(
        files={"c/a.json": defining(name="a", definitions={"twice": one,
                                                            "js": script}),
               "c/b.json": defining(name="b", definitions={"twice": one})},
        http='ditto_connections "@DIR@/c/*.json";',
        server=location(more=f"ditto_payload_mapping {mappers};")).test()
    assert rc != 0
    for word in ["[emerg]", "ditto_payload_mapping", "nginx.conf:", *words]:
        assert word in text, text
