"""Why a passage stands where it stands."""

from __future__ import annotations

from dataclasses import replace

from kbchat.services.retrieval import SearchResult
from kbchat.services.score_parts import explained
from kbchat.types import DocumentKind, Passage, Query, ScoreParts, SectionKind, Span
from ui.components.score_view import (
    colours_of,
    gains,
    passage_html,
    place_line,
    score_html,
    settings_line,
    understood_line,
)

PARTS = ScoreParts(lexical=0.5, entity=0.25, penalty=-0.25)
PASSAGE = Passage(
    1, 2, 3, "华法林.pdf", "华法林<b>说明书", DocumentKind.LEAFLET, "华法林", "2021-04-22", 4, SectionKind.INTERACTIONS,
    ("说明书", "【相互作用】"), (Span(2, 0, 10),), (Span(2, 4, 6),), "前<文>中<b>后文", "", 0.5, PARTS, 4, 1,
)  # fmt: skip


def test_the_bar_is_as_long_as_what_speaks_for_the_passage():
    parts = explained(PARTS)
    shown = score_html(parts, colours_of([parts]), 1.5, "en")

    assert gains(parts) == 0.75
    assert "width:32.33%" in shown
    assert "width:16.17%" in shown
    assert shown.count("<li>") == 3
    assert "-0.25" in shown


def test_a_reason_has_one_colour_on_the_whole_page():
    first, second = explained(PARTS), explained(ScoreParts(dense=1.0, lexical=0.1))
    colours = colours_of([first, second])

    assert len(set(colours.values())) == len(colours) == 3


def test_the_match_is_marked_and_everything_escaped():
    assert passage_html(PASSAGE) == '<div class="kb-passage" dir="auto">前&lt;文&gt;<mark>中</mark>&lt;b&gt;后文</div>'
    assert "<mark>" not in passage_html(replace(PASSAGE, hit_start=0, hit_length=len(PASSAGE.text)))
    assert passage_html(replace(PASSAGE, text=f"{'远' * 900}中{'远' * 900}", hit_start=900), 100).count("远") == 98


def test_places_and_settings_in_words():
    assert place_line(PASSAGE, "en") == "说明书 › 【相互作用】 · page 2 · 2021-04-22 · 华法林.pdf"
    assert settings_line({}, "zh") == "当前设置"
    assert settings_line({"lexical": 0.2, "expansion": 1}, "en") == "Words of the question 0.2 · expansion 1"


def test_what_was_understood():
    query = Query("q", "q", (), (SectionKind.DOSAGE,), "zh", unknown_names=("利伐沙班",))

    shown = understood_line(SearchResult(query, (), {"search": 0.02}), "zh")

    assert shown == "询问内容：用法用量 · 资料中没有：利伐沙班 · 检索用时 20 ms"
