"""Answers on a terminal."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from kbchat.cli.rendering import folded, print_answer
from kbchat.types import Answer, Checks, Citation, Outcome


@given(st.text(alphabet="ab ,。，药片0[1]", max_size=200), st.integers(4, 40))
def test_folding_loses_only_spaces_and_keeps_to_the_width(line: str, width: int) -> None:
    pieces = folded(line, width)
    assert "".join(pieces).replace(" ", "") == line.replace(" ", "")
    assert all(cell_len(piece) <= width for piece in pieces)


def test_a_list_mark_stays_with_its_chinese_line() -> None:
    pieces = folded("- " + "小儿一日剂量按体重二十毫克每公斤，每八小时一次，" * 4, 40)
    assert pieces[0].startswith("- 小儿")
    assert not any(piece.startswith("，") for piece in pieces)


def test_document_text_is_never_markup() -> None:
    citation = Citation(1, "[red]x[/red].pdf", 1, "t", 1, "", ("[bold]s",), 3, 0, 5, "[link=http://x]q")
    answer = Answer("**A** · b\n[bold]句[/bold] [1]", (citation,), (), Outcome.ANSWERED, Checks())
    stream = io.StringIO()
    print_answer(answer, Console(file=stream, width=60, color_system=None), "zh")
    shown = stream.getvalue()
    assert "[bold]句[/bold] [1]" in shown
    assert "[red]x[/red].pdf, 第 3 页 · [bold]s" in shown
    assert "“[link=http://x]q”" in shown
