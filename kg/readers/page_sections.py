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
    ("Sponsor", ("Sponsor:", "Sponsored by:")),
    ("Collaborators", ("Collaborators:", "Collaborator:")),
    ("Information provided by", ("Information provided by:", "Information provided by (Responsible Party):")),
    ("Identifier", ("ClinicalTrials.gov Identifier:",)),
    ("First received", ("First received:",)),
    ("Last updated", ("Last updated:",)),
    ("Last verified", ("Last verified:",)),
    ("History of Changes", ("History of Changes",)),
    ("Purpose", ("Purpose",)),
    ("Condition", ("Condition", "Condition Intervention", "Condition Intervention Phase", "Condition Phase")),
    ("Intervention", ("Intervention",)),
    ("Phase", ("Phase",)),
    ("Study Type", ("Study Type:",)),
    ("Study Design", ("Study Design:",)),
    ("Official Title", ("Official Title:",)),
    ("Resource links", ("Resource links provided by NLM:",)),
    ("Further study details", ("Further study details as provided by…",)),
    ("Primary Outcome Measures", ("Primary Outcome Measures:",)),
    ("Secondary Outcome Measures", ("Secondary Outcome Measures:",)),
    ("Other Outcome Measures", ("Other Outcome Measures:",)),
    ("Biospecimen Retention", ("Biospecimen Retention:",)),
    ("Biospecimen Description", ("Biospecimen Description:",)),
    ("Enrollment", ("Enrollment:",)),
    ("Start Date", ("Study Start Date:",)),
    ("Completion Date", ("Study Completion Date:",)),
    ("Primary Completion Date", ("Primary Completion Date:",)),
    ("Arms", ("Arms", "Arms Assigned Interventions")),
    ("Groups/Cohorts", ("Groups/Cohorts", "Groups/Cohorts Assigned Interventions")),
    ("Assigned Interventions", ("Assigned Interventions",)),
    ("Intervention Details", ("Intervention Details:",)),
    ("Detailed Description", ("Detailed Description:",)),
    ("Ages", ("Ages Eligible for Study:",)),
    ("Sex", ("Genders Eligible for Study:", "Sexes Eligible for Study:")),
    ("Gender Based", ("Gender Based Eligibility:",)),
    ("Accepts Healthy Volunteers", ("Accepts Healthy Volunteers:",)),
    ("Sampling Method", ("Sampling Method:",)),
    ("Study Population", ("Study Population",)),
    ("Criteria", ("Criteria",)),
    ("Contacts and Locations", ("Contacts and Locations",)),
    ("Please refer", ("Please refer to this study by its…",)),
    ("Contacts", ("Contacts",)),
    ("Locations", ("Locations",)),
    ("Sponsors and Collaborators", ("Sponsors and Collaborators",)),
    ("Investigators", ("Investigators",)),
    ("More Information", ("More Information",)),
    ("Responsible Party", ("Responsible Party:",)),
    ("Identifier", ("ClinicalTrials.gov Identifier:",)),
    ("Obsolete Identifiers", ("Obsolete Identifiers:",)),
    ("Other Study ID Numbers", ("Other Study ID Numbers:",)),
    ("First received", ("Study First Received:",)),
    ("Results First Received", ("Results First Received:",)),
    ("Last updated", ("Last Updated:",)),
    ("Health Authority", ("Health Authority:",)),
    ("Sharing", ("Individual Participant Data…", "Plan to Share IPD:", "Plan to Share Data:")),
    ("Sharing", ("IPD Description:",)),
    ("Regulated", ("Studies a U.S. FDA-regulated…",)),
    ("Keywords", ("Keywords provided by…",)),
    ("MeSH terms", ("Additional relevant MeSH terms:",)),
    ("Processed", ("ClinicalTrials.gov processed this record on…",)),
    ("Footer", ("To Top",)),
)

#: The tabular view: the same head, then labels in cells of their own. Measures as first registered are passed over.
_TABULAR: tuple[tuple[str, tuple[str, ...]], ...] = (
    *_FULL_TEXT[:8],
    ("Tracking Information", ("Tracking Information",)),
    ("First received", ("First Received Date",)),
    ("Last updated", ("Last Updated Date",)),
    ("Start Date", ("Start Date",)),
    ("Primary Completion Date", ("Primary Completion Date",)),
    ("Primary Outcome Measures", ("Current Primary Outcome Measures",)),
    ("Original", ("Original Primary Outcome Measures",)),
    ("Change History", ("Change History",)),
    ("Secondary Outcome Measures", ("Current Secondary Outcome Measures",)),
    ("Original", ("Original Secondary Outcome Measures",)),
    ("Other Outcome Measures", ("Current Other Outcome Measures",)),
    ("Original", ("Original Other Outcome Measures",)),
    ("Descriptive Information", ("Descriptive Information",)),
    ("Brief Title", ("Brief Title",)),
    ("Official Title", ("Official Title",)),
    ("Purpose", ("Brief Summary",)),
    ("Detailed Description", ("Detailed Description",)),
    ("Study Type", ("Study Type",)),
    ("Phases", ("Study Phase", "Phase")),
    ("Study Design", ("Study Design",)),
    ("Follow-Up", ("Target Follow-Up Duration",)),
    ("Biospecimen", ("Biospecimen",)),
    ("Sampling Method", ("Sampling Method",)),
    ("Study Population", ("Study Population",)),
    ("Conditions", ("Condition",)),
    ("Intervention Details", ("Intervention",)),
    ("Arms", ("Study Arm (s)", "Study Arms")),
    ("Groups/Cohorts", ("Study Group/Cohort (s)", "Study Groups/Cohorts")),
    ("Publications", ("Publications *",)),
    ("Recruitment Information", ("Recruitment Information",)),
    ("Recruitment Status", ("Recruitment Status",)),
    ("Enrollment", ("Enrollment",)),
    ("Completion Date", ("Completion Date",)),
    ("Primary Completion Date", ("Primary Completion Date",)),
    ("Criteria", ("Eligibility Criteria",)),
    ("Sex", ("Gender", "Sex/Gender", "Sex")),
    ("Ages", ("Ages",)),
    ("Accepts Healthy Volunteers", ("Accepts Healthy Volunteers",)),
    ("Contacts", ("Contacts",)),
    ("Location Countries", ("Location Countries", "Listed Location Countries")),
    ("Administrative Information", ("Administrative Information",)),
    ("Identifier", ("NCT Number",)),
    ("Other Study ID Numbers", ("Other Study ID Numbers",)),
    ("Committee", ("Has Data Monitoring Committee",)),
    ("Responsible Party", ("Responsible Party",)),
    ("Study Sponsor", ("Study Sponsor",)),
    ("Collaborators", ("Collaborators",)),
    ("Investigators", ("Investigators",)),
    ("Information provided by", ("Information Provided By",)),
    ("Last verified", ("Verification Date",)),
    ("Footer", ("To Top",)),
)

