"""Where files lie: on this machine by a path, anywhere else by a URL that fsspec knows (`s3://bucket/trials.zip`)."""

import io
import re
from pathlib import Path
from typing import IO, Any, cast

from kg.errors import KgError, UsageError

__all__ = ["is_remote", "locate", "open_bytes"]

#: A drive's letter is no scheme.
_URL = re.compile(r"([a-z][a-z0-9+.-]+)://.")


def locate(name: str) -> Path:
    """The file or folder of that name. What lies elsewhere comes as something that does what paths do.

    https://filesystem-spec.readthedocs.io

    Raises:
        UsageError: if nothing is known of the URL's scheme, or what it needs is not installed.
        KgError: if URLs need what is not installed.
    """
    found = _URL.match(name)
    if found is None:
        return Path(name)
    try:
        from fsspec import get_filesystem_class  # type: ignore[import-untyped]
        from upath import UPath
    except ImportError as error:
        remedy = "Install what URLs need: pip install 'trialgraph[cluster]'."
        raise KgError(
            name, "files elsewhere cannot be read: universal-pathlib is not installed", remedy=remedy
        ) from error
    try:
        get_filesystem_class(found[1])
        return cast("Path", UPath(name))
    except (ImportError, ValueError) as error:
        remedy = "Install fsspec's package for it: s3fs for s3, gcsfs for gs, adlfs for az."
        raise UsageError(name, f"no file system for {found[1]}: {error}", remedy=remedy) from error


def is_remote(path: Any) -> bool:
    """Whether a path is one that `locate` made of a URL."""
    return not isinstance(path, Path)


def open_bytes(path: Path) -> IO[bytes]:
    """A file to read from, wherever it lies."""
    stream = path.open("rb")
    # What fsspec opens does less than files do: no line of a bounded length is read from it.
    return io.BufferedReader(cast("io.RawIOBase", stream)) if is_remote(path) else stream
