"""The first page, results and completion over HTTP."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.names import await_names
from tests.pages.test_frame import HTML
from tests.service.client import Server


@pytest.fixture(scope="module", autouse=True)
def _named(site: Server) -> None:
    await_names(site)


def suggested(site: Server, text: str, kind: str = "") -> list[dict[str, object]]:
    """What `/complete` suggests."""
    answer = site.get("/complete", q=text, kind=kind)
    assert (answer.status, answer.media_type) == (200, "application/json")
    found: list[dict[str, object]] = answer.json()["suggestions"]
    return found


@pytest.mark.parametrize(
    ("text", "kind", "label", "href"),
    [
        ("hepatocell", "", "Carcinoma, Hepatocellular", "/concept/mesh:D006528"),
        ("hepatoma", "condition", "Carcinoma, Hepatocellular", "/concept/mesh:D006528"),
        ("rad001", "", "Everolimus", "/concept/mesh:D000068338"),
        ("everol", "drug", "Everolimus", "/concept/mesh:D000068338"),
        ("mtor inh", "class", "mTOR inhibitor", "/class/mTORInhibitor"),
        (
            "novart",
            "sponsor",
            "Novartis Pharmaceuticals",
            "/queries/trials-by-sponsor?sponsor=Novartis+Pharmaceuticals",
        ),
        ("fran", "country", "France", "/queries/trials-by-country?country=France"),
    ],
)
def test_a_name_is_completed(site: Server, text: str, kind: str, label: str, href: str) -> None:
    """From any of its names to the page that tells most of it."""
    assert (label, href) in [(each["label"], each["href"]) for each in suggested(site, text, kind)]


@pytest.mark.parametrize("text", ["nct0107976", "NCT01079767", " nct01079767 ", "0107976"])
def test_a_number_is_completed(site: Server, text: str) -> None:
    """With the trial's title, whatever the case."""
    (one,) = suggested(site, text)
    assert one["value"] == "NCT01079767"
    assert one["href"] == "/study/NCT01079767"
    assert "Temsirolimus" in str(one["label"])


def test_every_suggestion_of_a_concept_can_be_asked_with(site: Server) -> None:
    """What is put into a form is taken for the concept that was suggested."""
    for text, kind, query in [("c", "condition", "trials-by-condition"), ("s", "drug", "trials-by-drug")]:
        for each in suggested(site, text, kind):
            answer = site.get(f"/queries/{query}", given={kind: each["value"]})
            assert answer.status == 200, each
            assert answer.json()["resolved"][kind]["label"] == each["label"]


def test_an_unknown_kind_is_refused(site: Server) -> None:
    """With what there is."""
    answer = site.get("/complete", q="x", kind="planet")
    assert answer.status == 422
    assert "condition" in answer.json()["expected"]


@pytest.mark.parametrize("text", ["", " ", "\x00", "%", "'\"<script>", "?x } DROP ALL", "é" * 3000, "\ud83d\ude00"])
def test_any_text_may_be_typed(site: Server, text: str) -> None:
    """Odd texts find nothing, and break nothing."""
    given = text.encode("utf-8", "surrogatepass")
    assert site.get("/complete", given={"q": given}).status == 200
    assert site.get("/search", HTML, given={"q": given}).status in (200, 303)


def test_results_stand_in_groups(site: Server) -> None:
    """By kind, each with a heading and links, without script."""
    page = site.get("/search", HTML, q="hepatocellular").body.decode()
    assert re.findall(r"<h2>(.*?)</h2>", page)[0] == "Conditions"
    assert 'href="/concept/mesh:D006528"' in page
    assert "<h2>Trials</h2>" in page
    assert 'href="/study/NCT00355862"' in page


def test_all_results_of_a_kind_have_a_page(site: Server) -> None:
    """Other kinds are not on it."""
    page = site.get("/search", HTML, q="n", kind="sponsor").body.decode()
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["Sponsors"]


@pytest.mark.parametrize("text", ["NCT01079767", "nct01079767"])
def test_a_whole_number_leads_to_its_trial(site: Server, text: str) -> None:
    """Nobody looks for one and wants a list."""
    answer = site.get("/search", HTML, q=text)
    assert (answer.status, answer.headers["location"]) == (303, f"{site.address}/study/NCT01079767")


