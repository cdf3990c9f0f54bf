"""Coverage-guided fuzzing of one reader: `python tests/fuzz/fuzz_readers.py api-v2|xml|page CORPUS [options]`.

Whatever the bytes, a reader gives trials and findings, and every triple of a trial is a line that parses. Half of the
inputs of JSON and XML are examples with other values at some places: bytes that are no JSON never get past the decoder.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["kg"]):
    from kg.mapping import map_trial
    from kg.readers import read_document
    from kg.readers.documents import Document

import pyoxigraph as ox
from lxml import etree

EXAMPLES = Path(__file__).parents[2] / "examples"
#: What a document of each format begins with, so that mutation stays within the reader under test.
_STARTS = {"api-v2": b"{", "xml": b"<clinical_study", "page": b""}
_MAX_CHANGES = 6


def check(data: bytes) -> None:
    """Reads and maps one document; raises whatever is a defect."""
    for outcome in read_document(Document("fuzzed", data)):
        if outcome.trial is None:
            assert outcome.findings, "nothing read, and nothing said"
            continue
        for layer in ("registry", "derived"):
            list(ox.parse("".join(map_trial(outcome.trial, layer)), ox.RdfFormat.N_TRIPLES))


def changed_json(text: str, provider: Any) -> bytes:
    """An example with other values, of any type, at some places."""
    study = json.loads(text)
    places = list(_places(study))
    for _ in range(provider.ConsumeIntInRange(1, _MAX_CHANGES)):
        holder, key = provider.PickValueInList(places)
        word = provider.ConsumeUnicode(30)
        value = provider.PickValueInList(
            [word, word, [word], {word: word}, None, len(word), -1.5, True, [], {}, 10**30]
        )
        if isinstance(holder, dict) or key < len(holder):
            holder[key] = value
    return json.dumps(study).encode()


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)


def changed_xml(text: str, provider: Any) -> bytes:
    """An example with other texts, and elements that are gone, twice there or elsewhere."""
    root = etree.fromstring(text.encode())
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    for _ in range(provider.ConsumeIntInRange(1, _MAX_CHANGES)):
        element, other = provider.PickValueInList(elements), provider.PickValueInList(elements)
        match provider.ConsumeIntInRange(0, 3):
            case 0 if element.getparent() is not None:
                element.getparent().remove(element)
            case 1:
                other.append(etree.fromstring(etree.tostring(element)))
            case _:
                word = provider.ConsumeUnicodeNoSurrogates(30)
                element.text = "".join(char for char in word if char >= " " and char not in "\ufffe\uffff")
    return bytes(etree.tostring(root))


def main() -> None:
    """Runs libFuzzer on the format and folder named first."""
    source_format, corpus, *options = sys.argv[1:]
    examples = [file.read_text(encoding="utf-8") for file in sorted((EXAMPLES / source_format).iterdir())]
    seeds = Path(corpus)
    seeds.mkdir(parents=True, exist_ok=True)
    for number, example in enumerate(examples):
        (seeds / f"example-{number}").write_text(example, encoding="utf-8")
    change = {"api-v2": changed_json, "xml": changed_xml}.get(source_format)

    def run(data: bytes) -> None:
        if change and data[:1] < b"\x80":
            provider = atheris.FuzzedDataProvider(data[1:])
            check(change(provider.PickValueInList(examples), provider))
        else:
            start = _STARTS[source_format]
            check(data if data.startswith(start) else start + data)

    atheris.Setup([sys.argv[0], corpus, *options], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
