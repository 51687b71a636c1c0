"""One nginx of its own for a test: folder, port, processes, logs."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import httpx

import config
import messages
import wait
from paths import MODULE, NGINX, free_ports

CONF = """\
load_module "{module}";
pid "{dir}/nginx.pid";
error_log "{dir}/error.log" {level};
{processes}
{main}

events {{
    worker_connections 1024;
}}

http {{
    access_log             "{dir}/access.log";
    client_body_temp_path  "{dir}/body";
    proxy_temp_path        "{dir}/proxy";
    fastcgi_temp_path      "{dir}/fastcgi";
    uwsgi_temp_path        "{dir}/uwsgi";
    scgi_temp_path         "{dir}/scgi";
    {policies}
    {http}
    server {{
        listen 127.0.0.1:{port}{listen};
        {server}
    }}
}}
"""

SICK = re.compile(r"\[(alert|emerg)\]|AddressSanitizer|LeakSanitizer|"
                  r"ThreadSanitizer|runtime error:|exited on signal")
TICKS = os.sysconf("SC_CLK_TCK")


class Nginx:
    """
    http, server, main, listen: text for these places of nginx.conf, in which
    "@DIR@" becomes the folder.  files: path in the folder -> text or JSON
    value.  policies: documents, None for a configuration without the
    directives.  level: of the error log.  under: the words of a command that
    runs nginx.
    """

    def __init__(self, http="", server=None, main="", listen="", workers=1,
                 files=None, policies=(config.DEFAULT_POLICY,), level="info",
                 under=()):
        self.directory = Path(tempfile.mkdtemp(prefix="ditto-nginx-"))
        self.directory.chmod(0o755)   # nginx's workers may be another user
        self.port = free_ports()
        self.process = None
        self.allowed = []             # patterns of log lines that are meant
        self.client = None
        self.workers = workers
        self.under = [str(w).replace("@DIR@", str(self.directory))
                      for w in under]
        for path, content in (files or {}).items():
            self.write(path, content)
        for i, document in enumerate(policies or ()):
            self.write(f"policies/{i}.json", document)
        text = CONF.format(
            module=MODULE, dir=self.directory, main=main, level=level,
            processes=f"worker_processes {workers};" if workers else "",
            listen=listen, port=self.port, http=http,
            server=config.location() if server is None else server,
            policies="" if policies is None
            else config.POLICIES.format(dir=self.directory))
        self.conf = self.write("nginx.conf",
                               text.replace("@DIR@", str(self.directory)))

    def write(self, path, content):
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        elif isinstance(content, str):
            file.write_text(content, encoding="utf-8")
        else:
            file.write_text(json.dumps(content, indent=1), encoding="utf-8")
        return file

    # --- commands

    def _command(self, *more):
        return [NGINX, "-p", str(self.directory), "-c", str(self.conf), *more]

    @staticmethod
    def _environment():
        env = dict(os.environ)
        if "DITTO_PRELOAD" in env:    # a sanitizer's library
            env["LD_PRELOAD"] = env["DITTO_PRELOAD"]
        return env

    def test(self):
        """nginx -t: exit code and text."""
        result = subprocess.run(
            self._command("-t", "-e", "stderr"), env=self._environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
            timeout=30, check=False)
        return result.returncode, result.stdout

    def start(self):
        with open(self.directory / "stderr", "ab") as stderr:
            self.process = subprocess.Popen(
                self.under + self._command(
                    "-e", str(self.directory / "error.log"),
                    "-g", "daemon off;"),
                env=self._environment(), stdin=subprocess.DEVNULL,
                stdout=stderr, stderr=stderr, start_new_session=True)
        wait.until(self._listens, "nginx listens", 60)
        wait.until(lambda: len(self.pids()) >= self.workers, "the workers")
        return self

    def _listens(self):
        assert self.process.poll() is None, \
            "nginx ended: " + self.log() + self.stderr()
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def reload(self):
        """Returns when the new workers run; the old ones may still drain."""
        before = set(self.pids())
        self.process.send_signal(signal.SIGHUP)
        wait.until(lambda: len(set(self.pids()) - before) >= self.workers,
                   "new workers", 60)
        return before

    def quit(self, timeout=30):
        """Graceful end; how long it took is the caller's business."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout)

    def stop(self):
        """Ends everything, checks the logs, removes the folder."""
        if self.client is not None:
            self.client.close()
        ended = True
        if self.process is not None:
            pids = self.pids()
            if self.process.poll() is None:
                self.process.terminate()
                try:
                    self.process.wait(20)
                except subprocess.TimeoutExpired:
                    ended = False
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait(10)
            wait.until(lambda: not any(map(is_nginx, pids)), "workers end")
        log = self.log() + self.stderr()
        shutil.rmtree(self.directory, ignore_errors=True)
        assert ended, "nginx did not end within 20 s of SIGTERM:\n" + log
        assert self.sick(log) == []

    def sick(self, log):
        return [line for line in log.splitlines() if SICK.search(line)
                and not any(re.search(p, line) for p in self.allowed)]

    # --- looking at it

    def log(self):
        return self._read("error.log")

    def stderr(self):
        return self._read("stderr")

    def access_log(self):
        return self._read("access.log")

    def _read(self, name):
        try:
            return (self.directory / name).read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def pids(self):
        """The workers, old ones that still drain included."""
        pid = self.process.pid
        try:
            text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except FileNotFoundError:
            return []
        return [int(p) for p in text.split() if is_nginx(int(p))]

    def rss(self, what="VmRSS"):
        """Bytes of all workers together; VmHWM: the most there ever were."""
        total = 0
        for pid in self.pids():
            status = Path(f"/proc/{pid}/status").read_text()
            kb = re.search(rf"{what}:\s*(\d+)", status).group(1)
            total += int(kb) * 1024
        return total

    def cpu(self):
        """Seconds that all workers have used, threads included."""
        ticks = 0
        for pid in self.pids():
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
            ticks += sum(int(n) for n in stat.split()[11:13])
        return ticks / TICKS

    # --- talking to it

    def url(self, path="/ditto"):
        return f"http://127.0.0.1:{self.port}{path}"

    def post(self, body=None, path="/ditto", headers=None, timeout=40):
        if self.client is None:
            self.client = httpx.Client(trust_env=False)
        everything = {"Content-Type": messages.CONTENT_TYPE}
        everything.update(headers or {})
        if body is None:
            body = messages.event()
        if isinstance(body, str):
            body = body.encode()
        return self.client.post(
            self.url(path), content=body, timeout=timeout,
            headers={k: v for k, v in everything.items() if v is not None})

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), 30)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s


def is_nginx(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii",
                  errors="replace") as f:
            state = f.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def ok(response):
    """Kafka has all records of the message."""
    assert response.status_code == 204, response.text
    assert response.content == b""


def refused(response, status, code):
    """Ditto's error object; returns it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/")
    body = response.json()
    assert body["status"] == status
    assert body["error"] == code
    assert body["message"]
    return body


def not_in_kafka(response):
    """
    503: nothing is in Kafka, try again.  504: nobody knows.  Never success.
    """
    assert response.status_code in (503, 504), response.text
    body = response.json()
    assert body["status"] == response.status_code
    assert body["message"]
    if response.status_code == 503:
        assert int(response.headers["retry-after"]) > 0
    else:
        assert body["outcome"] == "unknown"
    return body
