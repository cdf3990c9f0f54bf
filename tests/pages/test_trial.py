"""The page of a trial: what the graph says of it, readable, whole and safe."""

import re
from html.parser import HTMLParser

import pytest

from kg.pages.study import Study
from tests.pages.test_frame import HTML
from tests.service.client import Server

TEMSIROLIMUS = "/study/NCT01079767.html"


class _Words(HTMLParser):
    """The text of a page as a reader sees it, and its ids and links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.ids: list[str | None] = []
        self.links: list[str | None] = []
        self.feed(page)
        self.text = " ".join(self.text.split())

    def handle_data(self, data: str) -> None:
        """Gathers the words."""
        self.text += f"{data} "

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Gathers ids and links."""
        named = dict(attrs)
        self.ids += [named["id"]] if "id" in named else []
        self.links += [named["href"]] if tag == "a" else []


def test_a_trial_is_a_page_for_who_likes_pages(site: Server) -> None:
    """303 to the page for browsers; the page says its title, status, phase and why it stopped."""
    seen = site.get("/study/NCT01079767", HTML)
    assert (seen.status, seen.headers["location"]) == (303, f"{site.address}{TEMSIROLIMUS}")
    words = _Words(site.get(TEMSIROLIMUS).body.decode()).text
    for text in (
        "Temsirolimus in Treating Patients With Advanced Liver Cancer and Cirrhosis",
        "Terminated",
        "Phase 2",
        "6 participants",
        "The study treminated early according to DSMB recommendantions",
        "Federation Francophone de Cancerologie Digestive",
    ):
        assert text in words, text


def test_a_link_to_a_concept_says_why(site: Server) -> None:
    """The rule, the words that matched and how sure it is stand at each link."""
    page = site.get(TEMSIROLIMUS).body.decode()
    row = page[page.index('<tr id="condition-1"') :].partition("</tr>")[0]
    assert 'href="/concept/mesh:D008113"' in row
    words = _Words(row).text
    assert "why this link" in words
    assert "Rule exact synonym" in words
    assert "“liver cancer”" in words
    assert "Confidence 0.98" in words
    assert "the same as the words" in words


def test_a_drug_says_its_role_and_its_classes(site: Server) -> None:
    """Experimental, given in which arm; its classes stand around the trial."""
    page = site.get(TEMSIROLIMUS).body.decode()
    row = page[page.index('<tr id="intervention-1"') :].partition("</tr>")[0]
    assert "Experimental" in _Words(row).text
    assert 'href="#arm-1"' in row
    picture = page[page.index('<svg class="around"') :].partition("</svg>")[0]
    assert 'href="/class/mTORInhibitor"' in picture
    assert "<title" in picture
    assert "temsirolimus" in _Words(picture[picture.index("<desc") :].partition("</desc>")[0]).text


def test_dates_are_a_picture_and_a_table(site: Server) -> None:
    """The picture has a title and a description; the same dates stand in a table."""
    page = site.get(TEMSIROLIMUS).body.decode()
    picture = page[page.index('<svg class="timeline"') :].partition("</svg>")[0]
    assert "<title" in picture
    assert "Primary completion date: December 2010 (actual)" in picture
    table = _Words(page[page.index("<summary>Dates") :].partition("</table>")[0]).text
    assert "Primary completion date December 2010" in table
    assert "First submitted 2 March 2010" in table


def test_each_fact_says_who_says_so(site: Server) -> None:
    """The registry, the registry's machine, our links, what we computed: in words, beside the sign."""
    words = _Words(site.get(TEMSIROLIMUS).body.decode()).text
    for text in ("stated in the registry", "derived by the registry", "linked by us", "computed by us"):
        assert f"({text})" in words, text


def test_every_text_of_a_trial_is_on_its_page(site: Server) -> None:
    """Nothing that the graph says of the trial or its parts is dropped: each literal is found in the words."""
    answer = site.sparql(
        "SELECT DISTINCT ?p ?o { ?s ?p ?o FILTER(isLiteral(?o) && datatype(?o) IN (xsd:string, rdf:langString))"
        " FILTER(?s = <https://clinicaltrials.gov/study/NCT01079767>"
        " || STRSTARTS(STR(?s), 'https://w3id.org/trialgraph/study/NCT01079767#')) }".replace(
            "SELECT",
            "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
            "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> SELECT",
            1,
        )
    )
    words = _bare(_Words(site.get(TEMSIROLIMUS).body.decode()).text)
    rows = answer.rows()
    assert len(rows) > 40
    for row in rows:
        if not row["p"].endswith("#label") or not row["o"].startswith("NCT"):
            assert _bare(row["o"]) in words, row


def _bare(text: str) -> str:
    """Letters and digits alone: bullets are drawn, not written."""
    return re.sub(r"[\W_]+", "", text)


def test_links_within_the_page_lead_somewhere(site: Server) -> None:
    """No id stands twice, and each `#name` is there."""
    page = _Words(site.get(TEMSIROLIMUS).body.decode())
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.links if link and link.startswith("#")}
    assert inside <= set(page.ids)
    assert {"main", "conditions", "arm-1"} <= inside


def test_links_to_other_pages_lead_somewhere(site: Server) -> None:
    """Each concept, class and format that the page links to is there."""
    page = _Words(site.get(TEMSIROLIMUS).body.decode())
    paths = {link for link in page.links if link and link.startswith(("/concept/", "/class/", "/study/"))}
    assert len(paths) > 20
    for path in sorted(paths)[::5]:
        assert site.get(path, "text/turtle").status in {200, 303}, path


def test_a_page_that_the_client_has_is_not_sent_again(site: Server) -> None:
    """304 by its tag; another trial has another tag."""
    first = site.get(TEMSIROLIMUS)
    tag = first.headers["etag"]
    again = site.get(TEMSIROLIMUS, headers={"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == tag
    assert site.get("/study/NCT00412984.html").headers.get("etag") != tag


@pytest.mark.parametrize("path", ["/study/NCT99999999.html", "/study/NCT1.html", "/study/%3Cscript%3E.html"])
def test_a_trial_that_nobody_knows_is_not_found(site: Server, path: str) -> None:
    """404, as a page for who likes pages, as a problem for programs."""
    assert site.get(path, HTML).status == 404
    assert site.get(path).media_type == "application/problem+json"


def test_parts_stand_in_the_order_of_the_record() -> None:
    """The tenth after the ninth."""
    base, at = "https://w3id.org/trialgraph/study/NCT00000001#", "https://clinicaltrials.gov/study/NCT00000001"
    from kg.pages.asking import Term

    rows = [
        {
            "s": Term(at, "uri"),
            "p": Term("https://w3id.org/trialgraph/vocab#keyword", "uri"),
            "o": Term(base + part, "uri"),
        }
        for part in ("keyword-10", "keyword-9", "keyword-1")
    ]
    values = Study("NCT00000001", rows).values("tg:keyword")
    assert [value.term.value.rpartition("#")[2] for value in values] == ["keyword-1", "keyword-9", "keyword-10"]
