"""The page of our vocabulary: as the bundle for catalogues has it, in the frame of the site."""

from functools import cache

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from kg import assets
from kg.pages.asking import page_headers
from kg.pages.rendering import render
from kg.service.documents import alternates

__all__ = ["vocabulary"]


async def vocabulary(request: Request) -> Response:
    """Every class, property and scheme of codes, each at its own name."""
    headers = page_headers(request, alternates(request, "/vocab", "html"))
    return render(request, "vocabulary.html", headers=headers, whole=_main())


@cache
def _main() -> Markup:
    """What stands between head and foot of the bundle's page: made of a file of ours, each text escaped."""
    from kg.publishing.vocabulary_page import vocabulary_page

    page = vocabulary_page(assets.folder("ontologies") / "trialgraph.ttl", "vocab.ttl")
    body = page.partition("<body>")[2].partition("</body>")[0]
    return Markup(body.replace("<main>", "<div>").replace("</main>", "</div>"))  # noqa: S704
