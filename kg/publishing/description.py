"""The description of a release: HCLS's three levels, VoID's numbers, DCAT-AP's distributions, PROV on the build.

HCLS: https://www.w3.org/TR/hcls-dataset/. DCAT-AP 3.0.1: https://semiceu.github.io/DCAT-AP/releases/3.0.1/. Nothing is
a blank node, so that whoever takes the description can name each thing in it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from kg import terms
from kg.ontologies import Source, read_sources
from kg.publishing.dumps import DUMP_FORMATS, Dump
from kg.publishing.facts import Facts, checksum, link
from kg.publishing.origin import state_build
from kg.publishing.release import Release
from kg.publishing.statistics import Counts
from kg.publishing.void import state_counts, state_links
from kg.vocab import ID

__all__ = ["Extra", "describe"]

#: EU authority tables (https://op.europa.eu/en/web/eu-vocabularies/authority-tables).
_EU = "http://publications.europa.eu/resource/authority/"
_IANA = "https://www.iana.org/assignments/media-types/"
_FILE_TYPES = {
    "ntriples": "RDF_N_TRIPLES",
    "turtle": "RDF_TURTLE",
    "nquads": "RDF_N_QUADS",
    "trig": "RDF_TRIG",
    "jsonld": "JSON_LD",
    "sssom": "TSV",
}
_SPARQL = "https://www.w3.org/TR/sparql11-protocol/"

#: Part -> what it holds, and who says so.
_PARTS = {
    "registry": "What the records say, as the registry publishes them.",
    "derived": "What the registry derived from the records by machine: terms of MeSH.",
    "links": "Which concepts the records' strings name, each link with its evidence.",
    "inferred": "What follows from links and hierarchies: broader concepts of trials, classes of drugs.",
    "metadata": "What the graph says of its own layers and ontologies.",
    "vocabulary": "The vocabulary, its codes, and the definitions of drug classes.",
}
_DESCRIPTION = (
    "Records of clinical trials from ClinicalTrials.gov as RDF: what the registry says, the ontology concepts that the "
    "records name, with evidence, and what follows from both."
)


#: What the registry asks of those who pass its data on (https://clinicaltrials.gov/about-site/terms-conditions).
_REGISTRY_RIGHTS = (
    "The records are ClinicalTrials.gov's, whose terms hold for them: name the registry as the source, say of which "
    "day the data are, and that they were changed."
)


class Extra(NamedTuple):
    """A further file of the bundle that is a dataset of its own."""

    dump: Dump
    title: str


def describe(release: Release, counts: Mapping[str, Counts], whole: Counts, extra: Extra | None = None) -> list[str]:
    """The description as lines of N-Triples; `counts` are the parts' numbers, `whole` those of all together."""
    description = _Description(release)
    description.state_levels()
    for part, numbers in counts.items():
        description.state_part(part, numbers)
    description.state_whole(counts, whole)
    if extra:
        description.state_extra(extra)
    if release.terms.endpoint:
        description.state_service()
    return description.facts.lines()


