"""The goals, what became of them, and the tables as Markdown."""

import statistics
from collections import namedtuple

# of: a function of one round's figures, (case, connections) -> dictionary
Goal = namedtuple("Goal", "group text sense limit unit of")

Verdict = namedtuple("Verdict", "goal median spread rounds met")


def spread(values):
    """The interquartile range: half of the rounds lie within it."""
    if len(values) < 2:
        return 0.0
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return high - low


def ratio(what, over, under, connections):
    return lambda s: (s[over, connections][what]
                      / s[under, connections][what])


def value(what, case, connections):
    return lambda s: s[case, connections][what]


def per_record(connections):
    """What the second record costs here, and what it costs librdkafka."""
    def of(s):
        ours = s["d2", connections]["cpu"] - s["d", connections]["cpu"]
        raw = s["b2", connections]["cpu"] - s["bh", connections]["cpu"]
        return ours / raw
    return of


RTT_MS = 2


def _goals():
    for n in (64, 256):
        yield Goal("mock", f"CPU (c)/(b), {n} connections", "<=", 1.08, "",
                   ratio("cpu", "c", "b", n))
    for n in (64, 256):
        yield Goal("mock", f"CPU (d)/(b), {n} connections", "<=", 1.15, "",
                   ratio("cpu", "d", "b", n))
    for n in (64, 256):
        yield Goal("mock", "the same, if the raw records have (d)'s headers: "
                   f"(d)/(bh), {n} connections", "<=", None, "",
                   ratio("cpu", "d", "bh", n))
    for n in (64, 256):
        yield Goal("mock", "CPU of the second record: ((d2)-(d)) / "
                   f"((b2)-(bh)), {n} connections", "<=", 1.2, "",
                   per_record(n))
    yield Goal("mock", "CPU (d)/(a), 256 connections", "<=", 2.0, "",
               ratio("cpu", "d", "a", 256))
    for case in ("c", "d"):
        yield Goal("mock", f"p50 of ({case}), 1 connection", "<=", 0.3, "ms",
                   value("p50", case, 1))
    for case in ("c", "d"):
        for n in (64, 256):
            for what, text, limit in (
                    ("cpu", "CPU", 1.15),
                    ("broker", "broker's CPU per record", 1.1),
                    ("p50", "p50", 1.1)):
                yield Goal("kafka", f"no key: {text} ({case})/(b), {n} "
                           "connections", "<=", limit, "",
                           ratio(what, case, "b", n))
    for n in (64, 256):
        for what, text in (("broker", "broker's CPU per record"),
                           ("p50", "p50")):
            yield Goal("kafka", "the same, if the raw records have (d)'s "
                       f"headers: {text} (d)/(bh), {n} connections", "<=",
                       None, "", ratio(what, "d", "bh", n))
    for case in ("ck", "dk"):
        for n, rate, broker, p50 in ((64, 1.7, 0.5, 0.6),
                                     (256, 1.3, 0.6, 0.8)):
            yield Goal("kafka", f"key: requests/s ({case})/(bk), {n} "
                       "connections", ">=", rate, "",
                       ratio("rate", case, "bk", n))
            yield Goal("kafka", f"key: broker's CPU per record ({case})/(bk),"
                       f" {n} connections", "<=", broker, "",
                       ratio("broker", case, "bk", n))
            yield Goal("kafka", f"key: p50 ({case})/(bk), {n} connections",
                       "<=", p50, "", ratio("p50", case, "bk", n))
    for case in ("c", "ck"):
        yield Goal("rtt", f"p50 of ({case}), 64 connections, 100 partitions, "
                   f"{RTT_MS} ms round trip", "<=", 3, "round trips",
                   lambda s, case=case: s[case, 64]["p50"] / RTT_MS)
    yield Goal("rtt", "the same, p50 (ck)/(bk)", "<=", None, "",
               ratio("p50", "ck", "bk", 64))
    for case, limit in (("namespace", 1.2), ("subject", 1.2),
                        ("filter", None)):
        yield Goal("targets", "CPU, 1,000 targets of which one matches / one "
                   f"target; the others differ by {case}", "<=", limit, "",
                   ratio("cpu", case, "one", 64))
    yield Goal("policies", "CPU, 100,000 policies / one", "<=", 1.1, "",
               ratio("cpu", "many", "few", 64))
    yield Goal("policies", "the same, most of them compiled when they are "
               "asked for", "<=", None, "", ratio("cpu", "foreign", "few", 64))
    yield Goal("policies", "start with 100,000 policies, 4 workers", "<=",
               5.0, "s", value("start", "many", 4))
    yield Goal("policies", "memory of each policy beyond its document, 4 "
               "workers together", "<=", 1.5, "KB",
               value("extra_kb", "many", 4))
    yield Goal("batches", "CPU of each message in batches of 1,000", "<=",
               3.5, "us", value("cpu", "f", 16))
    yield Goal("clients", "16 connections, 2 distinct clients, 4 workers: "
               "connections to the broker", "<=", 8, "",
               value("sockets", "clients", 4))
    yield Goal("clients", "the same: clients, counted by their main threads",
               "<=", 8, "", value("clients", "clients", 4))
    yield Goal("clients", "the same: threads that serve a broker", "<=", 8,
               "", value("brokers", "clients", 4))
    yield Goal("idle", "memory of an idle connection, (c) / nginx alone",
               "<=", 1.0, "", ratio("per_connection", "c", "a", 2000))


