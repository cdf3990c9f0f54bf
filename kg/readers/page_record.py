"""Labelled sections of a study page -> one record: the page's words for each value, and what is stated there.

Scraped pages lose labels: what can still be told is read, what cannot stays out.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from kg.readers.format import Reading
from kg.readers.page_lines import Line, join_lines
from kg.readers.page_parts import Part, split_arms, split_head, split_officials, split_outcomes, split_role
from kg.readers.page_places import split_locations
from kg.readers.page_sections import Section, split_sections
from kg.vocab import find_code

__all__ = ["read_record"]


def read_record(lines: Sequence[Line], reading: Reading) -> Part:
    """What a page states, each value with its line."""
    page = _Page(lines, reading)
    _read_identity(page)
    _read_head(page)
    _read_dates(page)
    officials = _read_sponsors(page)
    _read_texts(page)
    named = _read_subject(page)
    _read_design(page)
    _read_eligibility(page)
    _read_parts(page, named, officials)
    return page.record


#: The page's sentence (its beginning, in lower case) -> the status; longer beginnings first.
_STATUS: tuple[tuple[str, str], ...] = (
    ("this study is currently recruiting participants", "RECRUITING"),
    ("this study is not yet open for participant recruitment", "NOT_YET_RECRUITING"),
    ("this study is enrolling participants by invitation only", "ENROLLING_BY_INVITATION"),
    ("this study is ongoing, but not recruiting participants", "ACTIVE_NOT_RECRUITING"),
    ("this study has been completed", "COMPLETED"),
    ("this study has been terminated", "TERMINATED"),
    ("this study has been suspended", "SUSPENDED"),
    ("this study has been withdrawn", "WITHDRAWN"),
    ("this study has been withheld", "WITHHELD"),
    ("the recruitment status of this study is unknown", "UNKNOWN"),
    ("recruitment status of this study is unknown", "UNKNOWN"),
    ("expanded access is currently available", "AVAILABLE"),
    ("this treatment is available for expanded access", "AVAILABLE"),
    ("expanded access is no longer available", "NO_LONGER_AVAILABLE"),
    ("this treatment is no longer available", "NO_LONGER_AVAILABLE"),
    ("expanded access is temporarily not available", "TEMPORARILY_NOT_AVAILABLE"),
    ("this treatment is temporarily not available", "TEMPORARILY_NOT_AVAILABLE"),
    ("this treatment has been approved for", "APPROVED_FOR_MARKETING"),
    ("this study has been approved for marketing", "APPROVED_FOR_MARKETING"),
)
#: A status that is none of these: kept in its own words.
_ANY_STATUS = re.compile(r"This (?:study|treatment) (?:has been|is) ([\w ,-]{3,40})\.")
_LONGEST_SENTENCE = 400
#: Statuses for which the page gives a reason.
_STOPPED = frozenset({"TERMINATED", "SUSPENDED", "WITHDRAWN"})
#: Behind a title the page sets the acronym, without a space; in 5,693 titles of the registry none has that of its own.
_ACRONYM = re.compile(r"(.*[^\s(])\(([^()]{2,14})\)", re.DOTALL)
_NCT = re.compile(r"identifier:\s*(NCT\d{8})\b", re.IGNORECASE)
_PROCESSED = " processed this record on "
#: What the site writes between the head of a page and its text.
_NAVIGATION = frozenset(
    {"Full Text View", "Tabular View", "Study Results", "No Study Results Posted", "Disclaimer", "History of Changes"}
    | {"How to Read a Study Record", "Related Studies"}
)


class _Page:
    """A page's sections, and the record that is put together from them."""

    def __init__(self, lines: Sequence[Line], reading: Reading) -> None:
        self.lines = lines
        self.reading = reading
        self.sections: dict[str, list[Section]] = {}
        for section in split_sections(lines):
            self.sections.setdefault(section.key, []).append(section)
        self.record = Part(0)

    def find(self, *keys: str) -> list[Section]:
        """The sections of these labels that have content, those of the first label first."""
        found = [section for key in keys for section in self.sections.get(key, ())]
        return [s for s in found if s.filled and s.filled[0].words.lower() != "not provided"]

    def lines_of(self, *keys: str) -> list[Line]:
        """The filled lines of the first of these sections that has any."""
        for section in self.find(*keys):
            return section.filled
        return []

    def add(self, name: str, *keys: str) -> None:
        """Adds the first line below one of these labels."""
        for section in self.find(*keys)[:1]:
            line = section.filled[0]
            self.record.add(name, line.item, line.at, section.kind)

    def add_lines(self, name: str, lines: Iterable[Line]) -> None:
        """Adds a value for each line."""
        for line in lines:
            self.record.add(name, line.item, line.at)

    def add_parts(self, name: str, parts: Iterable[Part]) -> None:
        """Adds parts, if there are any."""
        if found := list(parts):
            self.record.values.setdefault(name, []).extend(found)

    def add_block(self, name: str, lines: Sequence[Line]) -> None:
        """Adds a text block, at its first filled line."""
        number = next((line.at for line in lines if line.words), 0)
        self.record.add(name, join_lines(lines), number)


