"""What every page has: a frame that is safe, and files that browsers may keep."""

import re
from pathlib import Path

import pytest

from tests.service.client import Server

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_browser_is_told_of_a_problem_on_a_page(site: Server) -> None:
    """The same status and words as programs get, in a page with the frame around it."""
    answer = site.get("/study/NCT99999999", HTML)
    assert (answer.status, answer.media_type) == (404, "text/html")
    text = answer.body.decode()
    assert "NCT99999999" in text
    assert 'href="#main"' in text
    assert 'role="search"' in text
    assert 'action="/search"' in text
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("path", ["/study/NCT99999999", "/no/such/address", "/queries/no-such-query"])
def test_a_program_is_told_of_a_problem_as_before(site: Server, path: str) -> None:
    """Who takes anything, or JSON, gets problem+json."""
    for accept in ("", "*/*", "application/json", "application/json, text/html;q=0.5"):
        answer = site.get(path, accept)
        assert (answer.status, answer.media_type) == (404, "application/problem+json"), accept
        assert answer.json()["status"] == 404


def test_a_problem_page_says_what_is_near(site: Server) -> None:
    """A misspelt name's nearest names are shown."""
    answer = site.get("/queries/trials-by-drugg", HTML)
    assert answer.status == 404
    assert b'<a href="/queries/trials-by-drug">trials-by-drug</a>' in answer.body
    missing = site.get("/study/NCT99999999", HTML)
    assert b'href="https://clinicaltrials.gov/study/NCT99999999"' in missing.body


def test_hostile_words_of_a_request_stay_words(site: Server) -> None:
    """What a request says comes back escaped, in the page and in its search box."""
    answer = site.get("/queries/%3Cscript%3Ealert(1)", HTML, q='"><script>alert(2)</script>')
    assert answer.status == 404
    assert b"<script>alert" not in answer.body
    assert b"&lt;script&gt;alert(1)" in answer.body


def test_pages_run_no_script_but_ours(site: Server) -> None:
    """The policy forbids what is inline and what is elsewhere; nothing inline is there."""
    answer = site.get("/study/NCT99999999", HTML)
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(rb"<[^>]* (style|on[a-z]+)=|<style|<script(?![^>]* src=)", answer.body)


def test_static_files_are_kept_as_long_as_they_are_the_same(site: Server) -> None:
    """The address in a page has a mark of the bytes and may be kept for good; without it, 304 by its tag."""
    page = site.get("/study/NCT99999999", HTML).body.decode()
    found = re.search(r'href="(/static/style\.css\?v=[0-9a-f]+)"', page)
    assert found
    marked = site.get(found[1])
    assert (marked.status, marked.media_type) == (200, "text/css")
    assert "immutable" in marked.headers["cache-control"]
    plain = site.get("/static/style.css")
    assert plain.headers["cache-control"] == "no-cache"
    again = site.get("/static/style.css", headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("path", ["/static/../__init__.py", "/static/%2e%2e/__init__.py", "/static/no-such-file.css"])
def test_only_static_files_are_static(site: Server, path: str) -> None:
    """No other file of the machine can be had."""
    assert site.get(path).status == 404


def test_every_link_stands_behind_the_proxys_folder(example_graph: Path) -> None:
    """Where clients see the service in a folder, no link, form or file of a page leads out of it."""
    with Server(example_graph, "--base-url", "https://data.example/trials", "--workers", 2) as server:
        for path in ("/study/NCT01079767.html", "/concept/mesh:C401859.html", "/class/mTORInhibitor.html", "/dataset"):
            page = server.get(path).body.decode()
            inside = re.findall(r'(?:href|action|src)="(/[^"]*)"', page)
            assert len(inside) > 15
            assert [link for link in inside if not link.startswith("/trials/")] == [], path
        seen = server.get("/study/NCT01079767", HTML)
        assert seen.headers["location"] == "https://data.example/trials/study/NCT01079767.html"
