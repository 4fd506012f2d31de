"""What the tables hold, there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.store.encoding import card_in, card_out, storable, vectors_in, vectors_out
from kbchat.text.page_layout import layout_in, layout_out
from kbchat.types import Block, BlockKind, DocumentCard, DocumentKind, TextRun

_COORDINATES = st.integers(-200_000, 200_000).map(lambda hundredths: hundredths / 100)
_RUNS = st.builds(TextRun, st.integers(0, 10**6), st.integers(0, 10**6), *[_COORDINATES] * 4)
_BLOCKS = st.builds(
    Block,
    st.sampled_from(BlockKind),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 9),
    st.integers(0, 99),
    st.text(max_size=8),
    st.floats(0, 100),
    st.booleans(),
)


@given(st.lists(_BLOCKS, max_size=5), st.lists(_RUNS, max_size=20))
def test_page_layouts(blocks: list[Block], runs: list[TextRun]) -> None:
    assert layout_in(layout_out(blocks, runs)) == (tuple(blocks), tuple(runs))


def test_boxes_are_kept_to_a_hundredth_and_never_break_a_commit() -> None:
    _, [run, odd] = layout_in(
        layout_out((), (TextRun(0, 5, 1.23456, 0, 0, 0), TextRun(5, 6, float("nan"), float("inf"), -1e300, 0)))
    )
    assert run.x0 == 1.23
    assert (odd.start, odd.x0) == (5, 0.0)


def test_a_layout_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown version"):
        layout_in(b"\x09rest")


@given(st.text(st.characters()))
def test_storable_keeps_length_and_what_can_be_kept(text: str) -> None:
    kept = storable(text)
    assert len(kept) == len(text)
    kept.encode()
    assert all(b in (a, "�") for a, b in zip(text, kept, strict=True))
    assert "\x00" not in kept


def test_cards() -> None:
    card = DocumentCard(
        DocumentKind.GUIDELINE, "指南", "zh", generic_names=("a", "b"), issuer="学会", approved_on="2020"
    )
    assert card_in(card_out(card)) == card
    assert card_in({**card_out(card), "from_a_newer_version": 1}) == card


def test_vectors() -> None:
    rows = np.random.default_rng(0).standard_normal((7, 5)).astype(np.float32)
    back = vectors_in(vectors_out(rows), 5)
    assert back.dtype == np.float32
    assert np.array_equal(back, rows.astype(np.float16).astype(np.float32))
    assert vectors_in(vectors_out(rows[:0]), 5).shape == (0, 5)
