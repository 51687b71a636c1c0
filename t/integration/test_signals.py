"""
Every kind of signal of the Ditto Protocol: published to the targets that list
its topic, or refused; nothing is lost in silence.
"""

import json

import pytest

import messages
from config import (COMMANDS, EVENTS, LIVE_EVENTS, MESSAGES, READER, SENDER,
                    connection, entry, policy, target)
from kafka import records
from nginx import ok, refused

POLICY_ANNOUNCEMENTS = "_/_/policies/announcements"
CONNECTION_ANNOUNCEMENTS = "_/_/connections/announcements"

KINDS = {"twin": EVENTS, "live": LIVE_EVENTS, "messages": MESSAGES,
         "commands": COMMANDS, "policies": POLICY_ANNOUNCEMENTS,
         "connections": CONNECTION_ANNOUNCEMENTS}

THING = "org.acme/pump-7/things"
JSON_THING = '{"thingId":"org.acme:pump-7","attributes":{"a":1}}'
MERGE = {"content-type": "application/merge-patch+json"}


def signal(topic, path="/attributes/a", value=None, headers=None, **members):
    return messages.envelope(topic, path, value, headers, **members)


def event(channel, action, path="/attributes/a", value="1"):
    return signal(f"{THING}/{channel}/events/{action}", path, value,
                  revision=2)


def command(action, path="/attributes/a", value="1", headers=None, **members):
    return signal(f"{THING}/live/commands/{action}", path, value, headers,
                  **members)


def deletion(subjects, policy_id="org.acme/p"):
    return signal(f"{policy_id}/policies/announcements/subjectDeletion", "/",
                  json.dumps({"deleteAt": "2026-08-18T10:00:00Z",
                              "subjectIds": subjects}))


# the signal, and whose targets get it
PUBLISHED = {
    **{f"{channel} event {action} {path}":
       (event(channel, action, path, value), channel)
       for channel in ("twin", "live") for action, path, value in [
           ("created", "/attributes/a", "1"), ("created", "/", JSON_THING),
           ("modified", "/attributes/a", "1"),
           ("merged", "/attributes/a", "1"),
           ("deleted", "/attributes/a", None), ("deleted", "/", None),
           ("migrated", "/", JSON_THING)]},
    "twin event that is live by its header":
        (signal(f"{THING}/twin/events/modified", value="1", revision=2,
                headers={"channel": "live"}), "live"),
    "live create": (command("create", "/", JSON_THING), "commands"),
    "live modify": (command("modify"), "commands"),
    "live modify of a thing": (command("modify", "/", JSON_THING), "commands"),
    "live merge": (command("merge", headers=MERGE), "commands"),
    "live delete": (command("delete", value=None), "commands"),
    "live retrieve": (command("retrieve", value=None), "commands"),
    "live retrieve of a thing":
        (command("retrieve", "/", None, fields="attributes"), "commands"),
    "message to a thing":
        (messages.message(path="/inbox/messages/alarm"), "messages"),
    "message from a thing": (messages.message(), "messages"),
    "message from a feature":
        (messages.message(path="/features/f/outbox/messages/alarm"),
         "messages"),
    "message without value": (messages.message(value=None), "messages"),
    "claim": (messages.message(subject="claim", path="/inbox/messages/claim"),
              "messages"),
    "policy announcement": (deletion(["x:y", READER]), "policies"),
}

UNSUPPORTED = "signal.unsupported"
UNKNOWN = "protocoladapter:unknown.topicpath"

