"""Character set of the value, and the headers of tracing."""

import json

import pytest

import messages
from config import EVENTS, MESSAGES, connection, target
from kafka import records
from nginx import ok

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

# content-type of the header mapping, what becomes of "ä€", "?" as in Java
CHARSETS = {
    "text/plain; charset=ISO-8859-1": b"\xe4?",
    "text/plain; charset=iso-8859-15": b"\xe4\xa4",
    "text/plain;charset=\"windows-1252\"": b"\xe4\x80",
    "text/plain; charset=US-ASCII": b"??",
    "text/plain; charset=UTF-16BE": b"\x00\xe4\x20\xac",
    "text/plain; charset=UTF-16LE": b"\xe4\x00\xac\x20",
    "text/plain; charset=utf-8": "ä€".encode(),
    "application/json": "ä€".encode(),
    "text/plain; charset=none-such": "ä€".encode(),
    "text/plain; charset=": "ä€".encode(),
}


@pytest.fixture(scope="module")
def server(shared_nginx, shared_broker):
    return shared_nginx(http=connection(
        shared_broker.bootstrap,
        target("t/{{ header:case }}", [EVENTS, MESSAGES],
               more='header_mapping content-type "{{ header:type }}";'),
        target("raw/{{ header:case }}", [MESSAGES], more="""
            header_mapping content-type "{{ header:type }}";
            payload_mapping RawMessage;"""))).start()


def found(broker, topic, case):
    record, = [r for r in records(broker.bootstrap, topic)
               if r.key == case.encode()]
    return record


@pytest.mark.parametrize("content_type, expected", CHARSETS.items())
def test_charset(server, shared_broker, content_type, expected):
    case = f"charset {content_type}"
    ok(server.post(messages.event(value='"ä€"', headers={
        "case": case, "type": content_type})))
    record = found(shared_broker, "t", case)
    assert dict(record.headers)["content-type"] == content_type.encode()
    wide = "utf-16" in content_type.lower()
    quote = '"'.encode("utf-16-be" if "BE" in content_type else "utf-16-le") \
        if wide else b'"'
    assert quote + expected + quote in record.value
    if not wide:
        assert record.value.startswith(b'{"topic":"org.acme/pump-7/')


def test_charset_is_not_for_bytes(server, shared_broker):
    """Those of a live message with a binary content type stay as they are."""
    ok(server.post(messages.message(value='"w6Q="', headers={
        "case": "bytes", "content-type": "application/octet-stream",
        "type": "application/octet-stream; charset=ISO-8859-1"})))
    assert found(shared_broker, "raw", "bytes").value == "ä".encode()


TRACED = {
    "both": {"traceparent": PARENT, "tracestate": "a=1,b=2"},
    "one": {"traceparent": PARENT}, "none": {},
}


@pytest.mark.parametrize("case", TRACED)
def test_tracing(server, shared_broker, case):
    headers = TRACED[case]
    ok(server.post(messages.event(headers={"case": case, **headers})))
    record = found(shared_broker, "t", case)
    assert {name: value.decode() for name, value in record.headers
            if name.startswith("trace")} == headers
    assert {name: value for name, value
            in json.loads(record.value)["headers"].items()
            if name.startswith("trace")} == headers


def test_tracing_wins_over_the_header_mapping(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t", more="""
        header_mapping traceparent fixed;
        header_mapping ditto-connection-id fixed;"""))).start()
    ok(one.post(messages.event(headers={"traceparent": PARENT})))
    ok(one.post())
    assert sorted((dict(r.headers)["traceparent"].decode(),
                   dict(r.headers)["ditto-connection-id"])
                  for r in records(broker.bootstrap, "t")) \
        == [(PARENT, b"k"), ("fixed", b"k")]
