"""Requested acknowledgements: what Kafka did becomes what Ditto answers."""

import json

import pytest

import messages
from acks import BOTH, ask, labelled
from config import EVENTS, MESSAGES, connection, document, target
from kafka import records
from nginx import ok, refused

MOCKED_TIME = 1234   # of every record, says the mock broker
WEAK = "Acknowledgement was issued automatically as weak ack"


@pytest.fixture(scope="module")
def server(shared_nginx, shared_broker):
    """
    Three connections: k and l (which tells the metadata) with labels, s with
    a source that could acknowledge.
    """
    bootstrap = shared_broker.bootstrap
    shared_broker.topic("spread", 3)
    return shared_nginx(
        files={
            "c/l.json": document(bootstrap, {
                "address": "l/{{ header:case }}",
                "issuedAcknowledgementLabel": "{{connection:id}}:stored"}, {
                "address": "spread#2",
                "issuedAcknowledgementLabel": "l:spread"},
                name="l", specific={"debugEnabled": True}),
            "c/s.json": document(bootstrap, {
                "address": "s/{{ header:case }}",
                "issuedAcknowledgementLabel": "s:own"}, {
                "address": "bare/{{ header:case }}"}, name="s",
                sources=[{"addresses": ["in"], "authorizationContext": ["a:b"],
                          "declaredAcks": ["s:consumer"]}])},
        http='ditto_connections "@DIR@/c/*.json";' + connection(
            bootstrap,
            labelled("a/{{ header:case }}", "{{connection:id}}:stored",
                     more="payload_mapping Ditto Normalized;"),
            labelled("hot/{{ header:case }}", "k:hot",
                     [EVENTS + "?filter=gt(attributes/rpm,900)"]),
            labelled("live", "live-response",
                     [MESSAGES + "?filter=eq(topic:subject,'alarm')"]),
            target("plain/{{ header:case }}", BOTH))
        + connection(
            bootstrap,
            labelled("w1", "w:nobody", subjects=["no:body"]),
            labelled("w2", "w:kind", [MESSAGES]),
            labelled("w3", "w:namespace", [EVENTS + "?namespaces=other"]),
            labelled("w4/{{ header:absent }}", "w:unaddressed"),
            name="w")
        + connection(
            bootstrap,
            labelled("v1", "v:mapper", [MESSAGES],
                     more="payload_mapping Normalized;"),
            name="v")).start()


def lies_in(broker, topic, case):
    return [r for r in records(broker.bootstrap, topic)
            if r.key == case.encode()]


HOW = ["envelope", "header", "header, JSON", "query", "query, JSON"]


@pytest.mark.parametrize("how", HOW)
def test_where_labels_are_requested(server, shared_broker, how):
    case = "how-" + how
    ok(ask(server, ["k:stored"], how=how, headers={"case": case}))
    several = ask(server, ["k:stored", "k:hot"], how=how,
                  headers={"case": case})
    assert several.status_code == 200, several.text
    assert list(several.json()) == ["k:stored", "k:hot"]
    found = lies_in(shared_broker, "plain", case)
    assert len(found) == 2
    assert [json.loads(r.value)["headers"].get("requested-acks")
            for r in found] == [["k:stored"], ["k:stored", "k:hot"]]


def test_aggregated(server):
    """Ditto's JSON: a member for each label, in the order of the request."""
    response = ask(server, ["l:stored", "k:stored", "k:hot", "k:stored"],
                   value="901",
                   headers={"case": "agg", "correlation-id": "c-1"})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["correlation-id"] == "c-1"
    body = response.json()
    assert list(body) == ["l:stored", "k:stored", "k:hot"]
    assert set(body["l:stored"].pop("payload")) == {
        "timestamp", "serializedKeySize", "serializedValueSize", "topic",
        "partition", "offset"}
    for label, ack in body.items():
        assert ack["status"] == (200 if label == "l:stored" else 204)
        assert ack["headers"] == {
            "correlation-id": "c-1", "response-required": False,
            "ditto-connection-id": label[0]}
        assert len(ack) == 2


def other(**more):
    """A live message that the target with live-response does not get."""
    return messages.message(subject="other", **more)


