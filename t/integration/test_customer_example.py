"""The connection JSON of a customer works as it is, but for the hosts."""

import pytest

import messages
from config import SENDER, entry, location, policy
from kafka import consume
from nginx import ok

EXAMPLE = """\
{
  "connection": {
    "id": "kafka-example-connection-123", "connectionType": "kafka", "connectionStatus": "open", "failoverEnabled": true,
    "uri": "tcp://user:password@localhost:9092",
    "specificConfig": { "bootstrapServers": "localhost:9092,other.host:9092" },
    "sources": [],
    "targets": [
      { "address": "topic/key",
        "topics": [ "_/_/things/twin/events", "_/_/things/live/messages" ],
        "authorizationContext": ["ditto:outbound-auth-subject", "..."] }
    ]
  }
}
"""

LOGIN = ("listener.name.client.plain.sasl.jaas.config="
         "org.apache.kafka.common.security.plain.PlainLoginModule required "
         'user_user="password";')

POLICY = policy("org.acme:default",
                entry([SENDER], thing="+W", message="+W"),
                entry(["ditto:outbound-auth-subject"],
                      thing="+R", message="+R"))


@pytest.fixture(scope="module")
def kafka(kafka_with):
    """With the user of the example."""
    return kafka_with("--sasl", "plain", "--set", LOGIN)


@pytest.mark.real_kafka
def test_the_example_delivers(nginx, kafka):
    document = EXAMPLE.replace("localhost:9092", f"localhost:{kafka.port}")
    one = nginx(files={"c/example.json": document}, policies=[POLICY],
                http='ditto_connections "@DIR@/c/*.json";',
                server=location(more="ditto_timeout 20s;")).start()
    ok(one.post(messages.event()))
    ok(one.post(messages.message()))
    found = consume(kafka.internal, "topic", 2)
    assert [r.key for r in found] == [b"key", b"key"]
    headers = [dict(r.headers) for r in found]
    assert {h["ditto-connection-id"] for h in headers} \
        == {b"kafka-example-connection-123"}
    assert b"twin/events/modified" in found[0].value
    assert b"live/messages/alarm" in found[1].value
    assert "password" not in one.log()


@pytest.mark.real_kafka
def test_a_wrong_password_is_no_success(nginx, kafka):
    document = EXAMPLE.replace("localhost:9092", f"localhost:{kafka.port}") \
        .replace("user:password", "user:geheim")
    one = nginx(files={"c/example.json": document}, policies=[POLICY],
                http='ditto_connections "@DIR@/c/*.json";',
                server=location(more="ditto_timeout 3s;")).start()
    response = one.post(messages.event())
    assert response.status_code in (503, 504), response.text
    assert "geheim" not in one.log()
    assert "kafka-example-connection-123" in one.log()
