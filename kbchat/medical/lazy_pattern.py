"""Regular expressions that are compiled when they are first looked for.

The patterns of the safety gate take about 0.4 s to compile, all of them together, and most messages need few of them.
"""

from __future__ import annotations

import re


class LazyPattern:
    """A regular expression, compiled at its first use and kept."""

    __slots__ = ("_compiled", "_source")

    def __init__(self, source: str) -> None:
        self._source = source
        self._compiled: re.Pattern[str] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression. Raises re.error when it is none."""
        if self._compiled is None:
            self._compiled = re.compile(self._source)
        return self._compiled

    def search(self, text: str) -> re.Match[str] | None:
        """The first match in ``text``."""
        return self.pattern.search(text)

    def blanked(self, text: str) -> str:
        """``text`` with blanks where the expression matches."""
        return self.pattern.sub(lambda match: " " * len(match[0]), text)
