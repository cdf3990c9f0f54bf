"""PROV's account of a build (https://www.w3.org/TR/prov-o/): what went in, by name and hash, and what made the graph.

Of files only names are told: where they lay on somebody's machine is nobody's business.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import PurePath

from kg import terms
from kg.ontologies import Source
from kg.publishing.facts import Facts, checksum, link
from kg.publishing.manifest import BuiltWith
from kg.publishing.release import Release

__all__ = ["state_build"]

_REGISTRY = "https://clinicaltrials.gov/"
#: More files than this are told as one collection.
_MANY = 100


def state_build(facts: Facts, release: Release, sources: Mapping[str, Source]) -> None:
    """States the build as an activity: what it used, and which software it was."""
    version, build, software = release.node(), release.node("build"), release.node("software")
    facts.classify(build, "prov:Activity")
    facts.say(build, rdfs__label=terms.text("The build of the graph"), prov__wasAssociatedWith=link(software))
    registry = release.node("source/registry")
    facts.say(version, prov__wasGeneratedBy=link(build), dct__source=link(registry))
    _state_source(facts, registry, "ClinicalTrials.gov", "The registry whose records these are.", _REGISTRY)
    versions = release.manifest.versions
    facts.classify(software, "prov:SoftwareAgent")
    facts.say(
        software,
        rdfs__label=terms.plain("trialgraph"),
        schema__softwareVersion=terms.plain(versions.get("trialgraph", "")),
        schema__softwareRequirements=[
            terms.plain(f"{name} {number}") for name, number in versions.items() if name != "trialgraph"
        ],
    )
    _state_inputs(facts, release)
    for ontology in release.manifest.ontologies:
        _state_ontology(facts, release, ontology, sources.get(ontology.name))


def _state_inputs(facts: Facts, release: Release) -> None:
    """The files of records, each by itself; of many only how many, and the hash of their hashes."""
    inputs = _inputs(release.manifest.inputs)
    if len(inputs) > _MANY:
        digest = sha256("".join(f"{digest}  {name}\n" for name, digest in inputs).encode()).hexdigest()
        node = release.node("inputs")
        _state_used(facts, release, node, f"{len(inputs):,} files of records", digest)
        facts.classify(node, "prov:Collection")
        return
    for number, (name, digest) in enumerate(inputs, start=1):
        node = release.node(f"input/{number}")
        _state_used(facts, release, node, name, digest)
        if name.startswith(("https://", "http://")):
            facts.say(node, prov__atLocation=link(name))


def _inputs(inputs: Mapping[str, str]) -> list[tuple[str, str]]:
    """(name, SHA-256) of each, in an order that does not depend on where they lay."""
    return sorted((name if "://" in name else PurePath(name).name, digest) for name, digest in inputs.items())


def _state_used(facts: Facts, release: Release, node: str, title: str, digest: str) -> None:
    facts.classify(node, "prov:Entity")
    facts.say(node, rdfs__label=terms.plain(title))
    facts.say(release.node("build"), prov__used=link(node))
    facts.say(release.node(), prov__wasDerivedFrom=link(node))
    if digest:
        checksum(facts, node, digest)


def _state_ontology(facts: Facts, release: Release, ontology: BuiltWith, source: Source | None) -> None:
    node = release.node(f"source/{ontology.name}")
    _state_used(facts, release, node, source.title if source else ontology.name, ontology.sha256)
    facts.say(
        node,
        pav__version=terms.plain(ontology.version) if ontology.version else "",
        dct__license=link(source.licence_url) if source else "",
    )
    facts.say(release.node(), dct__source=link(node))
    title = source.title if source else ontology.name
    told = f"{title}, version {ontology.version or 'unknown'}. {source.citation if source else ''}".rstrip()
    _state_source(facts, node, title, told, source.homepage if source else "")
    if source:
        facts.classify(source.licence_url, "dct:LicenseDocument")


def _state_source(facts: Facts, node: str, title: str, description: str, page: str) -> None:
    """A dataset of somebody else's, as DCAT-AP wants sources to be."""
    facts.classify(node, "dcat:Dataset")
    facts.say(
        node,
        dct__title=terms.text(title),
        dct__description=terms.text(description),
        dcat__landingPage=link(page) if page else "",
    )
    if page:
        facts.classify(page, "foaf:Document")
