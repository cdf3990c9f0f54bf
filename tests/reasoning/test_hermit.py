"""The reasoner: what follows in the module, what contradicts itself, and what becomes of it when it cannot go on."""

import os
import re
import zipfile
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path
from time import sleep

import pytest

from kg import assets, ontologies
from kg.concept import Concept
from kg.errors import DeadlineExceeded, ReasonerError
from kg.reasoning import DrugClass, read_classes
from kg.reasoning.hermit import Classification, classify, find_java
from kg.reasoning.module import Module, module_lines, select
from kg.reasoning.proof import count_members, judge, memberships, same_drugs
from kg.vocab import expand
from tests.reasoning.small import CONCEPTS, KINASE, MTOR, by_iri, concept, drug_class

CLASSES = (KINASE, MTOR)
Fake = Callable[[str], None]


def reason(folder: Path, module: Module) -> Classification:
    """The reasoner's answer about a module."""
    path = folder / "module.nt"
    path.write_text("".join(module_lines(module)))
    return classify(path, module.members, timeout_s=300)


def find_drugs(found: Classification, name: str) -> set[str]:
    """The members of a class, by local names."""
    return {iri.rpartition("/")[2] for iri, types in found.types.items() if expand(f"class:{name}") in types}


def test_every_way_to_an_action_is_followed(java: str, tmp_path: Path) -> None:
    """An own action, a kind's, a partner's, a partner's kind's, a listing; and whatever is above the action."""
    module = select(CLASSES, CONCEPTS, set(CONCEPTS))
    found = reason(tmp_path, module)
    assert found.consistent
    assert found.unsatisfiable == ()
    assert find_drugs(found, "Mtor-mesh") == {"C4", "CHEBI_4"}
    assert find_drugs(found, "Mtor-chebi") == {"CHEBI_1", "D1", "CHEBI_2", "CHEBI_3", "C3"}
    assert find_drugs(found, "Mtor-atc") == {"C4", "CHEBI_4", "D1", "CHEBI_1"}
    assert find_drugs(found, "Kinase-mesh") == {"C4", "CHEBI_4"}
    assert find_drugs(found, "Kinase-atc") == set()
    assert find_drugs(found, "Mtor") == {"C4", "CHEBI_4", "CHEBI_1", "D1", "CHEBI_2", "CHEBI_3", "C3"}
    assert [f.rule for f in judge(CLASSES, module, found, CONCEPTS)] == []


def test_drug_of_two_ontologies_counts_once(java: str, tmp_path: Path) -> None:
    """The table says how many drugs each source misses; a class without drugs is in it."""
    classes = (*CLASSES, drug_class("Empty", mesh="mesh:D404"))
    module = select(classes, CONCEPTS, set(CONCEPTS))
    found = reason(tmp_path, module)
    counts = {
        row.label: (row.drugs, row.by_source)
        for row in count_members(classes, module, memberships(classes, module, found))
    }
    assert counts["Mtor"] == (4, {"atc": 2, "chebi": 3, "mesh": 1})
    assert counts["Empty"] == (0, {"mesh": 0})
    assert len(set(same_drugs(module).values())) == 4
    (finding,) = judge(classes, module, found, CONCEPTS)
    assert (finding.rule, finding.severity, finding.path) == ("unknown-action", "info", expand("mesh:D404"))


def test_planted_contradiction_is_found(java: str, tmp_path: Path) -> None:
    """A drug that refers to a disease by its name: the reasoner says no, and the finding says what."""
    planted = concept("CHEBI:9", "y", related=("liver cancer",), xrefs=("mesh:D6",), actions=("CHEBI:10",))
    concepts = CONCEPTS | by_iri(planted)
    module = select(CLASSES, concepts, set(concepts))
    found = reason(tmp_path, module)
    assert not found.consistent
    assert found.types == {}
    (finding,) = judge(CLASSES, module, found, concepts)
    assert (finding.rule, finding.severity, finding.focus) == ("contradiction", "violation", expand("mesh:D6"))


def test_closure_that_says_otherwise_is_found(java: str, tmp_path: Path) -> None:
    """Both ways: what the closure has too much, and too little."""
    found = reason(tmp_path, select(CLASSES, CONCEPTS, set(CONCEPTS)))
    module = select(CLASSES, CONCEPTS, {expand("mesh:C4"), expand("mesh:C3")})
    other = CONCEPTS | by_iri(concept("mesh:C4", "temsirolimus", actions=("mesh:D11",)))
    findings = list(judge((drug_class("Mtor", mesh="mesh:D10", chebi="CHEBI:10"), KINASE), module, found, other))
    assert {finding.severity for finding in findings} == {"violation"}
    assert [f.message for f in findings] == ["the reasoner, not the closure, has 'temsirolimus' in class:Mtor by mesh"]


