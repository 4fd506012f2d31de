"""What a question asks, measured in information: tokens weighed by rarity, and other words that say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kbchat.types import SectionKind

_SECTION_SAYS = 0.4
"""What a section of the kind asked for counts for the words that asked for it."""


_Told = tuple[tuple[str, float], ...]
"""Tokens of a question with the weight that something else gives them."""


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
    _total: float = field(init=False, repr=False, compare=False)
    _said_otherwise: tuple[tuple[frozenset[str], _Told], ...] = field(init=False, repr=False, compare=False)
    _said_by_section: Mapping[SectionKind, _Told] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out what every text is compared with: hundreds of chunks and sentences are, for one question."""
        values = self.values
        otherwise = (
            (one.tokens, tuple((token, one.weight * values[token]) for token in one.instead_of & values.keys()))
            for one in self.alternatives
        )
        by_section = {
            kind: tuple((token, _SECTION_SAYS * values[token]) for token in tokens & values.keys())
            for kind, tokens in self.asked.items()
        }
        object.__setattr__(self, "_total", sum(values.values()))
        object.__setattr__(self, "_said_otherwise", tuple(one for one in otherwise if one[1]))
        object.__setattr__(self, "_said_by_section", by_section)

    def covered(self, there: frozenset[str], kind: SectionKind | None = None) -> dict[str, float]:
        """The weight of each token of the question that ``there`` (in a section of ``kind``) holds, or says otherwise."""
        found = {token: value for token, value in self.values.items() if token in there}
        for tokens, told in self._said_otherwise:
            if tokens <= there:
                for token, value in told:
                    if value > found.get(token, 0.0):
                        found[token] = value
        for token, value in self._said_by_section.get(kind, ()) if kind is not None else ():
            if value > found.get(token, 0.0):
                found[token] = value
        return found

    def covered_share(self, there: frozenset[str], kind: SectionKind | None = None) -> float:
        """The same as a share of everything asked, 0 to 1."""
        return min(1.0, sum(self.covered(there, kind).values()) / self._total) if self._total else 0.0

    def joined(self, other: Information) -> Information:
        """What both know; the smaller weight where they differ (a word common in one base is common)."""
        values = dict(self.values)
        for token, value in other.values.items():
            values[token] = min(value, values.get(token, value))
        return Information(
            values, tuple(dict.fromkeys((*self.alternatives, *other.alternatives))), {**other.asked, **self.asked}
        )
