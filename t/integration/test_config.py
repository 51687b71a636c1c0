"""nginx -t: what is right passes, what is wrong is told in a sentence."""

import copy
import re

import pytest

from config import DEFAULT_POLICY, connection, location, target
from paths import MODULE
from test_customer_example import EXAMPLE

KAFKA = "127.0.0.1:9"
GOOD = connection(KAFKA, target("t/{{ thing:id }}"))

DOCUMENT = {
    "id": "doc", "connectionType": "kafka", "connectionStatus": "open",
    "uri": "tcp://127.0.0.1:9",
    "specificConfig": {"bootstrapServers": "127.0.0.1:9"},
    "targets": [{"address": "t", "topics": ["_/_/things/twin/events"],
                 "authorizationContext": ["a:b"]}],
}


def with_line(line):
    return connection(KAFKA, target("t"), more=line)


def refuses(nginx, *words, **options):
    """nginx -t fails with one [emerg] line that has all these words."""
    one = nginx(**options)
    rc, text = one.test()
    assert rc != 0, text
    lines = [line for line in text.splitlines() if "[emerg]" in line]
    assert len(lines) == 1, text
    for word in words:
        assert word in lines[0], lines[0]
    return one, lines[0]


def names_line_of(one, text, needle):
    """The sentence ends with the file and the line in which needle stands."""
    conf = one.conf.read_text().splitlines()
    number = 1 + next(i for i, line in enumerate(conf) if needle in line)
    assert f"nginx.conf:{number}" in text


def names_line_within_block(one, text):
    """
    What is checked when a block is complete: the line is one of the block,
    which ends with the line before the server's.
    """
    conf = one.conf.read_text().splitlines()
    begin = next(i for i, line in enumerate(conf) if "ditto_connection k {" in line)
    end = next(i for i, line in enumerate(conf) if "server {" in line)
    number = int(re.search(r"nginx.conf:(\d+)", text).group(1)) - 1
    assert begin <= number < end


def accepts(nginx, **options):
    rc, text = nginx(**options).test()
    assert rc == 0, text
    return text


def document(**changes):
    result = copy.deepcopy(DOCUMENT)
    result.update(changes)
    return result


def test_a_good_configuration_passes_without_a_warning(nginx):
    text = accepts(nginx, http=GOOD)
    assert "[warn]" not in text


@pytest.mark.parametrize("directive, value", [
    ("kafka no.such.property 1;", "no.such.property"),
    ("kafka compression.type zip;", "zip"),
    ("kafka linger.ms many;", "many"),
    ("kafka linger.ms;", "kafka"),
    ("sasl_mechanism GSSAPI;", "GSSAPI"),
    ("nosuchdirective 1;", "nosuchdirective"),
    ("mapping_definition slim Slim;", '"slim"'),
    ("mapping_definition slim Normalized fields;", '"fields"'),
    ("mapping_definition slim Normalized =x;", '"=x"'),
    ("mapping_definition made ImplicitThingCreation;", '"made"'),
    ("mapping_definition a Ditto; mapping_definition a Ditto;", "duplicate"),
    ('mapping_definition "a#b" Ditto; mapping_definition "a#b" Ditto;',
     "duplicate"),
])
def test_wrong_line_in_a_connection(nginx, directive, value):
    one, text = refuses(nginx, value, http=with_line(directive))
    names_line_of(one, text, directive)


@pytest.mark.parametrize("line", [
    "validate_certificates on; validate_certificates off;",
    "kafka linger.ms 1; kafka linger.ms 2;"])
def test_twice_in_a_connection(nginx, line):
    refuses(nginx, "is duplicate", http=with_line(line))


@pytest.mark.parametrize("one, other", [
    ("issued_acknowledgement_label k:a;", "issued_acknowledgement_label k:b;"),
    ("header_mapping a b;", "header_mapping a c;")])
def test_twice_in_a_target(nginx, one, other):
    """Each target has its own."""
    def targets(*more):
        return connection("127.0.0.1:9", *(target("t", more=m) for m in more))

    refuses(nginx, "is duplicate", http=targets(other, one + other))
    accepts(nginx, http=targets(one, other))


