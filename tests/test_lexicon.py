"""The lexicon: two keys a name, the same for the same name however it is spelt, and every name found by them."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.concept import Concept
from kg.knowledge import load_knowledge
from kg.lexicon import Lexicon, Name, Recorder, fold, is_misspelt, normalize, write_lexicon

CONCEPTS = [
    Concept(iri="a:1", label="Carcinoma, Hepatocellular", source="one", exact=("Hepatoma",), related=("HCC",)),
    Concept(iri="a:2", label="hepatoma", source="two"),
    Concept(iri="a:3", label="Endeavor™", source="two", related=("RAD-001",)),
]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Liver  Cancer ", "liver cancer"),
        ("LIVER\tCANCER\n", "liver cancer"),
        ("liver\u00a0cancer", "liver cancer"),
        ("\ufb01broma", "fibroma"),
        ("Stra\u00dfe", "strasse"),
        ("cafe\u0301", "caf\u00e9"),
        ("", ""),
        (" ", ""),
    ],
)
def test_fold_takes_case_and_space_away(text: str, key: str) -> None:
    """Case, compatibility forms and surplus white space make no other name."""
    assert fold(text) == key


def test_fold_keeps_what_tells_names_apart() -> None:
    """Punctuation, order and plural stay: `normalize` is for those."""
    assert fold("RAD-001") != fold("RAD001")
    assert fold("Carcinoma, Hepatocellular") != fold("hepatocellular carcinoma")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RAD-001", "RAD001"),
        ("RAD 001", "rad001"),
        ("AG-013736", "AG013736"),
        ("Tumours", "tumor"),
        ("Tumours, Brain", "brain tumor"),
        ("Carcinoma, Hepatocellular", "hepatocellular carcinomas"),
        ("Leukaemia", "leukemia"),
        ("oesophageal oedema", "esophageal edema"),
        ("Haemophilia", "hemophilia"),
        ("Torisel®", "torisel"),
        ("Endeavor™ stent", "Endeavor stents"),
        ("Alzheimer's Disease", "Alzheimer Disease"),
        ("Non-Hodgkin Lymphoma", "Non Hodgkin Lymphoma"),
        ("pregnancies", "pregnancy"),
        ("GRAFT_vs_HOST", "graft vs host"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    """Code spacing, plural, British spelling, inverted order and signs make no difference."""
    assert normalize(one) == normalize(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sirolimus", "temsirolimus"),
        ("Type 1 diabetes", "Type 2 diabetes"),
        ("hyperglycemia", "hypoglycemia"),
        ("virus", "vir"),
        ("gas", "ga"),
        ("abscess", "absces"),
        ("RAD001", "RAD0011"),
        ("Neoplasms, Liver, Cystic", "Liver Neoplasms Cystic"),
    ],
)
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    """Nothing that tells two names apart is taken away."""
    assert normalize(one) != normalize(other)


@given(st.text())
def test_keys_of_any_text_are_stable(text: str) -> None:
    """Folding twice changes nothing more; surplus white space changes no key."""
    assert fold(fold(text)) == fold(text)
    assert normalize(f"  {text}\n") == normalize(text)


@given(st.text(min_size=1))
def test_any_name_is_found_by_itself(text: str) -> None:
    """Whatever a concept is called, that text leads to it by both keys, unless nothing is left of it."""
    lexicon = Lexicon([Concept(iri="a:1", label=text, source="one")])
    expected = ["a:1"] if normalize(text) else []
    assert [name.concept for name in lexicon.find(text)] == expected
    assert [name.concept for name in lexicon.find_normal(text)] == expected


def test_every_kind_of_name_is_found_with_its_kind() -> None:
    """Label, exact and related synonym are told apart."""
    lexicon = Lexicon(CONCEPTS)
    assert lexicon.find("carcinoma,  hepatocellular") == (Name("Carcinoma, Hepatocellular", "label", "a:1", "one"),)
    assert lexicon.find("hcc") == (Name("HCC", "related", "a:1", "one"),)
    assert lexicon.find("Hepatoma") == (
        Name("Hepatoma", "exact", "a:1", "one"),
        Name("hepatoma", "label", "a:2", "two"),
    )


def test_normal_form_finds_what_folding_does_not() -> None:
    """Inverted order, plural, code spacing and trademark signs on either side lead to the same names."""
    lexicon = Lexicon(CONCEPTS)
    assert lexicon.find("hepatocellular carcinomas") == ()
    assert [name.concept for name in lexicon.find_normal("hepatocellular carcinomas")] == ["a:1"]
    assert [name.concept for name in lexicon.find_normal("RAD 001")] == ["a:3"]
    assert [name.concept for name in lexicon.find_normal("Endeavor")] == ["a:3"]
    assert [name.concept for name in lexicon.find_normal("endeavor®")] == ["a:3"]


@pytest.mark.parametrize("text", ["", " ", "®", "--", "no such name"])
def test_nothing_is_found_for_no_name(text: str) -> None:
    """A key of nothing names nothing, also where a concept's name has an empty key."""
    lexicon = Lexicon([*CONCEPTS, Concept(iri="a:4", label="(-)", source="one")])
    assert lexicon.find_normal(text) == ()
    assert lexicon.find_key("") == ()


