"""Fields of the thing that extraFields adds to messages, from ditto_things."""

import functools
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

import messages
import wait
from config import (EVENTS, MESSAGES, READER, SENDER, connection, document,
                    entry, location, policy, target)
from kafka import records
from nginx import ok, refused
from things import Things, enriched, sites

PART = "kafka:part"   # may not read /attributes/secret
POLICY = policy(
    "org.acme:default", entry([SENDER], thing="+W", message="+W"),
    entry([READER], thing="+R", message="+R"),
    entry([PART], **{"thing:/": "+R", "thing:/attributes/secret": "-R"}))

THING = {
    "thingId": "org.acme:pump-7", "policyId": "org.acme:p", "_revision": 7,
    "attributes": {"site": "B4", "limit": 9, "secret": 1, "a": 1, "b": 2},
    "features": {"motor": {"properties": {"unit": "1/min", "n": 3}},
                 "lamp": {"properties": {"unit": "lm"}}, "bare": {}}}



@pytest.fixture
def ditto(ditto):
    return functools.partial(ditto, policies=[POLICY])


def extras(broker, topic="t", key=None):
    """What was added to the records, in their order; None: nothing."""
    return [json.loads(r.value).get("extra")
            for r in records(broker.bootstrap, topic)
            if key is None or r.key == key.encode()]


# --- what is added -----------------------------------------------------------

FEATURES = messages.event(path="/features", value="{}")

# topics entries, the message, what lies in Kafka; subjects
SELECTED = {
    "fields": (["?extraFields=attributes/site,policyId"], messages.event(),
               {"attributes": {"site": "B4"}, "policyId": "org.acme:p"}),
    "an object": (["?extraFields=features/motor"], messages.event(),
                  {"features": {"motor": THING["features"]["motor"]}}),
    "not there": (["?extraFields=attributes/zzz"], messages.event(), {}),
    "part of it is not there":
        (["?extraFields=attributes/zzz,attributes/a"], messages.event(),
         {"attributes": {"a": 1}}),
    "a wildcard":
        (["?extraFields=features/*/properties/unit"], messages.event(),
         {"features": {"motor": {"properties": {"unit": "1/min"}},
                       "lamp": {"properties": {"unit": "lm"}}}}),
    "a placeholder":
        (["?extraFields=features/{{feature:id}}/properties/unit"],
         messages.event(path="/features/lamp/properties/x"),
         {"features": {"lamp": {"properties": {"unit": "lm"}}}}),
    "a placeholder without a value":
        (["?extraFields=features/{{feature:id}}/properties/unit"],
         messages.event(), None),
    "such a placeholder and a field":
        (["?extraFields=features/{{feature:id}}/properties,attributes/a"],
         messages.event(), {"attributes": {"a": 1}}),
    "a header decides": (["?extraFields=attributes/{{header:which}}"],
                         messages.event(headers={"which": "b"}),
                         {"attributes": {"b": 2}}),
    "of the entry that matches":
        (["?extraFields=attributes/a&filter=eq(topic:action,'created')",
          "?extraFields=attributes/b&filter=eq(topic:action,'modified')"],
         messages.event(), {"attributes": {"b": 2}}),
    "the first in order of the fields":
        (["?extraFields=attributes/b", "?extraFields=attributes/a"],
         messages.event(), {"attributes": {"a": 1}}),
    "not those of an entry that fails":
        (["?extraFields=attributes/a&filter=eq(attributes/a,2)", ""],
         messages.event(), None),
    "filtered by what is added":
        (["?extraFields=attributes/limit&filter=gt(attributes/limit,8)"],
         messages.event(), {"attributes": {"limit": 9}}),
    "filtered out": (["?extraFields=attributes&filter=gt(attributes/limit,9)"],
                     messages.event(), "nothing"),
    "the event wins":
        (["?extraFields=attributes/limit&filter=gt(attributes/limit,8)"],
         messages.event(path="/attributes/limit", value="8", revision=7),
         "nothing"),
    "read by a part of the policy":
        (["?extraFields=attributes"], FEATURES, {
            "attributes": {k: v for k, v in THING["attributes"].items()
                           if k != "secret"}}, [PART]),
    "a filter does not see what may not be read":
        (["?extraFields=attributes&filter=eq(attributes/secret,1)"],
         FEATURES, "nothing", [PART]),
    "nothing else may be read":
        (["?extraFields=attributes/secret"], FEATURES,
         {}, [PART]),
}


@pytest.fixture(scope="module")
def selecting(shared_nginx, shared_broker):
    """A connection and a location for each of them."""
    things = Things()
    things.things["org.acme:pump-7"] = THING
    http, server = "ditto_things /internal/things cache=0;", things.location()
    for i, (entries, _, _, *subjects) in enumerate(SELECTED.values()):
        http += connection(
            shared_broker.bootstrap,
            target(f"t/{i}", [EVENTS + e for e in entries],
                   *(subjects or [[READER]])), name=f"c{i}")
        server += location(f"/{i}", publish=f"c{i}")
    yield shared_nginx(http=http, server=server, policies=[POLICY]).start()
    things.stop()


