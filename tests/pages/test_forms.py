"""Saved queries as forms: what is asked, what it was taken for, rows with links, and what would be right."""

import html
import re

import pytest

from kg.queries import read_queries
from tests.pages.names import await_names
from tests.pages.test_frame import HTML
from tests.service.client import Answer, Server

QUERIES = read_queries()


@pytest.fixture(scope="module", autouse=True)
def _named(site: Server) -> None:
    await_names(site)


def page(site: Server, name: str, **given: object) -> Answer:
    """The form of a query."""
    answer = site.get(f"/queries/{name}", HTML, given=given)
    assert answer.media_type == "text/html"
    return answer


def cells(answer: Answer) -> list[list[str]]:
    """The texts of the table."""
    body = answer.body.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<td.*?>(.*?)</td>", row)] for row in rows
    ]


def test_the_list_has_every_query_for_people_and_for_programs(site: Server) -> None:
    """By Accept, which caches are told of."""
    told = site.get("/queries", HTML)
    assert (told.status, told.media_type) == (200, "text/html")
    for query in QUERIES.values():
        assert f'href="/queries/{query.name}"' in told.body.decode()
        assert html.escape(query.summary, quote=False) in told.body.decode().replace("&#39;", "'")
    listed = site.get("/queries")
    assert listed.media_type == "application/json"
    assert {told.headers["vary"], listed.headers["vary"]} == {"Accept"}


def test_a_tag_shows_its_queries_only(site: Server) -> None:
    """What has another tag is not on the page."""
    text = site.get("/queries", HTML, tag="flagship").body.decode()
    assert "terminated-mtor-inhibitor-hcc-trials" in text
    assert 'href="/queries/trials-by-drug"' not in text
    assert 'href="/queries/trials-by-drug"' in site.get("/queries", HTML, tag="no such tag").body.decode()


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_is_a_form_that_answers_its_example(site: Server, name: str) -> None:
    """A field a parameter; the rows are those that programs get."""
    params = QUERIES[name].params
    empty = page(site, name)
    for param in params:
        assert f'name="{param.name}"' in empty.body.decode()
    given = {param.name: param.example for param in params}
    told = page(site, name, **given)
    assert told.status == 200
    assert len(cells(told)) == min(50, len(site.get(f"/queries/{name}", given=given).rows()))


def test_what_a_value_was_taken_for_is_told(site: Server) -> None:
    """Its concept and the name of that."""
    text = page(site, "trials-by-drug", drug="RAD001").body.decode()
    assert "taken for <strong>Everolimus</strong> <code>mesh:D000068338</code>" in text


def test_things_lead_to_their_pages(site: Server) -> None:
    """Trials by number; each row to why it is there, with the values it is there for."""
    text = page(site, "trials-by-drug", drug="everolimus", limit=5).body.decode()
    (number, *_) = re.findall(r'<a href="/study/(NCT\d{8})">\1</a>', text)
    assert f'href="/why/{number}/trials-by-drug?drug=everolimus"' in text


def test_pages_of_rows_follow_each_other(site: Server) -> None:
    """Next and previous together show every row once."""
    whole = cells(page(site, "trials-by-drug", drug="everolimus"))
    rows, path = [], "/queries/trials-by-drug?drug=everolimus&limit=3"
    while path:
        answer = site.get(path, HTML)
        rows += cells(answer)
        following = re.search(r'rel="next" href="([^"]+)"', answer.body.decode())
        path = f"/queries/trials-by-drug{html.unescape(following[1])}" if following else ""
    assert len(whole) > 3
    assert rows == whole


@pytest.mark.parametrize(("label", "media_type"), [("CSV", "text/csv"), ("JSON", "application/sparql-results+json")])
def test_a_download_has_all_rows(site: Server, label: str, media_type: str) -> None:
    """Whatever the page shows; a browser gets the format of the button."""
    text = page(site, "trials-by-drug", drug="everolimus", limit=2).body.decode()
    (address,) = re.findall(rf'href="([^"]+)" download="trials-by-drug\.{label.lower()}"', text)
    answer = site.get(f"/queries/trials-by-drug{html.unescape(address)}", HTML)
    assert (answer.status, answer.media_type) == (200, media_type)
    assert answer.body.count(b"/study/NCT") > 2


