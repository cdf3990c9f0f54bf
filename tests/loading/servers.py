"""Real stores on loopback that may be written to."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

__all__ = ["UNION", "Addresses", "free_port", "oxigraph", "virtuoso"]


class Addresses(NamedTuple):
    """What a store takes, where: queries, updates, graphs."""

    query: str
    update: str
    gsp: str


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def oxigraph(folder: Path) -> Iterator[Addresses]:
    """An empty Oxigraph server."""
    program, port = str(Path(sys.executable).with_name("oxigraph")), free_port()
    command = [program, "serve", "--location", str(folder), "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            await_port(port)
            yield Addresses(*(f"http://127.0.0.1:{port}/{path}" for path in ("query", "update", "store")))
        finally:
            process.terminate()


def await_port(port: int) -> None:
    """Returns when somebody listens there."""
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)


#: Ports, folders and limits of a Virtuoso that is small and alone.
_SETTINGS = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 10
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
MaxClientConnections = 10
[SPARQL]
ResultSetMaxRows = 1000000
MaxQueryCostEstimationTime = 4000
MaxQueryExecutionTime = 120
DefaultQuery = select 1 where {{ }}
"""
#: The graph that is Virtuoso's default one here.
UNION = "https://w3id.org/trialgraph/graph/all"


@contextmanager
def virtuoso(folder: Path) -> Iterator[Addresses]:
    """An empty Virtuoso whose graphs anybody may write; the protected addresses know `dba`, password `dba`."""
    folder.mkdir()
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(_SETTINGS.format(sql=sql, http=http), encoding="utf-8")
    command = ["virtuoso-t", "+configfile", "virtuoso.ini", "+foreground"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            await_port(http)
            grants = "GRANT SPARQL_UPDATE TO \"SPARQL\"; DB.DBA.RDF_DEFAULT_USER_PERMS_SET ('nobody', 7);"
            isql = ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", f"exec={grants}"]
            subprocess.run(isql, check=True, capture_output=True)
            base = f"http://127.0.0.1:{http}/sparql"
            yield Addresses(f"{base}?default-graph-uri={UNION}", base, f"{base}-graph-crud-auth")
        finally:
            process.kill()
