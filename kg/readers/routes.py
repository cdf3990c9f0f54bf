"""Many paths into one record, made into one walk: what several paths lead through is opened once."""

__all__ = ["HERE", "Route"]

#: Where, behind all that a walk has opened, the node itself stands, held under the name "".
HERE = -1


class Route:
    """The walk from a node along paths, each a row of names.

    `steps` says what to open, in order: the name, and by number what holds it. Number 0 is the node; the first step
    opens number 1.
    """

    def __init__(self) -> None:
        self.steps: list[tuple[int, str]] = []
        self._opened: dict[tuple[str, ...], int] = {(): 0}

    def end(self, names: tuple[str, ...]) -> tuple[int, str]:
        """By number what holds the end of a path, and the name of the end there.

        >>> route = Route()
        >>> route.end(("place", "city")), route.end(("place", "country")), route.steps
        ((1, 'city'), (1, 'country'), [(0, 'place')])
        """
        if not names:
            return HERE, ""
        *above, last = names
        return self._open(tuple(above)), last

    def _open(self, names: tuple[str, ...]) -> int:
        if names not in self._opened:
            self.steps.append((self._open(names[:-1]), names[-1]))
            self._opened[names] = len(self.steps)
        return self._opened[names]
