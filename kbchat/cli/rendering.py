"""Answers and passages on a terminal: formatting only."""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kbchat.messages import Bilingual, Language
from kbchat.types import Answer, Citation, Outcome, Passage

_SOURCES = Bilingual("Sources", "出处")
_PAGE = Bilingual("p. {page}", "第 {page} 页")
_WHY = Bilingual("why", "得分构成")
_LABELS = {
    Outcome.INSUFFICIENT_EVIDENCE: Bilingual("No answer in the documents", "资料中没有答案"),
    Outcome.OUT_OF_SCOPE: Bilingual("Outside the scope of this assistant", "不在服务范围内"),
    Outcome.EMERGENCY: Bilingual("This may be an emergency", "可能是紧急情况"),
}
_QUOTE_SHOWN = 120
_NEVER_FIRST = frozenset("，。、；：！？）】》”’%,.;:!?)")


def print_answer(answer: Answer, console: Console, language: Language, *, sources: bool = True) -> None:
    """The answer, its sources ([n], file, page, section, the quoted words) and its footer."""
    label = _LABELS.get(answer.outcome)
    if label is not None:
        console.print(Text(label.in_language(language), style="bold yellow"))
    for line in answer.text.split("\n"):
        heading = line.startswith("**")
        for part in folded(line.replace("**", "") if heading else line, console.width):
            console.print(Text(part, style="bold") if heading else _answer_line(part), soft_wrap=True)
    if answer.citations and sources:
        console.print()
        console.print(Text(_SOURCES.in_language(language), style="bold"))
        for citation in answer.citations:
            where, quote = citation_lines(citation, language)
            console.print(Padding(where, (0, 0, 0, 2)))
            for part in folded(quote, max(20, console.width - 6)):
                console.print(Padding(Text(part, style="dim"), (0, 0, 0, 6)))
    if answer.footer:
        console.print()
        console.print(Text(answer.footer, style="dim"))


def _answer_line(line: str) -> Text:
    """A line of the answer, literal: document text must not be read as markup."""
    text = Text(line)
    text.highlight_regex(r"\[\d+\]", "cyan")
    return text


def citation_lines(citation: Citation, language: Language) -> tuple[Text, str]:
    """``[1] file.pdf, p. 3 · section`` and the quote."""
    quote = " ".join(citation.quote.split())
    if len(quote) > _QUOTE_SHOWN:
        quote = quote[: _QUOTE_SHOWN - 1] + "…"
    page = _PAGE.in_language(language).format(page=citation.page)
    section = " › ".join(citation.section_path[-2:])
    where = Text.assemble(
        (f"[{citation.number}] ", "cyan"),
        (citation.document, "bold"),
        f", {page}",
        (f" · {section}" if section else "", "dim"),
    )
    return where, f"“{quote}”"


def folded(line: str, width: int) -> list[str]:
    """``line`` in pieces of at most ``width`` cells, broken between Chinese characters or at spaces.

    Rich breaks at spaces only and so tears a Chinese line from what stands before it.
    """
    if cell_len(line) <= width:
        return [line]
    pieces: list[str] = []
    start, last_break, used = 0, 0, 0
    for i, character in enumerate(line):
        size = cell_len(character)
        if used + size > width and i > start:
            cut = last_break if last_break > start else i
            pieces.append(line[start:cut].rstrip())
            start = cut + (len(line[cut:]) - len(line[cut:].lstrip(" ")))
            used = cell_len(line[start:i])
        used += size
        if character == " " or (size == 2 and line[i + 1 : i + 2] not in _NEVER_FIRST):
            last_break = i + 1
    pieces.append(line[start:])
    return pieces


def print_passages(passages: tuple[Passage, ...], console: Console, language: Language) -> None:
    """A table of passages with the parts of their scores."""
    table = Table(show_lines=True, expand=True)
    table.add_column("#", justify="right", width=3)
    table.add_column(Bilingual("Source", "出处").in_language(language), ratio=2, overflow="fold")
    table.add_column(Bilingual("Passage", "内容").in_language(language), ratio=5, overflow="fold")
    table.add_column(_WHY.in_language(language), width=18)
    for rank, passage in enumerate(passages, start=1):
        page = _PAGE.in_language(language).format(page=passage.page)
        source = f"{passage.document}\n{page}\n{' › '.join(passage.section_path[-2:])}\n({passage.section_kind.value})"
        header = f"{passage.table_header}\n" if passage.table_header else ""
        table.add_row(str(rank), escape(source), escape(header + passage.text), score_lines(passage))
    console.print(table)


def score_lines(passage: Passage) -> str:
    """The non-zero parts of a score, one a line, total first."""
    parts = passage.parts
    named = [
        ("lexical", parts.lexical),
        ("dense", parts.dense),
        ("coverage", parts.coverage),
        ("entity", parts.entity),
        ("section", parts.section),
        ("document", parts.document),
        ("rerank", parts.rerank),
        ("penalty", parts.penalty),
    ]
    lines = [f"total {passage.score:+.2f}"] + [f"{name} {value:+.2f}" for name, value in named if value]
    return "\n".join(lines)
