"""The editor page as it comes: all of it from here, nothing inline but one style, and a plain form without script."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.pages.test_frame import HTML
from tests.service.client import Server

LOCK = Path(__file__).parents[2] / "scripts/editor/package-lock.json"


def test_everything_that_it_loads_is_here(site: Server) -> None:
    """A machine without network has an editor: scripts and styles are files of ours that are there."""
    page = site.get("/editor", HTML).body.decode()
    loaded = re.findall(r'(?:src|<link[^>]* href)="([^"]+)"', page)
    assert any("yasgui.min.js" in address for address in loaded)
    for address in loaded:
        assert address.startswith("/static/")
        answer = site.get(address)
        assert (answer.status, len(answer.body) > 0) == (200, True), address
        assert b"sourceMappingURL" not in answer.body


def test_no_script_runs_but_its_own(site: Server) -> None:
    """One style of YASGUI's is allowed by its hash, on this page alone; no inline script anywhere."""
    policy = site.get("/editor", HTML).headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert policy.count("sha256") == 1
    assert "sha256" not in site.get("/queries", HTML).headers["content-security-policy"]


def test_it_can_be_used_without_script(site: Server) -> None:
    """A form that sends the query as any client does."""
    query = "SELECT ?s WHERE { ?s ?p '</textarea><script>alert(1)</script>' } LIMIT 1"
    page = site.get("/editor", HTML, query=query).body.decode()
    assert '<form class="plain-editor" action="/sparql" method="get">' in page
    assert "&lt;/textarea&gt;&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert site.get("/sparql", HTML, query="SELECT * WHERE { ?s ?p ?o } LIMIT 1", format="csv").media_type == "text/csv"


def test_prefixes_and_properties_are_given(site: Server) -> None:
    """So that nobody else is asked for them."""
    page = site.get("/editor", HTML).body.decode()
    (prefixes,) = re.findall(r"data-prefixes='(.*?)'", page)
    (terms,) = re.findall(r"data-terms='(.*?)'", page)
    assert json.loads(prefixes)["tg"] == "https://w3id.org/trialgraph/vocab#"
    assert "https://w3id.org/trialgraph/vocab#overallStatus" in json.loads(terms)


def test_a_saved_query_opens_in_it(site: Server) -> None:
    """The link on a form's page leads to the editor with the query."""
    page = site.get("/queries/trials-by-drug", HTML, drug="everolimus").body.decode()
    (query,) = re.findall(r'href="/editor\?query=([^"]+)"', page)
    assert "PREFIX" in site.get(f"/editor?query={query}", HTML).body.decode()
    assert urlencode({"x": "<http://id.nlm.nih.gov/mesh/D000068338>"})[2:] in query.replace("/", "%2F")


@pytest.mark.skipif(not LOCK.exists(), reason="a wheel has the built files, and not what they are built from")
def test_every_bundled_package_has_its_notice() -> None:
    """Licences ask that their text goes with the code."""
    folder = LOCK.parents[2] / "kg/pages/static/editor"
    notices = (folder / "LICENSES.txt").read_text(encoding="utf-8")
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    named = {place.rpartition("node_modules/")[2]: facts for place, facts in packages.items() if place}
    assert "@zazuko/yasgui" in named
    for name, facts in named.items():
        if not name.startswith("@types/"):
            assert f"\n{name} {facts['version']}\n" in notices, name
