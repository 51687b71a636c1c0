"""Pieces of nginx.conf and documents that many tests have in common."""

THING = "org.acme:pump-7"
SENDER = "nginx:device"
READER = "kafka:reader"

EVENTS = "_/_/things/twin/events"
LIVE_EVENTS = "_/_/things/live/events"
MESSAGES = "_/_/things/live/messages"
COMMANDS = "_/_/things/live/commands"


def target(address, topics=(EVENTS,), subjects=(READER,), more=""):
    """A target block; more: further directives."""
    names = " ".join(f'"{t}"' for t in topics)
    who = " ".join(f'"{s}"' for s in subjects)
    return (f'target "{address}" {{\n'
            f"    topics {names};\n"
            f"    authorization_subjects {who};\n"
            f"    {more}\n}}\n")


def connection(bootstrap, *targets, name="k", more=""):
    """A connection block; more: further directives."""
    return (f"ditto_connection {name} {{\n"
            f"    uri tcp://{bootstrap.split(',')[0]};\n"
            f"    bootstrap_servers {bootstrap};\n"
            f"    {more}\n" + "".join(targets) + "}\n")


def document(bootstrap, *targets, name="k", specific=None, **members):
    """The same as Ditto's own JSON; targets: what is not as usual."""
    usual = {"topics": [EVENTS, MESSAGES], "authorizationContext": [READER]}
    return {"id": name, "connectionType": "kafka", "connectionStatus": "open",
            "uri": f"tcp://{bootstrap.split(',')[0]}",
            "specificConfig": {"bootstrapServers": bootstrap,
                               **(specific or {})},
            "targets": [{**usual, **t} for t in targets], **members}


def location(path="/ditto", publish="", subject=SENDER, more=""):
    return (f"location = {path} {{ ditto_publish {publish}; "
            f'ditto_subject "{subject}"; {more} }}\n')


def entry(subjects, **resources):
    """
    An entry of a policy.  A resource is written thing="+RW" or, with a path,
    through the dictionary form: entry(["a:b"], **{"thing:/x": "-R"}).
    """
    words = {"R": "READ", "W": "WRITE", "E": "EXECUTE"}
    result = {}
    for key, rights in resources.items():
        key = key if ":" in key else key + ":/"
        grant, revoke = [], []
        for part in rights.split():
            to = grant if part[0] == "+" else revoke
            to += [words[letter] for letter in part[1:]]
        result[key] = {"grant": grant, "revoke": revoke}
    return {"subjects": {s: {"type": "test"} for s in subjects},
            "resources": result}


def policy(policy_id, *entries):
    everything = [entry(["nginx:admin"], policy="+RW"), *entries]
    return {"policyId": policy_id,
            "entries": {f"e{i}": e for i, e in enumerate(everything)}}


# The sender may write and the reader may read every thing of org.acme.
DEFAULT_POLICY = policy("org.acme:default",
                        entry([SENDER], thing="+W", message="+W"),
                        entry([READER], thing="+R", message="+R"))

POLICIES = """
    ditto_policies "{dir}/policies/*.json";
    ditto_policy_id "{{{{ thing:id }}}}" "{{{{ thing:namespace }}}}:default";
"""
