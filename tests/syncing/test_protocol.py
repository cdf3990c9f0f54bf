"""What we ask and what our registry answers is as the real one describes its API."""

import json
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

import pytest
import yaml

from kg.build import build_graph
from tests.syncing.conftest import SMALL, Sync
from tests.syncing.registry_server import Registry

#: A value of a query, as what its schema says it is.
READ: dict[str, Callable[[str], object]] = {
    "integer": int,
    "boolean": json.loads,
    "array": lambda value: value.split("|"),
}

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The registry's OpenAPI description."""
    import os

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    file = Path(os.environ["TRIALGRAPH_DATA"]) / "registry" / "ctg-oas-v2.yaml"
    return dict(yaml.load(file.read_bytes(), Loader=loader))  # noqa: S506 - a safe loader, in C where there is one


def validate(described: dict[str, Any], schema: dict[str, Any], value: object) -> None:
    """Raises unless the value is as a schema of the description says."""
    import_module("jsonschema").validators.Draft7Validator(schema | {"components": described["components"]}).validate(
        value
    )


def test_answers_of_our_registry_are_those_of_the_description(described: dict[str, Any], registry: Registry) -> None:
    """First page, later ones, the last one, and the version: each by its schema."""
    for path in ("studies?countTotal=true", "studies?pageToken=token-1", "studies?pageToken=token-2", "version"):
        with urlopen(f"{registry.url}/{path}") as response:  # noqa: S310 - ours
            answer = json.load(response)
        operation = described["paths"][f"/{path.partition('?')[0]}"]["get"]
        content = operation["responses"]["200"]["content"][response.headers.get_content_type()]
        validate(described, content["schema"], answer)


def test_questions_are_those_of_the_description(described: dict[str, Any], syncing: Sync, registry: Registry) -> None:
    """Every parameter is known, of its type, and stays the same from page to page but where it may change."""
    syncing.fetch(query=("cond=asthma", "AREA[StartDate]2022", "filter.overallStatus=COMPLETED"), since="2024-01-01")
    parameters = {p["name"]: p for p in described["paths"]["/studies"]["get"]["parameters"]}
    asked = [dict(parse_qsl(urlsplit(path).query)) for path in registry.asked if "/studies?" in path]
    for query in asked:
        for name, value in query.items():
            schema = parameters[name]["schema"]
            typed = READ.get(schema["type"], str)(value)
            validate(described, schema, typed)
    may_change = {"countTotal", "pageSize", "pageToken"}
    assert len(asked) == 3
    assert len({tuple(sorted(set(query.items()) - {(n, query.get(n)) for n in may_change})) for query in asked}) == 1
    assert ["pageToken" in query for query in asked] == [False, True, True]


def test_every_search_area_is_one_of_the_description(described: dict[str, Any]) -> None:
    """And every filter that can be named; those that only change the form of the answer cannot."""
    from kg.syncing import questions

    names = {p["name"] for p in described["paths"]["/studies"]["get"]["parameters"]}
    known = {*(f"query.{area}" for area in questions.AREAS), *questions.FILTERS}
    assert known <= names
    assert {n for n in names - known if not n.startswith("postFilter.")} == {
        *("format", "markupFormat", "fields", "sort", "countTotal", "pageSize", "pageToken", "geoDecay")
    } & names


def test_synced_records_give_the_graph_of_their_files(data: Path, syncing: Sync, registry: Registry) -> None:
    """All real records, by pages of a hundred: the same layers, byte for byte."""
    file = data / "trials" / "ctgov-api-v2.zip"
    with zipfile.ZipFile(file) as archive:
        registry.studies = [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")]
    registry.page_size = 100
    report = syncing()
    assert (report.studies, report.total, report.pages) == (411, 411, 5)
    assert [finding.rule for finding in report.findings] == []
    lines = syncing.graph.with_name("records.jsonl")
    lines.write_text("".join(f"{json.dumps(record)}\n" for record in registry.studies))
    built = Sync(syncing.graph.with_name("built"), registry)
    build_graph([lines], built.graph, ontology_names=[SMALL])
    assert syncing.layers() == built.layers()
