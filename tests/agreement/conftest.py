"""Copies of our folders, in which faults are planted."""

import shutil
from pathlib import Path

import pytest

from kg.agreement import Places

from .planting import Copy


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Folders like the bundled ones, to be changed; examples and code are the bundled ones themselves."""
    ours = Places.bundled()
    for folder in (ours.ontologies, ours.shapes, ours.queries):
        shutil.copytree(folder, tmp_path / folder.name)
    places = Places(
        ontologies=tmp_path / "ontologies",
        shapes=tmp_path / "shapes",
        queries=tmp_path / "queries",
        examples=ours.examples,
        package=ours.package,
    )
    return Copy(tmp_path, places)
