"""Lines of a study page -> its labelled sections, in the order in which the registry's page has them.

The same words are labels and may be prose ("Criteria", "Enrollment: 20 patients"). So all that could be labels are
looked at together: of them, the longest chain that keeps the page's order is taken.
"""

from collections.abc import Iterator, Sequence

import msgspec

from kg.readers.page_lines import Line

__all__ = ["Section", "is_label", "split_sections"]


class Section(msgspec.Struct, frozen=True):
    """What stands below one label: `lines` begin with what follows the label on its own line.

    `kind` is the word before the label that says whether a date or number is actual or estimated.
    """

    key: str
    kind: str | None
    lines: tuple[Line, ...]

    @property
    def filled(self) -> list[Line]:
        """The lines that are not blank."""
        return [line for line in self.lines if line.words]


#: Section -> how its label is written, in the page's order. Labels with a colon may share their line with a value,
#: those with `…` go on, the others have a line to themselves.
_FULL_TEXT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Sponsor", ("sponsor:", "sponsored by:")),
    ("Collaborators", ("collaborators:", "collaborator:")),
    ("Information provided by", ("information provided by:", "information provided by (responsible party):")),
    ("Identifier", ("clinicaltrials.gov identifier:",)),
    ("First received", ("first received:",)),
    ("Last updated", ("last updated:",)),
    ("Last verified", ("last verified:",)),
    ("History of Changes", ("history of changes",)),
    ("Purpose", ("purpose",)),
    ("Condition", ("condition", "condition intervention", "condition intervention phase", "condition phase")),
    ("Intervention", ("intervention",)),
    ("Phase", ("phase",)),
    ("Study Type", ("study type:",)),
    ("Study Design", ("study design:",)),
    ("Official Title", ("official title:",)),
    ("Resource links", ("resource links provided by nlm:",)),
    ("Further study details", ("further study details as provided by…",)),
    ("Primary Outcome Measures", ("primary outcome measures:",)),
    ("Secondary Outcome Measures", ("secondary outcome measures:",)),
    ("Other Outcome Measures", ("other outcome measures:",)),
    ("Biospecimen Retention", ("biospecimen retention:",)),
    ("Biospecimen Description", ("biospecimen description:",)),
    ("Enrollment", ("enrollment:",)),
    ("Start Date", ("study start date:",)),
    ("Completion Date", ("study completion date:",)),
    ("Primary Completion Date", ("primary completion date:",)),
    ("Arms", ("arms", "arms assigned interventions")),
    ("Groups/Cohorts", ("groups/cohorts", "groups/cohorts assigned interventions")),
    ("Assigned Interventions", ("assigned interventions",)),
    ("Intervention Details", ("intervention details:",)),
    ("Detailed Description", ("detailed description:",)),
    ("Ages", ("ages eligible for study:",)),
    ("Sex", ("genders eligible for study:", "sexes eligible for study:")),
    ("Gender Based", ("gender based eligibility:",)),
    ("Accepts Healthy Volunteers", ("accepts healthy volunteers:",)),
    ("Sampling Method", ("sampling method:",)),
    ("Study Population", ("study population",)),
    ("Criteria", ("criteria",)),
    ("Contacts and Locations", ("contacts and locations",)),
    ("Please refer", ("please refer to this study by its…",)),
    ("Contacts", ("contacts",)),
    ("Locations", ("locations",)),
    ("Sponsors and Collaborators", ("sponsors and collaborators",)),
    ("Investigators", ("investigators",)),
    ("More Information", ("more information",)),
    ("Responsible Party", ("responsible party:",)),
    ("Identifier", ("clinicaltrials.gov identifier:",)),
    ("Obsolete Identifiers", ("obsolete identifiers:",)),
    ("Other Study ID Numbers", ("other study id numbers:",)),
    ("First received", ("study first received:",)),
    ("Results First Received", ("results first received:",)),
    ("Last updated", ("last updated:",)),
    ("Health Authority", ("health authority:",)),
    ("Sharing", ("individual participant data…", "plan to share ipd:", "plan to share data:")),
    ("Sharing", ("ipd description:",)),
    ("Regulated", ("studies a u.s. fda-regulated…",)),
    ("Keywords", ("keywords provided by…",)),
    ("MeSH terms", ("additional relevant mesh terms:",)),
    ("Processed", ("clinicaltrials.gov processed this record on…",)),
    ("Footer", ("to top",)),
)

