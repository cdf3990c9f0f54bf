"""Trials that pages must bear: hostile texts, old numbers, records with next to nothing in them, or with everything."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from kg.build import build_graph
from tests.pages.reading import Words, bare, texts_of
from tests.pages.test_frame import HTML
from tests.service.client import Server

HOSTILE = "<script>alert('kg')</script> \"><img src=x onerror=alert(1)> {{ 7*7 }} ]]> & é"
RECORD = "NCT02552212"


def _poisoned(value: Any, name: str = "") -> Any:
    """A record whose free texts are hostile; its codes, dates and numbers stay."""
    match value:
        case dict():
            return {key: _poisoned(each, key) for key, each in value.items()}
        case list():
            return [_poisoned(each, name) for each in value]
        case str() if name == "url":
            return "javascript:alert(1)"
        case str() if " " in value and "Age" not in name:
            return f"{HOSTILE} {value[:40]}"
    return value


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Iterator[Server]:
    """A server on three records: a hostile one that replaces an old number, a bare one, and one without locations."""
    folder = tmp_path_factory.mktemp("hostile")
    record = _poisoned(json.loads((examples / "api-v2" / f"{RECORD}.json").read_text(encoding="utf-8")))
    record["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT00000042"]
    bare_record = {"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}}
    for number, each in (("hostile", record), ("bare", bare_record)):
        (folder / f"{number}.json").write_text(json.dumps(each), encoding="utf-8")
    build_graph([folder], folder / "graph")
    with Server(folder / "graph", "--workers", 2) as server:
        yield server


def test_hostile_texts_stay_texts(hostile: Server) -> None:
    """No tag, attribute or address of a record becomes one of the page; what it says can be read as it is."""
    answer = hostile.get(f"/study/{RECORD}.html")
    assert answer.status == 200
    page = answer.body.decode()
    assert page.count("alert(&#39;kg&#39;)") > 20
    assert not re.search(r"<script(?! src=)|<img|<[^>]*\sonerror|href=[\"']?javascript", page)
    assert not re.search(r"<[^>]* style=", page)
    words = Words(page)
    assert "<script>alert('kg')</script>" in words.text
    assert "{{ 7*7 }}" in words.text
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_hostile_pages_are_whole(hostile: Server) -> None:
    """Every text of the hostile record is on its page."""
    page = bare(Words(hostile.get(f"/study/{RECORD}.html").body.decode()).text)
    texts = texts_of(hostile, RECORD)
    assert len(texts) > 50
    assert [text for text in texts if bare(text) not in page] == []


def test_a_replaced_number_leads_to_the_trial(hostile: Server) -> None:
    """301 for people and for programs; its own documents say what came in its place."""
    for accept in (HTML, "text/turtle", ""):
        seen = hostile.get("/study/NCT00000042", accept)
        assert (seen.status, seen.headers["location"]) == (301, f"{hostile.address}/study/{RECORD}")
    page = hostile.get("/study/NCT00000042.html")
    assert (page.status, page.headers["location"]) == (301, f"/study/{RECORD}.html")
    assert b"isReplacedBy" in hostile.get("/study/NCT00000042.nt").body


def test_a_record_with_nothing_in_it_has_a_page(hostile: Server) -> None:
    """Its number is its title; no picture is drawn of nothing."""
    answer = hostile.get("/study/NCT00000001.html")
    assert answer.status == 200
    page = answer.body.decode()
    assert "<h1>NCT00000001</h1>" in page
    assert "<svg class=" not in page


def test_small_letters_lead_to_the_trial(hostile: Server) -> None:
    """301 to the number as the registry writes it."""
    answer = hostile.get("/study/nct02552212.html")
    assert (answer.status, answer.headers["location"]) == (301, f"/study/{RECORD}.html")


#: Real records: 1,412 locations; items in lists in lists; no conditions of ours; results; numbered outcomes.
_REAL = frozenset("NCT00490139 NCT00001789 NCT00002718 NCT00494663 NCT04407182".split())


@pytest.mark.data
def test_real_trials_are_whole(data: Path, tmp_path: Path) -> None:
    """Every text of records with traps is on its page, no id stands twice, every link within it leads somewhere."""
    records = tmp_path / "records"
    records.mkdir()
    for name in ("ctgov-api-v2.zip", "ctgov-xml.zip"):
        with ZipFile(data / "trials" / name) as archive:
            for member in archive.namelist():
                if Path(member).stem in _REAL:
                    (records / Path(member).name).write_bytes(archive.read(member))
    build_graph([records], tmp_path / "graph")
    found = {file.stem for file in records.iterdir()}
    assert found == _REAL
    with Server(tmp_path / "graph", "--workers", 2) as server:
        for number in sorted(found):
            words = Words(server.get(f"/study/{number}.html").body.decode())
            text = bare(words.text)
            assert [each for each in texts_of(server, number) if bare(each) not in text] == [], number
            assert len(words.ids) == len(set(words.ids)), number
            assert {link[1:] for link in words.links if link.startswith("#")} <= set(words.ids), number
