"""
Processes on their cores and what /proc says of them.

Core 0 of the two is the gateway's: nginx with all threads of librdkafka and
nothing else.  The other one carries brokers, the load generator and this
program.
"""

import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "t" / "integration" / "lib"))

# pylint: disable=wrong-import-position
import wait                                            # noqa: E402
from paths import BUILD, MODULE, NGINX, free_ports     # noqa: E402
from broker import MockBroker                          # noqa: E402

RAW_MODULE = BUILD / "bench" / "ngx_http_raw_produce_module.so"
LOAD = BUILD / "ditto-load"
KAFKA = ROOT / "t" / "kafka" / "kafka"
KAFKA_PORTS = 30
TENANT = "X-Tenant: org.bench"     # every request of every case carries it
HERE = BUILD / "bench"
PR_SET_PDEATHSIG = 1

CONF = """\
load_module "{module}";
pid "{dir}/nginx.pid";
error_log "{dir}/error.log" warn;
worker_processes {workers};
worker_rlimit_nofile 20000;
{user}

events {{
    worker_connections 8192;
}}

http {{
    access_log                    off;
    client_body_temp_path         "{dir}/body";
    proxy_temp_path               "{dir}/proxy";
    fastcgi_temp_path             "{dir}/fastcgi";
    uwsgi_temp_path               "{dir}/uwsgi";
    scgi_temp_path                "{dir}/scgi";
    client_body_in_single_buffer  on;
    client_body_buffer_size       {buffer};
    client_max_body_size          16m;
    keepalive_requests            1000000000;
    keepalive_timeout             1h;
    ssl_certificate               "{certificate}";
    ssl_certificate_key           "{key}";
    ssl_protocols                 TLSv1.2 TLSv1.3;
{http}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        listen 127.0.0.1:{tls} ssl backlog=4096;
        listen 127.0.0.1:{http2} ssl http2 backlog=4096;
        location = /ditto {{
            {location}
        }}
    }}
}}
"""


class Failed(Exception):
    """One sentence for the person at the terminal."""


# --- the machine -----------------------------------------------------------

def cores():
    """The gateway's and the other one; GATEWAY_CPU and LOAD_CPU override."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise Failed("two cores are needed: one for nginx, one for the rest")
    return (int(os.environ.get("GATEWAY_CPU", usable[0])),
            int(os.environ.get("LOAD_CPU", usable[1])))


class Machine:
    gateway, other = cores()

    @classmethod
    def take(cls):
        """What this program starts inherits its core."""
        os.sched_setaffinity(0, {cls.other})

    @classmethod
    def ran(cls):
        """Nanoseconds that the gateway's core was not idle."""
        for line in Path("/proc/stat").read_text().splitlines():
            words = line.split()
            if words and words[0] == f"cpu{cls.gateway}":
                idle = int(words[4]) + int(words[5])
                return (sum(int(w) for w in words[1:9]) - idle) \
                    * 1000000000 // os.sysconf("SC_CLK_TCK")
        return 0

    @staticmethod
    def steal():
        """Seconds that the hypervisor gave to others."""
        words = Path("/proc/stat").read_text().split("\n", 1)[0].split()
        return int(words[8]) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def speed():
        """Milliseconds for a fixed piece of work on the load's core."""
        best = 1e9
        for _ in range(3):
            begun = time.perf_counter()
            n = 0
            for i in range(100000):
                n += i
            best = min(best, time.perf_counter() - begun)
        return best * 1000


def describe():
    """Lines of text: where and with what this was measured."""
    def first(pattern, path):
        found = re.search(pattern, Path(path).read_text())
        return found.group(1).strip() if found else "unknown"

    def said(*command):
        try:
            result = subprocess.run(command, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True,
                                    check=False)
            return result.stdout.strip()
        except FileNotFoundError:
            return "unknown"

    kafka_version = said("dpkg-query", "-W", "-f", "${Version}", "librdkafka1")
    return [
        f"{os.cpu_count()} cores, "
        + first(r"model name\s*:\s*(.*)", "/proc/cpuinfo")
        + (", virtual machine" if "hypervisor" in
           Path("/proc/cpuinfo").read_text() else ""),
        f"Linux {os.uname().release}, " +
        f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') >> 30} "
        "GiB",
        said(NGINX, "-v").replace("nginx version: ", "")
        + f", librdkafka {kafka_version}",
        "commit " + (said("git", "-C", str(ROOT), "describe", "--always",
                          "--dirty") or "unknown"),
    ]


def certificate():
    """A self-signed P-256 certificate."""
    pem, key = HERE / "bench.pem", HERE / "bench.key"
    if not pem.exists():
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "3650", "-subj",
             "/CN=localhost", "-keyout", str(key), "-out", str(pem)],
            check=True, stderr=subprocess.DEVNULL)
    return pem, key


