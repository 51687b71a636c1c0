"""The HTTP answer is the truth about Kafka."""

import json
import select
import time

import pytest

import messages
import wait
from config import (EVENTS, MESSAGES, connection, entry, location, policy,
                    target)
from kafka import consume, records
from load import Load
from nginx import not_in_kafka, ok, refused
from paths import SANITIZED

EVENT = json.loads(messages.event())


def without(member):
    return json.dumps({k: v for k, v in EVENT.items() if k != member})


def changed(**members):
    return json.dumps(dict(EVENT, **members))


# body, status, Ditto's error code
REFUSED = {
    "no JSON": ("topic", 400, "json.invalid"),
    "cut off": (messages.event()[:-1], 400, "json.invalid"),
    "trailing text": (messages.event() + "x", 400, "json.invalid"),
    "leading zero": (messages.event(value="01"), 400, "json.invalid"),
    "integer of 65 bits":
        (messages.event(value="18446744073709551616"), 400, "json.invalid"),
    "an array": ("[]", 400, "json.invalid"),
    "duplicate topic":
        (messages.event()[:-1] + ',"topic":"a/b/things/twin/events/deleted"}',
         400, "json.invalid"),
    "duplicate path, escaped":
        (messages.event()[:-1] + r',"p\u0061th":"/"}', 400, "json.invalid"),
    "invalid UTF-8":
        (messages.event(value='"@"').encode().replace(b"@", b"\xc3\x28"),
         400, "json.invalid"),
    "overlong UTF-8":
        (messages.event(value='"@"').encode().replace(b"@", b"\xc0\xaf"),
         400, "json.invalid"),
    "a megabyte of [": ("[" * 1000000, 400, "json.invalid"),
    "a value of half a megabyte of [":
        (messages.event(value="[" * 500000), 400, "json.invalid"),
    "no topic": (without("topic"), 400, "json.field.missing"),
    "no path": (without("path"), 400, "json.field.missing"),
    "no revision": (without("revision"), 400, "json.field.missing"),
    "topic a number": (changed(topic=1), 400, "json.invalid"),
    "unknown topic": (changed(topic="a/b/things/twin/colours"), 400,
                      "protocoladapter:unknown.topicpath"),
    "half a topic": (changed(topic="a/b"), 400,
                     "protocoladapter:unknown.topicpath"),
    "unknown path": (changed(path="/colour"), 400,
                     "protocoladapter:unknown.path"),
    "double slash": (changed(path="/attributes//x"), 400,
                     "json.pointer.invalid"),
    "twin command":
        (changed(topic="org.acme/pump-7/things/twin/commands/modify"), 400,
         "signal.unsupported"),
    "bad header": (changed(headers={"response-required": "perhaps"}), 400,
                   "header.invalid"),
    "bad timeout": (changed(headers={"timeout": "soon"}), 400,
                    "timeout.invalid"),
}


@pytest.fixture(scope="module")
def gateway(shared_nginx, shared_broker):
    return shared_nginx(
        http=connection(shared_broker.bootstrap,
                        target("t", topics=[EVENTS, MESSAGES])),
        server=location(more="client_max_body_size 2m;")).start()


@pytest.mark.parametrize("name", REFUSED)
def test_refused(gateway, shared_broker, name):
    body, status, code = REFUSED[name]
    workers = gateway.pids()
    before = len(records(shared_broker.bootstrap, "t"))
    error = refused(gateway.post(body), status, code)
    assert len(error["message"]) < 2000
    assert len(records(shared_broker.bootstrap, "t")) == before
    assert gateway.pids() == workers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_other_methods(gateway, method):
    gateway.post(messages.event())
    response = gateway.client.request(method, gateway.url())
    assert response.status_code == 405
    if method != "HEAD":
        refused(response, 405, "gateway:method.notallowed")
    assert "POST" in response.headers.get("allow", "POST")


@pytest.mark.parametrize("content_type, status", [
    (messages.CONTENT_TYPE, 204), ("application/json", 204), (None, 204),
    ("application/json; charset=utf-8", 204),
    ("APPLICATION/JSON", 204), ("text/plain", 415),
    ("application/octet-stream", 415), ("application/jsonx", 415),
])
def test_content_type(gateway, content_type, status):
    response = gateway.post(headers={"Content-Type": content_type})
    if status == 204:
        ok(response)
    else:
        refused(response, 415, "mediatype.unsupported")


