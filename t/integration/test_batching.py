"""
Records wait in the module while their broker is busy: order, budget, deadline
and the end of a worker hold for them as for those that librdkafka has.
"""

import os
import re
import signal
import threading
import time

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions

import messages
import wait
from broker import MockBroker
from config import connection, location, target
from kafka import partition_count, records
from load import BROKEN, CLOSED, LATE, Load
from murmur2 import partition
from nginx import ok

BODY = messages.event(thing="org.acme:n-@T@", value="@N@")
KEYED = "t/{{ thing:name }}"
AT_ONCE = "/ditto?timeout=0"

with_and_without_key = pytest.mark.parametrize("address", [KEYED, "t"])


def gateway(nginx, bootstrap, address=KEYED, timeout="10s", more="",
            **options):
    return nginx(http=connection(bootstrap, target(address), more=more),
                 server=location(more=f"ditto_timeout {timeout};"),
                 **options).start()


def value(record):
    return int(re.search(rb'"value":(\d+)', record.value).group(1))


def by_key(found):
    """The values of each key, in the order of their partition."""
    result = {}
    for record in sorted(found, key=lambda r: (r.partition, r.offset)):
        result.setdefault(record.key, []).append(value(record))
    return result


def in_order(found, numbers):
    """Each of the numbers once, and those of a key as they were sent."""
    assert sorted(value(r) for r in found) == sorted(numbers)
    wrong = {k: v for k, v in by_key(found).items() if v != sorted(v)}
    assert wrong == {}


def partitions_in_order(found, numbers):
    """The same of each partition."""
    in_order([r._replace(key=r.partition) for r in found], numbers)


def key_of(number, partitions):
    """The first thing that is in this partition."""
    return next(name for name in (f"n-{i}" for i in range(1000))
                if partition(name.encode(), partitions) == number)


def know_leaders(one):
    """A record in each of 12 partitions: from now on they are batched."""
    for number in range(12):
        ok(one.post(messages.event(thing="org.acme:" + key_of(number, 12))))


def post_for(one, seconds, key):
    """How long each of the answers took."""
    body = messages.event(thing="org.acme:" + key)
    took = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        ok(one.post(body))
        took.append(time.monotonic() - begun)
    return took


def others_are_quick(took):
    took = sorted(took)
    assert took[len(took) // 2] < 0.1
    assert took[-1] < 1


def each_once(broker, load):
    """What was answered 204 is in Kafka, and only once."""
    found = [value(r) for r in records(broker.bootstrap, "t")]
    for number in load.numbers(204):
        assert found.count(number) == 1, f"number {number}"


@pytest.fixture
def two_brokers():
    one = MockBroker(brokers=2)
    yield one
    one.stop()


# --- requests ----------------------------------------------------------------

RTT = 60         # ms, by which requests that follow each other are counted;
                 # a batch that takes more than 100 does not hinder others


CORE, *OTHERS = sorted(os.sched_getaffinity(0))


def on_one_core():
    """The worker and librdkafka's threads, which it creates."""
    return f"worker_cpu_affinity {1 << CORE:b};"


def policies_of(process):
    """How the threads of a process are scheduled: SCHED_OTHER is 0."""
    return {os.sched_getscheduler(int(t))
            for t in os.listdir(f"/proc/{process}/task")}


def test_how_threads_are_scheduled_is_the_operators(nginx, broker):
    """What was chosen stays."""
    broker.topic("t", 1)
    one = gateway(nginx, broker.bootstrap, address="t", main=on_one_core(),
                  under=["chrt", "--batch", "0"])
    lines = "\n".join(messages.event(value=str(i)) for i in range(50))
    for _ in range(20):
        ok(one.post(lines, headers={"Content-Type": "application/x-ndjson"}))
    assert policies_of(one.pids()[0]) == {os.SCHED_BATCH}


def test_all_connections_in_one_request(nginx, broker):
    """
    Not two groups that take turns and wait for each other; and librdkafka's
    thread, on a core that it shares with the worker, does not send the first
    records of a batch alone.
    """
    broker.topic("t", 1)
    one = gateway(nginx, broker.bootstrap, address="t", main=on_one_core())
    ok(one.post(messages.event()))
    broker.rtt(RTT)

    def p50():
        load = Load(one.port, BODY, 64 * 15, connections=64)
        os.sched_setaffinity(load.process.pid, OTHERS or [CORE])
        load.finish()
        assert load.summary["status"] == {"204": 64 * 15}
        return load.summary["p50_ms"]

    # another program on the core keeps the worker from it for a second
    wait.until(lambda: p50() < 1.6 * RTT, "answers after one round trip", 60)
    assert policies_of(one.pids()[0]) == {0}


# --- order -------------------------------------------------------------------

@pytest.mark.parametrize("rtt", [0, 5])
@pytest.mark.parametrize("in_flight", ["", "kafka max.in.flight 1;",
                                       "kafka max.in.flight 5;"])
def test_order_of_each_key(nginx, broker, rtt, in_flight):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, more=in_flight)
    broker.rtt(rtt)
    load = Load(one.port, BODY, 3000, connections=1, path=AT_ONCE,
                things=40).finish()
    assert load.summary["status"] == {"202": 3000}
    one.quit()
    in_order(records(broker.bootstrap, "t"), range(3000))