def test_lexicon_tells_what_it_holds() -> None:
    """Every concept, by its IRI."""
    lexicon = Lexicon(CONCEPTS)
    assert set(lexicon.concepts) == {"a:1", "a:2", "a:3"}


def test_recorder_remembers_what_was_touched_and_answers_alike() -> None:
    """Every look-up that hits is remembered, whichever key it went by; a miss is not."""
    recorder, lexicon = Recorder(CONCEPTS), Lexicon(CONCEPTS)
    assert recorder.touched == set()
    assert recorder.find("no such name") == ()
    assert recorder.touched == set()
    assert recorder.find("hcc") == lexicon.find("hcc")
    assert recorder.touched == {"a:1"}
    assert recorder.find_normal("RAD 001") == lexicon.find_normal("RAD 001")
    assert recorder.touched == {"a:1", "a:3"}
    assert recorder.find_key("hepatoma") == lexicon.find_key("hepatoma")
    assert recorder.touched == {"a:1", "a:2", "a:3"}


@pytest.mark.parametrize(
    ("key", "other", "expected"),
    [
        ("hypertention", "hypertension", True),
        ("hypertenson", "hypertension", True),
        ("hypertenssion", "hypertension", True),
        ("hyperetnsion", "hypertension", True),
        ("severe hypertenson", "severe hypertension", True),
        ("hypertension", "hypertension", False),
        ("hypotension", "hypertension", False),
        ("bypertension", "hypertension", False),
        ("hypertens", "hypertension", False),
        ("hyper tension", "hypertension", False),
        ("pulmonray hypertenson", "pulmonary hypertension", False),
        ("anemai", "anemia", False),
        ("abcdefg123", "abcdefg124", False),
        ("abcdefgh1", "abcdefgh2", False),
        ("", "", False),
        ("", "hypertension", False),
    ],
)
def test_misspelt_is_one_edit_in_one_long_word(key: str, other: str, expected: bool) -> None:  # noqa: FBT001 - a row of the table
    """The first letter is right, there are no digits, and the other words are the same."""
    assert is_misspelt(key, other) is expected
    assert is_misspelt(other, key) is expected


@given(st.text(alphabet="abcde ", max_size=20), st.text(alphabet="abcde ", max_size=20))
def test_misspelling_goes_both_ways(one: str, other: str) -> None:
    """What is near is near from either side, and nothing is near itself."""
    assert is_misspelt(one, other) == is_misspelt(other, one)
    assert not is_misspelt(one, one)


NEAR = [
    Concept(iri="a:1", label="Hypertension", source="one"),
    Concept(iri="b:1", label="hypertension", source="two"),
    Concept(iri="a:2", label="Hypertensive heart", source="one", related=("hyperkalemia",)),
    Concept(iri="a:3", label="abcdefghij", source="one"),
    Concept(iri="a:4", label="abcdefghik", source="one"),
]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("hypertenson", {"a:1", "b:1"}),
        ("hypertension", set()),
        ("ypertension", set()),
        ("hyperkalemai", set()),
        ("abcdefghi", set()),
        ("short", set()),
        ("", set()),
    ],
)
def test_near_name_is_the_only_one(key: str, expected: set[str]) -> None:
    """One concept of each ontology, by a sure name, under another key; of several none."""
    assert {name.concept for name in Lexicon(NEAR).find_near(key)} == expected


def test_continued_name_is_the_only_one() -> None:
    """A code goes on to one concept; to many, or to related names, it goes nowhere."""
    lexicon = Lexicon(
        [
            Concept(iri="a:1", label="qx123 chloride", source="one"),
            Concept(iri="a:2", label="qy12 a", source="one"),
            Concept(iri="a:3", label="qy12 b", source="one"),
            Concept(iri="a:4", label="other", source="one", related=("qz12 c",)),
            Concept(iri="a:5", label="many", source="one", exact=tuple(f"qm1 {n}x" for n in range(100))),
        ]
    )
    assert {name.concept for name in lexicon.find_continued("qx123")} == {"a:1"}
    for key in ("qy12", "qz12", "qm1", "qx999", "\U0010ffff"):
        assert lexicon.find_continued(key) == ()


