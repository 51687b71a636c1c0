"""Records without a key are spread evenly over the partitions."""

from collections import Counter

import pytest

import messages
from config import connection, location, target
from kafka import records
from load import Load


@pytest.mark.real_kafka
@pytest.mark.slow
def test_a_minute_of_records_without_a_key(nginx, kafka):
    kafka.topic("spread", 12)
    one = nginx(http=connection(kafka.bootstrap, target("spread")), workers=2,
                server=location(more="ditto_timeout 20s;")).start()
    load = Load(one.port, messages.event(value="@N@"), 12000, connections=8,
                rate=200).finish(110)
    assert load.summary["status"] == {"204": 12000}
    found = records(kafka.bootstrap, "spread")
    assert len(found) == 12000
    assert all(r.key is None for r in found)
    share = {p: n / 120 for p, n in
             Counter(r.partition for r in found).items()}   # per cent
    assert len(share) == 12
    assert all(4 <= s <= 13 for s in share.values()), share