@pytest.mark.parametrize("lines, names", [
    ("kafka enable.idempotence true; kafka acks 1;", ("acks",)),
    ("kafka message.timeout.ms 100; kafka linger.ms 1000;", ("linger.ms",)),
    ("kafka ssl.ca.pem nonsense; kafka security.protocol ssl;",
     ("ssl.ca.pem",)),
])
def test_properties_that_exclude_each_other(nginx, lines, names):
    refuses(nginx, *names, http=with_line(lines))


def test_acks_without_idempotence_is_a_warning_only(nginx):
    text = accepts(nginx, http=with_line("kafka acks 1;"))
    assert "[warn]" in text and "idempotence" in text


@pytest.mark.parametrize("address", [
    "bad topic", "t#x", "t/", "t#", "/k", "ä", "t/{{ foo:bar }}",
    "t/{{ thing:colour }}", "t/{{ thing:id | fn:nosuch() }}", "a" * 250,
])
def test_wrong_address(nginx, address):
    one, text = refuses(nginx, f'"{address}" of "target"', '"k"',
                        http=connection(KAFKA, target(address)))
    names_line_of(one, text, f'target "{address}"')


@pytest.mark.parametrize("entry, words", [
    ("_/_/things/twin/colours", ("_/_/things/twin/colours",
                                 "could not be parsed")),
    ("_/_/things/twin/events?filter=eq(", ("eq(",)),
    ("", ()),
])
def test_wrong_topics_entry(nginx, entry, words):
    one, text = refuses(nginx, '"topics"', f'"{entry}"', *words,
                        http=connection(KAFKA, target("t", topics=[entry])))
    names_line_of(one, text, "topics ")


@pytest.mark.parametrize("entry, what", [
    ('_/_/things/twin/events?extraFields=attributes', "extraFields"),
])
def test_what_is_not_there_yet_is_refused(nginx, entry, what):
    refuses(nginx, what, http=connection(KAFKA, target("t", topics=[entry])))


@pytest.mark.parametrize("uri", [
    "tcp://h", "h:9092", "tcp://my_host:9092", "tcp://h:0",
])
def test_wrong_uri(nginx, uri):
    block = GOOD.replace(f"uri tcp://{KAFKA};", f"uri {uri};")
    one, text = refuses(nginx, uri, http=block)
    names_line_of(one, text, uri)


@pytest.mark.parametrize("old, new, words", [
    (f"tcp://{KAFKA}", "http://h:9092",
     ("The URI scheme 'http' is not valid", "Accepted URI schemes")),
    (f"bootstrap_servers {KAFKA}", "bootstrap_servers my_host:9",
     ("bootstrap servers 'my_host:9' is not valid",)),
])
def test_what_ditto_checks_in_a_whole_connection(nginx, old, new, words):
    one, text = refuses(nginx, '"k"', *words, http=GOOD.replace(old, new))
    names_line_within_block(one, text)


def test_no_password_in_a_sentence(nginx):
    block = GOOD.replace(f"tcp://{KAFKA};", "tcp://u:geheim@my_host:1;")
    _, text = refuses(nginx, "my_host", http=block)
    assert "geheim" not in text


def test_target_without_subjects(nginx):
    block = GOOD.replace('authorization_subjects "kafka:reader";', "")
    refuses(nginx, "missing an authorization context", http=block)


def test_connection_without_a_target(nginx):
    refuses(nginx, "Either a source or a target must be specified",
            http=connection(KAFKA))


@pytest.mark.parametrize("name", ["a b", "ä", "a" * 101, "a/b"])
def test_wrong_connection_id(nginx, name):
    refuses(nginx, name, http=connection(KAFKA, target("t"), name=f'"{name}"'))


def test_same_id_twice(nginx):
    refuses(nginx, '"k"', http=GOOD + GOOD)


def test_same_id_in_block_and_file(nginx):
    refuses(nginx, '"k"', files={"c/k.json": document(id="k")},
            http=GOOD + 'ditto_connections "@DIR@/c/*.json";')


