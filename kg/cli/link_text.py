"""`kg link TEXT…` explains what strings name; `kg link --evaluate GOLD` measures linking."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.options import Ontology
from kg.console import print_cells
from kg.errors import NotFound, UsageError

if TYPE_CHECKING:
    from kg.linking import Linker

__all__ = ["link_text"]

_TYPES = ("condition", "intervention")
_FORMATS = ("table", "markdown", "json")


def link_text(
    texts: Annotated[list[str] | None, typer.Argument(metavar="[TEXT]...", help="Strings of records.")] = None,
    kind: Annotated[str, typer.Option("--type", help="condition or intervention.")] = "condition",
    ontology: Ontology = None,
    evaluate: Annotated[
        Path | None, typer.Option("--evaluate", metavar="GOLD", help="Gold file: strings with what they state.")
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option("--predictions", metavar="FILE", help="File for what each string links to in MeSH."),
    ] = None,
    report_format: Annotated[str, typer.Option("--format", help="table, markdown or json.")] = "table",
) -> None:
    """Explains what strings name, or measures linking against gold."""
    if (evaluate is None) == (not texts):
        raise UsageError("kg link", "name strings, or a gold file with --evaluate", got="both" if texts else "neither")
    if predictions is not None and evaluate is None:
        raise UsageError("--predictions", "predictions are of a gold file", expected="--evaluate GOLD too")
    for option, value, known in (("--type", kind, _TYPES), ("--format", report_format, _FORMATS)):
        if value not in known:
            raise NotFound(option, value, known)
    from kg.knowledge import load_knowledge
    from kg.linking import Linker

    linker = Linker(load_knowledge(ontology or ()).lexicon)
    if evaluate is not None:
        _evaluate(linker, evaluate, predictions, report_format)
    else:
        _explain(linker, texts or [], kind, report_format)


def _explain(linker: "Linker", texts: list[str], kind: str, report_format: str) -> None:
    import msgspec

    from kg.linking.explaining import explain

    # Bytes of the command line that are no UTF-8 are shown as such, not passed on.
    said = [os.fsencode(text).decode("utf-8", "replace") for text in texts]
    found = [explain(linker, text, "intervention" if kind == "intervention" else "condition") for text in said]
    if report_format == "json":
        typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    for explained in found:
        typer.secho(explained.text, bold=True)
        if explained.links:
            rows = [[x.concept, x.label, x.relation, x.tier, f"{x.confidence:.2f}"] for x in explained.links]
            print_cells(["concept", "label", "relation", "rule", "confidence"], rows, report_format)
        else:
            typer.echo(f"  no link: {explained.reason}")
        rows = [[c.name, c.kind, c.concept, c.label] for c in explained.considered]
        if rows:
            print_cells(["name looked at", "kind", "concept", "label"], rows, report_format)


def _evaluate(linker: "Linker", gold: Path, predictions: Path | None, report_format: str) -> None:
    import msgspec

    from kg.linking.evaluation import Miss, find_misses, measure_all, predict, read_gold, write_predictions

    outcomes = predict(linker, read_gold(gold))
    if predictions is not None:
        write_predictions(outcomes, predictions)
    measures, misses = measure_all(outcomes), find_misses(outcomes)
    if report_format == "json":
        typer.echo(msgspec.json.format(msgspec.json.encode({"measures": measures, "errors": misses})).decode())
        return
    shares = ("precision", "recall", "coverage", "right_abstention")
    rows = [[m.group, str(m.strings), *(_share(getattr(m, share)) for share in shares)] for m in measures]
    print_cells(["group", "strings", *(share.replace("_", " ") for share in shares)], rows, report_format)
    columns = list(Miss.__struct_fields__)
    print_cells(columns, [[getattr(miss, column) for column in columns] for miss in misses], report_format)


def _share(share: tuple[float, float, float] | None) -> str:
    """A share with the ends of its 95 % interval."""
    return "–" if share is None else f"{share[0]:.3f} ({share[1]:.3f} to {share[2]:.3f})"
