"""A key's partition is the one that Java clients choose."""

import pytest

import messages
from config import connection, location, target
from kafka import records
from load import Load
from murmur2 import murmur2, partition

# from the tests of Kafka's own Java client (UtilsTest.testMurmur2)
PUBLISHED = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", PUBLISHED)
def test_the_yardstick_itself(key):
    assert murmur2(key) == PUBLISHED[key] & 0xffffffff


@pytest.mark.real_kafka
@pytest.mark.parametrize("key", ["{{ thing:id }}", "grüße-{{ header:n }}"])
def test_a_thousand_keys(nginx, kafka, key):
    topic = "keys-" + str(len(key))
    kafka.topic(topic, 12)
    one = nginx(http=connection(kafka.bootstrap, target(f"{topic}/{key}")),
                server=location(more="ditto_timeout 20s;")).start()
    body = messages.event(thing="org.acme:n-@N@", headers={"n": "@N@"})
    load = Load(one.port, body, 1000, connections=16).finish()
    assert load.summary["status"] == {"204": 1000}
    found = records(kafka.bootstrap, topic)
    assert len({r.key for r in found}) == len(found) == 1000
    wrong = [r for r in found if r.partition != partition(r.key, 12)]
    assert wrong == []
    assert {r.partition for r in found} == set(range(12))
