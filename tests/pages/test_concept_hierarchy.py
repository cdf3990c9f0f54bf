"""The tree above a concept."""

from kg.pages.asking import Term
from kg.pages.hierarchy import Branch, grow
from tests.service.client import Server

BASE = "http://id.nlm.nih.gov/mesh/"


def _edges(*pairs: str) -> list[dict[str, Term]]:
    """`lower<upper` each."""
    found = []
    for pair in pairs:
        lower, upper = pair.split("<")
        terms = {"o": Term(BASE + lower, "uri"), "up": Term(BASE + upper, "uri")}
        found.append(terms | {"name": Term(lower), "up_name": Term(upper)})
    return found


def _drawn(branches: list[Branch]) -> str:
    """`a(b(*c))`: the concept itself with a star, one that stands before with a dot."""
    return " ".join(
        f"{'*' * each.is_here}{'.' * each.is_repeated}{each.concept.text}"
        + (f"({_drawn(list(each.below))})" if each.below else "")
        for each in branches
    )


def test_a_concept_stands_at_each_of_its_places() -> None:
    """Below both of its parents; what is above both is told once."""
    assert _drawn(grow(BASE + "C", _edges("C<A", "C<B", "A<T", "B<T"))) == "T(A(*C) B(*C))"


def test_what_has_several_places_is_told_in_full_once() -> None:
    """The second time its name stands alone."""
    edges = _edges("C<M", "M<A", "M<B", "A<T", "B<U")
    assert _drawn(grow(BASE + "C", edges)) == "T(A(M(*C))) U(B(.M))"


def test_a_ring_ends() -> None:
    """A hierarchy that leads back to itself is drawn as far as it leads down."""
    assert _drawn(grow(BASE + "C", _edges("C<A", "A<B", "B<A", "A<T"))) == "T(A(B(.A) *C))"
    assert grow(BASE + "C", _edges("C<A", "A<C")) == []
    assert grow(BASE + "C", []) == []


def test_the_page_of_a_concept_has_its_tree(site: Server) -> None:
    """From the top of MeSH's branches down to the concept."""
    page = site.get("/concept/mesh:D006528.html").body.decode()
    tree = page.partition('<ul class="tree">')[2]
    down = (
        "Digestive System Diseases",
        "Digestive System Neoplasms",
        "Liver Neoplasms",
        "<strong>Carcinoma, Hepatocellular",
    )
    places = [tree.index(name) for name in down]
    assert places == sorted(places)
