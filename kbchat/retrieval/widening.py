"""Widening a small chunk to its section, as far as the budget goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kbchat.store import Store, StoredChunk
from kbchat.text.spans import SpannedText
from kbchat.types import Span

_NEIGHBOURS = 8


@dataclass(frozen=True, slots=True)
class Widened:
    """A stretch of a section; the chunk itself begins at ``hit_start``."""

    spans: tuple[Span, ...]
    text: str
    hit_start: int


def widened(store: Store, chunk: StoredChunk, budget: int) -> Widened:
    """Spans and text of the section when it fits ``budget`` characters, else of the chunk with its neighbours.

    Neighbours are taken one by one, the following before the preceding, since an answer more often goes on than begins
    before. Text is always a stretch of the section's text.
    """
    if len(chunk.section_text) <= budget:
        return Widened(chunk.section_spans, chunk.section_text, max(0, chunk.section_text.find(chunk.text)))
    alone = Widened(chunk.spans, chunk.text, 0)
    if len(chunk.text) >= budget:
        return alone
    in_section = store.chunk_spans(chunk.section_id)
    ids = list(in_section)
    here = ids.index(chunk.chunk_id)
    window = ids[max(0, here - _NEIGHBOURS) : here + _NEIGHBOURS + 1]
    chunks = [in_section[chunk_id] for chunk_id in window]
    place = window.index(chunk.chunk_id)
    first = last = place
    length = len(chunk.text)
    while True:
        if last + 1 < len(chunks) and length + _length(chunks[last + 1]) <= budget:
            last += 1
            length += _length(chunks[last])
        elif first > 0 and length + _length(chunks[first - 1]) <= budget:
            first -= 1
            length += _length(chunks[first])
        else:
            break
    if first == last:
        return alone
    return _cut(chunk, chunks[first], chunks[last]) or alone


def _length(spans: Sequence[Span]) -> int:
    return sum(span.end - span.start for span in spans)


def _cut(chunk: StoredChunk, first: Sequence[Span], last: Sequence[Span]) -> Widened | None:
    """The stretch of the section from the beginning of ``first`` to the end of ``last``."""
    section = SpannedText.rebuilt(chunk.section_text, chunk.section_spans)
    low = section.position(first[0].page, first[0].start)
    high = section.position(last[-1].page, last[-1].end)
    hit = section.position(chunk.spans[0].page, chunk.spans[0].start)
    if low is None or high is None or hit is None or not low <= hit < high:
        return None
    return Widened(section.locate(low, high), section.text[low:high], hit - low)
