"""What is compared: configurations of nginx, messages, policies."""

import json
from dataclasses import dataclass, field

NAMESPACE = "org.bench"
TOPIC = "org.bench"      # d makes this name out of the namespace
THINGS = 5000            # whose ids are keys

# What the module gives librdkafka by default, docs/directives.md, directive
# "kafka"; but one request at a time, with which librdkafka alone batches best.
PROPERTIES = {
    "acks": "all",
    "enable.idempotence": "true",
    "partitioner": "murmur2_random",
    "linger.ms": "0",
    "max.in.flight": "1",
    "sticky.partitioning.linger.ms": "10",
    "message.timeout.ms": "8500",
    "topic.metadata.propagation.max.ms": "4250",
    "queue.buffering.max.kbytes": "65536",
    "reconnect.backoff.max.ms": "1000",
    "client.id": "ditto-nginx",
}

# librdkafka as it comes, for keyed records: several requests under way
PLAIN_PROPERTIES = {
    "acks": "all",
    "enable.idempotence": "true",
    "partitioner": "murmur2_random",
    "linger.ms": "0",
}


def event():
    """A twin event of 480 to 500 bytes; @T@ and @N@ are the load's marks."""
    return (
        f'{{"topic":"{NAMESPACE}/pump-@T@/things/twin/events/modified",'
        '"headers":{"content-type":"application/json","site":"plant-4",'
        '"correlation-id":"5d1f4a53-9c6e-4b0f-8a57-@N@"},'
        '"path":"/features/motor/properties","value":{"rpm":950.5,'
        '"state":"running","temperature":61.25,"load":0.81,'
        '"vibration":{"x":0.012,"y":0.009,"z":0.015},'
        '"serial":"MX-2231-77812","firmware":"4.2.1","hours":18231,'
        '"position":{"lat":47.6651,"lon":9.4792},"alarms":[]},'
        '"revision":@N@,"timestamp":"2025-01-01T12:00:00.000Z"}')


def batch(n):
    return "[" + ",".join(event() for _ in range(n)) + "]"


# --- policies --------------------------------------------------------------

def policy(policy_id, reader="kafka:reader", size=0, namespaces=()):
    """
    The device may write, the reader may read, things of some namespaces only
    if any are given; padded to size bytes.
    """
    def entry(subject, grant, paths=("thing:/", "message:/")):
        return {"subjects": {subject: {"type": "bench"}},
                "resources": {p: {"grant": grant, "revoke": []}
                              for p in paths}}

    document = {"policyId": policy_id, "entries": {
        "owner": entry("nginx:owner", ["READ", "WRITE"],
                       ("policy:/", "thing:/", "message:/")),
        "device": entry("nginx:org.bench", ["WRITE"]),
        "reader": entry(reader, ["READ"])}}
    if namespaces:
        document["entries"]["reader"]["namespaces"] = list(namespaces)
    missing = size - len(json.dumps(document, separators=(",", ":")))
    if missing > 0:
        names = document["entries"]["owner"]["subjects"]
        while missing > 0:
            name = f"nginx:operator-{len(names):04d}"
            names[name] = {"type": "bench"}
            missing -= len(name) + len('"":{"type":"bench"},')
    return json.dumps(document, separators=(",", ":"))


DEFAULT_POLICY = policy(NAMESPACE + ":default")

# --- pieces of nginx.conf ---------------------------------------------------

def raw(bootstrap, topic=TOPIC, copies=1, keyed=False, headers=(),
        properties=None):
    """The location of the baseline."""
    lines = [f"raw_produce topic {topic};"] * copies
    if keyed:
        lines.append("raw_produce key thing;")
    lines += [f'raw_produce header {n} "{v}";' for n, v in headers]
    lines += [f'raw_produce {n} "{v}";' for n, v in
              {"bootstrap.servers": bootstrap,
               **(properties or PROPERTIES)}.items()]
    return "\n            ".join(lines)


def target(address, topics="_/_/things/twin/events", subject="kafka:reader",
           headers=()):
    mapping = "".join(f'header_mapping {n} "{t}"; ' for n, t in headers)
    return (f'        target "{address}" {{ topics "{topics}"; '
            f'authorization_subjects "{subject}"; {mapping}}}\n')


