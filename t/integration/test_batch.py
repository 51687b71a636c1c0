"""Several messages in one request: lines and arrays."""

import json
import os
import select
import signal

import pytest

import messages
from config import EVENTS, connection, location, target
from kafka import records
from nginx import ok
from paths import SANITIZED

LINES = "application/x-ndjson"
ARRAY = "application/json"
GET = b"GET /ditto HTTP/1.1\r\nHost: x\r\n\r\n"


def configuration(bootstrap):
    return connection(bootstrap, target("batch/{{ header:n }}", [EVENTS]))


@pytest.fixture(scope="module")
def server(shared_nginx, shared_broker):
    return shared_nginx(
        http=configuration(shared_broker.bootstrap),
        server="client_max_body_size 100m; client_body_buffer_size 16k;"
               + location()
               + location("/few", more="ditto_batch 3;")
               + location("/off", more="ditto_batch off;")).start()


def event(n, **options):
    return messages.event(headers={"n": str(n)}, **options)


def body(kind, texts):
    if kind == LINES:
        return "\n".join(texts)
    return "[" + ",".join(texts) + "]"


def post(server, kind, content, path="/ditto"):
    return server.post(content, path=path, headers={"Content-Type": kind})


def results(answer):
    assert answer.status_code == 207
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def keys(bootstrap, prefix):
    return [r.key.decode() for r in records(bootstrap, "batch")
            if r.key.decode().startswith(prefix)]


@pytest.mark.parametrize("kind", [LINES, ARRAY])
@pytest.mark.parametrize("number", [1, 2, 511, 512, 513, 3000])
def test_all_delivered(server, shared_broker, kind, number):
    prefix = f"{kind[-5:]}-{number}-"
    answer = post(server, kind,
                  body(kind, [event(f"{prefix}{n}") for n in range(number)]))
    assert answer.status_code == 204 and answer.content == b""
    assert (sorted(keys(shared_broker.bootstrap, prefix))
            == sorted(f"{prefix}{n}" for n in range(number)))


@pytest.mark.parametrize("kind", [LINES, ARRAY])
def test_each_for_itself(server, shared_broker, kind):
    own = f"own{kind[-5:]}-"
    texts = [event(own + "0"), "5", event(own + "2", thing="org.none:x"),
             '{"topic":"x"}', event(own + "4", revision=9)]
    got = results(post(server, kind, body(kind, texts)))
    assert [r["status"] for r in got] == [204, 400, 404, 400, 204]
    assert got[1]["error"] == "json.invalid"
    assert got[2]["error"] == "things:thing.notfound"
    assert (sorted(keys(shared_broker.bootstrap, own))
            == [own + "0", own + "4"])


def test_blanks_are_no_messages(server):
    for kind, content in ((LINES, f"\n\r\n {event(1)} \r\n\n{event(2)}\n"),
                          (ARRAY, f"\n [ {event(1)} ,\n{event(2)}\t] \n")):
        assert post(server, kind, content).status_code == 204


@pytest.mark.parametrize("content, statuses", [
    ("[", [400]), ("[]", None), ("[,]", [400]), ("[%s,]", [204, 400]),
    ("[%s", [204, 400]), ("[%s] x", [204, 400]), ("[%s %s]", [204, 400]),
    ("[%s,tru]", [204, 400]), ("[%s,1e]", [204, 400]), ('["]', [400]),
    ('[%s,"a]"]', [204, 400]), ("[[%s]]", [400]), ("[{]}]", [400, 400]),
])
def test_arrays_that_are_none(server, content, statuses):
    answer = post(server, ARRAY, content.replace("%s", event("x")))
    if statuses is None:
        assert answer.status_code == 400
        return
    assert [r["status"] for r in results(answer)] == statuses


def test_more_than_allowed(server, shared_broker):
    texts = [event(f"few-{n}") for n in range(5)]
    got = results(post(server, LINES, body(LINES, texts), "/few"))
    assert [r["status"] for r in got] == [204, 204, 204, 413]
    assert len(keys(shared_broker.bootstrap, "few-")) == 3
    assert post(server, LINES, body(LINES, texts[:3]),
                "/few").status_code == 204


