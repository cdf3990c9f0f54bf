"""Small releases in the publishers' formats."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

#: Language, vocabulary, term type and name of a row of names, by identifier.
NAMES = [
    ("1", "ENG", "RXNORM", "IN", "everolimus"),
    ("1", "ENG", "MTHSPL", "SU", "EVEROLIMUS"),
    ("1", "ENG", "RXNORM", "TMSY", "EVEROlimus"),
    ("1", "SPA", "RXNORM", "SY", "everolimús"),
    ("2", "ENG", "RXNORM", "BN", "Afinitor"),
    ("2", "ENG", "GS", "BN", "Afinitor Disperz"),
    ("3", "ENG", "RXNORM", "IN", "metformin"),
    ("4", "ENG", "RXNORM", "PIN", "metformin hydrochloride"),
    ("5", "ENG", "RXNORM", "BN", "Riomet"),
    ("6", "ENG", "RXNORM", "IN", "sitagliptin"),
    ("7", "ENG", "RXNORM", "MIN", "metformin / sitagliptin"),
    ("8", "ENG", "RXNORM", "BN", "Janumet"),
    ("9", "ENG", "RXNORM", "BN", "Fortamet"),
    ("10", "ENG", "RXNORM", "BN", "Nobody's"),
    ("11", "ENG", "RXNORM", "SCD", "metformin 500 MG Oral Tablet"),
    ("12", "ENG", "RXNORM", "IN", ""),
]
RELATIONS = [
    *[("1", "tradename_of", "2"), ("5", "has_tradename", "3"), ("4", "tradename_of", "5")],
    *[("3", "tradename_of", "8"), ("6", "tradename_of", "8"), ("7", "tradename_of", "8")],
    *[("3", "tradename_of", "9"), ("7", "tradename_of", "9"), ("4", "has_form", "3"), ("3", "ingredient_of", "11")],
]


def conso(*rows: tuple[str, str, str, str, str]) -> str:
    """A table of names with the columns of RXNCONSO.RRF."""
    return "".join(
        f"{cui}|{language}||||||a{n}|||{cui}|{sab}|{tty}|{cui}|{name}||N|4096|\n"
        for n, (cui, language, sab, tty, name) in enumerate(rows)
    )


def rel(*rows: tuple[str, str, str]) -> str:
    """A table of relations with the columns of RXNREL.RRF."""
    return "".join(f"{a}||CUI|RN|{b}||CUI|{kind}|{n}||RXNORM|RXNORM|||N|4096|\n" for n, (a, kind, b) in enumerate(rows))


def rxnorm(folder: Path, names: str | None = None, relations: str | None = None) -> Path:
    """A folder with RxNorm's two tables, as a release has them."""
    (folder / "rrf").mkdir(parents=True)
    (folder / "rrf" / "RXNCONSO.RRF").write_text(conso(*NAMES) if names is None else names, encoding="utf-8")
    (folder / "rrf" / "RXNREL.RRF").write_text(rel(*RELATIONS) if relations is None else relations, encoding="utf-8")
    return folder


def packed(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """A zip with these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


UNII = (
    "Name\tTYPE\tUNII\tDisplay Name\n"
    "SIROLIMUS\tcn\tW36ZG6FT64\tSIROLIMUS\n"
    "SIROLIMUS [USP-RS]\tcn\tW36ZG6FT64\tSIROLIMUS\n"
    "AY-22989\tcd\tW36ZG6FT64\tSIROLIMUS\n"
    "RAPAMUNE\tbn\tW36ZG6FT64\tSIROLIMUS\n"
    "BENZO[A]PYRENE\tsys\t3417WMA06D\tBENZO(A)PYRENE\n"
    '"QUOTED" NAME\tof\t3417WMA06D\tBENZO(A)PYRENE\n'
)

DRUGBANK = (
    "DrugBank ID,Accession Numbers,Common name,CAS,UNII,Synonyms,Standard InChI Key\n"
    "DB00877,BTD00077 | DB02439,Sirolimus,53123-88-9,W36ZG6FT64,Rapamycin | Sirolimús | Sirolimus,QFJCIRLUMZQUOT\n"
    'DB00001,BIOD00024,Lepirudin,138068-37-8,Y43GF64R34,"Hirudin variant-1, desulfated | [Leu1]-lepirudin",\n'
)

SKOS = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix ex: <https://example.org/tumours/> . @prefix mesh: <http://id.nlm.nih.gov/mesh/> .
<https://example.org/scheme> a skos:ConceptScheme ; <http://purl.org/dc/terms/title> "Tumours"@en ;
    owl:versionInfo "3.1" .
ex:1 a skos:Concept ; skos:prefLabel "tumour"@en, "Tumor"@de ; skos:narrower ex:2 .
ex:2 a skos:Concept ; skos:prefLabel "liver tumour"@en ; skos:altLabel "hepatic tumour"@en ;
    skos:hiddenLabel "livr tumour"@en ; skos:notation "T-2" ; skos:exactMatch mesh:D008113, <https://example.org/x> .
ex:3 a skos:Concept ; skos:prefLabel "liver cell tumour" ; skos:broader ex:2 .
ex:4 a skos:Concept ; skos:prefLabel "old" ; owl:deprecated true .
ex:5 a skos:Concept ; skos:prefLabel "Nur deutsch"@de .
"""
