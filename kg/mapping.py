"""Trial -> triples: pure, one direction, N-Triples text (rdflib's graph would cost 15 times as much).

The annotations of `kg.model` are compiled once into one writer a field; what no field can say (types, identity, the
combined phase) stands in `_identity`. Escaping is `kg.terms`'s alone.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from kg import iris, model, terms
from kg.concept import Closure, Link
from kg.lexicon import normalize
from kg.vocab import CODES, STUDY_TYPES, expand

__all__ = ["Row", "map_closure", "map_concept", "map_links", "map_names", "map_trial", "properties", "rows"]


class _Scope(msgspec.Struct):
    """What the writers of one trial share. Lines about parts are kept apart, so that each subject's stand together."""

    base: str
    arm_parts: dict[str, str]
    lines: list[str] = []
    parts: list[str] = []

    def inside(self) -> "_Scope":
        """The scope of the parts, in which all lines are about parts."""
        return self if self.lines is self.parts else _Scope(self.base, self.arm_parts, self.parts, self.parts)


#: Writes one value of one field: (value, subject in N-Triples, scope).
_Writer = Callable[[Any, str, _Scope], None]


def map_trial(trial: model.Trial, layer: str = "registry") -> list[str]:
    """The trial's triples in `layer` (registry or derived), each on one line and once, in the model's order."""
    scope = _Scope(iris.part_base(trial.nct_id), trial.arm_parts)
    subject = terms.iri(iris.study(trial.nct_id))
    if layer == "registry":
        scope.lines.extend(_identity(trial, subject))
    _fields_writer(model.Trial, layer)(trial, subject, scope)
    if layer == "registry":
        scope.parts.append(f"<{scope.base}record>{_predicate('foaf:primaryTopic')}{subject} .\n")
    # An organisation may be registrant, sponsor and collaborator in one: what is said of it is said once.
    return list(dict.fromkeys(scope.lines + scope.parts))


#: CURIEs and concepts as terms, made once: some thousands of them stand in millions of lines.
_concept = lru_cache(1 << 16)(terms.iri)
_term: Callable[[str], str] = cache(lambda curie: terms.iri(expand(curie)))


@cache
def _predicate(curie: str) -> str:
    return f" {_term(curie)} "


_TYPE = _predicate("rdf:type")
_LABEL = _predicate("rdfs:label")


def _identity(trial: model.Trial, subject: str) -> Iterator[str]:
    """What a study is, how it is called, and the names that others give it."""
    for curie in ("tg:Study", *STUDY_TYPES.get(trial.study_type or "", ())):
        yield f"{subject}{_TYPE}{terms.iri(expand(curie))} .\n"
    for former in filter(iris.is_nct, trial.former_ids):
        old = terms.iri(iris.study(former))
        yield f"{subject}{_predicate('dct:replaces')}{old} .\n"
        yield f"{old}{_predicate('dct:isReplacedBy')}{subject} .\n"
    for other in iris.same_as(trial.nct_id):
        yield f"{subject}{_predicate('schema:sameAs')}{terms.iri(other)} .\n"
    title = trial.brief_title or trial.official_title
    yield f"{subject}{_LABEL}{terms.text(f'{trial.nct_id}: {title}' if title else trial.nct_id)} .\n"
    if trial.phases:
        label = iris.code("phase", "_".join(trial.phases))
        yield f"{subject}{_predicate('tg:phaseLabel')}{terms.iri(label)} .\n"


@cache
def _fields_writer(struct: type[msgspec.Struct], layer: str | None = None) -> _Writer:
    """Writes all fields of a struct; for a part, `layer` is None: its layer is that of the field that holds it."""
    fields = [
        field
        for field in model.describe(struct)
        if not isinstance(field.property, model.Silent) and layer in (None, field.property.layer)
    ]
    writers = [_compile(field) for field in fields]
    # All at once: a record's structs have a thousand fields, most of them empty.
    read = attrgetter("__class__", *(field.name for field in fields))

    def write(value: Any, subject: str, scope: _Scope) -> None:
        for held, write_field in zip(read(value)[1:], writers, strict=True):
            if held is not None and held != ():
                write_field(held, subject, scope)

    return write


def _compile(field: model.Field) -> _Writer:
    if isinstance(field.property, model.Parts):
        return _parts(field.property, field)
    write = _COMPILERS[type(field.property)](field)
    return _each(write) if field.many else write


