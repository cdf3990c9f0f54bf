"""Finds the data that ships beside the code: in the checkout's root, or inside an installed wheel."""

from pathlib import Path

from kg.errors import KgError

__all__ = ["folder"]

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `shapes`, `ontologies`, `queries` or `examples`.

    Raises:
        KgError: if this installation lacks it.
    """
    for root in (_PACKAGE / "_assets", _PACKAGE.parent):
        if (root / name).is_dir():
            return root / name
    raise KgError(name, "this installation has no such data folder", remedy="Reinstall trialgraph.")