def test_off(server):
    assert post(server, LINES, event(1), "/off").status_code == 415
    answer = post(server, ARRAY, f"[{event(1)}]", "/off")
    assert answer.status_code == 400
    assert answer.json()["error"] == "json.invalid"


def test_one_message_too_large_ends_it(server, shared_broker):
    large = event("large", value='"' + "x" * 1100000 + '"')
    texts = [event("size-0"), event("size-1"), large, event("size-3")]
    got = results(post(server, LINES, body(LINES, texts)))
    assert [r["status"] for r in got] == [204, 204, 413]
    assert (sorted(keys(shared_broker.bootstrap, "size-"))
            == ["size-0", "size-1"])


def test_a_large_body_needs_no_more_memory(server, shared_broker):
    def grow(number):
        answer = post(server, LINES, body(LINES, [
            event("memory", value='"' + "x" * 4000 + '"')
            for _ in range(number)]))
        assert answer.status_code == 204
        return server.rss()

    grow(600)
    small = grow(600)
    assert grow(9000) - small < 8 * 1024 * 1024


@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps memory")
def test_parameters_are_not_kept_for_each_message(nginx, broker):
    one = nginx(http=configuration(broker.bootstrap)).start()

    def peak(number):
        got = results(post(one, LINES, "\n".join([event(1)] * number),
                           "/ditto?requested-acks=" + "x" * 6000))
        assert len(got) == number
        return one.rss("VmHWM")

    small = peak(500)
    assert peak(2500) - small < 2000 * 3000


@pytest.mark.parametrize("kind", [LINES, ARRAY])
def test_nothing_of_one_wave_is_left_in_the_next(server, shared_broker, kind):
    """Messages so large that each is a wave of its own."""
    prefix = f"alone{kind[-5:]}-"
    value = '"' + "x" * 400000 + '"'
    texts = [event(f"{prefix}{n}", value=value, thing=f"org.acme:own-{n}",
                   revision=n) for n in range(4)]
    texts.insert(2, json.dumps({"topic": "x", "value": "x" * 400000}))
    got = results(post(server, kind, body(kind, texts)))
    assert [r["status"] for r in got] == [204, 204, 400, 204, 204]
    assert "correlation-id" not in got[2]
    lies = {r.key.decode(): json.loads(r.value)
            for r in records(shared_broker.bootstrap, "batch")
            if r.key.decode().startswith(prefix)}
    assert [(lies[f"{prefix}{n}"]["topic"], lies[f"{prefix}{n}"]["revision"])
            for n in range(4)] \
        == [(f"org.acme/own-{n}/things/twin/events/modified", n)
            for n in range(4)]


@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps memory")
@pytest.mark.parametrize("kind, start, end", [(LINES, "", "\n"),
                                              (ARRAY, "[", "]")])
def test_blanks_need_no_memory(nginx, broker, kind, start, end):
    one = nginx(http=configuration(broker.bootstrap),
                server=location(more="client_max_body_size 100m;")).start()
    blanks = "\n" * (64 * 1024 * 1024)
    assert post(one, kind, start + event(1) + end).status_code == 204
    before = one.rss("VmHWM")
    content = start + blanks + event("blank-1") + end
    assert post(one, kind, content).status_code == 204
    assert one.rss("VmHWM") < before + 4 * 1024 * 1024
    assert keys(broker.bootstrap, "blank-") == ["blank-1"]


def test_acknowledgements_in_a_batch(nginx, broker):
    server = nginx(http=connection(
        broker.bootstrap,
        target("t/x", [EVENTS],
               more='issued_acknowledgement_label "k:stored";'))).start()
    texts = [messages.event(headers={"requested-acks": acks})
             for acks in ([], ["k:stored"], ["k:stored", "k:none"])]
    got = results(post(server, ARRAY, body(ARRAY, texts)))
    assert [r["status"] for r in got] == [204, 204, 424]
    assert got[2]["acknowledgements"]["k:stored"]["status"] == 204
    assert got[2]["acknowledgements"]["k:none"]["status"] == 408


