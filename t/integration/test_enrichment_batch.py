"""A batch of messages whose things are fetched: what it may cost."""

import functools

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