def _each(write: _Writer) -> _Writer:
    def write_all(values: Any, subject: str, scope: _Scope) -> None:
        for value in values:
            write(value, subject, scope)

    return write_all


def _literal(to_term: Callable[[Any], str]) -> Callable[[model.Field], _Writer]:
    def compile_literal(field: model.Field) -> _Writer:
        predicate = _predicate(field.property.curie)

        def write(value: Any, subject: str, scope: _Scope) -> None:
            scope.lines.append(f"{subject}{predicate}{to_term(value)} .\n")

        return write

    return compile_literal


#: Python type -> how its values are written.
_TO_TERM: dict[str, Callable[[Any], str]] = {
    "int": terms.integer,
    "Decimal": terms.decimal,
    "bool": terms.boolean,
    "date": terms.day,
    "float": terms.double,
}


def _typed(field: model.Field) -> _Writer:
    return _literal(_TO_TERM[field.target.__name__])(field)


def _code(field: model.Field) -> _Writer:
    prop = field.property
    assert isinstance(prop, model.Code)  # noqa: S101 - what _COMPILERS says
    predicate, scheme = _predicate(prop.curie), prop.scheme
    known = {value: f"{predicate}{terms.iri(iris.code(scheme, value))} .\n" for value in CODES[scheme]}

    def write(value: str, subject: str, scope: _Scope) -> None:
        if value in known:
            scope.lines.append(subject + known[value])
            return
        concept = terms.iri(iris.code(scheme, value))
        scope.lines.append(f"{subject}{predicate}{concept} .\n")
        scope.lines.extend(_legacy(concept, scheme, value))

    return write


def _legacy(concept: str, scheme: str, value: str) -> Iterator[str]:
    """A code that the registry no longer has: declared where it is used, with the text as it stood."""
    yield f"{concept}{_TYPE}{terms.iri(expand('skos:Concept'))} .\n"
    yield f"{concept}{_predicate('skos:inScheme')}{terms.iri(expand(f'tg:{scheme}Scheme'))} .\n"
    yield f"{concept}{_LABEL}{terms.text(value)} .\n"
    yield f"{concept}{_predicate('tg:legacy')}{terms.boolean(True)} .\n"


#: Length of the stated date -> datatype (https://www.w3.org/TR/xmlschema-2/#gYearMonth).
_STATED = {4: "gYear", 7: "gYearMonth", 10: "date"}


def _dates(field: model.Field) -> _Writer:
    curie, whole_only = field.property.curie, isinstance(field.property, model.Day)
    first, last, stated, kind = (_predicate(f"{curie}{suffix}") for suffix in model.DATE_SUFFIXES)

    def write(value: model.PartialDate, subject: str, scope: _Scope) -> None:
        add = scope.lines.append
        add(f"{subject}{first}{terms.day(value.first)} .\n")
        if not whole_only or value.first != value.last:
            add(f"{subject}{last}{terms.day(value.last)} .\n")
            add(f"{subject}{stated}{terms.typed(value.stated, _STATED[len(value.stated)])} .\n")
        if value.kind:
            add(f"{subject}{kind}{terms.iri(iris.code('dateType', value.kind))} .\n")

    return write


def _ages(field: model.Field) -> _Writer:
    stated, number, unit, years = (_predicate(f"{field.property.curie}{suffix}") for suffix in model.AGE_SUFFIXES)

    def write(value: model.Age, subject: str, scope: _Scope) -> None:
        add = scope.lines.append
        add(f"{subject}{stated}{terms.text(value.stated)} .\n")
        add(f"{subject}{number}{terms.decimal(value.value)} .\n")
        add(f"{subject}{unit}{terms.plain(value.unit)} .\n")
        add(f"{subject}{years}{terms.decimal(value.years)} .\n")

    return write


def _parts(prop: model.Parts, field: model.Field) -> _Writer:
    predicate, write_fields = _predicate(prop.curie), _fields_writer(field.target)
    typed = f"{_TYPE}{terms.iri(expand(field.target.rdf_class))} .\n"  # type: ignore[attr-defined]

    def write_part(value: Any, fragment: str, subject: str, scope: _Scope) -> None:
        # A part of a part is named after both: #location-1-contact-1.
        inside = subject[len(scope.base) + 1 : -1] + "-" if subject.startswith(f"<{scope.base}") else ""
        node = f"<{scope.base}{inside}{fragment}>"
        scope.lines.append(f"{subject}{predicate}{node} .\n")
        scope.parts.append(node + typed)
        write_fields(value, node, scope.inside())

    def write_one(value: Any, subject: str, scope: _Scope) -> None:
        write_part(value, prop.name, subject, scope)

    def write_many(values: Any, subject: str, scope: _Scope) -> None:
        for number, value in enumerate(values, 1):
            write_part(value, f"{prop.name}-{number}", subject, scope)

    return write_many if field.many else write_one


