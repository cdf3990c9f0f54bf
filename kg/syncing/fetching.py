"""Page after page of one run, from the first that is not on disk, until the registry names no next one."""

from collections.abc import Callable
from typing import NoReturn

import msgspec

from kg.errors import RegistryError
from kg.finding import Finding, Severity
from kg.readers.registry import Answer
from kg.syncing.kept import Kept, Note, Run
from kg.syncing.pages import Pace, Page, ask_page, read_page
from kg.syncing.questions import page_url

__all__ = ["Fetched", "Progress", "TokenForgottenError"]

#: Studies that have come, and that there are by the registry's count (0 if it does not say).
Progress = Callable[[int, int], None]

_UNCHANGED, _REFUSED = 304, (400, 404)
#: The API may send pages without a study; so many in a row are no list any more.
_MOST_EMPTY = 20


class TokenForgottenError(Exception):
    """The registry does not know the token of the next page any more: the run has to begin anew."""


class Fetched:
    """What has come of a run."""

    def __init__(self, kept: Kept, run: Run) -> None:
        self.pages = self.unchanged = self.repeated = 0
        self.studies: set[int] = set()
        self.total: int | None = None
        self.findings: list[Finding] = []
        self._kept, self._run = kept, run
        self._tokens: set[str] = set()
        self._next = ""
        self._left_out = self._empty = 0
        self._done = False
        for note in kept.notes(run):
            self._take(note)

    def fetch(self, pace: Pace, progress: Progress) -> None:
        """All pages of the run are on disk.

        Raises:
            RegistryError: if the registry does not give a page, or its pages would never end.
            TokenForgottenError: if it does not know a token that it gave.
        """
        older = self._older_pages()
        while not self._done:
            progress(len(self.studies), self.total or 0)
            self._fetch_page(pace, older)
        progress(len(self.studies), self.total or 0)

    def _fetch_page(self, pace: Pace, older: dict[str, tuple[Run, int]]) -> None:
        url = page_url(self._run.registry, self._kept.state.query, self._run.since, self._next)
        old = older.get(url)
        before = self._kept.note(*old) if old else Note(url=url, token="", next_token="")
        pace.wait()
        answer = ask_page(url, (before.etag, before.modified))
        if answer.status in _REFUSED:
            self._refuse(url, answer)
        if answer.status == _UNCHANGED and old:
            said = [finding for finding in before.findings if finding.rule == "no-record"]
            note = self._checked(msgspec.structs.replace(before, findings=said))
            self._kept.keep_again(self._run, self.pages + 1, old, note)
            self.unchanged += 1
        else:
            page = read_page(url, answer.body)
            note = self._checked(_note(url, self._next, answer, page))
            self._kept.keep(self._run, self.pages + 1, page.lines, note)
        self._take(note)

    def _refuse(self, url: str, answer: Answer) -> NoReturn:
        if self._next:
            raise TokenForgottenError(url)
        reason = answer.body.decode("utf-8", errors="replace").strip()
        raise RegistryError(url, f"the registry refuses the question (HTTP {answer.status})", got=reason)

    def _checked(self, note: Note) -> Note:
        """The page, with what is odd about its place among the others.

        Raises:
            RegistryError: if the pages would never end.
        """
        if note.next_token and note.next_token in {*self._tokens, note.token}:
            raise RegistryError(
                note.url, "the registry leads back to a page that has come: they would never end", got=note.next_token
            )
        if not note.numbers and note.next_token:
            if self._empty + 1 >= _MOST_EMPTY:
                raise RegistryError(note.url, f"{_MOST_EMPTY} pages in a row without a study, and still no end")
            note.findings.append(_finding("empty-page", "info", "a page without a study, and not the last", note.url))
        if None not in (note.total, self.total) and note.total != self.total:
            text = f"the registry counted {self.total:,} studies, and now {note.total:,}: they change while they come"
            note.findings.append(_finding("total-changed", "warning", text, note.url))
        return note

    def _take(self, note: Note) -> None:
        self.pages += 1
        before = len(self.studies)
        self.studies.update(note.numbers)
        self.repeated += before + len(note.numbers) - len(self.studies)
        self.total = note.total if note.total is not None else self.total
        self.findings += note.findings
        self._left_out += sum(finding.rule == "no-record" for finding in note.findings)
        self._empty = 0 if note.numbers else self._empty + 1
        self._tokens.add(note.token)
        self._next = note.next_token
        self._done = not note.next_token

    def _older_pages(self) -> dict[str, tuple[Run, int]]:
        """Pages of earlier runs that can be asked for on condition that they have changed, by their address."""
        return {
            note.url: (run, number)
            for run in self._kept.state.runs
            if run.finished and run.since == self._run.since
            for number, note in enumerate(self._kept.notes(run), 1)
            if note.etag or note.modified
        }

    def is_whole(self) -> bool:
        """Whether as many studies have come as the registry counted; what speaks for or against it is a finding."""
        if self.repeated:
            text = f"{self.repeated:,} records came more than once: the later update counts"
            self.findings.append(_finding("repeated-record", "info", text, self._run.registry))
        came = len(self.studies) + self._left_out
        if self.total is None or came == self.total:
            return True
        text = f"the registry counted {self.total:,} studies, and {came:,} came"
        missing = came < self.total
        text += ": the next sync asks from the same day on" if missing else ""
        self.findings.append(
            _finding("studies-missing" if missing else "more-studies", "violation" if missing else "info", text, "")
        )
        return not missing


def _note(url: str, token: str, answer: Answer, page: Page) -> Note:
    return Note(
        url=url,
        token=token,
        next_token=page.token,
        etag=answer.etag,
        modified=answer.modified,
        total=page.total,
        numbers=[int(number.removeprefix("NCT")) for number in page.numbers],
        findings=page.findings,
    )


def _finding(rule: str, severity: Severity, message: str, source: str) -> Finding:
    return Finding(rule=rule, message=message, severity=severity, source=source)