@pytest.mark.parametrize("place", [1, 600])
def test_a_wrong_timeout_is_that_of_one_message(server, shared_broker, place):
    """The others neither fail with it nor wait less."""
    prefix = f"timeout-{place}-"
    texts = [event(f"{prefix}{n}") for n in range(place)]
    texts += [messages.event(headers={"n": f"{prefix}wrong", **headers})
              for headers in ({"timeout": "0", "requested-acks": ["k:x"]},
                              {"timeout": "x"}, {"timeout": "0"})]
    texts += [event(f"{prefix}last")]
    got = results(post(server, LINES, body(LINES, texts)))
    assert [r["status"] for r in got[:place]] == [204] * place
    assert [r["status"] for r in got[place:-2]] == [400, 400]
    assert got[-2]["status"] in (202, 204) and got[-1]["status"] == 204
    # the one that nobody waits for, too
    assert len(keys(shared_broker.bootstrap, prefix)) == place + 2


def test_kafka_stalls(nginx, broker):
    """A wave that is late is the last one; of the rest nothing is sent."""
    server = nginx(http=connection(
        broker.bootstrap, target("batch/{{ header:n }}", [EVENTS]),
        more="kafka message.timeout.ms 60000;"),
                   server=location(more="ditto_timeout 1s;")).start()
    ok(server.post(event("warm")))
    broker.rtt(3000)
    got = results(post(server, LINES,
                       body(LINES, [event(n) for n in range(1600)])))
    assert [r["status"] for r in got] == [504] * 512 + [503]
    broker.rtt(0)
    ok(server.post(event("again")))
    assert len(records(broker.bootstrap, "batch")) == 514


@pytest.fixture
def long_batch(nginx, broker):
    """A batch of which the worker lacks the last byte; it is stopped then."""
    server = nginx(http=configuration(broker.bootstrap), server=location(
        more="client_body_buffer_size 8m; client_max_body_size 8m;")).start()
    content = body(LINES, ['{"topic":"' + "x" * 500 + '"}'] * 10000).encode()
    pid, = server.pids()
    with server.connect() as long, server.connect() as short:
        long.sendall(b"POST /ditto HTTP/1.1\r\nHost: x\r\nContent-Type: "
                     + LINES.encode() + b"\r\nContent-Length: "
                     + str(len(content)).encode() + b"\r\n\r\n" + content[:-1])
        for _ in range(3):   # then it has read what is there
            short.sendall(GET)
            assert short.recv(65536).startswith(b"HTTP/1.1 405")
        os.kill(pid, signal.SIGSTOP)
        long.sendall(content[-1:])
        yield server, long, short


def test_others_come_in_between(long_batch):
    """Waves that wait for nothing do not keep the worker."""
    server, long, short = long_batch
    short.sendall(GET)
    os.kill(*server.pids(), signal.SIGCONT)
    ready, _, _ = select.select([long, short], [], [], 20)
    assert ready == [short]
    assert short.recv(12) == b"HTTP/1.1 405"
    assert long.recv(12) == b"HTTP/1.1 207"


def test_a_worker_that_quits_takes_all_waves(long_batch):
    server, long, _ = long_batch
    server.process.send_signal(signal.SIGQUIT)
    os.kill(*server.pids(), signal.SIGCONT)
    assert long.recv(12) == b"HTTP/1.1 207"
    answer = b""
    while more := long.recv(65536):
        answer += more
    assert len(json.loads(answer.partition(b"\r\n\r\n")[2])) == 10000
    server.process.wait(20)


def test_kafka_refuses_one_wave(nginx, broker):
    server = nginx(http=configuration(broker.bootstrap)).start()
    ok(server.post(event("warm")))
    broker.error("Produce", "MSG_SIZE_TOO_LARGE")
    got = results(post(server, LINES,
                       body(LINES, [event(n) for n in range(4)])))
    assert 413 in [r["status"] for r in got]
    assert all(r["status"] in (204, 413) for r in got)
    assert len(got) == 4


@pytest.mark.parametrize("value", ["0", "-1", "x", "1000001", "1.5"])
def test_wrong_number(nginx, value):
    rc, text = nginx(http=configuration("127.0.0.1:9"),
                     server=location(more=f"ditto_batch {value};")).test()
    assert rc != 0
    assert f'invalid value "{value}" of "ditto_batch"' in text


def test_results_are_json(server):
    got = post(server, LINES, "{\n" + event(1)).text
    assert len(json.loads(got)) == 2