class _Description:
    """One release as it is told."""

    def __init__(self, release: Release) -> None:
        self.facts = Facts()
        self._release = release
        self._sources = {source.name: source for source in read_sources()}
        self._publisher = release.terms.publisher_url or release.lasting("publisher")
        self._catalogue = release.lasting("catalogue")

    def state_levels(self) -> None:
        """The summary, and this version of it; the catalogue that holds both."""
        facts, release, chosen = self.facts, self._release, self._release.terms
        summary, version = release.lasting("dataset"), release.node()
        page = link(chosen.base_url)
        facts.classify(self._catalogue, "dcat:Catalog")
        self._state_common(self._catalogue, chosen.title, f"{_DESCRIPTION} All parts of the release.", chosen.licence)
        facts.say(self._catalogue, dcat__dataset=link(version), foaf__homepage=page)
        facts.classify(summary, "dctypes:Dataset")
        self._state_common(summary, chosen.title, _DESCRIPTION, chosen.licence)
        facts.say(summary, foaf__page=page, pav__hasCurrentVersion=link(version), dcat__keyword=_keywords())
        facts.classify(version, "dctypes:Dataset", "dcat:Dataset")
        self._state_common(version, f"{chosen.title}, release {release.name}", _DESCRIPTION, chosen.licence)
        facts.say(
            version,
            dct__creator=link(self._publisher),
            dct__isVersionOf=link(summary),
            pav__version=terms.plain(release.name),
            pav__previousVersion=link(release.lasting(chosen.previous)) if chosen.previous else "",
            dcat__version=terms.plain(release.name),
            dct__issued=terms.typed(chosen.issued, "date") if chosen.issued else "",
            dct__modified=terms.typed(release.latest, "date") if release.latest else "",
            dct__language=link(f"{_EU}language/ENG"),
            dcat__theme=link(f"{_EU}data-theme/HEAL"),
            dcat__keyword=_keywords(),
            dcat__landingPage=page,
        )
        facts.classify(chosen.base_url, "foaf:Document")
        self._state_words()
        state_build(facts, release, self._sources)

    def _state_words(self) -> None:
        """What is named by others' IRIs, with the class that DCAT-AP asks for."""
        facts = self.facts
        facts.classify(self._publisher, "foaf:Agent")
        facts.say(self._publisher, foaf__name=terms.plain(self._release.terms.publisher))
        facts.classify(f"{_EU}language/ENG", "dct:LinguisticSystem")
        facts.classify(f"{_EU}data-theme/HEAL", "skos:Concept")
        facts.say(f"{_EU}data-theme/HEAL", skos__prefLabel=terms.text("Health"))

    def _state_common(self, node: str, title: str, description: str, licence: str) -> None:
        self.facts.say(
            node,
            dct__title=terms.text(title),
            dct__description=terms.text(description),
            dct__publisher=link(self._publisher),
            dct__license=link(licence) if licence else "",
        )
        if licence:
            self.facts.classify(licence, "dct:LicenseDocument")

    def state_part(self, part: str, counts: Counts) -> None:
        """A layer, or an ontology's share of one: a dataset with files and numbers of its own."""
        facts, release = self.facts, self._release
        node = release.node(part)
        source = self._sources.get(part.removeprefix("ontology-")) if part.startswith("ontology-") else None
        title, description = _told(part, source)
        licence = self._licence(part, source)
        facts.classify(node, "dcat:Dataset")
        self._state_common(node, f"{title}, release {release.name}", description, licence)
        self._state_rights(node, part, source)
        facts.say(node, dct__isPartOf=link(release.node()))
        facts.say(self._catalogue, dcat__dataset=link(node))
        for dump in release.dumps:
            if dump.part == part:
                facts.say(node, void__dataDump=link(release.address(dump.path)))
                self._state_file(node, dump, title, description, licence)
        state_counts(facts, node, counts)

    def _licence(self, part: str, source: Source | None) -> str:
        if not part.startswith("ontology-"):
            return self._release.terms.licence
        return source.licence_url if source else ""

    def _state_rights(self, node: str, part: str, source: Source | None) -> None:
        """What an ontology's publisher asks for; of one that our catalogue lacks, what the build was told."""
        told = source.permits if source else _REGISTRY_RIGHTS if part in ("registry", "derived") else ""
        if not source and part.startswith("ontology-"):
            told = next(
                (built.licence for built in self._release.manifest.ontologies if part == f"ontology-{built.name}"), ""
            )
        if told:
            rights = f"{node}/rights"
            self.facts.say(node, dct__rights=link(rights))
            self.facts.classify(rights, "dct:RightsStatement")
            self.facts.say(rights, rdfs__label=terms.text(told))

    def _state_file(self, node: str, dump: Dump, title: str, description: str, licence: str) -> str:
        """A file for download; gives its IRI."""
        facts, release = self.facts, self._release
        found = DUMP_FORMATS.get(dump.format)
        media_type = found.media_type if found else "text/tab-separated-values"
        file, address = release.node(dump.path), link(release.address(dump.path))
        facts.classify(file, "dctypes:Dataset", "dcat:Distribution")
        self._state_common(file, f"{title}: {dump.path}", description, licence)
        facts.say(node, dcat__distribution=link(file))
        facts.say(
            file,
            dct__creator=link(self._publisher),
            pav__version=terms.plain(release.name),
            dct__issued=terms.typed(release.terms.issued, "date") if release.terms.issued else "",
            dcat__accessURL=address,
            dcat__downloadURL=address,
            dcat__mediaType=link(f"{_IANA}{media_type}"),
            dcat__compressFormat=link(f"{_IANA}application/gzip") if dump.path.endswith(".gz") else "",
            dct__format=link(f"{_EU}file-type/{_FILE_TYPES[dump.format]}"),
            dcat__byteSize=terms.typed(str(dump.size), "nonNegativeInteger"),
        )
        checksum(facts, file, dump.sha256)
        for name in (media_type, "application/gzip"):
            facts.classify(f"{_IANA}{name}", "dct:MediaType")
        facts.classify(f"{_EU}file-type/{_FILE_TYPES[dump.format]}", "dct:MediaTypeOrExtent")
        return file

    def state_whole(self, counts: Mapping[str, Counts], whole: Counts) -> None:
        """The files that hold everything: N-Quads with the numbers of all layers together, their parts and links."""
        release, chosen = self._release, self._release.terms
        for dump in release.dumps:
            if not dump.part:
                file = self._state_file(release.node(), dump, chosen.title, _DESCRIPTION, chosen.licence)
                if dump.format == "nquads":
                    state_counts(self.facts, file, whole)
                    self.facts.say(
                        file,
                        void__subset=[link(release.node(part)) for part in counts],
                        void__vocabulary=link(f"{ID}vocab"),
                        void__dataDump=link(release.address(dump.path)),
                    )
        targets = {part.removeprefix("ontology-"): release.node(part) for part in counts}
        for part, numbers in counts.items():
            state_links(self.facts, release.node(part), release.node("registry"), numbers, targets)

    def state_extra(self, extra: Extra) -> None:
        """A file of another form: a dataset with one distribution."""
        facts, release = self.facts, self._release
        node = release.node(extra.dump.part)
        facts.classify(node, "dcat:Dataset")
        description = f"{extra.title}: a mapping set in SSSOM."
        self._state_common(node, f"{extra.title}, release {release.name}", description, release.terms.licence)
        facts.say(node, dct__isPartOf=link(release.node()))
        facts.say(self._catalogue, dcat__dataset=link(node))
        self._state_file(node, extra.dump, extra.title, description, release.terms.licence)

    def state_service(self) -> None:
        """Where the graph can be asked."""
        facts, release = self.facts, self._release
        node, endpoint = release.lasting("endpoint"), link(release.terms.endpoint)
        facts.classify(node, "dcat:DataService", "sd:Service")
        self._state_common(node, f"{release.terms.title}: SPARQL", "Answers SPARQL 1.1.", release.terms.licence)
        facts.say(
            node,
            dcat__endpointURL=endpoint,
            dcat__endpointDescription=endpoint,
            sd__endpoint=endpoint,
            dcat__servesDataset=link(release.node()),
            dct__conformsTo=link(_SPARQL),
        )
        facts.classify(_SPARQL, "dct:Standard")
        facts.say(self._catalogue, dcat__service=link(node))


def _keywords() -> list[str]:
    return [terms.text(word) for word in ("clinical trials", "linked data", "ontologies")]


def _told(part: str, source: Source | None) -> tuple[str, str]:
    """A part's title, and what it holds."""
    if not part.startswith("ontology-"):
        return f"Layer {part}", _PARTS[part]
    title = source.title if source else part.removeprefix("ontology-")
    cited = f" {source.citation}" if source else ""
    return f"Concepts of {title}", f"Names and hierarchy of concepts, from {title}.{cited}"