def connection(bootstrap, targets, name="bench", more=""):
    first = bootstrap.split(",", 1)[0]
    servers = bootstrap.replace(",", " ")
    return (f"    ditto_connection {name} {{\n"
            f"        uri tcp://{first};\n"
            f"        bootstrap_servers {servers};\n{more}"
            + "".join(targets) + "    }\n")


OPEN = "ditto_publish; ditto_subject off;"
POLICED = 'ditto_publish; ditto_subject "nginx:$http_x_tenant";'
ENFORCED = (POLICED + ' ditto_enforcement $http_x_tenant "{{ thing:id }}" '
            '"{{ thing:namespace }}";')

MAPPED = (
    ("device", "{{ thing:name | fn:upper() }}"),
    ("tenant", "{{ thing:namespace | fn:substring-after('.') }}"),
    ("site", "{{ header:site | fn:default('unknown') }}"),
)

FULL_ADDRESS = "{{ thing:namespace | fn:lower() }}"

FULL_FILTER = ("_/_/things/twin/events?namespaces=org.other,org.bench&filter="
               "and(gt(features/motor/properties/rpm,900),"
               "eq(features/motor/properties/state,%22running%22))")

# the headers of a record of d, as they lie in Kafka
FULL_HEADERS = (
    ("ditto-connection-id", "bench"),
    ("content-type", "application/vnd.eclipse.ditto+json"),
    ("correlation-id", "5d1f4a53-9c6e-4b0f-8a57-1234567"),
    ("device", "PUMP-1234"),
    ("tenant", "bench"),
    ("site", "plant-4"),
)


def full(bootstrap, keyed, both):
    """Full semantics; the second target wants a hot or a very hot motor."""
    limit = 60 if both else 90
    second = ("_/_/things/twin/events?filter="
              f"gt(features/motor/properties/temperature,{limit})")
    address = FULL_ADDRESS + ("/{{ thing:id }}" if keyed else "")
    return connection(bootstrap, [target(address, FULL_FILTER, headers=MAPPED),
                                  target(address, second, headers=MAPPED)])


def simple(bootstrap, keyed, topic=TOPIC):
    return connection(bootstrap, [
        target(topic + ("/{{ thing:id }}" if keyed else ""))])


def many(bootstrap, kind, n=1000):
    """
    n targets, four in a connection as Ditto has it, of which the first one
    matches; the others want another namespace, have a subject that may not
    read, or a filter that does not match.
    """
    def one(i):
        events = "_/_/things/twin/events"
        if kind == "namespace":
            return target(TOPIC, f"{events}?namespaces=org.other{i}" if i
                          else f"{events}?namespaces={NAMESPACE}")
        if kind == "subject":
            return target(TOPIC, events,
                          f"kafka:reader{i}" if i else "kafka:reader")
        return target(TOPIC, f"{events}?filter="
                      f"gt(features/motor/properties/rpm,{i * 1000})")

    return "".join(
        connection(bootstrap, [one(i) for i in range(c, min(c + 4, n))],
                   name=f"bench-{c}") for c in range(0, n, 4))


# --- cases -----------------------------------------------------------------

@dataclass
class Case:
    """One nginx and what is posted to it."""
    name: str
    title: str
    module: str = "ditto"                 # or "raw"
    http: str = ""                        # in nginx.conf
    location: str = ""
    policies: dict = field(default_factory=dict)    # file -> text
    policies_off: bool = False
    policy_ids: tuple = ("{{ thing:id }}", "{{ thing:namespace }}:default")
    body: str = field(default_factory=event)
    load: tuple = ()                      # options of the load generator
    tls: bool = False
    http2: bool = False
    records: int = 1                      # of one message
    messages: int = 1                     # in one request
    things: int = THINGS
    same_as: str = ""                     # shares the nginx of this case
    partitions: int = 12
    answers: tuple = (204,)


def raw_case(name, title, bootstrap, **options):
    copies = options.get("copies", 1)
    return Case(name, title, "raw", location=raw(bootstrap, **options),
                records=copies)


def off_case(name, title, bootstrap, keyed):
    return Case(name, title, http=simple(bootstrap, keyed), location=OPEN,
                policies_off=True)


def full_case(name, title, bootstrap, keyed, both=False, **options):
    return Case(name, title, http=full(bootstrap, keyed, both),
                location=ENFORCED, policies={"default.json": DEFAULT_POLICY},
                records=2 if both else 1, **options)