def _read_identity(page: _Page) -> None:
    """The identifiers. An NCT number without its label may be that of another study."""
    for section in page.find("Identifier")[:1]:
        number = section.filled[0]
        page.record.add("ClinicalTrials.gov Identifier", number.words.split()[0], number.at)
    for line in page.lines if not page.find("Identifier") else ():
        if "dentifier" in line.text and (match := _NCT.search(line.words)):
            page.record.add("ClinicalTrials.gov Identifier", match[1].upper(), line.at)
    page.add_lines("Other Study ID Numbers", page.lines_of("Other Study ID Numbers"))


def _read_head(page: _Page) -> None:
    """Title, status and why the study stopped: sentences without labels above the first label."""
    head = page.sections["Head"][0].filled
    statuses = [(index, code) for index, line in enumerate(head) if (code := _status(line))] or [
        (index, match[1]) for index, line in enumerate(head) if (match := _ANY_STATUS.fullmatch(line.words))
    ]
    if statuses:
        index, code = statuses[0]
        page.record.add("status", code, head[index].at)
        _read_reason(page, code, head[index + 1 :])
        head = head[:index]
    elif "Sponsor" not in page.sections or (head and head[-1].words.endswith((".", ")"))):
        head = []
    if not statuses:
        page.add("status", "Recruitment Status")
    titles = [line for section in page.find("Brief Title") for line in section.filled[:1]]
    for line in titles or head[-1:]:
        title, acronym = _split_title(line.words)
        page.record.add("title", title, line.at)
        page.record.add("acronym", acronym, line.at)


def _status(line: Line) -> str | None:
    if len(line.text) > _LONGEST_SENTENCE:
        return None
    words = " ".join(line.words.lower().split())
    return next((code for start, code in _STATUS if words.startswith(start)), None)


def _split_title(text: str) -> tuple[str, str]:
    match = _ACRONYM.fullmatch(text) if len(text) <= _LONGEST_SENTENCE else None
    if match is None or (match[1].endswith(")") and find_code("status", match[2])):
        return text, ""
    return match[1], match[2]


def _read_reason(page: _Page, code: str, below: Sequence[Line]) -> None:
    """What stands between the status and the first label."""
    for index, line in enumerate(below):
        words = line.words
        if code in _STOPPED and not index and words.startswith("(") and words.endswith(")"):
            page.record.add("reason", words[1:-1].strip(), line.at)
        if words.lower().startswith("recruitment status was"):
            page.record.add("last known status", words[len("recruitment status was") :].strip(" :"), line.at)
        if words.startswith("Verified ") and " by " in words and not page.find("Last verified"):
            page.record.add("Last verified", words.removeprefix("Verified ").partition(" by ")[0], line.at)


def _read_dates(page: _Page) -> None:
    for name in ("First received", "Last updated", "Start Date", "Primary Completion Date", "Completion Date"):
        _add_date(page, name)
    _add_date(page, "Last verified")
    for section in page.find("Processed", "MeSH terms"):
        for line in section.filled:
            before, found, day = line.words.rpartition(_PROCESSED)
            if found and before.count(" ") < _LONGEST_SENTENCE:
                page.record.add("processed this record on", day.strip(" ."), line.at)


_DATE = re.compile(r"([^()]{4,40}?)(?:\s*\(([^()]*)\).*)?", re.DOTALL)


