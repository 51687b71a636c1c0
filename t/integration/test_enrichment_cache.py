"""Things that are remembered, and kept in step with the events that pass."""

import pytest

import messages
import wait
from config import EVENTS, MESSAGES, READER, target
from kafka import records
from nginx import ok
from things import FIELDS, thing
from things import sites as sites_of

ID = "org.acme:pump-7"


def sites(broker):
    return sites_of(records(broker.bootstrap, "t"))


def test_remembered(ditto, broker, things):
    """Also for live messages; of an older revision too."""
    things.things[ID] = thing(revision=5)
    one = ditto()
    for body in [messages.event(revision=5), messages.event(revision=5),
                 messages.event(revision=4), messages.message()]:
        ok(one.post(body))
    assert len(things.requests) == 1
    assert sites(broker) == ["B4"] * 4
    ok(one.post(messages.event(thing="org.acme:other", revision=5)) and
       one.post(messages.event(revision=5)))


def test_live_messages_fetch_too(ditto, broker, things):
    things.things[ID] = thing()
    one = ditto()
    ok(one.post(messages.message()))
    things.things[ID] = thing("new")
    ok(one.post(messages.message()))
    ok(one.post(messages.event()))
    assert len(things.requests) == 1
    assert sites(broker) == ["B4"] * 3


def test_a_gap_is_fetched_again(ditto, broker, things):
    one = ditto()
    for number, revision in enumerate((5, 7, 20), 1):
        things.things[ID] = thing(f"at {revision}", revision)
        ok(one.post(messages.event(revision=revision)))
        assert len(things.requests) == number
    for body in (messages.event(revision=7), messages.message(),
                 messages.event(revision=-2 ** 63)):
        ok(one.post(body))
    assert len(things.requests) == 3
    assert sites(broker) == ["at 5", "at 7", *["at 20"] * 4]
    things.things[ID] = thing("last", 2 ** 63 - 1)
    ok(one.post(messages.event(revision=2 ** 63 - 1)))
    assert sites(broker)[-1] == "last"


# action, path and value of the event with the next revision; site after it
APPLIED = {
    "modified": ("modified", "/attributes/site", '"C"', "C"),
    "created": ("created", "/attributes/site", '"C"', "C"),
    "modified above": ("modified", "/attributes", '{"site":"C"}', "C"),
    "modified away": ("modified", "/attributes", '{"x":1}', None),
    "modified beside": ("modified", "/attributes/x", "1", "B4"),
    "modified below": ("modified", "/attributes/site/x", "1", {"x": 1}),
    "merged": ("merged", "/attributes", '{"site":{"x":1,"y":null}}',
               {"x": 1}),
    "merged with null": ("merged", "/attributes", '{"site":null}', None),
    "merged beside": ("merged", "/", '{"attributes":{"x":1}}', "B4"),
    "deleted": ("deleted", "/attributes/site", None, None),
    "deleted above": ("deleted", "/attributes", None, None),
    "deleted beside": ("deleted", "/attributes/x", None, "B4"),
    "a thing": ("modified", "/",
                f'{{"thingId":"{ID}","attributes":{{"site":"C"}}}}', "C"),
    "deleted altogether": ("deleted", "/", None, "B4"),
}


@pytest.mark.parametrize("action, path, value, site", APPLIED.values(),
                         ids=APPLIED)
def test_the_next_revision_is_applied(ditto, broker, things, action, path,
                                      value, site):
    things.things[ID] = thing(revision=5)
    one = ditto()
    ok(one.post(messages.event(revision=5)))
    things.things[ID] = 500
    ok(one.post(messages.event(action=action, path=path, value=value,
                               revision=6)))
    ok(one.post(messages.message()))
    ok(one.post(messages.event(revision=7, path="/attributes/z", value="1")))
    assert len(things.requests) == 1
    assert sites(broker) == ["B4", site, site, site]


def test_live_events_are_not_applied(ditto, broker, things):
    things.things[ID] = thing(revision=5)
    one = ditto(target("t", [EVENTS + FIELDS]),
                target("live", ["_/_/things/live/events" + FIELDS]))
    ok(one.post(messages.event(revision=5)))
    ok(one.post(messages.event(channel="live", path="/attributes/site",
                               value='"C"', revision=6)))
    ok(one.post(messages.event(revision=5)))
    assert len(things.requests) == 1
    assert sites(broker) == ["B4", "B4"]


def test_a_new_thing_starts_afresh(ditto, broker, things):
    things.things[ID] = thing("old", 5)
    one = ditto()
    ok(one.post(messages.event(revision=5)))
    new = f'{{"thingId":"{ID}","attributes":{{"site":"new"}}}}'
    ok(one.post(messages.event(action="created", path="/", value=new,
                               revision=1)))
    ok(one.post(messages.event(path="/attributes/z", value="1", revision=2)))
    assert len(things.requests) == 1
    assert sites(broker) == ["old", "new", "new"]


def test_another_policy_has_it_fetched_again(ditto, broker, things):
    things.things[ID] = thing(revision=5)
    one = ditto()
    ok(one.post(messages.event(revision=5)))
    things.things[ID] = thing("seen by others", 6)
    ok(one.post(messages.event(path="/policyId", value='"org.acme:p"',
                               revision=6)))
    assert len(things.requests) == 2
    assert sites(broker) == ["B4", "seen by others"]


def test_without_a_cache(ditto, broker, things):
    one = ditto(parameters="cache=0")
    for n in range(1, 4):
        things.things[ID] = thing(n)
        ok(one.post(messages.message()))
        assert len(things.requests) == n
    assert sites(broker) == [1, 2, 3]


def test_how_many_are_remembered(ditto, things):
    one = ditto(parameters="cache=2")
    for name in "abcbcac":
        things.things[f"org.acme:{name}"] = thing()
        ok(one.post(messages.event(thing=f"org.acme:{name}")))
    assert "".join(r.thing[-1] for r in things.requests) == "abca"


def test_how_long_it_is_remembered(ditto, things):
    things.things[ID] = thing()
    one = ditto(parameters="valid=1s")

    def asked_again():
        ok(one.post())
        return len(things.requests) > 1

    assert not asked_again()
    wait.until(asked_again, "it is fetched again")


def test_a_failure_is_not_remembered(ditto, broker, things):
    one = ditto()
    for content, status in (404, 404), (500, 503), (thing(), 204):
        things.things[ID] = content
        assert one.post().status_code == status
    assert len(things.requests) == 3
    assert sites(broker) == ["B4"]


def test_others_subjects_and_fields_are_remembered_apart(ditto, things):
    things.things[ID] = thing()
    one = ditto(target("t", [EVENTS + FIELDS]),
                target("u", [EVENTS + FIELDS], [READER, "x:y"]),
                target("v", [MESSAGES + "?extraFields=attributes"]))
    for n, body in (2, messages.event()), (3, messages.message()):
        for _ in range(2):
            ok(one.post(body))
            assert len(things.requests) == n
