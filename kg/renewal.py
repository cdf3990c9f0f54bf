"""Drug classes of a graph folder renewed: what depends on them changes in the layers and the store, all else stays.

The layers become those that a build with the same definitions would write. The new folder shares unchanged files with
the old one and takes its place at the end: whoever is killed in between leaves the old graph whole.
"""

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby, repeat
from pathlib import Path
from typing import cast, get_args

import msgspec

from kg import mapping, terms
from kg.build import class_lines
from kg.concept import Closure, Link, MentionKind, Role
from kg.errors import GraphError
from kg.folder import replacing
from kg.knowledge import name_classes
from kg.layers import INDEX, read_lines, read_partitions, write_layer
from kg.reasoning.classes import DrugClass, Membership
from kg.reasoning.closure import close_trial
from kg.vocab import GRAPHS, ID, PREFIXES, expand

__all__ = ["Renewal", "renew_classes"]


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """How many triples of the graph went and came."""

    removed: int
    added: int


def renew_classes(
    folder: Path,
    path: Path,
    classes: Iterable[DrugClass],
    members: Mapping[str, Iterable[Membership]],
    *,
    manifest: bytes,
) -> Renewal:
    """Leaves in the graph folder the classes that a file defines, and these members; says what that changed.

    `manifest` is that of the graph which the members were found in.

    Raises:
        GraphError: if the folder has another graph by now, or the store cannot be read or written.
    """
    named = name_classes({iri: found for iri, found in members.items() if found})
    with replacing(folder) as beside:
        if (folder / "manifest.json").read_bytes() != manifest:
            problem = "was changed while its drugs were classified"
            raise GraphError(str(folder), problem, remedy="Run the same command again.")
        delta = _Delta(beside)
        counts = {
            "inferred": write_layer(beside, "inferred", _inferred(folder, named, delta)),
            "ontology": write_layer(beside, "ontology", _ontology(folder, list(class_lines(path, classes)), delta)),
        }
        renewal = delta.close()
        if renewal.removed or renewal.added:
            write_layer(beside, "metadata", _metadata(folder, counts))
            _complete(folder, beside, delta, counts)
        else:
            shutil.rmtree(beside)
    return renewal


class _Delta:
    """What goes and what comes, as files: a whole registry's may be large."""

    def __init__(self, folder: Path) -> None:
        self.removed, self.added = folder / "removed.nt", folder / "added.nt"
        self._files = self.removed.open("w", encoding="utf-8"), self.added.open("w", encoding="utf-8")
        self._counts = [0, 0]

    def note(self, old: list[str], new: list[str]) -> None:
        """Notes the difference of two lists of lines."""
        if old == new:
            return
        for place, lines in enumerate((set(old).difference(new), set(new).difference(old))):
            self._counts[place] += len(lines)
            self._files[place].writelines(sorted(lines))

    def close(self) -> Renewal:
        """Ends the files; says how many lines they hold."""
        for file in self._files:
            file.close()
        return Renewal(removed=self._counts[0], added=self._counts[1])


#: Properties of the closure, by their IRI as it stands in a layer.
_CLOSURE = {
    terms.iri(expand(curie)): curie
    for curie in (
        "tg:studies tg:indexedWith tg:mentions tg:titleMentions tg:keywordMentions "
        "tg:tests tg:comparesWith tg:givesAsBackground tg:involves"
    ).split()
}
_ROLE = terms.iri(expand("tg:role"))
_WITHIN, _MEMBER = terms.iri(expand("tg:within")), terms.iri(expand("tg:memberOf"))
#: A link's own triple, beside what says how sure it is.
_LINKS = {terms.iri(expand(name)) for name in ("tg:concept", "tg:titleConcept", "tg:registryConcept")}
_CLASS = PREFIXES["class"]
_NCT = re.compile(r"NCT\d{8}")


def _inferred(folder: Path, classes: Mapping[str, tuple[str, ...]], delta: _Delta) -> Iterator[str]:
    """The inferred layer with these classes of concepts in place of those that it has."""
    links = chain(read_partitions(folder, ("links",), trials=1), repeat(None))
    linked: list[str] | None = []
    for old in read_partitions(folder, ("inferred",), trials=1):
        trial = _trial(old)
        while linked is not None and _trial(linked) < trial:
            linked = next(links)
        ours = linked if linked and _trial(linked) == trial else []
        new = _of_trial(trial, old, ours, classes) if trial else _of_concepts(old, classes)
        delta.note(old, new)
        yield from new


def _trial(lines: list[str]) -> str:
    """The number of the trial that the lines are of; nothing for those before the trials."""
    found = _NCT.search(lines[0].partition(" ")[0]) if lines else None
    return found[0] if found else ""


