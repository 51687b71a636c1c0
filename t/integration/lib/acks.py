"""Targets that issue acknowledgements, and messages that request them."""

import json

import messages
from config import EVENTS, MESSAGES, READER, target

BOTH = (EVENTS, MESSAGES)


def labelled(address, label, topics=BOTH, subjects=(READER,), more=""):
    return target(address, topics, subjects,
                  f'issued_acknowledgement_label "{label}"; {more}')


def ask(server, labels, body=messages.event, how="envelope", headers=None,
        **more):
    """Posts a message that requests these labels."""
    path, http = "/ditto", {}
    headers = dict(headers or {"case": "x"})
    if how == "envelope":
        headers["requested-acks"] = labels
    elif how == "header":
        http["Requested-Acks"] = ",".join(labels)
    elif how == "header, JSON":
        http["requested-acks"] = json.dumps(labels)
    elif how == "query":
        path += "?requested-acks=" + ",".join(labels)
    elif how == "query, JSON":
        path += "?requested-acks=%5B%22" + "%22,%22".join(labels) + "%22%5D"
    return server.post(body(headers=headers, **more), path=path, headers=http)
