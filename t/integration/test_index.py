"""Many targets: those found by the index are those that walking would find."""

import random

import pytest

import messages
from config import EVENTS, MESSAGES, SENDER, connection, entry, policy, target
from kafka import records
from nginx import ok

SUBJECTS = [f"t:{n}" for n in range(7)]
NAMESPACES = ["ns", "ns.a", "ns.b", "nsx"]
TARGETS = 60


class Target:
    """One target and what it should get, decided without an index."""

    def __init__(self, dice, number):
        self.number = number
        self.subjects = dice.sample(SUBJECTS, dice.randint(1, 3))
        self.entries = [(kind, dice.sample(NAMESPACES, dice.randint(0, 2)))
                        for kind in dice.choices((EVENTS, MESSAGES),
                                                 k=dice.randint(1, 3))]

    def block(self):
        return target(f"all/{self.number}",
                      [kind + ("?namespaces=" + ",".join(names) if names
                               else "")
                       for kind, names in self.entries], self.subjects)

    def gets(self, kind, namespace, readers):
        return (bool(set(self.subjects) & readers)
                and any(k == kind and (not names or namespace in names)
                        for k, names in self.entries))


def server_of(nginx, broker, targets, readers):
    blocks = [connection(broker.bootstrap,
                         *(t.block() for t in targets[i:i + 4]),
                         name=f"c{i}") for i in range(0, len(targets), 4)]
    document = {name: policy(f"{name}:default",
                             entry([SENDER], thing="+W", message="+W"),
                             entry(sorted(who), thing="+R", message="+R"))
                for name, who in readers.items()}
    return nginx(http="".join(blocks), policies=document.values()).start()


@pytest.mark.parametrize("seed", range(3))
def test_found_is_what_walking_finds(nginx, broker, seed):
    dice = random.Random(seed)
    targets = [Target(dice, n) for n in range(TARGETS)]
    readers = {name: set(dice.sample(SUBJECTS, dice.randint(1, 4)))
               for name in NAMESPACES}
    server = server_of(nginx, broker, targets, readers)
    expected = []
    for name in NAMESPACES:
        ok(server.post(messages.event(thing=f"{name}:x")))
        ok(server.post(messages.message(thing=f"{name}:x")))
        for kind in (EVENTS, MESSAGES):
            expected += [str(t.number) for t in targets
                         if t.gets(kind, name, readers[name])]
    got = [r.key.decode() for r in records(broker.bootstrap, "all")]
    assert sorted(got) == sorted(expected)
    assert len(set(expected)) > TARGETS / 4