def _shared(field: model.Field) -> _Writer:
    predicate, write_fields = _predicate(field.property.curie), _fields_writer(model.Organization)
    typed = f"{_TYPE}{terms.iri(expand(model.Organization.rdf_class))} .\n"

    def write(value: model.Organization, subject: str, scope: _Scope) -> None:
        node = terms.iri(iris.organization(value.name))
        scope.lines.append(f"{subject}{predicate}{node} .\n")
        scope.parts.append(node + typed)
        write_fields(value, node, scope.inside())

    return write


def _refers(field: model.Field) -> _Writer:
    predicate = _predicate(field.property.curie)

    def write(label: str, subject: str, scope: _Scope) -> None:
        if fragment := scope.arm_parts.get(label):
            scope.lines.append(f"{subject}{predicate}<{scope.base}{fragment}> .\n")

    return write


_COMPILERS: dict[type[model.Property], Callable[[model.Field], _Writer]] = {
    model.Text: _literal(terms.text),
    model.Name: _literal(terms.text),
    model.String: _literal(terms.plain),
    model.Typed: _typed,
    model.Code: _code,
    model.Dates: _dates,
    model.Day: _dates,
    model.Ages: _ages,
    model.Shared: _shared,
    model.Refers: _refers,
    model.Url: _literal(terms.url),
}

#: Relation -> the property that says it, beside tg:concept.
_RELATIONS = {"exact": "tg:conceptExact", "broad": "tg:conceptBroad", "close": "tg:conceptClose"}


def map_links(nct_id: str, links: Iterable[Link]) -> list[str]:
    """The links layer of one trial: each link as a triple, its evidence as an axiom annotation (SSSOM's RDF form)."""
    base = iris.part_base(nct_id)
    return [line for link in links for line in _link(link, base, iris.study(nct_id))]


def _link(link: Link, base: str, study: str) -> Iterator[str]:
    source = terms.iri(base + link.part if link.part else study)
    target = _concept(link.concept)
    relation = {"title": "tg:titleConcept", "derived": "tg:registryConcept"}.get(link.kind)
    if relation is None:
        relation = _RELATIONS[link.relation]
        yield f"{source}{_predicate('tg:concept')}{target} .\n"
    yield f"{source}{_predicate(relation)}{target} .\n"
    axiom = terms.iri(f"{base}link-{link.part or 'title'}-{iris.compact(link.concept).replace(':', '-')}")
    for curie, term in (
        ("rdf:type", _term("owl:Axiom")),
        ("owl:annotatedSource", source),
        ("owl:annotatedProperty", _term(relation)),
        ("owl:annotatedTarget", target),
        ("sssom:mapping_justification", _term(_justification(link.tier))),
        ("sssom:confidence", terms.double(link.confidence)),
        ("sssom:match_string", terms.plain(link.matched)),
        ("sssom:object_match_field", _term(link.field) if link.field else ""),
        ("tg:tier", terms.plain(link.tier)),
    ):
        if term:
            yield f"{axiom}{_predicate(curie)}{term} .\n"


def _justification(tier: str) -> str:
    """How a link came about; what a mapping set's own row says of that stands in the tier (`imported: …`)."""
    if tier == "curated":
        return "semapv:ManualMappingCuration"
    given = tier == "given identifier" or tier.startswith("imported: ")
    return "semapv:UnspecifiedMatching" if given else "semapv:LexicalMatching"


def map_closure(closure: Closure) -> list[str]:
    """The inferred layer of one trial: roles of its interventions, and all broader concepts at the study itself."""
    study, base = terms.iri(iris.study(closure.nct_id)), iris.part_base(closure.nct_id)
    lines = [
        f"<{base}{part}>{_predicate('tg:role')}{terms.iri(iris.code('role', role))} .\n"
        for part, role in closure.roles.items()
    ]
    for curie, concepts in closure.concepts.items():
        predicate = _predicate(curie)
        before = f"{study}{predicate}"
        lines.extend(f"{before}{_concept(concept)} .\n" for concept in concepts)
    return lines


