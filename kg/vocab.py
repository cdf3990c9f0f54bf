"""Every namespace and code list we write: the only Python file with an ontology IRI in it.

What each term means stands in `ontologies/trialgraph.ttl`; a test holds the two equal.
"""

import re

__all__ = [
    "ALIASES",
    "CODES",
    "GRAPHS",
    "ID",
    "PREFIXES",
    "REGISTRY_PATTERNS",
    "STUDY_TYPES",
    "expand",
    "find_code",
]

#: Our own IRIs: resolved by w3id.org's redirect rules.
ID = "https://w3id.org/trialgraph/"

#: Prefix -> namespace, as written in Turtle, queries and CURIEs. Concepts keep their publishers' IRIs.
PREFIXES: dict[str, str] = {
    "tg": f"{ID}vocab#",
    "class": f"{ID}class/",
    "graph": f"{ID}graph/",
    "org": f"{ID}org/",
    "status": f"{ID}status/",
    "phase": f"{ID}phase/",
    "study": "https://clinicaltrials.gov/study/",
    "mesh": "http://id.nlm.nih.gov/mesh/",
    "meshv": "http://id.nlm.nih.gov/mesh/vocab#",
    "obo": "http://purl.obolibrary.org/obo/",
    "oboInOwl": "http://www.geneontology.org/formats/oboInOwl#",
    "ncit": "http://purl.obolibrary.org/obo/NCIT_",
    "MONDO": "http://purl.obolibrary.org/obo/MONDO_",
    "DOID": "http://purl.obolibrary.org/obo/DOID_",
    "CHEBI": "http://purl.obolibrary.org/obo/CHEBI_",
    "NCIT": "http://purl.obolibrary.org/obo/NCIT_",
    "RXNORM": "http://purl.bioontology.org/ontology/RXNORM/",
    "ATC": "http://purl.bioontology.org/ontology/ATC/",
    "UNII": "https://identifiers.org/unii:",
    "DrugBank": "https://identifiers.org/drugbank:",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "pav": "http://purl.org/pav/",
    "prov": "http://www.w3.org/ns/prov#",
    "void": "http://rdfs.org/ns/void#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "sssom": "https://w3id.org/sssom/",
    "semapv": "https://w3id.org/semapv/vocab/",
}

#: Layer -> the graph that holds it. Each ontology has one more, `graph:ontology/<name>`.
GRAPHS: dict[str, str] = {
    layer: f"{ID}graph/{layer}" for layer in ("registry", "derived", "links", "inferred", "metadata")
}

#: Study type -> further types of the study node. Withheld records (type N/A) get none beside tg:Study.
STUDY_TYPES: dict[str, tuple[str, ...]] = {
    "INTERVENTIONAL": ("obo:OBI_0003699", "schema:MedicalTrial"),
    "OBSERVATIONAL": ("obo:OBI_0003698", "schema:MedicalObservationalStudy"),
    "EXPANDED_ACCESS": ("obo:NCIT_C98722",),
}

