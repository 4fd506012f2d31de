"""Text that runs over page breaks: joining page slices, and finding the way back from the joined text to the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kbchat.text.deferred_pattern import deferred
from kbchat.types import Span

_BEGINS_ANEW = deferred(r"[【〔（(]|[一二三四五六七八九十]{1,3}[、．.]|第[一二三四五六七八九十\d]{1,4}[章节篇条]")
_TERMINAL = frozenset("。！？；：.!?;:…)）】」』”\"'")


def _is_cjk(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or "\uff00" <= character <= "\uffef"


def joiner(before: str, after: str) -> str:
    """What stands between two page slices: nothing or a space inside a sentence, else a newline.

    A sentence goes on when the page ends without a terminal mark and the next begins like a continuation: with a
    Chinese character after a Chinese one, or with a lower-case letter or digit after a word.
    """
    if not before or not after:
        return ""
    last, first = before[-1], after[0]
    if last in _TERMINAL or last == "\n":
        return "\n"
    if _is_cjk(last) and _is_cjk(first) and not _BEGINS_ANEW.match(after):
        return ""
    if first.islower() and not _is_cjk(last):
        return " "
    return "\n"


@dataclass(frozen=True, slots=True)
class SpannedText:
    """A text put together from page slices, with the way back.

    ``starts[i]`` is where the slice of ``spans[i]`` begins in ``text``.
    """

    text: str
    spans: tuple[Span, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, page_texts: Mapping[int, str] | Sequence[str], spans: Iterable[Span]) -> SpannedText:
        """Join ``spans`` of ``page_texts`` (by page number; a sequence is taken to begin with page 1)."""
        kept = tuple(spans)
        text = ""
        starts: list[int] = []
        for span in kept:
            page = page_texts[span.page] if isinstance(page_texts, Mapping) else page_texts[span.page - 1]
            piece = page[span.start : span.end]
            if text:
                text += joiner(text, piece)
            starts.append(len(text))
            text += piece
        return cls(text, kept, tuple(starts))

    @classmethod
    def rebuilt(cls, text: str, spans: Iterable[Span]) -> SpannedText:
        """The same from a stored ``text`` and its ``spans``, when the pages are not at hand.

        Raises ValueError when the text cannot have been joined from such spans.
        """
        kept = tuple(spans)
        starts: list[int] = []
        position = 0
        for number, span in enumerate(kept):
            if number:
                end = position
                before, after = text[:end], text[end:]
                width = 0
                if after[:1] in ("\n", " ") and joiner(before, after[1:]) == after[:1]:
                    width = 1
                position += width
            starts.append(position)
            position += span.end - span.start
        if position != len(text):
            raise ValueError(f"text of {len(text)} characters does not fit spans that cover {position}")
        return cls(text, kept, tuple(starts))

    def locate(self, start: int, end: int) -> tuple[Span, ...]:
        """The page spans of ``text[start:end]``; joiners belong to no page and are left out."""
        found: list[Span] = []
        for span, begin in zip(self.spans, self.starts, strict=True):
            length = span.end - span.start
            low, high = max(start - begin, 0), min(end - begin, length)
            if low < high:
                found.append(Span(span.page, span.start + low, span.start + high))
        return tuple(found)

    def position(self, page: int, offset: int) -> int | None:
        """Where ``offset`` of ``page`` stands in ``text``; None when no span holds it (an end offset counts as held)."""
        for span, begin in zip(self.spans, self.starts, strict=True):
            if span.page == page and span.start <= offset <= span.end:
                return begin + offset - span.start
        return None
