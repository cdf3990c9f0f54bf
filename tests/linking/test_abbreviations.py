"""Abbreviations: expanded by the record itself, else by those in common use."""

import pytest

from kg import assets
from kg.lexicon import fold
from kg.linking.abbreviations import common, expand, find_expansions
from tests.linking.small import HCC, link


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hepatocellular carcinoma (HCC)", {"HCC": "hepatocellular carcinoma"}),
        ("Treatment of Renal Cell Carcinoma (RCC) in adults", {"RCC": "Renal Cell Carcinoma"}),
        ("graft-versus-host disease (GVHD)", {"GVHD": "graft-versus-host disease"}),
        ("alpha beta (AB) and gamma delta (GD)", {"AB": "alpha beta", "GD": "gamma delta"}),
        ("liver cancer (HCC)", {}),
        ("carcinoma (hcc)", {}),
        ("(HCC)", {}),
        ("()", {}),
        ("no brackets at all", {}),
        ("((HCC)", {}),
        ("one (TOOLONGABBREVIATION)", {}),
    ],
)
def test_abbreviations_are_expanded_by_their_letters(text: str, expected: dict[str, str]) -> None:
    """A short form counts where the words before it hold its letters."""
    assert find_expansions([text]) == expected


def test_first_expansion_in_a_record_stands() -> None:
    """One short form has one long form in a record."""
    texts = ["primitive neuroectodermal tumor (PNET)", "pancreatic neuroendocrine tumor (PNET)"]
    assert find_expansions(texts) == {"PNET": "primitive neuroectodermal tumor"}
    assert find_expansions(reversed(texts)) == {"PNET": "pancreatic neuroendocrine tumor"}


def test_only_the_words_before_the_brackets_are_looked_at() -> None:
    """What stands far before them is no long form, and a million brackets are read in one pass."""
    assert find_expansions(["hepatocellular " + "filler " * 100 + "carcinoma (HCC)"]) == {}
    assert find_expansions(["(HCC) " * 100_000]) == {}


def test_table_has_one_meaning_each() -> None:
    """No short form twice for a kind, none that is its own long form, none without."""
    lines = (assets.folder("ontologies") / "abbreviations.tsv").read_text(encoding="utf-8").splitlines()
    head, *rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert head == ["abbreviation", "expansion", "kind"]
    assert len(rows) > 200
    seen: set[tuple[str, str]] = set()
    for short, long_form, kind in rows:
        assert kind in ("condition", "intervention", "both")
        assert short.strip() == short
        assert long_form.strip() == long_form
        assert fold(short) != fold(long_form)
        for one in ("condition", "intervention") if kind == "both" else (kind,):
            assert (short, one) not in seen
            seen.add((short, one))


def test_table_is_read_by_kind() -> None:
    """What is common for conditions need not be for interventions; the head of the table is no abbreviation."""
    assert common("condition")["AIDS"] == "acquired immunodeficiency syndrome"
    assert "AIDS" not in common("intervention")
    assert "abbreviation" not in {*common("condition"), *common("intervention")}
    assert "COPD" not in common("no such kind")


@pytest.mark.parametrize(
    ("text", "stated", "expected"),
    [
        ("XYZ", {"XYZ": "xylo yttrium zinc"}, ["xylo yttrium zinc"]),
        ("severe XYZ", {"XYZ": "xylo yttrium zinc"}, ["severe xylo yttrium zinc"]),
        ("XYZ-like", {"XYZ": "xylo"}, ["xylo-like"]),
        ("XYZW", {"XYZ": "xylo"}, []),
        ("xyz", {"XYZ": "xylo"}, []),
        ("AB-c", {"AB": "alpha"}, []),
        ("nothing short", {}, []),
        ("", {}, []),
        ("XYZ " * 100, {"XYZ": "xylo"}, []),
    ],
)
def test_whole_words_are_written_out(text: str, stated: dict[str, str], expected: list[str]) -> None:
    """In prose nothing is; a part of a word only where it is long enough to be sure of."""
    assert list(expand(text, "condition", stated)) == expected


def test_the_record_comes_before_common_use() -> None:
    """Both are said, the record's first."""
    assert next(expand("ALS", "condition", {"ALS": "advanced life support"})) == "advanced life support"
    assert list(expand("ALS", "condition", {})) == ["amyotrophic lateral sclerosis"]


def test_common_abbreviation_is_the_disease() -> None:
    """Exactly, in whatever case the lexicon writes it."""
    assert link("condition", "HCC")[HCC] == ("exact", "abbreviation: exact synonym")
    assert link("condition", "hcC") == {}
