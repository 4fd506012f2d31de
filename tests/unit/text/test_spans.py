"""Joining page slices and finding the way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.text.spans import SpannedText, joiner
from kbchat.types import Span

_PAGES = st.lists(st.text(alphabet="ab 。.，\n药片0123456789mg", min_size=1, max_size=40), min_size=1, max_size=5)


@given(_PAGES, st.data())
def test_every_character_finds_its_page(pages: list[str], data: st.DataObject) -> None:
    spans = []
    for number, text in enumerate(pages, start=1):
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        spans.append(Span(number, start, end))
    joined = SpannedText.of(pages, spans)
    again = SpannedText.rebuilt(joined.text, spans)
    assert again == joined
    assert joined.locate(0, len(joined.text)) == tuple(spans)
    for span, begin in zip(joined.spans, joined.starts, strict=True):
        assert joined.text[begin : begin + span.end - span.start] == pages[span.page - 1][span.start : span.end]
        position = joined.position(span.page, span.start)
        assert position is not None
        assert joined.locate(position, position + 1)[0] == Span(span.page, span.start, span.start + 1)


@pytest.mark.parametrize(
    ("before", "after", "between"),
    [
        ("每日三次，每次", "服用两片。", ""),
        ("口服。", "孕妇禁用", "\n"),
        ("the dose of", "apixaban is", " "),
        ("See below.", "Table 3", "\n"),
        ("不良反应", "【禁忌】", "\n"),
    ],
)
def test_a_sentence_goes_on_over_the_page_break(before: str, after: str, between: str) -> None:
    assert joiner(before, after) == between


def test_a_quote_over_a_page_break_is_located_on_both_pages() -> None:
    pages = ["第一页。每日不超过", "三片，饭后服。"]
    joined = SpannedText.of(pages, [Span(1, 0, 9), Span(2, 0, 7)])
    start = joined.text.index("每日")
    assert joined.locate(start, start + 8) == (Span(1, 4, 9), Span(2, 0, 3))


def test_a_text_that_does_not_fit_its_spans_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        SpannedText.rebuilt("abc", [Span(1, 0, 2)])