#: The tabular view: the same head, then labels in cells of their own. Measures as first registered are passed over.
_TABULAR: tuple[tuple[str, tuple[str, ...]], ...] = (
    *_FULL_TEXT[:8],
    ("Tracking Information", ("tracking information",)),
    ("First received", ("first received date",)),
    ("Last updated", ("last updated date",)),
    ("Start Date", ("start date",)),
    ("Primary Completion Date", ("primary completion date",)),
    ("Primary Outcome Measures", ("current primary outcome measures",)),
    ("Original", ("original primary outcome measures",)),
    ("Change History", ("change history",)),
    ("Secondary Outcome Measures", ("current secondary outcome measures",)),
    ("Original", ("original secondary outcome measures",)),
    ("Other Outcome Measures", ("current other outcome measures",)),
    ("Original", ("original other outcome measures",)),
    ("Descriptive Information", ("descriptive information",)),
    ("Brief Title", ("brief title",)),
    ("Official Title", ("official title",)),
    ("Purpose", ("brief summary",)),
    ("Detailed Description", ("detailed description",)),
    ("Study Type", ("study type",)),
    ("Phases", ("study phase", "phase")),
    ("Study Design", ("study design",)),
    ("Follow-Up", ("target follow-up duration",)),
    ("Biospecimen", ("biospecimen",)),
    ("Sampling Method", ("sampling method",)),
    ("Study Population", ("study population",)),
    ("Conditions", ("condition",)),
    ("Intervention Details", ("intervention",)),
    ("Arms", ("study arm (s)", "study arms")),
    ("Groups/Cohorts", ("study group/cohort (s)", "study groups/cohorts")),
    ("Publications", ("publications *",)),
    ("Recruitment Information", ("recruitment information",)),
    ("Recruitment Status", ("recruitment status",)),
    ("Enrollment", ("enrollment",)),
    ("Completion Date", ("completion date",)),
    ("Primary Completion Date", ("primary completion date",)),
    ("Criteria", ("eligibility criteria",)),
    ("Sex", ("gender", "sex/gender", "sex")),
    ("Ages", ("ages",)),
    ("Accepts Healthy Volunteers", ("accepts healthy volunteers",)),
    ("Contacts", ("contacts",)),
    ("Location Countries", ("location countries", "listed location countries")),
    ("Administrative Information", ("administrative information",)),
    ("Identifier", ("nct number",)),
    ("Other Study ID Numbers", ("other study id numbers",)),
    ("Committee", ("has data monitoring committee",)),
    ("Responsible Party", ("responsible party",)),
    ("Study Sponsor", ("study sponsor",)),
    ("Collaborators", ("collaborators",)),
    ("Investigators", ("investigators",)),
    ("Information provided by", ("information provided by",)),
    ("Last verified", ("verification date",)),
    ("Footer", ("to top",)),
)

#: Longer than any label with the words that follow it on its line.
_LABEL_WIDTH = 200
#: More lines than this that look like labels are no page's.
_MOST_LABELS = 20_000
_KINDS = ("estimated", "actual", "anticipated")


def _ranks(labels: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, list[int]]:
    ranks: dict[str, list[int]] = {}
    for rank, (_, texts) in enumerate(labels):
        for text in texts:
            ranks.setdefault(text, []).append(rank)
    return ranks


_RANKS = {id(labels): _ranks(labels) for labels in (_FULL_TEXT, _TABULAR)}
_GOES_ON = tuple(text.rstrip("…") for _, texts in _FULL_TEXT for text in texts if text.endswith("…"))


class _Found(msgspec.Struct, frozen=True):
    """A line that may be a label: its rank in the page's order, and the best chain of labels that ends with it."""

    rank: int
    index: int
    rest: int
    kind: str | None
    score: int
    before: "_Found | None"


def _read_label(text: str) -> tuple[str, str | None, int]:
    """(what may be a label, the word for its kind, where the value begins) of a line."""
    head = text[:_LABEL_WIDTH].replace("\u00a0", " ")
    words = " ".join(head.lower().split())
    for start in _GOES_ON:
        if words.startswith(start):
            return f"{start}…", None, 0
    colon = head.find(":")
    rest = len(text)
    if colon >= 0:
        words, rest = " ".join(head[: colon + 1].lower().split()), colon + 1
    elif len(text) > _LABEL_WIDTH:
        return "", None, 0
    words = words.removesuffix(" icmje")
    kind, _, label = words.partition(" ")
    return (label, kind.title(), rest) if kind in _KINDS else (words, None, rest)


def is_label(text: str) -> bool:
    """Whether a line of the full-text or the tabular view is a label of more than one word."""
    label = _read_label(text)[0]
    return " " in label and any(label in ranks for ranks in _RANKS.values())


def split_sections(lines: Sequence[Line]) -> list[Section]:
    """The sections of a page in their order; the first, `Head`, is what stands above all labels."""
    titles = {line.words.lower() for line in lines if len(line.text) < _LABEL_WIDTH}
    labels = _TABULAR if {"tracking information", "descriptive information"} <= titles else _FULL_TEXT
    chain = list(_chain(lines, labels))
    ends = [found.index for found in chain[1:]] + [len(lines)]
    sections = [Section("Head", None, tuple(lines[: chain[0].index] if chain else lines))]
    for found, end in zip(chain, ends, strict=False):
        label = lines[found.index]
        first = Line(label.number, label.text[found.rest :])
        sections.append(Section(labels[found.rank][0], found.kind, _body([first, *lines[found.index + 1 : end]])))
    return sections


def _body(lines: list[Line]) -> tuple[Line, ...]:
    """The lines without the heading `Eligibility` at their end, which stands above the label `Ages Eligible …`."""
    last = len(lines)
    while last and not lines[last - 1].words:
        last -= 1
    return tuple(lines[: last - 1] if last and lines[last - 1].words == "Eligibility" else lines[:last])


def _chain(lines: Sequence[Line], labels: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[_Found]:
    """The best chain of labels, in order. A label with a colon counts for two bare words; of equals the earlier."""
    best: list[_Found | None] = [None] * len(labels)
    seen = 0
    for index, line in enumerate(lines):
        label, kind, rest = _read_label(line.text)
        ranks = _RANKS[id(labels)].get(label, ())
        seen += bool(ranks)
        if seen > _MOST_LABELS:
            break
        for rank in reversed(ranks):
            before = _best(best[:rank])
            score = (1 if label.isalpha() else 2) + (before.score if before else 0)
            known = best[rank]
            if known is None or score > known.score:
                best[rank] = _Found(rank, index, rest, kind, score, before)
    chain: list[_Found] = []
    last = _best(best)
    while last:
        chain.append(last)
        last = last.before
    yield from reversed(chain)


def _best(found: Sequence["_Found | None"]) -> "_Found | None":
    return max((one for one in found if one), key=lambda one: (one.score, -one.index), default=None)
