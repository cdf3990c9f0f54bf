"""The page of the dataset: it says what the graph says of itself, and where the graph says nothing."""

import re
from collections.abc import Iterator

import pytest

from tests.pages.test_frame import HTML
from tests.service.client import Server


@pytest.fixture(scope="module")
def page(site: Server) -> str:
    """The page of the examples."""
    answer = site.get("/dataset", HTML)
    assert (answer.status, answer.media_type) == (200, "text/html")
    return answer.body.decode()


@pytest.fixture(scope="module")
def remote(site: Server) -> Iterator[Server]:
    """A server before the endpoint of another one."""
    with Server("--endpoint", f"{site.address}/sparql", "--workers", 2) as server:
        yield server


def test_counts_are_those_of_the_graph(site: Server, page: str) -> None:
    """Trials, and the triples of each layer."""
    prefixes = "PREFIX tg: <https://w3id.org/trialgraph/vocab#> PREFIX void: <http://rdfs.org/ns/void#> "
    trials = site.sparql(prefixes + "SELECT (COUNT(*) AS ?n) { ?t a tg:Study }").rows()[0]["n"]
    assert f"<strong>{int(trials):,}</strong> trials" in page
    rows = site.sparql(prefixes + "SELECT ?n { ?layer void:triples ?n }").rows()
    assert len(rows) >= 4
    for row in rows:
        assert f'<td class="number">{int(row["n"]):,}</td>' in page
    assert f"<strong>{sum(int(row['n']) for row in rows):,}</strong> triples" in page


def test_ontologies_say_their_version_and_licence(page: str) -> None:
    """Each with its publisher and its terms."""
    table = page.partition('id="ontologies-h"')[2].partition("</table>")[0]
    row = table[table.index("Medical Subject Headings") :].partition("</tr>")[0]
    assert "NLM terms for MeSH data" in row
    assert re.search(r"<td>\d{4}</td>", row)
    assert "creativecommons.org/licenses/by/4.0/" in table


def test_coverage_says_how_many_strings_are_linked(site: Server, page: str) -> None:
    """All, linked, and the share, for conditions, interventions and keywords."""
    asked = (
        "PREFIX tg: <https://w3id.org/trialgraph/vocab#> "
        "SELECT (COUNT(DISTINCT ?c) AS ?all) (COUNT(DISTINCT ?l) AS ?linked)"
        " { ?t tg:condition ?c OPTIONAL { ?c tg:concept ?x BIND(?c AS ?l) } }"
    )
    found = site.sparql(asked).rows()[0]
    row = page.partition('<th scope="row">Conditions</th>')[2].partition("</tr>")[0]
    share = f"{100 * int(found['linked']) / int(found['all']):.1f}"
    assert re.findall(r'class="number">([^<]+)<', row) == [found["all"], found["linked"], share]


def test_sources_are_named_without_the_machines_folders(page: str) -> None:
    """Names of files and their hashes, versions of tools, findings."""
    told = page.partition('id="sources"')[2]
    assert re.search(r"<li>NCT\d+\.\w+ <code", told) or re.search(r"<li>[\w.-]+ <code", told)
    assert "trialgraph 0." in told
    assert "violation: " in told
    assert "/home/" not in told
    assert "/work/" not in told


def test_a_graph_behind_an_endpoint_says_what_it_can(remote: Server, page: str) -> None:
    """The counts are the same; what stands only in the folder's manifest is said to be unknown."""
    far = remote.get("/dataset", HTML).body.decode()
    in_short = page.partition('class="figures"')[2].partition("</ul>")[0]
    assert far.partition('class="figures"')[2].partition("</ul>")[0] == in_short
    assert "stands before a SPARQL endpoint" in far
    assert re.search(r"<dt>Files read</dt><dd>not known</dd>", far)


def test_pages_of_things_are_the_same_behind_an_endpoint(site: Server, remote: Server) -> None:
    """A trial, a concept, a class."""
    for path in ("/study/NCT01079767.html", "/concept/mesh:D006528.html", "/class/mTORInhibitor.html"):
        assert remote.get(path).body == site.get(path).body, path
    assert "etag" not in remote.get("/dataset").headers
