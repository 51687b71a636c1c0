"""docs/compatibility.md has a row for each row of the tables in src/ditto."""

import re

import pytest

from paths import ROOT

CORE = ROOT / "src" / "ditto"
DOC = ROOT / "docs" / "compatibility.md"
COLUMNS = 4                  # feature, Ditto, here, why


# --- the document -----------------------------------------------------------


def sections():
    """Headline -> rows of its tables, each a list of cells."""
    found, rows = {}, []
    for line in DOC.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            rows = found.setdefault(line[3:], [])
        elif line.startswith("|") and not re.match(r"\|[-|]+\|$", line):
            rows.append([cell.strip() for cell in line.split("|")[1:-1]])
    return found


def quoted(cell):
    """The names in it; of `header:<name>` what the code knows."""
    return {re.sub(r"<.*>", "", name) for name in re.findall(r"`([^`]+)`",
                                                             cell)}


def named(headline):
    """The names that have a row below a headline."""
    return set().union(*(quoted(row[0]) for row in sections()[headline]))


# --- the tables of the code -------------------------------------------------


def table(file, name):
    """The text of an array's initialiser, without comments."""
    text = (CORE / file).read_text(encoding="utf-8")
    found = re.search(r"\b%s(?:\[[^]]*\])+\s*=\s*\{(.*?)\n\s*\};" % name,
                      text, re.S)
    assert found, f"no table {name} in {file}"
    return re.sub(r"/\*.*?\*/", "", found.group(1), flags=re.S)


def rows(file, name):
    """The first string of each row."""
    return [text for text in
            re.findall(r'\{\s*ditto_string\("([^"]*)"\)', table(file, name))
            if text]


def strings(file, name):
    """All strings of a plain array of them."""
    return re.findall(r'ditto_string\("([^"]+)"\)', table(file, name))


def placeholders():
    """`thing:id`; of one whose name is free the prefix, `header:`."""
    found = re.findall(r'ditto_string\("([^"]+)"\),\s*'
                       r'(?:ditto_string\("([^"]+)"\)|ditto_null_string),'
                       r"[\w\s|]+,\s*\w+,\s*(\w+),\s*\w+\s*\}",
                       table("ditto_placeholder.c", "ditto_placeholders"))
    return sorted({f"{prefix}:{name}" for prefix, name, resolve in found
                   if prefix != "time" and resolve != "ditto_nothing_resolve"})


def signals():
    """`things/live/events` for each row and channel of it."""
    found = re.findall(r"\{\s*DITTO_GROUP_(\w+),\s*([A-Z |]+),"
                       r"\s*DITTO_CRITERION_(\w+),",
                       table("ditto_signal_table.c", "ditto_signal_rows"))
    return sorted({f"{group}/{channel.strip()}/{criterion}".lower()
                   if group == "THINGS" else f"{group}/{criterion}".lower()
                   for group, channels, criterion in found
                   for channel in channels.split("|")})


def errors():
    return sorted(set(re.findall(r'\{\s*\d{3},\s*"([^"]+)"',
                                 table("ditto_error.c",
                                       "ditto_error_rows"))))


def credentials():
    return re.findall(r'^    \{ "([^"]+)", \{',
                      table("ditto_connection_secrets.c",
                            "ditto_doc_kinds"), re.M)


# names that share no row with another one of them
ALONE = {
    "Filters (RQL)": rows("ditto_rql_parse.c", "ditto_rql_functions"),
    "Placeholders": placeholders(),
    "Functions": ["fn:" + name for name in rows("ditto_function.c",
                                                "ditto_functions")],
    "Payload mappers": rows("ditto_mapper.c", "ditto_mapper_rows"),
    "Topics entries": strings("ditto_signal_table.c", "names"),
}

# names that may stand together
TOGETHER = {
    "Signals": signals(),
    "Headers": rows("ditto_header_table.c", "ditto_header_table"),
    "Topics entries": rows("ditto_subscription.c", "ditto_thing_fields"),
    "Filters (RQL)": rows("ditto_rql_field.c", "ditto_rql_members"),
    "Placeholders": rows("ditto_placeholder_time.c", "ditto_time_units"),
    "Functions": rows("ditto_function_filter.c", "ditto_filters"),
    "Connections": rows("ditto_connection.c", "ditto_specific_rows")
    + strings("ditto_connection.c", "ditto_connection_statuses")
    + credentials(),
    "Errors": errors(),
}

CASES = [("alone", *case) for case in ALONE.items()] \
    + [("together", *case) for case in TOGETHER.items()]

# fewer would mean that a table was not understood
LEAST = {("alone", "Filters (RQL)"): 14, ("alone", "Placeholders"): 25,
         ("alone", "Functions"): 16, ("alone", "Payload mappers"): 8,
         ("alone", "Topics entries"): 6, ("together", "Signals"): 20,
         ("together", "Headers"): 64, ("together", "Topics entries"): 12,
         ("together", "Filters (RQL)"): 8,
         ("together", "Placeholders"): 8, ("together", "Functions"): 4,
         ("together", "Connections"): 20, ("together", "Errors"): 60}


@pytest.mark.parametrize("how,headline,names", CASES)
def test_each_name_has_a_row(how, headline, names):
    assert len(names) >= LEAST[how, headline], names
    missing = set(names) - named(headline)
    assert missing == set(), f"no row below {headline} in {DOC}"


@pytest.mark.parametrize("headline", sorted(ALONE))
def test_rows_of_one_name(headline):
    for row in sections()[headline]:
        assert len(quoted(row[0]) & set(ALONE[headline])) <= 1, row


@pytest.mark.parametrize("headline", sorted(set(sections()) - {"Rules of the "
                         "vectors that are answered differently"}))
def test_rows(headline):
    """Four cells, something said about what is here, nothing twice."""
    features = []
    for row in sections()[headline]:
        assert len(row) == COLUMNS, row
        assert row[0] and row[2], row
        features.append(row[0])
    assert len(features) == len(set(features)), features
