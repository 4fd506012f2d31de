"""What a question asks, measured in information: tokens weighed by rarity, and other words that say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kbchat.types import SectionKind

_SECTION_SAYS = 0.4
"""What a section of the kind asked for counts for the words that asked for it."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A text that holds all of ``tokens`` says what ``instead_of`` says in the question, with certainty ``weight``."""

    instead_of: frozenset[str]
    tokens: frozenset[str]
    weight: float


@dataclass(frozen=True, slots=True)
class Information:
    """``values`` are the question's own tokens with their weight (IDF), ``alternatives`` other words for them.

    ``asked`` are the tokens that ask for a section (side effects, used for): a section of that kind half says them by
    being it.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    alternatives: Sequence[Alternative] = ()
    asked: Mapping[SectionKind, frozenset[str]] = field(default_factory=dict)

    def covered(self, there: frozenset[str], kind: SectionKind | None = None) -> dict[str, float]:
        """The weight of each token of the question that ``there`` (in a section of ``kind``) holds, or says otherwise."""
        found = {token: value for token, value in self.values.items() if token in there}
        for alternative in self.alternatives:
            if alternative.tokens <= there:
                for token in alternative.instead_of & self.values.keys():
                    found[token] = max(found.get(token, 0.0), alternative.weight * self.values[token])
        if kind is not None:
            for token in self.asked.get(kind, frozenset()) & self.values.keys():
                found[token] = max(found.get(token, 0.0), _SECTION_SAYS * self.values[token])
        return found

    def covered_share(self, there: frozenset[str], kind: SectionKind | None = None) -> float:
        """The same as a share of everything asked, 0 to 1."""
        total = sum(self.values.values())
        return min(1.0, sum(self.covered(there, kind).values()) / total) if total else 0.0

    def joined(self, other: Information) -> Information:
        """What both know; the smaller weight where they differ (a word common in one base is common)."""
        values = dict(self.values)
        for token, value in other.values.items():
            values[token] = min(value, values.get(token, value))
        return Information(
            values, tuple(dict.fromkeys((*self.alternatives, *other.alternatives))), {**other.asked, **self.asked}
        )
