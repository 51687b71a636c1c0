"""What strangers and slips of the pen must not do."""

import json

import pytest

import messages
from config import connection, location, policy, entry, target, READER
from kafka import records
from nginx import ok, refused

SECRET = "Geheim7Wort"


@pytest.mark.parametrize("document", [
    [{"uri": f"tcp://u:{SECRET}@h:1"}],
    f"tcp://u:{SECRET}@h:1",
    {"uri": f"tcp://u:{SECRET}"},
    {"uri": f"u:{SECRET}"},
    {"targets": f"tcp://u:{SECRET}@h:1"},
    {"targets": {"key": SECRET}},
    {"ca": [SECRET]},
    {"specificConfig": {"bootstrapServers": "h:1", "ssl_key": SECRET}},
    {"specificConfig": {"bootstrapServers": "h:1", "sasl.password": SECRET,
                        "nope": "x"}},
])
def test_secrets_stay_out_of_nginx_t(nginx, document):
    if isinstance(document, dict):
        document = {"id": "k", "connectionType": "kafka",
                    "connectionStatus": "open", "uri": "tcp://h:1",
                    "specificConfig": {"bootstrapServers": "h:1"},
                    "targets": [{"address": "t",
                                 "topics": ["_/_/things/twin/events"],
                                 "authorizationContext": ["a:b"]}],
                    **document}
    rc, text = nginx(files={"c.json": document},
                     http='ditto_connections "@DIR@/c.json";').test()
    assert rc != 0
    assert SECRET not in text
    assert text.count("[emerg]") == 1


def test_documents_write_no_log_lines(nginx):
    document = {"id": "k", "connectionType": "kafka",
                "connectionStatus": "open", "uri": "tcp://h:1",
                "specificConfig": {"bootstrapServers": "h:1"},
                "targets": [{"address": "t", "topics":
                             ["x\n2026/01/01 00:00:00 [emerg] 1#1: fake"],
                             "authorizationContext": ["a:b"]}]}
    rc, text = nginx(files={"c.json": document},
                     http='ditto_connections "@DIR@/c.json";').test()
    assert rc != 0
    assert "fake" in text
    assert "\n2026/01/01" not in text


def test_repeated_headers_cost_what_they_weigh(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    event = messages.event(headers={})
    many = ",".join('"a":""' for _ in range(6000))
    refused(one.post(event.replace('"headers":{}', f'"headers":{{{many}}}')),
            431, "headers.too.large")
    many = ",".join('"abcdef":null' for _ in range(1000))
    refused(one.post(event.replace('"headers":{}', f'"headers":{{{many}}}')),
            431, "headers.too.large")
    ok(one.post())


def test_control_characters_reach_no_header_of_the_answer(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t"))).start()
    for bad in ("a\x01b", "a\x1b[31m", "a\x7f", "a\r\nx: y"):
        answer = one.post(messages.event(headers={"correlation-id": bad}))
        ok(answer)
        assert "correlation-id" not in answer.headers
    answer = one.post(messages.event(headers={"correlation-id": "c-1"}))
    assert answer.headers["correlation-id"] == "c-1"


def test_namespaces_of_strangers_do_not_pile_up(nginx, broker):
    """A policy for some namespaces is another one for each of them."""
    entries = [entry([f"x:{n}"], **{f"thing:/attributes/a{n}": "+R"})
               for n in range(600)]
    document = policy("acme:default", entry([READER], thing="+R"), *entries)
    for part in document["entries"].values():
        part["namespaces"] = ["dev.*", "acme"]
    document["entries"]["e0"].pop("namespaces")
    assert len(json.dumps(document)) < 102400
    one = nginx(policies=None, files={"p.json": document},
                http='ditto_policies "@DIR@/p.json"; '
                "ditto_policy_id acme:default;"
                + connection(broker.bootstrap, target("t"))).start()
    for number in range(2500):
        refused(one.post(messages.event(thing=f"dev.n{number}:x")), 403,
                "things:event.notallowed")
    assert one.rss() < 100 * 1024 * 1024


def test_a_post_action_ends(nginx, broker):
    one = nginx(http=connection(broker.bootstrap, target("t")),
                server=location() + "location = /up { return 200 done; } "
                "location = /pa { post_action /ditto; "
                "proxy_pass http://127.0.0.1:$server_port/up; }").start()
    for _ in range(3):
        assert one.post(path="/pa", timeout=10).status_code == 200
    assert len(records(broker.bootstrap, "t")) == 3
