"""Names of concepts -> concepts: one table over all loaded ontologies, for linking and for the parameters of queries.

Two keys a name: `fold` (case and white space) and `normalize` (spelling, punctuation, plural, spaces in codes). Both
are applied alike to names and to what is looked up, so that a key need not be a word, only the same for the same word.

The table is an SQLite file: built once for a set of ontologies, then opened in milliseconds, shared by processes, read
page by page. A row holds all names of one normalised key, since the same folded form has the same normalised one.
"""

import os
import re
import sqlite3
import threading
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from kg.concept import Concept, NameKind

__all__ = ["Concepts", "Lexicon", "Name", "Recorder", "fold", "normalize", "write_lexicon"]

_SPACE = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"[^\w\s]|_")
_SPLIT_CODE = re.compile(r"(?<=[a-z]) (?=\d)|(?<=\d) (?=[a-z]\b)")
_INVERTED = re.compile(r"([^,]+), ([^,]+)")

#: British spelling -> American, as parts of words (the registry's records hold both, MeSH the American).
_AMERICAN = {
    "oesoph": "esoph",
    "oedema": "edema",
    "diarrhoea": "diarrhea",
    "dyspnoea": "dyspnea",
    "apnoea": "apnea",
    "foetal": "fetal",
    "foetus": "fetus",
    "haem": "hem",
    "aemia": "emia",
    "anaes": "anes",
    "paed": "ped",
    "gynaec": "gynec",
    "caecal": "cecal",
    "tumour": "tumor",
    "fibre": "fiber",
    "sulph": "sulf",
    "behaviour": "behavior",
}
_BRITISH = re.compile("|".join(_AMERICAN))


