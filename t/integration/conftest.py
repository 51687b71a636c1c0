"""Fixtures: nginx, brokers, and what is left behind by neither."""

import os
from pathlib import Path

import pytest

from broker import MockBroker
from config import connection, location
from kafka import Kafka, Unavailable
from nginx import Nginx
from paths import BUILD, MODULE, NGINX
from things import Things, enriched


def pytest_sessionstart():
    """One sentence instead of hundreds of failures."""
    for needed in (MODULE, Path(NGINX), BUILD / "ditto-broker",
                   BUILD / "ditto-load", BUILD / "ditto-clock.so"):
        if not needed.exists():
            pytest.exit(f"{needed} does not exist; make builds it", 1)


@pytest.fixture
def nginx():
    """A factory: nginx(...) prepares, .start() starts."""
    made = []

    def make(**options):
        made.append(Nginx(**options))
        return made[-1]

    yield make
    failures = []
    for one in made:
        try:
            one.stop()
        except AssertionError as failure:
            failures.append(failure)
    if failures:
        raise failures[0]


@pytest.fixture(scope="module")
def shared_nginx():
    """The same factory for the tests of one file together."""
    made = []

    def make(**options):
        made.append(Nginx(**options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def broker():
    """A mock broker of this test alone."""
    one = MockBroker()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def shared_broker():
    """A mock broker for the tests of one file together."""
    one = MockBroker()
    yield one
    one.stop()


@pytest.fixture
def things():
    """What gives the fields of things, as Ditto does."""
    one = Things()
    yield one
    one.stop()


@pytest.fixture
def ditto(nginx, broker, things):
    """A factory: nginx that asks it for what the targets want to know."""
    broker.topic("t", 1)   # whose records have an order

    def make(*targets, parameters="", more="", proxy="", http="", **options):
        return nginx(
            http=f"ditto_things /internal/things {parameters};" + http
            + connection(broker.bootstrap, *(targets or [enriched()])),
            server=location(more=more) + things.location(proxy),
            **options).start()
    return make


def start_kafka(*options):
    try:
        return Kafka(*options)
    except Unavailable as why:
        if os.environ.get("DITTO_REQUIRE_KAFKA") == "1":
            pytest.fail(f"real Kafka is required here: {why}")
        pytest.skip(f"real Kafka cannot be had: {why}")


@pytest.fixture(scope="session")
def kafka():
    """Apache Kafka, one broker, for the whole run."""
    one = start_kafka()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def kafka_with():
    """A factory of further clusters: kafka_with("--sasl", "plain")."""
    made = []

    def make(*options):
        made.append(start_kafka(*options))
        return made[-1]

    yield make
    for one in made:
        one.stop()