@pytest.mark.parametrize("i, case", list(enumerate(SELECTED.values())),
                         ids=SELECTED)
def test_what_is_added(selecting, shared_broker, i, case):
    ok(selecting.post(case[1], path=f"/{i}"))
    found = extras(shared_broker, key=str(i))
    assert found == ([] if case[2] == "nothing" else [case[2]])


def test_live_messages(ditto, broker, things):
    """Their filters see what is added and nothing else."""
    things.things["org.acme:pump-7"] = THING
    for_b4 = MESSAGES + "?extraFields=attributes/site&filter=eq({},'{}')"
    one = ditto(enriched(),
                target("yes", [for_b4.format("attributes/site", "B4")]),
                target("no", [for_b4.format("attributes/site", "B5")]),
                target("id", [for_b4.format("thingId", "org.acme:pump-7")]))
    ok(one.post(messages.message()))
    assert extras(broker) == extras(broker, "yes") \
        == [{"attributes": {"site": "B4"}}]
    assert extras(broker, "no") == extras(broker, "id") == []


def test_bytes_of_what_is_added(ditto, broker, things):
    things.things["org.acme:pump-7"] = \
        b'{ "attributes" : {"x":1, "site": [1.50, 1e2 , "\\u00e4/"] } }\n'
    ok(ditto().post())
    value = records(broker.bootstrap, "t")[0].value
    assert b'"site":[1.50, 1e2 , "\\u00e4/"]' in value
    assert extras(broker) == [{"attributes": {"site": [1.5, 100, "ä/"]}}]


# --- how it is fetched -------------------------------------------------------

def test_one_request_for_each_set_of_subjects(ditto, broker, things):
    things.things["org.acme:pump-7"] = THING
    fields = EVENTS + "?extraFields="
    one = ditto(
        target("a", [fields + "attributes/a"], [READER, PART]),
        target("b", [fields + "attributes/b,features/*/properties/unit"],
               [PART, READER]),
        target("c", [fields + "attributes/site"]), target("d"),
        http=connection(
            broker.bootstrap, target("e", [fields + "policyId"]),
            target("f", [MESSAGES + "?extraFields=definition"]), name="k2"),
        parameters="cache=0")
    ok(one.post(FEATURES))
    asked = {r.headers["x-ditto-pre-authenticated"]: set(r.fields)
             for r in things.requests}
    assert len(things.requests) == 2
    assert asked == {
        f"{READER},{PART}": {"attributes/a", "attributes/b", "_revision",
                             "features/*/properties/unit"},
        READER: {"attributes/site", "policyId", "_revision"}}
    assert extras(broker, "a") == [{"attributes": {"a": 1}}]
    assert extras(broker, "c") == [{"attributes": {"site": "B4"}}]
    assert extras(broker, "d") == [None]
    assert extras(broker, "e") == [{"policyId": "org.acme:p"}]
    ok(one.post(FEATURES))
    assert len(things.requests) == 4


def test_nothing_is_fetched_for_those_who_get_nothing(ditto, broker, things):
    one = ditto(target("no", [EVENTS + "?extraFields=attributes"], ["x:y"]),
                target("other", [MESSAGES + "?extraFields=attributes"]),
                target("out", [EVENTS + "?extraFields=attributes/a"
                               "&filter=gt(attributes/rpm,900)"]),
                target("space", [EVENTS + "?extraFields=policyId"
                                 "&namespaces=other"]))
    ok(one.post(messages.event(value="1")))
    assert things.requests == []


def test_nothing_of_the_client_is_passed_on(ditto, things):
    things.things["org.acme:pump-7"] = THING
    one = ditto(parameters="cache=0")
    event = messages.event().encode()
    for content in event, iter([event[:9], event[9:]]):   # and chunked
        ok(httpx.post(one.url(), content=content, headers={
            "Authorization": "Basic c2VjcmV0OnNlY3JldA==", "Cookie": "a=b",
            "x-ditto-pre-authenticated": "nginx:admin", "X-Custom": "x",
            "Accept": "text/html", "Range": "bytes=0-1", "Te": "trailers",
            "If-None-Match": '"x"', "X-Forwarded-For": "1.2.3.4"}))
    assert len(things.requests) == 2
    for request in things.requests:
        assert (request.method, request.body) == ("GET", b"")
        assert request.headers.pop("host") == f"127.0.0.1:{things.port}"
        assert request.headers == {"x-ditto-pre-authenticated": READER,
                                   "connection": "close",
                                   "accept": "application/json"}


@pytest.mark.parametrize("name", [
    "a b", "a%2Fb", "..", "?fields=x", "#x", "a&b=c+d;e", "{}", "%", "ā€",
    "a:b"])
