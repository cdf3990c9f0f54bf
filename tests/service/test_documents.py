"""What stands behind an IRI: 303 to the document that the client likes best."""

import pyoxigraph as ox
import pytest

from tests.service.client import Server

FORMATS = {
    ".ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    ".jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    ".nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    ".rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
}
THINGS = {
    "/study/NCT01079767": "https://clinicaltrials.gov/study/NCT01079767",
    "/concept/mesh:D006528": "http://id.nlm.nih.gov/mesh/D006528",
    "/class/mTORInhibitor": "https://w3id.org/trialgraph/class/mTORInhibitor",
    "/vocab": "https://w3id.org/trialgraph/vocab#Study",
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("path", THINGS)
def test_a_thing_leads_to_the_document_that_is_accepted(served: Server, path: str, suffix: str) -> None:
    """303 by the Accept header, and the document says the same in each format."""
    media_type, kind = FORMATS[suffix]
    seen = served.get(path, media_type)
    assert (seen.status, seen.headers["location"]) == (303, f"{served.address}{path}{suffix}")
    assert "Accept" in seen.headers["vary"]
    document = served.get(f"{path}{suffix}")
    assert (document.status, document.media_type) == (200, media_type)
    triples = {str(quad.triple) for quad in ox.parse(document.body, kind)}
    lines = served.get(f"{path}.nt").body
    assert triples == {str(quad.triple) for quad in ox.parse(lines, ox.RdfFormat.N_TRIPLES)}
    assert any(triple.startswith(f"<{THINGS[path]}>") for triple in triples)


@pytest.mark.parametrize("path", THINGS)
def test_the_other_formats_are_linked(served: Server, path: str) -> None:
    """`Link rel=alternate` names each other format, and each stands where it says."""
    links = served.get(path, "text/turtle").headers["link"].split(", ")
    assert [link.partition("type=")[2].strip('"') for link in links] == [
        *(media_type for media_type, _ in FORMATS.values()),
        "text/html",
    ]
    for link in links:
        address = link.partition(">")[0].removeprefix(f"<{served.address}")
        assert served.get(address).status == 200
    assert len(served.get(f"{path}.ttl").headers["link"].split(", ")) == len(FORMATS)


@pytest.mark.parametrize("path", THINGS)
def test_what_the_client_has_is_not_sent_again(served: Server, path: str) -> None:
    """The same document has the same tag and the same bytes, whichever worker wrote it; with the tag, 304."""
    first, *others = (served.get(f"{path}.ttl") for _ in range(4))
    assert {(each.headers["etag"], each.body) for each in others} == {(first.headers["etag"], first.body)}
    again = served.get(f"{path}.ttl", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status, again.body) == (304, b"")
    assert served.get(f"{path}.nt", headers={"If-None-Match": first.headers["etag"]}).status == 200


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", ".html"),
        ("text/html;q=0.5, text/turtle", ".ttl"),
        ("application/ld+json;q=0.8, text/html;q=0.9", ".html"),
        ("application/xhtml+xml", ".html"),
        ("text/html, text/turtle", ".ttl"),
        ("text/*", ".ttl"),
        ("*/*", ".ttl"),
        ("", ".ttl"),
    ],
)
@pytest.mark.parametrize("path", THINGS)
def test_pages_go_to_who_likes_them_better_than_data(served: Server, path: str, accept: str, suffix: str) -> None:
    """HTML is one more format: by quality, and last among equals."""
    answer = served.get(path, accept)
    assert (answer.status, answer.headers["location"]) == (303, f"{served.address}{path}{suffix}")
    assert "Accept" in answer.headers["vary"]
    assert 'type="text/html"' in answer.headers["link"]


def test_a_study_comes_with_its_parts_and_links(served: Server) -> None:
    """What the graph has under the study's name is in its document, and nothing else is."""
    answer = served.sparql(
        "SELECT ?s ?p ?o { ?s ?p ?o FILTER(?s = <https://clinicaltrials.gov/study/NCT01079767>"
        " || STRSTARTS(STR(?s), 'https://w3id.org/trialgraph/study/NCT01079767#')) }"
    )
    document = served.get("/study/NCT01079767.nt")
    assert document.body.count(b"\n") == len(answer.rows()) > 100


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/study/nct01079767", "/study/NCT01079767"),
        ("/study/nct01079767.ttl", "/study/NCT01079767.ttl"),
        ("/ct2/show/NCT01079767", "/study/NCT01079767"),
        ("/show/nct01079767", "/study/NCT01079767"),
    ],
)
def test_old_addresses_lead_to_the_new(served: Server, old: str, new: str) -> None:
    """Once and for all: 301."""
    answer = served.get(old)
    assert (answer.status, answer.headers["location"]) == (301, f"{served.address}{new}")


@pytest.mark.parametrize(
    "path",
    [
        "/study/NCT99999999",
        "/study/NCT99999999.ttl",
        "/study/NCT1",
        "/study/NCT01079767.docx",
        "/study/%22%3E%20.%20%3Fs%20%3Fp%20%3Fo",
        "/concept/mesh:D999999",
        "/concept/mesch:D006528",
        "/concept/mesh:",
        "/concept/D006528",
        "/concept/mesh:D006528%3E%20.%20%3Fs%20%3Fp%20%3Fo%20%3C",
        "/class/no-such-class",
        "/class/%0A",
        "/ct2/show/abc",
        "/vocab.docx",
    ],
)
def test_what_nobody_knows_is_not_found(served: Server, path: str) -> None:
    """404 as a problem, with or without a suffix."""
    answer = served.get(path, "text/turtle")
    assert (answer.status, answer.media_type) == (404, "application/problem+json")


def test_a_format_that_there_is_not_is_not_acceptable(served: Server) -> None:
    """406, when the client takes none of the formats."""
    assert served.get("/study/NCT01079767", "image/png").status == 406
    assert served.get("/vocab", "image/png").status == 406
