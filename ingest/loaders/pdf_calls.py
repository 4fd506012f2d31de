"""PDFium's C functions, called a few thousand times a page with as little ceremony as ctypes allows.

Measured on CPython 3.11: 0.30 µs a call with declared argument types, 0.14 µs this way. No argument types are declared:
Python integers pass as C ``int``, and pointers as ``byref`` objects, which ctypes copies without converting them. The
interpreter lock is kept, as no call takes longer than giving it away.
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt

Reference = Any
"""What ``ctypes.byref`` gives: a pointer argument."""

_KEPT = 20_000  # records; the buffer of a longer page is not kept


def quick(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """The C function as a plain callable that gives ``result`` (a ctypes type).

    Without ``arguments`` it takes integers and references only; a 64-bit address as an integer needs ``c_void_p``.
    """
    return ctypes.PYFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)


class Records:
    """Room for one record a call (boxes, matrices), with a reference to every record, reused from page to page.

    As everything of PDFium it serves one thread at a time.
    """

    def __init__(self, record: Any, fields: int) -> None:
        """``record`` is a ctypes structure of ``fields`` C floats."""
        self._record = record
        self._fields = fields
        self._room = (record * 0)()
        self._references: list[Reference] = []

    def fill(
        self, function: Callable[..., Any], handle: Reference, at: Iterable[int], count: int
    ) -> npt.NDArray[np.float64]:
        """What ``function(handle, index, record)`` writes for the ``count`` indices ``at``, one array a field.

        Where the function fails, the fields are zeros.
        """
        room, references = self._room, self._references
        if count > len(references):
            size = ctypes.sizeof(self._record)
            room = (self._record * count)()
            references = [ctypes.byref(room, size * index) for index in range(count)]
            if count <= _KEPT:
                self._room, self._references = room, references
        ctypes.memset(room, 0, ctypes.sizeof(self._record) * count)
        deque(map(function, repeat(handle), at, references), maxlen=0)
        rows = np.frombuffer(room, np.float32, count * self._fields)
        return rows.reshape(count, self._fields).T.astype(np.float64, order="C")
