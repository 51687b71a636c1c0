"""Where a record goes: topic, key and partition of a target's address."""

import uuid

import pytest

import messages
from config import (EVENTS, LIVE_EVENTS, MESSAGES, DEFAULT_POLICY, SENDER,
                    connection, entry, location, policy, target)
from kafka import records
from nginx import ok

# address; the headers of the message; topic, key, partition
ADDRESSES = [
    ("plain", {}, "plain", None, None),
    ("fixed/key", {}, "fixed", b"key", None),
    ("deep/a/b#1", {}, "deep", b"a/b#1", None),
    ("byid/{{ thing:id }}", {}, "byid", b"org.acme:pump-7", None),
    ("bit/{{ thing:namespace }}/{{ thing:name }}", {}, "bit",
     b"org.acme/pump-7", None),
    ("third#3", {}, "third", None, 3),
    ("part#{{ header:p }}", {"p": "2"}, "part", None, 2),
    ("{{ thing:namespace }}.events/{{ header:device }}", {"device": "d-9"},
     "org.acme.events", b"d-9", None),
    ("${thing:name}-old/{{ header:DEVICE }}", {"device": "ünï"},
     "pump-7-old", "ünï".encode(), None),
    ("paths/{{ topic:full }}", {}, "paths",
     b"org.acme/pump-7/things/twin/events/modified", None),
    ("crit/{{ topic:criterion }}-{{ topic:action }}-{{ resource:path }}", {},
     "crit", b"events-modified-/attributes/rpm", None),
    ("conn/{{ connection:id }}", {}, "conn", b"k", None),
    ("group/{{ topic:group }}.{{ topic:channel }}.{{ entity:id }}", {},
     "group", b"things.twin.org.acme:pump-7", None),
    ("subj/{{ request:subjectId }}", {}, "subj", SENDER.encode(), None),
    ("spaces/a b", {}, "spaces", b"a b", None),
]


@pytest.fixture(scope="module")
def gateway(shared_nginx, shared_broker):
    """One location and connection for each address."""
    blocks, locations = "", ""
    for i, (address, *_) in enumerate(ADDRESSES):
        blocks += connection(shared_broker.bootstrap, target(address),
                             name="k" if "connection:" in address else f"k{i}")
        locations += location(f"/{i}", publish="k" if "connection:" in address
                              else f"k{i}")
    return shared_nginx(http=blocks, server=locations).start()


@pytest.mark.parametrize("i", range(len(ADDRESSES)),
                         ids=[a[0] for a in ADDRESSES])
def test_address(gateway, shared_broker, i):
    _, headers, topic, key, partition = ADDRESSES[i]
    before = len(records(shared_broker.bootstrap, topic))
    ok(gateway.post(messages.event(headers=headers), path=f"/{i}"))
    found = records(shared_broker.bootstrap, topic)
    assert len(found) == before + 1
    assert found[-1].key == key
    if partition is not None:
        assert found[-1].partition == partition


def test_unresolved_address_publishes_nothing(nginx, broker):
    one = nginx(http=connection(broker.bootstrap,
                                target("u/{{ header:device }}"),
                                target("control"))).start()
    ok(one.post(messages.event()))
    assert records(broker.bootstrap, "u") == []
    assert len(records(broker.bootstrap, "control")) == 1


def test_address_that_becomes_wrong_is_no_success(nginx, broker):
    one = nginx(http=connection(broker.bootstrap,
                                target("{{ header:device }}"))).start()
    response = one.post(messages.event(headers={"device": "no topic"}))
    assert response.status_code >= 400, response.text
    assert len(one.pids()) == 1


def test_a_fault_of_the_sender_is_no_error_of_the_log(nginx, broker):
    """Else whoever may send can fill it, and hide what matters."""
    one = nginx(http=connection(broker.bootstrap,
                                target("t#{{ header:p }}"))).start()
    response = one.post(messages.event(headers={"p": "x"}))
    assert response.status_code == 400, response.text
    line, = [s for s in one.log().splitlines() if "not persisted" in s]
    assert "[info]" in line and "t#{{ header:p }}" in line


def test_header_mapping(nginx, broker):
    more = ('header_mapping device "{{ thing:id }}"; '
            'header_mapping missing "{{ header:nothing }}"; '
            'header_mapping two "{{ topic:action }} of {{ thing:name }}"; '
            'header_mapping content-type application/json; '
            'header_mapping fixed "ä;{}";')
    one = nginx(http=connection(broker.bootstrap,
                                target("t", more=more))).start()
    ok(one.post(messages.event(headers={"correlation-id": "c-1"})))
    headers = dict(records(broker.bootstrap, "t")[0].headers)
    assert headers == {
        "content-type": b"application/json",
        "correlation-id": b"c-1",
        "ditto-connection-id": b"k",
        "device": b"org.acme:pump-7",
        "two": b"modified of pump-7",
        "fixed": "ä;{}".encode(),
    }


def test_default_headers_and_generated_correlation_id(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    ok(one.post(messages.event()))
    headers = dict(records(broker.bootstrap, "t")[0].headers)
    uuid.UUID(headers.pop("correlation-id").decode())
    assert headers == {
        "content-type": b"application/vnd.eclipse.ditto+json",
        "ditto-connection-id": b"k",
    }


def test_kind_of_signal_and_namespaces_choose_the_target(nginx, broker):
    other = policy("org.other:default",
                   entry([SENDER], thing="+W", message="+W"),
                   entry(["kafka:reader"], thing="+R", message="+R"))
    one = nginx(policies=[DEFAULT_POLICY, other], http=connection(
        broker.bootstrap,
        target("events", topics=[EVENTS]),
        target("live", topics=[LIVE_EVENTS]),
        target("both", topics=[EVENTS, MESSAGES]),
        target("acme", topics=[EVENTS + "?namespaces=org.acme,org.x"]),
    )).start()
    ok(one.post(messages.event()))
    ok(one.post(messages.event(thing="org.other:a")))
    ok(one.post(messages.event(channel="live")))
    ok(one.post(messages.message()))

    def count(topic):
        return len(records(broker.bootstrap, topic))

    assert [count(t) for t in ("events", "live", "both", "acme")] \
        == [2, 1, 3, 1]


def test_a_location_may_publish_to_some_connections_only(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("a"), name="a")
                + connection(broker.bootstrap, target("b"), name="b"),
                server=location("/all") + location("/b", publish="b")).start()
    ok(one.post(path="/all"))
    ok(one.post(path="/b"))
    assert len(records(broker.bootstrap, "a")) == 1
    assert len(records(broker.bootstrap, "b")) == 2