@pytest.mark.parametrize("second", [
    "uri tcp://h:1;", "bootstrap_servers h:1;",
])
def test_a_directive_twice(nginx, second):
    refuses(nginx, second.split()[0], "duplicate", http=with_line(second))


# --- connection documents ---------------------------------------------------

DOCUMENTS = 'ditto_connections "@DIR@/c/*.json";'


@pytest.mark.parametrize("content", [
    document(), {"connection": document()},
    document(unknownMember={"x": [1, 2]}, tags=["a"], name=None),
    document(specificConfig={"bootstrapServers": "127.0.0.1:9",
                             "linger.ms": "3"}),
])
def test_good_document(nginx, content):
    text = accepts(nginx, http=DOCUMENTS, files={"c/one.json": content})
    assert "[warn]" not in text


@pytest.mark.parametrize("content, words", [
    ('{"id":"doc",', ("one.json",)),
    ("", ("one.json",)),
    (b'{"id":"\xff"}', ("one.json",)),
    ({}, ("one.json", "JSON did not include required")),
    (document(connectionType="amqp-10"), ("one.json", "amqp-10")),
    (document(connectionStatus="ajar"),
     ("one.json", "Connection status <ajar> is invalid!")),
    (document(specificConfig={}), ("one.json", "bootstrap servers")),
    (document(specificConfig={"bootstrapServers": "h:1", "linger.ms": "x"}),
     ("one.json", "linger.ms", "x")),
    (document(targets=[dict(DOCUMENT["targets"][0], address="a b")]),
     ("one.json", "/targets/0/address", "a b")),
    (document(targets=[DOCUMENT["targets"][0],
                       dict(DOCUMENT["targets"][0], topics=["x"])]),
     ("one.json", "/targets/1/topics", "could not be parsed")),
    (document(targets=[dict(DOCUMENT["targets"][0],
                            authorizationContext=[])]),
     ("one.json", "missing an authorization context")),
    (document(clientCount=0), ("one.json", "client count")),
    (document(id="a b"), ("one.json", "a b")),
    (document(sshTunnel={"enabled": False}), ("one.json",)),
])
def test_wrong_document(nginx, content, words):
    refuses(nginx, *words, http=DOCUMENTS, files={"c/one.json": content})


def test_broken_json_tells_the_place(nginx):
    text = '{\n "id": "doc",\n "uri": nonsense\n}'
    _, line = refuses(nginx, "one.json", http=DOCUMENTS,
                      files={"c/one.json": text})
    position = str(text.index("nonsense"))
    assert position in line or "one.json:3" in line or "line 3" in line


def test_sources_are_accepted_with_a_warning(nginx):
    source = {"addresses": ["in"], "authorizationContext": ["a:b"]}
    text = accepts(nginx, http=DOCUMENTS,
                   files={"c/one.json": document(sources=[source])})
    assert "[warn]" in text and "source" in text


def test_closed_connection_is_accepted(nginx):
    accepts(nginx, http=DOCUMENTS,
            files={"c/one.json": document(connectionStatus="closed")})


@pytest.mark.parametrize("directive", ["ditto_connections", "ditto_policies"])
def test_missing_file(nginx, directive):
    options = {"policies": None} if directive == "ditto_policies" else {}
    line = f'{directive} "@DIR@/nope.json";'
    one, text = refuses(nginx, "nope.json", http=line + GOOD, **options)
    names_line_of(one, text, f"{directive} ")


def test_pattern_that_matches_nothing_is_fine(nginx):
    accepts(nginx, http='ditto_connections "@DIR@/nope/*.json";' + GOOD)


def test_the_customers_example_passes(nginx):
    accepts(nginx, http=DOCUMENTS, files={"c/example.json": EXAMPLE})


# --- policies ---------------------------------------------------------------

