"""However the body arrives, the record is the same."""

import json
import socket

import httpx
import pytest

import messages
from config import EVENTS, MESSAGES, connection, location, target
from kafka import consume, records
from nginx import ok, refused
from paths import SANITIZED

HEAD = ("POST /ditto HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: {messages.CONTENT_TYPE}\r\n")


@pytest.fixture(scope="module")
def gateway(shared_nginx, shared_broker):
    return shared_nginx(
        http=connection(shared_broker.bootstrap,
                        target("bodies", topics=[EVENTS, MESSAGES])),
        server=location(more="client_body_buffer_size 4k; "
                             "client_max_body_size 600k;")
        + location("/file", more="client_body_in_file_only clean; "
                                 "client_max_body_size 600k;")
        + location("/one", more="client_body_in_single_buffer on; "
                                "client_body_buffer_size 512k; "
                                "client_max_body_size 600k;")).start()


def body(name, size):
    filler = "x" * size
    return messages.event(value=json.dumps(filler),
                          headers={"correlation-id": name})


def arrived(broker, name, text):
    found = [r for r in records(broker.bootstrap, "bodies")
             if ("correlation-id", name.encode()) in r.headers]
    assert len(found) == 1
    assert json.loads(found[0].value)["value"] == json.loads(text)["value"]


