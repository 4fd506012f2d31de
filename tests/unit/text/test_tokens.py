"""Tokens for lexical search."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from kbchat.text import tokens
from kbchat.text.tokens import fold, index_tokens, query_tokens, words


def test_numbers_stay_whole() -> None:
    tokens = index_tokens("一次0.3g，血压140/90mmHg，CD4计数，COVID-19")
    assert {"0.3", "140/90", "cd4", "covid-19"} <= set(tokens)


def test_traditional_and_full_width_meet_simplified() -> None:
    assert set(index_tokens("與他汀類藥物併用１０ｍｇ")) >= set(query_tokens("他汀类药物 10mg")) - {"药物"}


def test_bigrams_find_what_the_cutter_splits_differently() -> None:
    assert "安得" in index_tokens("安得卡说明书")
    assert "得卡" in query_tokens("能用安得卡吗")


def test_english_is_stemmed() -> None:
    assert set(query_tokens("contraindications")) == set(index_tokens("contraindicated")) or set(
        query_tokens("infections")
    ) == set(index_tokens("infection"))


def test_questions_lose_small_words() -> None:
    assert query_tokens("What is the dose of it?") == ["dose"]
    assert "什么" not in query_tokens("孕妇吃什么")


def test_odd_input() -> None:
    assert index_tokens("") == []
    assert words("🙂🙂") == []
    assert fold("Ａ\u0000藥") == "a\u0000药"
    assert len(index_tokens("药" * 10000)) >= 9999


def test_threads_do_not_spoil_each_others_words() -> None:
    """A stemmer that threads share mixes the words they work on, or fails; what it made was then kept for good."""
    made = [f"{begin}{end}" for begin in ("", "re", "un", "over") for end in _WORDS]
    texts = [" ".join(f"{word}{sign}ings" for word in made) for sign in "bcdfglmnprstvwxz"]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(index_tokens, texts))
    finally:
        sys.setswitchinterval(before)
    tokens._stem.cache_clear()
    assert together == [index_tokens(text) for text in texts]


_WORDS = (
    "contraindications", "administration", "hypersensitivity", "interactions", "precautions", "relationally", "conditional",
    "electricity", "hopefulness", "sensibilities", "dosages", "pregnancies", "effectiveness", "monitoring", "formalize",
)  # fmt: skip