REFUSED = {
    **{f"twin command {action}":
       (signal(f"{THING}/twin/commands/{action}", path, value, headers),
        UNSUPPORTED) for action, path, value, headers in [
            ("create", "/", JSON_THING, None),
            ("modify", "/attributes/a", "1", None),
            ("merge", "/attributes/a", "1", MERGE),
            ("delete", "/", None, None), ("retrieve", "/", None, None)]},
    "twin response": (signal(f"{THING}/twin/commands/modify", status=204),
                      UNSUPPORTED),
    "live response":
        (signal(f"{THING}/live/commands/modify", status=204), UNSUPPORTED),
    "live response with value":
        (signal(f"{THING}/live/commands/retrieve", value="1", status=200),
         UNSUPPORTED),
    "message response":
        (signal(f"{THING}/live/messages/alarm", "/inbox/messages/alarm",
                '"ok"', status=200), UNSUPPORTED),
    "acknowledgement":
        (signal(f"{THING}/twin/acks/my:label", "/", status=204), UNSUPPORTED),
    "live acknowledgement":
        (signal(f"{THING}/live/acks/my:label", "/", '"x"', status=400),
         UNSUPPORTED),
    "acknowledgements":
        (signal(f"{THING}/twin/acks", "/", '{"my:label":{"status":204}}',
                status=200), UNSUPPORTED),
    "error": (signal(f"{THING}/twin/errors", "/",
                     '{"status":404,"error":"a:b","message":"c"}', status=404),
              UNSUPPORTED),
    "retrieval of things":
        (signal("org.acme/_/things/live/commands/retrieve", "/",
                '{"thingIds":["org.acme:pump-7"]}'), UNSUPPORTED),
    "search": (signal("_/_/things/twin/search/subscribe", "/",
                      '{"filter":"exists(attributes)"}'), UNSUPPORTED),
    "search event": (signal("_/_/things/twin/search/created", "/",
                            '{"subscriptionId":"1"}'), UNSUPPORTED),
    "streaming":
        (signal(f"{THING}/twin/streaming/subscribeForPersistedEvents", "/",
                "{}"), UNSUPPORTED),
    "policy command":
        (signal("org.acme/p/policies/commands/retrieve", "/"), UNSUPPORTED),
    "policy command delete":
        (signal("org.acme/p/policies/commands/delete", "/"), UNSUPPORTED),
    "policy event":
        (signal("org.acme/p/policies/events/deleted", "/", revision=1),
         UNSUPPORTED),
    "connection announcement opened":
        (signal("_/k/connections/announcements/opened", "/",
                '{"openedAt":"2026-08-18T10:00:00Z"}'), UNSUPPORTED),
    "connection announcement closed":
        (signal("_/k/connections/announcements/closed", "/",
                '{"closedAt":"2026-08-18T10:00:00Z"}'), UNSUPPORTED),
    "live migrate":
        (command("migrate", "/", '{"thingDefinitionUrl":"https://x/y"}'),
         "protocoladapter:unknown.channel"),
    "live merge of another content type":
        (command("merge", headers={"content-type": "application/json"}),
         "mediatype.unsupported"),
    "twin message": (signal(f"{THING}/twin/messages/alarm",
                            "/inbox/messages/alarm", '"x"'), UNKNOWN),
    "message without subject":
        (signal(f"{THING}/live/messages", "/inbox/messages/x"), UNKNOWN),
    "message of another subject":
        (signal(f"{THING}/live/messages/a", "/inbox/messages/b"),
         "protocoladapter:invalid.path"),
    "event of a command": (event("twin", "modify"), UNKNOWN),
    "acknowledgement without status":
        (signal(f"{THING}/twin/acks/my:label", "/"), UNKNOWN),
    "Ditto's own acknowledgement":
        (signal(f"{THING}/twin/acks/twin-persisted", "/", status=204),
         "acknowledgement:ditto.acklabel.forbidden"),
    "thing without channel":
        (signal("org.acme/pump-7/things/none/events/modified", value="1",
                revision=1), UNKNOWN),
    "announcement of a thing":
        (signal(f"{THING}/twin/announcements/x", "/", "{}"), UNKNOWN),
    "another policy announcement":
        (signal("org.acme/p/policies/announcements/x", "/", "{}"), UNKNOWN),
    "created policyId":
        (event("twin", "created", "/policyId", '"a:b"'), UNKNOWN),
}


# the subjects that a policy announcement names, and who gets it
NAMED = {
    "nobody is named": ([], []), "somebody else is named": (["x:y"], []),
    "a target is named": ([READER], ["policies"]),
    "another target is named": (["no:body"], ["others"]),
    "both are named": ([READER, "no:body", "x:y"], ["others", "policies"]),
}

FORBIDDEN = {"policy without the right": ("org.acme/closed", 403),
             "unknown policy": ("org.acme/unknown", 404)}


