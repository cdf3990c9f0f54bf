"""Partitions -> pieces on a Dask cluster: the same pieces, sent back to the process that merges them.

Workers need what this process has: this version of the package, the ontologies, and the inputs under the same names (a
shared file system, or URLs). Only pieces travel, packed, and what this process alone could unpack. A worker that dies
is the cluster's to replace: its partitions are mapped again elsewhere. https://distributed.dask.org
"""

import os
import re
import socket
import threading
from collections import deque
from collections.abc import Generator, Iterable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from kg.building.making import make_piece
from kg.building.piece import is_whole
from kg.building.recipe import Mapper, Recipe, open_recipe
from kg.errors import KgError, UsageError
from kg.readers import Partition

__all__ = ["check_cluster", "make_pieces_on"]

_LOCAL = re.compile(r"local(?::([1-9][0-9]{0,3}))?")
_ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://[^\s/]+:[0-9]+")
#: Seconds in which a scheduler answers that is there.
_CONNECT_S = 20
#: Partitions under way for each thread of the cluster: one at work, one on its way.
_AHEAD = 2


class Made(msgspec.Struct):
    """What a worker sends back: a piece's name with its bytes, which are left out if they are here; or an error."""

    name: str = ""
    data: bytes = b""
    error: tuple[str, str] | None = None


def check_cluster(address: str) -> str:
    """The address, if it may be one: a scheduler's (`tcp://host:8786`), or `local` with a number of processes.

    Raises:
        UsageError: if it is none.
    """
    if not _LOCAL.fullmatch(address) and not _ADDRESS.fullmatch(address):
        raise UsageError("--dask", "no cluster", got=address, expected="tcp://HOST:PORT, local, or local:N")
    return address


def make_pieces_on(
    address: str, partitions: Iterable[Partition], mapper: Mapper, folder: Path
) -> Generator[tuple[Partition, Path]]:
    """Each partition with its piece in the folder, in the order of the partitions; few are under way at a time.

    Raises:
        KgError: if there is no such cluster, its workers are not as we are, or one partition kills them all.
    """
    with ExitStack() as stack:
        client = _connect(stack, _dask(), address)
        finished = frozenset(path.name for path in folder.glob("*.piece") if is_whole(path))
        ahead = max(1, sum(client.nthreads().values())) * _AHEAD
        waiting: deque[tuple[Partition, Any]] = deque()
        for partition in partitions:
            message = msgspec.msgpack.encode(partition)
            waiting.append((partition, client.submit(_make, message, mapper.recipe, finished, pure=False)))
            if len(waiting) >= ahead:
                yield _take(waiting.popleft(), folder)
        while waiting:
            yield _take(waiting.popleft(), folder)


def _dask() -> Any:
    """Dask's package for clusters, which has no types."""
    try:
        return import_module("distributed")
    except ImportError as error:
        remedy = "Install it with the package: pip install 'trialgraph[cluster]'."
        raise KgError("--dask", "Dask is not installed", remedy=remedy) from error


def _connect(stack: ExitStack, dask: Any, address: str) -> Any:
    local = _LOCAL.fullmatch(address)
    try:
        if local:
            count = int(local[1]) if local[1] else None
            address = stack.enter_context(
                dask.LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1")
            )
        return stack.enter_context(dask.Client(address, timeout=_CONNECT_S, set_as_default=False))
    except (OSError, TimeoutError) as error:
        remedy = "Start one with `dask scheduler`, and workers with `dask worker ADDRESS`."
        raise KgError(str(address), f"no scheduler answers: {error}", remedy=remedy) from error


def _take(asked: tuple[Partition, Any], folder: Path) -> tuple[Partition, Path]:
    partition, future = asked
    try:
        made: Made = future.result()
    except _dask().KilledWorker as error:
        remedy = "Is there too little memory? What was finished is kept: run the same command again."
        raise KgError(partition.label(), f"it killed {error.allowed_failures} workers", remedy=remedy) from error
    finally:
        future.release()
    if made.error:
        raise KgError(*made.error)
    path = folder / made.name
    if made.data:
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_bytes(made.data)
        beside.replace(path)
    return partition, path


def _make(message: bytes, recipe: Recipe, finished: frozenset[str]) -> Made:
    """Runs in a worker: the piece of a partition."""
    try:
        mapper = _opened(recipe)
        with TemporaryDirectory(prefix="trialgraph-") as folder:
            path = make_piece(msgspec.msgpack.decode(message, type=Partition), mapper, Path(folder), finished)
            return Made(path.name, b"" if path.name in finished else path.read_bytes())
    except KgError as error:
        return Made(error=(f"{socket.gethostname()}: {error.where}", error.problem))
    except OSError as error:
        return Made(error=(socket.gethostname(), " ".join(str(error).split())))


#: A worker may have several threads; what is opened belongs to one.
_thread = threading.local()


def _opened(recipe: Recipe) -> Mapper:
    known: dict[str, Any] = _thread.__dict__.setdefault("mappers", {})
    if recipe.digest not in known:
        known.clear()
        mapper = open_recipe(recipe)
        ours = Recipe.of(mapper.knowledge, list(map(Path, recipe.mappings)), validate=recipe.validate)
        if ours.digest != recipe.digest:
            problem = "this worker has another version of the package, of an ontology or of a mapping set"
            raise KgError("the worker", problem)
        known[recipe.digest] = mapper
    mapper = known[recipe.digest]
    assert isinstance(mapper, Mapper)  # noqa: S101 - nothing else is kept
    return mapper