def test_code_inside_a_label_is_found_where_it_stands_alone() -> None:
    """Of headings only, and only where no other heading has it."""
    lexicon = Lexicon(
        [
            Concept(iri="a:1", label="Glycoprotein gp120", source="one", branches=("D12",)),
            Concept(iri="a:2", label="Interferon ab12", source="one", branches=("D12",)),
            Concept(iri="a:3", label="Other ab12", source="one", branches=("D12",)),
            Concept(iri="a:4", label="Substance cd34", source="one"),
        ]
    )
    assert [name.concept for name in lexicon.find_code("gp120")] == ["a:1"]
    for word in ("ab12", "cd34", "gp12", ""):
        assert lexicon.find_code(word) == ()


def test_written_lexicon_answers_like_one_in_memory(tmp_path: Path) -> None:
    """Every question alike, with what was told of it; the file is opened as it is, and never changed."""
    path = tmp_path / "deep" / "lexicon.sqlite"
    write_lexicon(path, CONCEPTS, {"told": b"\x00\xff", "nothing": b""})
    before = path.read_bytes()
    path.chmod(0o444)
    written, memory = Lexicon(path=path), Lexicon(CONCEPTS)
    for text in ("hcc", "Hepatoma", "hepatocellular carcinomas", "RAD 001", "no such name", "", "\ud800"):
        assert written.find(text) == memory.find(text)
        assert written.find_normal(text) == memory.find_normal(text)
        key = normalize(text)
        assert written.find_near(key) == memory.find_near(key)
        assert written.find_continued(key) == memory.find_continued(key)
    assert {iri: written.concepts[iri] for iri in written.concepts} == {c.iri: c for c in CONCEPTS}
    assert list(written.concepts.all()) == CONCEPTS
    assert [concept.iri for concept in written.concepts.of("two")] == ["a:2", "a:3"]
    assert len(written.concepts) == len(CONCEPTS)
    assert (written.about("told"), written.about("nothing"), written.about("else")) == (b"\x00\xff", b"", None)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        written._connection.execute("DELETE FROM names")
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_concepts_are_a_mapping() -> None:
    """What is not there is told as of any mapping."""
    concepts = Lexicon(CONCEPTS).concepts
    assert "a:1" in concepts
    assert "a:9" not in concepts
    assert not concepts.__contains__(1)
    assert concepts.get("a:9") is None
    assert concepts.get("a:9", "else") == "else"
    with pytest.raises(KeyError):
        concepts["a:9"]


def test_write_that_dies_leaves_what_was_there(tmp_path: Path) -> None:
    """No half file, neither under the name nor beside it."""

    def broken() -> Iterator[Concept]:
        yield CONCEPTS[0]
        raise OSError("the disk is gone")

    path = tmp_path / "lexicon.sqlite"
    with pytest.raises(OSError, match="disk is gone"):
        write_lexicon(path, broken(), {})
    assert list(tmp_path.iterdir()) == []
    write_lexicon(path, CONCEPTS, {})
    before = path.read_bytes()
    with pytest.raises(OSError, match="disk is gone"):
        write_lexicon(path, broken(), {})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_killed_write_leaves_no_lexicon(tmp_path: Path) -> None:
    """A process that ends in the middle leaves nothing under the name."""
    program = (
        "import os, sys; from pathlib import Path\n"
        "from kg.concept import Concept; from kg.lexicon import write_lexicon\n"
        "def concepts():\n"
        "    yield Concept(iri='a:1', label='x', source='one')\n"
        "    os._exit(9)\n"
        "write_lexicon(Path(sys.argv[1]), concepts(), {})\n"
    )
    path = tmp_path / "lexicon.sqlite"
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == 9
    assert not path.exists()
    write_lexicon(path, CONCEPTS, {})
    assert Lexicon(path=path).find("hcc")


