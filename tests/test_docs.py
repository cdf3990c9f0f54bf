"""Documents: every command, saved query, shape and ontology is named where people look for it."""

import re
from pathlib import Path

import pytest
import typer.main

from kg import assets
from kg.cli import app
from kg.queries import read_queries

ROOT = Path(__file__).parents[1]


def document(name: str) -> str:
    """A document of the project: beside the data folders, as in a checkout, or in the copy's root."""
    folder, _, file = name.rpartition("/")
    path = assets.folder(folder) / file if folder else ROOT / file
    return path.read_text(encoding="utf-8")


def commands() -> list[str]:
    """Every command as it is typed."""
    group = typer.main.get_command(app)
    found = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [f"kg {name} {sub}" for sub in inner] if inner else [f"kg {name}"]
    return sorted(found)


@pytest.mark.parametrize("command", commands())
def test_command_is_named_in_a_readme(command: str) -> None:
    """Who reads the README, or that of the queries or ontologies, learns that it is there."""
    texts = [document(name) for name in ("README.md", "queries/README.md", "ontologies/README.md")]
    assert any(re.search(rf"\b{command}\b", text) for text in texts)


@pytest.mark.parametrize("name", sorted(read_queries()))
def test_saved_query_is_named_in_a_readme(name: str) -> None:
    """With every one of its parameters on the same line of the table."""
    (row,) = [line for line in document("queries/README.md").splitlines() if line.startswith(f"| `{name}`")]
    assert all(f"`{param.name}`" in row for param in read_queries()[name].params)
    assert read_queries()[name].summary.rstrip("?")[:20].lower() in row.lower()


def test_readme_of_queries_names_no_query_that_is_gone() -> None:
    """The table's first column is the catalogue."""
    named = re.findall(r"^\| `([a-z-]+-[a-z-]+)`", document("queries/README.md"), re.MULTILINE)
    assert sorted(named) == sorted(read_queries())


def test_readme_shows_commands_that_exist() -> None:
    """Every `kg …` at the start of a shown line is a command."""
    known = {command.split()[1] for command in commands()}
    shown = re.findall(r"^\$ (?:.*\| )?kg (\S+)", document("README.md"), re.MULTILINE)
    assert shown
    assert set(shown) <= known


def test_every_file_of_shapes_is_in_its_readme() -> None:
    """One file a class, one line a file."""
    text = document("shapes/README.md")
    assert all(f"`{path.name}`" in text for path in assets.folder("shapes").glob("*.ttl"))
