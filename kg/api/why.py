"""An explanation as notebooks show it."""

from kg.api.html import preformatted
from kg.explanation import Explanation, read_aloud

__all__ = ["Why"]


class Why:
    """Why a trial is in an answer, or is not: text for people, `explanation` for programs."""

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation

    @property
    def in_answer(self) -> bool:
        """Whether it is."""
        return self.explanation.in_answer

    def __bool__(self) -> bool:
        return self.in_answer

    def __str__(self) -> str:
        return read_aloud(self.explanation)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return preformatted(str(self))
