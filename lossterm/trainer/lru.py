"""A cache that forgets what was used longest ago once it weighs too much."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """Values by key, up to a weight in all; the least recently used go first.

    limit: the most that the values may weigh together. A value heavier than that is not kept at all.
    """

    def __init__(self, limit: int):
        self._limit = limit
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """The value kept under a key, which counts as a use of it; None if there is none."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key][0]

    def put(self, key: Hashable, value: Value, weight: int = 1) -> list[Value]:
        """Keep a value, and return what was forgotten to make room."""
        self._values.pop(key, None)
        if weight > self._limit:
            return []
        self._values[key] = (value, weight)
        forgotten = []
        while self.weight > self._limit:
            forgotten.append(self._values.popitem(last=False)[1][0])
        return forgotten

    def drop(self, key: Hashable) -> None:
        """Forget a value, if it is there."""
        self._values.pop(key, None)

    @property
    def weight(self) -> int:
        """What the kept values weigh together."""
        return sum(weight for _, weight in self._values.values())

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values