def test_order_of_records_without_key(nginx, broker):
    """Those of one partition, which is kept for a long time."""
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, address="t",
                  more="kafka sticky.partitioning.linger.ms 900000;")
    broker.rtt(2)
    load = Load(one.port, BODY, 3000, connections=1, path=AT_ONCE).finish()
    assert load.summary["status"] == {"202": 3000}
    one.quit()
    found = records(broker.bootstrap, "t")
    assert spread(found) <= 3
    partitions_in_order(found, range(3000))


@pytest.mark.parametrize("partitions", [1, 3])
def test_order_when_the_partition_without_key_changes(nginx, broker,
                                                      partitions):
    """Every 10 ms: the first one there does not overtake what is held."""
    broker.topic("t", partitions)
    one = gateway(nginx, broker.bootstrap, address="t")
    ok(one.post(messages.event(value="0")))
    broker.rtt(2)
    load = Load(one.port, BODY, 6000, connections=1, path=AT_ONCE,
                first=1).finish()
    assert load.summary["status"] == {"202": 6000}
    one.quit()
    partitions_in_order(records(broker.bootstrap, "t"), range(6001))


class Trouble(threading.Thread):
    """Lets single produce requests fail until it is stopped."""

    def __init__(self, broker, *errors):
        super().__init__()
        self.broker = broker
        self.errors = errors
        self.ends = threading.Event()
        self.count = 0
        self.start()

    def run(self):
        while not self.ends.wait(0.03):
            self.broker.error("Produce",
                              self.errors[self.count % len(self.errors)])
            self.count += 1

    def stop(self):
        self.ends.set()
        self.join()
        self.broker.clear("Produce")


# The mock broker does not look at sequence numbers, so two requests of one
# partition must not be under way: the first may fail.
@with_and_without_key
def test_order_when_requests_fail(nginx, broker, address):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, address, timeout="20s",
                  more="kafka max.in.flight 1; kafka retry.backoff.ms 10;")
    broker.rtt(2)
    trouble = Trouble(broker, "REQUEST_TIMED_OUT", "NOT_ENOUGH_REPLICAS",
                      "NOT_LEADER_FOR_PARTITION")
    try:
        load = Load(one.port, BODY, 3000, connections=1, path=AT_ONCE,
                    things=40, rate=1500).finish()
    finally:
        trouble.stop()
    assert trouble.count > 20
    assert load.summary["status"] == {"202": 3000}
    one.quit()
    partitions_in_order(records(broker.bootstrap, "t"), range(3000))


# Without idempotence librdkafka sends what it has ready before it repeats what
# was refused, and of records given together it may make two requests.  So only
# a request fails that carries one record, and the others come meanwhile.
without_idempotence = pytest.mark.parametrize(
    "more", ["kafka enable.idempotence false;", "kafka acks 1;"])


@without_idempotence
@with_and_without_key
def test_order_when_the_first_request_fails(nginx, broker, address, more):
    """The leader is not known, so nothing is batched yet."""
    broker.topic("t", 1)
    one = gateway(nginx, broker.bootstrap, address, more=more)
    broker.rtt(100)
    broker.error("Produce", "NOT_ENOUGH_REPLICAS")
    load = Load(one.port, BODY, 60, connections=1, path=AT_ONCE,
                rate=200).finish()
    assert load.summary["status"] == {"202": 60}
    one.quit()
    partitions_in_order(records(broker.bootstrap, "t"), range(60))


