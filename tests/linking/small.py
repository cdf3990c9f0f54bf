"""A small made-up lexicon over four ontologies, and a linker on it, for the tests of linking."""

from collections.abc import Mapping
from typing import Any

from kg import model
from kg.concept import Concept, Mention, MentionKind
from kg.lexicon import Lexicon
from kg.linking import Abstention, Linker

MESH, OBO = "http://id.nlm.nih.gov/mesh/", "http://purl.obolibrary.org/obo/"
LIVER, HCC, DRUG, ROLE = f"{MESH}D008113", f"{MESH}D006528", f"{MESH}C401859", f"{MESH}D000091203"
EVEROLIMUS, PLACEBO = f"{MESH}D000068338", f"{MESH}D010919"
CHEBI, MONDO, MONDO_LIVER = f"{OBO}CHEBI_79699", f"{OBO}MONDO_0007256", f"{OBO}MONDO_0002691"
NEOPLASMS = f"{MESH}D009369"
ASPIRIN, CLAVULANIC, AMODIAQUINE, ARTESUNATE = (f"{MESH}D9000{n}" for n in (10, 11, 12, 13))
VACCINE, GP120, ANTIRETROVIRAL, SEDATION, FASTING = (f"{MESH}D9000{n}" for n in (14, 15, 16, 17, 18))
BACK_PAIN, MYOTONIC, RAYNAUD, PANCREATITIS, ROTAVIRUS = (f"{MESH}D9000{n}" for n in (20, 21, 22, 23, 24))
CARCINOMA, KIDNEY, LARYNX, ANEMIA, QUESTIONNAIRES = (f"{MESH}D9000{n}" for n in (25, 26, 27, 28, 29))
COMBINATION, DOID_VARIANT, CHEBI_ASPIRIN = f"{MESH}C900030", f"{OBO}DOID_0000002", f"{OBO}CHEBI_90001"

CONCEPTS = [
    Concept(iri=NEOPLASMS, label="Neoplasms", source="mesh", exact=("Cancer",), branches=("C04",)),
    Concept(
        iri=LIVER,
        label="Liver Neoplasms",
        source="mesh",
        exact=("Liver Cancer", "Cancer of Liver"),
        ancestors=(NEOPLASMS,),
        branches=("C04",),
    ),
    Concept(
        iri=HCC,
        label="Carcinoma, Hepatocellular",
        source="mesh",
        exact=("Hepatocellular Carcinoma", "Hepatoma"),
        ancestors=(LIVER, NEOPLASMS),
        branches=("C04",),
    ),
    Concept(iri=DRUG, label="temsirolimus", source="mesh", actions=(ROLE,)),
    Concept(
        iri=EVEROLIMUS,
        label="Everolimus",
        source="mesh",
        exact=("RAD001", "Afinitor"),
        branches=("D02",),
        ancestors=(f"{MESH}D900001", f"{MESH}D900002"),
    ),
    Concept(iri=ROLE, label="MTOR Inhibitors", source="mesh", branches=("D27",)),
    Concept(iri=PLACEBO, label="Placebos", source="mesh", exact=("Placebo",), branches=("D26",)),
    Concept(iri=f"{MESH}D002685", label="Chiroptera", source="mesh", exact=("Bats",), branches=("B01",)),
    Concept(iri=f"{MESH}D000001", label="Twin Syndrome", source="mesh", branches=("C16",)),
    Concept(iri=f"{MESH}D000002", label="Twin Syndrome", source="mesh", branches=("C17",)),
    Concept(iri=CHEBI, label="temsirolimus", source="chebi", related=("Torisel", "CCI-779"), xrefs=("mesh:C401859",)),
    Concept(iri=f"{OBO}CHEBI_15377", label="water", source="chebi"),
    Concept(
        iri=MONDO,
        label="hepatocellular carcinoma",
        source="mondo",
        related=("liver cancer", "HCC", "liver carcinoma"),
        xrefs=("mesh:D006528",),
    ),
    Concept(iri=MONDO_LIVER, label="liver cancer", source="mondo", xrefs=("mesh:D008113",)),
    Concept(iri=f"{OBO}DOID_0000001", label="Twin Syndrome", source="doid"),
]