@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps memory")
def test_memory_comes_back(gateway):
    """Big and deep refuse leave nothing behind in the worker."""
    def some(n):
        for _ in range(n):
            refused(gateway.post("[" * 1000000), 400, "json.invalid")

    some(20)
    before = gateway.rss()
    workers = gateway.pids()
    some(100)
    assert gateway.pids() == workers
    assert gateway.rss() < before + 4 * 1024 * 1024


def test_no_target_wants_it(nginx, broker):
    one = nginx(http=connection(broker.bootstrap,
                                target("t", topics=[MESSAGES]))).start()
    ok(one.post(messages.event()))
    assert records(broker.bootstrap, "t") == []


def test_no_user_is_no_subject(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t")),
                server=location(subject="nginx:$remote_user")).start()
    refused(one.post(), 403, "gateway:authentication.failed")
    assert records(broker.bootstrap, "t") == []


def test_subject_from_a_variable(nginx, broker):
    document = policy("org.acme:default",
                      entry(["nginx:jane"], thing="+W"),
                      entry(["kafka:reader"], thing="+R"))
    one = nginx(policies=[document],
                http=connection(broker.bootstrap, target("t")),
                server=location(subject="nginx:$http_x_user")).start()
    ok(one.post(headers={"X-User": "jane"}))
    refused(one.post(headers={"X-User": "jim"}), 403,
            "things:event.notallowed")
    assert len(records(broker.bootstrap, "t")) == 1


@pytest.mark.parametrize("body, path", [
    (messages.event(headers={"timeout": 0}), "/ditto"),
    (messages.event(headers={"timeout": "0"}), "/ditto"),
    (messages.event(), "/ditto?timeout=0"),
])
def test_timeout_zero_does_not_wait(nginx, broker, body, path):
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    ok(one.post())
    broker.rtt(500)
    begun = time.monotonic()
    response = one.post(body, path=path)
    assert response.status_code == 202, response.text
    assert time.monotonic() - begun < 0.4
    broker.rtt(0)
    assert len(consume(broker.bootstrap, "t", 2)) == 2


def test_response_required_false_changes_nothing(nginx, broker):
    broker.down()
    one = nginx(http=connection(broker.bootstrap, target("t")),
                server=location(more="ditto_timeout 3s;")).start()
    not_in_kafka(one.post(messages.event(headers={
        "response-required": False})))


def test_deadline_leaves_the_outcome_open(nginx, broker):
    """The answer comes in time; the record may still arrive, and does."""
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    ok(one.post())
    broker.rtt(2500)
    begun = time.monotonic()
    response = one.post(messages.event(headers={"timeout": "1s"}))
    took = time.monotonic() - begun
    assert response.status_code == 504, response.text
    assert response.json()["outcome"] == "unknown"
    assert 0.9 < took < 2.0
    broker.rtt(0)
    assert len(consume(broker.bootstrap, "t", 2)) == 2


def test_location_limits_the_deadline(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t")),
                server=location(more="ditto_timeout 3s;")
                + location("/short", more="ditto_timeout 1s;")).start()
    ok(one.post())
    broker.rtt(2000)
    begun = time.monotonic()
    assert one.post(messages.event(headers={"timeout": "50s"}),
                    path="/short").status_code == 504
    assert time.monotonic() - begun < 2
    broker.rtt(0)


def outcomes(body):
    """By topic or address of the target."""
    return {t.get("topic") or t.get("target"): t["outcome"]
            for t in body["targets"]}


def test_two_targets_of_which_one_refuses(nginx, broker):
    broker.topic("good", 1)
    broker.topic("bad", 1)
    broker.topic_error("bad", "TOPIC_AUTHORIZATION_FAILED")
    one = nginx(http=connection(broker.bootstrap, target("good"),
                                target("bad")),
                server=location(more="ditto_timeout 5s;")).start()
    response = one.post()
    assert response.status_code == 504, response.text
    body = response.json()
    assert body["outcome"] == "unknown"
    assert len(body["targets"]) == 2
    found = outcomes(body)
    assert found["good"] != found["bad"]
    assert len(records(broker.bootstrap, "good")) == 1