@without_idempotence
@with_and_without_key
def test_order_when_a_slow_request_fails(nginx, broker, address, more):
    """It is late and not waited for, but by its own partition."""
    broker.topic("t", 1)
    one = gateway(nginx, broker.bootstrap, address, more=more)
    for number in range(2):
        ok(one.post(messages.event(value=str(number))))
    broker.rtt(400)
    broker.error("Produce", "NOT_ENOUGH_REPLICAS")
    load = Load(one.port, BODY, 60, connections=1, path=AT_ONCE, rate=100,
                first=2).finish()
    assert load.summary["status"] == {"202": 60}
    one.quit()
    broker.rtt(0)
    partitions_in_order(records(broker.bootstrap, "t"), range(62))


def test_nothing_is_lost_or_doubled_when_requests_fail(nginx, broker):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, more="kafka max.in.flight 1;"
                  "kafka retry.backoff.ms 10;")
    trouble = Trouble(broker, "REQUEST_TIMED_OUT", "NOT_LEADER_FOR_PARTITION")
    try:
        load = Load(one.port, BODY, 20000, connections=64, things=500).finish()
    finally:
        trouble.stop()
    assert load.summary["status"] == {"204": 20000}
    assert sorted(value(r) for r in records(broker.bootstrap, "t")) \
        == list(range(20000))


def test_a_chosen_partition_is_in_the_same_line_as_keys(nginx, broker):
    """Both go to partition 3; those with a key do not overtake."""
    broker.topic("t", 12)
    key = key_of(3, 12)
    one = nginx(http=connection(
        broker.bootstrap, target(f"t/{key}"),
        target("t#3", topics=["_/_/things/live/events"]))).start()
    bodies = [messages.event(value=str(i),
                             channel="live" if i % 3 == 0 else "twin")
              for i in range(400)]
    broker.rtt(5)
    for body in bodies:
        assert one.post(body, path=AT_ONCE).status_code == 202
    one.quit()
    found = sorted(records(broker.bootstrap, "t"), key=lambda r: r.offset)
    assert {r.partition for r in found} == {3}
    assert [value(r) for r in found] == list(range(400))


def test_the_first_key_does_not_overtake_a_chosen_partition(nginx, broker):
    """Which partition is its own nobody knows yet; it may be that one."""
    broker.topic("t", 12)
    key = key_of(3, 12)
    one = nginx(http=connection(
        broker.bootstrap, target(f"t/{key}"),
        target("t#3", topics=["_/_/things/live/events"]))).start()
    ok(one.post(messages.event(value="0", channel="live")))
    broker.rtt(50)
    for i in range(1, 10):
        body = messages.event(value=str(i), channel="live" if i < 9 else "twin")
        assert one.post(body, path=AT_ONCE).status_code == 202
    one.quit()
    found = sorted(records(broker.bootstrap, "t"), key=lambda r: r.offset)
    assert {r.partition for r in found} == {3}
    assert [value(r) for r in found] == list(range(10))


def test_order_when_another_producer_takes_over(nginx, broker):
    """What the old one has under way comes first, or never."""
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap)
    know_leaders(one)
    broker.rtt(20)
    load = Load(one.port, BODY, 1000000, connections=1, path=AT_ONCE,
                things=40, rate=1000, first=1000)
    for n in range(3):
        wait.until(lambda: one.access_log().count("\n") > (n + 1) * 1200,
                   "some load")
        broker.error("Produce", "OUT_OF_ORDER_SEQUENCE_NUMBER")
        wait.until(lambda: one.log().count("a new producer takes over") > n,
                   "another producer", 30)
    sent = one.access_log().count("\n")
    wait.until(lambda: one.access_log().count("\n") > sent + 1000, "some more")
    load.stop()
    broker.rtt(0)
    one.quit()
    found = [r for r in records(broker.bootstrap, "t") if value(r) >= 1000]
    assert len(found) > 2000
    in_order(found, {value(r) for r in found})


def to(address, number):
    return messages.event(headers={"to": address}, value=str(number))