def test_the_sparql_has_the_values_and_gives_the_rows(site: Server) -> None:
    """What is shown is what was asked, and can be asked again."""
    text = page(site, "trials-by-drug", drug="everolimus").body.decode()
    sparql = html.unescape(re.findall(r"<code>((?:PREFIX|SELECT).*?)</code>", text, re.DOTALL)[0])
    assert "?_drug" not in sparql
    assert "#+" not in sparql
    assert len(site.sparql(sparql).rows()) == len(site.get("/queries/trials-by-drug", drug="everolimus").rows())
    assert 'href="/editor?query=' in text


@pytest.mark.parametrize(
    ("given", "field", "near"),
    [
        ({"drug": "kverolimus"}, "drug", "Everolimus"),
        ({"drug": "everol"}, "drug", "Everolimus"),
        ({"drug": "sirolimsu"}, "drug", "Sirolimus"),
    ],
)
def test_a_wrong_name_is_told_at_its_field_with_near_ones(
    site: Server, given: dict[str, str], field: str, near: str
) -> None:
    """422, what was given stands in the field, and a near name is one click away."""
    answer = page(site, "trials-by-drug", **given)
    text = answer.body.decode()
    assert answer.status == 422
    assert f'id="field-{field}-wrong"' in text
    assert f'value="{given[field]}"' in text
    assert f'href="?{field}={near}">{near}</a>' in text


def test_other_values_are_kept_where_one_is_wrong(site: Server) -> None:
    """A link to a near name changes that one only."""
    text = page(site, "trials-comparing-drugs", drug="everolimus", comparator="sirolimsu").body.decode()
    assert 'href="?drug=everolimus&amp;comparator=Sirolimus">Sirolimus</a>' in text


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("changed-since", {"since": "tomorrow"}, "a day such as"),
        ("terminated-mtor-inhibitor-hcc-trials", {"status": "STOPPED"}, "TERMINATED"),
        ("trials-comparing-drugs", {"drug": "everolimus"}, "Please say which."),
        ("trials-by-drug", {"drug": "everolimus", "drg": "x"}, "Did you mean drug?"),
        ("trials-by-drug", {"drug": "everolimus", "limit": "0"}, "1 to 5000"),
        ("trials-by-drug", {"drug": ["a", "b"]}, "more than once"),
    ],
)
def test_what_else_is_wrong_is_told_on_the_page(site: Server, name: str, given: dict[str, object], told: str) -> None:
    """422, with what would be right."""
    answer = page(site, name, **given)
    assert answer.status == 422
    assert told in html.unescape(answer.body.decode())


def test_an_empty_field_has_its_default(site: Server) -> None:
    """Browsers send fields that nobody filled in."""
    filled = page(site, "results-missing", before="2020-01-01", condition="")
    assert filled.status == 200
    assert "taken for <strong>Neoplasms</strong>" in filled.body.decode()


def test_a_query_with_defaults_answers_at_once(site: Server) -> None:
    """Nobody need press a button to see the flagship's answer."""
    assert len(cells(page(site, "terminated-mtor-inhibitor-hcc-trials"))) > 0


def test_hostile_values_stay_values(site: Server) -> None:
    """In the field, in messages, in links and in the SPARQL."""
    for value in ('"><script>alert(1)</script>', "javascript:alert(1)", "{{ 7*7 }}", "%s%d"):
        for name, param in (("trials-by-drug", "drug"), ("trials-by-sponsor", "sponsor")):
            answer = page(site, name, **{param: value})
            assert answer.status in (200, 422)
            assert b"<script>alert" not in answer.body
            assert b'href="javascript' not in answer.body


def test_programs_get_the_rows_as_before(site: Server) -> None:
    """The page is one more format: JSON is what a client gets that does not mind."""
    assert site.get("/queries/trials-by-drug", drug="everolimus").media_type == "application/sparql-results+json"
    assert site.get("/queries/trials-by-drug", "text/csv", drug="everolimus").media_type == "text/csv"
    assert site.get("/queries/trials-by-drug", "text/html;q=0.5,application/json", drug="x").status == 422


def test_a_page_that_a_browser_has_is_not_sent_again(site: Server) -> None:
    """As long as the build is the same; other values are another page, and a refusal is told each time."""
    for path in ("/queries", "/queries/trials-by-drug?drug=everolimus"):
        tag = {"If-None-Match": site.get(path, HTML).headers["etag"]}
        again = site.get(path, HTML, tag)
        assert (again.status, again.body) == (304, b"")
        assert site.get("/queries/trials-by-drug?drug=sirolimus", HTML, tag).status == 200
        assert site.get(path, "application/json", tag).status == 200
    assert "etag" not in page(site, "trials-by-drug", drug="kverolimus").headers
