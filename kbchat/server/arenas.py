"""Fewer arenas of glibc's malloc: each keeps what was freed in it, and by default there are eight a core."""

from __future__ import annotations

import ctypes
import os

_VARIABLE = "MALLOC_ARENA_MAX"
_M_ARENA_MAX = -8  # malloc.h
_A_CORE = 2


def limit_arenas() -> None:
    """Two a core, for this process and those it starts; nothing where ``MALLOC_ARENA_MAX`` is set or malloc is another.

    To be called before the first thread begins: malloc looks at the limit once. Only one thread runs Python at a time,
    so few are no hindrance. Measured on two cores, 50 clients and uploads without a pause: 480 MiB instead of 630.
    """
    if _VARIABLE in os.environ:
        return
    most = _A_CORE * (os.cpu_count() or 1)
    os.environ[_VARIABLE] = str(most)
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, most)
    except (AttributeError, OSError, TypeError):  # no mallopt: macOS, musl, Windows
        return
