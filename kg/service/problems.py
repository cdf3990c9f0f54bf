"""Errors -> problems: the form in which HTTP tells what went wrong (https://www.rfc-editor.org/rfc/rfc9457)."""

import re
from typing import TYPE_CHECKING

from kg import errors
from kg.service.wire import Failure
from kg.vocab import ID

if TYPE_CHECKING:
    from starlette.responses import Response

__all__ = ["Refused", "failure", "problem"]


class Refused(errors.KgError):
    """A request that is refused with a status of its own. `kind` names the reason for programs."""

    def __init__(self, status: int, kind: str, where: str, problem: str, **details: str) -> None:
        self.status = status
        self.kind = kind
        super().__init__(where, problem, **details)


#: Error -> status, kind, title; the first that fits.
_STATUSES: tuple[tuple[type[errors.KgError], int, str, str], ...] = (
    (errors.ParameterError, 422, "parameter", "A parameter cannot be meant"),
    (errors.QueryRefused, 400, "query", "The query cannot be understood"),
    (errors.UsageError, 400, "request", "The request cannot be meant"),
    (errors.NotFound, 404, "not-found", "There is no such name"),
    (errors.DeadlineExceeded, 504, "deadline", "The query took longer than it may"),
    (errors.EndpointError, 502, "endpoint", "The endpoint behind this service gives no answer"),
)

_TITLES = {
    "update": "Updates are refused",
    "service": "SERVICE is refused",
    "not-acceptable": "No format that is accepted fits the answer",
    "format": "There is no such format",
    "too-large": "The answer is larger than it may be",
    "memory": "The query takes more memory than it may",
    "media-type": "The request's media type is not taken",
    "gone": "The client went",
    "busy": "All workers are busy",
    "worker": "The worker that ran the query died",
    "slow": "The request came too slowly",
    "request-too-large": "The request is larger than it may be",
}

#: Where the engine's parser says that it stopped.
_PLACE = re.compile(r"error at (\d+):(\d+):")


def failure(error: errors.KgError) -> Failure:
    """What is told of an error."""
    status, kind, title = _kind(error)
    more: dict[str, str | int | list[str]] = {"where": error.where}
    more |= {name: value for name in ("got", "expected", "remedy") if (value := getattr(error, name))}
    if isinstance(error, errors.NotFound):
        more["nearest"] = error.nearest
    if place := _PLACE.search(str(error)):
        more |= {"line": int(place[1]), "column": int(place[2])}
    return Failure(status=status, kind=kind, title=title, detail=str(error), more=more)


def _kind(error: errors.KgError) -> tuple[int, str, str]:
    if isinstance(error, Refused):
        return error.status, error.kind, _TITLES[error.kind]
    for known, status, kind, title in _STATUSES:
        if isinstance(error, known):
            return status, kind, title
    return 500, "error", "The service cannot go on"


def problem(told: Failure, headers: dict[str, str] | None = None) -> "Response":
    """The response that tells it."""
    from starlette.responses import JSONResponse  # here, for workers have no use for it

    content = {
        "type": f"{ID}problem/{told.kind}",
        "title": told.title,
        "status": told.status,
        "detail": told.detail,
        **told.more,
    }
    return JSONResponse(content, told.status, headers, media_type="application/problem+json")
