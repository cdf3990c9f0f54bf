"""The names of rules that the code of the package writes into findings, read from its source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from kg.readers.texts import find_oddities

_NAME = re.compile(r"[a-z]+(-[a-z]+)+")
#: Wherever such a name stands in code, it is a rule's.
_PLAIN = re.compile(r"(check|run)/[a-z]+(-[a-z]+)*")
#: Names that are put together from parts: `f"property-{kind}"` in kg/agreement/vocabulary.py.
_COMPOSED = {"check/property-domain", "check/property-range"}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def written_rules(package: Path) -> dict[str, str]:
    """Name -> the file and line that writes it; of tables of names the whole table's."""
    found = {rule: "kg/readers/texts.py" for rule, *_ in find_oddities("a@b.org +49 30 1234567\0")}
    found |= dict.fromkeys(_COMPOSED, "kg/agreement/vocabulary.py")
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(package.rglob("*.py"))
        if "_assets" not in path.parts
    }
    shared = {name: way for tree in trees.values() for name, way in _ways(tree) if not name.startswith("_")}
    for path, tree in trees.items():
        ways = {**shared, **dict(_ways(tree)), "Finding": (99, "")}
        for name, line in _names(tree, ways):
            found.setdefault(name, f"{path.relative_to(package.parent).as_posix()}:{line}")
    return found


def _ways(tree: ast.Module) -> Iterator[tuple[str, tuple[int, str]]]:
    """Callable that takes a rule -> (the place among its arguments, what it puts before the name)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            fields = [
                item.target.id
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            ]
            if "rule" in fields and any(ast.unparse(base) == "NamedTuple" for base in node.bases):
                yield node.name, (fields.index("rule"), "")
            for method in (item for item in node.body if isinstance(item, _Function)):
                names = [arg.arg for arg in method.args.args][1:]
                if "rule" in names:
                    yield (node.name if method.name == "__init__" else method.name), (names.index("rule"), "")
        elif isinstance(node, _Function):
            names = [arg.arg for arg in node.args.posonlyargs + node.args.args]
            if "rule" in names and names[0] != "self":
                yield node.name, (names.index("rule"), _prefix(node))


def _prefix(node: ast.AST) -> str:
    """`check/` of a function that writes `f"check/{rule}"`."""
    for inner in (inner for inner in ast.walk(node) if isinstance(inner, ast.JoinedStr)):
        start, *others = inner.values
        names = [ast.unparse(rest.value) for rest in others if isinstance(rest, ast.FormattedValue)]
        if isinstance(start, ast.Constant) and names == ["rule"]:
            return str(start.value)
    return ""


def _names(tree: ast.Module, ways: dict[str, tuple[int, str]]) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _PLAIN.fullmatch(node.value):
            yield node.value, node.lineno
        elif isinstance(node, ast.Assign):
            given = (value for value, _ in _given(node, ways) if isinstance(value, ast.Constant))
            yield from ((str(value.value), value.lineno) for value in given)
        elif isinstance(node, _Function):
            for value, prefix in _given(node, ways):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield prefix + value.value, value.lineno
                elif not any(argument.arg == "rule" for argument in _arguments(node)):
                    # A local variable, or made of one: its names stand first in tuples of the function.
                    yield from ((prefix + _prefix(value) + name, line) for name, line in _first_of_tuples(node))


def _given(function: ast.AST, ways: dict[str, tuple[int, str]]) -> Iterator[tuple[ast.expr, str]]:
    """What a function gives as a rule to those that take one, and what they put before it."""
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
        called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if called in ways:
            place, prefix = ways[called]
            named = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
            yield from ((value, prefix) for value in named or call.args[place : place + 1])


def _arguments(node: _Function) -> list[ast.arg]:
    return node.args.posonlyargs + node.args.args + node.args.kwonlyargs


def _first_of_tuples(function: _Function) -> Iterator[tuple[str, int]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Tuple) and node.elts and isinstance(node.elts[0], ast.Constant):
            name = node.elts[0].value
            if isinstance(name, str) and _NAME.fullmatch(name):
                yield name, node.lineno