def test_graph_without_drugs_is_consistent(java: str, tmp_path: Path) -> None:
    """Nothing is asked, and nothing follows."""
    found = reason(tmp_path, select(CLASSES, CONCEPTS, set()))
    assert (found.consistent, found.types) == (True, {})


def test_java_may_be_named_by_java_home(fake_java: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """JAVA_HOME goes before the PATH; where it holds no Java the PATH's is taken."""
    fake_java("exit 0")
    assert find_java() == f"{os.environ['JAVA_HOME']}/bin/java"
    monkeypatch.setenv("PATH", f"{os.environ['JAVA_HOME']}/bin")
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    assert find_java().endswith("/home/bin/java")


def test_missing_java_is_told_with_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On one line, with what to install."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReasonerError, match="apt-get install default-jre-headless") as caught:
        classify(tmp_path / "module.nt", (), timeout_s=1)
    assert "\n" not in str(caught.value)


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_reasoner_ends_at_its_deadline_with_its_java(fake_java: Fake, tmp_path: Path) -> None:
    """Nothing that it has started goes on."""
    noted = tmp_path / "pid"
    fake_java(f"echo $$ > {noted}.part; mv {noted}.part {noted}; exec sleep 600")
    for seconds in (3, 12, 48):
        with pytest.raises(DeadlineExceeded, match=rf"no answer within {seconds} s.*--timeout-s"):
            classify(write_empty(tmp_path), (), timeout_s=seconds)
        if noted.exists():  # else the machine is so busy that Java had not begun
            break
    pid = int(noted.read_text())
    for _ in range(600):
        if not is_running(pid):
            return
        sleep(0.1)
    pytest.fail("Java goes on")


def write_empty(folder: Path) -> Path:
    """A module of no drugs."""
    path = folder / "module.nt"
    path.write_text("".join(module_lines(select((), {}, set()))))
    return path


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("kill -9 $PPID", "it died .signal 9.*Was it killed"),
        ("kill -9 $$", "Java error"),
        ("echo no room >&2; exit 1", "no room"),
    ],
)
def test_killed_reasoner_is_told(fake_java: Fake, tmp_path: Path, script: str, problem: str) -> None:
    """Whichever of the two processes it was; on one line."""
    fake_java(script)
    with pytest.raises(ReasonerError, match=problem) as caught:
        classify(write_empty(tmp_path), (), timeout_s=60)
    assert "\n" not in str(caught.value)


def test_file_that_is_no_module_is_told(java: str, tmp_path: Path) -> None:
    """A module cut short is no answer."""
    path = tmp_path / "module.nt"
    path.write_text("<http://a/b> <http://a")
    with pytest.raises(ReasonerError):
        classify(path, (), timeout_s=60)


_NAME = re.compile(r"<intervention_name>([^<]*)</")


def check_equal(classes: tuple[DrugClass, ...], concepts: Mapping[str, Concept], drugs: set[str], folder: Path) -> int:
    """Holds the reasoner against the closure; gives the number of drugs."""
    module = select(classes, concepts, drugs)
    found = reason(folder, module)
    assert found.consistent
    assert [f.message for f in judge(classes, module, found, concepts) if f.severity == "violation"] == []
    return len(module.members)


@pytest.fixture(scope="module")
def bundled() -> tuple[DrugClass, ...]:
    """The classes that come with the package."""
    return read_classes(assets.folder("ontologies") / "classes.ttl")


def test_reasoner_and_closure_agree_on_the_slices(java: str, bundled: tuple[DrugClass, ...], tmp_path: Path) -> None:
    """On every concept of the bundled slices."""
    concepts = {i: c for path in ontologies.default_files() for i, c in ontologies.load(path).concepts.items()}
    assert check_equal(bundled, concepts, set(concepts), tmp_path) > 30


@pytest.mark.data
def test_reasoner_and_closure_agree_on_the_drugs_of_real_trials(
    java: str, bundled: tuple[DrugClass, ...], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On every drug of MeSH and ChEBI that an intervention is named by."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files = [data / "ontologies" / name for name in ("mesh2024.nt.gz", "chebi.owl.gz")]
    concepts = {iri: held for file in files for iri, held in ontologies.load(file).concepts.items()}
    named: dict[str, set[str]] = {}
    for iri, held in concepts.items():
        for name, _ in held.names():
            named.setdefault(name.casefold(), set()).add(iri)
    drugs = {iri for name in read_interventions(data) for iri in named.get(name.casefold(), ())}
    assert check_equal(bundled, concepts, drugs, tmp_path) > 1400


def read_interventions(data: Path) -> set[str]:
    """What the XML records of the real data call their interventions."""
    with zipfile.ZipFile(data / "trials" / "ctgov-xml.zip") as archive:
        records = (archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
        return {unescape(name) for text in records for name in _NAME.findall(text)}