def read_answer(s):
    """One answer without a body, or with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = s.recv(65536)
        assert more, f"closed after {data!r}"
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
            while len(rest) < length:
                rest += s.recv(65536)
    return int(head.split()[1]), head.decode(), rest


@pytest.mark.parametrize("path, size", [
    ("/ditto", 100), ("/ditto", 3000), ("/ditto", 5000), ("/ditto", 100000),
    ("/ditto", 500000), ("/file", 100), ("/file", 300000), ("/one", 100),
    ("/one", 300000),
])
def test_with_a_length(gateway, shared_broker, path, size):
    name = f"length{path}{size}"
    text = body(name, size)
    ok(gateway.post(text, path=path))
    arrived(shared_broker, name, text)


@pytest.mark.parametrize("size", [10, 3000, 20000, 300000])
def test_chunked(gateway, shared_broker, size):
    name = f"chunked-{size}"
    text = body(name, size)

    def chunks():
        for i in range(0, len(text), 1999):
            yield text[i:i + 1999].encode()

    response = httpx.post(gateway.url(), content=chunks(), trust_env=False,
                          headers={"Content-Type": messages.CONTENT_TYPE},
                          timeout=30)
    ok(response)
    arrived(shared_broker, name, text)


def test_byte_by_byte(gateway, shared_broker):
    text = body("slow", 60).encode()
    with gateway.connect() as s:
        s.sendall(f"{HEAD}Content-Length: {len(text)}\r\n\r\n".encode())
        for i in range(len(text)):
            s.sendall(text[i:i + 1])
        assert read_answer(s)[0] == 204
    arrived(shared_broker, "slow", text)


def test_pipelined(gateway, shared_broker):
    requests = b""
    for i in range(3):
        text = body(f"pipe-{i}", 100).encode()
        requests += f"{HEAD}Content-Length: {len(text)}\r\n\r\n".encode()
        requests += text
    with gateway.connect() as s:
        s.sendall(requests)
        data = b""
        while data.count(b"HTTP/1.1 204") < 3:
            more = s.recv(65536)
            assert more, data
            data += more
    for i in range(3):
        arrived(shared_broker, f"pipe-{i}", body(f"pipe-{i}", 100))


def test_expect_continue(gateway, shared_broker):
    text = body("expected", 100).encode()
    with gateway.connect() as s:
        s.sendall(f"{HEAD}Content-Length: {len(text)}\r\n"
                  "Expect: 100-continue\r\n\r\n".encode())
        assert b"100 Continue" in s.recv(1000)
        s.sendall(text)
        assert read_answer(s)[0] == 204
    arrived(shared_broker, "expected", text)


def test_http2(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("bodies")),
                listen=" http2",
                server=location(more="client_body_buffer_size 4k;"))
    one.start()
    with httpx.Client(http1=False, http2=True, trust_env=False,
                      timeout=30) as client:
        for size in (10, 5000, 300000):
            text = body(f"h2-{size}", size)
            response = client.post(
                one.url(), content=text.encode(),
                headers={"Content-Type": messages.CONTENT_TYPE})
            assert response.http_version == "HTTP/2"
            ok(response)
            arrived(broker, f"h2-{size}", text)

        # without a Content-Length
        text = body("h2-stream", 30000)
        response = client.post(
            one.url(), content=iter([text[:9].encode(), text[9:].encode()]),
            headers={"Content-Type": messages.CONTENT_TYPE})
        ok(response)
        arrived(broker, "h2-stream", text)


@pytest.mark.parametrize("headers", [{}, {"Transfer-Encoding": "chunked"}])
def test_empty(gateway, headers):
    content = iter([]) if headers else b""
    response = httpx.post(gateway.url(), content=content, trust_env=False,
                          headers={"Content-Type": messages.CONTENT_TYPE})
    refused(response, 400, "connectivity:message.mapping.failed")


@pytest.mark.parametrize("content_type", [
    messages.CONTENT_TYPE, "application/json", "application/x-ndjson"])
@pytest.mark.parametrize("content", [b"", []])
@pytest.mark.parametrize("path", ["/ditto", "/file", "/mirrored"])
def test_empty_http2(nginx, broker, path, content, content_type):
    one = nginx(http=connection(broker.bootstrap, target("bodies")),
                listen=" http2",
                server=location(more="client_body_buffer_size 4k;")
                + location("/file", more="client_body_in_file_only clean;")
                + "location /mirrored { mirror /ditto; mirror /file; "
                "return 200; }").start()
    with httpx.Client(http1=False, http2=True, trust_env=False) as client:
        response = client.post(one.url(path), content=content,
                               headers={"Content-Type": content_type})
        if path == "/mirrored":
            assert response.status_code == 200
        else:
            refused(response, 400, "connectivity:message.mapping.failed")
        ok(client.post(one.url(), content=body("after", 10),
                       headers={"Content-Type": content_type}))


def test_larger_than_nginx_allows(gateway, shared_broker):
    before = len(records(shared_broker.bootstrap, "bodies"))
    response = gateway.post(body("large", 700000))
    assert response.status_code == 413

    def chunks():
        for _ in range(200):
            yield b"[" * 4000

    try:
        response = httpx.post(gateway.url(), content=chunks(), timeout=30,
                              trust_env=False)
        assert response.status_code == 413
    except (httpx.WriteError, httpx.ReadError):
        pass   # nginx may close before all is sent
    assert len(records(shared_broker.bootstrap, "bodies")) == before


@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps memory")
@pytest.mark.parametrize("content_type, announced", [
    (messages.CONTENT_TYPE, False), ("application/json", False),
    ("application/json", True)])
def test_larger_than_any_record(nginx, broker, content_type, announced):
    """What is refused anyway stays where nginx has put it."""
    one = nginx(http=connection(broker.bootstrap, target("bodies")),
                server=location(more="client_max_body_size 0;")).start()
    ok(one.post(body("first", 900000)))
    before = one.rss("VmHWM")
    size = 64 * 1024 * 1024
    content = b"{" * size if announced \
        else iter([b"{" * 65536] * (size // 65536))
    response = httpx.post(one.url(), content=content, trust_env=False,
                          headers={"Content-Type": content_type}, timeout=30)
    refused(response, 413, "messages:payload.toolarge")
    assert one.rss("VmHWM") < before + 4 * 1024 * 1024


def test_client_that_leaves_within_the_body(gateway, shared_broker):
    before = len(records(shared_broker.bootstrap, "bodies"))
    with gateway.connect() as s:
        s.sendall(f"{HEAD}Content-Length: 5000\r\n\r\n{{\"topic\":".encode())
    ok(gateway.post(body("after the leaver", 10)))
    assert len(records(shared_broker.bootstrap, "bodies")) == before + 1
    assert len(gateway.pids()) == 1


def test_client_that_leaves_while_waiting(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("left"))).start()
    ok(one.post(body("first", 10)))
    broker.rtt(300)
    text = body("leaver", 10).encode()
    with one.connect() as s:
        s.sendall(f"{HEAD}Content-Length: {len(text)}\r\n\r\n".encode() + text)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     b"\x01\0\0\0\0\0\0\0")   # RST
    broker.rtt(0)
    found = consume(broker.bootstrap, "left", 2)
    assert len(found) == 2, "the record goes on without its client"
    ok(one.post(body("last", 10)))


@pytest.mark.real_kafka
def test_larger_than_the_topic_allows(nginx, kafka):
    kafka.topic("small", max_message_bytes=2000)
    one = nginx(http=connection(kafka.bootstrap, target("small"))).start()
    response = one.post(body("large", 5000))
    assert response.status_code >= 400, response.text
    assert response.json()["status"] == response.status_code
    assert records(kafka.bootstrap, "small") == []
    ok(one.post(body("fits", 500)))
    assert len(records(kafka.bootstrap, "small")) == 1


def test_larger_than_the_client_allows(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("bodies"),
                                more="kafka message.max.bytes 5000;")).start()
    response = one.post(body("large", 9000))
    assert 400 <= response.status_code < 500, response.text
    ok(one.post(body("fits", 500)))
    assert len(records(broker.bootstrap, "bodies")) == 1