def test_an_identifier_leads_to_its_concept(site: Server) -> None:
    """As ontologies write it."""
    answer = site.get("/search", HTML, q="mesh:D006528")
    assert (answer.status, answer.headers["location"]) == (303, f"{site.address}/concept/mesh:D006528")


def test_what_is_no_name_may_be_an_identifier(site: Server) -> None:
    """Sponsors' and other registries' numbers have a query of their own."""
    page = site.get("/search", HTML, q="CDR0000666229").body.decode()
    assert 'href="/queries/trial-by-identifier?identifier=CDR0000666229"' in page
    assert "NCT01079767" in site.get("/queries/trial-by-identifier", HTML, identifier="CDR0000666229").body.decode()


def test_a_misspelt_name_is_taken_up(site: Server) -> None:
    """Wrong first letter and all."""
    page = site.get("/search", HTML, q="kverolimus").body.decode()
    assert "Did you mean" in page
    assert ">Everolimus</a>" in page


def test_words_of_a_search_stay_words(site: Server) -> None:
    """Whatever is searched for comes back escaped."""
    page = site.get("/search", HTML, q="<script>alert(1)</script>").body
    assert b"<script>alert" not in page
    assert b"&lt;script&gt;alert" in page


def test_titles_that_could_not_be_looked_through_are_told(example_graph: Path) -> None:
    """A page that lacks a part of its results says so, and why."""
    with Server(example_graph, "--max-rows", 1, "--workers", 1) as server:
        told = server.get("/search", HTML, q="patients").body.decode()
    assert "Titles could not be looked through" in told
    assert "1 rows" in told


def test_the_first_page_shows_what_there_is(site: Server) -> None:
    """What most trials are about, and questions to start from; no search leads there too."""
    page = site.get("/", HTML).body.decode()
    assert "Conditions" in page
    assert 'href="/queries/terminated-mtor-inhibitor-hcc-trials"' in page
    answer = site.get("/search", HTML, q=" ")
    assert (answer.status, answer.headers["location"]) == (303, f"{site.address}/")


@pytest.fixture(scope="module")
def elsewhere(site: Server) -> Iterator[Server]:
    """A server on an endpoint, behind a proxy that gives it a folder."""
    with Server(
        "--endpoint", f"{site.address}/sparql", "--base-url", "https://trials.example/kg", "--workers", 2
    ) as server:
        yield await_names(server)


def test_an_endpoint_has_names_too(site: Server, elsewhere: Server) -> None:
    """The same suggestions and rows as the graph behind it."""
    for text in ("hepatocell", "rad001", "novart", "nct0107976"):
        labels = [(each["label"], each["value"]) for each in suggested(elsewhere, text)]
        assert labels == [(each["label"], each["value"]) for each in suggested(site, text)] != []
    assert (
        "taken for <strong>Everolimus</strong>"
        in elsewhere.get("/queries/trials-by-drug", HTML, drug="RAD001").body.decode()
    )


@pytest.mark.parametrize(
    "path", ["/", "/search?q=everolimus", "/queries", "/queries/trials-by-drug?drug=everolimus", "/editor"]
)
def test_a_folder_of_a_proxy_stands_before_every_path(elsewhere: Server, path: str) -> None:
    """Links, scripts, forms and suggestions lead through it."""
    page = elsewhere.get(path, HTML).body.decode()
    found = re.findall(r'(?:href|src|action|data-complete|data-sparql)="(/[^"]*)"', page)
    assert len(found) > 5
    assert [address for address in found if not address.startswith("/kg/")] == []


def test_suggestions_lead_through_a_proxy(elsewhere: Server) -> None:
    """Also a search for a number."""
    assert suggested(elsewhere, "everol")[0]["href"] == "/kg/concept/mesh:D000068338"
    answer = elsewhere.get("/search", HTML, q="NCT01079767")
    assert answer.headers["location"] == "https://trials.example/kg/study/NCT01079767"
