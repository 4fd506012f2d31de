from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ui.escaping import (
    END_ISOLATE,
    ISOLATE,
    WORD_JOINER,
    literal_html,
    literal_label,
    literal_markdown,
    one_line,
    visible_text,
)

PROBES = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1)) ![i](http://example.org/x.png) <http://example.org>",
    "https://example.org www.example.org a@example.org",
    "$$\\frac{1}{2}$$ $x$ \\(x\\)",
    ":red[bad] :blue-background[x] :material/home: :smile: :streamlit:",
    "**b** __b__ _i_ *i* ~~s~~ `c` ==m==",
    "# heading",
    "1. one\n2) two\n- three\n+ four\n* five",
    "    code\n\tcode",
    "```py\nx\n```",
    "> quote",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "text\n===\ntext\n---",
    "&amp; &#36; &lt;b&gt;",
    "a\\*b",
    "[^1] [[x]] [ ] x",
    "5 -> 10 <- 3 -- >= <= ~=",
)
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def _shown(markdown: str) -> tuple[str, set[str]]:
    """The text that a Markdown reader shows, and the elements it makes."""
    rendered = _MARKDOWN.render(markdown)
    elements = set(re.findall(r"</?([a-z0-9]+)", rendered))
    text = re.sub(r"<[^>]*>", "", rendered)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    return text.replace("\xa0", " ").replace(WORD_JOINER, ""), elements


@pytest.mark.parametrize("probe", PROBES)
def test_markdown_shows_every_sign_and_makes_nothing(probe):
    text, elements = _shown(literal_markdown(probe))

    assert elements <= {"p", "br"}
    assert re.sub(r"\s+", " ", text).strip() == re.sub(r"\s+", " ", probe).strip()


@pytest.mark.parametrize("probe", PROBES)
def test_no_sign_of_a_directive_formula_or_link_is_left_in_the_markdown(probe):
    escaped = literal_markdown(probe)

    assert not re.search(r"[$`*_\[\]<>:~|\\]", re.sub(r"&#\d+;|&nbsp;", "", escaped))


@given(st.text(alphabet=st.sampled_from("ab1 .-+*_`#>|[](){}!<&;:$~=\\\n\t/@\"'^中”"), max_size=40))
def test_any_mixture_of_signs_is_shown_letter_by_letter(text):
    shown, elements = _shown(literal_markdown(text))

    assert elements <= {"p", "br"}
    assert shown.split() == text.split()


@pytest.mark.parametrize("probe", PROBES)
def test_html_shows_every_sign(probe):
    escaped = literal_html(probe)

    assert not re.search(r"<(?!br>)", escaped)
    assert "onerror=" not in escaped or "&lt;img" in escaped


def test_marks_that_turn_the_direction_are_taken_out():
    assert visible_text("a\u202eb\u202cc\u2066d\u2069\u200fe") == "abcde"


def test_text_from_right_to_left_is_isolated():
    assert visible_text("שלום 1") == f"{ISOLATE}שלום 1{END_ISOLATE}"


def test_control_characters_go_and_line_breaks_become_one_kind():
    assert visible_text("a\x00b\x1b[31m\r\nc\u2028d\te") == "ab[31m\nc\nd\te"


def test_a_label_is_one_line_of_bounded_length():
    assert literal_label("第一行\n第二行", 6) == "第一行 第…"
    assert one_line("short", 20) == "short"
