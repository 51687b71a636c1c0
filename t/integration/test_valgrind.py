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

VALGRIND = ["valgrind", "--quiet", "--leak-check=full",
            "--errors-for-leak-kinds=definite",
            "--show-leak-kinds=definite", "--num-callers=30",
            "--log-file=@DIR@/valgrind.%p"]

# nginx's own, 8 bytes of each worker
KNOWN = ("ngx_set_environment",)


def complaints(one):
    """Blocks of valgrind's logs, of all processes."""
    found = []
    for log in one.directory.glob("valgrind.*"):
        text = re.sub(r"^==\d+== ?", "", log.read_text(errors="replace"),
                      flags=re.M)
        found += [block for block in re.split(r"\n\s*\n", text)
                  if block.strip() and not any(k in block for k in KNOWN)]
    return found


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
    assert complaints(one) == []
    assert len(records(broker.bootstrap, "t")) >= 2 * 202
