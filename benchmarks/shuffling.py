"""Real records taken to pieces and put together anew: what a corpus of any size is made of.

A made record is one real record whose conditions, interventions, sites, sponsors and dates are each those of another
real record of the same kind. Whatever goes together stays together (conditions and the registry's MeSH terms of them,
arms and interventions), so that lengths, spellings and odd values have the distribution that real ones have.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
from lxml import etree

__all__ = ["FORMATS", "Sample", "number_of", "read_sample"]

#: The facts that are dealt anew -> where they stand in the source format.
_JSON_FACTS = {
    "conditions": ("protocolSection/conditionsModule", "derivedSection/conditionBrowseModule"),
    "interventions": ("protocolSection/armsInterventionsModule", "derivedSection/interventionBrowseModule"),
    "sites": ("protocolSection/contactsLocationsModule",),
    "sponsors": ("protocolSection/sponsorCollaboratorsModule",),
    "dates": ("protocolSection/statusModule",),
}
_XML_FACTS = {
    "conditions": "condition keyword condition_browse",
    "interventions": "number_of_arms number_of_groups arm_group intervention intervention_browse",
    "sites": "overall_official overall_contact overall_contact_backup location location_countries removed_countries",
    "sponsors": "sponsors source",
    "dates": "overall_status last_known_status why_stopped start_date completion_date primary_completion_date"
    " verification_date study_first_submitted study_first_submitted_qc study_first_posted results_first_submitted"
    " results_first_submitted_qc results_first_posted disposition_first_submitted disposition_first_submitted_qc"
    " disposition_first_posted last_update_submitted last_update_submitted_qc last_update_posted",
}
#: The order of elements in the registry's public.xsd.
_XML_ORDER = (
    "required_header id_info brief_title acronym official_title sponsors source oversight_info brief_summary"
    " detailed_description overall_status last_known_status why_stopped start_date completion_date"
    " primary_completion_date phase study_type has_expanded_access expanded_access_info study_design_info"
    " target_duration primary_outcome secondary_outcome other_outcome number_of_arms number_of_groups enrollment"
    " condition arm_group intervention biospec_retention biospec_descr eligibility overall_official overall_contact"
    " overall_contact_backup location location_countries removed_countries link reference results_reference"
    " verification_date study_first_submitted study_first_submitted_qc study_first_posted results_first_submitted"
    " results_first_submitted_qc results_first_posted disposition_first_submitted disposition_first_submitted_qc"
    " disposition_first_posted last_update_submitted last_update_submitted_qc last_update_posted responsible_party"
    " keyword condition_browse intervention_browse patient_data study_docs provided_document_section pending_results"
    " clinical_results"
).split()
_NUMBER = re.compile(rb"NCT\d{8}")
_DIGIT = re.compile(r"\d")

#: Where a piece stands -> its bytes, in the order of the record.
Pieces = dict[str, bytes]


class Piecemeal(NamedTuple):
    """A real record in pieces."""

    number: bytes
    kind: str
    pieces: Pieces


_Take = Callable[[bytes], Piecemeal | None]
_Write = Callable[[Pieces, bytes, Random], bytes]


class Sample:
    """The real records of one format, ready to be put together anew."""

    def __init__(self, records: list[Piecemeal], facts: Mapping[str, Iterable[str]]) -> None:
        self._records = records
        self._facts = {fact: tuple(places) for fact, places in facts.items()}
        self._by_kind: dict[str, list[Piecemeal]] = {}
        for record in records:
            self._by_kind.setdefault(record.kind, []).append(record)

    def __len__(self) -> int:
        return len(self._records)

    def deal(self, random: Random, number: bytes) -> Pieces:
        """The pieces of a new record: those of a real one, five facts of five others, all under `number`."""
        base = random.choice(self._records)
        pieces = dict(base.pieces)
        for places in self._facts.values():
            giver = random.choice(self._by_kind[base.kind])
            for place in places:
                pieces.pop(place, None)
                if place in giver.pieces:
                    pieces[place] = giver.pieces[place].replace(giver.number, number)
        return {place: piece.replace(base.number, number) for place, piece in pieces.items()}


def number_of(index: int) -> bytes:
    """The number of a corpus's record. None in use begins with a 9."""
    return b"NCT%d" % (90_000_000 + index)


def _new_digits(text: str, random: Random) -> str:
    """An identifier of the same form that no other record shares, but by chance."""
    return _DIGIT.sub(lambda _: str(random.randrange(10)), text)


# API v2


