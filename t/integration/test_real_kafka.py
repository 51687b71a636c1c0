"""Many messages into real Kafka: what is acknowledged is there, once."""

import re

import pytest

import messages
from config import connection, location, target
from kafka import records
from load import Load

COUNT = 200000


@pytest.mark.real_kafka
def test_200000_messages(nginx, kafka):
    kafka.topic("many", 12)
    one = nginx(http=connection(kafka.bootstrap, target("many")), workers=2,
                server=location(more="ditto_timeout 30s;")).start()
    load = Load(one.port, messages.event(value="@N@"), COUNT,
                connections=64).finish()
    print(load.summary)
    values = [int(re.search(rb'"value":(\d+)', r.value).group(1))
              for r in records(kafka.bootstrap, "many")]
    acknowledged = load.numbers(204)
    assert len(acknowledged) == COUNT, load.summary
    assert len(values) == COUNT
    assert set(values) == acknowledged


@pytest.mark.real_kafka
def test_order_of_one_key_over_one_connection(nginx, kafka):
    """Of one sender, one message after the other, as a device does it."""
    kafka.topic("order", 3)
    one = nginx(http=connection(kafka.bootstrap,
                                target("order/{{ thing:id }}"))).start()
    load = Load(one.port, messages.event(value="@N@"), 300,
                connections=1).finish()
    assert load.summary["status"] == {"204": 300}
    found = sorted(records(kafka.bootstrap, "order"), key=lambda r: r.offset)
    assert len({r.partition for r in found}) == 1
    values = [int(re.search(rb'"value":(\d+)', r.value).group(1))
              for r in found]
    assert values == list(range(300))


@pytest.mark.real_kafka
@pytest.mark.parametrize("partition", [0, 3])
def test_chosen_partition(nginx, kafka, partition):
    topic = f"chosen{partition}"
    kafka.topic(topic, 4)
    one = nginx(http=connection(kafka.bootstrap,
                                target(f"{topic}#{partition}"))).start()
    load = Load(one.port, messages.event(), 20, connections=2).finish()
    assert load.summary["status"] == {"204": 20}
    assert {r.partition for r in records(kafka.bootstrap, topic)} \
        == {partition}


@pytest.mark.real_kafka
def test_partition_that_does_not_exist(nginx, kafka):
    kafka.topic("few", 2)
    one = nginx(http=connection(kafka.bootstrap, target("few#7")),
                server=location(more="ditto_timeout 4s;")).start()
    response = one.post()
    assert response.status_code in (503, 504), response.text
    assert records(kafka.bootstrap, "few") == []
