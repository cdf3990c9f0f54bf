"""Our hand-written Turtle is in canonical layout (`kg.ontologies.layout`), and is put into it on request."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from kg.agreement.places import Checked, Places, read_text
from kg.errors import KgError
from kg.finding import Finding
from kg.ontologies import write_beside
from kg.ontologies.layout import canonical_layout, same_content

__all__ = ["check_layout", "fix_layout"]

#: Places of one file that are told; `--fix` mends all at once.
_MAX_PLACES = 3
_MAX_SHOWN = 100


def check_layout(places: Places) -> Checked:
    """Where a Turtle file of ours is laid out otherwise than the canonical way.

    Raises:
        KgError: if a file is no Turtle.
    """
    files = places.turtle()
    findings = [finding for path in files for finding in _differences(path)]
    return Checked(tuple(findings), {"Turtle files": len(files)})


def _differences(path: Path) -> Iterator[Finding]:
    text = _text(path)
    ours, canonical = text.split("\n"), canonical_layout(text, str(path)).split("\n")
    if ours == canonical:
        return
    blocks = SequenceMatcher(None, ours, canonical, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    for _, start, end, first, last in changed[:_MAX_PLACES]:
        expected = " ⏎ ".join(canonical[first:last])[:_MAX_SHOWN]
        more = f"; {len(changed)} places in this file" if len(changed) > 1 else ""
        yield Finding(
            rule="check/layout",
            message=f"not in canonical layout (`kg check --fix` rewrites it{more}); expected {expected!r}",
            severity="violation",
            source=str(path),
            line=min(start + 1, len(ours)),
            value=" ⏎ ".join(ours[start:end])[:_MAX_SHOWN],
        )


def fix_layout(places: Places) -> list[Path]:
    """Rewrites the files that are not in canonical layout, each whole or not at all; gives those.

    Raises:
        KgError: if a file is no Turtle, cannot be written, or would lose something.
    """
    changed = []
    for path in places.turtle():
        text = _text(path)
        canonical = canonical_layout(text, str(path))
        if canonical == text:
            continue
        if not same_content(text, canonical):
            raise KgError(str(path), "its canonical layout would say something else", remedy="Please report this file.")
        try:
            write_beside(path, canonical.encode())
        except OSError as error:
            raise KgError(str(path), f"cannot be written ({error.strerror or error})") from error
        changed.append(path)
    return changed


def _text(path: Path) -> str:
    import pyoxigraph as ox

    try:
        text = read_text(path)
        for _ in ox.parse(text, format=ox.RdfFormat.TURTLE):
            pass
    except SyntaxError as error:
        raise KgError(str(path), f"no Turtle: {error}") from error
    return text