def test_two_clusters_of_which_one_is_away(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("good"), name="here")
                + connection("127.0.0.1:9", target("gone"), name="away"),
                server=location(more="ditto_timeout 3s;")).start()
    response = one.post()
    assert response.status_code == 504, response.text
    body = response.json()
    assert {t["connection"] for t in body["targets"]} == {"here", "away"}
    assert len(records(broker.bootstrap, "good")) == 1


def test_every_target_refuses(nginx, broker):
    broker.topic("bad", 1)
    broker.topic_error("bad", "TOPIC_AUTHORIZATION_FAILED")
    one = nginx(http=connection(broker.bootstrap, target("bad")),
                server=location(more="ditto_timeout 5s;")).start()
    response = one.post()
    assert response.status_code == 503, response.text
    not_in_kafka(response)


def test_retries_are_librdkafkas(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    ok(one.post())
    broker.error("Produce", "NOT_LEADER_FOR_PARTITION", 3)
    ok(one.post())
    assert len(records(broker.bootstrap, "t")) == 2


def test_queue_full_is_told_at_once(nginx, broker):
    one = nginx(http=connection(
        broker.bootstrap, target("t"),
        more="kafka queue.buffering.max.messages 4;")).start()
    ok(one.post())
    broker.rtt(3000)
    waiting = []
    text = messages.event().encode()
    for _ in range(12):
        s = one.connect()
        s.sendall(f"POST /ditto HTTP/1.1\r\nHost: l\r\n"
                  f"Content-Length: {len(text)}\r\n\r\n".encode() + text)
        waiting.append(s)
    wait.until(lambda: len(select.select(waiting, [], [], 0)[0]) == 8,
               "all but four are answered", 2)
    begun = time.monotonic()
    response = one.post()
    took = time.monotonic() - begun
    assert response.status_code == 503, response.text
    not_in_kafka(response)
    assert took < 1, "nothing waits for Kafka"
    broker.rtt(0)
    statuses = []
    for s in waiting:
        statuses.append(int(s.recv(4096).split()[1]))
        s.close()
    assert (statuses.count(204), statuses.count(503)) == (4, 8)
    assert len(consume(broker.bootstrap, "t", 5)) == 5
    ok(one.post())


def test_other_locations_do_not_wait_for_kafka(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t")),
                server=location() + "location = /plain { return 204; }")
    one.start()
    ok(one.post())
    broker.rtt(1500)
    text = messages.event().encode()
    with one.connect() as s:
        s.sendall(f"POST /ditto HTTP/1.1\r\nHost: l\r\n"
                  f"Content-Length: {len(text)}\r\n\r\n".encode() + text)
        for _ in range(20):
            begun = time.monotonic()
            ok(one.post(path="/plain"))
            assert time.monotonic() - begun < 0.5
        broker.rtt(0)
        s.settimeout(30)
        assert b" 204 " in s.recv(4096)


def test_error_log_has_no_bytes_of_the_sender(gateway):
    gateway.post(messages.event(thing="org.acme:SECRETNAME",
                                value='"\x1b[31m'))
    gateway.post('{"topic":"SECRETNAME\\u001b[31m"}')
    assert "\x1b" not in gateway.log()


def test_connection_close(gateway):
    text = messages.event().encode()
    with gateway.connect() as s:
        s.sendall(f"POST /ditto HTTP/1.1\r\nHost: l\r\nConnection: close\r\n"
                  f"Content-Length: {len(text)}\r\n\r\n".encode() + text)
        data = b""
        while True:
            more = s.recv(4096)
            if not more:
                break
            data += more
    assert data.startswith(b"HTTP/1.1 204")


@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps memory")
def test_memory_does_not_grow_with_the_messages(nginx, broker):
    one = nginx(http=connection(broker.bootstrap,
                                target("t/{{ thing:id }}"))).start()
    Load(one.port, messages.event(value="@N@"), 10000).finish()
    before = one.rss()
    load = Load(one.port, messages.event(value="@N@"), 30000).finish()
    assert load.summary["status"] == {"204": 30000}
    assert one.rss() < before + 6 * 1024 * 1024
