"""A saved query, its parameters and a trial -> why the trial is in the answer, or is not."""

from collections.abc import Sequence

import msgspec

from kg import iris, terms
from kg.errors import NotFound, UsageError
from kg.explanation.asking import Asker
from kg.explanation.outcomes import Explanation
from kg.explanation.steps import Explainer
from kg.queries import Graph, SavedQuery, resolve_all
from kg.queries.parsing import parse_question
from kg.queries.patterns import Question, Step, Values, bind, fill, uses, written
from kg.vocab import expand

__all__ = ["explain"]

#: What a header says of the column that holds the trials, and what the variable is called where no column does.
_STUDY, _NAMES = "the study", ("trial", "study")
#: More parts of one trial are not looked through.
_MOST_PARTS = 5_000


def explain(query: SavedQuery, values: dict[str, str], trial: str, graph: Graph) -> Explanation:
    """Why a trial (by its NCT number) is in the answer of a saved query, or is not.

    Where a query counts, or answers with something else than trials, the trial is in the answer if it counts for a row.

    Raises:
        UsageError: if `trial` is no NCT number.
        NotFound: if the graph knows nothing of it.
        ParameterError: if a parameter is unknown, missing, or its value cannot be meant.
        QueryRefused: if the query uses what cannot be asked in part.
    """
    trial = trial.strip().upper()
    if not iris.is_nct(trial):
        raise UsageError(trial, "no trial", expected="an NCT number, such as NCT01079767")
    asker, study = Asker(graph), terms.iri(iris.study(trial))
    if not asker.has(f"{study} ?p ?o"):
        raise NotFound("trial in this graph", trial, ())
    resolved = resolve_all(query, values, graph)
    variables = {param.name: param.variable for param in query.params}
    question = parse_question(query.text)
    filled = fill(question.steps, {variables[value.param]: value.term for value in resolved})
    question = msgspec.structs.replace(question, steps=filled)
    steps, anchor = _anchored(query, question, asker, trial)
    outcomes, relaxed = Explainer(asker, anchor).explain(steps)
    titles = asker.rows(["title"], f"{study} {terms.iri(expand('tg:briefTitle'))} ?title", 1)
    left = set(relaxed.fails) | set(relaxed.hangs)
    return Explanation(
        trial=trial,
        title=asker.name(titles[0]["title"]) if titles else "",
        query=query.name,
        summary=query.summary,
        parameters=resolved,
        in_answer=not left,
        steps=outcomes,
        relaxed=written(step for n, step in enumerate(steps) if n not in left),
        note=_note(query, question),
    )


def _note(query: SavedQuery, question: Question) -> str:
    notes = []
    if _STUDY not in query.returns.values():
        notes.append("The rows of this query are no trials: one is in the answer if it counts for a row.")
    if question.limited:
        notes.append("The query shows only some of its rows: the trial may be among the others.")
    return " ".join(notes)


def _anchored(query: SavedQuery, question: Question, asker: Asker, trial: str) -> tuple[Sequence[Step], str]:
    """The steps about this trial, and the text in them that names it.

    A query without a variable for the trial is about parts: then those of the trial are given to its first column.
    """
    names = frozenset[str]().union(*(uses(step) for step in question.steps))
    told = (name for name in question.shown if query.returns.get(name) == _STUDY)
    subject = next((name for name in (*told, *_NAMES) if name in names), None)
    if subject is not None:
        term = terms.iri(iris.study(trial))
        return bind(question.steps, subject, term), term
    first = next(name for name in question.shown if name in names)
    return [Values((first,), tuple((part,) for part in _parts(asker, trial))), *question.steps], f"?{first}"


def _parts(asker: Asker, trial: str) -> list[str]:
    """The trial, its parts, and the evidence of their links."""
    study, source = terms.iri(iris.study(trial)), terms.iri(expand("owl:annotatedSource"))
    base = terms.plain(iris.part_base(trial))
    below = f"{study} ?p ?a . FILTER(STRSTARTS(STR(?a), {base}))"
    found = (f"{study} ?p ?part", f"{below} ?a ?q ?part", f"?part {source} {study}", f"{below} ?part {source} ?a")
    pattern = " UNION ".join(f"{{ {each} }}" for each in found) + f" FILTER(STRSTARTS(STR(?part), {base}))"
    return [study, *(row["part"] for row in asker.rows(["part"], pattern, _MOST_PARTS))]
