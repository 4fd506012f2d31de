"""A quote in the pane of a source."""

from __future__ import annotations

from ui.components.source_text import quote_html


def test_rows_of_a_table_stand_on_their_own_lines_and_wrapped_lines_are_joined():
    shown = quote_html("剂量见下\n表。\n肌酐清除率 | 剂量\n30-60 | 0.5g\n严重者\n禁用。")

    assert ">剂量见下 表。<br>肌酐清除率 | 剂量<br>30-60 | 0.5g<br>严重者 禁用。<" in shown


def test_a_long_quote_is_cut_and_markup_in_it_is_only_shown():
    shown = quote_html("<b>\n" + "a | b\n" * 400)

    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert "…</blockquote>" in shown