def _of_concepts(lines: list[str], classes: Mapping[str, tuple[str, ...]]) -> list[str]:
    found: list[str] = []
    for subject, group in groupby((_parts(line) for line in lines), key=lambda parts: parts[0]):
        within = {value for _, predicate, value in group if predicate == _WITHIN and not value.startswith(_CLASS)}
        iri = _iri(subject)
        found += mapping.map_concept(iri, sorted({*within, *classes.get(iri, ())}), classes.get(iri, ()))
    return found


def _of_trial(trial: str, lines: list[str], linked: list[str], classes: Mapping[str, tuple[str, ...]]) -> list[str]:
    concepts: dict[str, set[str]] = {}
    roles: dict[str, Role] = {}
    kept: list[str] = []
    for line in lines:
        subject, predicate, value = _parts(line)
        if predicate in _CLOSURE:
            concepts.setdefault(_CLOSURE[predicate], set()).update(() if value.startswith(_CLASS) else (value,))
            continue
        kept.append(line)
        if predicate == _ROLE:
            roles[_fragment(subject)] = cast("Role", value.rpartition("/")[2])
    closed = close_trial(trial, _read_links(linked), roles, {}, classes)
    for curie, added in closed.concepts.items():
        concepts.setdefault(curie, set()).update(added)
    merged = {curie: tuple(sorted(iris)) for curie, iris in sorted(concepts.items())}
    return kept + mapping.map_closure(Closure(nct_id=trial, concepts=merged, roles={}))


def _read_links(lines: Iterable[str]) -> Iterator[Link]:
    """The links of a trial again, as far as the closure asks for them."""
    kinds: dict[str, MentionKind] = {kind: kind for kind in get_args(MentionKind)}
    for line in lines:
        subject, predicate, value = _parts(line)
        part = _fragment(subject)
        kind = kinds.get(part.rpartition("-")[0] or "title")
        if predicate in _LINKS and kind is not None:
            yield Link(
                kind=kind,
                part=part,
                concept=value,
                relation="exact",
                tier="",
                confidence=1,
                matched="",
                field="",
                source="",
            )


def _ontology(folder: Path, new: list[str], delta: _Delta) -> Iterator[str]:
    """The ontology layer with these lines about drug classes in place of those that it ends with."""
    old: list[str] = []
    for data in read_lines(folder, "ontology"):
        line = data.decode()
        if _is_of_classes(line):
            old.append(line)
        else:
            yield line
    delta.note(old, new)
    yield from new


_OF_CLASSES = (f"<{_CLASS}", f"<{PREFIXES['ATC']}")
_CODE = f" {terms.iri(expand('tg:hasAtcCode'))} "


def _is_of_classes(line: str) -> bool:
    return line.startswith(_OF_CLASSES) or _CODE in line


def _metadata(folder: Path, counts: Mapping[str, int]) -> Iterator[str]:
    """The metadata layer with the new numbers of triples."""
    name = terms.iri(expand("void:triples"))
    new = {f"{_graph(layer)} {name} ": f"{_graph(layer)} {name} {terms.integer(n)} .\n" for layer, n in counts.items()}
    for line in read_lines(folder, "metadata"):
        text = line.decode()
        yield next((new[start] for start in new if text.startswith(start)), text)


def _graph(layer: str) -> str:
    return terms.iri(GRAPHS.get(layer, f"{ID}graph/{layer}"))


def _complete(folder: Path, beside: Path, delta: _Delta, counts: Mapping[str, int]) -> None:
    """The store with the differences, the manifest with the new counts, and whatever else the folder holds."""
    from kg.store import copy_store

    said = _Delta(beside / "layers")
    said.note(*([line.decode() for line in read_lines(place, "metadata")] for place in (folder, beside)))
    said.close()
    quads = copy_store(
        folder / "store",
        beside / "store",
        [
            (None, delta.removed, delta.added),
            (None, said.removed, said.added),
            (GRAPHS["metadata"], said.removed, said.added),
        ],
    )
    for file in (delta.removed, delta.added, said.removed, said.added):
        file.unlink()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["counts"]["triples"].update(counts)
    manifest["counts"]["quads"] = quads
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (beside / "manifest.json").write_text(text + "\n", encoding="utf-8")
    for file in (*folder.iterdir(), *(folder / "layers").iterdir()):
        target = beside / file.relative_to(folder)
        # The index is of layers as a build with our own classes writes them: an update on other classes would mix both.
        if file.is_file() and not target.exists() and file.name != INDEX:
            _share(file, target)


def _share(file: Path, target: Path) -> None:
    """The same file under another name, or a copy where the file system has no such thing."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copy2(file, target)


def _parts(line: str) -> tuple[str, str, str]:
    """(subject, predicate as they stand, the object's IRI) of a line whose object is an IRI, else its text."""
    subject, predicate, value = line.split(" ", 2)
    return subject, predicate, value[: value.rindex(" .")].strip("<>")


def _iri(term: str) -> str:
    return term[1:-1]


def _fragment(subject: str) -> str:
    """The part of a trial that a term names; nothing for the trial itself."""
    return _iri(subject).partition("#")[2]
