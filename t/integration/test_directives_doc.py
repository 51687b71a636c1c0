"""docs/directives.md and the command tables of src/http say the same."""

import re

import pytest

from paths import ROOT

DOC = ROOT / "docs" / "directives.md"
PARTS = ("Syntax", "Default", "Context")


def commands():
    """Names in the ngx_command_t tables."""
    names = set()
    for file in sorted((ROOT / "src" / "http").glob("*.c")):
        text = file.read_text(encoding="utf-8")
        for table in re.findall(r"ngx_command_t\s+\w+\[\]\s*=\s*\{(.*?)\n\};",
                                text, re.S):
            names |= set(re.findall(r'\{\s*ngx_string\("(\w+)"\)', table))
    return names


def sections():
    """Headline -> text; a headline may be `name` or name."""
    if not DOC.exists():
        return {}
    parts = re.split(r"^#{2,4} +`?(\w+)`?\s*$",
                     DOC.read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def test_there_are_directives():
    assert {"ditto_publish", "ditto_connection", "target"} <= commands()


@pytest.mark.parametrize("name", sorted(commands()))
def test_directive_is_documented(name):
    assert name in sections(), f"no section {name} in docs/directives.md"
    text = sections()[name]
    for part in PARTS:
        assert part in text, f"{name}: no {part}"
    assert re.search(r"^```|^    \S", text, re.M), f"{name}: no example"


def test_nothing_else_is_documented():
    named = {name for name, text in sections().items() if "Syntax" in text}
    assert named - commands() == set()
