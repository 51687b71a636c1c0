"""A batch of messages whose things are fetched: what it may cost."""

import functools
import socket

import pytest

import messages
from config import connection, location
from kafka import records
from nginx import ok
from paths import SANITIZED
from things import enriched, sites, thing

LINES = {"Content-Type": "application/x-ndjson"}


def batch(number):
    """One event of each of so many things."""
    return "\n".join(messages.event(thing=f"org.acme:t-{n}", revision=1)
                     for n in range(number))


@pytest.fixture
def ditto(ditto, things):
    things.things.update((f"org.acme:t-{n}", thing(n)) for n in range(5000))
    return functools.partial(ditto, parameters="cache=0")


@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps memory")
def test_many_messages_need_the_memory_of_some(ditto):
    """Neither the subrequests nor what they fetched stay until the end."""
    one = ditto(more="client_max_body_size 10m; ditto_timeout 60s;")

    def peak(number):
        ok(one.post(batch(number), headers=LINES, timeout=100))
        return one.rss("VmHWM")

    small = peak(1000)
    assert peak(5000) - small < 4000 * 2048


def test_many_messages_need_the_descriptors_of_some(nginx, broker):
    broker.topic("t", 1)
    one = nginx(
        main="worker_rlimit_nofile 200;",
        http="ditto_things /internal/things cache=0;"
             + connection(broker.bootstrap, enriched()),
        server=location() + 'location /internal/things/ { internal; '
                            'alias "@DIR@/things/"; }',
        files={f"things/org.acme:t-{n}": thing(n)
               for n in range(1000)}).start()
    ok(one.post(batch(1000), headers=LINES))
    assert sites(records(broker.bootstrap, "t")) == list(range(1000))


def test_the_location_knows_variables_of_the_request(ditto, things):
    """But what they are there is its own affair."""
    one = ditto(http="map $uri $place { ~^/internal there; default here; }",
                more="set $tenant acme; add_header x-place $place;",
                proxy="proxy_set_header x-tenant $tenant;"
                      "proxy_set_header x-place $place;")
    answer = one.post(messages.event(thing="org.acme:t-1"))
    ok(answer)
    headers = things.requests[0].headers
    assert (headers["x-tenant"], headers["x-place"]) == ("acme", "there")
    assert answer.headers["x-place"] == "here"


def test_a_delay_in_the_location(ditto):
    """limit_req wakes up the client's request, once for all of it."""
    one = ditto(http="limit_req_zone $server_port zone=z:1m rate=5r/s;",
                proxy="limit_req zone=z burst=10;",
                more="ditto_timeout 5s;")
    for _ in range(3):
        ok(one.post(batch(20), headers=LINES))


def test_the_id_of_the_request_is_the_same_everywhere(ditto, things):
    one = ditto(http="log_format id $request_id;",
                more="access_log @DIR@/ids id;",
                proxy="proxy_set_header x-request-id $request_id;")
    ok(one.post(batch(3), headers=LINES))
    one.quit()
    ids = {r.headers["x-request-id"] for r in things.requests}
    assert ids == set((one.directory / "ids").read_text().split())
    assert len(ids) == 1


def test_the_address_behind_a_proxy(ditto):
    """realip looks for what it did in the memory of the request."""
    one = ditto(listen=" proxy_protocol",
                http="log_format from '$remote_addr $remote_port';"
                     "real_ip_header proxy_protocol;"
                     "set_real_ip_from 0.0.0.0/0;",
                more="access_log @DIR@/from from;")
    text = batch(200).encode()
    with socket.create_connection(("127.0.0.1", one.port), 20) as s:
        s.sendall(b"PROXY TCP4 192.0.2.1 192.0.2.2 4242 80\r\n"
                  b"POST /ditto HTTP/1.1\r\nHost: localhost\r\n"
                  b"Connection: close\r\n"
                  b"Content-Type: application/x-ndjson\r\n"
                  b"Content-Length: %d\r\n\r\n" % len(text) + text)
        assert s.recv(4096).startswith(b"HTTP/1.1 204")
    one.quit()
    assert (one.directory / "from").read_text() == "192.0.2.1 4242\n"
