"""Which process has producers, and how many."""

import os
import signal
from pathlib import Path

import pytest

import messages
import wait
from config import connection, location, target
from kafka import records
from nginx import not_in_kafka, ok


def threads(pid):
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def title(pid):
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def test_only_workers_have_threads(nginx, broker):
    """A cache manager initialises modules too, as the master never must."""
    one = nginx(workers=2, http=connection(broker.bootstrap, target("t"))
                + 'proxy_cache_path "@DIR@/cache" keys_zone=z:1m;').start()
    ok(one.post())
    wait.until(lambda: any("cache" in title(p) for p in one.pids()),
               "a helper process")
    assert threads(one.process.pid) == 1
    for pid in one.pids():
        if "cache" in title(pid):
            assert threads(pid) == 1, title(pid)
        elif "worker process" in title(pid):
            assert threads(pid) > 1, title(pid)


def test_equal_connections_share_one_producer(nginx, broker):
    def worker_threads(count):
        blocks = "".join(connection(broker.bootstrap, target(f"t{i}"),
                                    name=f"k{i}") for i in range(count))
        one = nginx(http=blocks).start()
        ok(one.post())
        return threads(one.pids()[0])

    assert worker_threads(1) == worker_threads(5)
    for i in range(5):
        assert len(records(broker.bootstrap, f"t{i}")) >= 1


def test_other_properties_are_another_producer(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("a"), name="a")
                + connection(broker.bootstrap, target("b"), name="b",
                             more="kafka compression.type gzip;")).start()
    ok(one.post())
    alone = nginx(http=connection(broker.bootstrap, target("a"))).start()
    ok(alone.post())
    assert threads(one.pids()[0]) > threads(alone.pids()[0])
    assert len(records(broker.bootstrap, "b")) == 1


def test_killed_worker_is_replaced(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    one.allowed.append("exited on signal 9")
    ok(one.post())
    pid, = one.pids()
    os.kill(pid, signal.SIGKILL)
    wait.until(lambda: one.pids() and one.pids() != [pid], "a new worker")
    one.client.close()
    one.client = None
    ok(one.post())


def test_without_a_master(nginx, broker):
    one = nginx(main="master_process off;", workers=0,
                http=connection(broker.bootstrap, target("t"))).start()
    ok(one.post())
    assert len(records(broker.bootstrap, "t")) == 1
    one.quit()


def test_closed_connection_takes_part_in_nothing(nginx, broker):
    def document(name, status):
        return {"id": name, "connectionType": "kafka",
                "connectionStatus": status,
                "uri": f"tcp://{broker.bootstrap}",
                "specificConfig": {"bootstrapServers": broker.bootstrap},
                "targets": [{"address": name,
                             "topics": ["_/_/things/twin/events"],
                             "authorizationContext": ["kafka:reader"]}]}

    one = nginx(files={"c/1.json": document("open", "open"),
                       "c/2.json": {"connection":
                                    document("closed", "closed")}},
                http='ditto_connections "@DIR@/c/*.json";').start()
    ok(one.post())
    assert len(records(broker.bootstrap, "open")) == 1
    assert records(broker.bootstrap, "closed") == []


def test_passwords_are_in_no_log(nginx):
    """librdkafka's own lines included, at their most talkative."""
    block = connection("127.0.0.1:9", target("t"), more="kafka debug all;") \
        .replace("tcp://", "tcp://jane:geheim%21@")
    one = nginx(http=block, level="debug",
                server=location(more="ditto_timeout 2s;")).start()
    not_in_kafka(one.post(messages.event()))
    log = one.log() + one.stderr()
    assert "geheim" not in log
    assert "Connection refused" in log


@pytest.mark.parametrize("level", ["info", "debug"])
def test_a_talkative_librdkafka_still_delivers(nginx, broker, level):
    """Log lines may wait in the queue before the first wake-up is possible."""
    one = nginx(level=level, http=connection(broker.bootstrap, target("t"),
                                             more="kafka debug broker,msg;"),
                server=location(more="ditto_timeout 4s;")).start()
    for _ in range(5):
        ok(one.post())
    assert len(records(broker.bootstrap, "t")) == 5