def fold(text: str) -> str:
    """The text without case, compatibility forms and surplus white space.

    >>> fold("Liver  Cancer ")
    'liver cancer'
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


@lru_cache(maxsize=1 << 16)
def normalize(text: str) -> str:
    """The text reduced to what makes it the same name: American spelling, no punctuation, singular, codes in one piece.

    >>> normalize("RAD-001") == normalize("rad001"), normalize("Tumours, Brain") == normalize("brain tumor")
    (True, True)
    """
    folded = fold(text.replace("®", " ").replace("™", " "))
    inverted = _INVERTED.fullmatch(folded)
    if inverted:
        folded = f"{inverted[2]} {inverted[1]}"
    american = _BRITISH.sub(lambda match: _AMERICAN[match[0]], folded)
    plain = _PUNCTUATION.sub(" ", american.replace("'s ", " ").replace("'", ""))
    joined = _SPLIT_CODE.sub("", " ".join(plain.split()))
    return " ".join(_singular(word) for word in joined.split())


@lru_cache(maxsize=1 << 18)
def _singular(word: str) -> str:
    if len(word) <= 3 or word.endswith(("ss", "us", "is")):  # noqa: PLR2004 - "gas", "AIDS" stay as they are
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word.removesuffix("s")


class Name(msgspec.Struct, frozen=True, array_like=True):
    """One name of one concept."""

    text: str
    kind: NameKind
    concept: str
    source: str


_SCHEMA = """
CREATE TABLE names (key TEXT PRIMARY KEY, held BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE backward (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE concepts (iri TEXT PRIMARY KEY, source TEXT NOT NULL, held BLOB NOT NULL);
CREATE INDEX by_source ON concepts (source, iri);
CREATE TABLE codes (word TEXT PRIMARY KEY, held BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE about (name TEXT PRIMARY KEY, held BLOB NOT NULL) WITHOUT ROWID;
"""
#: Only keys this long are looked for with a letter wrong.
_LONGEST_CERTAIN = 9
#: Small letters, then digits, in a normalised label: "gp120".
_CODE = re.compile(r"\b[a-z]{2,5}\d{2,4}\b")
#: More names than this are those of many things.
_MOST_CONTINUED = 40
_NAMES = msgspec.msgpack.Decoder(tuple[Name, ...])
_CONCEPT = msgspec.msgpack.Decoder(Concept)
#: Concepts and names that are kept decoded: those of trials repeat.
_KEPT = 1 << 16


class Concepts(Mapping[str, Concept]):
    """The concepts of a lexicon by IRI, decoded when they are asked for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._decoded = lru_cache(_KEPT)(self._decode)

    def _decode(self, iri: str) -> Concept | None:
        row = self._connection.execute("SELECT held FROM concepts WHERE iri = ?", (iri,)).fetchone()
        return None if row is None else _CONCEPT.decode(zlib.decompress(row[0]))

    def __getitem__(self, iri: str) -> Concept:
        concept = self._decoded(iri)
        if concept is None:
            raise KeyError(iri)
        return concept

    def __contains__(self, iri: object) -> bool:
        return isinstance(iri, str) and self._decoded(iri) is not None

    def get(self, iri: str, default: Any = None) -> Any:
        """The concept with this IRI, else the default."""
        return self._decoded(iri) or default

    def __iter__(self) -> Iterator[str]:
        return (iri for (iri,) in self._connection.execute("SELECT iri FROM concepts ORDER BY iri"))

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT COUNT(*) FROM concepts").fetchone()[0])

    def all(self) -> Iterator[Concept]:
        """Every concept, by IRI."""
        rows = self._connection.execute("SELECT held FROM concepts ORDER BY iri")
        return (_CONCEPT.decode(zlib.decompress(held)) for (held,) in rows)

    def of(self, source: str) -> Iterator[Concept]:
        """The concepts of one ontology, by IRI."""
        rows = self._connection.execute("SELECT held FROM concepts WHERE source = ? ORDER BY iri", (source,))
        return (_CONCEPT.decode(zlib.decompress(held)) for (held,) in rows)


class Lexicon:
    """Names and concepts of ontologies, in a file or in memory."""

    def __init__(self, concepts: Iterable[Concept] = (), *, path: Path | None = None) -> None:
        """With a path, the lexicon that `write_lexicon` left there; else one in memory of these concepts."""
        if path is None:
            self._connection = sqlite3.connect(":memory:", check_same_thread=False)
            _fill(self._connection, concepts, {})
        else:
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?immutable=1", uri=True, check_same_thread=False
            )
            self._connection.execute("PRAGMA mmap_size = 4294967296")
        self.concepts = Concepts(self._connection)
        self._found = lru_cache(_KEPT)(self._look_up)
        self._longest = lru_cache(_KEPT)(self._look_up_longest)

    def _look_up(self, key: str) -> tuple[Name, ...]:
        row = self._connection.execute("SELECT held FROM names WHERE key = ?", (key,)).fetchone()
        return () if row is None else _NAMES.decode(row[0])

    def longest(self, word: str) -> int:
        """How many words the longest key has that starts with this word; none if no key does."""
        return self._longest(word)

    def _look_up_longest(self, word: str) -> int:
        # "!" is what comes after a space.
        query = """SELECT max(length(key) - length(replace(key, ' ', ''))) + 1 FROM
            (SELECT key FROM names WHERE key = ? UNION ALL SELECT key FROM names WHERE key >= ? AND key < ?)"""
        return self._connection.execute(query, (word, f"{word} ", f"{word}!")).fetchone()[0] or 0

    def about(self, name: str) -> bytes | None:
        """What was kept under a name when the lexicon was made."""
        row = self._connection.execute("SELECT held FROM about WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def find(self, text: str) -> tuple[Name, ...]:
        """The names that equal `text` but for case and white space."""
        folded = fold(text)
        return tuple(name for name in self.find_normal(text) if fold(name.text) == folded)

    def find_normal(self, text: str) -> tuple[Name, ...]:
        """The names that equal `text` but for spelling, punctuation and plural."""
        return self.find_key(normalize(text))

    def find_key(self, key: str) -> tuple[Name, ...]:
        """The names that `normalize` gives this key."""
        return self._found(key) if key else ()

    def find_code(self, word: str) -> tuple[Name, ...]:
        """The one concept in whose label this code stands, e.g. "gp120"; none where it stands in several."""
        row = self._connection.execute("SELECT held FROM codes WHERE word = ?", (word,)).fetchone()
        return () if row is None else _NAMES.decode(row[0])

    def find_near(self, key: str) -> tuple[Name, ...]:
        """The names of the one key that is one edit away from a long key; none where there are several."""
        if len(key) < _LONGEST_CERTAIN:
            return ()
        half = len(key) // 2
        lengths = (len(key) - 1, len(key) + 1)
        forward = self._starting("names", key[:half], lengths)
        backward = (other[::-1] for other in self._starting("backward", key[half:][::-1], lengths))
        near = {other for found in (forward, backward) for other in found if is_misspelt(key, other)} - {key}
        sure = [name for other in sorted(near) for name in self.find_key(other) if name.kind != "related"]
        concepts = {(name.source, name.concept) for name in sure}
        return tuple(sure) if len(concepts) == len({source for source, _ in concepts}) else ()

    def find_continued(self, key: str) -> tuple[Name, ...]:
        """The names of the one concept of each ontology whose key goes on from this one."""
        names = [name for other in self._starting("names", key) for name in self.find_key(other)]
        sure = [name for name in names[:_MOST_CONTINUED] if name.kind != "related"]
        concepts = {(name.source, name.concept) for name in sure}
        unique = len(names) <= _MOST_CONTINUED and len(concepts) == len({source for source, _ in concepts})
        return tuple(sure) if unique else ()

    def _starting(self, table: str, part: str, lengths: tuple[int, int] = (0, 1 << 20)) -> Iterator[str]:
        """The keys that start so, and are no shorter and no longer than this."""
        query = {
            "names": "SELECT key FROM names WHERE key >= ? AND key < ? AND length(key) BETWEEN ? AND ?",
            "backward": "SELECT key FROM backward WHERE key >= ? AND key < ? AND length(key) BETWEEN ? AND ?",
        }[table]
        return (key for (key,) in self._connection.execute(query, (part, part + "\U0010ffff", *lengths)))


def write_lexicon(path: Path, concepts: Iterable[Concept], about: Mapping[str, bytes]) -> None:
    """Leaves a lexicon at the path, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    beside.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(beside)) as connection:
            _fill(connection, concepts, about)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _fill(connection: sqlite3.Connection, concepts: Iterable[Concept], about: Mapping[str, bytes]) -> None:
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
    encode = msgspec.msgpack.encode
    held: dict[str, list[Name]] = defaultdict(list)
    coded: dict[str, list[Name]] = defaultdict(list)

    def rows() -> Iterator[tuple[str, str, bytes]]:
        for concept in concepts:
            for text, kind in concept.names():
                if key := normalize(text):
                    held[key].append(Name(text, kind, concept.iri, concept.source))
                    for word in _CODE.findall(key) if kind == "label" and concept.branches else ():
                        coded[word].append(held[key][-1])
            # IRIs of ancestors repeat: the fastest level makes a fifth of them.
            yield concept.iri, concept.source, zlib.compress(encode(concept), 1)

    connection.executemany("INSERT OR REPLACE INTO concepts VALUES (?, ?, ?)", rows())
    connection.executemany("INSERT INTO names VALUES (?, ?)", ((key, encode(held[key])) for key in sorted(held)))
    long = sorted(key[::-1] for key in held if len(key) >= _LONGEST_CERTAIN)
    connection.executemany("INSERT INTO backward VALUES (?)", ((key,) for key in long))
    alone = ((word, encode(names)) for word, names in sorted(coded.items()) if len(names) == 1)
    connection.executemany("INSERT INTO codes VALUES (?, ?)", alone)
    connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())
    connection.commit()


def is_misspelt(key: str, other: str) -> bool:
    """Whether one long word of a key is the other's but for one letter put in, taken out, changed, or exchanged.

    The first letter must be right, and the word free of digits: "MOPP" is no misspelt "COPP", "3F8" no "F8".

    >>> is_misspelt("pancretic cancer", "pancreatic cancer"), is_misspelt("photon therapy", "proton therapy")
    (True, False)
    """
    words, others = key.split(), other.split()
    if len(words) != len(others):
        return False
    pairs = [(one, two) for one, two in zip(words, others, strict=True) if one != two]
    if len(pairs) != 1:
        return False
    one, two = sorted(pairs[0], key=len)
    return len(one) >= _LONG_WORD and one.isalpha() and one[0] == two[0] and _within_one_edit(one, two)


#: Short words are other words when a letter changes.
_LONG_WORD = 7


def _within_one_edit(shorter: str, longer: str) -> bool:
    if len(longer) - len(shorter) > 1:
        return False
    start = 0
    while start < len(shorter) and shorter[start] == longer[start]:
        start += 1
    if len(shorter) < len(longer):
        return shorter[start:] == longer[start + 1 :]
    swapped = shorter[start + 1 : start + 2] + shorter[start : start + 1] + shorter[start + 2 :]
    return shorter[start + 1 :] == longer[start + 1 :] or swapped == longer[start:]


class Recorder(Lexicon):
    """A lexicon that remembers which concepts it was asked for by any of their names."""

    def __init__(self, concepts: Iterable[Concept] = (), *, path: Path | None = None) -> None:
        super().__init__(concepts, path=path)
        self.touched: set[str] = set()

    def find_key(self, key: str) -> tuple[Name, ...]:
        """As `Lexicon.find_key`."""
        names = super().find_key(key)
        self.touched.update(name.concept for name in names)
        return names