@pytest.fixture(scope="module")
def sent(shared_nginx, shared_broker):
    """Everything above: the answer, and what lies in Kafka by kind."""
    def one(kind):
        return target(kind, [KINDS[kind]])

    own = policy("org.acme:p", entry([SENDER], policy="+W"))
    closed = policy("org.acme:closed", entry([SENDER], policy="+R"))
    things = policy("org.acme:default",
                    entry([SENDER], thing="+RW", message="+W"),
                    entry([READER], thing="+R", message="+R"))
    kinds = list(KINDS)
    server = shared_nginx(policies=[own, closed, things], http=connection(
        shared_broker.bootstrap, *map(one, kinds[:4])) + connection(
        shared_broker.bootstrap, *map(one, kinds[4:]),
        target("others", [POLICY_ANNOUNCEMENTS], ["no:body"]),
        name="l")).start()

    posts = {title: body for title, (body, _) in
             [*PUBLISHED.items(), *REFUSED.items()]}
    posts |= {title: deletion(named) for title, (named, _) in NAMED.items()}
    posts |= {title: deletion([READER], policy_id)
              for title, (policy_id, _) in FORBIDDEN.items()}
    answers = {}
    for title, body in posts.items():
        body = json.loads(body)
        body.setdefault("headers", {})["correlation-id"] = title
        answers[title] = server.post(json.dumps(body)), {}
    for kind in *kinds, "others":
        for record in records(shared_broker.bootstrap, kind):
            envelope = json.loads(record.value)
            _, found = answers[envelope["headers"]["correlation-id"]]
            assert kind not in found, "once for each target"
            found[kind] = envelope
    return answers


@pytest.mark.parametrize("title", PUBLISHED)
def test_published(sent, title):
    body, kind = PUBLISHED[title]
    answer, found = sent[title]
    ok(answer)
    assert list(found) == [kind]
    posted = json.loads(body)
    topic = posted["topic"]
    if posted.get("headers", {}).get("channel") == "live":
        topic = topic.replace("/twin/", "/live/")
    envelope = found[kind]
    assert (envelope["topic"], envelope["path"]) == (topic, posted["path"])
    assert envelope.get("revision") == posted.get("revision")


@pytest.mark.parametrize("title", REFUSED)
def test_refused(sent, title):
    answer, found = sent[title]
    code = REFUSED[title][1]
    refused(answer, 415 if code.startswith("mediatype") else 400, code)
    assert found == {}


@pytest.mark.parametrize("title", NAMED)
def test_policy_announcement_goes_to_whom_it_names(sent, title):
    answer, found = sent[title]
    ok(answer)
    assert sorted(found) == NAMED[title][1]


@pytest.mark.parametrize("title", FORBIDDEN)
def test_policy_announcement_needs_the_right(sent, title):
    answer, found = sent[title]
    assert answer.status_code == FORBIDDEN[title][1], answer.text
    assert answer.json()["error"].startswith("policies:")
    assert found == {}


# without WRITE (READ of a part to retrieve): status and code
NOT_ALLOWED = {
    **{f"{channel} event": (event(channel, "modified"), 403,
                            "things:event.notallowed")
       for channel in ("twin", "live")},
    "message": (messages.message(), 403, "messages:send.notallowed"),
    "message of a feature":
        (messages.message(path="/features/f/inbox/messages/alarm"), 403,
         "messages:send.notallowed"),
    "live create": (command("create", "/", JSON_THING), 403, "things:"),
    "live modify": (command("modify"), 403, "things:"),
    "live modify of a thing": (command("modify", "/", JSON_THING), 403,
                               "things:thing.notmodifiable"),
    "live merge": (command("merge", headers=MERGE), 403, "things:"),
    "live delete": (command("delete", "/", None), 403, "things:"),
    "live retrieve":
        (command("retrieve", "/", None), 404, "things:thing.notfound"),
    "live retrieve of an attribute":
        (command("retrieve", value=None), 404, "things:"),
}


@pytest.fixture(scope="module")
def strangers(shared_nginx, shared_broker):
    """A server on which nobody may write."""
    return shared_nginx(policies=[policy("org.acme:default", entry(
        [READER], thing="+R", message="+R"))], http=connection(
            shared_broker.bootstrap,
            target("t", list(KINDS.values())))).start()


@pytest.mark.parametrize("title", NOT_ALLOWED)
def test_not_allowed(strangers, shared_broker, title):
    body, status, code = NOT_ALLOWED[title]
    answer = strangers.post(body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"].startswith(code)
    assert records(shared_broker.bootstrap, "t") == []


def test_a_claim_needs_no_right(nginx, broker):
    one = nginx(policies=[policy("org.acme:default", entry(
        [READER], message="+R"))], http=connection(
            broker.bootstrap, target("t", [MESSAGES]))).start()
    ok(one.post(messages.message(subject="claim",
                                 path="/inbox/messages/claim")))
    assert len(records(broker.bootstrap, "t")) == 1
