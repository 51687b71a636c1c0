"""Things that cannot be fetched, and clients that do not wait for them."""

import json

import httpx
import pytest

import messages
import wait
from config import connection, location, target
from kafka import records
from nginx import not_in_kafka, ok, refused
from paths import free_ports
from things import Things, enriched, sites, thing

ID = "org.acme:pump-7"
FAILED = "Acknowledgement was issued automatically as failed ack, because " \
    "the signal enrichment failed: "

# what the location answers, and what the error log says of it
FAILURES = {
    "not found": (404, None),
    "an error": (500, "it did not answer with 200"),
    "forbidden": (403, "it did not answer with 200"),
    "elsewhere": (302, "it did not answer with 200"),
    "nothing": (b"", "its answer is no JSON object"),
    "no JSON": (b"<html>", "its answer is no JSON object"),
    "an array": (b"[{}]", "its answer is no JSON object"),
    "null": (b"null", "its answer is no JSON object"),
    "broken JSON": (b'{"attributes":{"site":1}',
                    "its answer is no JSON object"),
    "two": (b'{}{}', "its answer is no JSON object"),
    "deep": (b'{"attributes":' * 18000, "its answer is no JSON object"),
    "larger than 256 KB":
        (thing("x" * (256 * 1024)), "its answer is larger than 256 KB"),
    "much larger": (thing("x" * 3000000), "its answer is larger than 256 KB"),
}


@pytest.fixture(scope="module")
def failing(shared_nginx, shared_broker):
    """The same target with and without a label, and one that needs nothing."""
    things = Things()
    for i, (content, _) in enumerate(FAILURES.values()):
        things.things[f"org.acme:{i}"] = content
    http = "ditto_things /internal/things;"
    for name, *targets in [
            ("only", enriched()),
            ("label", enriched("issued_acknowledgement_label label:x;")),
            ("both", enriched(), target("plain"))]:
        http += connection(shared_broker.bootstrap, *targets, name=name)
    yield shared_nginx(http=http, server=things.location() + "".join(
        location(f"/{name}", name) for name in ("only", "label", "both"))
    ).start()
    things.stop()


@pytest.mark.parametrize("i, title", list(enumerate(FAILURES)), ids=FAILURES)
def test_it_cannot_be_fetched(failing, shared_broker, i, title):
    event = messages.event(thing=f"org.acme:{i}")
    log = len(failing.log())
    response = failing.post(event, path="/only")
    why = FAILURES[title][1]
    if why is None:
        error = refused(response, 404, "things:thing.notfound")
    else:
        error = not_in_kafka(response)
        assert error["error"] == "signal.enrichment.failed"
        # of many failures a second the log tells some
        wait.until(lambda: failing.post(event, path="/only").status_code == 503
                   and why in failing.log()[log:], "a line in the log")
    assert error["outcome"] == "not persisted"

    ack = failing.post(event, path="/label?requested-acks=label:x")
    assert ack.status_code == (500 if why else 404), ack.text
    assert ack.json() == FAILED + error["message"]

    before = len(records(shared_broker.bootstrap, "plain"))
    mixed = failing.post(event, path="/both")
    assert mixed.status_code == 504, mixed.text
    assert {t["address"]: t["outcome"] for t in mixed.json()["targets"]} \
        == {"t": "not persisted", "plain": "persisted"}
    assert len(records(shared_broker.bootstrap, "plain")) == before + 1
    assert records(shared_broker.bootstrap, "t") == []


def test_refused_connection(nginx, broker):
    one = nginx(http="ditto_things /internal/things;"
                + connection(broker.bootstrap, enriched()),
                server=location() + "location /internal/things/ { internal; "
                f"proxy_pass http://127.0.0.1:{free_ports()}/; }}").start()
    response = one.post()
    assert response.status_code == 503, response.text
    assert not_in_kafka(response)["error"] == "signal.enrichment.failed"
    assert "extra fields" in one.log() and "/internal/things" in one.log()
    assert records(broker.bootstrap, "t") == []


def test_no_such_location(nginx, broker):
    one = nginx(http="ditto_things /nowhere;"
                + connection(broker.bootstrap, enriched())).start()
    refused(one.post(), 404, "things:thing.notfound")


def read_status(s):
    """The status of one answer, which is read to its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += s.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = [line.split(b":")[1] for line in head.split(b"\r\n")
              if line.lower().startswith(b"content-length:")]
    while len(body) < int((length or [0])[0]):
        body += s.recv(65536)
    return int(head.split()[1])


def raw(text):
    return (f"POST /ditto HTTP/1.1\r\nHost: l\r\nContent-Length: "
            f"{len(text)}\r\n\r\n{text}").encode()


def test_slower_than_the_deadline(ditto, broker, things):
    """Nothing is published, then or later, and the connection goes on."""
    things.things[ID] = thing()
    one = ditto(more="ditto_timeout 1s;")
    things.hold()
    with one.connect() as s:
        for _ in range(2):
            s.sendall(raw(messages.event()))
            assert read_status(s) == 503
        things.release()
        s.sendall(raw(messages.event(value="7")))
        assert read_status(s) == 204
    assert [json.loads(r.value)["value"]
            for r in records(broker.bootstrap, "t")] == [7]
    things.hold()
    body = not_in_kafka(one.post(messages.event(
        thing="org.acme:other", headers={"timeout": "300ms"})))
    assert (body["status"], body["outcome"]) == (503, "not persisted")


def test_slower_than_the_deadline_by_http2(ditto, broker, things):
    things.things[ID] = thing()
    one = ditto(more="ditto_timeout 1s;", listen=" http2")
    with httpx.Client(http1=False, http2=True, trust_env=False) as client:
        for held, status in (True, 503), (True, 503), (False, 204):
            (things.hold if held else things.release)()
            response = client.post(one.url(), content=messages.event())
            assert response.status_code == status, response.text
    assert len(records(broker.bootstrap, "t")) == 1


def test_client_that_leaves_meanwhile(ditto, broker, things):
    things.things[ID] = thing()
    one = ditto()
    workers = one.pids()
    things.hold()
    for n in range(1, 4):
        with one.connect() as s:
            s.sendall(raw(messages.event(value="1")))
            wait.until(lambda: len(things.requests) == n, "it is asked for")
    things.release()
    ok(one.post(messages.event(value="2")))
    values = [json.loads(r.value)["value"]
              for r in records(broker.bootstrap, "t")]
    assert values.count(2) == 1 and values.count(1) <= 3
    assert one.pids() == workers


def test_quit_while_it_is_fetched(ditto, broker, things):
    """What was accepted is still answered."""
    things.things[ID] = thing()
    one = ditto()
    things.hold()
    with one.connect() as s:
        s.sendall(raw(messages.event()))
        wait.until(lambda: things.requests, "it is asked for")
        one.process.send_signal(3)
        wait.until(lambda: "gracefully shutting down" in one.log(), "its end")
        things.release()
        assert read_status(s) == 204
    one.process.wait(30)
    assert sites(records(broker.bootstrap, "t")) == ["B4"]
