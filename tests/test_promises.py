"""What the house promises of itself: sizes, exported names, documentation."""

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import kg
from kg.queries import read_queries

PACKAGE = Path(kg.__file__).parent
MODULES = [name for _, name, _ in pkgutil.walk_packages([str(PACKAGE)], "kg.") if not name.endswith("__main__")]
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", MODULES)
def test_exported_names_are_sorted_and_there(name: str) -> None:
    """`__all__` is sorted and complete: no name in it is missing."""
    module = importlib.import_module(name)
    names = list(getattr(module, "__all__", []))
    assert all(hasattr(module, exported) for exported in names)
    assert sorted(names, key=lambda n: (not n.isupper(), not n[0].isupper(), n)) == names


def test_files_and_functions_are_short() -> None:
    """No file over 400 lines (the vocabulary aside), no function over 40 without its docstring."""
    for path in PACKAGE.rglob("*.py"):
        if "_assets" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        assert path.name == "vocab.py" or len(text.splitlines()) <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                docstring = ast.get_docstring(node) or ""
                assert (node.end_lineno or 0) - node.lineno - len(docstring.splitlines()) <= 40, (path, node.name)


@pytest.mark.skipif(not (ROOT / "queries").is_dir(), reason="documents stand in the checkout only")
def test_queries_and_modules_are_documented() -> None:
    """Every saved query stands in queries/README.md, every module in kg/README.md."""
    queries = (ROOT / "queries" / "README.md").read_text()
    assert all(f"`{name}`" in queries for name in read_queries())
    modules = (ROOT / "kg" / "README.md").read_text()
    top = {name.split(".")[1] for name in MODULES}
    assert all(f"`{name}`" in modules or f"`{name}/`" in modules for name in top)