@pytest.fixture
def taking_over(nginx, broker):
    """
    With the next record another producer takes over, while the old one waits
    to try again with number 1 in partition 3: 4096 topics were enough.
    """
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, "{{ header:to }}",
                  more="kafka retry.backoff.ms 2000;")
    load = Load(one.port, to("s@N@", 0), 4094).finish()
    assert load.summary["status"] == {"204": 4094}
    ok(one.post(to("t#3", 0)))
    broker.error("Produce", "NOT_ENOUGH_REPLICAS")
    assert one.post(to("t#3", 1), path=AT_ONCE).status_code == 202
    ok(one.post(to("last", 0)))
    assert "takes over" not in one.log()
    return one


def in_partition_3(one, broker):
    one.quit()
    assert "4096 topics; a new producer takes over" in one.log()
    found = [r for r in records(broker.bootstrap, "t") if r.partition == 3]
    return [value(r) for r in sorted(found, key=lambda r: r.offset)]


def test_what_an_older_producer_has_is_not_overtaken(taking_over, broker):
    """Not even by a record of which only librdkafka tells the partition."""
    one = taking_over
    ok(one.post(to("t#5", 0)))     # the new one knows the topic
    for number, address in enumerate(["t/" + key_of(3, 12), "t#3"], 2):
        assert one.post(to(address, number), path=AT_ONCE).status_code == 202
    assert in_partition_3(one, broker) == [0, 1, 2, 3]


def test_what_waits_for_an_older_producer_keeps_its_order(taking_over, broker):
    """The one for partition 5, that no report has shown yet, gives way."""
    one = taking_over
    for number, address in enumerate(["t#3", "t#5", "t#3"], 2):
        assert one.post(to(address, number), path=AT_ONCE).status_code == 202
    assert in_partition_3(one, broker) == [0, 1, 2, 4]


def test_a_fatal_error_loses_nothing_in_silence(nginx, broker):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, timeout="5s")
    ok(one.post())
    broker.rtt(3)
    load = Load(one.port, BODY, 100000, connections=32, things=100)
    wait.until(lambda: one.access_log().count(" 204 ") > 1000, "some load")
    broker.error("Produce", "OUT_OF_ORDER_SEQUENCE_NUMBER", 3)
    wait.until(lambda: "a new producer takes over" in one.log(),
               "the fatal error")
    broker.clear("Produce")
    count = one.access_log().count(" 204 ")
    wait.until(lambda: one.access_log().count(" 204 ") > count + 1000,
               "the new producer delivers")
    load.stop()
    found = [value(r) for r in records(broker.bootstrap, "t")]
    found.remove(900)
    assert load.numbers(BROKEN, LATE) == set()
    assert load.numbers(204) - set(found) == set(), "lost"
    assert load.numbers(503) & set(found) == set(), "in Kafka all the same"


# --- who waits for whom ------------------------------------------------------

def test_a_broker_that_is_away_does_not_hold_back_the_others(nginx,
                                                            two_brokers):
    broker = two_brokers
    broker.topic("t", 12)
    for number in range(12):
        broker.command("leader", "t", number, number % 2 + 1)
    one = gateway(nginx, broker.bootstrap, timeout="6s")
    know_leaders(one)
    broker.command("broker", 2, "down")
    load = Load(one.port, BODY, 4000, connections=64, things=500, rate=400)
    took = post_for(one, 4, key_of(4, 12))
    broker.command("broker", 2, "up")
    load.stop()
    others_are_quick(took)
    each_once(broker, load)


def test_a_partition_without_leader_does_not_hold_back_the_others(nginx,
                                                                  broker):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, timeout="6s",
                  more="kafka topic.metadata.refresh.interval.ms 200;")
    know_leaders(one)
    for number in (1, 2, 3, 5):
        broker.command("leader", "t", number, -1)
    load = Load(one.port, BODY, 3000, connections=64, things=500, rate=400)
    took = post_for(one, 3, key_of(4, 12))
    for number in (1, 2, 3, 5):
        broker.command("leader", "t", number, 1)
    load.stop()
    others_are_quick(took)
    each_once(broker, load)


def test_records_without_key_leave_a_broker_that_is_away(nginx, two_brokers):
    """Soon: what went there before is lost."""
    broker = two_brokers
    broker.topic("t", 12)
    for number in range(12):
        broker.command("leader", "t", number, number % 2 + 1)
    one = gateway(nginx, broker.bootstrap, "t", timeout="4s")
    for _ in range(3):
        ok(one.post())
    broker.command("broker", 2, "down")
    load = Load(one.port, BODY, 1000, connections=500, rate=500,
                first=1000).finish()
    broker.command("broker", 2, "up")
    assert len(load.numbers(204)) > 850, load.summary
    each_once(broker, load)


