"""Real brokers by t/kafka/kafka, and reading what lies in any Kafka."""

import os
import shutil
import subprocess
import tempfile
import time
from collections import namedtuple
from pathlib import Path

from confluent_kafka import (OFFSET_BEGINNING, Consumer, KafkaError,
                             KafkaException, TopicPartition)
from confluent_kafka.admin import AdminClient, NewTopic

import wait
from paths import ROOT, free_ports

Record = namedtuple("Record", "key value partition offset headers")

SCRIPT = ROOT / "t" / "kafka" / "kafka"
PORTS = 30   # of one cluster


class Unavailable(Exception):
    """Kafka cannot be had here; the text says why."""


class Kafka:
    """One cluster of Apache Kafka with folder and ports of its own."""

    def __init__(self, *options):
        for tool in ("java", "kcat", "openssl"):
            if shutil.which(tool) is None:
                raise Unavailable(f"{tool} is not installed")
        parent = tempfile.mkdtemp(prefix="ditto-kafka-")
        self.directory = Path(parent)
        self.env = dict(os.environ, KAFKA_TEST_DIR=f"{parent}/lab")
        for _ in range(2):   # a port may be taken just after it was free
            port = free_ports(PORTS)
            started = subprocess.run(
                [SCRIPT, "start", "--base-port", str(port), *options],
                env=self.env, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, check=False)
            if started.returncode == 0:
                break
        if started.returncode != 0:
            shutil.rmtree(parent, ignore_errors=True)
            raise Unavailable(started.stderr.strip() or "no reason given")
        self.port = port
        self.bootstrap = f"127.0.0.1:{port}"
        # plain, whatever the clients' listener asks for
        self.internal = f"127.0.0.1:{port + 10}"

    def run(self, *words):
        subprocess.run([SCRIPT, *(str(w) for w in words)], env=self.env,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       check=True)

    def topic(self, name, partitions=1, **config):
        admin = AdminClient({"bootstrap.servers": self.internal})
        new = NewTopic(name, partitions, 1, config={
            key.replace("_", "."): str(value)
            for key, value in config.items()})
        for result in admin.create_topics([new]).values():
            result.result(20)
        wait.until(lambda: partitions == partition_count(self.internal, name),
                   f"the leaders of {name}")

    def stop(self):
        self.run("stop")
        shutil.rmtree(self.directory, ignore_errors=True)


def _consumer(bootstrap):
    return Consumer({"bootstrap.servers": bootstrap, "group.id": "ditto-test",
                     "enable.auto.commit": False, "log_level": 0,
                     "allow.auto.create.topics": False,
                     "fetch.wait.max.ms": 50,
                     "socket.nagle.disable": True,
                     "enable.partition.eof": True,
                     "auto.offset.reset": "earliest"})


def _partitions(consumer, topic):
    found = consumer.list_topics(topic, 10).topics.get(topic)
    if found is None or found.error is not None:
        return []
    return [p for p, data in found.partitions.items() if data.leader >= 0]


def partition_count(bootstrap, topic):
    consumer = _consumer(bootstrap)
    try:
        return len(_partitions(consumer, topic))
    finally:
        consumer.close()


def _record(message):
    return Record(message.key(), message.value(), message.partition(),
                  message.offset(), message.headers() or [])


def records(bootstrap, topic):
    """
    Every record that lies in the topic now; none if there is no such topic.
    What was acknowledged before the call is among them.
    """
    consumer = _consumer(bootstrap)
    result = []
    try:
        unread = set(_partitions(consumer, topic))
        consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING)
                         for p in unread])
        end = time.monotonic() + 60
        while unread:
            assert time.monotonic() < end, f"{topic} cannot be read"
            for message in consumer.consume(1000, 0.02):
                if message.error() is None:
                    result.append(_record(message))
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    unread.discard(message.partition())
                else:
                    raise KafkaException(message.error())
    finally:
        consumer.close()
    return result


def consume(bootstrap, topic, n, timeout=20):
    """Waits until n records lie in the topic; returns all there are."""
    end = time.monotonic() + timeout
    while True:
        found = records(bootstrap, topic)
        if len(found) >= n:
            return found
        assert time.monotonic() < end, \
            f"{len(found)} of {n} records in {topic} within {timeout} s"
