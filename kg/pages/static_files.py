"""Style, scripts and pictures of the pages: kept by browsers as long as their bytes are the same."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

__all__ = ["StaticPages", "static_path"]

_FOLDER = Path(__file__).parent / "static"
#: An address with the file's mark never means other bytes; one without is asked again each time.
_FOREVER, _ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"


@cache
def static_path(name: str) -> str:
    """The path of a static file, with a mark that changes with its bytes."""
    return f"/static/{name}?v={sha256((_FOLDER / name).read_bytes()).hexdigest()[:12]}"


class StaticPages(StaticFiles):
    """Static files that say how long they may be kept."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or that the client has it."""
        response = await super().get_response(path, scope)
        has_mark = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = _FOREVER if has_mark else _ASK_AGAIN
        return response
