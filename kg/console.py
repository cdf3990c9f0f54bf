"""What the command line shows: tables for people, bars while they wait, an end when the time is up."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import typer

from kg.errors import NotFound, UsageError

__all__ = [
    "FAILED",
    "byte_progress",
    "count_cores",
    "deadline",
    "opened",
    "print_answer",
    "print_cells",
    "print_table",
    "progress",
    "read_text",
    "record_progress",
]

#: Exit code of what could not run.
FAILED = 3


@contextmanager
def deadline(timeout_s: float) -> Iterator[None]:
    """Ends the process when the time is up: the embedded engine cannot be interrupted."""

    def end() -> None:
        sys.stderr.write(f"kg: query: no answer within {timeout_s:g} s. Give it longer with --timeout-s.\n")
        sys.stderr.flush()
        os._exit(FAILED)

    timer = threading.Timer(min(timeout_s, threading.TIMEOUT_MAX), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def opened(output: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that appears under its name only when it is whole."""
    if output is None:
        yield sys.stdout.buffer
        return
    if output.is_dir():
        raise UsageError(str(output), "is a folder", expected="the name of a file to write")
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with beside.open("wb") as stream:
            yield stream
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)


def read_text(file: str) -> str:
    """The text of a file, or of standard input for `-`.

    Raises:
        UsageError: if it is not in UTF-8.
    """
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(file, "not in UTF-8", got=f"byte {data[error.start]:#04x} at {error.start}") from error


@contextmanager
def progress(unit: str) -> Iterator[Callable[[int], None]]:
    """A bar on stderr that shows after two seconds, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from time import monotonic

    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.completed:,} " + unit), TimeElapsedColumn()
    started = monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=False) as bar:
        task = bar.add_task(unit, total=None, visible=False)
        yield lambda done: bar.update(task, completed=done, visible=monotonic() - started > 2)  # noqa: PLR2004


@contextmanager
def byte_progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr for what comes of a file: bytes that came, bytes that there are (0 if unknown); on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _have, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = TextColumn(name), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda have, total: bar.update(task, completed=have, total=total or None)


@contextmanager
def record_progress() -> Iterator[Callable[[int, int, int, str], None]]:
    """A bar on stderr of (records, bytes done, bytes that there are, what is done to them), with rate and time left."""
    if not sys.stderr.isatty():
        yield lambda _records, _done, _total, _step: None
        return
    from time import monotonic

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[records]:,} records {task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rate]:,.0f} a second"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        started: dict[str, float] = {}
        task = bar.add_task("mapped", total=None, records=0, rate=0.0)

        def show(records: int, done: int, total: int, step: str) -> None:
            # Each step has its own time left.
            if step not in started:
                started[step] = monotonic()
                bar.reset(task, description=step)
            reached = done / total if step != "mapped" and total else 1.0
            rate = records * reached / max(monotonic() - started[step], 0.1)
            bar.update(task, completed=done, total=total or None, records=records, rate=rate)

        yield show


def count_cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def print_answer(answer: Any, name: str, resolved: Any = ()) -> None:
    """Prints an answer in the named format; rows as a table for people."""
    import pyoxigraph as ox

    from kg.queries.answers import cells, write_answer

    if name != "table" or not isinstance(answer, ox.QuerySolutions | ox.QueryBoolean):
        write_answer(answer, sys.stdout.buffer, name, resolved)
    elif isinstance(answer, ox.QueryBoolean):
        typer.echo("yes" if answer else "no")
    else:
        columns, rows = cells(answer)
        print_table(columns, rows)
        typer.echo(f"{len(rows):,} row{'' if len(rows) == 1 else 's'}", err=True)


def print_table(columns: list[str], rows: list[list[str]]) -> None:
    """Prints a table; plain and wide where nobody watches."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    # Away from a terminal lines may be longer, and are plain; COLUMNS decides where it is set.
    width = None if "COLUMNS" in os.environ else 160
    console = Console() if sys.stdout.isatty() else Console(width=width, no_color=True, highlight=False)
    console.print(table)


def print_cells(columns: list[str], lines: list[list[str]], table_format: str) -> None:
    """Prints lines of cells as a table or as Markdown.

    Raises:
        NotFound: if there is no such format.
    """
    if table_format not in ("table", "markdown"):
        raise NotFound("format", table_format, ("table", "json", "markdown"))
    if table_format == "table":
        print_table(columns, lines)
        return
    for line in (columns, ["---"] * len(columns), *lines):
        typer.echo(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |")
