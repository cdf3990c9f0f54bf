"""What a publisher decides shows in the description; what nobody decided is said to be so."""

import gzip
import json
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.publishing import Terms, publish
from kg.vocab import expand
from tests.commands import Kg

TERMS = Terms(base_url="https://example.org/t/", licence="https://example.org/licence", publisher='The "Institute"')


def said(bundle: Path, subject: str) -> dict[str, set[str]]:
    """Property -> values, of one thing in a description."""
    found: dict[str, set[str]] = {}
    for quad in ox.parse(path=str(bundle / "dataset.ttl"), format=ox.RdfFormat.TURTLE):
        if quad.subject == ox.NamedNode(subject):
            found.setdefault(quad.predicate.value, set()).add(getattr(quad.object, "value", ""))
    return found


def test_options_are_in_the_description(example_graph: Path, tmp_path: Path, kg: Kg) -> None:
    """Name and day of the release, title, and the publisher's own IRI."""
    ended = kg(
        *("publish", example_graph, "--to", tmp_path / "out", "--base-url", TERMS.base_url),
        *("--license", TERMS.licence, "--publisher", TERMS.publisher, "--publisher-url", "https://ror.org/0"),
        *("--release", "2031.1", "--previous", "2030.4", "--issued", "2031-02-03", "--title", "Trials & more"),
    )
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("release 2031.1: 37 trials, ")
    version = said(tmp_path / "out", "https://example.org/t/dataset.ttl#2031.1")
    assert version[expand("dct:issued")] == {"2031-02-03"}
    assert version[expand("pav:previousVersion")] == {"https://example.org/t/dataset.ttl#2030.4"}
    assert version[expand("dct:title")] == {"Trials & more, release 2031.1"}
    assert version[expand("dct:publisher")] == {"https://ror.org/0"}
    assert said(tmp_path / "out", "https://ror.org/0")[expand("foaf:name")] == {TERMS.publisher}
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "Trials &amp; more, release 2031.1" in page
    assert "The &quot;Institute&quot;" in page


def test_release_is_named_by_its_content(example_graph: Path, tmp_path: Path) -> None:
    """The last day of the records, and a hash that another graph has not."""
    graph = shutil.copytree(example_graph, tmp_path / "graph")
    first = publish(graph, tmp_path / "out", TERMS)
    layer = graph / "layers" / "registry.nt.gz"
    text = gzip.decompress(layer.read_bytes())
    layer.write_bytes(gzip.compress(text.replace(b"status/COMPLETED", b"status/TERMINATED")))
    second = publish(graph, tmp_path / "out", TERMS)
    assert first.release.rpartition("-")[0] == second.release.rpartition("-")[0] == "2025-02-27"
    assert first.release != second.release


def test_ontology_of_ones_own_gets_no_licence_of_ours(example_graph: Path, tmp_path: Path) -> None:
    """What the catalogue does not know is told as the build was told; the file's lack of a licence is a finding."""
    graph = shutil.copytree(example_graph, tmp_path / "graph")
    layer = graph / "layers" / "ontology.nt.gz"
    text = gzip.decompress(layer.read_bytes())
    layer.write_bytes(gzip.compress(text.replace(b"graph/ontology/doid>", b"graph/ontology/mine>")))
    manifest = json.loads((graph / "manifest.json").read_text(encoding="utf-8"))
    (doid,) = (ontology for ontology in manifest["ontologies"] if ontology["name"] == "doid")
    doid |= {"name": "mine", "licence": "Ask me"}
    (graph / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    published = publish(graph, tmp_path / "out", TERMS)
    node = f"https://example.org/t/dataset.ttl#{published.release}/ontology-mine"
    assert expand("dct:license") not in said(tmp_path / "out", node)
    assert said(tmp_path / "out", f"{node}/rights")[expand("rdfs:label")] == {"Ask me"}
    assert {(finding.severity, finding.path) for finding in published.findings} == {("warning", "dct:license")}
    assert all("ontology-mine" in finding.focus for finding in published.findings)


def test_layer_that_says_nothing_is_no_file(example_graph: Path, tmp_path: Path) -> None:
    """Whatever is in the bundle is described, also of a graph of no trials."""
    graph = shutil.copytree(example_graph, tmp_path / "graph")
    for layer in ("registry", "derived", "links", "inferred"):
        (graph / "layers" / f"{layer}.nt.gz").write_bytes(gzip.compress(b""))
    published = publish(graph, tmp_path / "out", TERMS)
    described = (tmp_path / "out" / "dataset.ttl").read_text(encoding="utf-8")
    dumps = [name for name in published.files if name.startswith("dumps/")]
    assert published.trials == 0
    assert dumps
    assert [name for name in dumps if f"<https://example.org/t/{name}>" not in described] == []


def test_many_inputs_are_told_as_one(example_graph: Path, tmp_path: Path) -> None:
    """A description does not grow with the number of files."""
    graph = shutil.copytree(example_graph, tmp_path / "graph")
    manifest = json.loads((graph / "manifest.json").read_text(encoding="utf-8"))
    manifest["inputs"] = {f"/home/me/records/{number}.json": "00" * 32 for number in range(1500)}
    (graph / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    published = publish(graph, tmp_path / "out", TERMS)
    node = f"https://example.org/t/dataset.ttl#{published.release}/inputs"
    assert said(tmp_path / "out", node)[expand("rdfs:label")] == {"1,500 files of records"}
    assert "/home/me" not in (tmp_path / "out" / "dataset.ttl").read_text(encoding="utf-8")


@pytest.mark.parametrize("address", ["https://example.org/a b", "https://example.org/<x>", 'https://e.org/"', "x"])
def test_hostile_address_gets_nowhere(address: str, example_graph: Path, tmp_path: Path, kg: Kg) -> None:
    """What would end an IRI, an attribute or a rule early is no address."""
    ended = kg(
        *("publish", example_graph, "--to", tmp_path / "out", "--base-url", address),
        *("--license", TERMS.licence, "--publisher", "P"),
    )
    assert ended.code == 2
    assert list(tmp_path.iterdir()) == []
