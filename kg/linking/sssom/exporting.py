"""The links layer of a graph folder -> a mapping set: one row for each distinct (kind, string, predicate, concept).

Titles are left out (a title mentions concepts, it is no name of one), and so is what the registry derived (its own
statement, not ours). A row is general if every mention of its string has the link; else it is for the trials that have
it, so that what a record's own abbreviations decided is not said of other records.
"""

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

import msgspec

from kg import terms
from kg.errors import GraphError
from kg.iris import compact, is_nct
from kg.layers import layer_path, read_lines, read_partitions
from kg.lexicon import fold, normalize
from kg.linking.sssom.rows import PREDICATES, MappingRow, MappingSet, string_key
from kg.linking.sssom.table import join_values
from kg.linking.sssom.writing import digest
from kg.vocab import ID, PREFIXES, expand

__all__ = ["LICENCE", "SET_ID", "export_links"]

#: What the set is called where its keeper gives no name.
SET_ID = f"{ID}mappings/links"
#: The labels of concepts are their publishers'; of those bundled, MONDO and ChEBI ask for attribution.
LICENCE = "https://creativecommons.org/licenses/by/4.0/"

_PREDICATE = {f"tg:concept{relation.capitalize()}": predicate for predicate, relation in PREDICATES.items()}
_STUDY = f"<{ID}study/"
_LABEL = re.compile(
    rf"{re.escape(_STUDY)}NCT\d{{8}}#((condition|intervention|keyword)-\d+)> "
    rf'<{re.escape(expand("rdfs:label"))}> (".*) \.'
)
_AXIOM = re.compile(rf"{re.escape(_STUDY)}(NCT\d{{8}})#(link-[^>]*)> <([^>]*)> (.*) \.")
_TRIPLE = re.compile(r"<([^>]*)> <([^>]*)> (.*) \.")
_NEEDED = ("registry", "links", "ontology", "metadata")


class _Evidence(NamedTuple):
    """Why a string names a concept; of several mentions the least one is shown."""

    doubt: float
    tier: str
    text: str
    matched: str
    field: str
    justification: str


#: (kind, key of the string, predicate, concept).
_RowKey = tuple[str, str, str, str]


def export_links(folder: Path, *, set_id: str = SET_ID, licence: str = LICENCE) -> MappingSet:
    """The links of a graph folder; the same graph gives the same set.

    Raises:
        GraphError: if the folder is no graph of ours, or a layer of it is missing or broken.
    """
    for layer in _NEEDED:
        if not layer_path(folder, layer).is_file():
            raise GraphError(str(folder), f"no layer {layer!r}", remedy="Build the graph with `kg build`.")
    try:
        prefixes, rows = dict(PREFIXES), list[MappingRow]()
        for row in _rows(folder):
            rows.append(row if compact(row.concept) != row.concept else _with_curie(row, prefixes))
    except (OSError, EOFError, ValueError, KeyError, zlib.error) as error:
        raise GraphError(str(folder), f"broken layers: {error}", remedy="Build the graph again.") from error
    header = {
        "mapping_set_id": set_id,
        "mapping_set_version": digest(rows),
        "mapping_set_title": "Strings of clinical-trial records and the concepts that they name",
        "license": licence,
    }
    return MappingSet(rows=tuple(rows), header=header, prefixes=prefixes, source=str(folder))


_LOCAL = re.compile(r"[^/#_]+[/#_]*$")
_NO_PREFIX = re.compile(r"[^A-Za-z0-9]")


def _with_curie(row: MappingRow, prefixes: dict[str, str]) -> MappingRow:
    """A row on a concept of an ontology that we have no prefix for: one is made of the namespace's last word."""
    namespace = _LOCAL.sub("", row.concept)
    known = next((prefix for prefix, held in prefixes.items() if held == namespace), "")
    if not known:
        word = _NO_PREFIX.sub("", namespace.rstrip("/#_").rpartition("/")[2])
        word = word if word[:1].isalpha() else f"ns{word}"
        further = (f"{word}_{number}" for number in count(2))
        known = next(name for name in chain([word], further) if name not in prefixes)
        prefixes[known] = namespace
    local = row.concept.removeprefix(namespace)
    return msgspec.structs.replace(row, slots=row.slots | {"object_id": f"{known}:{local}"})


def _rows(folder: Path) -> Iterator[MappingRow]:
    evidence: dict[_RowKey, _Evidence] = {}
    trials: dict[_RowKey, list[str]] = {}
    mentions: Counter[tuple[str, str]] = Counter()
    for trial, lines in _by_trial(folder):
        labels, links = _read(lines)
        mentions.update({(kind, string_key(text)) for kind, text in labels.values()})
        found: dict[_RowKey, _Evidence] = {}
        for part, predicate, concept, why in links:
            if part in labels:
                kind, text = labels[part]
                key = (kind, string_key(text), predicate, concept)
                found[key] = min(found.get(key, why._replace(text=text)), why._replace(text=text))
        for key, why in found.items():
            evidence[key] = min(evidence.get(key, why), why)
            trials.setdefault(key, []).append(trial)
    about = _concepts(folder, {key[3] for key in evidence})
    tool = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["versions"]["trialgraph"]
    for key, why in sorted(evidence.items()):
        slots = _slots(why) | about[key[3]] | {"mapping_tool": "trialgraph", "mapping_tool_version": tool}
        general = len(trials[key]) == mentions[key[:2]]
        for trial in ("",) if general else trials[key]:
            yield _row(key, why, trial, slots)


