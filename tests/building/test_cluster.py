"""Pieces made on a Dask cluster, of inputs on an S3 server, are those that are made here; workers may die meanwhile."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from kg.build import build_graph
from kg.building import make_pieces, making, open_recipe
from kg.building.cluster import _make, check_cluster, make_pieces_on
from kg.building.making import make_piece
from kg.building.recipe import Mapper, Recipe
from kg.errors import KgError, UsageError
from kg.knowledge import load_knowledge
from kg.location import locate
from kg.readers import plan_partitions

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def mapper() -> Mapper:
    """The bundled ontologies and a linker."""
    knowledge = load_knowledge(())
    return open_recipe(Recipe.of(knowledge, ()), knowledge)


def test_what_is_finished_is_not_made_by_a_worker(
    examples: Path, mapper: Mapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A piece that is here already, whole: a worker tells its name, and maps nothing."""
    (partition,) = plan_partitions([examples / "xml"])
    piece = make_piece(partition, mapper, tmp_path)
    monkeypatch.setattr(making, "_blocks", None)
    made = _make(msgspec.msgpack.encode(partition), mapper.recipe, frozenset({piece.name}))
    assert (made.name, made.data, made.error) == (piece.name, b"", None)


@pytest.fixture
def bucket(examples: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A bucket with twenty records of the examples, on a server of S3 at this machine."""
    server_of = pytest.importorskip("moto.server").ThreadedMotoServer
    server = server_of(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    # A file system is kept for as long as the program runs, and would ask the server of the test before.
    pytest.importorskip("s3fs").S3FileSystem.clear_instance_cache()
    folder = locate("s3://trials")
    folder.mkdir()
    for record in sorted(examples.rglob("*.json"))[:20]:
        (folder / "records" / record.name).write_bytes(record.read_bytes())
    yield folder / "records"
    requests.post(f"http://127.0.0.1:{port}/moto-api/reset", timeout=10)
    server.stop()


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A scheduler with two workers, each a process."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1"
    ) as made:
        yield made


def _bytes_of(found: Iterator[tuple[Any, Path]]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for _, path in found}


def test_pieces_of_a_cluster_are_those_made_here(
    mapper: Mapper, bucket: Path, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records on S3 become the same pieces, byte for byte, here and in two workers, of which one is killed."""
    monkeypatch.setattr("kg.readers.partitions._BYTES", 5_000)
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    expected = _bytes_of(make_pieces(plan_partitions([bucket]), mapper, here, jobs=1))
    assert len(expected) > 10
    made = make_pieces_on(cluster.scheduler_address, plan_partitions([bucket]), mapper, there)
    next(made)
    os.kill(next(iter(cluster.workers.values())).process.pid, signal.SIGKILL)
    list(made)
    assert {path.name: path.read_bytes() for path in there.iterdir()} == expected
    # What is finished is not sent again, and no two of the same name are kept.
    assert {
        path.name for _, path in make_pieces_on(cluster.scheduler_address, plan_partitions([bucket]), mapper, there)
    } == set(expected)


def test_workers_of_another_version_are_refused(mapper: Mapper, examples: Path, cluster: Any, tmp_path: Path) -> None:
    """A worker whose code or ontologies are not ours makes nothing."""
    other = msgspec.structs.replace(mapper, recipe=msgspec.structs.replace(mapper.recipe, digest="0" * 64))
    with pytest.raises(KgError, match="another version"):
        list(make_pieces_on(cluster.scheduler_address, plan_partitions([examples]), other, tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["local", "local:2", "tcp://scheduler:8786", "tls://10.0.0.1:8786"])
def test_addresses_of_clusters_are_taken(address: str) -> None:
    """A scheduler's address, or a number of processes of this machine."""
    assert check_cluster(address) == address


@pytest.mark.parametrize("address", ["", "local:0", "local:x", "http://a:1", "tcp://a", "tcp://a:b", "scheduler:8786"])
def test_what_is_no_address_is_refused(address: str) -> None:
    """Anything else is a mistake of who asks."""
    with pytest.raises(UsageError, match="no cluster"):
        check_cluster(address)


def test_a_scheduler_that_is_not_there_is_told(mapper: Mapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who names a scheduler that does not answer is told so, and how one is started."""
    monkeypatch.setattr("kg.building.cluster._CONNECT_S", 1)
    with pytest.raises(KgError, match="no scheduler answers"):
        list(make_pieces_on("tcp://127.0.0.1:9", iter(()), mapper, tmp_path))


def test_a_graph_is_built_behind_a_url_once(bucket: Path, cluster: Any, tmp_path: Path) -> None:
    """A build to S3, mapped by a cluster, leaves the files of a build here, and is not written over by another."""
    there = bucket.parent / "graph"
    build_graph([bucket], there, cluster=cluster.scheduler_address, validate=True)
    build_graph([bucket], tmp_path / "graph", validate=True)
    here = {
        path.relative_to(tmp_path / "graph").as_posix() for path in (tmp_path / "graph").rglob("*") if path.is_file()
    }
    compared = {name for name in here if not name.startswith("store/")}
    assert {"manifest.json", "layers/registry.nt.gz", "findings.jsonl", "validation.jsonl"} <= compared
    assert {
        name for name in compared if (there / name).read_bytes() != (tmp_path / "graph" / name).read_bytes()
    } == set()
    with pytest.raises(UsageError, match="there is a graph here"):
        build_graph([bucket], there)
    assert len([path for path in (there / "store").rglob("*") if path.is_file()]) > 3