#: Scheme -> code -> label. The codes are the enum values of the registry's API v2
#: (https://clinicaltrials.gov/data-api/api), the labels what its pages and XML print.
CODES: dict[str, dict[str, str]] = {
    "status": {
        "ACTIVE_NOT_RECRUITING": "Active, not recruiting",
        "COMPLETED": "Completed",
        "ENROLLING_BY_INVITATION": "Enrolling by invitation",
        "NOT_YET_RECRUITING": "Not yet recruiting",
        "RECRUITING": "Recruiting",
        "SUSPENDED": "Suspended",
        "TERMINATED": "Terminated",
        "WITHDRAWN": "Withdrawn",
        "AVAILABLE": "Available",
        "NO_LONGER_AVAILABLE": "No longer available",
        "TEMPORARILY_NOT_AVAILABLE": "Temporarily not available",
        "APPROVED_FOR_MARKETING": "Approved for marketing",
        "WITHHELD": "Withheld",
        "UNKNOWN": "Unknown status",
    },
    "studyType": {
        "INTERVENTIONAL": "Interventional",
        "OBSERVATIONAL": "Observational",
        "EXPANDED_ACCESS": "Expanded access",
    },
    "phase": {
        "NA": "Not applicable",
        "EARLY_PHASE1": "Early phase 1",
        "PHASE1": "Phase 1",
        "PHASE1_PHASE2": "Phase 1/Phase 2",
        "PHASE2": "Phase 2",
        "PHASE2_PHASE3": "Phase 2/Phase 3",
        "PHASE3": "Phase 3",
        "PHASE4": "Phase 4",
    },
    "allocation": {"RANDOMIZED": "Randomized", "NON_RANDOMIZED": "Non-randomized", "NA": "Not applicable"},
    "interventionModel": {
        "SINGLE_GROUP": "Single group assignment",
        "PARALLEL": "Parallel assignment",
        "CROSSOVER": "Crossover assignment",
        "FACTORIAL": "Factorial assignment",
        "SEQUENTIAL": "Sequential assignment",
    },
    "purpose": {
        "TREATMENT": "Treatment",
        "PREVENTION": "Prevention",
        "DIAGNOSTIC": "Diagnostic",
        "ECT": "Educational/counseling/training",
        "SUPPORTIVE_CARE": "Supportive care",
        "SCREENING": "Screening",
        "HEALTH_SERVICES_RESEARCH": "Health services research",
        "BASIC_SCIENCE": "Basic science",
        "DEVICE_FEASIBILITY": "Device feasibility",
        "OTHER": "Other",
    },
    "observationalModel": {
        "COHORT": "Cohort",
        "CASE_CONTROL": "Case-control",
        "CASE_ONLY": "Case-only",
        "CASE_CROSSOVER": "Case-crossover",
        "ECOLOGIC_OR_COMMUNITY": "Ecologic or community",
        "FAMILY_BASED": "Family-based",
        "DEFINED_POPULATION": "Defined population",
        "NATURAL_HISTORY": "Natural history",
        "OTHER": "Other",
    },
    "timePerspective": {
        "RETROSPECTIVE": "Retrospective",
        "PROSPECTIVE": "Prospective",
        "CROSS_SECTIONAL": "Cross-sectional",
        "OTHER": "Other",
    },
    "masking": {
        "NONE": "None (open label)",
        "SINGLE": "Single",
        "DOUBLE": "Double",
        "TRIPLE": "Triple",
        "QUADRUPLE": "Quadruple",
    },
    "whoMasked": {
        "PARTICIPANT": "Participant",
        "CARE_PROVIDER": "Care provider",
        "INVESTIGATOR": "Investigator",
        "OUTCOMES_ASSESSOR": "Outcomes assessor",
    },
    "armType": {
        "EXPERIMENTAL": "Experimental",
        "ACTIVE_COMPARATOR": "Active comparator",
        "PLACEBO_COMPARATOR": "Placebo comparator",
        "SHAM_COMPARATOR": "Sham comparator",
        "NO_INTERVENTION": "No intervention",
        "OTHER": "Other",
    },
    "interventionType": {
        "BEHAVIORAL": "Behavioral",
        "BIOLOGICAL": "Biological",
        "COMBINATION_PRODUCT": "Combination product",
        "DEVICE": "Device",
        "DIAGNOSTIC_TEST": "Diagnostic test",
        "DIETARY_SUPPLEMENT": "Dietary supplement",
        "DRUG": "Drug",
        "GENETIC": "Genetic",
        "PROCEDURE": "Procedure",
        "RADIATION": "Radiation",
        "OTHER": "Other",
    },
    "role": {
        "EXPERIMENTAL": "Experimental",
        "COMPARATOR": "Comparator",
        "BACKGROUND": "Background",
        "PLACEBO": "Placebo",
        "UNKNOWN": "Unknown (no arms registered)",
    },
    "sex": {"FEMALE": "Female", "MALE": "Male", "ALL": "All"},
    "standardAge": {"CHILD": "Child", "ADULT": "Adult", "OLDER_ADULT": "Older adult"},
    "officialRole": {
        "STUDY_CHAIR": "Study chair",
        "STUDY_DIRECTOR": "Study director",
        "PRINCIPAL_INVESTIGATOR": "Principal investigator",
        "SUB_INVESTIGATOR": "Sub-investigator",
        "CONTACT": "Contact",
    },
    "dateType": {"ACTUAL": "Actual", "ESTIMATED": "Estimated"},
    "organizationClass": {
        "NIH": "NIH",
        "FED": "U.S. federal agency",
        "OTHER_GOV": "Other government",
        "INDIV": "Individual",
        "INDUSTRY": "Industry",
        "NETWORK": "Network",
        "AMBIG": "Ambiguous",
        "OTHER": "Other",
        "UNKNOWN": "Unknown",
    },
    "sourceFormat": {"API_V2": "API v2 JSON", "XML": "Study XML", "PAGE": "Study page"},
    "identifierType": {
        "NIH": "U.S. NIH grant or contract",
        "FDA": "U.S. FDA grant or contract",
        "VA": "U.S. VA grant or contract",
        "CDC": "U.S. CDC grant or contract",
        "AHRQ": "U.S. AHRQ grant or contract",
        "SAMHSA": "U.S. SAMHSA grant or contract",
        "OTHER_GRANT": "Other grant or funding number",
        "EUDRACT_NUMBER": "EudraCT number",
        "CTIS": "EU CT number",
        "REGISTRY": "Registry identifier",
        "OTHER": "Other identifier",
    },
    "registry": {
        "ANZCTR": "Australian New Zealand Clinical Trials Registry",
        "CHICTR": "Chinese Clinical Trial Registry",
        "CLINICALTRIALS": "ClinicalTrials.gov",
        "CTIS": "EU Clinical Trials Information System",
        "CTRI": "Clinical Trials Registry - India",
        "DRKS": "German Clinical Trials Register",
        "EUCLINICALTRIALS": "EU Clinical Trials Register (EudraCT)",
        "IRCT": "Iranian Registry of Clinical Trials",
        "ISRCTN": "ISRCTN registry",
        "ITMCTR": "International Traditional Medicine Clinical Trial Registry",
        "JRCT": "Japan Registry of Clinical Trials",
        "LBCTR": "Lebanon Clinical Trials Registry",
        "PACTR": "Pan African Clinical Trials Registry",
        "REBEC": "Brazilian Registry of Clinical Trials",
        "REPEC": "Peruvian Clinical Trial Registry",
        "RPCEC": "Cuban Public Registry of Clinical Trials",
        "SLCTR": "Sri Lanka Clinical Trials Registry",
        "SNCTP": "Swiss National Clinical Trials Portal",
        "TCTR": "Thai Clinical Trials Registry",
        "UMINCTR": "UMIN Clinical Trials Registry",
        "UTN": "WHO Universal Trial Number",
    },
    "responsiblePartyType": {
        "SPONSOR": "Sponsor",
        "PRINCIPAL_INVESTIGATOR": "Principal investigator",
        "SPONSOR_INVESTIGATOR": "Sponsor-investigator",
    },
    "samplingMethod": {
        "PROBABILITY_SAMPLE": "Probability sample",
        "NON_PROBABILITY_SAMPLE": "Non-probability sample",
    },
    "referenceType": {"BACKGROUND": "Background", "RESULT": "Result", "DERIVED": "Derived"},
    "ipdSharing": {"YES": "Yes", "NO": "No", "UNDECIDED": "Undecided"},
    "ipdInfoType": {
        "STUDY_PROTOCOL": "Study protocol",
        "SAP": "Statistical analysis plan (SAP)",
        "ICF": "Informed consent form (ICF)",
        "CSR": "Clinical study report (CSR)",
        "ANALYTIC_CODE": "Analytic code",
    },
    "biospecimenRetention": {
        "NONE_RETAINED": "None retained",
        "SAMPLES_WITH_DNA": "Samples with DNA",
        "SAMPLES_WITHOUT_DNA": "Samples without DNA",
    },
    "relevance": {"LOW": "Low", "HIGH": "High"},
    "derivedFor": {"CONDITION": "Condition", "INTERVENTION": "Intervention"},
}

