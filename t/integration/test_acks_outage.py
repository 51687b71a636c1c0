"""Requested acknowledgements when Kafka refuses, is full, or is away."""

import time

import pytest

import messages
import wait
from acks import ask, labelled
from config import connection, document, location, target
from kafka import consume, records
from nginx import not_in_kafka, ok, refused


@pytest.mark.parametrize("error, status, name", [
    ("TOPIC_AUTHORIZATION_FAILED", 400, "TopicAuthorizationException"),
    ("MSG_SIZE_TOO_LARGE", 400, "RecordTooLargeException"),
    ("INVALID_RECORD", 400, "InvalidRecordException"),
    ("POLICY_VIOLATION", 400, "PolicyViolationException"),
])
def test_kafka_refuses(nginx, broker, error, status, name):
    one = nginx(http=connection(broker.bootstrap, labelled("t", "k:stored"))
                ).start()
    ok(ask(one, ["k:stored"]))
    broker.error("Produce", error)
    response = ask(one, ["k:stored"])
    assert response.status_code == status, response.text
    payload = response.json()
    assert payload["message"] == f"Encountered <{name}>."
    assert payload["description"]
    broker.error("Produce", error)
    response = ask(one, ["k:stored", "who:knows"])
    assert response.status_code == 424
    assert response.json()["k:stored"]["status"] == status
    assert response.json()["k:stored"]["payload"] == payload
    wait.until(lambda: ask(one, ["k:stored"]).status_code == 204, "recovery")
    assert len(records(broker.bootstrap, "t")) == 2


def test_kafka_is_away(nginx, broker):
    """By librdkafka's word; by the deadline when that comes first."""
    one = nginx(http=connection(broker.bootstrap, labelled("t", "k:stored"))
                + connection("127.0.0.1:9", labelled("t", "away:a"),
                             name="away"),
                server=location(more="ditto_timeout 3s;")).start()
    response = ask(one, ["away:a", "k:stored"])
    assert response.status_code == 424, response.text
    body = response.json()
    assert list(body) == ["away:a", "k:stored"]
    assert body["away:a"]["status"] == 500
    assert body["away:a"]["payload"]["message"] \
        == "Encountered <TimeoutException>."
    assert body["away:a"]["headers"]["ditto-connection-id"] == "away"
    assert body["k:stored"]["status"] == 204
    response = ask(one, ["away:a"], headers={"timeout": "1s"})
    error = refused(response, 408, "acknowledgement:request.timeout")
    assert error["message"] == "The acknowledgement request reached the " \
        "specified timeout of 1,000ms."
    response = ask(one, ["k:stored", "away:a"], headers={"timeout": "900ms"})
    assert response.status_code == 424
    late = response.json()["away:a"]["payload"]
    assert "timeout of 900ms" in late["message"]
    assert len(consume(broker.bootstrap, "t", 3)) == 3


def test_the_queue_is_full(nginx, broker):
    """Of one connection of two: it is told at once, in Ditto's words."""
    one = nginx(http=connection(broker.bootstrap, labelled("t", "k:stored"))
                + connection("127.0.0.1:9", labelled("t", "full:x"),
                             name="full", more="""
                             kafka queue.buffering.max.messages 1;""")).start()
    assert one.post(messages.event(headers={"timeout": "0"})
                    ).status_code == 202
    response = ask(one, ["full:x", "k:stored"])
    assert response.elapsed.total_seconds() < 5
    assert response.status_code == 424, response.text
    full = response.json()["full:x"]
    assert full["status"] == 503
    assert full["payload"]["error"] == "connectivity:message.sending.failed"
    assert full["payload"]["message"] == "Outgoing Kafka message dropped: " \
        "There are too many uncommitted messages."
    assert "status" not in full["payload"]
    assert response.json()["k:stored"]["status"] == 204


@pytest.mark.parametrize("own, labels, status", [
    ("good", ["k:stored"], 504), ("good", ["k:stored", "who:knows"], 504),
    ("bad", ["k:stored"], 503), ("good", ["who:knows"], 504)])
def test_a_target_that_no_label_speaks_for(nginx, broker, own, labels, status):
    """An acknowledgement must not hide that another record is not in Kafka."""
    for topic in "good", "bad":
        broker.topic(topic, 1)
    broker.topic_error("bad", "TOPIC_AUTHORIZATION_FAILED")
    one = nginx(http=connection(broker.bootstrap, labelled(own, "k:stored"),
                                target("bad")),
                server=location(more="ditto_timeout 5s;")).start()
    response = ask(one, labels)
    assert response.status_code == status, response.text
    body = not_in_kafka(response)
    assert len(body["targets"]) == 2
    assert len(records(broker.bootstrap, "good")) == (own == "good")


def test_one_of_several_records_fails(nginx, broker):
    """The worst of them speaks for their target."""
    one = nginx(http=connection(
        broker.bootstrap, labelled("t", "k:stored", more="""
            payload_mapping Ditto CloudEvents Ditto;"""),
        more="kafka message.max.bytes 1000;")).start()
    response = ask(one, ["k:stored"], value=f'"{"x" * 500}"')
    assert response.status_code == 400, response.text
    assert response.json()["message"] \
        == "Encountered <RecordTooLargeException>."
    assert len(records(broker.bootstrap, "t")) == 2


@pytest.mark.real_kafka
def test_metadata_of_kafka(nginx, kafka):
    """Also the time, which is Kafka's or the client's."""
    kafka.topic("acks", 3)
    one = nginx(files={"c/l.json": document(
        kafka.bootstrap, {"address": "acks/{{ header:case }}",
                          "issuedAcknowledgementLabel": "l:stored"}, name="l",
        specific={"debugEnabled": True})},
        http='ditto_connections "@DIR@/c/l.json";',
        server=location(more="ditto_timeout 20s;")).start()
    for case in "a", "b", "c", "a":
        before = time.time()
        data = ask(one, ["l:stored"], headers={"case": case}).json()
        assert before - 1 < data.pop("timestamp") / 1000 < time.time() + 1
        record = [r for r in records(kafka.bootstrap, "acks")
                  if r.key == case.encode()][-1]
        assert data == {
            "serializedKeySize": 1, "serializedValueSize": len(record.value),
            "topic": "acks", "partition": record.partition,
            "offset": record.offset}
