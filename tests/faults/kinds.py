"""All kinds of fault that are planted."""

from tests.faults.broken import DOCUMENT
from tests.faults.codes import CODES
from tests.faults.parts import ARMS, MISSING, TYPES
from tests.faults.sweeps import SWEEPS
from tests.faults.values import DATES, FORMS, IDENTIFIERS, NUMBERS, WORDS

__all__ = ["KINDS"]

KINDS = (*DATES, *FORMS, *CODES, *NUMBERS, *IDENTIFIERS, *WORDS, *MISSING, *ARMS, *TYPES, *DOCUMENT, *SWEEPS)
