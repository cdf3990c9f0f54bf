"""Why a trial is in the answer of a saved query, or is not: the query is asked in part, step by step.

Nothing here knows a saved query: its pattern is parsed, the trial put in the place of its variable, and the largest
part of it found that has an answer.
"""

from kg.explanation.explaining import explain
from kg.explanation.outcomes import Explanation, Fact, Outcome
from kg.explanation.reading import read_aloud

__all__ = ["Explanation", "Fact", "Outcome", "explain", "read_aloud"]