@pytest.mark.parametrize("body", [messages.event, other])
def test_metadata_is_true(server, shared_broker, body):
    for label, topic, size in (("l:stored", "l", 4),
                               ("l:spread", "spread", -1)):
        response = ask(server, [label], body, headers={"case": "true"})
        assert response.status_code == 200, response.text
        data = response.json()
        assert list(data) == ["timestamp", "serializedKeySize",
                              "serializedValueSize", "topic", "partition",
                              "offset"]
        record = [r for r in records(shared_broker.bootstrap, topic)
                  if r.key in (b"true", None)][-1]
        assert data["topic"] == topic
        assert (data["partition"], data["offset"]) == (record.partition,
                                                       record.offset)
        assert data["serializedKeySize"] == size
        assert data["serializedValueSize"] == len(record.value)
        assert data["timestamp"] == MOCKED_TIME


# label, message, why it does not concern the target
WEAK_CASES = {
    "not authorized": ("w:nobody", messages.event),
    "another kind of signal": ("w:kind", messages.event),
    "another namespace": ("w:namespace", messages.event),
    "filtered": ("k:hot", messages.event),
    "another kind, filtered": ("k:hot", other),
    "no mapper makes anything": ("v:mapper", other),
}


@pytest.mark.parametrize("label, body", WEAK_CASES.values(), ids=WEAK_CASES)
def test_weak(server, label, body):
    response = ask(server, [label], body)
    assert response.status_code == 200, response.text
    assert response.json().startswith(WEAK)
    both = ask(server, [label, "k:stored"], body).json()
    assert both[label]["status"] == 200
    assert both[label]["payload"] == response.json()
    assert both[label]["headers"]["ditto-weak-ack"] is True
    assert both[label]["headers"]["ditto-connection-id"] == label[0]
    assert both["k:stored"]["status"] == 204
    assert "ditto-weak-ack" not in both["k:stored"]["headers"]


@pytest.mark.parametrize("label, body", [
    ("who:knows", messages.event), ("w:unaddressed", messages.event),
    ("s:consumer", messages.event), ("who:knows", other)])
def test_nobody_will_answer(server, label, body):
    """Ditto waits in vain: here the answer is the same, but comes at once."""
    response = ask(server, [label], body)
    assert response.elapsed.total_seconds() < 5, "the deadline is 10 s"
    error = refused(response, 408, "acknowledgement:request.timeout")
    both = ask(server, ["k:stored", label], body)
    assert both.status_code == 424, both.text
    assert both.json()["k:stored"]["status"] == 204
    assert both.json()[label]["status"] == 408
    assert both.json()[label]["payload"] == error


@pytest.mark.parametrize("labels", [
    [], ["twin-persisted"], ["search-persisted", "twin-persisted"]])
def test_none_is_requested(server, labels):
    """Ditto's own labels of a twin are nobody's here."""
    ok(ask(server, labels))
    assert ask(server, [*labels, "l:stored"]).json()["topic"] == "l"


def test_several_records_of_a_target(server, shared_broker):
    """They have one acknowledgement."""
    ok(ask(server, ["k:stored"], headers={"case": "two"}))
    found = lies_in(shared_broker, "a", "two")
    assert len(found) == 2
    assert ["_context" in json.loads(r.value) for r in found] == [False, True]


# --- live messages -----------------------------------------------------------

def test_live_response_of_a_target(server, shared_broker):
    """Kafka's answer counts as the device's, requested or not."""
    count = len(records(shared_broker.bootstrap, "live"))
    ok(server.post(messages.message()))
    ok(ask(server, ["live-response"], messages.message))
    response = ask(server, ["k:stored"], messages.message)
    assert response.status_code == 200, response.text
    assert {label: ack["status"] for label, ack in response.json().items()} \
        == {"k:stored": 204, "live-response": 204}
    assert len(records(shared_broker.bootstrap, "live")) == count + 3


def test_live_response_is_never_weak(server):
    ok(server.post(other()))
    ok(ask(server, ["k:stored"], other))


def test_live_response_is_not_for_events(server):
    ok(ask(server, ["live-response"]))
    ok(ask(server, ["live-response", "k:stored"]))


