"""`kg publish`: a graph folder -> one folder for catalogues, made beside and checked before it takes its place."""

from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path

import msgspec

from kg import assets
from kg.errors import KgError, UsageError
from kg.finding import Finding
from kg.folder import check_graph, replacing
from kg.linking.sssom import write_set
from kg.linking.sssom.exporting import export_links
from kg.publishing.blocks import prefix_lines, turtle_blocks
from kg.publishing.description import Extra, describe
from kg.publishing.dumps import USUAL_FORMATS, Dump, write_dumps
from kg.publishing.examples import example_lines
from kg.publishing.index_page import index_page
from kg.publishing.manifest import read_manifest
from kg.publishing.redirects import VOCABULARY_FILE, VOCABULARY_PAGE, htaccess, xml_catalogue
from kg.publishing.release import DESCRIPTION, QUERIES, Release, Terms, release_name
from kg.publishing.statistics import Statistics
from kg.publishing.vocabulary_page import vocabulary_page
from kg.store import EmbeddedStore
from kg.validation import EngineSpec
from kg.vocab import ID

__all__ = ["Published", "check_description", "publish"]

#: The list of every file's hash, in the form of `sha256sum`.
_SUMS = "SHA256SUMS"
_MAPPINGS = "mappings"


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What was published: the release's name, its files with their sizes, the graph's triples and trials."""

    release: str
    files: dict[str, int]
    triples: int
    trials: int
    findings: list[Finding]


def publish(folder: Path, out: Path, terms: Terms, *, further: Sequence[str] = ()) -> Published:
    """Leaves in `out` the bundle of a graph folder; the same graph on the same terms gives the same bytes.

    `further` names formats beside the usual ones.

    Raises:
        UsageError: if the terms lack a licence, a publisher or an address, or `out` is a folder of something else.
        NotFound: if there is no such format.
        GraphError: if the folder is no graph, or a layer is missing or broken.
        KgError: if the description does not keep to the profile.
    """
    terms = terms.checked()
    check_graph(folder)
    _check_apart(folder, out)
    with replacing(out, _SUMS, "bundle") as beside:
        return _Bundle(folder, beside, terms).write(tuple(dict.fromkeys((*USUAL_FORMATS, *further))))


class _Bundle:
    """One bundle on its way."""

    def __init__(self, folder: Path, out: Path, terms: Terms) -> None:
        self._folder = folder
        self._out = out
        self._terms = terms
        self._store = EmbeddedStore(folder / "store")

    def write(self, formats: Sequence[str]) -> Published:
        statistics = Statistics()
        try:
            dumps = write_dumps(self._folder, self._out / "dumps", formats, statistics)
            parts = {part: statistics.counts(part) for part in statistics.parts}
            whole = statistics.counts()
        finally:
            statistics.close()
        release = Release(
            terms=self._terms,
            name=self._terms.release or release_name(statistics.latest, dumps),
            latest=statistics.latest,
            dumps=dumps,
            manifest=read_manifest(self._folder),
        )
        description = describe(release, parts, whole, self._mappings(release))
        findings = check_description(description)
        self._text(DESCRIPTION, prefix_lines() + turtle_blocks(description))
        self._rest()
        self._text("index.html", index_page(release, whole.triples, statistics.trials, self._files()))
        files = self._files()
        self._text(_SUMS, "".join(f"{digest}  {name}\n" for name, (_, digest) in files.items()))
        return Published(
            release=release.name,
            files={name: size for name, (size, _) in files.items()},
            triples=whole.triples,
            trials=statistics.trials,
            findings=findings,
        )

    def _mappings(self, release: Release) -> Extra:
        path = f"{_MAPPINGS}/links.sssom.tsv"
        data = write_set(export_links(self._folder, set_id=release.node(_MAPPINGS), licence=self._terms.licence))
        self._bytes(path, data)
        dump = Dump(path, _MAPPINGS, "sssom", len(data), _digest(self._out / path))
        return Extra(dump, "Strings of clinical-trial records and the concepts that they name")

    def _rest(self) -> None:
        """What does not depend on the description: vocabulary, queries, and how IRIs lead here."""
        ontologies = assets.folder("ontologies")
        for name in ("trialgraph.ttl", "classes.ttl"):
            self._bytes(f"vocabulary/{name}", (ontologies / name).read_bytes())
        self._text(VOCABULARY_PAGE, vocabulary_page(ontologies / "trialgraph.ttl", "trialgraph.ttl"))
        base = f"{self._terms.base_url}{QUERIES}#"
        examples = example_lines(self._store, base, self._terms.endpoint)
        self._text(QUERIES, prefix_lines() + turtle_blocks(examples))
        self._text(
            "catalog-v001.xml", xml_catalogue({f"{ID}vocab": VOCABULARY_FILE, f"{ID}class/": "vocabulary/classes.ttl"})
        )
        self._text(".htaccess", htaccess(self._terms))

    def _files(self) -> dict[str, tuple[int, str]]:
        """(size, SHA-256) of every file that is there, by path."""
        paths = {path.relative_to(self._out).as_posix(): path for path in self._out.rglob("*") if path.is_file()}
        return {name: (path.stat().st_size, _digest(path)) for name, path in sorted(paths.items())}

    def _text(self, name: str, text: str) -> None:
        self._bytes(name, text.encode())

    def _bytes(self, name: str, data: bytes) -> None:
        path = self._out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def check_description(lines: Sequence[str]) -> list[Finding]:
    """What the profile would rather have; found by shapes of our own.

    Raises:
        KgError: if something that the profile demands is missing.
    """
    findings = list(EngineSpec(shapes=Path(__file__).with_name("shapes.ttl")).make().validate(lines))
    broken = [finding for finding in findings if finding.severity == "violation"]
    if broken:
        told = "; ".join(f"{finding.focus}: {finding.message}" for finding in broken[:3])
        raise KgError(DESCRIPTION, f"the description breaks the HCLS profile {len(broken)} times: {told}")
    return findings


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _check_apart(folder: Path, out: Path) -> None:
    graph, bundle = folder.resolve(), out.resolve()
    if graph == bundle or graph in bundle.parents or bundle in graph.parents:
        raise UsageError("--to", "the bundle stands apart from the graph", got=str(out), remedy="Name another folder.")