# --- nginx -----------------------------------------------------------------

def _on_the_gateways_core():
    os.sched_setaffinity(0, {Machine.gateway})
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Nginx:
    """The nginx of one case, on the gateway's core."""

    def __init__(self, case, folder, workers=1):
        self.case = case
        self.directory = HERE / folder / case.name
        self.workers = workers
        self.process = None
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        for name, text in case.policies.items():
            file = self.directory / "policies" / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        self.port = free_ports(3)
        pem, key = certificate()
        policies = ""
        if case.module == "ditto":
            policies = "    ditto_policies off;\n" if case.policies_off else (
                f'    ditto_policies "{self.directory}/policies/*.json";\n'
                "    ditto_policy_id "
                + " ".join(f'"{p}"' for p in case.policy_ids) + ";\n")
        self.conf = self.directory / "nginx.conf"
        self.conf.write_text(CONF.format(
            module=RAW_MODULE if case.module == "raw" else MODULE,
            dir=self.directory, workers=workers, certificate=pem, key=key,
            buffer="4m" if case.messages > 1 else "16k",
            user="user root;" if os.geteuid() == 0 else "",
            http=policies + case.http, location=case.location,
            port=self.port, tls=self.port + 1, http2=self.port + 2))

    def _command(self, *more):
        return [NGINX, "-p", str(self.directory), "-c", str(self.conf), *more]

    def test(self):
        """nginx -t: whether it takes its configuration."""
        return subprocess.run(
            self._command("-t", "-e", "stderr"), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False).returncode == 0

    def start(self, timeout=60):
        """Returns the seconds until it listens."""
        begun = time.monotonic()
        with open(self.directory / "stderr", "wb") as stderr:
            self.process = subprocess.Popen(
                self._command("-e", str(self.directory / "error.log"),
                              "-g", "daemon off;"),
                stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr,
                preexec_fn=_on_the_gateways_core)
        wait.until(self._listens, "nginx listens", timeout, 0.005)
        listens = time.monotonic() - begun
        wait.until(lambda: len(self.pids()) >= self.workers, "its workers")
        return listens

    def _listens(self):
        if self.process.poll() is not None:
            raise Failed(f"nginx of case {self.case.name} ended: "
                         + self._log())
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def _log(self):
        text = ""
        for name in ("error.log", "stderr"):
            try:
                text += (self.directory / name).read_text(errors="replace")
            except FileNotFoundError:
                pass
        return text[-2000:]

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def pids(self):
        """Of the workers."""
        pid = self.process.pid
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(p) for p in text.split()]

    def rss(self):
        """Bytes of the workers."""
        return sum(_kilobytes(p, "status", "VmRSS") for p in self.pids())

    def master_cpu(self):
        """Seconds that the master has used, in all since it was started."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9

    def pss(self):
        """Bytes of master and workers, what they share counted once."""
        return sum(_kilobytes(p, "smaps_rollup", "Pss")
                   for p in [self.process.pid, *self.pids()])

    def threads(self):
        """Names of all threads of the workers."""
        return [(task / "comm").read_text().strip() for p in self.pids()
                for task in Path(f"/proc/{p}/task").iterdir()]

    def connections_to(self, ports):
        """How many sockets of the workers lead to one of the ports."""
        mine = set()
        for p in self.pids():
            for fd in Path(f"/proc/{p}/fd").iterdir():
                try:
                    mine.add(os.readlink(fd))
                except FileNotFoundError:
                    pass
        n = 0
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            words = line.split()
            n += (words[3] == "01"
                  and int(words[2].split(":")[1], 16) in ports
                  and f"socket:[{words[9]}]" in mine)
        return n


def _kilobytes(pid, file, name):
    text = Path(f"/proc/{pid}/{file}").read_text()
    return int(re.search(rf"^{name}:\s*(\d+)", text, re.M).group(1)) * 1024


# --- Kafka -----------------------------------------------------------------

class Mock:
    """The mock broker; its CPU is not worth a column."""
    pids = ()

    def __init__(self, partitions, topic):
        self.broker = MockBroker(topics=[f"{topic}:{partitions}"])
        self.bootstrap = self.broker.bootstrap

    def rtt(self, ms):
        self.broker.rtt(ms)

    def stop(self):
        self.broker.stop()


class RealKafka:
    """
    Apache Kafka on the load's core.  Its files are in memory, so that the
    kernel's threads that write to a disk do not take part.
    """

    def __init__(self, brokers, partitions, topic):
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.directory = tempfile.mkdtemp(prefix="ditto-bench-kafka-",
                                          dir=memory)
        self.env = dict(os.environ, KAFKA_TEST_DIR=f"{self.directory}/lab")
        self._run("start", "--brokers", str(brokers), "--base-port",
                  str(free_ports(KAFKA_PORTS)), "--heap", "256m", "--set",
                  "log.retention.check.interval.ms=3000", "--set",
                  "log.segment.delete.delay.ms=1000")
        env = self._run("env")
        self.bootstrap = re.search(r"^bootstrap=['\"]?([^'\"\n]*)", env,
                                   re.M).group(1)
        self._run("topic", topic, "--partitions", str(partitions),
                  "--replication", str(brokers),
                  "--config", "segment.bytes=33554432",
                  "--config", "retention.bytes=33554432",
                  "--config", "file.delete.delay.ms=1000")
        self.pids = [int(p.read_text()) for p in
                     sorted(Path(self.directory, "lab").glob("*/pid"))]

    def _run(self, *words):
        result = subprocess.run([KAFKA, *words], env=self.env,
                                stdin=subprocess.DEVNULL, text=True,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, check=False)
        if result.returncode != 0:
            raise Failed("real Kafka cannot be had: "
                         + result.stderr.strip()[-500:])
        return result.stdout

    def stop(self):
        self._run("stop")
        shutil.rmtree(self.directory, ignore_errors=True)


def end_offset(bootstrap, topic, partitions):
    """How many records the topic has ever got."""
    words = []
    for p in range(partitions):
        words += ["-t", f"{topic}:{p}:-1"]

    def asked():
        """A new topic has no leaders for a moment."""
        done = subprocess.run(["kcat", "-Q", "-b", bootstrap, *words],
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL, check=False)
        return done.stdout if done.returncode == 0 else None

    out = wait.until(asked, "offsets of the topic", 20, 0.2)
    return sum(int(n) for n in re.findall(r"offset (\d+)", out))


# --- one measurement -------------------------------------------------------

def post(nginx, port, case, connections, options, watched=()):
    """Runs the load generator; gives what it prints."""
    body = nginx.directory / "message"
    if not body.exists():
        body.write_text(case.body)
    command = [LOAD, "--port", port, "--body", body, "--header", TENANT,
               "--connections", connections, "--things", case.things,
               "--timeout", 10, *case.load, *options]
    if case.tls:
        command += ["--tls", 1]
    if case.http2:
        command += ["--http2", 1]
    for name, pid in watched:
        command += ["--cpu", f"{name}={pid}"]
    result = subprocess.run([str(c) for c in command], text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, check=False)
    if result.returncode != 0:
        raise Failed(f"case {case.name}: {result.stderr.strip()}")
    return json.loads(result.stdout)


def port_of(nginx, case):
    return nginx.port + (2 if case.http2 else 1 if case.tls else 0)


def measure(nginx, case, broker_pids, connections, seconds, warm):
    """
    One short run: a dictionary of figures, or a string that says why it does
    not count.
    """
    watched = [(f"w{i}", p) for i, p in enumerate(nginx.pids())]
    watched += [(f"b{i}", p) for i, p in enumerate(broker_pids)]
    ran, own, begun = Machine.ran(), _own(nginx), time.monotonic()
    out = post(nginx, port_of(nginx, case), case, connections,
               ["--seconds", seconds, "--warm", warm], watched)
    wall = time.monotonic() - begun
    foreign = (Machine.ran() - ran - (_own(nginx) - own)) / 1e9 / wall
    answered = out["answered"]
    good = sum(n for status, n in out["status"].items()
               if int(status) in case.answers)
    if good == 0 or good < answered or \
            out["closed"] + out["broken"] + out["late"]:
        return f"{case.name} at {connections} connections: " + json.dumps(
            {k: out[k] for k in ("status", "closed", "broken", "late")})
    workers = [c for n, c in out["cpu"].items() if n[0] == "w"]
    brokers = [c for n, c in out["cpu"].items() if n[0] == "b"]
    n = answered * case.messages
    return {
        "cpu": sum(c["ns"] for c in workers) / n / 1000,
        "worker": sum(c["first_thread_ns"] for c in workers) / n / 1000,
        "broker": sum(c["ns"] for c in brokers) / n / max(case.records, 1)
        * case.messages / 1000 if brokers else None,
        "rate": n / out["seconds"],
        "p50": out["p50_ms"], "p99": out["p99_ms"],
        "busy": sum(c["ns"] for c in workers) / 1e9 / out["seconds"],
        "foreign": max(foreign, 0),
        "rss": nginx.rss(),
        "answered": answered,
    }


def _own(nginx):
    """Nanoseconds that this nginx has used."""
    total = 0
    for pid in [nginx.process.pid, *nginx.pids()]:
        for task in Path(f"/proc/{pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except FileNotFoundError:
                pass
    return total
