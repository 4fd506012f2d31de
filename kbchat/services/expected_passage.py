"""What a case of the retrieval test expects, and whether a passage is it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kbchat.text.tokens import fold
from kbchat.types import Passage, SectionKind

_SHINGLE = 5
_ENOUGH = 0.6
"""Share of the expected text that must stand in a passage; chunks may be cut anew when a document is replaced."""


@dataclass(frozen=True, slots=True)
class ExpectedPassage:
    """What must be found: a document, and, where given, a kind of section, a page and a text.

    Documents keep their id over revisions; pages and texts are compared as they are at the time of the run.
    """

    document_id: int
    section_kind: SectionKind | None = None
    page: int | None = None
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ExpectedPassage:
        """From what was stored."""
        kind = stored.get("section_kind")
        return cls(
            int(stored["document_id"]), SectionKind(kind) if kind else None, stored.get("page"), stored.get("text", "")
        )

    @classmethod
    def of(cls, passage: Passage) -> ExpectedPassage:
        """The case that ``passage`` itself meets."""
        matched = passage.text[passage.hit_start : passage.hit_start + passage.hit_length]
        return cls(passage.document_id, passage.section_kind, passage.page, matched)

    def matches(self, passage: Passage) -> bool:
        """Whether ``passage`` is what was expected."""
        if passage.document_id != self.document_id:
            return False
        if self.section_kind is not None and passage.section_kind is not self.section_kind:
            return False
        if self.page is not None and self.page not in {span.page for span in passage.spans}:
            return False
        return not self.text.strip() or _share(self.text, passage.text) >= _ENOUGH


def rank_of(expected: ExpectedPassage, passages: Sequence[Passage]) -> int | None:
    """The place of the first passage that is what was expected, from 1; None when there is none."""
    return next((place for place, passage in enumerate(passages, start=1) if expected.matches(passage)), None)


def _share(expected: str, found: str) -> float:
    """Share of the expected text's shingles that stand in the text found."""
    wanted, there = _shingles(expected), "".join(fold(found).split())
    return sum(shingle in there for shingle in wanted) / len(wanted)


def _shingles(text: str) -> set[str]:
    folded = "".join(fold(text).split())
    return {folded[i : i + _SHINGLE] for i in range(max(1, len(folded) - _SHINGLE + 1))}
