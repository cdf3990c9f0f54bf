"""What stands behind an IRI: 303 to the document that describes it, in the format that the client likes.

https://www.w3.org/TR/cooluris/#r303gendocument
"""

import re
from collections.abc import Mapping
from functools import cache

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kg import assets, iris, terms
from kg.errors import NotFound
from kg.export import FORMATS
from kg.queries import substitute
from kg.service.exchange import ask, content_type, find_unchanged, respond, service_of
from kg.service.formats import GRAPH, ROWS, SUFFIXES, graph_format, negotiate
from kg.service.wire import Choice, Failure, Format, Reply, TextTask
from kg.vocab import PREFIXES, expand

__all__ = ["alternates", "class_document", "concept", "old_study", "study", "vocabulary"]

#: HTML is for people: offered where there are pages, last, so that who takes anything gets data.
_PAGE = {"html": ("text/html", "application/xhtml+xml")}

_PROLOGUE = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("tg", "owl", "rdfs"))

#: No VALUES within a UNION: Virtuoso finds nothing then.
#: A study, its parts, what they consist of, and the links that we made from any of them.
_STUDY = f"""{_PROLOGUE}CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {{
    SELECT DISTINCT ?s WHERE {{
      {{ ?_study ?q0 ?value BIND(?_study AS ?s) }}
      UNION {{ ?_study ?q1 ?s FILTER(STRSTARTS(STR(?s), ?_base)) }}
      UNION {{ ?_study ?q2 ?part . ?part ?q3 ?s FILTER(STRSTARTS(STR(?part), ?_base) && STRSTARTS(STR(?s), ?_base)) }}
      UNION {{ ?s owl:annotatedSource ?_study }}
      UNION {{ ?_study ?q4 ?linked FILTER(STRSTARTS(STR(?linked), ?_base)) ?s owl:annotatedSource ?linked }}
    }}
  }}
  ?s ?p ?o
}}"""

#: Whether the graph knows a thing, and what has come in its place.
_KNOWN = """PREFIX dct: <http://purl.org/dc/terms/>
SELECT ?new WHERE { { SELECT ?known { ?_thing ?known ?value } LIMIT 1 } OPTIONAL { ?_thing dct:isReplacedBy ?new } }"""

#: A concept, the names of what it points to, and what is directly narrower.
_CONCEPT = f"""{_PROLOGUE}CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {{ ?_concept ?p ?o BIND(?_concept AS ?s) }}
  UNION {{ ?_concept ?q ?s . ?s rdfs:label ?o BIND(rdfs:label AS ?p) }}
  UNION {{ ?s tg:broader ?_concept BIND(tg:broader AS ?p) BIND(?_concept AS ?o) }}
  UNION {{ ?s tg:broader ?_concept ; rdfs:label ?o BIND(rdfs:label AS ?p) }}
}}"""


async def study(request: Request) -> Response:
    """A trial."""
    name, suffix = _split(request.path_params["name"])
    number = name.upper()
    if not iris.is_nct(number):
        raise NotFound("study", name, ())
    if name != number:
        return RedirectResponse(f"{service_of(request).base(request)}/study/{number}{suffix}", 301)
    iri = terms.iri(iris.study(number))
    text = substitute(_STUDY, {"_study": iri, "_base": terms.plain(iris.part_base(number))})
    return await _document(request, f"/study/{number}", suffix, iri, text)


async def old_study(request: Request) -> Response:
    """A trial under an address that the registry once used."""
    number = request.path_params["name"].upper()
    if not iris.is_nct(number):
        raise NotFound("study", number, ())
    return RedirectResponse(f"{service_of(request).base(request)}/study/{number}", 301)


async def concept(request: Request) -> Response:
    """A concept of an ontology, by its CURIE."""
    name, suffix = _split(request.path_params["name"])
    prefix, _, local = name.partition(":")
    if prefix not in PREFIXES or not _LOCAL.fullmatch(local):
        raise NotFound("prefix", prefix, PREFIXES)
    return await _concept(request, f"/concept/{name}", suffix, expand(name))


async def class_document(request: Request) -> Response:
    """A drug class, by its name."""
    name, suffix = _split(request.path_params["name"])
    if not _LOCAL.fullmatch(name):
        raise NotFound("class", name, ())
    return await _concept(request, f"/class/{name}", suffix, expand(f"class:{name}"))


_LOCAL = re.compile(r"[\w.-]+", re.ASCII)


async def _concept(request: Request, path: str, suffix: str, iri: str) -> Response:
    named = terms.iri(iri)
    return await _document(request, path, suffix, named, substitute(_CONCEPT, {"_concept": named}))