def test_records_without_key_go_where_a_leader_is(nginx, broker):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, "t", timeout="4s",
                  more="kafka topic.metadata.refresh.interval.ms 50;")
    for _ in range(3):
        ok(one.post())
    for number in range(6):
        broker.command("leader", "t", number, -1)
    Load(one.port, BODY, 300, connections=1, path=AT_ONCE, rate=300,
         first=1).finish()      # librdkafka has asked who leads
    load = Load(one.port, BODY, 500, connections=300, rate=500,
                first=1000).finish()
    assert load.summary["status"] == {"204": 500}


# --- budget, deadline, end ---------------------------------------------------

@with_and_without_key
def test_what_waits_counts_in_the_limit_of_the_queue(nginx, broker, address):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, address,
                  more="kafka queue.buffering.max.messages 20;")
    know_leaders(one)
    broker.rtt(800)
    load = Load(one.port, BODY, 100, connections=100, things=500).finish()
    assert load.summary["status"] == {"204": 20, "503": 80}


@with_and_without_key
def test_what_waits_counts_in_the_bytes_of_the_queue(nginx, broker, address):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, address,
                  more="kafka queue.buffering.max.kbytes 64;")
    know_leaders(one)
    broker.rtt(800)
    body = messages.event(thing="org.acme:n-@T@", value='"' + "x" * 6000 + '"')
    load = Load(one.port, body, 100, connections=100, things=500).finish()
    assert load.summary["status"] == {"204": 10, "503": 90}


@with_and_without_key
def test_deadline_of_what_waits(nginx, broker, address):
    """The client's word comes before the request's, and is the truth."""
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, address, timeout="3s")
    know_leaders(one)
    broker.down()
    begun = time.monotonic()
    load = Load(one.port, BODY, 200, connections=200, things=500).finish()
    assert time.monotonic() - begun < 4.5
    assert load.numbers(204, BROKEN, CLOSED, LATE) == set()
    assert len(load.numbers(503)) > 150, load.summary
    broker.up()
    found = {value(r) for r in records(broker.bootstrap, "t")}
    assert load.numbers(503) & found == set()


@with_and_without_key
def test_quit_delivers_what_waits(nginx, broker, address):
    broker.topic("t", 100)
    one = gateway(nginx, broker.bootstrap, address)
    load = Load(one.port, BODY, 500, connections=1, things=500).finish()
    assert load.summary["status"] == {"204": 500}
    broker.rtt(60)
    load = Load(one.port, BODY, 500, connections=1, things=500, first=500,
                path=AT_ONCE).finish()
    assert load.summary["status"] == {"202": 500}
    one.quit()
    broker.rtt(0)
    partitions_in_order(records(broker.bootstrap, "t"), range(1000))
    assert "0 of them purged, 0 without a report" in one.log()


@with_and_without_key
def test_terminate_accounts_for_what_waits(nginx, broker, address):
    broker.topic("t", 100)
    one = gateway(nginx, broker.bootstrap, address)
    load = Load(one.port, BODY, 500, connections=50, things=500).finish()
    assert load.summary["status"] == {"204": 500}
    broker.rtt(5000)
    load = Load(one.port, BODY, 300, connections=50, things=500,
                path=AT_ONCE).finish()
    assert load.summary["status"] == {"202": 300}
    one.process.send_signal(signal.SIGTERM)
    one.process.wait(5)
    assert "300 records were under way at exit, 300 of them purged, 0 " \
        "without a report" in one.log()


def test_too_large_is_said_at_once(nginx, broker):
    """Nobody waits, so an error that is known must not hide behind 202."""
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap,
                  more="kafka message.max.bytes 2000;")
    thing = "org.acme:" + key_of(5, 12)
    for _ in range(3):
        ok(one.post(messages.event(thing=thing)))
    large = messages.event(thing=thing, value='"' + "x" * 3000 + '"')
    assert one.post(large, path=AT_ONCE).status_code == 413


# --- the user's own properties -----------------------------------------------

def spread(found):
    return len({r.partition for r in found})


def test_a_time_of_zero_scatters_records_without_key(nginx, broker):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, address="t",
                  more="kafka sticky.partitioning.linger.ms 0;")
    for _ in range(40):
        ok(one.post())
    assert spread(records(broker.bootstrap, "t")) > 6


