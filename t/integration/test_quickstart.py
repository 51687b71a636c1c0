"""make run: shows a record, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import uuid
from pathlib import Path

import pytest

import wait
from paths import BUILD, MODULE, NGINX, ROOT, free_ports

MAKE = ["make", "-C", str(ROOT), "run"]
SCRIPT = [str(ROOT / "t" / "run" / "run")]


class Run:
    """make run, recognisable by a mark in its environment."""

    def __init__(self, command, directory, ignore_sigint=False, **more):
        self.mark = uuid.uuid4().hex
        self.directory = directory
        env = {k: v for k, v in os.environ.items()
               if not k.startswith("MAKE") and k != "MFLAGS"}
        env.update(TMPDIR=str(directory), RUN_MARK=self.mark, NGINX=NGINX,
                   BUILD=str(BUILD), MODULE=str(MODULE))
        env.update(more)
        if command is MAKE:
            for name in ("BUILD", "NGINX", "MODULE"):
                env.pop(name)
        self.output = ""
        self.process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=ignore if ignore_sigint else heed)

    def read_until(self, text):
        for line in self.process.stdout:
            self.output += line
            if text in line:
                return
        raise AssertionError(f"no {text!r} in:\n{self.output}")

    def finish(self):
        rest, _ = self.process.communicate(timeout=20)
        self.output += rest
        return self.process.returncode

    def left(self):
        """Processes that carry the mark, and files."""
        found = [str(f) for f in self.directory.iterdir()]
        for proc in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (proc / "environ").read_bytes():
                    found.append((proc / "cmdline").read_text())
            except OSError:
                pass
        return found


def ignore():
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def heed():
    """Also where a shell has started the tests in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("command, number, whom, ignored", [
    (SCRIPT, signal.SIGINT, "all", False),
    (SCRIPT, signal.SIGINT, "one", True),
    (SCRIPT, signal.SIGTERM, "one", False),
    (MAKE, signal.SIGINT, "all", False),
    (MAKE, signal.SIGINT, "one", False),
    (MAKE, signal.SIGTERM, "one", False),
])
def test_record_is_shown_and_nothing_stays(tmp_path, command, number, whom,
                                           ignored):
    port = free_ports()
    run = Run(command, tmp_path, ignored, PORT=str(port))
    run.read_until("Ctrl-C")
    assert "topic      ditto.events" in run.output
    assert "key        com.example:pump-7" in run.output
    assert "header     ditto-connection-id: quickstart" in run.output
    assert "header     device: com.example:pump-7" in run.output
    assert '"value":23.420' in run.output
    assert f"curl -i http://127.0.0.1:{port}/ditto" in run.output
    if whom == "all":
        os.killpg(run.process.pid, number)
    else:
        run.process.send_signal(number)
    run.finish()
    wait.until(lambda: run.left() == [], "nothing is left")


def test_the_curl_line_shown_works(tmp_path):
    run = Run(SCRIPT, tmp_path, PORT=str(free_ports()))
    run.read_until("Ctrl-C")
    begin = run.output.index("curl -i")
    end = run.output.index("'\n\n", begin)
    answer = subprocess.run(["sh", "-c", run.output[begin:end + 1]],
                            capture_output=True, text=True, check=True)
    assert "204 No Content" in answer.stdout
    run.output = ""
    run.read_until("value      ")
    assert "topic      ditto.events" in run.output
    run.process.terminate()
    run.finish()
    wait.until(lambda: run.left() == [], "nothing is left")


def test_port_in_use(tmp_path):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        run = Run(SCRIPT, tmp_path, PORT=str(port))
        assert run.finish() == 1
    assert run.output.count("\n") == 1
    assert f"port {port} is in use" in run.output
    assert run.left() == []


def test_no_kafka_there(tmp_path):
    run = Run(SCRIPT, tmp_path, PORT=str(free_ports()),
              BOOTSTRAP="127.0.0.1:9")
    assert run.finish() == 1
    assert run.output.count("\n") == 1
    assert "no Kafka broker answers at 127.0.0.1:9" in run.output
    assert run.left() == []


def test_missing_module(tmp_path):
    run = Run(SCRIPT, tmp_path, PORT=str(free_ports()), MODULE="",
              BUILD=str(tmp_path / "none"))
    assert run.finish() == 1
    assert "does not exist" in run.output


@pytest.mark.real_kafka
def test_ones_own_kafka(tmp_path, kafka):
    run = Run(SCRIPT, tmp_path, PORT=str(free_ports()),
              BOOTSTRAP=kafka.bootstrap)
    run.read_until("Ctrl-C")
    assert "topic      ditto.events" in run.output
    run.process.send_signal(signal.SIGINT)
    assert run.finish() == 0
    wait.until(lambda: run.left() == [], "nothing is left")


def test_the_example_as_it_stands_is_a_whole_configuration(nginx):
    """Only the path of the module is changed."""
    one = nginx()
    text = (ROOT / "conf/examples/quickstart.conf").read_text()
    one.write("policies/quickstart.json",
              (ROOT / "conf/examples/policies/quickstart.json").read_text())
    one.write("nginx.conf", text.replace(
        "load_module modules/ngx_http_ditto_kafka_module.so",
        f'load_module "{MODULE}"'))
    (one.directory / "policies" / "0.json").unlink()
    rc, output = one.test()
    assert rc == 0, output
    assert "[warn]" not in output