def _add_date(page: _Page, name: str) -> None:
    """A date, and its kind from the label before it or the brackets behind it."""
    for section in page.find(name)[:1]:
        line = section.filled[0]
        match = _DATE.fullmatch(line.words[:_LONGEST_SENTENCE])
        kind = section.kind or (match[2] if match and find_code("dateType", match[2] or "") else None)
        page.record.add(name, match[1].strip() if match else line.words, line.at, kind)


def _read_sponsors(page: _Page) -> list[Line]:
    """Adds sponsor and collaborators; gives back the lines of officials that stand among them for want of a heading."""
    section = page.lines_of("Sponsors and Collaborators")
    roles = [index for index, line in enumerate(section) if split_role(line.words)[0]]
    names = section[: roles[0]] if roles else section
    lead = page.lines_of("Sponsor", "Study Sponsor")[:1] or names[:1]
    page.add_parts("Sponsor", [_organization(line) for line in lead])
    page.add_parts("Collaborators", [_organization(line) for line in page.lines_of("Collaborators") or names[1:]])
    return section[roles[0] :] if roles else []


def _organization(line: Line) -> Part:
    part = Part(line.at)
    part.add("Name", line.item, line.at)
    return part


def _read_texts(page: _Page) -> None:
    for section in page.find("Purpose")[:1]:
        page.add_block("Purpose", section.lines)
    if "Purpose" not in page.sections:
        page.add_block("Purpose", _text_of_head(page))
    for section in page.find("Detailed Description")[:1]:
        page.add_block("Detailed Description", section.lines)
    page.add("Official Title", "Official Title")


def _text_of_head(page: _Page) -> Sequence[Line]:
    """What stands below the last label of the head where the heading `Purpose` is lost."""
    for section in page.find("Last verified", "Last updated", "First received")[:1]:
        if page.sections.keys() & {"Condition", "Study Type"}:
            value = section.filled[0].number
            return [line for line in section.lines if line.number > value and line.item not in _NAVIGATION]
    return []


def _read_subject(page: _Page) -> list[Line]:
    """Adds conditions, phases and keywords; gives back the lines that name interventions.

    The table of conditions has three columns, read cell by cell or row by row: what names an intervention, or a phase
    at the end, tells them apart.
    """
    table = [line for section in page.find("Condition", "Intervention", "Phase") for line in section.filled]
    phases: list[Line] = []
    while table and find_code("phase", table[-1].words.partition("/")[0]):
        phases.insert(0, table.pop())
    first = next((index for index, line in enumerate(table) if split_head(line.words)), len(table))
    for line in [*page.lines_of("Conditions"), *table[:first]]:
        page.record.add("Condition", line.item, line.at)
    for line in [*page.lines_of("Phases"), *phases]:
        for phase in [line.item] if line.item == "N/A" else line.item.split("/"):
            page.record.add("Phase", phase, line.at)
    page.add_lines("Keywords", page.lines_of("Keywords")[1:])
    for line in page.lines_of("MeSH terms"):
        page.record.add("MeSH terms", line.words.partition(_PROCESSED)[0], line.at)
    return table[first:]


_DESIGN = re.compile(
    r"(?:^|,\s?|\n)(Allocation|Endpoint Classification|Intervention Model|Intervention Model Description|Masking|"
    r"Masking Description|Primary Purpose|Observational Model|Time Perspective):"
)
_MASKED = frozenset({"participant", "subject", "care provider", "caregiver", "investigator", "outcomes assessor"})


def _read_design(page: _Page) -> None:
    """Study type and design: an item a line, or all on one line with commas between."""
    for line in page.lines_of("Study Type")[:1]:
        page.record.add("Study Type", line.item.replace("N/A", ""), line.at)
    lines = page.lines_of("Study Design")
    text = "\n".join(line.words for line in lines)
    items = list(_DESIGN.finditer(text))
    for item, following in zip_longest(items, items[1:]):
        name, value = item[1], text[item.end() : following.start() if following else None]
        at = lines[text.count("\n", 0, item.start(1))].at
        if name == "Masking":
            _add_masking(page, value.strip(), at)
        else:
            page.record.add(name, value.strip(), at)
    for section in page.find("Enrollment")[:1]:
        line = section.filled[0]
        count, _, kind = line.words.partition("(")
        page.record.add("Enrollment", count.strip(), line.at)
        page.record.add("Enrollment Type", section.kind or kind.strip(" )"), line.at)


