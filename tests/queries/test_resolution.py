"""Parameters: what a user gives is taken for one term, and the answer says which; what cannot be meant is refused."""

import gzip

import pytest

from kg.errors import ParameterError
from kg.mapping import map_names
from kg.queries import Parameter, Resolved, find_query, resolve, run_query
from kg.store import EmbeddedStore, load_store
from kg.terms import iri, text
from kg.vocab import expand


def concept(of: str) -> Parameter:
    """A parameter that takes a concept."""
    return Parameter(name=of, type="concept", of=of, description="", example="")


def plain(param_type: str, of: str = "") -> Parameter:
    """A parameter of another type."""
    return Parameter(name="it", type=param_type, of=of, description="", example="")


HCC = "http://id.nlm.nih.gov/mesh/D006528"


@pytest.mark.parametrize(
    "given",
    [
        "hepatocellular carcinoma",
        "Carcinoma, Hepatocellular",
        " HEPATOCELLULAR  carcinomas ",
        "hepatoma",
        "mesh:D006528",
        "MESH:D006528",
        HCC,
        f"<{HCC}>",
        f" {HCC}\n",
    ],
)
def test_a_concept_is_taken_by_name_curie_or_iri(given: str, example_store: EmbeddedStore) -> None:
    """All lead to one concept, and the answer says its name and what was given."""
    found = resolve(concept("condition"), given, example_store)
    assert (found.term, found.label) == (f"<{HCC}>", "Carcinoma, Hepatocellular")
    assert found.given == given.strip()
    assert found.line().endswith("→ Carcinoma, Hepatocellular (mesh:D006528)")