#: Scheme -> how XML and pages of other years spell a code beside its label. Only where the meaning is sure.
ALIASES: dict[str, dict[str, str]] = {
    "status": {"temporarily not available": "TEMPORARILY_NOT_AVAILABLE", "unknown": "UNKNOWN"},
    "studyType": {
        "expanded access interventional": "EXPANDED_ACCESS",
        "observational patient registry": "OBSERVATIONAL",
    },
    "phase": {"phase 0": "EARLY_PHASE1", "n a": "NA", "phase 1 phase 2": "PHASE1_PHASE2"},
    "allocation": {"random sample": "RANDOMIZED", "n a": "NA", "randomized controlled trial": "RANDOMIZED"},
    "interventionModel": {
        "single group": "SINGLE_GROUP",
        "parallel": "PARALLEL",
        "crossover": "CROSSOVER",
        "factorial": "FACTORIAL",
        "sequential": "SEQUENTIAL",
    },
    "purpose": {"educational counseling training": "ECT"},
    "masking": {
        "none": "NONE",
        "open label": "NONE",
        "no masking": "NONE",
        "single blind": "SINGLE",
        "double blind": "DOUBLE",
        "triple blind": "TRIPLE",
        "quadruple blind": "QUADRUPLE",
    },
    "whoMasked": {"subject": "PARTICIPANT", "caregiver": "CARE_PROVIDER", "outcome assessor": "OUTCOMES_ASSESSOR"},
    "armType": {"active comparator arm": "ACTIVE_COMPARATOR"},
    "sex": {"both": "ALL"},
    "standardAge": {"senior": "OLDER_ADULT"},
    "dateType": {"estimate": "ESTIMATED", "anticipated": "ESTIMATED"},
    "ipdInfoType": {
        "statistical analysis plan": "SAP",
        "informed consent form": "ICF",
        "clinical study report": "CSR",
    },
    "organizationClass": {"u s fed": "FED", "other u s federal agency": "FED"},
}