def _heading(iri: str, label: str, branch: str, *exact: str, **facts: Any) -> Concept:
    """A descriptor of MeSH, two levels down in its branch."""
    above = (f"{MESH}{branch}1", f"{MESH}{branch}2")
    return Concept(iri=iri, label=label, source="mesh", branches=(branch,), exact=exact, ancestors=above, **facts)


CONCEPTS += [
    _heading(ASPIRIN, "Aspirin", "D02", "Acetylsalicylic Acid", brands=("Aspro",)),
    _heading(CLAVULANIC, "Clavulanic Acid", "D02"),
    _heading(AMODIAQUINE, "Amodiaquine", "D03"),
    _heading(ARTESUNATE, "Artesunate", "D02"),
    _heading(VACCINE, "Rabies Vaccines", "D20"),
    _heading(GP120, "HIV Envelope Protein gp120", "D12"),
    _heading(ANTIRETROVIRAL, "Anti-Retroviral Agents", "D27", "Antiretroviral Agents"),
    _heading(SEDATION, "Conscious Sedation", "E03"),
    _heading(FASTING, "Intermittent Fasting", "E02"),
    _heading(BACK_PAIN, "Back Pain", "C23"),
    _heading(MYOTONIC, "Myotonic Dystrophy", "C10"),
    _heading(RAYNAUD, "Raynaud Disease", "C14"),
    _heading(PANCREATITIS, "Pancreatitis", "C06"),
    _heading(f"{MESH}D900031", "Rotavirus", "B04"),
    _heading(ROTAVIRUS, "Rotavirus Infections", "C01"),
    _heading(CARCINOMA, "Carcinoma", "C04"),
    _heading(KIDNEY, "Kidney Neoplasms", "C04", "Kidney Cancer"),
    _heading(LARYNX, "Laryngeal Neoplasms", "C04", "Larynx Neoplasms"),
    _heading(ANEMIA, "Anemia", "C15"),
    _heading(QUESTIONNAIRES, "Surveys and Questionnaires", "E05", "Questionnaires"),
    Concept(iri=COMBINATION, label="amodiaquine, artesunate drug combination", source="mesh"),
    Concept(iri=CHEBI_ASPIRIN, label="acetylsalicylic acid", source="chebi", related=("AX-4711",)),
    Concept(iri=DOID_VARIANT, label="fibrous liver lump", source="doid", broader=(MONDO_LIVER,), related=("LUMPS",)),
]
LINKER = Linker(Lexicon(CONCEPTS))


def link(kind: MentionKind, text: str, **facts: Any) -> dict[str, tuple[str, str]]:
    """Concept -> (relation, tier) of what a string links to; empty where it abstains."""
    found = LINKER.link(Mention(kind=kind, text=text, part=f"{kind}-1", **facts))
    return {} if isinstance(found, Abstention) else {x.concept: (x.relation, x.tier) for x in found}


def reason(kind: MentionKind, text: str, **facts: Any) -> str:
    """Why a string gets no link; empty where it does."""
    found = LINKER.link(Mention(kind=kind, text=text, part=f"{kind}-1", **facts))
    return found.reason if isinstance(found, Abstention) else ""


def trial(**facts: Any) -> model.Trial:
    """A trial of which nothing is known but these facts."""
    return model.Trial(nct_id="NCT00000000", record=model.Record(), **facts)


def interventions(names: Mapping[str, tuple[str, ...]]) -> tuple[model.Intervention, ...]:
    """Interventions by name, each with the labels of its arms."""
    return tuple(model.Intervention(label=name, arms=arms) for name, arms in names.items())