@pytest.mark.parametrize(
    ("of", "given", "expected"),
    [
        ("class", "mTOR inhibitor", "class:mTORInhibitor"),
        ("class", "MTOR inhibitors", "class:mTORInhibitor"),
        ("class", "rapalogs", "class:mTORInhibitor"),
        ("class", "class:mTORInhibitor", "class:mTORInhibitor"),
        ("class", "mesh:D000091203", "mesh:D000091203"),
        ("class", "CHEBI:68481", "CHEBI:68481"),
        ("drug", "RAD001", "mesh:D000068338"),
        ("drug", "rapamycin", "mesh:D020123"),
        ("drug", "Torisel", "CHEBI:79699"),
        ("drug", "cyclosporine", "mesh:D016572"),
        ("drug", "cyclosporins", "mesh:D003524"),
        ("condition", "cancer", "mesh:D009369"),
        ("condition", "MONDO:0007256", "MONDO:0007256"),
        ("condition", "mondo:0007256", "MONDO:0007256"),
        ("condition", "obo:MONDO_0007256", "MONDO:0007256"),
        ("condition", "Liver Carcinoma", "DOID:686"),
    ],
)
def test_names_lead_to_the_preferred_concept(of: str, given: str, expected: str, example_store: EmbeddedStore) -> None:
    """Our classes before MeSH, MeSH before the others; a label before a synonym, and that before a related one."""
    assert resolve(concept(of), given, example_store).term == iri(expand(expected))


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    """A graph with one name for two concepts of an ontology."""
    folder = tmp_path_factory.mktemp("twins")
    lines = []
    for number in (1, 2):
        concept_iri = expand(f"mesh:D00000{number}")
        lines.append(f"{iri(concept_iri)} {iri(expand('rdfs:label'))} {text('Twin Syndrome')} .\n")
        lines += map_names(concept_iri, [("Twin Syndrome", "label")])
    with gzip.open(folder / "names.nt.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(lines)
    load_store(folder / "store", {"ontology": folder / "names.nt.gz"}, {})
    return EmbeddedStore(folder / "store")


def test_name_with_several_meanings_is_refused_with_the_choices(twins: EmbeddedStore) -> None:
    """The error lists what can be given instead."""
    with pytest.raises(ParameterError, match="several meanings") as raised:
        resolve(concept("condition"), "twin syndrome", twins)
    assert "mesh:D000001" in str(raised.value)
    assert "mesh:D000002" in str(raised.value)
    assert resolve(concept("condition"), "mesh:D000002", twins).label == "Twin Syndrome"


@pytest.mark.parametrize(
    ("of", "given", "near"),
    [
        ("condition", "hepatocelular carcinoma", "hepatocellular carcinoma"),
        ("condition", "liver neoplsms", "Liver Neoplasms"),
        ("drug", "everolimos", "everolimus"),
        ("class", "mTOR inhibitr", "mTOR inhibitor"),
        ("drug", "kverolimus", "everolimus"),
        ("drug", "verolimus", "everolimus"),
        ("drug", "sirolmus", "sirolimus"),
        ("drug", "rapamycine", "sirolimus"),
        ("condition", "xepatocellular carcinoma", "hepatocellular carcinoma"),
        ("condition", "brest cancer", "breast neoplasms"),
    ],
)
def test_near_names_are_suggested(of: str, given: str, near: str, example_store: EmbeddedStore) -> None:
    """A misspelt name leads to the right one, wherever the wrong letter stands; a synonym to its concept."""
    with pytest.raises(ParameterError, match="Did you mean") as raised:
        resolve(concept(of), given, example_store)
    assert near.casefold() in str(raised.value).casefold()


@pytest.mark.parametrize(
    ("param", "value"),
    [
        (concept("condition"), ""),
        (concept("condition"), " "),
        (concept("condition"), "no such disease"),
        (concept("condition"), "nosuchprefix:D006528"),
        (concept("condition"), "x" * 10_000),
        (concept("condition"), '" } DELETE { ?s ?p ?o'),
        (concept("condition"), "everolimus placebo"),
        (concept("drug"), "hepatocelular"),
        (plain("code", "status"), "stopped"),
        (plain("code", "status"), ""),
        (plain("integer"), "1 } "),
        (plain("integer"), "1.5"),
        (plain("integer"), ""),
        (plain("integer"), "9" * 40),
        (plain("date"), "2019-02-30"),
        (plain("date"), "2019-02"),
        (plain("date"), "yesterday"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(param: Parameter, value: str, example_store: EmbeddedStore) -> None:
    """The error names the parameter, and is no longer than a screen."""
    with pytest.raises(ParameterError, match=rf"^{param.name}: "):
        resolve(param, value, example_store)


@pytest.mark.parametrize(
    ("param", "value", "term"),
    [
        (plain("code", "status"), "TERMINATED", "<https://w3id.org/trialgraph/status/TERMINATED>"),
        (plain("code", "status"), "status:TERMINATED", "<https://w3id.org/trialgraph/status/TERMINATED>"),
        (plain("code", "status"), "Terminated", "<https://w3id.org/trialgraph/status/TERMINATED>"),
        (
            plain("code", "status"),
            "https://w3id.org/trialgraph/status/TERMINATED",
            "<https://w3id.org/trialgraph/status/TERMINATED>",
        ),
        (plain("integer"), "-7", '"-7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        (plain("date"), "2019-12-31", '"2019-12-31"^^<http://www.w3.org/2001/XMLSchema#date>'),
        (plain("text"), 'a "b"', '"a \\"b\\""'),
    ],
)
def test_other_types_become_their_terms(param: Parameter, value: str, term: str, example_store: EmbeddedStore) -> None:
    """Codes by value, label, CURIE or IRI; numbers, days and text as typed literals."""
    assert resolve(param, value, example_store).term == term


def test_unknown_parameter_is_refused_with_the_nearest(example_store: EmbeddedStore) -> None:
    """A parameter that a query does not have is a usage error."""
    with pytest.raises(ParameterError, match="Did you mean condition"):
        run_query(find_query("trials-by-condition"), {"conditon": "x"}, example_store)
    with pytest.raises(ParameterError, match="It takes: condition"):
        run_query(find_query("trials-by-condition"), {"zzz": "x"}, example_store)


def test_missing_parameter_is_told_with_an_example(example_store: EmbeddedStore) -> None:
    """What has no default must be given."""
    with pytest.raises(ParameterError, match=r"condition is missing.*condition=liver neoplasms"):
        run_query(find_query("trials-by-condition"), {}, example_store)


def test_line_shows_what_was_taken() -> None:
    """With a label or without."""
    assert Resolved("n", "7", '"7"').line() == 'n = 7 → "7"'
    assert (
        Resolved("c", "x", "<http://id.nlm.nih.gov/mesh/D1>").line()
        == "c = x → mesh:D1, of which this graph knows nothing"
    )
