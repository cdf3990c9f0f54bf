"""Findings of any text: what records, file names and messages may hold, and what formats take for their own."""

import msgspec
from hypothesis import strategies as st

from kg.finding import SEVERITIES, Finding
from kg.validation.reports import Report
from kg.validation.rules import Rule

#: What ends, opens or escapes something in one of the formats.
_HOSTILE = (
    *(
        '"""',
        '"',
        "\\",
        "\n",
        "\r\n",
        "\r",
        "\x00",
        "\x1b[31m",
        "\x85",
        "\u2028",
        "\ufffe",
        "\ud800",
        "\udc80",
        "\U0010ffff",
    ),
    *(
        "]]>",
        "<!--",
        "</failure>",
        "&lt;",
        "&",
        "<script>",
        "|",
        "`",
        "```",
        "*_~",
        "[a](https://evil.example)",
        "@team",
    ),
    *(
        "::error::",
        "::stop-commands::x",
        "%0A",
        "%",
        ",",
        ":",
        "> . <a> <b> <c> .",
        "'''",
        "{0}",
        "\u202e",
        "\t",
        "#",
        "/",
    ),
)
texts = st.lists(st.one_of(st.sampled_from(_HOSTILE), st.text(max_size=8)), max_size=5).map("".join)
rules = st.one_of(
    st.sampled_from(["Study-status/In", "Study-status/SPARQL", "bad-date", "check/field-gone", "run/deadline"]), texts
).filter(bool)

findings = st.builds(
    Finding,
    rule=rules,
    message=texts,
    severity=st.sampled_from(SEVERITIES),
    trial=st.one_of(st.just(""), st.just("NCT01379521"), texts),
    source=st.one_of(
        texts, st.sampled_from(["a/b.json", "/srv/x.xml", "a.zip!b/c.json:3#/studies/1", "https://x.org/ a"])
    ),
    place=st.one_of(st.just(""), st.just("/a/0/b"), texts),
    field=st.one_of(st.just(""), st.just("Trial.phases"), texts),
    value=st.one_of(
        texts, st.sampled_from(["https://x.org/a<b>", "https://w3id.org/trialgraph/status/GONE", "http://x{y}"])
    ),
    focus=st.one_of(st.just(""), st.just("_:b0"), texts),
    path=st.one_of(st.just(""), st.just("tg:phase"), st.just("tg:arm/rdfs:label"), texts),
    line=st.integers(0, 10**6),
    mapping=st.one_of(st.just(""), st.just("kg/model/trial.py:57"), texts),
)
_SHAPE = Rule(
    name="Study-status",
    title="status",
    help="One status.",
    shape="Study-status",
    iri="https://example.org/Study-status",
)
reports = st.builds(
    Report,
    findings=st.lists(findings, max_size=6).map(tuple),
    known=st.one_of(st.none(), st.lists(findings, max_size=3).map(tuple)),
    rules=st.just((_SHAPE, msgspec.structs.replace(_SHAPE, name="Study-status/In"))),
    most=st.one_of(st.none(), st.integers(0, 6)),
    fail_on=st.sampled_from(SEVERITIES),
)
