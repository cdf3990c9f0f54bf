"""The pages of concepts, drug classes and the vocabulary."""

import re

import pytest

from tests.pages.test_frame import HTML
from tests.service.client import Server


def _picture(page: str, name: str) -> dict[str, int]:
    """What a bar chart says of itself."""
    told = page.partition(f'<desc id="{name}-d">')[2].partition("</desc>")[0]
    return {label: int(amount) for label, amount in re.findall(r"([^:.]+): (\d+)\. ", told + " ")}


def _table(page: str, name: str) -> dict[str, int]:
    """The same as its table says it."""
    found = page.partition(f'id="{name}-h"')[2].partition("</table>")[0]
    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="number">([\d,]+)</td>', found)
    return {label: int(amount.replace(",", "")) for label, amount in rows}


@pytest.mark.parametrize("path", ["/concept/mesh:D006528", "/class/mTORInhibitor", "/vocab"])
def test_things_are_pages_for_who_likes_pages(site: Server, path: str) -> None:
    """303 to HTML, which is linked from every other format and links to them."""
    seen = site.get(path, HTML)
    assert (seen.status, seen.headers["location"]) == (303, f"{site.address}{path}.html")
    page = site.get(f"{path}.html")
    assert (page.status, page.media_type) == (200, "text/html")
    assert f'<{site.address}{path}.ttl>; rel="alternate"; type="text/turtle"' in page.headers["link"]
    assert f'<{site.address}{path}.html>; rel="alternate"; type="text/html"' in site.get(f"{path}.ttl").headers["link"]
    assert site.get(f"{path}.html", headers={"If-None-Match": page.headers["etag"]}).status == 304


def test_a_concept_says_its_names_and_what_is_broader_and_narrower(site: Server) -> None:
    """Both ways through the hierarchy are links."""
    page = site.get("/concept/mesh:D006528.html").body.decode()
    assert "<h1>Carcinoma, Hepatocellular</h1>" in page
    assert "Hepatoma" in page
    assert '<a href="/concept/mesh:D008113">Liver Neoplasms</a>' in page
    above = site.get("/concept/mesh:D008113.html").body.decode()
    assert '<a href="/concept/mesh:D006528">Carcinoma, Hepatocellular</a>' in above


def test_trials_of_a_concept_are_counted_by_status_and_phase(site: Server) -> None:
    """Picture and table say what the graph says."""
    page = site.get("/concept/mesh:D006528.html").body.decode()
    pattern = "?t tg:studies mesh:D006528 ; tg:overallStatus ?s . ?s rdfs:label ?label"
    rows = site.sparql(
        "PREFIX tg: <https://w3id.org/trialgraph/vocab#> PREFIX mesh: <http://id.nlm.nih.gov/mesh/> PREFIX rdfs: "
        f"<http://www.w3.org/2000/01/rdf-schema#> SELECT ?label (COUNT(*) AS ?n) {{ {pattern} }} GROUP BY ?label"
    ).rows()
    expected = {row["label"].replace(",", ""): int(row["n"]) for row in rows}
    drawn = {name.replace(",", "").strip(): amount for name, amount in _picture(page, "by-status").items()}
    assert drawn == expected
    assert sum(_table(page, "by-status").values()) == sum(_table(page, "by-phase").values()) == sum(expected.values())


def test_each_kind_of_evidence_has_its_own_list(site: Server) -> None:
    """Trials that study a condition are not those whose title names it."""
    studied = site.get("/concept/mesh:D006528.html", given={"as": "studies"}).body.decode()
    titled = site.get("/concept/mesh:D006528.html", given={"as": "titleMentions"}).body.decode()
    assert "/study/NCT01079767" not in studied.partition('id="trials"')[2]
    assert "/study/NCT01079767" in titled.partition('id="trials"')[2]


@pytest.mark.parametrize(
    "given", [{"as": "involvement"}, {"page": "0"}, {"page": "99"}, {"page": "x"}, {"page": "9" * 99}]
)
def test_a_list_that_there_is_not_is_refused(site: Server, given: dict[str, str]) -> None:
    """422 that says what there is."""
    answer = site.get("/concept/mesh:D006528.html", given=given)
    assert answer.status == 422
    assert "expected" in answer.json()["detail"]


def test_a_class_shows_its_members_by_source(site: Server) -> None:
    """Temsirolimus by MeSH, not by ChEBI."""
    page = site.get("/class/mTORInhibitor.html").body.decode()
    table = page.partition('id="members"')[2].partition("</table>")[0]
    assert re.findall(r"By (\w+)", table) == ["ATC", "ChEBI", "MeSH"]
    row = table[table.index('href="/concept/mesh:C401859"') :].partition("</tr>")[0]
    assert re.findall(r'class="unseen">(yes|no)<', row) == ["yes", "no", "yes"]
    assert '"/study/NCT01079767"' in page


def test_the_vocabulary_has_a_place_for_each_term(site: Server) -> None:
    """In the frame of the site, without a style of its own."""
    page = site.get("/vocab.html").body.decode()
    assert 'id="overallStatus"' in page
    assert 'role="search"' in page
    assert "<style" not in page
    assert page.count("<main") == 1


@pytest.mark.parametrize(
    "path",
    ["/concept/mesh:D999999.html", "/concept/mesch:D1.html", "/class/None.html", "/concept/D1.html", "/vocab/x.html"],
)
def test_what_nobody_knows_has_no_page(site: Server, path: str) -> None:
    """404."""
    assert site.get(path, HTML).status == 404


def test_a_drug_says_which_sources_put_it_into_a_class(site: Server) -> None:
    """Each class once, with its sources: what they say stands in classes below it."""
    page = site.get("/concept/mesh:C401859.html").body.decode()
    fact = page.partition("Drug classes</dt>")[2].partition("</dd>")[0]
    assert fact.count('href="/class/mTORInhibitor"') == 1
    assert "mTORInhibitor-mesh" not in fact
    assert re.search(r"mTOR inhibitor</a>\s*<span[^>]*>by ATC, MeSH<", fact)
