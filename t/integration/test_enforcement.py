"""ditto_enforcement: a device speaks only for itself."""

import pytest

import messages
from config import connection, location, target
from kafka import records
from nginx import ok, refused

FAILED = "connectivity:connection.id.enforcement.failed"


@pytest.fixture(scope="module")
def server(shared_nginx, shared_broker):
    inside = ('location /only { ditto_publish; ditto_subject nginx:device; '
              'ditto_enforcement $arg_device "{{ thing:id }}"; '
              'location = /only/free { ditto_publish; '
              'ditto_enforcement off; } '
              'location = /only/heir { ditto_publish; } } '
              'location = /some { ditto_publish; ditto_subject nginx:device; '
              'ditto_enforcement "x-$arg_device" "{{ thing:namespace }}" '
              '"x-{{ thing:name | fn:upper() }}"; }')
    return shared_nginx(http=connection(shared_broker.bootstrap,
                                        target("t/{{ thing:id }}")),
                        server=inside).start()


def test_its_own_thing(server):
    ok(server.post(path="/only?device=org.acme:pump-7"))


@pytest.mark.parametrize("device", [
    "org.acme:pump-8", "org.acme:pump-", "org.acme:pump-77",
    "ORG.ACME:PUMP-7", "*", "%7b%7b%20thing:id%20%7d%7d"])
def test_another_thing(server, device):
    body = refused(server.post(path=f"/only?device={device}"), 400, FAILED)
    assert "could not be matched against the given target" in body["message"]


def test_nobody(server):
    refused(server.post(path="/only"), 403, "gateway:authentication.failed")


def test_the_value_decides_whom_it_concerns(server):
    """The topic says one thing, the value another one."""
    event = messages.event(path="/", value='{"thingId":"org.acme:pump-8"}')
    refused(server.post(event, path="/only?device=org.acme:pump-7"), 400,
            FAILED)


def test_one_of_several_filters(server):
    ok(server.post(path="/some?device=PUMP-7"))
    refused(server.post(path="/some?device=pump-7"), 400, FAILED)


def test_inherited_and_switched_off(server):
    refused(server.post(path="/only/heir?device=no"), 400, FAILED)
    ok(server.post(path="/only/free"))


def test_nothing_refused_was_produced(server, shared_broker):
    ok(server.post(path="/only?device=org.acme:pump-7"))
    assert {r.key for r in records(shared_broker.bootstrap, "t")} \
        == {b"org.acme:pump-7"}


@pytest.mark.parametrize("line, words", [
    ('ditto_enforcement $arg_d;', ("ditto_enforcement", "filter")),
    ('ditto_enforcement $arg_d "{{ header:x }}";', ("header:x",)),
    ('ditto_enforcement $arg_d "{{ thing:id | fn:nosuch() }}";',
     ("fn:nosuch()",)),
])
def test_wrong_line(nginx, line, words):
    rc, text = nginx(http=connection("127.0.0.1:9", target("t")),
                     server=location(more=line)).test()
    assert rc != 0
    for word in words:
        assert word in text
