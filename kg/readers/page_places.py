"""The locations of a study page: lines of area, facility, status, address and contacts -> one `Part` a location."""

import re
from collections.abc import Sequence

import msgspec

from kg.readers.page_lines import Line
from kg.readers.page_parts import Part
from kg.vocab import CODES, find_code

__all__ = ["split_locations"]

#: Longer than any line of an address.
_ADDRESS = 300
#: How many lines below the heading of an area its first address stands: facility, status, contacts may come between.
_REACH = 6
#: Ends of the registry's country names that hold a comma.
_INVERTED = re.compile(r".*(?:Republic of|Republic of the|States of|Province of China|Occupied|Former Yugoslav.*)")
#: Lines of contacts: labelled, an e-mail address, a telephone number (a facility may be a number of a few digits).
_CONTACT = re.compile(
    r"(?:Contact|Principal Investigator|Sub-Investigator|Backup Contact)\b.*:|\S{1,64}@[\w-]+\.\S+$|[\d\s()+.x-]{7,}$"
)
_STATUSES = tuple(f" {label}" for label in CODES["status"].values())


class _Area(msgspec.Struct, frozen=True):
    """The heading above locations: a country, and in some countries the state."""

    country: str
    state: str | None = None


class _Address(msgspec.Struct, frozen=True):
    city: str
    state: str
    zip: str
    country: str


def split_locations(lines: Sequence[Line]) -> list[Part]:
    """A location for each address."""
    lines = [line for line in lines if line.words]
    area: _Area | None = None
    parts: list[Part] = []
    waiting: list[Line] = []
    for index, line in enumerate(lines):
        # Headings first: below "United States, California", "United States, Florida" would be an address in Florida.
        if found := _area(line.words, lines[index + 1 : index + 1 + _REACH]):
            area = found
            waiting = []
        elif address := _address(line.words, area):
            parts.append(_location(waiting, address, line))
            waiting = []
        else:
            waiting.append(line)
    return parts


def _location(waiting: Sequence[Line], address: _Address, line: Line) -> Part:
    status = ""
    facility = ""
    first = line.at
    for before in reversed(waiting):
        name, at_status = _split_status(before.words)
        status = status or at_status
        first = before.at
        if name:
            facility = "" if _CONTACT.match(name[:_ADDRESS]) else name
            break
    part = Part(first)
    part.add("Facility", facility, first)
    part.add("Status", status, first)
    for name in ("city", "state", "zip", "country"):
        part.add(name.title(), getattr(address, name), line.at)
    return part


def _split_status(text: str) -> tuple[str, str]:
    """(the facility, its status) of a line that holds one or both."""
    name, _, status = text.rpartition("\t")
    if find_code("status", status):
        return name.strip(), status
    for label in _STATUSES:
        if text.endswith(label):
            return text.removesuffix(label).strip(), label.strip()
    return text, ""


def _area(text: str, below: Sequence[Line]) -> _Area | None:
    """The area that a line is the heading of: an address below ends with it."""
    if len(text) > _ADDRESS or "\t" in text:
        return None
    parts = text.split(", ")
    areas = [_Area(text)] + [_Area(", ".join(parts[:n]), ", ".join(parts[n:])) for n in range(1, len(parts))]
    for line in below:
        for area in areas:
            address = _address(line.words, area)
            if address and address.city and (not area.state or address.state == area.state):
                return area
    return None


def _address(text: str, area: _Area | None) -> _Address | None:
    """The address that a line states, in the area it stands below; where headings are lost, one with a postal code."""
    if len(text) > _ADDRESS:
        return None
    if area is None:
        return _address_alone(text.split(", "))
    before, found, after = f", {text}, ".rpartition(f", {area.country}, ")
    if not found:
        return None
    city, state = before.removeprefix(", "), area.state or ""
    if state and city.endswith(f", {state}"):
        city = city.removesuffix(f", {state}")
    elif ", " in city:
        city, _, state = city.rpartition(", ")
    else:
        state = ""
    return _Address(city, state, after.removesuffix(", "), area.country)


def _address_alone(parts: list[str]) -> _Address | None:
    """City, state if there are four parts, country and postal code."""
    *rest, code = parts
    if not any(character.isdigit() for character in code):
        return None
    if len(rest) > 2 and _INVERTED.fullmatch(rest[-1]):  # noqa: PLR2004 - city, country and its second half
        rest[-2:] = [", ".join(rest[-2:])]
    if len(rest) not in {2, 3}:
        return None
    return _Address(rest[0], rest[1] if len(rest) == 3 else "", code, rest[-1])  # noqa: PLR2004 - with a state
