"""The page of a trial: what the graph says of it, readable, whole and safe."""

import re

import pytest

from kg.pages.asking import Term
from kg.pages.study import Study
from tests.pages.reading import Words, bare, texts_of
from tests.pages.test_frame import HTML
from tests.service.client import Server

TEMSIROLIMUS = "/study/NCT01079767.html"


def test_a_trial_is_a_page_for_who_likes_pages(site: Server) -> None:
    """303 to the page for browsers; the page says its title, status, phase and why it stopped."""
    seen = site.get("/study/NCT01079767", HTML)
    assert (seen.status, seen.headers["location"]) == (303, f"{site.address}{TEMSIROLIMUS}")
    words = Words(site.get(TEMSIROLIMUS).body.decode()).text
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
    words = Words(row).text
    assert "why this link" in words
    assert "Rule exact synonym" in words
    assert "“liver cancer”" in words
    assert "Confidence 0.98" in words
    assert "the same as the words" in words


def test_a_drug_says_its_role_and_its_classes(site: Server) -> None:
    """Experimental, given in which arm; its classes stand around the trial."""
    page = site.get(TEMSIROLIMUS).body.decode()
    row = page[page.index('<tr id="intervention-1"') :].partition("</tr>")[0]
    assert "Experimental" in Words(row).text
    assert 'href="#arm-1"' in row
    picture = page[page.index('<svg class="around"') :].partition("</figure>")[0]
    assert 'href="/class/mTORInhibitor"' in picture
    assert "<title" in picture
    assert "temsirolimus" in Words(picture[picture.index("<desc") :].partition("</desc>")[0]).text


def test_dates_are_a_picture_and_a_table(site: Server) -> None:
    """The picture has a title and a description; the same dates stand in a table."""
    page = site.get(TEMSIROLIMUS).body.decode()
    picture = page[page.index('<svg class="timeline"') :].partition("</svg>")[0]
    assert "<title" in picture
    assert "Primary completion date: December 2010 (actual)" in picture
    table = Words(page[page.index("<summary>Dates") :].partition("</table>")[0]).text
    assert "Primary completion date December 2010" in table
    assert "First submitted 2 March 2010" in table


def test_each_fact_says_who_says_so(site: Server) -> None:
    """The registry, the registry's machine, our links, what we computed: in words, beside the sign."""
    words = Words(site.get(TEMSIROLIMUS).body.decode()).text
    for text in ("stated in the registry", "derived by the registry", "linked by us", "computed by us"):
        assert f"({text})" in words, text


def test_every_text_of_a_trial_is_on_its_page(site: Server) -> None:
    """Nothing that the graph says of the trial or its parts is dropped: each literal is found in the words."""
    words = bare(Words(site.get(TEMSIROLIMUS).body.decode()).text)
    texts = texts_of(site, "NCT01079767")
    assert len(texts) > 40
    assert [text for text in texts if bare(text) not in words] == []


def test_links_within_the_page_lead_somewhere(site: Server) -> None:
    """No id stands twice, and each `#name` is there."""
    page = Words(site.get(TEMSIROLIMUS).body.decode())
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)
    assert {"main", "conditions", "arm-1"} <= inside


def test_links_to_other_pages_lead_somewhere(site: Server) -> None:
    """Each concept, class and format that the page links to is there."""
    page = Words(site.get(TEMSIROLIMUS).body.decode())
    paths = {link for link in page.links if link.startswith(("/concept/", "/class/", "/study/"))}
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


def test_codes_have_names_without_the_ontologies_layer() -> None:
    """A graph of the registry's layer alone says what a status means."""
    status = Term("https://w3id.org/trialgraph/status/ACTIVE_NOT_RECRUITING", "uri")
    property_iri = Term("https://w3id.org/trialgraph/vocab#overallStatus", "uri")
    at = Term("https://clinicaltrials.gov/study/NCT00000001", "uri")
    assert Study("NCT00000001", [{"s": at, "p": property_iri, "o": status}]).text("tg:overallStatus") == (
        "Active, not recruiting"
    )


def test_parts_stand_in_the_order_of_the_record() -> None:
    """The tenth after the ninth."""
    base, at = "https://w3id.org/trialgraph/study/NCT00000001#", "https://clinicaltrials.gov/study/NCT00000001"
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


def test_texts_that_name_something_elsewhere_are_links(site: Server) -> None:
    """A paper leads to PubMed, another record to its page; hostile numbers lead nowhere."""
    page = site.get("/study/NCT02552212.html").body.decode()
    found = re.findall(r'<a href="https://pubmed\.ncbi\.nlm\.nih\.gov/(\d+)/"[^>]*>(\d+)</a>', page)
    assert found
    assert all(number == text for number, text in found)
