"""The mock broker, build/ditto-broker, and its commands."""

import subprocess

from paths import BUILD


class MockBroker:
    def __init__(self, brokers=1, topics=()):
        command = [BUILD / "ditto-broker", "--brokers", str(brokers)]
        for topic in topics:
            command += ["--topic", topic]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True,
                                        bufsize=1)
        self.brokers = brokers
        name, _, self.bootstrap = \
            self.process.stdout.readline().strip().partition("=")
        assert name == "bootstrap", "ditto-broker does not start"

    def command(self, *words):
        self.process.stdin.write(" ".join(str(w) for w in words) + "\n")
        answer = self.process.stdout.readline().strip()
        assert answer == "ok", f"{words}: {answer}"

    def topic(self, name, partitions):
        self.command("topic", name, partitions)

    def error(self, api, error, count=1):
        """The next requests of this kind fail, whatever they are about."""
        self.command("error", api, error, count)

    def clear(self, api):
        self.command("clear", api)

    def topic_error(self, name, error):
        """In metadata, which is enough for librdkafka to give up a topic."""
        self.command("topic-error", name, error)

    def rtt(self, ms):
        self.command("rtt", ms)

    def down(self):
        for number in range(1, self.brokers + 1):
            self.command("broker", number, "down")

    def up(self):
        for number in range(1, self.brokers + 1):
            self.command("broker", number, "up")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(15)
        self.process.stdout.close()
