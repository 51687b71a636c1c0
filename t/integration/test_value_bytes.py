"""The value of a message reaches Kafka byte for byte, unless Ditto gives
back another JSON value."""

import base64
import json

import pytest

import messages
from config import MESSAGES, EVENTS, connection, target
from kafka import records
from nginx import ok

VALUES = [
    "23.420", "1e2", "1E+2", "-0", "-0.0", "1.50", "0.00001", "1e400",
    "9007199254740993", "-9223372036854775808", "1234567890123456789.0123",
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


TEXT, JSON, BINARY, NONE = "text/plain", "application/json", "x/y", None

# content type, value as posted, value in Kafka
PAYLOADS = [
    (TEXT, '"a\\u0062"', '"a\\u0062"'),
    (TEXT, "23.420", '"23.42"'),
    (TEXT, '{ "a" : 1.50 }', r'"{\"a\":1.50}"'),
    (JSON, '{ "a" : 1.50 }', '{ "a" : 1.50 }'),
    (BINARY, '"AQID"', '"AQID"'),
    (BINARY, '"AQIDBA"', '"AQIDBA=="'),
    (NONE, '"hello world"', '"aGVsbG8gd29ybGQ="'),
    (NONE, '{ "a" : 1.50 }', '"eyJhIjoxLjUwfQ=="'),
]

THING = '"thingId":"org.acme:pump-7"'

# path, value as posted, value in Kafka
THINGS = [
    ("/", "{ %s , \"attributes\":{ \"a\" : 1.50 } }" % THING,
     "{ %s , \"attributes\":{ \"a\" : 1.50 } }" % THING),
    ("/", "{%s,\"_revision\":7,\"attributes\":{ \"a\" : 1.50 },\"x\":1}" % THING,
     "{%s,\"attributes\":{ \"a\" : 1.50 }}" % THING),
    ("/features/f", '{"x":1,"properties":{ "x" : 1.50 }}',
     '{"properties":{ "x" : 1.50 }}'),
    ("/features/f/properties", '{ "x" : 1.50 }', '{ "x" : 1.50 }'),
]


def value_of(text):
    """The bytes of the member "value" of a compact envelope."""
    decoder = json.JSONDecoder()
    start = text.index('"value":') + len('"value":')
    _, end = decoder.raw_decode(text, start)
    return text[start:end]


@pytest.fixture(scope="module")
def delivered(gateway, shared_broker):
    """Every value as an event and as a message: correlation id -> values."""
    for kind in (messages.event, messages.message):
        for i, value in enumerate(VALUES):
            ok(gateway.post(kind(value=value, headers={
                "content-type": JSON,
                "correlation-id": f"{kind.__name__}-{i}"})))
    for i, (content_type, value, _) in enumerate(PAYLOADS):
        headers = {"correlation-id": f"payload-{i}"}
        if content_type:
            headers["content-type"] = content_type
        ok(gateway.post(messages.message(value=value, headers=headers)))
    for i, (path, value, _) in enumerate(THINGS):
        ok(gateway.post(messages.event(path=path, value=value, headers={
            "correlation-id": f"thing-{i}"})))
    result = {}
    for record in records(shared_broker.bootstrap, "values"):
        key = dict(record.headers)["correlation-id"].decode()
        result.setdefault(key, []).append(value_of(record.value.decode()))
    return result


@pytest.mark.parametrize("kind", ["event", "message"])
@pytest.mark.parametrize("i", range(len(VALUES)), ids=ascii)
def test_value(delivered, kind, i):
    assert delivered[f"{kind}-{i}"] == [VALUES[i]]


@pytest.mark.parametrize("i", range(len(PAYLOADS)))
def test_payload_by_its_content_type(delivered, i):
    assert delivered[f"payload-{i}"] == [PAYLOADS[i][2]]


@pytest.mark.parametrize("i", range(len(THINGS)))
def test_things_as_ditto_models_them(delivered, i):
    assert delivered[f"thing-{i}"] == [THINGS[i][2]]


@pytest.mark.parametrize("length, expected", [(256000, 204), (256001, 413)])
def test_limit_of_a_payload(gateway, length, expected):
    value = json.dumps(base64.b64encode(bytes(length)).decode()[:length])
    response = gateway.post(messages.message(
        value=value, headers={"content-type": TEXT}))
    assert response.status_code == expected
    if expected == 413:
        error = response.json()
        assert error["error"] == "messages:payload.toolarge"
        assert error["message"].startswith(
            "The message payload size of '250.001' kB exceeds")


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
