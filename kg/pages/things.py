"""The pages of what the graph is about: trials, concepts, classes, the vocabulary, the dataset."""

from starlette.routing import Route

from kg.pages.concept import concept, drug_class
from kg.pages.dataset import dataset
from kg.pages.trial import trial
from kg.pages.vocabulary import vocabulary

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    Route("/study/{name}.html", trial),
    Route("/concept/{name}.html", concept),
    Route("/class/{name}.html", drug_class),
    Route("/vocab.html", vocabulary),
    Route("/dataset", dataset),
)
