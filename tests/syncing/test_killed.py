"""A sync that is killed loses nothing: the next goes on, and the graph is what it would have been."""

import random
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from tests.syncing.conftest import Sync
from tests.syncing.registry_server import Registry, study

RUN = """
import sys
from pathlib import Path
from kg.syncing import Wish, fetch
fetch(Path(sys.argv[1]), Wish(registry=sys.argv[2], per_minute=1e6))
"""
#: Seconds that the registry takes for a page.
PAGE_S = 0.005
#: Pages that it gives to one process.
MOST_PAGES = 5


def fetch_until_killed(syncing: Sync, after_s: float, after_pages: int) -> int:
    """Fetches in another process, which is killed so long after it asked for one page more; gives its exit code."""
    asked, killed, pages = Event(), Event(), count()

    def answer_slowly(_number: int) -> None:
        page = next(pages)
        if page >= after_pages:
            asked.set()
        # However late the kill comes, the sync is not over before.
        if page < MOST_PAGES:
            time.sleep(PAGE_S)
        else:
            killed.wait(60)

    syncing.registry.on_page = answer_slowly
    process = subprocess.Popen([sys.executable, "-c", RUN, syncing.graph, syncing.registry.url])
    assert asked.wait(60)
    time.sleep(after_s)
    process.kill()
    code = process.wait()
    killed.set()
    syncing.registry.on_page = lambda _number: None
    return code


def check_killed(syncing: Sync, tmp_path: Path, moments: list[float]) -> None:
    """A sync that is killed so long after it has begun, again and again, ends like any other.

    The first one keeps a page, however busy the machine is.
    """
    registry, pages = syncing.registry, (MOST_PAGES + 1) * len(moments)
    registry.studies = [study(number) for number in range(1, 2 * pages)]
    codes = {fetch_until_killed(syncing, after_s, int(not run)) for run, after_s in enumerate(moments)}
    assert codes == {-signal.SIGKILL}
    report = syncing()
    assert (report.resumed, report.studies, report.total, report.findings) == (True, 2 * pages - 1, 2 * pages - 1, [])
    # A page is asked for again only if the sync was killed before it was kept.
    assert set(registry.pages_asked) == set(range(1, pages + 1))
    assert len(registry.pages_asked) <= pages + len(moments)
    undisturbed = Sync(tmp_path / "undisturbed", registry)
    undisturbed()
    assert syncing.kept() == undisturbed.kept()
    assert syncing.layers() == undisturbed.layers()


def test_killed_sync_goes_on_where_it_stopped(syncing: Sync, tmp_path: Path) -> None:
    """Killed while it waits for a page, and while it keeps one."""
    check_killed(syncing, tmp_path, [0.0, 0.004, 0.006, 0.012])


@pytest.mark.data
def test_sync_killed_thirty_times_goes_on(syncing: Sync, tmp_path: Path) -> None:
    """At moments that chance chooses."""
    chance = random.Random(20261126)  # noqa: S311 - chooses moments, hides nothing
    check_killed(syncing, tmp_path, [chance.uniform(0, 4 * PAGE_S) for _ in range(30)])


def test_sync_killed_before_its_graph_was_built_builds_it(syncing: Sync, registry: Registry) -> None:
    """No page is asked for again."""
    syncing.fetch()
    registry.asked.clear()
    report = syncing()
    assert registry.pages_asked == []
    assert report.counts is not None
    assert report.counts["trials"] == 5
