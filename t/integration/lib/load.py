"""The load generator, build/ditto-load."""

import json
import subprocess
import tempfile
from pathlib import Path

from paths import BUILD

UNSENT, CLOSED, BROKEN, LATE = 0, -1, -2, -3


class Load:
    """
    Posts with running numbers ("@N@" in the body).  Use finish(), or stop()
    to end it earlier; then fate tells the status of each number, or one of
    the four above.
    """

    def __init__(self, port, body, requests, connections=64, **options):
        self.directory = tempfile.TemporaryDirectory(prefix="ditto-load-")
        directory = Path(self.directory.name)
        (directory / "body").write_text(body, encoding="utf-8")
        self.results = directory / "results"
        command = [BUILD / "ditto-load", "--port", port,
                   "--body", directory / "body", "--results", self.results,
                   "--requests", requests, "--connections", connections]
        for name, value in options.items():
            command += ["--" + name, value]
        self.process = subprocess.Popen([str(c) for c in command],
                                        stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True)
        self.fate = {}
        self.summary = {}

    def finish(self, timeout=100):
        try:
            out, _ = self.process.communicate(timeout=timeout)
        finally:
            self.process.kill()
        assert self.process.returncode == 0
        self.summary = json.loads(out)
        for line in self.results.read_text().splitlines():
            number, fate = line.split()
            self.fate[int(number)] = int(fate)
        self.directory.cleanup()
        return self

    def stop(self, timeout=60):
        self.process.terminate()
        return self.finish(timeout)

    def numbers(self, *fates):
        return {n for n, fate in self.fate.items() if fate in fates}