def _by_trial(folder: Path) -> Iterator[tuple[str, list[str]]]:
    for lines in read_partitions(folder, ("registry", "links"), trials=1):
        ours = [line for line in lines if line.startswith(_STUDY)]
        trial = ours[0][len(_STUDY) : len(_STUDY) + 11] if ours else ""
        if is_nct(trial):
            yield trial, ours


_Linked = tuple[str, str, str, _Evidence]


def _read(lines: list[str]) -> tuple[dict[str, tuple[str, str]], list[_Linked]]:
    """(part -> its kind and string; part, predicate, concept and evidence of each link) of one trial."""
    labels: dict[str, tuple[str, str]] = {}
    axioms: dict[str, dict[str, str]] = {}
    for line in lines:
        if found := _LABEL.match(line):
            labels[found[1]] = (found[2], terms.unescape(found[3]))
        elif found := _AXIOM.match(line):
            axioms.setdefault(found[2], {})[compact(found[3])] = found[4]
    links = []
    for facts in axioms.values():
        predicate = _PREDICATE.get(compact(facts["owl:annotatedProperty"][1:-1]))
        if predicate:
            part = facts["owl:annotatedSource"][1:-1].rpartition("#")[2]
            links.append((part, predicate, facts["owl:annotatedTarget"][1:-1], _evidence(facts)))
    return labels, links


def _evidence(facts: dict[str, str]) -> _Evidence:
    tier = terms.unescape(facts["tg:tier"])
    _, imported, justification = tier.partition("imported: ")
    return _Evidence(
        doubt=-float(terms.unescape(facts["sssom:confidence"])),
        tier=tier,
        text="",
        matched=terms.unescape(facts["sssom:match_string"]),
        field=compact(facts.get("sssom:object_match_field", "<>")[1:-1]),
        justification=f"semapv:{justification}" if imported else compact(facts["sssom:mapping_justification"][1:-1]),
    )


#: What makes the string its own key (https://mapping-commons.github.io/semantic-mapping-vocabulary/).
_FOLDED = ("semapv:CaseNormalization", "semapv:BlankNormalisation")
_NORMALIZED = (*_FOLDED, "semapv:PunctuationElemination", "semapv:Stemming")


def _slots(why: _Evidence) -> dict[str, str]:
    done = _FOLDED if why.matched == fold(why.text) else _NORMALIZED if why.matched == normalize(why.text) else ()
    slots = {
        "subject_source": compact(expand("graph:registry")),
        "subject_match_field": "rdfs:label",
        "object_match_field": why.field,
        "match_string": join_values([why.matched]),
        "subject_preprocessing": join_values(() if why.matched == why.text else done),
        "comment": why.tier,
    }
    return {slot: cell for slot, cell in slots.items() if cell}


def _row(key: _RowKey, why: _Evidence, trial: str, slots: dict[str, str]) -> MappingRow:
    kind, _, predicate, concept = key
    return MappingRow(
        text=why.text,
        kind=kind,
        trial=trial,
        predicate=predicate,
        concept=concept,
        justification=why.justification,
        confidence=round(-why.doubt, 3),
        slots=slots,
    )


def _concepts(folder: Path, wanted: set[str]) -> dict[str, dict[str, str]]:
    """Label, ontology and its version of each wanted concept, as slots."""
    found: dict[str, dict[str, str]] = {iri: {} for iri in wanted}
    subjects = {iri.encode() for iri in wanted}
    for line in read_lines(folder, "ontology"):
        if line[1 : line.find(b">")] in subjects and (triple := _TRIPLE.match(line.decode())):
            slots, predicate = found[triple[1]], compact(triple[2])
            if predicate == "rdfs:label":
                slots["object_label"] = min(terms.unescape(triple[3]), slots.get("object_label", "\U0010ffff"))
            elif predicate == "tg:inOntology":
                slots["object_source"] = compact(triple[3][1:-1])
    versions = dict(_versions(folder))
    for slots in found.values():
        if version := versions.get(slots.get("object_source", "")):
            slots["object_source_version"] = version
    return found


def _versions(folder: Path) -> Iterator[tuple[str, str]]:
    for line in read_lines(folder, "metadata"):
        triple = _TRIPLE.match(line.decode())
        if triple and compact(triple[2]) == "dct:hasVersion":
            yield compact(triple[1]), terms.unescape(triple[3])
