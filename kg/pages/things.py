"""The pages of what the graph is about: trials, concepts, classes, the vocabulary, the dataset."""

from starlette.routing import Route

from kg.pages.trial import trial

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (Route("/study/{name}.html", trial),)