def mock_cases(bootstrap):
    return [
        Case("a", "nginx: read the body, return 204", "raw",
             location="raw_produce key thing;", records=0),
        raw_case("b", "raw produce", bootstrap),
        raw_case("bh", "raw produce, six headers", bootstrap,
                 headers=FULL_HEADERS),
        raw_case("b2", "raw produce of two records, six headers each",
                 bootstrap, headers=FULL_HEADERS, copies=2),
        off_case("c", "this module, policies off, one target", bootstrap,
                 False),
        full_case("d", "full semantics, one of two targets matches",
                  bootstrap, False),
        full_case("d2", "full semantics, both targets match", bootstrap,
                  False, True),
        Case("e-tls", "d over TLS", tls=True, same_as="d"),
        Case("e-h2", "d over TLS and HTTP/2", tls=True, http2=True,
             same_as="d"),
    ]


def kafka_cases(bootstrap):
    return [
        raw_case("b", "raw produce", bootstrap),
        raw_case("bh", "raw produce, six headers", bootstrap,
                 headers=FULL_HEADERS),
        off_case("c", "this module, policies off, one target", bootstrap,
                 False),
        full_case("d", "full semantics", bootstrap, False),
        raw_case("bk", "raw produce, key, linger 0", bootstrap, keyed=True,
                 properties=PLAIN_PROPERTIES),
        off_case("ck", "this module, policies off, one target, key",
                 bootstrap, True),
        full_case("dk", "full semantics, key", bootstrap, True),
    ]


def batching_cases(bootstrap):
    return [raw_case("b", "raw produce", bootstrap),
            off_case("c", "this module, no key", bootstrap, False),
            raw_case("bk", "raw produce, key, linger 0", bootstrap, keyed=True,
                     properties=PLAIN_PROPERTIES),
            off_case("ck", "this module, key", bootstrap, True)]


def target_cases(bootstrap):
    default = {"default.json": DEFAULT_POLICY}
    return [
        Case("one", "one target", http=many(bootstrap, "namespace", 1),
             location=POLICED, policies=default),
        Case("namespace", "1,000 targets, differing by namespace",
             http=many(bootstrap, "namespace"), location=POLICED,
             policies=default),
        Case("subject", "1,000 targets, differing by subject",
             http=many(bootstrap, "subject"), location=POLICED,
             policies=default),
        Case("filter", "1,000 targets, differing by filter",
             http=many(bootstrap, "filter"), location=POLICED,
             policies=default),
    ]


POLICIES = 100000
POLICY_FILES = 4
FOREIGN = 25000          # 4 MB hold some 3,500 of them


def policy_arrays(namespace, n, **options):
    """Files with an array each."""
    per_file = n // POLICY_FILES
    return {
        f"{f}.json": "[" + ",\n".join(
            policy(f"{namespace}:pump-{i}", size=1024, **options)
            for i in range(f * per_file, (f + 1) * per_file)) + "]"
        for f in range(POLICY_FILES)}


def policy_cases(bootstrap):
    return [
        Case("few", "one policy", http=simple(bootstrap, False),
             location=POLICED, policies={"default.json": DEFAULT_POLICY},
             things=POLICIES),
        Case("many", "100,000 policies of 1 KB",
             http=simple(bootstrap, False), location=POLICED,
             policies=policy_arrays(NAMESPACE, POLICIES), things=POLICIES),
        Case("foreign", "25,000 policies for things of another namespace, "
             "cache of 4 MB",
             http="    ditto_policy_cache 4m;\n" + simple(bootstrap, False),
             location=POLICED, things=FOREIGN,
             policies=policy_arrays("fleet", FOREIGN, namespaces=[NAMESPACE]),
             policy_ids=("fleet:{{ thing:name }}",)),
    ]


def batch_case(bootstrap, n=1000):
    return Case("f", f"batches of {n} messages",
                http=simple(bootstrap, False), location=OPEN,
                policies_off=True, body=batch(n), messages=n, records=n,
                load=("--header", "Content-Type: application/json"),
                answers=(200, 204, 207))


def client_connections(bootstrap, n=16, distinct=2):
    """n connections with so many distinct configurations of clients."""
    return "".join(
        connection(bootstrap, [target(TOPIC)], name=f"bench-{i}",
                   more="        kafka queue.buffering.max.messages "
                        f"{100000 + i % distinct};\n")
        for i in range(n))
