"""The commands: what they print, for people and for programs."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from kg.build import build_graph
from kg.console import byte_progress
from kg.store import EmbeddedStore
from tests.commands import Kg
from tests.ontologies.small import SKOS, UNII, packed, rxnorm


def listed(kg: Kg, name: str) -> dict[str, Any]:
    """What `kg ontologies list` says of one, to a program."""
    (entry,) = [one for one in json.loads(kg("ontologies", "list", "--format", "json")[1]) if one["name"] == name]
    assert isinstance(entry, dict)
    return entry


def test_list_tells_what_is_untested_and_what_is_at_hand(kg: Kg, tmp_path: Path) -> None:
    """Bundled, fetched, loaded; the codes of what cannot be fetched."""
    code, out, err = kg("ontologies", "list")
    assert (code, err) == (0, "")
    rows = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert "slice" in rows["mesh"]
    assert "untested" in rows["ncit"]
    assert "untested" not in rows["rxnorm"]
    assert "8 codes, nothing to fetch" in rows["atc"]
    kg("ontologies", "fetch", "rxnorm", "--from", rxnorm(tmp_path / "RxNorm_full_10062025"))
    entry = listed(kg, "rxnorm")
    assert entry["fetched"]
    assert entry["loaded"] == []
    kg("ontologies", "load", "rxnorm")
    (loaded,) = listed(kg, "rxnorm")["loaded"]
    assert (loaded["version"], loaded["concepts"]) == ("10062025", 5)
    assert "loaded 10062025 (5 concepts)" in " ".join(kg("ontologies", "list")[1].split())


def test_fetch_says_what_came(kg: Kg, tmp_path: Path) -> None:
    """Where it is, its size and checksum; no bar where nobody watches."""
    copy = packed(tmp_path / "UNIIs.zip", {"UNII_Names_4Aug2026.txt": UNII})
    code, out, err = kg("ontologies", "fetch", "unii", "--from", copy, "--to", tmp_path / "here")
    assert (code, err) == (0, "")
    assert out.startswith(f"unii: {tmp_path / 'here' / 'UNIIs.zip'}, {copy.stat().st_size:,} bytes, sha256 ")
    assert out.endswith(" (not pinned)\n")


def test_load_says_name_version_concepts_and_names(kg: Kg, tmp_path: Path) -> None:
    """By name and by file; what is wrong in a file on standard error."""
    unii = packed(tmp_path / "UNIIs.zip", {"UNII_Names_4Aug2026.txt": UNII})
    code, out, err = kg("ontologies", "load", unii, rxnorm(tmp_path / "rxnorm"), "doid", "--format", "json")
    assert code == 0
    one, two, three = json.loads(out)
    assert (one["name"], one["version"], one["concepts"], one["names"]) == ("unii", "4Aug2026", 2, 6)
    assert (two["name"], two["concepts"], two["names"]) == ("rxnorm", 5, 11)
    assert (three["name"], three["file"]) == ("doid", "doid.ttl")
    assert err.splitlines()[0] == "rxnorm: 1 concepts without a name are left out, such as 12"
    table = kg("ontologies", "load", unii)[1].split()
    assert table[-5:] == ["unii", "4Aug2026", "2", "6", "UNIIs.zip"]


def test_own_entry_is_listed_fetched_and_loaded(kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry is all that it takes."""
    fields = ("title", "format", "licence", "permits", "citation", "homepage", "licence_url")
    lines = "".join(f'{field} = "x"\n' for field in fields)
    rest = "download = 'https://example.org/tumours.ttl'\nversion_pattern = '([0-9.]+)'\niri = 'https://example.org/scheme'\n"
    (tmp_path / "own.toml").write_text(f"[tumours]\n{lines}{rest}")
    (tmp_path / "tumours.ttl").write_text(SKOS)
    monkeypatch.setenv("TRIALGRAPH_SOURCES", str(tmp_path / "own.toml"))
    assert kg("ontologies", "fetch", "tumours", "--from", tmp_path / "tumours.ttl")[0] == 0
    assert json.loads(kg("ontologies", "load", "tumours", "--format", "json")[1])[0]["version"] == "3.1"
    assert listed(kg, "tumours")["fetched"]


def test_build_takes_fetched_ontologies_by_name(kg: Kg, tmp_path: Path, examples: Path) -> None:
    """Tables too: they stand in a graph of their own, as SKOS."""
    kg("ontologies", "fetch", "rxnorm", "--from", rxnorm(tmp_path / "RxNorm_full_10062025"))
    build_graph([examples / "xml" / "NCT01079767.xml"], tmp_path / "graph", ontology_names=["rxnorm", "mesh"])
    manifest = json.loads((tmp_path / "graph" / "manifest.json").read_text())
    assert next((one["name"], one["version"]) for one in manifest["ontologies"]) == ("rxnorm", "10062025")
    question = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        ASK { GRAPH <https://w3id.org/trialgraph/graph/ontology/rxnorm> {
            <http://purl.bioontology.org/ontology/RXNORM/1> skos:altLabel "Afinitor"@en } }"""
    assert bool(EmbeddedStore(tmp_path / "graph" / "store").query(question))


def test_bar_shows_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """And takes sizes that nobody told."""

    class Terminal(io.StringIO):
        """What says of itself that somebody watches."""

        def isatty(self) -> bool:
            return True

    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with byte_progress("tumours") as progress:
            progress(500, 0)
            progress(1000, 2000)
        assert ("tumours" in stream.getvalue()) == shown