@pytest.mark.parametrize("content, words", [
    ('{"policyId":', ("0.json",)),
    ({"entries": DEFAULT_POLICY["entries"]}, ("0.json", "policyId")),
    ({"policyId": "a:b", "entries": {}}, ("0.json", "'a:b'", "policy:/")),
    (dict(DEFAULT_POLICY, policyId="a:b/c"), ("0.json", "a:b/c")),
    ({"policyId": "a:b", "entries": {"x": {
        "subjects": {"nocolon": {"type": "t"}},
        "resources": {"policy:/": {"grant": ["WRITE"], "revoke": []}}}}},
     ("0.json", "nocolon")),
    ({"policyId": "a:b", "entries": {"x": {
        "subjects": {"a:b": {"type": "t"}},
        "resources": {"thing:/": {"grant": ["READ"]}}}}},
     ("0.json", "revoke")),
])
def test_wrong_policy(nginx, content, words):
    refuses(nginx, *words, http=GOOD, policies=[content])


def test_same_policy_twice(nginx):
    refuses(nginx, "org.acme:default", http=GOOD,
            policies=[DEFAULT_POLICY, DEFAULT_POLICY])


def test_policies_off_must_be_written_out(nginx):
    accepts(nginx, http=GOOD + "ditto_policies off;", policies=None)
    refuses(nginx, "ditto_policies", http=GOOD, policies=None)


def test_wrong_policy_id_template(nginx):
    refuses(nginx, "ditto_policy_id", "{{ thing:colour }}", policies=None,
            http=GOOD + "ditto_policies off; "
            'ditto_policy_id "{{ thing:colour }}";')


# --- locations --------------------------------------------------------------

def test_subject_must_be_written_out(nginx):
    refuses(nginx, "ditto_subject", http=GOOD,
            server="location /d { ditto_publish; }")
    accepts(nginx, http=GOOD,
            server="location /d { ditto_publish; ditto_subject off; }")


@pytest.mark.parametrize("http, server, inside", [
    ("ditto_subject a:b;", "", ""),
    ("", "ditto_subject a:b;", ""),
    ("", "", "ditto_subject a:b;"),
    ("ditto_subject off; ditto_timeout 3s;", "ditto_timeout 4s;",
     "ditto_subject a:b; ditto_timeout 5s;"),
])
def test_settings_are_inherited(nginx, http, server, inside):
    accepts(nginx, http=GOOD + http,
            server=server + f"location /d {{ ditto_publish; {inside} }}")


def test_publish_to_an_unknown_connection(nginx):
    refuses(nginx, "ditto_publish", '"nosuch"', http=GOOD,
            server=location(publish="k nosuch"))


@pytest.mark.parametrize("more, words", [
    ("ditto_timeout soon;", ("ditto_timeout",)),
    ("ditto_timeout 1s; ditto_timeout 2s;", ("ditto_timeout", "duplicate")),
    ("ditto_subject a:c;", ("ditto_subject", "duplicate")),
    ("ditto_publish;", ("ditto_publish", "duplicate")),
])
def test_wrong_line_in_a_location(nginx, more, words):
    refuses(nginx, *words, http=GOOD, server=location(more=more))


@pytest.mark.parametrize("server", [
    "ditto_publish;", "ditto_policies off;", "target t { }",
])
def test_directive_in_the_wrong_place(nginx, server):
    refuses(nginx, "not allowed here", http=GOOD, server=server)


def test_include_works_inside_the_blocks(nginx):
    accepts(nginx, files={"target.conf": 'topics _/_/things/twin/events;\n'
                                         'authorization_subjects "a:b";\n'},
            http=f"ditto_connection k {{ uri tcp://{KAFKA}; "
                 f"bootstrap_servers {KAFKA}; "
                 'target t { include "@DIR@/target.conf"; } }')


def test_an_unreachable_kafka_fails_neither_test_nor_start(nginx):
    one = nginx(http=connection("nowhere.invalid:9092", target("t")))
    rc, text = one.test()
    assert rc == 0, text
    one.start()
    one.quit()


def test_no_http_block_needed_by_the_module(nginx):
    one = nginx()
    one.conf.write_text(f'load_module "{MODULE}";\nevents {{}}\n')
    rc, text = one.test()
    assert rc == 0, text


def test_module_without_any_directive(nginx):
    accepts(nginx, server="location / { return 204; }", policies=None)
