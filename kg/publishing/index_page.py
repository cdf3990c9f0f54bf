"""The bundle's front page: what it is, on what terms, and its files with their sizes and hashes."""

import html
from collections.abc import Mapping

from kg.publishing.release import DESCRIPTION, QUERIES, Release

__all__ = ["STYLE", "index_page"]

#: The style of every page of a bundle; dark where the reader's screen is.
STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem}code{font-size:.95em;overflow-wrap:anywhere}article{border-top:1px solid #8886;padding:.6rem 0}"
    "h3{margin:0}dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1rem;margin:.3rem 0 0}dt{opacity:.7}"
    "dd{margin:0}nav a{margin-right:1rem}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.2rem .6rem .2rem 0;vertical-align:top}td.size{text-align:right;white-space:nowrap}"
)


def index_page(release: Release, triples: int, trials: int, sums: Mapping[str, tuple[int, str]]) -> str:
    """The page; `sums` are (size, SHA-256) by path."""
    chosen = release.terms
    title = html.escape(f"{chosen.title}, release {release.name}")
    publisher = html.escape(chosen.publisher)
    if chosen.publisher_url:
        publisher = _link(chosen.publisher_url, chosen.publisher)
    facts = {
        "trials": f"{trials:,}",
        "triples": f"{triples:,}",
        "records up to": html.escape(release.latest or "unknown"),
        "published by": publisher,
        "licence": f"{_link(chosen.licence, chosen.licence)}; ontologies keep their own",
        "description": _link(DESCRIPTION, DESCRIPTION),
        "queries": _link(QUERIES, "examples of SPARQL"),
        "vocabulary": _link("vocabulary/index.html", "terms and codes"),
    }
    if chosen.endpoint:
        facts["SPARQL"] = _link(chosen.endpoint, chosen.endpoint)
    told = "".join(f"<dt>{name}</dt><dd>{value}</dd>\n" for name, value in facts.items())
    rows = "".join(
        f'<tr><td>{_link(path, path)}</td><td class="size">{size:,}</td><td><code>{digest}</code></td></tr>\n'
        for path, (size, digest) in sorted(sums.items())
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f'<link rel="alternate" type="text/turtle" href="{DESCRIPTION}">\n<style>{STYLE}</style>\n</head>\n<body>\n'
        f"<main>\n<h1>{title}</h1>\n<dl>\n{told}</dl>\n<h2>Files</h2>\n<table>\n<thead><tr><th>file</th>"
        f"<th>bytes</th><th>SHA-256</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</main>\n</body>\n</html>\n"
    )


def _link(target: str, text: str) -> str:
    return f'<a href="{html.escape(target)}">{html.escape(text)}</a>'
