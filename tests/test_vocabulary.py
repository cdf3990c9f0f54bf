"""The vocabulary: what is declared is what is emitted; foreign terms are what we take them for, or marked."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import namespace

import kg
from kg import assets, iris, mapping
from kg.readers.coverage import read_coverage, read_fields
from kg.vocab import CODES, PREFIXES, STUDY_TYPES, expand

TURTLE = assets.folder("ontologies") / "trialgraph.ttl"
OURS = ("tg", "class", "graph", "org", "status", "phase", "study")
#: Concepts of ontologies: checked against the ontologies themselves, where these are loaded.
CONCEPTS = ("mesh", "MONDO", "DOID", "CHEBI", "RXNORM", "ATC")

#: What we take a term of OBO for: its kind, and the label that its publisher gives it.
MEANT = {
    "obo:OBI_0003697": ("class", "clinical investigation"),
    "obo:OBI_0003698": ("class", "observational clinical investigation"),
    "obo:OBI_0003699": ("class", "clinical trial"),
    "obo:OBI_0003705": ("class", "study arm design"),
    "obo:CTO_0000127": ("property", "has collaborator"),
    "obo:CTO_0000130": ("property", "has primary sponsor"),
    "obo:RO_0000087": ("property", "has role"),
    "obo:NCIT_C98722": ("class", "Expanded Access Study"),
    "obo:NCIT_C15600": ("class", "Phase I Trial"),
    "obo:NCIT_C15693": ("class", "Phase I/II Trial"),
    "obo:NCIT_C15601": ("class", "Phase II Trial"),
    "obo:NCIT_C15694": ("class", "Phase II/III Trial"),
    "obo:NCIT_C15602": ("class", "Phase III Trial"),
    "obo:NCIT_C15603": ("class", "Phase IV Trial"),
}
#: Terms that no vocabulary at hand can confirm.
UNCONFIRMED = {
    *(f"obo:NCIT_C{number}" for number in (54721, 211610, 142621, 211611, 211612, 211613, 70756, 70757, 70758)),
    *("semapv:BlankNormalisation", "semapv:CaseNormalization", "semapv:ManualMappingCuration", "semapv:MappingReview"),
    "pav:authoredBy",
    *("semapv:PunctuationElemination", "semapv:Stemming", "semapv:UnspecifiedMatching"),
}
#: Properties whose values are identifiers of others, of no class that we declare.
CODES_OF_OTHERS = {"tg:crossReference", "tg:hasAtcCode"}
#: Published as closed lists of terms within rdflib.
CLOSED = {
    "rdf": namespace.RDF,
    "rdfs": namespace.RDFS,
    "owl": namespace.OWL,
    "xsd": namespace.XSD,
    "skos": namespace.SKOS,
    "dct": namespace.DCTERMS,
    "dcat": namespace.DCAT,
    "foaf": namespace.FOAF,
    "prov": namespace.PROV,
    "void": namespace.VOID,
    "schema": namespace.SDO,
    "sh": namespace.SH,
}


@cache
def vocabulary() -> list[ox.Triple]:
    """Our vocabulary's triples."""
    return [quad.triple for quad in ox.parse(path=str(TURTLE), format=ox.RdfFormat.TURTLE)]


def foreign_terms() -> dict[str, set[str]]:
    """CURIE of every term of others that code, vocabulary, shapes or queries write -> where."""
    found: dict[str, set[str]] = {}
    for name, text in _texts():
        for prefix, local in re.findall(r"(?<![\w/:.-])([A-Za-z]+):([A-Za-z]\w*)(?![\w:/-])", text):
            if prefix in PREFIXES and prefix not in (*OURS, *CONCEPTS):
                found.setdefault(iris.compact(expand(f"{prefix}:{local}")), set()).add(name)
    for curies in STUDY_TYPES.values():
        for curie in curies:
            found.setdefault(iris.compact(expand(curie)), set()).add("vocab.py")
    return {_under_obo(curie): names for curie, names in found.items()}


def _under_obo(curie: str) -> str:
    return iris_of_obo(expand(curie)) if expand(curie).startswith(PREFIXES["obo"]) else curie


def iris_of_obo(iri: str) -> str:
    """`obo:NCIT_C98722`, whichever prefix is the longest."""
    return "obo:" + iri.removeprefix(PREFIXES["obo"])


