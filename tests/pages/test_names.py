"""The table of names: what begins so is found, best first, and what is misspelt too."""

import pytest

from kg.pages.names import Entry, Names, merged, words

MESH, MONDO = "http://id.nlm.nih.gov/mesh/", "http://purl.obolibrary.org/obo/MONDO_"


def entry(label: str, *others: str, kind: str = "condition", trials: int = 1, iri: str = MESH) -> Entry:
    """An entry."""
    return Entry(kind=kind, iri=iri, label=label, trials=trials, others=others)


TABLE = Names(
    [
        entry("Carcinoma, Hepatocellular", "Hepatoma", "Liver Cell Carcinoma", trials=4),
        entry("Liver Neoplasms", "Hepatic Neoplasms", "Hepatocellular Cancer", trials=9),
        entry("Neoplasms", "Cancer", trials=50),
        entry("Sjogren's Syndrome", "Sjögren Syndrome", trials=2),
        entry("Everolimus", "RAD001", kind="drug", trials=7),
        entry("Sirolimus", "Rapamycin", kind="drug", trials=3),
    ],
    ["NCT01079767", "NCT01073436", "NCT00355862"],
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hepato", ["Carcinoma, Hepatocellular", "Liver Neoplasms"]),
        ("HEPATO carc", ["Carcinoma, Hepatocellular"]),
        ("carc hepato", ["Carcinoma, Hepatocellular"]),
        ("hepatoma", ["Carcinoma, Hepatocellular"]),
        ("cancer", ["Neoplasms", "Liver Neoplasms"]),
        ("neopl", ["Neoplasms", "Liver Neoplasms"]),
        ("sjögren", ["Sjogren's Syndrome"]),
        ("sjogren synd", ["Sjogren's Syndrome"]),
        ("rad0", ["Everolimus"]),
        ("olimus", []),
        ("hepato xyz", []),
        ("", []),
        ("(*", []),
        ("a" * 10_000, []),
    ],
)
def test_what_has_words_that_begin_so_is_found(text: str, found: list[str]) -> None:
    """By its own name before others, in any order of words, whatever case and accents."""
    assert [match.entry.label for match in TABLE.find(text)] == found


def test_the_name_that_fits_is_told() -> None:
    """So that a reader sees why a concept of another name is suggested."""
    assert TABLE.find("hepatom")[0].name == "Hepatoma"
    assert TABLE.find("rapa", "drug")[0].name == "Rapamycin"


def test_only_names_of_the_kind_are_found() -> None:
    """A box for a drug suggests no condition."""
    assert TABLE.find("neopl", "drug") == []
    assert len(TABLE.find("neopl", count=1)) == 1


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("hepatocelular carcinoma", "Carcinoma, Hepatocellular"),
        ("kverolimus", "Everolimus"),
        ("xeverolimus", "Everolimus"),
        ("evreolimus", "Everolimus"),
        ("neoplasmas", "Neoplasms"),
        ("hepatoma qqqqq", "Carcinoma, Hepatocellular"),
    ],
)
def test_a_misspelt_name_leads_to_a_known_one(text: str, near: str) -> None:
    """Wherever the wrong letter stands, also in front."""
    assert TABLE.nearest(text)[0].entry.label == near


def test_nothing_is_near_to_nonsense() -> None:
    """No guess is made of what looks like nothing."""
    assert TABLE.nearest("qqqqqqq wwwwwww") == []


def test_numbers_are_found_by_their_beginning() -> None:
    """In order, no more than asked for."""
    assert TABLE.numbers("NCT0107", 5) == ["NCT01073436", "NCT01079767"]
    assert TABLE.numbers("NCT0107", 1) == ["NCT01073436"]
    assert TABLE.numbers("NCT9", 5) == []


def test_one_concept_of_two_ontologies_is_one_entry() -> None:
    """That of the preferred one, with the names of both; what is in neither is left out."""
    mesh = entry("Carcinoma, Hepatocellular", "Hepatoma", trials=3, iri=f"{MESH}D006528")
    mondo = entry("hepatocellular carcinoma", "HCC", trials=5, iri=f"{MONDO}0007256")
    found = merged([mondo, mesh, entry("other", iri="https://example.org/1")], (MESH, MONDO))
    assert [(each.iri, each.label) for each in found] == [(mesh.iri, mesh.label)]
    assert set(found[0].others) == {"Hepatoma", "HCC", "hepatocellular carcinoma"}


def test_most_are_those_with_most_trials() -> None:
    """Of a kind, in order."""
    assert [each.label for each in TABLE.most("condition", 2)] == ["Neoplasms", "Liver Neoplasms"]


def test_words_are_compared_without_case_and_marks() -> None:
    """As people type them."""
    assert words("Crème de l'Ærø-5") == ["creme", "de", "l", "ærø", "5"]


def test_a_name_that_leads_elsewhere_is_no_entry_of_its_own() -> None:
    """A query takes "cancer" for the preferred ontology's concept that has it as a synonym."""
    found = merged([entry("cancer", "malignancy", iri=f"{MONDO}4992"), entry("Neoplasms", "Cancers")], (MESH, MONDO))
    assert [each.label for each in found] == ["Neoplasms"]
    assert "malignancy" in found[0].others


def test_of_very_many_names_the_whole_word_and_most_trials_are_found() -> None:
    """One letter of a whole registry is looked up as fast as a word."""
    many = [entry(f"A{n:05d}", trials=10_000 - n) for n in range(9000)]
    table = Names([*many, entry("A", trials=0), entry("Aa", kind="drug", trials=0)])
    found = [match.entry.label for match in table.find("a", count=4)]
    assert found == ["A", "A00000", "A00001", "A00002"]
    assert [match.entry.label for match in table.find("a", "drug")] == ["Aa"]