#: Longer than any label with the words that follow it on its line.
_LABEL_WIDTH = 200
#: More lines than this that look like labels are no page's.
_MOST_LABELS = 20_000
#: What a label counts in a chain. The one above the longest prose must outvote what the prose repeats.
_WORD, _WORDS, _ABOVE_PROSE = 1, 2, 8
_KINDS = ("Estimated", "Actual", "Anticipated")


class _View:
    """A view of the page: its sections, and the places that a label has in their order."""

    def __init__(self, labels: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
        self.keys = [key for key, _ in labels]
        self.ranks: dict[str, list[int]] = {}
        for rank, (_, texts) in enumerate(labels):
            for text in texts:
                self.ranks.setdefault(text, []).append(rank)


_VIEWS = (_View(_FULL_TEXT), _View(_TABULAR))
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
    words = " ".join(head.split())
    for start in _GOES_ON:
        if words.startswith(start):
            return f"{start}…", None, 0
    colon = head.find(":")
    rest = len(text)
    if colon >= 0:
        words, rest = " ".join(head[: colon + 1].split()), colon + 1
    elif len(text) > _LABEL_WIDTH:
        return "", None, 0
    words = words.removesuffix(" ICMJE")
    kind, _, label = words.partition(" ")
    return (label, kind, rest) if kind in _KINDS else (words, None, rest)


def is_label(text: str) -> bool:
    """Whether a line of the full-text or the tabular view is a label of more than one word."""
    label = _read_label(text)[0]
    return " " in label and any(label in view.ranks for view in _VIEWS)


def split_sections(lines: Sequence[Line]) -> list[Section]:
    """The sections of a page in their order; the first, `Head`, is what stands above all labels."""
    titles = {line.words for line in lines if len(line.text) < _LABEL_WIDTH}
    view = _VIEWS[{"Tracking Information", "Descriptive Information"} <= titles]
    chain = list(_chain(lines, view))
    ends = [found.index for found in chain[1:]] + [len(lines)]
    sections = [Section("Head", None, tuple(lines[: chain[0].index] if chain else lines))]
    for found, end in zip(chain, ends, strict=False):
        label = lines[found.index]
        first = Line(label.number, label.text[found.rest :], label.source)
        sections.append(Section(view.keys[found.rank], found.kind, _body([first, *lines[found.index + 1 : end]])))
    return sections


def _body(lines: list[Line]) -> tuple[Line, ...]:
    """The lines without the heading `Eligibility` at their end, which stands above the label `Ages Eligible …`."""
    last = len(lines)
    while last and not lines[last - 1].words:
        last -= 1
    return tuple(lines[: last - 1] if last and lines[last - 1].words == "Eligibility" else lines[:last])


def _chain(lines: Sequence[Line], view: _View) -> Iterator[_Found]:
    """The chain of labels that counts most, in order; of equals the earlier."""
    best: list[_Found | None] = [None] * len(view.keys)
    seen = 0
    for index, line in enumerate(lines):
        label, kind, rest = _read_label(line.text)
        ranks = view.ranks.get(label, ())
        seen += bool(ranks)
        if seen > _MOST_LABELS:
            break
        for rank in reversed(ranks):
            before = _best(best[:rank])
            score = _weight(label) + (before.score if before else 0)
            known = best[rank]
            if known is None or score > known.score:
                best[rank] = _Found(rank, index, rest, kind, score, before)
    chain: list[_Found] = []
    last = _best(best)
    while last:
        chain.append(last)
        last = last.before
    yield from reversed(chain)


def _weight(label: str) -> int:
    if label.startswith("Detailed Description"):
        return _ABOVE_PROSE
    return _WORD if label.isalpha() else _WORDS


def _best(found: Sequence["_Found | None"]) -> "_Found | None":
    return max((one for one in found if one), key=lambda one: (one.score, -one.index), default=None)