async def vocabulary(request: Request) -> Response:
    """Our vocabulary."""
    _, suffix = _split(request.url.path)
    service = service_of(request)
    found = _by_suffix(suffix)
    if found is None:
        return _see_other(request, "/vocab")
    headers = _headers(request, "/vocab", found, service.etag("vocab", found.name))
    if unchanged := find_unchanged(request, headers):
        return unchanged
    return Response(_vocabulary(found.name), headers={"Content-Type": content_type(found.media_type), **headers})


@cache
def _vocabulary(name: str) -> bytes:
    file = assets.folder("ontologies") / "trialgraph.ttl"
    if name == "turtle":
        return file.read_bytes()
    triples = (quad.triple for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE))
    return ox.serialize(triples, format=FORMATS[name].rdf, prefixes=dict(PREFIXES)) or b""


def _split(name: str) -> tuple[str, str]:
    for suffix in SUFFIXES.values():
        if name.endswith(suffix):
            return name.removesuffix(suffix), suffix
    return name, ""


def _by_suffix(suffix: str) -> Format | None:
    return next((Format(name, GRAPH[name][0]) for name, known in SUFFIXES.items() if known == suffix), None)


async def _document(request: Request, path: str, suffix: str, iri: str, text: str) -> Response:
    """The description of what a query tells about; without a suffix, where it stands.

    Raises:
        NotFound: if the graph knows nothing of it.
    """
    if not suffix:
        return await _see_other_known(request, path, iri)
    service = service_of(request)
    found = _by_suffix(suffix) or Format("turtle", GRAPH["turtle"][0])
    headers = _headers(request, path, found, service.etag(path, found.name))
    if unchanged := find_unchanged(request, headers):
        return unchanged
    told = await ask(request, TextTask(text=text, choice=Choice(None, None, found), in_order=True))
    if isinstance(told, Reply) and not told.rows:
        raise _unknown(path)
    return respond(told, {} if isinstance(told, Failure) else headers)


def _unknown(path: str) -> NotFound:
    return NotFound("graph", path.rpartition("/")[2], ())


async def _see_other_known(request: Request, path: str, iri: str) -> Response:
    """Where the documents of a thing stand; where its successor stands, if it has one."""
    # What the graph does not know has no format that could be refused: it is looked for first.
    rows = Format("json", ROWS["json"][0])
    told = await ask(request, TextTask(text=substitute(_KNOWN, {"_thing": iri}), choice=Choice(rows, None, None)))
    if isinstance(told, Failure):
        return respond(told, {})
    if not told.rows:
        raise _unknown(path)
    if new := _SUCCESSOR.search(told.body):
        return RedirectResponse(f"{service_of(request).base(request)}/study/{new[1].decode()}", 301)
    return _see_other(request, path)


#: A study in the rows of `_KNOWN`: nothing else has a successor.
_SUCCESSOR = re.compile(rb'"https://clinicaltrials\.gov/study/(NCT[0-9]{8})"')


def _see_other(request: Request, path: str) -> Response:
    accept = request.headers.get("accept", "")
    found = negotiate(accept, {**GRAPH, **_pages(request)}) or graph_format(accept)
    address = f"{service_of(request).base(request)}{path}"
    headers = {"Vary": "Accept", "Link": alternates(request, path)}
    return RedirectResponse(f"{address}{SUFFIXES.get(found.name, '.html')}", 303, headers)


def _pages(request: Request) -> Mapping[str, tuple[str, ...]]:
    return _PAGE if getattr(request.app.state, "has_pages", False) else {}


def _headers(request: Request, path: str, found: Format, etag: str) -> Mapping[str, str]:
    headers = {"Link": alternates(request, path, found.name), "Cache-Control": "no-cache", "Vary": "Accept"}
    return headers | {"ETag": etag} if etag else headers


def alternates(request: Request, path: str, but: str = "") -> str:
    """The `Link` header that names a thing's documents in every format but one.

    https://www.iana.org/assignments/link-relations/link-relations.xhtml
    """
    address = f"{service_of(request).base(request)}{path}"
    offered = {name: (suffix, GRAPH[name][0]) for name, suffix in SUFFIXES.items()}
    offered |= {name: (".html", media_types[0]) for name, media_types in _pages(request).items()}
    links = (
        f'<{address}{suffix}>; rel="alternate"; type="{media_type}"'
        for name, (suffix, media_type) in offered.items()
        if name != but
    )
    return ", ".join(links)