def _add_masking(page: _Page, stated: str, line: int) -> None:
    """`Double Blind (Subject, Investigator)`; a bare list of roles says who, not how many sides."""
    masking, _, who = stated.partition("(")
    if masking.partition(",")[0].strip().lower() in _MASKED:
        masking, who = "", masking
    page.record.add("Masking", masking.strip(), line)
    for role in who.strip(" )").split(","):
        if role.strip().lower() != "open label":
            page.record.add("Masked", role.strip(), line)


#: `18 Years to 90 Years`, `18 Years and older (Adult, Senior)`, `up to 65 Years`, `Child, Adult, Senior`.
_AGES = re.compile(
    r"(?:up to (?P<up>[\d.]+ \w+)|(?P<low>[\d.]+ \w+)(?: to (?P<high>[\d.]+ \w+)| and older)?)?\s*\(?([^()]*)\)?"
)


def _read_eligibility(page: _Page) -> None:
    part = Part(0)
    for line in page.lines_of("Ages")[:1]:
        part.line = line.at
        _add_ages(part, line)
    for name in ("Sex", "Accepts Healthy Volunteers"):
        for line in page.lines_of(name)[:1]:
            part.line = part.line or line.at
            part.add(name, line.item, line.at)
    criteria = _criteria(page)
    if text := join_lines(criteria):
        number = next(line.at for line in criteria if line.words)
        part.line = part.line or number
        part.add("Criteria", text, number)
    page.add_parts("Eligibility", [part] if part.values else [])


def _add_ages(part: Part, line: Line) -> None:
    match = _AGES.fullmatch(" ".join(line.words[:_LONGEST_SENTENCE].split()))
    if match is None:
        part.add("Minimum Age", line.words, line.at)
        return
    part.add("Minimum Age", match["low"] or "", line.at)
    part.add("Maximum Age", match["up"] or match["high"] or "", line.at)
    for group in match[4].split(","):
        if group.strip() not in {"N/A", ""}:
            part.add("Standard Ages", group.strip(), line.at)


def _criteria(page: _Page) -> Sequence[Line]:
    """The criteria, or what stands in their place where their heading is lost."""
    for section in page.find("Criteria")[:1]:
        return section.lines
    if page.sections.keys() & {"Criteria", "Study Population", "Tracking Information"}:
        return []
    for section in page.find("Accepts Healthy Volunteers", "Sex", "Ages")[:1]:
        value = section.filled[0].number
        return [line for line in section.lines if line.number > value]
    return []


def _read_parts(page: _Page, named: Sequence[Line], officials: Sequence[Line]) -> None:
    for name in ("Primary Outcome Measures", "Secondary Outcome Measures", "Other Outcome Measures"):
        for section in page.find(name)[:1]:
            page.add_parts(name, split_outcomes(section))
    has_groups = "Groups/Cohorts" in page.sections
    table = page.find("Groups/Cohorts", "Arms", "Assigned Interventions")
    details = page.find("Intervention Details")
    arms, interventions = split_arms(
        details if has_groups else [*table, *details], table if has_groups else [], named, page.reading
    )
    page.add_parts("Groups/Cohorts" if has_groups else "Arms", arms)
    page.add_parts("Interventions", interventions)
    places = split_locations(_location_lines(page))
    page.add_parts("Locations", places)
    known = [raw.text for place in places for raw in place.values.get("Facility", ())]  # type: ignore[union-attr]
    known += [line.words for line in page.lines_of("Sponsors and Collaborators") if not split_role(line.words)[0]]
    columns = page.lines_of("Investigators")
    page.add_parts(
        "Officials", split_officials(columns or officials, set(known), page.reading, has_columns=bool(columns))
    )


def _location_lines(page: _Page) -> list[Line]:
    """The lines of the locations; where their heading is lost, those below the note on the identifier."""
    if "Locations" in page.sections or "Contacts" in page.sections:
        return page.lines_of("Locations")
    return page.lines_of("Please refer")[1:]
