"""Reload and quit under load: every request taken gets a final answer."""

import re

import pytest

import messages
import wait
from config import connection, location, target
from kafka import records
from load import BROKEN, CLOSED, LATE, Load
from nginx import ok

BODY = messages.event(thing="org.acme:n-@N@", value="@N@")
KEYED = "t/{{ thing:name }}"


def check(load, bootstrap):
    """
    Acknowledged: in Kafka once.  Closed unread: not in Kafka.  Nothing else.
    """
    values = [int(re.search(rb'"value":(\d+)', r.value).group(1))
              for r in records(bootstrap, "t")]
    found = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    twice = {n for n, count in found.items() if count > 1}
    assert twice == set()
    assert load.numbers(204) - found.keys() == set(), "lost"
    unanswered = load.numbers(CLOSED, BROKEN, LATE)
    assert unanswered & found.keys() == set(), "in Kafka without an answer"
    answered = {n: f for n, f in load.fate.items() if f >= 100}
    assert set(answered.values()) == {204}


@pytest.mark.parametrize("rtt", [0, 50])
def test_reload(nginx, broker, rtt):
    broker.topic("t", 12)
    one = nginx(http=connection(broker.bootstrap, target(KEYED)),
                workers=2).start()
    broker.rtt(rtt)
    load = Load(one.port, BODY, 30000 if rtt == 0 else 1300, connections=32)
    for i in range(3):
        wait.until(lambda: one.access_log().count("\n") > (i + 1) * 300,
                   "load before the reload")
        old = one.reload()
        wait.until(lambda: not old & set(one.pids()), "the old workers end",
                   30)
    load.finish()
    assert load.numbers(BROKEN, LATE) == set()
    check(load, broker.bootstrap)


@pytest.mark.parametrize("rtt", [0, 50])
def test_quit(nginx, broker, rtt):
    broker.topic("t", 12)
    one = nginx(http=connection(broker.bootstrap, target(KEYED)),
                workers=2).start()
    broker.rtt(rtt)
    load = Load(one.port, BODY, 100000, connections=32)
    wait.until(lambda: one.access_log().count("\n") > 300, "load")
    one.quit()
    load.finish()
    assert load.numbers(LATE) == set()
    check(load, broker.bootstrap)


def test_old_worker_answers_what_waits_for_kafka(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    ok(one.post())
    broker.rtt(1000)
    text = messages.event().encode()
    with one.connect() as s:
        s.sendall(f"POST /ditto HTTP/1.1\r\nHost: l\r\n"
                  f"Content-Length: {len(text)}\r\n\r\n".encode() + text)
        old = one.reload()
        s.settimeout(30)
        assert s.recv(4096).startswith(b"HTTP/1.1 204")
    broker.rtt(0)
    wait.until(lambda: not old & set(one.pids()), "the old worker ends", 30)


@pytest.mark.parametrize("how", ["reload", "quit"])
def test_ends_in_time_while_kafka_is_away(nginx, broker, how):
    """The deadline of the requests bounds the life of the old worker."""
    one = nginx(http=connection(broker.bootstrap, target("t")),
                server=location(more="ditto_timeout 3s;")).start()
    ok(one.post())
    broker.down()
    load = Load(one.port, BODY, 40, connections=40)
    wait.until(lambda: one.pids(), "a worker")
    if how == "reload":
        old = one.reload()
        wait.until(lambda: not old & set(one.pids()), "the old worker ends",
                   15)
    else:
        one.quit(15)
    load.finish()
    assert load.numbers(204, LATE) == set()
    broker.up()


def test_worker_shutdown_timeout_still_accounts(nginx, broker):
    one = nginx(main="worker_shutdown_timeout 1s;",
                http=connection(broker.bootstrap, target("t"))).start()
    ok(one.post())
    broker.rtt(100)
    load = Load(one.port, BODY, 32, connections=32)
    old = one.reload()
    wait.until(lambda: not old & set(one.pids()), "the old worker ends", 20)
    load.finish()
    check(load, broker.bootstrap)


def test_many_reloads_leave_nothing(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    for _ in range(5):
        ok(one.post())
        old = one.reload()
        wait.until(lambda: not old & set(one.pids()), "the old worker ends",
                   20)
    ok(one.post())
    assert len(one.pids()) == 1
    assert len(records(broker.bootstrap, "t")) == 6


def test_reload_with_a_wrong_configuration_changes_nothing(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    one.allowed.append("nosuchdirective")
    workers = one.pids()
    good = one.conf.read_text()
    one.conf.write_text(good.replace("http {", "http { nosuchdirective;"))
    one.process.send_signal(1)
    wait.until(lambda: "nosuchdirective" in one.log(), "the refusal")
    ok(one.post())
    assert one.pids() == workers


def test_reload_brings_new_targets(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    ok(one.post())
    one.conf.write_text(one.conf.read_text().replace('target "t"',
                                                     'target "u"'))
    old = one.reload()
    wait.until(lambda: not old & set(one.pids()), "the old worker ends", 20)
    ok(one.post())
    assert len(records(broker.bootstrap, "t")) == 1
    assert len(records(broker.bootstrap, "u")) == 1