#: Registry -> the form of its identifiers, as bioregistry gives them (https://bioregistry.io; prefixes in lower case).
#: Registries whose identifiers are bare numbers cannot be told by form and are left out.
REGISTRY_PATTERNS: dict[str, str] = {
    "ANZCTR": r"ACTRN\d{14}p?",
    "CHICTR": r"ChiCTR[\w-]*\d+",
    "CLINICALTRIALS": r"NCT\d{8}",
    "CTIS": r"\d{4}-5\d{5}-\d{2}-\d{2}",
    "CTRI": r"CTRI/\d{4}/\d{2,3}/\d+",
    "DRKS": r"DRKS\d{8}",
    "EUCLINICALTRIALS": r"\d{4}-\d{6}-\d{2}",
    "IRCT": r"IRCT\d+N?\d*",
    "ISRCTN": r"ISRCTN\d{8}",
    "ITMCTR": r"ITMCTR\d+",
    "JRCT": r"jRCTs?\d+",
    "LBCTR": r"LBCTR\d+",
    "PACTR": r"PACTR\d+",
    "REBEC": r"RBR-\w+",
    "REPEC": r"PER-\d+-\d+",
    "RPCEC": r"RPCEC\d+",
    "SLCTR": r"SLCTR/\d{4}/\d+",
    "SNCTP": r"SNCTP\d+",
    "TCTR": r"TCTR\d+",
    "UMINCTR": r"UMIN\d{9}",
    "UTN": r"U1111-\d{4}-\d{4}",
}

_NOT_WORD = re.compile(r"[^a-z0-9]+")


def _key(text: str) -> str:
    return _NOT_WORD.sub(" ", text.lower()).strip()


_LOOKUP: dict[str, dict[str, str]] = {
    scheme: {_key(code): code for code in codes}
    | {_key(label): code for code, label in codes.items()}
    | ALIASES.get(scheme, {})
    for scheme, codes in CODES.items()
}


def find_code(scheme: str, text: str) -> str | None:
    """The code that `text` spells in `scheme`, whether as enum value, label or old spelling; None if none does.

    >>> find_code("status", "Active, not recruiting")
    'ACTIVE_NOT_RECRUITING'
    """
    codes = CODES[scheme]
    return text if text in codes else _LOOKUP[scheme].get(_key(text))


def expand(curie: str) -> str:
    """The IRI that a CURIE of our prefixes stands for.

    >>> expand("mesh:D006528")
    'http://id.nlm.nih.gov/mesh/D006528'

    Raises:
        KeyError: if the prefix is not one of `PREFIXES`.
    """
    prefix, _, local = curie.partition(":")
    return PREFIXES[prefix] + local
