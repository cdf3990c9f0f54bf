"""All kinds of fault that are planted."""

from tests.faults.broken import DOCUMENT
from tests.faults.codes import CODES
from tests.faults.parts import ARMS, MISSING, TYPES
from tests.faults.sweeps import SWEEPS
from tests.faults.values import DATES, FORMS, IDENTIFIERS, NUMBERS, WORDS

__all__ = ["KINDS", "LATER"]

KINDS = (*DATES, *FORMS, *CODES, *NUMBERS, *IDENTIFIERS, *WORDS, *MISSING, *ARMS, *TYPES, *DOCUMENT, *SWEEPS)

#: Kinds that nothing finds or places yet.
LATER = frozenset(
    {
        "stopped without a reason",
        "study type missing",
        "site without a country",
        "number of a paper that is none",
        "date of the wrong century",
        "posted after last update",
        "latitude beyond the pole",
        "longitude beyond 180 degrees",
        "withdrawn with participants",
        "derived MeSH number malformed",
        "conditions missing",
        "sponsor missing",
        "arm with an intervention that the study lacks",
        "youngest above oldest",
        "identifier not of its registry's form",
    }
)
