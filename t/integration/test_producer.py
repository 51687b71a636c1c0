"""The life of a producer: fatal errors, many topics, exits, slow clients."""

import json
import os
import signal
import socket
import subprocess

import pytest

import messages
import wait
from config import (READER, SENDER, connection, entry, location, policy,
                    target)
from kafka import records
from nginx import ok, refused


def test_a_fatal_error_replaces_the_producer(nginx, broker):
    broker.error("InitProducerId", "CLUSTER_AUTHORIZATION_FAILED")
    one = nginx(http=connection(broker.bootstrap, target("t")),
                server=location(more="ditto_timeout 3s;")).start()
    wait.until(lambda: "a new producer takes over" in one.log(),
               "the fatal error is seen", 10)
    wait.until(lambda: one.post().status_code == 204,
               "the new producer delivers", 15)


def test_a_client_that_cannot_be_made_again(nginx, tmp_path):
    """It read a file at the start that is away: 503, and the worker lives."""
    pem = tmp_path / "client.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                    "-subj", "/CN=device", "-keyout", pem, "-out", "-"],
                   check=True, stdin=subprocess.DEVNULL,
                   stdout=(tmp_path / "certificate").open("wb"),
                   stderr=subprocess.DEVNULL)
    certificate = tmp_path / "certificate"
    one = nginx(http=connection("127.0.0.1:1", target("t"), more=f"""
        kafka security.protocol ssl;
        kafka ssl.key.location {pem};
        kafka ssl.certificate.location {certificate};"""),
        workers=1).start()
    one.allowed.append("exited on signal 9")
    certificate.unlink()
    first = one.pids()[0]
    os.kill(first, signal.SIGKILL)
    wait.until(lambda: one.pids() not in ([], [first]), "another worker")
    worker = one.pids()
    for _ in range(2):
        assert one.post().status_code == 503
        wait.until(lambda: "no producer: ssl.certificate.location"
                   in one.log(), "the reason")
    assert one.pids() == worker


def test_topics_of_strangers_do_not_pile_up(nginx, broker):
    """librdkafka never forgets a topic: another handle takes over."""
    one = nginx(http=connection(broker.bootstrap,
                                target("{{ header:device }}")),
                server=location(more="ditto_timeout 2s;")).start()
    for number in range(4200):
        one.post(messages.event(headers={"device": f"t{number}"}),
                 path="/ditto?timeout=0")
    wait.until(lambda: "4096 topics; a new producer takes over" in one.log(),
               "the handle is exchanged", 10)
    ok(one.post(messages.event(headers={"device": "last"})))
    assert len(records(broker.bootstrap, "last")) == 1


def test_an_answer_that_the_client_does_not_take_yet(nginx, broker):
    """A refusal waits in nginx until the client reads it."""
    one = nginx(http=connection(broker.bootstrap, target("t")),
                server=location(more="limit_rate 150; ditto_timeout 2s;")
                ).start()
    with socket.create_connection(("127.0.0.1", one.port)) as s:
        body = b"{}"
        s.sendall(b"POST /ditto HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                  b"Content-Type: application/json\r\nContent-Length: %d\r\n"
                  b"\r\n%s" % (len(body), body))
        s.settimeout(20)
        answer = b""
        while chunk := s.recv(4096):
            answer += chunk
    head, _, text = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(text)["error"] == "json.field.missing"


def test_not_waiting_hides_no_loss(nginx, broker):
    """timeout=0 is 202 only while nothing is known to be lost."""
    one = nginx(http=connection(broker.bootstrap, target("t"),
                                target("{{ header:device }}"))).start()
    answer = one.post(messages.event(headers={"device": "no topic"}),
                      path="/ditto?timeout=0")
    assert answer.status_code == 504
    assert [t["outcome"] for t in answer.json()["targets"]] \
        == ["unknown", "not persisted"]
    assert one.post(messages.event(headers={"device": "u"}),
                    path="/ditto?timeout=0").status_code == 202


def test_no_acknowledgement_is_no_success(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t"),
                                more="kafka acks 0;")).start()
    assert one.post().status_code == 202
    assert len(records(broker.bootstrap, "t")) == 1


def test_quit_then_terminate(nginx):
    """A graceful exit with records under way hears the second signal."""
    one = nginx(http=connection("127.0.0.1:9", target("t")),
                server=location(more="ditto_timeout 60s;")).start()
    assert one.post(path="/ditto?timeout=0").status_code == 202
    one.process.send_signal(signal.SIGQUIT)
    wait.until(lambda: "gracefully shutting down" in one.log(), "it quits", 5)
    one.process.send_signal(signal.SIGTERM)
    one.process.wait(5)
    assert "1 of them purged, 0 without a report" in one.log()


@pytest.mark.parametrize("more", ["", "kafka message.timeout.ms 0;"])
def test_quit_waits_for_kafka(nginx, broker, more):
    """As long as a request would, if the client waits for ever."""
    one = nginx(http=connection(broker.bootstrap, target("t"),
                                more=more)).start()
    ok(one.post())
    broker.rtt(2500)
    assert one.post(path="/ditto?timeout=0").status_code == 202
    one.quit()
    assert "1 records were under way at exit, 0 of them purged" in one.log()


def test_an_expired_subject_counts_as_absent(nginx, broker):
    """In a file it expires while it lies there: nginx starts all the same."""
    document = policy("org.acme:default", entry([SENDER, "nginx:late"],
                                                thing="+W"),
                      entry([READER], thing="+R"))
    subjects = document["entries"]["e1"]["subjects"]
    subjects["nginx:late"]["expiry"] = "2020-01-01T00:00:00Z"
    one = nginx(policies=[document],
                http=connection(broker.bootstrap, target("t")),
                server=location() + location("/late", subject="nginx:late")
                ).start()
    ok(one.post())
    refused(one.post(path="/late"), 403, "things:event.notallowed")


def test_what_would_hide_the_truth_is_refused(nginx):
    for line in ("kafka delivery.report.only.error true;",
                 "kafka plugin.library.paths /tmp/x.so;"):
        rc, text = nginx(http=connection("127.0.0.1:9", target("t"),
                                         more=line)).test()
        assert rc != 0
        assert line.split()[1] in text


def test_a_long_timeout_is_possible(nginx):
    rc, text = nginx(http=connection("127.0.0.1:9", target("t")),
                     server=location(more="ditto_timeout 5h;")).test()
    assert rc == 0, text
    assert "excludes idempotence" not in text