def test_two_writers_at_once_leave_one_whole_lexicon(tmp_path: Path) -> None:
    """Whoever comes last: the file is one of theirs, and readers of either go on."""
    path = tmp_path / "lexicon.sqlite"
    write_lexicon(path, CONCEPTS, {})
    reader = Lexicon(path=path)
    gate = threading.Barrier(2)

    def write(number: int) -> None:
        concepts = [Concept(iri=f"w{number}:{n}", label=f"name {n}", source="one") for n in range(2000)]
        gate.wait()
        write_lexicon(path, concepts, {"who": str(number).encode()})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (1, 2)))
    assert reader.find("hcc")
    written = Lexicon(path=path)
    who = (written.about("who") or b"").decode()
    assert len(written.concepts) == 2000
    assert {iri.partition(":")[0] for iri in written.concepts} == {f"w{who}"}
    assert list(tmp_path.iterdir()) == [path]


def test_readers_in_threads_answer_alike(tmp_path: Path) -> None:
    """One lexicon serves all threads of a process."""
    path = tmp_path / "lexicon.sqlite"
    concepts = [Concept(iri=f"a:{n}", label=f"name {n} of", source="one") for n in range(500)]
    write_lexicon(path, concepts, {})
    lexicon = Lexicon(path=path)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: lexicon.find_normal(f"Name {n % 500} of"), range(4000)))
    assert [[name.concept for name in names] for names in found] == [[f"a:{n % 500}"] for n in range(4000)]


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small ontology of our own, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "tiny.ttl"
    path.write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "<http://purl.obolibrary.org/obo/doid.owl> a owl:Ontology .\n"
        "<http://purl.obolibrary.org/obo/DOID_1> a owl:Class ; rdfs:label 'small disease' .\n"
    )
    return path


def _cached(folder: Path) -> list[Path]:
    return sorted((folder / "cache" / "trialgraph" / "lexicons").iterdir())


def test_lexicon_is_made_once_and_then_opened(release: Path, tmp_path: Path) -> None:
    """The second time the release is not loaded, nor is anything written."""
    first = load_knowledge([str(release)])
    files = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in _cached(tmp_path)}
    assert {path.suffix for path in files} == {".sqlite", ".msgpack"}
    for path in (tmp_path / "cache" / "trialgraph").rglob("*"):
        if path.is_file() and path.parent.name != "lexicons":
            path.unlink()
    second = load_knowledge([str(release)])
    assert {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in _cached(tmp_path)} == files
    assert second.lexicon.find("Small Disease") == first.lexicon.find("small disease") != ()
    assert second.ontologies == first.ontologies
    assert second.classes == first.classes


def _replace(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE names (key TEXT)")
    connection.close()


def _tell(path: Path, told: bytes) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE about SET held = ?", (told,))
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no database at all" * 1000),
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(path.read_bytes()[:-4096]),
        lambda path: path.write_bytes(path.read_bytes()[:4096] + bytes(path.stat().st_size - 4096)),
        _replace,
        lambda path: _tell(path, b"{not json"),
        lambda path: _tell(path, b"[]"),
        lambda path: _tell(path, b'[{"of": "another version"}]'),
    ],
    ids=["empty", "no database", "header", "half", "last page", "zeros", "other tables", "no json", "none", "version"],
)
def test_damaged_lexicon_is_made_anew(damage: Callable[[Path], object], release: Path, tmp_path: Path) -> None:
    """Also one of another layout: the answer is that of a new one, and the file is whole again."""
    load_knowledge([str(release)])
    (file,) = (path for path in _cached(tmp_path) if path.suffix == ".sqlite")
    good = file.read_bytes()
    damage(file)
    assert file.read_bytes() != good
    found = load_knowledge([str(release)])
    assert [name.text for name in found.lexicon.find("small disease")] == ["small disease"]
    assert len(found.lexicon.concepts) == 1
    assert len(file.read_bytes()) == len(good)


def test_other_release_has_another_lexicon(release: Path, tmp_path: Path) -> None:
    """The checksum of the release is the name: a changed file is never answered by the old lexicon."""
    load_knowledge([str(release)])
    release.write_text(release.read_text().replace("small disease", "other disease"))
    found = load_knowledge([str(release)])
    assert found.lexicon.find("small disease") == ()
    assert found.lexicon.find("other disease")
    assert len([path for path in _cached(tmp_path) if path.suffix == ".sqlite"]) == 2


def test_longest_counts_the_words_of_keys_that_start_with_a_word() -> None:
    """The longest key counts, whole words only; a word that no key starts with has none."""
    names = ("Acute", "Acute Kidney Injury", "acuteness of vision now", "Kidney", "kidney-stone")
    lexicon = Lexicon([Concept(iri=f"urn:{number}", label=name, source="mesh") for number, name in enumerate(names)])
    assert {word: lexicon.longest(word) for word in ("acute", "kidney", "injury", "")} == {
        "acute": 3,
        "kidney": 2,
        "injury": 0,
        "": 0,
    }