def _texts() -> Iterator[tuple[str, str]]:
    """(name, text) of each file that names terms; of Python, its words in quotes."""
    for path in sorted(Path(kg.__file__).parent.rglob("*.py")):
        if "_assets" not in path.parts:
            yield path.name, " ".join(re.findall(r'"((?:\w+:\w+ ?)+)"', path.read_text(encoding="utf-8")))
    for path in (
        TURTLE,
        *sorted(assets.folder("shapes").glob("*.ttl")),
        *sorted(assets.folder("queries").glob("*.rq")),
    ):
        text = re.sub(
            r'"(?:[^"\\]|\\.)*"|<[^>]*>|^\s*#.*$|\s#.*$', "", path.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
        yield path.name, text


def test_declared_is_just_what_the_mapping_emits() -> None:
    """Properties of ours, but for those that only definitions of drug classes use."""
    declared = {
        iris.compact(triple.subject.value)  # type: ignore[union-attr]
        for triple in vocabulary()
        if triple.predicate.value == expand("rdf:type") and triple.object == ox.NamedNode(expand("rdf:Property"))
    }
    emitted = {curie for curie in mapping.properties() if curie.startswith("tg:")}
    assert emitted <= declared
    assert declared - emitted <= {"tg:hasAtcCode"}


def test_terms_of_ours_say_what_people_need() -> None:
    """Label, comment and definer for each class and property; for a property also where it stands and what it holds."""
    said: dict[str, set[str]] = {}
    for triple in vocabulary():
        said.setdefault(triple.subject.value, set()).add(iris.compact(triple.predicate.value))  # type: ignore[union-attr]
    kinds = {expand("rdf:Property"), expand("rdfs:Class")}
    for triple in vocabulary():
        if triple.predicate.value == expand("rdf:type") and getattr(triple.object, "value", "") in kinds:
            told = said[triple.subject.value]  # type: ignore[union-attr]
            assert {"rdfs:label", "rdfs:comment", "rdfs:isDefinedBy"} <= told, triple.subject
            if triple.object == ox.NamedNode(expand("rdf:Property")):
                assert "schema:domainIncludes" in told, triple.subject
                holds_codes = triple.subject.value in {expand(name) for name in CODES_OF_OTHERS}  # type: ignore[union-attr]
                assert told & {"rdfs:range", "schema:rangeIncludes"} or holds_codes, triple.subject


def test_every_code_and_class_is_declared_with_a_label() -> None:
    """Schemes, codes and classes that the mapping writes."""
    labels = {t.subject.value for t in vocabulary() if t.predicate.value == expand("rdfs:label")}  # type: ignore[union-attr]
    for scheme, codes in CODES.items():
        assert {iris.code(scheme, code) for code in codes} <= labels
    assert {expand(row.subject) for row in mapping.rows() if row.subject.startswith("tg:")} <= labels


def test_what_nobody_confirms_is_marked_in_the_vocabulary() -> None:
    """By a comment on the line itself."""
    marked = set(re.findall(r"(obo:\w+) [;.] # unconfirmed", TURTLE.read_text(encoding="utf-8")))
    assert marked == {curie for curie in UNCONFIRMED if curie.startswith("obo:")}


def test_every_enum_value_of_a_mapped_field_is_a_code_of_its_scheme() -> None:
    """The registry's schema lists them."""
    mapped = {row.path: row.field for row in read_coverage() if row.status == "mapped"}
    ranges = {row.field: row.range for row in mapping.rows() if row.range.endswith("Scheme")}
    checked = 0
    for field in read_fields():
        for value in field.values if field.path in mapped else ():
            name = mapped[field.path]
            # The kind of a date is said by the date's own field.
            scheme = ranges.get(name, "tg:dateTypeScheme").removeprefix("tg:").removesuffix("Scheme")
            assert value in CODES[scheme], (field.path, value)
            checked += 1
    assert checked > 100


def obo_terms(path: Path) -> dict[str, tuple[str, str]]:
    """CURIE -> (kind, label) of each stanza of an OBO file."""
    found = re.findall(r"^\[(\w+)\]\nid: (\S+)\nname: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    kinds = {"Term": "class", "Typedef": "property"}
    return {f"obo:{name.replace(':', '_')}": (kinds.get(kind, kind), label) for kind, name, label in found}


def owl_terms(path: Path) -> dict[str, tuple[str, str]]:
    """CURIE -> (kind, label) of each class and property of an OWL file."""
    kinds: dict[str, str] = {}
    labels: dict[str, str] = {}
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.RDF_XML):
        name = getattr(quad.subject, "value", "")
        if quad.predicate.value == expand("rdf:type"):
            kind = getattr(quad.object, "value", "")
            kinds.setdefault(name, "property" if kind.endswith("Property") else "class")
        if quad.predicate.value == expand("rdfs:label"):
            labels.setdefault(name, quad.object.value)
    return {_foreign(name): (kind, labels.get(name, "")) for name, kind in kinds.items()}


def _foreign(name: str) -> str:
    return iris_of_obo(name) if name.startswith(PREFIXES["obo"]) else iris.compact(name)


@pytest.mark.data
def test_foreign_terms_are_what_we_take_them_for(data: Path) -> None:
    """Each is found in its publisher's vocabulary, those of OBO with kind and label; or it is marked, and not found."""
    folder = data / "vocabularies"
    obo = owl_terms(folder / "cto.owl") | obo_terms(folder / "obi.obo")
    mesh = {iris.compact(str(term)) for term in rdflib.Graph().parse(folder / "mesh-vocabulary.ttl").subjects()}
    sssom = (folder / "sssom_schema.shacl.ttl").read_text(encoding="utf-8")

    def confirmed(curie: str) -> bool:
        prefix, _, local = curie.partition(":")
        if prefix in CLOSED:
            return local in CLOSED[prefix]
        if prefix in {"sssom", "semapv"}:
            return re.search(rf"{prefix}:{local}\b|<{re.escape(PREFIXES[prefix])}{local}>", sssom) is not None
        return curie in (mesh if prefix == "meshv" else obo)

    terms = foreign_terms()
    assert len(terms) > 100
    assert {curie: terms[curie] for curie in terms if not confirmed(curie)}.keys() == UNCONFIRMED & terms.keys()
    assert not [curie for curie in UNCONFIRMED if confirmed(curie)]
    meant = {curie for curie in terms if curie.startswith("obo:")} - UNCONFIRMED
    assert {curie: obo[curie] for curie in meant} == MEANT