def test_name_of_the_thing_in_the_uri(ditto, broker, things, name):
    things.things[f"org.acme:{name}"] = THING
    ok(ditto().post(messages.event(thing=f"org.acme:{name}")))
    assert [r.thing for r in things.requests] == [f"org.acme:{name}"]
    assert sites(records(broker.bootstrap, "t")) == ["B4"]


def test_a_folder_of_files(nginx, broker):
    broker.topic("t", 1)
    one = nginx(http="ditto_things /things/;"
                + connection(broker.bootstrap, enriched()),
                files={"things/org.acme:pump-7": json.dumps(THING),
                       "things/org.acme:big": json.dumps({
                           "attributes": {"site": "x" * 100000}})},
                server=location() + "location /things/ { internal; "
                                    "alias @DIR@/things/; }").start()
    ok(one.post())
    ok(one.post(messages.event(thing="org.acme:big")))
    refused(one.post(messages.event(thing="org.acme:none")), 404,
            "things:thing.notfound")
    assert set(sites(records(broker.bootstrap, "t"))) == {"B4", "x" * 100000}
    response = one.client.get(one.url("/things/org.acme:pump-7"))
    assert response.status_code == 404


def test_an_error_page_stands_for_the_thing(ditto, broker):
    one = ditto(proxy="""proxy_intercept_errors on;
                    error_page 404 =200 /default;""",
                more="""} location = /default { internal;
                    return 200 '{"attributes":{"site":"none"}}';""")
    ok(one.post())
    assert sites(records(broker.bootstrap, "t")) == ["none"]


def test_http2(ditto, broker, things):
    things.things["org.acme:pump-7"] = THING
    things.things["org.acme:broken"] = 500
    one = ditto(listen=" http2", parameters="cache=0")
    with httpx.Client(http1=False, http2=True, trust_env=False) as client:
        for thing, status in ("pump-7", 204), ("broken", 503), ("pump-7", 204):
            response = client.post(one.url(), content=messages.event(
                thing=f"org.acme:{thing}"))
            assert response.http_version == "HTTP/2"
            assert response.status_code == status, response.text
    assert sites(records(broker.bootstrap, "t")) == ["B4", "B4"]


def test_a_batch_asks_for_some_at_once(ditto, broker, things):
    """More things than the worker has connections."""
    for n in range(600):
        things.things[f"org.acme:t-{n}"] = {"attributes": {"site": n},
                                           "_revision": 1}
    one = ditto(main="worker_rlimit_nofile 200;")
    things.hold()
    lines = "\n".join(messages.event(thing=f"org.acme:t-{n}", revision=1)
                      for n in range(600))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(one.post, lines, headers={
            "Content-Type": "application/x-ndjson"})
        wait.until(lambda: things.under_way == 32, "as many as may be")
        things.release()
        ok(answer.result())
    assert things.most == 32 and len(things.requests) == 600
    assert sites(records(broker.bootstrap, "t")) == list(range(600))


# --- configuration -----------------------------------------------------------

EXTRA = EVENTS + "?extraFields=attributes/site"
@pytest.mark.parametrize("http, words", [
    (connection("127.0.0.1:9", target("first"),
                target("second/{{ thing:id }}", [EVENTS, EXTRA])),
     ["extraFields", "ditto_things", '"second/{{ thing:id }}"', '"k"',
      "nginx.conf:"]),
    ('ditto_connections "@DIR@/c/d.json";',
     ["extraFields", "ditto_things", '"second"', '"d"', "/c/d.json"]),
])
def test_fields_without_things(nginx, http, words):
    rc, text = nginx(http=http, files={"c/d.json": document(
        "localhost:9092", {"address": "first"},
        {"address": "second", "topics": [EVENTS, EXTRA]}, name="d")}).test()
    assert rc != 0
    assert "[emerg]" in text
    for word in words:
        assert word in text, text


@pytest.mark.parametrize("arguments, word", [
    ("internal/things", "internal/things"), ('""', '""'),
    ("http://ditto/api/2/things", "http://ditto/api/2/things"),
    ("/t cache=-1", "cache=-1"), ("/t cache=many", "cache=many"),
    ("/t cache=", "cache="), ("/t cache=99999999999", "cache=99999999999"),
    ("/t valid=0", "valid=0"), ("/t valid=2x", "valid=2x"),
    ("/t valid=", "valid="), ("/t fresh=2m", "fresh=2m"), ("/t off", "off"),
    ("", "invalid number of arguments"), ("/t; ditto_things /t", "duplicate"),
])
def test_wrong_parameters(nginx, arguments, word):
    rc, text = nginx(http=f"ditto_things {arguments};").test()
    assert rc != 0
    assert "[emerg]" in text and "ditto_things" in text and word in text


@pytest.mark.parametrize("arguments", [
    "/t", "/t/", "/t cache=0", "/t valid=1s cache=10", "/t valid=1h"])
def test_right_parameters(nginx, arguments):
    assert nginx(http=f"ditto_things {arguments};").test()[0] == 0
