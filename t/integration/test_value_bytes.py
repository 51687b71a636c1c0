"""The value of a message reaches Kafka byte for byte."""

import json

import pytest

import messages
from config import MESSAGES, EVENTS, connection, target
from kafka import records
from nginx import ok

VALUES = [
    "23.420", "1e2", "1E+2", "-0", "-0.0", "1.50", "0.00001", "1e400",
    "9007199254740993", "12345678901234567890123",
    '"Grüße, 世界 \U0001f600"', r'"\u00e4\/\u0041"', '"a/b"', r'"a\/b"',
    '{ "a" :\t[ 1.0 ,\n 2.00 ] , "a" : {} }', '{"b":1,"a":2,"b":3}',
    "[]", "{}", '""', "null", "true", '{"k":1}',
    r'"\ud83d\ude00"', '"\u2028\x7f"', '[[[[[[[[[[1.10]]]]]]]]]]',
]


@pytest.fixture(scope="module")
def gateway(shared_nginx, shared_broker):
    return shared_nginx(http=connection(
        shared_broker.bootstrap,
        target("values", topics=[EVENTS, MESSAGES]))).start()


def value_of(text):
    """The bytes of the member "value" of a compact envelope."""
    decoder = json.JSONDecoder()
    start = text.index('"value":') + len('"value":')
    _, end = decoder.raw_decode(text, start)
    return text[start:end]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("kind", [messages.event, messages.message])
def test_value(gateway, shared_broker, kind, value):
    marker = {"correlation-id": f"{kind.__name__}-{VALUES.index(value)}"}
    ok(gateway.post(kind(value=value, headers=marker)))
    found = [r for r in records(shared_broker.bootstrap, "values")
             if dict(r.headers)["correlation-id"].decode()
             == marker["correlation-id"]]
    assert len(found) == 1
    assert value_of(found[0].value.decode()) == value


def test_white_space_around_the_members(gateway, shared_broker):
    text = ('\n{ "path" : "/attributes/rpm" ,\r\n\t"value" : { "x":1.00 } , '
            '"revision" : 7, "topic":"org.acme/pump-7/things/twin/events/'
            'modified", "headers" : {"correlation-id" : "white"} } \n')
    ok(gateway.post(text))
    found = [r for r in records(shared_broker.bootstrap, "values")
             if ("correlation-id", b"white") in r.headers]
    assert len(found) == 1
    assert value_of(found[0].value.decode()) == '{ "x":1.00 }'


def test_the_envelope_around_it(gateway, shared_broker):
    ok(gateway.post(messages.event(
        value="23.420", headers={"correlation-id": "around", "x": "ä/"},
        timestamp="2026-01-02T03:04:05Z")))
    record, = [r for r in records(shared_broker.bootstrap, "values")
               if ("correlation-id", b"around") in r.headers]
    envelope = json.loads(record.value)
    assert envelope["topic"] == "org.acme/pump-7/things/twin/events/modified"
    assert envelope["path"] == "/attributes/rpm"
    assert envelope["revision"] == 1
    assert envelope["timestamp"] == "2026-01-02T03:04:05Z"
    assert envelope["headers"]["correlation-id"] == "around"
    assert envelope["headers"]["x"] == "ä/"
