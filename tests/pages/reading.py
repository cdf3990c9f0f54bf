"""Pages as their readers see them."""

import re
from html.parser import HTMLParser

from tests.service.client import Server

__all__ = ["Words", "bare", "texts_of"]


class Words(HTMLParser):
    """The text of a page, its ids, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)
        self.text = " ".join(self.text.split())

    def handle_data(self, data: str) -> None:
        """Gathers the words."""
        self.text += f"{data} "

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Gathers ids and links."""
        named = dict(attrs)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.links += [named["href"] or ""] if tag == "a" and "href" in named else []


def bare(text: str) -> str:
    """Letters and digits alone: bullets are drawn, not written, and lines are joined."""
    return re.sub(r"[\W_]+", "", text)


_TEXTS = """PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
SELECT DISTINCT ?o WHERE {
  ?s ?p ?o FILTER(isLiteral(?o) && datatype(?o) IN (xsd:string, rdf:langString))
  FILTER(?s = <STUDY> || STRSTARTS(STR(?s), "PARTS"))
  FILTER(!STRSTARTS(STR(?o), "NUMBER:"))
}"""


def texts_of(server: Server, number: str) -> list[str]:
    """Every text that the graph has of a trial and its parts; its label, which repeats number and title, aside."""
    study, parts = f"https://clinicaltrials.gov/study/{number}", f"https://w3id.org/trialgraph/study/{number}#"
    query = _TEXTS.replace("STUDY", study).replace("PARTS", parts).replace("NUMBER", number)
    return [row["o"] for row in server.sparql(query, "application/sparql-results+json").rows()]
