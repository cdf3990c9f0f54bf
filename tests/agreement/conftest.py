"""Copies of our folders, in which faults are planted."""

import shutil
from pathlib import Path

import pytest

from kg.agreement import Places

from .planting import Copy

#: Stands among the copied shapes, so that faults do not hang on what these say.
SHAPE = """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/trialgraph/shape/> .
@prefix tg: <https://w3id.org/trialgraph/vocab#> .

# Made up.

shape:Made a sh:NodeShape ;
    rdfs:label "Made"@en ;
    sh:targetClass tg:Arm ;
    sh:property shape:Made-type .

shape:Made-type a sh:PropertyShape ;
    sh:path tg:armType ;
    sh:maxCount 1 .
"""


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Folders like the bundled ones, to be changed; examples and code are the bundled ones themselves."""
    ours = Places.bundled()
    for folder in (ours.ontologies, ours.shapes, ours.queries):
        shutil.copytree(folder, tmp_path / folder.name)
    (tmp_path / "shapes" / "made-up.ttl").write_text(SHAPE, encoding="utf-8")
    places = Places(
        ontologies=tmp_path / "ontologies",
        shapes=tmp_path / "shapes",
        queries=tmp_path / "queries",
        examples=ours.examples,
        package=ours.package,
    )
    return Copy(tmp_path, places)
