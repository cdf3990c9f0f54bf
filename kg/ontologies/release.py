"""A release as it lies on disk: one file, plain or gzip; a zip of files; or a folder with RxNorm's tables."""

import csv
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from io import BufferedReader
from pathlib import Path
from typing import IO, cast

from kg.errors import OntologyError

__all__ = ["Release", "explained"]

#: What we read of a folder. Others are no releases: a folder may hold anything.
_IN_FOLDER = re.compile(r"RXN(?:CONSO|REL)\.RRF|readme[\w.-]*\.txt", re.IGNORECASE)
_DOWNLOAD_AGAIN = "It is cut off or damaged: download it again."


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what goes wrong in reading an ontology into an error that says what to do.

    Raises:
        OntologyError: for a file that is not there, is damaged, or is neither RDF nor a table that we know.
    """
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        problem = f"the gzip data cannot be unpacked ({error})"
        raise OntologyError(str(path), problem, remedy=_DOWNLOAD_AGAIN) from error
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise OntologyError(str(path), f"the zip cannot be unpacked ({error})", remedy=_DOWNLOAD_AGAIN) from error
    except OSError as error:
        raise OntologyError(str(path), f"the file cannot be read ({error.strerror or error})") from error
    except SyntaxError as error:
        expected = "RDF/XML, Turtle or N-Triples as the publisher gives it"
        raise OntologyError(str(path), f"the file is no readable RDF ({error})", expected=expected) from error
    except UnicodeDecodeError as error:
        got = f"byte {error.object[error.start]:#04x} at {error.start}"
        raise OntologyError(str(path), "the table is not in UTF-8", got=got) from error
    except csv.Error as error:
        raise OntologyError(str(path), f"the table cannot be read ({error})", remedy=_DOWNLOAD_AGAIN) from error


class Release:
    """What a path holds: `names` are the files in it, that nearest to the top first; its own name for a plain file."""

    def __init__(self, path: Path) -> None:
        """Looks what is there; one of RxNorm's tables stands for the folder that holds it.

        Raises:
            OSError, zipfile.BadZipFile: see `explained`.
        """
        self.path = path = path.parent if _IN_FOLDER.fullmatch(path.name) and path.is_file() else path
        self.is_folder = path.is_dir()
        self.is_zip = False
        if self.is_folder:
            found = (file for place in (path, path / "rrf") if place.is_dir() for file in place.iterdir())
            names = [file.relative_to(path).as_posix() for file in found if _IN_FOLDER.fullmatch(file.name)]
            if not names:
                raise IsADirectoryError(None, "it is a folder without RxNorm's tables")
        else:
            with path.open("rb") as file:
                self.is_zip = file.read(4) == b"PK\x03\x04"
            names = _listed(path) if self.is_zip else [path.name]
        self.names = tuple(sorted(names, key=lambda name: (name.count("/"), name)))

    def sha256(self) -> str:
        """The checksum of the file; of a folder, that of its files' names and checksums."""
        if not self.is_folder:
            with self.path.open("rb") as file:
                return file_digest(file, "sha256").hexdigest()
        whole = sha256()
        for name in self.names:
            with (self.path / name).open("rb") as file:
                whole.update(f"{name}\n{file_digest(file, 'sha256').hexdigest()}\n".encode())
        return whole.hexdigest()

    def where(self, name: str) -> str:
        """The file as an error names it."""
        return f"{self.path} {name}" if self.is_folder or self.is_zip else str(self.path)

    def find(self, pattern: re.Pattern[str]) -> str | None:
        """The first file whose own name is like this; None if there is none."""
        return next((name for name in self.names if pattern.fullmatch(name.rpartition("/")[2])), None)

    @contextmanager
    def opened(self, name: str) -> Iterator[BufferedReader | gzip.GzipFile]:
        """The bytes of one of the files, unpacked.

        Raises:
            OntologyError: if the zip is locked with a password.
        """
        if not self.is_zip:
            with _unpacked((self.path / name if self.is_folder else self.path).open("rb")) as stream:
                yield stream
            return
        with zipfile.ZipFile(self.path) as archive:
            try:
                member = archive.open(name)
            except RuntimeError as error:
                raise OntologyError(self.where(name), "the file in the zip is locked with a password") from error
            # It has all that is used of a buffered reader: read, peek and lines.
            with _unpacked(cast("BufferedReader", member)) as stream:
                yield stream


def _listed(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return [member.filename for member in archive.infolist() if not member.is_dir()]


@contextmanager
def _unpacked(file: BufferedReader) -> Iterator[BufferedReader | gzip.GzipFile]:
    with file:
        if file.peek(2)[:2] != b"\x1f\x8b":
            yield file
            return
        with gzip.GzipFile(fileobj=cast("IO[bytes]", file)) as stream:
            yield stream
