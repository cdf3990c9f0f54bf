"""Why a trial is in an answer, as a page."""

import html
import re

import pytest

from tests.pages.test_frame import HTML
from tests.service.client import Server

FLAGSHIP = "terminated-mtor-inhibitor-hcc-trials"


def page(site: Server, path: str) -> str:
    """The page, as it reads."""
    answer = site.get(path, HTML)
    assert (answer.status, answer.media_type) == (200, "text/html")
    return answer.body.decode()


def test_a_row_leads_to_why_it_is_there(site: Server) -> None:
    """From the table, with its values, to the links behind it and the way up to the class."""
    table = page(site, f"/queries/{FLAGSHIP}")
    (path, *_) = re.findall(rf'href="(/why/NCT01079767/{FLAGSHIP}[^"]*)"', table)
    text = page(site, html.unescape(path))
    assert "NCT01079767 is in the answer" in text
    assert "matched “temsirolimus”" in text
    assert "mTOR inhibitor, by ATC (class:mTORInhibitor-atc)" in text
    assert "What fails" not in text
    assert f'href="/queries/{FLAGSHIP}"' in text


def test_what_fails_stands_first_with_what_is_there(site: Server) -> None:
    """A trial that was completed is no terminated one."""
    text = page(site, f"/why/NCT00355862/{FLAGSHIP}")
    assert "NCT00355862 is not in the answer" in text
    assert text.index("What fails") < text.index("overall status: Completed") < text.index("What holds")


def test_values_are_kept_on_the_way_back(site: Server) -> None:
    """The question's link leads to the form as it was."""
    text = page(site, f"/why/NCT00355862/{FLAGSHIP}?status=COMPLETED")
    assert "NCT00355862 is in the answer" in text
    assert f'href="/queries/{FLAGSHIP}?status=COMPLETED"' in text


def test_programs_get_it_as_before(site: Server) -> None:
    """JSON unless they like something else better; a browser too, if it asks for it by name."""
    assert site.get(f"/why/NCT01079767/{FLAGSHIP}").media_type == "application/json"
    assert site.get(f"/why/NCT01079767/{FLAGSHIP}", HTML, format="text").media_type == "text/plain"


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/why/NCT99999999/trials-by-drug?drug=everolimus", 404, "NCT99999999"),
        ("/why/NCT01079767/no-such-query", 404, "no-such-query"),
        ("/why/NCT01079767/trials-by-drug?drug=kverolimus", 422, "Did you mean Everolimus"),
    ],
)
def test_what_cannot_be_told_is_a_page_too(site: Server, path: str, status: int, told: str) -> None:
    """With the frame around it."""
    answer = site.get(path, HTML)
    assert (answer.status, answer.media_type) == (status, "text/html")
    assert told in html.unescape(answer.body.decode())
