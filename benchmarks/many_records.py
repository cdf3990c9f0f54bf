"""Real records, each several times under numbers of its own: `python benchmarks/many_records.py ZIP... OUT.zip TIMES`.

Only the number changes, wherever it stands in the record, so that the copies are as large and as odd as the originals.
"""

import re
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

__all__ = ["write_many"]

_NUMBER = re.compile(rb"NCT\d{8}")


def write_many(sources: Iterable[Path], out: Path, *, times: int) -> int:
    """Writes `times` copies of every record in the zips; gives their number."""
    written = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copies:
        for source in sources:
            with zipfile.ZipFile(source) as archive:
                for name in (name for name in archive.namelist() if name.endswith((".json", ".xml"))):
                    record, suffix = archive.read(name), Path(name).suffix
                    for _ in range(times):
                        # No number in use begins with a 9: those of one record stay apart from those of all others.
                        number = b"NCT%d%07d" % (9, written)
                        copies.writestr(
                            f"{number.decode()}{suffix}", _renumber(record, Path(name).stem.encode(), number)
                        )
                        written += 1
    return written


def _renumber(record: bytes, own: bytes, number: bytes) -> bytes:
    return _NUMBER.sub(lambda match: number if match[0] == own else match[0], record)


if __name__ == "__main__":
    *zips, target, count = sys.argv[1:]
    print(write_many(map(Path, zips), Path(target), times=int(count)), "records in", target)
