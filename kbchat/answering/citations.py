"""From markers to citations: every [n] of a generated text becomes a quote on a page, or is removed and counted.

A generator's ``[n]`` names a passage; a citation names the very words. The sentence before the marker is looked up in the
passage: word for word when the generator quoted, else the sentence of the passage that shares most with it. Sentences
that follow each other on a page share one citation; citations are numbered in order of first use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kbchat.text.deferred_pattern import deferred
from kbchat.text.sentences import split_sentences
from kbchat.text.spans import SpannedText
from kbchat.text.tokens import index_tokens
from kbchat.types import Citation, Passage, Span

_MARKER = deferred(r"[ \t]*\[(\d{1,3})\]")
_SPACE = deferred(r"\s+")
_BETWEEN_ITEMS = " \t\n\u3000•·●○■◆▪-–—*"
_LEAST_SHARED = 0.2
"""A sentence shares at least this share of its words with the one it is said to come from."""
_LEADING = deferred(r"^(?:- |\* |\d+[.)]\s+)")


@dataclass(frozen=True, slots=True)
class CitedText:
    """A text whose every [n] is ``citations[n - 1]``; ``removed`` counts markers that resolved to nothing."""

    text: str
    citations: tuple[Citation, ...]
    removed: int


@dataclass(frozen=True, slots=True)
class Quote:
    """``passages[passage].text[start:end]``."""

    passage: int
    start: int
    end: int


def cite(text: str, passages: Sequence[Passage]) -> CitedText:
    """Resolve the markers ``[n]`` of ``text`` against ``passages``; markers of any form: kbchat.answering.checks."""
    pieces, removed = cited_pieces(text, passages)
    return assembled(pieces, passages, removed)


def cited_pieces(text: str, passages: Sequence[Passage]) -> tuple[list[str | Quote], int]:
    """``text`` in pieces with a quote in place of each marker that resolves, and how many do not."""
    pieces: list[str | Quote] = []
    removed = 0
    for line in text.split("\n"):
        position = 0
        for match in _MARKER.finditer(line):
            sentence = line[position : match.start()]
            if sentence.strip() or position == 0:
                said = sentence
            pieces.append(sentence)
            position = match.end()
            number = int(match.group(1))
            quote = _quote(said, number - 1, passages) if 1 <= number <= len(passages) else None
            if quote is None:
                removed += 1
            else:
                pieces.append(quote)
        pieces.append(line[position:] + "\n")
    if pieces and isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1].rstrip("\n")
    return pieces, removed


def assembled(pieces: Sequence[str | Quote], passages: Sequence[Passage], removed: int = 0) -> CitedText:
    """The text of ``pieces``, each quote a marker that counts from 1 in order of first use."""
    numbers, citations = _numbered([piece for piece in pieces if isinstance(piece, Quote)], passages)
    rendered, last = "", 0
    for piece in pieces:
        if isinstance(piece, str):
            rendered, last = rendered + piece, 0 if piece else last
        elif numbers[piece] != last:
            rendered, last = f"{rendered} [{numbers[piece]}]", numbers[piece]
    return CitedText(rendered.strip("\n"), citations, removed)


def _quote(sentence: str, number: int, passages: Sequence[Passage]) -> Quote | None:
    """Where ``sentence`` stands in its passage, or the nearest sentence there; None when they share nothing."""
    text = passages[number].text
    bare = _LEADING.sub("", sentence.strip())
    found = _find_loosely(text, bare)
    if found is not None:
        return Quote(number, *found)
    mine = frozenset(index_tokens(bare))
    best, best_share = None, _LEAST_SHARED
    for start, end in split_sentences(text):
        share = len(mine & frozenset(index_tokens(text[start:end]))) / max(1, len(mine))
        if share > best_share:
            best, best_share = (start, end), share
    return Quote(number, *best) if best is not None else None


def _find_loosely(text: str, wanted: str) -> tuple[int, int] | None:
    """``wanted`` in ``text``, any run of white space matching any other."""
    if not wanted:
        return None
    start = text.find(wanted)
    if start >= 0:
        return start, start + len(wanted)
    pattern = r"\s*".join(re.escape(part) for part in _SPACE.split(wanted))
    match = re.search(pattern, text)
    return match.span() if match else None


def _numbered(quotes: Sequence[Quote], passages: Sequence[Passage]) -> tuple[Mapping[Quote, int], tuple[Citation, ...]]:
    """A number for each quote: quotes that adjoin on one page share it."""
    located = {quote: _place(quote, passages[quote.passage]) for quote in quotes}
    numbers: dict[Quote, int] = {}
    merged: list[tuple[Passage, Span]] = []
    for quote in quotes:
        if quote in numbers:
            continue
        passage, span = passages[quote.passage], located[quote]
        for i, (other, known) in enumerate(merged):
            union = _union(known, span, other) if other.revision_id == passage.revision_id else None
            if union is not None:
                merged[i] = (other, union)
                numbers[quote] = i + 1
                break
        else:
            merged.append((passage, span))
            numbers[quote] = len(merged)
    return numbers, tuple(_citation(i, passage, span) for i, (passage, span) in enumerate(merged, start=1))


def _union(known: Span, span: Span, passage: Passage) -> Span | None:
    """Both as one span, when they overlap or only white space and bullets part them and ``passage`` holds it all."""
    if known.page != span.page:
        return None
    low, high = sorted((known, span), key=lambda one: (one.start, one.end))
    union = Span(known.page, low.start, max(low.end, high.end))
    if _page_slice(passage, union) is None:
        return None
    if high.start > low.end:
        between = _page_slice(passage, Span(known.page, low.end, high.start))
        if between is None or between.strip(_BETWEEN_ITEMS):
            return None
    return union


def _place(quote: Quote, passage: Passage) -> Span:
    """The page span of a quote; of one that runs over a page break, the longest part."""
    spans = SpannedText.rebuilt(passage.text, passage.spans).locate(quote.start, quote.end)
    return max(spans, key=lambda span: span.end - span.start)


def _page_slice(passage: Passage, span: Span) -> str | None:
    """``page_text[span.start:span.end]`` as far as the passage holds it."""
    text = SpannedText.rebuilt(passage.text, passage.spans)
    low, high = text.position(span.page, span.start), text.position(span.page, span.end)
    return None if low is None or high is None else text.text[low:high]


def _citation(number: int, passage: Passage, span: Span) -> Citation:
    quote = _page_slice(passage, span)
    if quote is None:
        raise ValueError(f"span {span} is not part of passage {passage.chunk_id}")
    return Citation(
        number=number,
        document=passage.document,
        document_id=passage.document_id,
        document_title=passage.document_title,
        revision_id=passage.revision_id,
        revision_date=passage.revision_date,
        section_path=passage.section_path,
        page=span.page,
        start=span.start,
        end=span.end,
        quote=quote,
    )
