"""Rules for w3id.org: each of our IRIs leads to what describes it, in the form that the client asks for."""

import re

import pytest

from kg.publishing import Terms
from kg.publishing.redirects import htaccess

BASE = "https://example.org/t%20s/"
ALONE = Terms(base_url=BASE, licence="https://example.org/l", publisher="P")
SERVED = Terms(base_url=BASE, licence="https://example.org/l", publisher="P", endpoint="https://q.org/a/sparql")
BROWSER, TURTLE, JSON_LD, ANY = "text/html,*/*;q=0.8", "text/turtle", "application/ld+json", "*/*"
#: A rule, after the condition on what the client accepts, if there is one.
_RULE = re.compile(r"(?:RewriteCond %\{HTTP_ACCEPT\} (\S+)\n)?RewriteRule (\S+) (\S+) \[R=303,NE,L\]\n")


def follow(rules: str, path: str, accept: str) -> str:
    """Where a server leads that reads the rules; empty if to nowhere."""
    for condition, pattern, target in _RULE.findall(rules):
        match = re.search(pattern, path)
        if match and re.search(condition, accept):
            return str(target).replace("$1", match[1] if match.re.groups else "").replace("\\", "")
    return ""


@pytest.mark.parametrize(
    ("path", "accept", "target"),
    [
        ("vocab", BROWSER, f"{BASE}vocabulary/index.html"),
        ("vocab", TURTLE, f"{BASE}vocabulary/trialgraph.ttl"),
        ("vocab", ANY, f"{BASE}vocabulary/trialgraph.ttl"),
        ("vocab.ttl", BROWSER, f"{BASE}vocabulary/trialgraph.ttl"),
        ("", BROWSER, BASE),
        ("dataset", TURTLE, f"{BASE}dataset.ttl"),
        ("graph/ontology/mesh", ANY, f"{BASE}dataset.ttl"),
        ("prefixes", ANY, f"{BASE}queries.ttl"),
        ("status/TERMINATED", ANY, f"{BASE}vocabulary/trialgraph.ttl"),
        ("class/MTORInhibitor", ANY, f"{BASE}vocabulary/classes.ttl"),
        ("study/NCT01079767", ANY, ""),
        ("study/NCT01079767/x", ANY, ""),
    ],
)
def test_iri_leads_to_the_bundle(path: str, accept: str, target: str) -> None:
    """The vocabulary and its codes, the description; a study to nowhere where nothing serves it."""
    assert follow(htaccess(ALONE), path, accept) == target


@pytest.mark.parametrize(
    ("path", "accept", "target"),
    [
        ("study/NCT01079767", BROWSER, "https://q.org/a/study/NCT01079767"),
        ("study/NCT01079767", TURTLE, "https://q.org/a/study/NCT01079767.ttl"),
        ("study/NCT01079767", JSON_LD, "https://q.org/a/study/NCT01079767.jsonld"),
        ("study/NCT01079767.nt", ANY, "https://q.org/a/study/NCT01079767.nt"),
        ("class/MTORInhibitor", BROWSER, "https://q.org/a/class/MTORInhibitor"),
        ("vocab", BROWSER, f"{BASE}vocabulary/index.html"),
    ],
)
def test_iri_leads_to_the_service(path: str, accept: str, target: str) -> None:
    """Studies and classes lead to what stands beside the endpoint."""
    assert follow(htaccess(SERVED), path, accept) == target


def test_every_rule_is_read() -> None:
    """The reader above passes over none."""
    for terms in (ALONE, SERVED):
        rules = htaccess(terms)
        assert len(_RULE.findall(rules)) == rules.count("RewriteRule ")
