"""Ditto Protocol messages as text, so that a test decides each byte."""

import json

CONTENT_TYPE = "application/vnd.eclipse.ditto+json"


def _parts(thing):
    namespace, _, name = thing.partition(":")
    return f"{namespace}/{name}"


def envelope(topic, path, value=None, headers=None, **members):
    """value is JSON text; headers and members are Python values."""
    text = f'{{"topic":{json.dumps(topic)},"path":{json.dumps(path)}'
    if headers is not None:
        text += f',"headers":{json.dumps(headers)}'
    if value is not None:
        text += f',"value":{value}'
    for name, member in members.items():
        text += f',"{name}":{json.dumps(member)}'
    return text + "}"


def event(thing="org.acme:pump-7", path="/attributes/rpm", value="900",
          headers=None, channel="twin", action="modified", revision=1,
          **members):
    return envelope(f"{_parts(thing)}/things/{channel}/events/{action}", path,
                    value, headers, revision=revision, **members)


def message(thing="org.acme:pump-7", subject="alarm", value='"hot"',
            headers=None, path=None):
    return envelope(f"{_parts(thing)}/things/live/messages/{subject}",
                    path or f"/outbox/messages/{subject}", value, headers)
