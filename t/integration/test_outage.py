"""Kafka goes and comes back; nginx needs no reload."""

import time

import pytest

import messages
import wait
from config import connection, location, target
from kafka import records
from load import BROKEN, LATE, Load
from nginx import not_in_kafka, ok
from paths import SANITIZED


def gateway(nginx, broker, timeout="3s", more=""):
    return nginx(http=connection(broker.bootstrap, target("t"), more=more),
                 server=location(more=f"ditto_timeout {timeout};")).start()


def recovers(one, within=15):
    """Posts until Kafka has one; returns how many were refused before."""
    count = 0
    end = time.monotonic() + within
    while True:
        response = one.post()
        if response.status_code == 204:
            return count
        not_in_kafka(response)
        count += 1
        assert time.monotonic() < end, f"no recovery within {within} s"


def test_broker_away_at_the_start(nginx, broker):
    broker.down()
    one = gateway(nginx, broker)
    begun = time.monotonic()
    not_in_kafka(one.post())
    assert time.monotonic() - begun < 5
    broker.up()
    recovers(one)
    ok(one.post())


def test_broker_stopped_while_running(nginx, broker):
    one = gateway(nginx, broker)
    for _ in range(5):
        ok(one.post())
    broker.down()
    for _ in range(2):
        not_in_kafka(one.post())
    broker.up()
    recovers(one)
    for _ in range(5):
        ok(one.post())
    assert len(one.pids()) == 1


def test_503_means_that_it_is_not_in_kafka(nginx, broker):
    """Nothing that was refused turns up later; every 204 is there once."""
    one = gateway(nginx, broker)
    ok(one.post())
    load = Load(one.port, messages.event(value="@N@"), 400, connections=8,
                rate=100)
    wait.until(lambda: one.access_log().count(" 204 ") > 100, "some load")
    broker.down()
    wait.until(lambda: " 503 " in one.access_log()
               or " 504 " in one.access_log(), "the outage is noticed")
    broker.up()
    load.finish()
    recovers(one)
    assert load.numbers(BROKEN, LATE) == set()
    found = [int(r.value.split(b'"value":')[1].split(b",")[0])
             for r in records(broker.bootstrap, "t")]
    found.remove(900)   # the first and the last post
    for number in load.numbers(204):
        assert found.count(number) == 1, f"number {number}"
    for number in load.numbers(503):
        assert number not in found, f"number {number}"


@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps memory")
def test_memory_is_bounded_while_kafka_is_away(nginx, broker):
    one = gateway(nginx, broker, timeout="2s",
                  more="kafka queue.buffering.max.messages 200;")
    ok(one.post())
    broker.down()
    before = one.rss()
    load = Load(one.port, messages.event(value='"' + "x" * 1000 + '"'), 20000,
                connections=500).finish()
    assert load.numbers(204, BROKEN, LATE) == set()
    assert set(load.fate.values()) <= {503, 504}
    assert one.rss() < before + 30 * 1024 * 1024
    broker.up()
    recovers(one)


def test_idle_worker_uses_no_cpu_while_kafka_is_away(nginx, broker):
    one = gateway(nginx, broker)
    ok(one.post())
    broker.down()
    not_in_kafka(one.post())
    before, begun = one.cpu(), time.monotonic()
    wait.until(lambda: time.monotonic() > begun + 2, "two seconds", 3, 0.5)
    assert one.cpu() - before < 0.2
    broker.up()


@pytest.mark.parametrize("error", ["_TRANSPORT", "REQUEST_TIMED_OUT",
                                   "NOT_ENOUGH_REPLICAS"])
def test_passing_trouble_is_not_seen_by_the_sender(nginx, broker, error):
    one = gateway(nginx, broker, timeout="8s")
    ok(one.post())
    broker.error("Produce", error, 2)
    ok(one.post())
    assert len(records(broker.bootstrap, "t")) == 2


def test_connection_is_named_in_the_log(nginx, broker):
    one = gateway(nginx, broker)
    ok(one.post())
    broker.down()
    not_in_kafka(one.post())
    lines = [line for line in one.log().splitlines() if broker.bootstrap
             in line]
    assert lines, "librdkafka's log is forwarded"
    assert any('"k"' in line or " k" in line for line in lines)
    broker.up()


@pytest.mark.real_kafka
def test_real_broker_killed_and_restarted(nginx, kafka_with):
    kafka = kafka_with()
    kafka.topic("t", 3)
    one = nginx(http=connection(kafka.bootstrap, target("t")),
                server=location(more="ditto_timeout 3s;")).start()
    ok(one.post())
    load = Load(one.port, messages.event(value="@N@"), 3000, connections=8,
                rate=200)
    wait.until(lambda: one.access_log().count(" 204 ") > 200, "some load")
    kafka.run("kill", 1)
    wait.until(lambda: " 503 " in one.access_log()
               or " 504 " in one.access_log(), "the outage is noticed")
    kafka.run("restart", 1)
    recovers(one, 30)
    load.stop()
    values = [r.value.split(b'"value":')[1].split(b",")[0]
              for r in records(kafka.bootstrap, "t")]
    for number in load.numbers(204):
        assert values.count(b"%d" % number) == 1, f"number {number}"
    for number in load.numbers(503):
        assert b"%d" % number not in values, f"number {number}"
