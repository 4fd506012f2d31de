"""What was worked out from the documents, remembered as long as they stay as they are."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Generation = tuple[int, ...]
"""Tells one state of the documents of some knowledge bases from another."""
_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class Remembered(Generic[_K, _V]):
    """A bounded memory; what was used least lately goes first. Safe to share between threads.

    With a new generation everything is forgotten.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._generation: Generation = ()
        self._known: OrderedDict[_K, _V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: _K, generation: Generation, work_out: Callable[[_K], _V]) -> _V:
        """What is known of ``key`` in this generation, else what ``work_out`` tells, which others need not wait for."""
        with self._lock:
            if generation != self._generation:
                self._generation = generation
                self._known.clear()
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        value = work_out(key)
        with self._lock:
            if generation == self._generation:
                self._known[key] = value
                if len(self._known) > self._most:
                    self._known.popitem(last=False)
        return value