def _take_json(data: bytes) -> Piecemeal | None:
    """A piece is one module, as its bytes stand; so is what is no section."""
    record = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    pieces: Pieces = {}
    for section, content in record.items():
        if section.endswith("Section"):
            for module, held in msgspec.json.decode(content, type=dict[str, msgspec.Raw]).items():
                pieces[f"{section}/{module}"] = bytes(held)
        elif section == "hasResults":
            pieces[section] = bytes(content)
    found = _NUMBER.search(pieces.get("protocolSection/identificationModule", b""))
    design = msgspec.json.decode(pieces.get("protocolSection/designModule", b"{}"))
    return Piecemeal(found[0], f"{design.get('studyType')} {'resultsSection' in record}", pieces) if found else None


def _write_json(pieces: Pieces, number: bytes, random: Random) -> bytes:
    sections: dict[str, dict[str, msgspec.Raw]] = {}
    alone: dict[str, msgspec.Raw] = {}
    for place, piece in pieces.items():
        section, _, module = place.partition("/")
        if module:
            sections.setdefault(section, {})[module] = msgspec.Raw(piece)
        else:
            alone[place] = msgspec.Raw(piece)
    identity = sections["protocolSection"]["identificationModule"]
    sections["protocolSection"]["identificationModule"] = msgspec.Raw(_identify_json(bytes(identity), number, random))
    return msgspec.json.encode(sections | alone)


def _identify_json(module: bytes, number: bytes, random: Random) -> bytes:
    identity = msgspec.json.decode(module)
    for info in (identity.get("orgStudyIdInfo", {}), *identity.get("secondaryIdInfos", ())):
        info.pop("link", None)
        if "id" in info:
            info["id"] = _new_digits(info["id"], random)
    if "nctIdAliases" in identity:
        identity["nctIdAliases"] = [_former(number)]
    return msgspec.json.encode(identity)


def _former(number: bytes) -> str:
    """The former number of those records that have one."""
    return "NCT8" + number[4:].decode()


# XML


def _take_xml(data: bytes) -> Piecemeal | None:
    """A piece is all elements of one name, serialised."""
    root = etree.fromstring(data)
    pieces: Pieces = {}
    for child in root.iterchildren(tag=etree.Element):
        pieces[child.tag] = pieces.get(child.tag, b"  ") + etree.tostring(child, encoding="utf-8")
    number, kind = root.findtext("id_info/nct_id"), root.findtext("study_type") or ""
    if number is None:
        return None
    # "Observational [Patient Registry]" is a kind of observational.
    return Piecemeal(number.encode(), f"{kind.partition(' ')[0]} {'clinical_results' in pieces}", pieces)


def _write_xml(pieces: Pieces, number: bytes, random: Random) -> bytes:
    pieces["id_info"] = _XML_IDENTIFIER.sub(
        lambda match: match[1] + _new_digits(match[2].decode(), random).encode(), pieces["id_info"]
    )
    pieces["id_info"] = _XML_ALIAS.sub(f"<nct_alias>{_former(number)}</nct_alias>".encode(), pieces["id_info"])
    known = [pieces.pop(tag) for tag in _XML_ORDER if tag in pieces]
    body = b"".join([*known, *pieces.values()])
    return b'<?xml version="1.0" encoding="UTF-8"?>\n<clinical_study>\n' + body + b"</clinical_study>\n"


_XML_IDENTIFIER = re.compile(rb"(<(?:org_study_id|secondary_id)>)([^<]*)")
_XML_ALIAS = re.compile(rb"<nct_alias>.*</nct_alias>", re.DOTALL)

#: Format -> how a record is taken to pieces, how one is written, and which facts are dealt.
FORMATS: dict[str, tuple[_Take, _Write, Mapping[str, Sequence[str]]]] = {
    "api-v2": (_take_json, _write_json, _JSON_FACTS),
    "xml": (_take_xml, _write_xml, {fact: tags.split() for fact, tags in _XML_FACTS.items()}),
}


def read_sample(source: Path, form: str) -> Sample:
    """All records of one format in a zip or folder."""
    take, _, facts = FORMATS[form]
    records = [record for record in map(take, _members(source)) if record is not None]
    return Sample(records, facts)


def _members(source: Path) -> Iterator[bytes]:
    if source.is_dir():
        yield from (path.read_bytes() for path in sorted(source.rglob("NCT*.*")))
        return
    with zipfile.ZipFile(source) as archive:
        yield from (archive.read(name) for name in sorted(archive.namelist()) if not name.endswith("/"))
