"""A whole life of nginx under valgrind: no error, nothing lost."""

import re
import shutil

import pytest

import messages
import wait
from config import EVENTS, MESSAGES, connection, location, target
from kafka import records
from load import Load
from nginx import ok
from things import enriched, thing

VALGRIND = ["valgrind", "--quiet", "--leak-check=full",
            "--errors-for-leak-kinds=definite",
            "--show-leak-kinds=definite", "--num-callers=30",
            "--keep-debuginfo=yes", "--log-file=@DIR@/valgrind.%p"]

# Once in a process, so it cannot grow; lost because nginx unloads the module
# before it exits, and its variables with it.
ONCE = (
    "ngx_set_environment",               # nginx itself
    "sasl_client_init",                  # librdkafka's library of SASL
    "ngx_http_ditto_policy_compiled",    # the compiled policies of a worker
    "ngx_kafka_delivery_get",            # the free list of a worker
)


def complaints(one):
    """Blocks of valgrind's logs, of all processes."""
    found = []
    for log in one.directory.glob("valgrind.*"):
        text = re.sub(r"^==\d+== ?", "", log.read_text(errors="replace"),
                      flags=re.M)
        found += [block for block in re.split(r"\n\s*\n", text)
                  if block.strip() and not once(block)]
    return found


def once(block):
    return " in 1 blocks are definitely lost" in block \
        and any(name in block for name in ONCE)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("valgrind") is None,
                    reason="valgrind is not installed")
def test_messages_refusals_outage_reloads(nginx, broker):
    one = nginx(under=VALGRIND, http=connection(
        broker.bootstrap,
        target("t/{{ thing:id }}", topics=[EVENTS, MESSAGES],
               more='header_mapping device "{{ thing:id }}";'),
        target("u", topics=[MESSAGES], subjects=["no:body"])),
        server=location(more="ditto_timeout 4s; client_max_body_size 2m;"))
    one.start()
    for _ in range(2):
        load = Load(one.port, messages.event(value="@N@"), 200,
                    connections=8).finish()
        assert load.summary["status"] == {"204": 200}
        ok(one.post(messages.message()))
        ok(one.post(messages.event(value='"' + "x" * 300000 + '"')))
        for body in ("", "x", "[" * 100000, messages.event(path="/nope"),
                     messages.event(thing="org.other:x")):
            assert 400 <= one.post(body).status_code < 500
        assert one.client.get(one.url()).status_code == 405
        old = one.reload()
        wait.until(lambda: not old & set(one.pids()), "the old worker ends",
                   60)
    broker.down()
    assert one.post().status_code in (503, 504)
    broker.up()
    wait.until(lambda: one.post().status_code == 204, "recovery", 30)
    one.quit(60)
    found = complaints(one)
    print("\n\n".join(found))
    assert len(found) == 0
    assert len(records(broker.bootstrap, "t")) >= 2 * 202


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("valgrind") is None,
                    reason="valgrind is not installed")
def test_fields_of_things_in_a_batch(nginx, broker, things):
    """Subrequests are gone before the log asks what they found out."""
    things.things.update((f"org.acme:t-{n}", thing(n)) for n in range(600))
    one = nginx(
        under=VALGRIND,
        http="ditto_things /internal/things cache=0;"
             "log_format id $request_id; access_log @DIR@/access.log id;"
             + connection(broker.bootstrap, enriched()),
        server=location(more="ditto_timeout 60s;")
        + things.location("proxy_set_header x-request-id $request_id;"))
    one.start()
    answer = one.post(
        "\n".join(messages.event(thing=f"org.acme:t-{n}", revision=1)
                  for n in range(601)),
        headers={"Content-Type": "application/x-ndjson"}, timeout=100)
    assert [r["status"] for r in answer.json()] == [204] * 600 + [404]
    one.quit(60)
    found = complaints(one)
    print("\n\n".join(found))
    assert len(found) == 0
