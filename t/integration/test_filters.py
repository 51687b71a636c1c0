"""RQL filters of topics entries, through HTTP."""

import pytest

import messages
from config import EVENTS, MESSAGES, connection, target
from kafka import records
from nginx import ok, refused


@pytest.fixture(scope="module")
def server(shared_nginx, shared_broker):
    return shared_nginx(http=connection(
        shared_broker.bootstrap,
        target("hot/{{ header:case }}",
               [EVENTS + "?filter=and(gt(attributes/rpm,900),"
                "lt(attributes/rpm,1000))"]),
        target("paths/{{ header:case }}",
               [EVENTS + "?filter=like(resource:path,'/features/*')",
                MESSAGES + "?filter=eq(topic:subject,'alarm')"]),
        target("broken/{{ header:case }}",
               [EVENTS + "?filter=eq(attributes/rpm,'x')"]))).start()


def keys(broker, topic):
    return sorted(r.key.decode() for r in records(broker.bootstrap, topic))


def test_filters(server, shared_broker):
    for case, value in {"a": "900", "b": "900.5", "c": "1e3", "d": '"950"',
                        "e": "950", "f": "[1,950]", "g": "null"}.items():
        ok(server.post(messages.event(value=value, headers={"case": case})))
    ok(server.post(messages.event(path="/features/f/properties/p",
                                  headers={"case": "p"})))
    for case, subject in {"m": "alarm", "n": "other"}.items():
        ok(server.post(messages.message(subject=subject,
                                        headers={"case": case})))
    assert keys(shared_broker, "hot") == ["b", "d", "e", "f"]
    assert keys(shared_broker, "paths") == ["m", "p"]
    assert keys(shared_broker, "broken") == []


def test_a_filter_that_cannot_be_evaluated(server):
    """Ditto loses such a signal; here its target fails and the answer says so."""
    body = refused(server.post(messages.event(path="/attributes/ä", value="1",
                                              headers={"case": "x"})),
                   400, "json.key.invalid")
    assert {t["outcome"] for t in body["targets"]} == {"not persisted"}


@pytest.mark.parametrize("entry, words", [
    (EVENTS + "?filter=eq(attributes/a", ("rql.expression.invalid",)),
    (EVENTS + "?filter=eq(attribute/a,1)",
     ("Unknown property name: attribute/a",)),
    (EVENTS + "?filter=", ("rql.expression.invalid",)),
    (EVENTS + "?filter=like(attributes/a,5)",
     ("In the like predicate only string values are allowed.",)),
])
def test_wrong_filter(nginx, entry, words):
    rc, text = nginx(http=connection("127.0.0.1:9",
                                     target("t", [entry]))).test()
    assert rc != 0
    for word in (entry, '"topics"', *words):
        assert word in text