GOALS = list(_goals())


def judge(goal, rounds):
    """rounds: of the goal's group, each (case, connections) -> figures."""
    values = []
    for one in rounds:
        try:
            values.append(goal.of(one))
        except (KeyError, TypeError, ZeroDivisionError):
            continue               # not measured, or the run did not count
    if not values:
        return None
    median, width = statistics.median(values), spread(values)
    met = None
    if goal.limit is not None:
        met = (median - width / 2 <= goal.limit if goal.sense == "<="
               else median + width / 2 >= goal.limit)
    return Verdict(goal, median, width, len(values), met)


def number(x, digits=3):
    if x is None:
        return ""
    if x == 0 or abs(x) >= 1000:
        return f"{x:,.0f}"
    whole = len(str(int(abs(x))))
    return f"{x:.{max(0, digits - whole) if abs(x) >= 1 else digits}f}"


def _table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |",
             "|" + "|".join("---" if i == 0 else "--:"
                            for i in range(len(heads))) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return lines


COLUMNS = (
    ("CPU us", "cpu"), ("worker us", "worker"), ("requests/s", "rate"),
    ("p50 ms", "p50"), ("p99 ms", "p99"), ("RSS MiB", "rss"),
    ("gateway core", "busy"), ("broker us/record", "broker"),
)


def _cell(what, figures):
    values = [f[what] for f in figures if f.get(what) is not None]
    if not values:
        return ""
    median = statistics.median(values)
    if what == "rss":
        return number(median / 2 ** 20)
    if what == "busy":
        return f"{median:.0%}"
    if what == "cpu":
        return f"{number(median)} ±{number(spread(values) / 2, 2)}"
    return number(median)


def goals_table(samples):
    rows = []
    for goal in GOALS:
        if goal.group not in samples:
            continue
        sign = "≤" if goal.sense == "<=" else "≥"
        wanted = "reported" if goal.limit is None else \
            f"{sign} {goal.limit:g} {goal.unit}".strip()
        verdict = judge(goal, samples[goal.group]["rounds"])
        if verdict is None:
            absent = samples[goal.group].get("absent", "")
            rows.append((goal.text, wanted, "", "", "", absent or
                         "not measured"))
            continue
        rows.append((goal.text, wanted, number(verdict.median),
                     number(verdict.spread), str(verdict.rounds),
                     {True: "met", False: "**missed**", None: ""}[
                         verdict.met]))
    return _table(("Goal", "Wanted", "Median", "Spread", "Rounds", ""), rows)


def cases_tables(samples):
    lines = []
    for data in samples.values():
        rows = []
        for case in data["cases"]:
            for n in data["connections"]:
                figures = [r[case.name, n] for r in data["rounds"]
                           if (case.name, n) in r
                           and "cpu" in r[case.name, n]]
                if figures:
                    rows.append((f"({case.name}) {case.title}", str(n),
                                 *(_cell(w, figures) for _, w in COLUMNS)))
        if rows:
            lines += ["", "### " + data["title"], ""]
            lines += _table(("Case", "Connections",
                             *(h for h, _ in COLUMNS)), rows)
        lines += ["", *data["notes"]] if data.get("notes") else []
    return lines


def markdown(samples, machine, when, options, health):
    return "\n".join([
        "# Bench", "",
        *(f"* {line}" for line in machine),
        f"* {when}; {options}", *(f"* {line}" for line in health),
        "", "## Goals", "", *goals_table(samples),
        "", "## Cases", "",
        "Medians of the rounds; CPU with half its spread.",
        *cases_tables(samples), ""])
