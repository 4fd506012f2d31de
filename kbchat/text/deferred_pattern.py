"""Regular expressions that are compiled when they are first used.

The expressions of this package take about 0.4 s to compile, all of them together, and one question needs few of them.
"""

from __future__ import annotations

import re
from typing import Any, cast

_KEPT = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")


class _DeferredPattern:
    """Stands in for an expression. Its methods are those of the compiled one, and kept here once there is one."""

    def __init__(self, source: str, flags: int) -> None:
        self.pattern = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self._flags)
        self.__dict__.update({kept: getattr(compiled, kept) for kept in _KEPT})
        return getattr(compiled, name)


def deferred(source: str, flags: int = 0) -> re.Pattern[str]:
    """``re.compile(source, flags)``, compiled when it is first used; re.error is raised there.

    Works like the compiled expression in all but ``isinstance``, ``re``'s own functions and copying.
    """
    return cast("re.Pattern[str]", _DeferredPattern(source, int(flags)))
