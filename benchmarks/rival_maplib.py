"""maplib: the tables as polars frames -> its model, by OTTR templates -> N-Triples."""

import sys
from pathlib import Path

import polars as pl
from maplib import Model, RDFType, SolutionMappings, rdf, xsd
from rival_subset import RDF_TYPE, STUDY, TABLES, XSD, Property, Table
from rival_timing import timed

#: How maplib's frames hold text with its language.
_LANG_STRING = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>"
_OTTR = {"text": "rdf:langString", "template": "ottr:IRI", "iri": "ottr:IRI"}
_TYPES = {
    "text": RDFType.Literal(rdf.langString),
    "template": RDFType.IRI,
    "iri": RDFType.IRI,
    "string": RDFType.Literal(xsd.string),
    "integer": RDFType.Literal(xsd.integer),
    "boolean": RDFType.Literal(xsd.boolean),
    "decimal": RDFType.Literal(xsd.decimal),
}


def _template(name: str, table: Table) -> str:
    """The template of a table: its subject, its study, and one argument a property."""
    arguments = ["ottr:IRI ?s", "ottr:IRI ?study"]
    triples = [f"ottr:Triple(?s, <{RDF_TYPE}>, <{table.rdf_class}>)"] if table.rdf_class else []
    if table.link:
        triples.append(f"ottr:Triple(?study, <{table.link}>, ?s)")
    for number, prop in enumerate(table.properties):
        arguments.append(f"? {_OTTR.get(prop.kind, f'xsd:{prop.kind}')} ?p{number}")
        triples.append(f"ottr:Triple(?s, <{prop.predicate}>, ?p{number})")
    prefixes = f"@prefix t: <urn:table:> . @prefix xsd: <{XSD}> .\n"
    prefixes += f"@prefix rdf: <{RDF_TYPE.removesuffix('type')}> .\n@prefix ottr: <http://ns.ottr.xyz/0.4/> .\n"
    return f"{prefixes}t:{name} [ {', '.join(arguments)} ] :: {{ {', '.join(triples)} }} ."


def _filled(template: str) -> pl.Expr:
    """A template with columns in braces; null where one of them is."""
    parts = [part for piece in template.split("{") for part in piece.split("}")]
    texts, columns = parts[::2], parts[1::2]
    pieces: list[pl.Expr] = [pl.lit(texts[0])]
    for column, text in zip(columns, texts[1:], strict=True):
        pieces += [pl.col(column), pl.lit(text)]
    return pl.concat_str(pieces)


def _column(prop: Property) -> pl.Expr:
    column = pl.col(prop.column) if prop.kind != "template" else _filled(prop.column)
    match prop.kind:
        case "text":
            held = pl.struct(column.alias(_LANG_STRING), pl.lit("en").alias("l"))
            return pl.when(column.is_not_null()).then(held)
        case "integer":
            return column.cast(pl.Int64)
        case "boolean":
            return column == "true"
        case "decimal":
            return column.cast(pl.Decimal(38, 12))
    return column


def _run(folder: Path, out: Path) -> None:
    model = Model()
    for name, table in TABLES.items():
        model.add_template(_template(name, table))
        frame = pl.read_csv(folder / f"{name}.csv", infer_schema=False)
        frame = frame.with_columns(pl.col(pl.String).replace("", None))
        columns = {f"p{number}": _column(prop) for number, prop in enumerate(table.properties)}
        types = {f"p{number}": _TYPES[prop.kind] for number, prop in enumerate(table.properties)}
        mapped = frame.select(s=_filled(table.subject), study=_filled(STUDY), **columns)
        types |= {"s": RDFType.IRI, "study": RDFType.IRI}
        model.map(f"urn:table:{name}", SolutionMappings(mapped, types))
    model.write(out.with_suffix(".0.nt"), format="ntriples")


if __name__ == "__main__":
    timed(lambda: _run(Path(sys.argv[1]), Path(sys.argv[2])))
