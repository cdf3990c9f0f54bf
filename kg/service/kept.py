"""Answers that are given again without asking a worker: of a build that stays as it is, to what stays the same."""

from collections import OrderedDict

import msgspec

from kg.service.wire import ExamplesTask, Reply, SavedTask, Task, WhyTask

__all__ = ["KeptAnswers"]

#: What an answer takes beside its bytes.
_OVERHEAD = 1000
#: One answer may take this part of the whole room.
_LARGEST_PART = 8


class KeptAnswers:
    """So many bytes of answers, the last that were asked for.

    Only of the service's own questions: a query of a user's may ask for the time, for chance, or another service.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._taken = 0
        self._replies: OrderedDict[tuple[str, bytes], Reply] = OrderedDict()

    def find(self, build: str, task: Task) -> Reply | None:
        """The answer of a build; None if it is not kept."""
        key = self._key(build, task)
        if key not in self._replies:
            return None
        self._replies.move_to_end(key)
        return self._replies[key]

    def keep(self, build: str, task: Task, reply: Reply) -> None:
        """Keeps an answer, if it is one that stays; the longest unasked make room."""
        key = self._key(build, task)
        size = _size(key, reply)
        if not build or not isinstance(task, SavedTask | WhyTask | ExamplesTask) or size * _LARGEST_PART > self._most:
            return
        if key not in self._replies:
            self._taken += size
            self._replies[key] = reply
        while self._taken > self._most:
            self._taken -= _size(*self._replies.popitem(last=False))

    def forget(self) -> None:
        """Forgets all: a new build has come."""
        self._replies.clear()
        self._taken = 0

    @staticmethod
    def _key(build: str, task: Task) -> tuple[str, bytes]:
        return build, msgspec.msgpack.encode(task)


def _size(key: tuple[str, bytes], reply: Reply) -> int:
    return len(key[1]) + len(reply.body) + len(reply.resolved) + _OVERHEAD