def test_a_long_time_keeps_records_without_key_together(nginx, broker):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, address="t",
                  more="kafka sticky.partitioning.linger.ms 60000;")
    ok(one.post())          # its partition was chosen before t was known
    for _ in range(40):
        ok(one.post())
    assert spread(records(broker.bootstrap, "t")) <= 3


def test_a_partitioner_is_the_users(nginx, broker):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap,
                  more="kafka partitioner consistent_random;")
    load = Load(one.port, BODY, 500, connections=16, things=500).finish()
    assert load.summary["status"] == {"204": 500}
    found = records(broker.bootstrap, "t")
    assert len(found) == 500
    wrong = [r for r in found if r.partition != partition(r.key, 12)]
    assert len(wrong) > 300


def test_a_linger_is_the_users(nginx, broker):
    broker.topic("t", 12)
    one = gateway(nginx, broker.bootstrap, more="kafka linger.ms 300;")
    ok(one.post())
    begun = time.monotonic()
    ok(one.post())
    assert time.monotonic() - begun > 0.25
    load = Load(one.port, BODY, 300, connections=300, things=300).finish()
    assert load.summary["status"] == {"204": 300}


# --- real Kafka --------------------------------------------------------------

@pytest.mark.real_kafka
def test_more_partitions_while_records_come(nginx, kafka):
    """Keys move; nothing is lost, and what came first is there first."""
    kafka.topic("grows", 3)
    one = gateway(nginx, kafka.bootstrap, address="grows/{{ thing:name }}",
                  more="kafka topic.metadata.refresh.interval.ms 100;")
    load = Load(one.port, BODY, 100000, connections=1, path=AT_ONCE, things=40,
                rate=2000)
    wait.until(lambda: one.access_log().count(" 202 ") > 1000, "some load")
    admin = AdminClient({"bootstrap.servers": kafka.internal})
    for result in admin.create_partitions([NewPartitions("grows",
                                                         9)]).values():
        result.result(20)
    wait.until(lambda: partition_count(kafka.internal, "grows") == 9,
               "the new partitions")
    wait.until(lambda: {r.partition for r in records(kafka.bootstrap, "grows")}
               == set(range(9)), "records in them")
    sent = one.access_log().count("\n")
    wait.until(lambda: one.access_log().count("\n") > sent + 1000, "some more")
    load.stop()
    one.quit()
    found = records(kafka.bootstrap, "grows")
    assert sorted(value(r) for r in found) == sorted(load.numbers(202))
    for key in {r.key for r in found}:
        mine = [r for r in found if r.key == key]
        old, new = partition(key, 3), partition(key, 9)
        assert {r.partition for r in mine} <= {old, new}
        lines = [[value(r) for r in sorted(mine, key=lambda r: r.offset)
                  if r.partition == p] for p in (old, new)]
        for line in lines:
            assert line == sorted(line)
        if old != new and lines[0] and lines[1]:
            assert lines[0][-1] < lines[1][0]


@pytest.mark.real_kafka
@pytest.mark.slow
@pytest.mark.parametrize("in_flight", ["", "kafka max.in.flight 5;"])
def test_order_across_moves_and_restarts(nginx, kafka_with, in_flight):
    kafka = kafka_with("--brokers", "3")
    kafka.run("topic", "moves", "--partitions", "6", "--replication", "3")
    one = gateway(nginx, kafka.bootstrap, address="moves/{{ thing:name }}",
                  timeout="40s", more=in_flight)
    load = Load(one.port, BODY, 1000000, connections=1, path=AT_ONCE,
                things=60, rate=2000)
    wait.until(lambda: one.access_log().count(" 202 ") > 2000, "some load")
    for number in range(6):
        kafka.run("move-leader", "moves", number)
    kafka.run("kill", 2)
    kafka.run("restart", 2)
    sent = one.access_log().count("\n")
    wait.until(lambda: one.access_log().count("\n") > sent + 4000, "some more",
               40)
    load.stop()
    one.quit(60)
    assert load.numbers(BROKEN, CLOSED, LATE) == set()
    assert "0 of them purged, 0 without a report" in one.log() \
        or "under way at exit" not in one.log()
    in_order(records(kafka.bootstrap, "moves"), load.numbers(202))