def map_concept(concept: str, within: Iterable[str], classes: Iterable[str]) -> list[str]:
    """What the inferred layer says of a concept: all that it is within, and the drug classes it belongs to."""
    subject, inside, member = terms.iri(concept), _predicate("tg:within"), _predicate("tg:memberOf")
    return [
        *(f"{subject}{inside}{_concept(broader)} .\n" for broader in within),
        *(f"{subject}{member}{terms.iri(drug_class)} .\n" for drug_class in classes),
    ]


def map_names(concept: str, names: Iterable[tuple[str, str]]) -> list[str]:
    """The keys under which a concept is found by name; related names under a property of their own."""
    keys = {(normalize(name), kind == "related") for name, kind in names}
    sure = {key for key, related in keys if not related}
    subject = terms.iri(concept)
    return [
        f"{subject}{_predicate('tg:relatedNameKey' if related else 'tg:nameKey')}{terms.plain(key)} .\n"
        for key, related in sorted(keys)
        if key and not (related and key in sure)
    ]


class Row(msgspec.Struct, frozen=True):
    """One line of the data dictionary: where a field of the model goes in the graph."""

    subject: str
    field: str
    property: str
    range: str
    layer: str


def rows(struct: type[msgspec.Struct] = model.Trial) -> Iterator[Row]:
    """The data dictionary: every field of the model, with parts below the field that holds them."""
    rdf_class = struct.rdf_class  # type: ignore[attr-defined]
    for field in model.describe(struct):
        if isinstance(field.property, model.Silent):
            continue
        for curie, value_range in _ranges(field):
            yield Row(rdf_class, f"{struct.__name__}.{field.name}", curie, value_range, field.property.layer)
        if isinstance(field.property, model.Parts | model.Shared):
            yield from (msgspec.structs.replace(row, layer=field.property.layer) for row in rows(field.target))


_XSD_NAMES = {"int": "xsd:integer", "Decimal": "xsd:decimal", "bool": "xsd:boolean", "date": "xsd:date"}
_DATE_RANGES = ("xsd:date", "xsd:date", "xsd:gYear | xsd:gYearMonth | xsd:date", "tg:dateTypeScheme")
_AGE_RANGES = ("rdf:langString", "xsd:decimal", "xsd:string", "xsd:decimal")


def _ranges(field: model.Field) -> Iterator[tuple[str, str]]:
    prop = field.property
    match prop:
        case model.Dates() | model.Day():
            yield from ((prop.curie + s, r) for s, r in zip(model.DATE_SUFFIXES, _DATE_RANGES, strict=True))
        case model.Ages():
            yield from ((prop.curie + s, r) for s, r in zip(model.AGE_SUFFIXES, _AGE_RANGES, strict=True))
        case model.Code():
            yield prop.curie, f"tg:{prop.scheme}Scheme"
        case model.Parts() | model.Shared():
            yield prop.curie, field.target.rdf_class  # type: ignore[attr-defined]
        case model.Typed():
            yield prop.curie, _XSD_NAMES[field.target.__name__]
        case model.Refers():
            yield prop.curie, "tg:Arm | tg:Group"
        case model.Url():
            yield prop.curie, "xsd:anyURI"
        case _:
            yield prop.curie, "xsd:string" if isinstance(prop, model.String) else "rdf:langString"


#: What `_identity`, `_legacy`, links, closure and the slice of ontologies write beside the model's own properties.
_FURTHER = frozenset(
    "foaf:primaryTopic owl:annotatedProperty owl:annotatedSource owl:annotatedTarget rdf:type rdfs:label "
    "schema:sameAs skos:altLabel skos:inScheme skos:notation sssom:confidence sssom:mapping_justification "
    "sssom:match_string sssom:object_match_field tg:branch tg:broader tg:broaderAction tg:comparesWith "
    "tg:concept tg:conceptBroad tg:conceptClose tg:conceptExact tg:crossReference tg:givesAsBackground "
    "tg:hasAction tg:inOntology tg:indexedWith tg:involves tg:keywordMentions tg:legacy tg:memberOf "
    "tg:mentions tg:nameKey tg:phaseLabel tg:registryConcept tg:relatedNameKey tg:role tg:studies tg:tests "
    "tg:tier tg:titleConcept tg:titleMentions tg:within".split()
)


def properties() -> frozenset[str]:
    """Every property, as a CURIE, that the mapping can emit."""
    return _FURTHER | {row.property for row in rows()}
