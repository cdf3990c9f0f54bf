"""A trial's dates as a picture: a row a date on a scale of years, and the study as a bar from start to end."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from kg.pages.properties import name_of
from kg.pages.showing import date_text
from kg.pages.study import Study

__all__ = ["Timeline", "make_timeline"]

#: Where it stands -> properties, in the order in which they come about.
_DATES = (
    ("record", "tg:firstSubmitted"),
    ("record", "tg:firstPosted"),
    ("", "tg:startDate"),
    ("", "tg:primaryCompletionDate"),
    ("", "tg:completionDate"),
    ("record", "tg:resultsFirstSubmitted"),
    ("record", "tg:resultsFirstPosted"),
    ("record", "tg:verified"),
    ("record", "tg:lastUpdateSubmitted"),
    ("record", "tg:lastUpdatePosted"),
)
#: Measures of the picture: width, room for names on the left and dates on the right, height of a row and of the head.
_WIDTH, _LEFT, _RIGHT, _ROW, _HEAD = 760, 190, 150, 26, 26
_MOST_TICKS = 8


class Mark(NamedTuple):
    """One date: its name and words, whether it is expected only, and where it stands."""

    name: str
    text: str
    is_estimated: bool
    is_of_study: bool
    x: float
    y: float
    tip: str


class Tick(NamedTuple):
    """A year on the scale."""

    year: int
    x: float


class Timeline(NamedTuple):
    """The picture; `bar` is from start to end, `solid` what of it is until the primary completion."""

    width: int
    height: int
    left: int
    marks: Sequence[Mark]
    ticks: Sequence[Tick]
    bar: tuple[float, float] | None
    solid: tuple[float, float] | None
    bar_y: float
    has_study: bool
    has_record: bool


def make_timeline(study: Study) -> Timeline | None:
    """The picture of a trial's dates; None if fewer than two can be placed."""
    days = [(part, curie, day) for part, curie in _DATES if (day := _day(study.text(curie, part)))]
    if len({day for _, _, day in days}) < 2:  # noqa: PLR2004 - one point is no line
        return None
    first, last = min(day for *_, day in days), max(day for *_, day in days)
    begin, end = date(first.year, 1, 1).toordinal(), date(min(last.year + 1, date.max.year), 1, 1).toordinal()

    def place(day: date) -> float:
        share = (day.toordinal() - begin) / max(1, end - begin)
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    marks = [_mark(study, part, curie, place(day), row) for row, (part, curie, day) in enumerate(days)]
    where = {curie: place(day) for _, curie, day in days}
    span = _span(where, "tg:startDate", "tg:completionDate") or _span(where, "tg:startDate", "tg:primaryCompletionDate")
    return Timeline(
        _WIDTH,
        _HEAD + (len(marks) + bool(span)) * _ROW + 8,
        _LEFT,
        [mark._replace(y=mark.y + _ROW * bool(span)) for mark in marks],
        [Tick(year, place(date(year, 1, 1))) for year in _years(first.year, last.year + 1)],
        span,
        _span(where, "tg:startDate", "tg:primaryCompletionDate"),
        _HEAD + _ROW / 2,
        not all(part for part, *_ in days),
        any(part for part, *_ in days),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _mark(study: Study, part: str, curie: str, x: float, row: int) -> Mark:
    text = date_text(study.text(f"{curie}AsStated", part) or study.text(curie, part))
    kind = study.text(f"{curie}Type", part)
    tip = name_of(curie) + f": {text}" + (f" ({kind.lower()})" if kind else "")
    return Mark(name_of(curie), text, kind.lower() == "estimated", not part, x, _HEAD + (row + 0.5) * _ROW, tip)


def _span(where: dict[str, float], start: str, end: str) -> tuple[float, float] | None:
    if start not in where or end not in where or where[end] < where[start]:
        return None
    return where[start], round(max(2.0, where[end] - where[start]), 1)


def _years(first: int, last: int) -> Sequence[int]:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 500, 1000, 5000) if (last - first) / step <= _MOST_TICKS)
    return [year for year in range(first, last + 1) if year % step == 0 and year <= date.max.year]