@pytest.mark.parametrize("how", ["envelope", "query", "header"])
def test_no_response_required(server, shared_broker, how):
    """Success is 202 without a body, what failed is told without payloads."""
    headers = {"case": f"quiet-{how}"}
    path, http = "/ditto", {}
    if how == "envelope":
        headers["response-required"] = False
    elif how == "query":
        path += "?response-required=false"
    else:
        http["response-required"] = "false"

    def post(*labels):
        return server.post(messages.message(headers={
            **headers, "requested-acks": labels}), path=path, headers=http)

    for labels in ("k:stored",), ("k:stored", "k:hot", "l:stored"):
        response = post(*labels)
        assert response.status_code == 202, response.text
        assert response.content == b""
    response = post("k:stored", "who:knows")
    assert response.status_code == 424, response.text
    assert response.json() == {"k:stored": {"status": 204, "headers": {}},
                               "who:knows": {"status": 408, "headers": {}}}
    response = post("who:knows")
    assert (response.status_code, response.content) == (408, b"")
    ok(post())
    assert len(lies_in(shared_broker, "a", headers["case"])) == 5


# --- what travels on ---------------------------------------------------------

@pytest.mark.parametrize("body, labels, s, bare", [
    (messages.event, ["s:own", "s:consumer", "k:stored"], ["s:consumer"],
     ["s:own", "s:consumer"]),
    (messages.event, ["s:own", "k:stored"], [], ["s:own"]),
    (messages.event, ["k:stored"], [], []),
    (messages.event, [], [], []),
    (messages.event, ["twin-persisted"], [], []),
    (messages.event, None, None, None),
    (messages.message, ["s:own", "s:consumer", "k:stored", "live-response"],
     ["s:own", "s:consumer"], ["s:own", "s:consumer"]),
    (messages.message, ["who:knows"], [], []),
])
def test_what_travels_on(server, shared_broker, body, labels, s, bare):
    case = f"on-{body.__name__}-{labels}"
    headers = {"case": case}
    if labels is not None:
        headers["requested-acks"] = labels
    server.post(body(headers=headers))
    for topic, expected in ("s", s), ("bare", bare):
        record, = lies_in(shared_broker, topic, case)
        assert json.loads(record.value)["headers"].get("requested-acks") \
            == expected, topic


# --- refused -----------------------------------------------------------------

@pytest.mark.parametrize("headers, path, http", [
    ({"requested-acks": ["k:stored", "k a"]}, "", {}),
    ({"requested-acks": ["ab"]}, "", {}),
    ({"requested-acks": ["x" * 166]}, "", {}),
    ({"requested-acks": [1]}, "", {}),
    ({"requested-acks": "k:stored"}, "", {}),
    ({}, "?requested-acks=k:stored,b!c", {}),
    ({}, "?requested-acks=%5B%22k:stored%22", {}),
    ({}, "", {"Requested-Acks": "k:stored,,k:b"}),
    ({}, "", {"Requested-Acks": '["k:stored",7]'}),
    ({"timeout": "0", "requested-acks": ["k:stored"]}, "", {}),
    ({"timeout": 0}, "?requested-acks=k:stored", {}),
    ({"requested-acks": ["k:stored"]}, "?timeout=0", {}),
])
@pytest.mark.parametrize("body", [messages.event, messages.message])
def test_refused(server, shared_broker, headers, path, http, body):
    count = len(records(shared_broker.bootstrap, "a"))
    error = refused(server.post(body(headers={"case": "x", **headers}),
                                path="/ditto" + path, headers=http),
                    400, "header.invalid")
    assert "requested-acks" in error["message"] \
        or "'timeout' must not be zero" in error["message"]
    assert len(records(shared_broker.bootstrap, "a")) == count


def test_timeout_zero_and_a_required_response(server):
    headers = {"timeout": "0", "response-required": True}
    refused(server.post(messages.message(headers=headers)), 400,
            "header.invalid")
    headers["response-required"] = False
    assert server.post(messages.message(headers=headers)).status_code == 202
    del headers["response-required"]
    assert server.post(messages.message(headers=headers)).status_code == 202
