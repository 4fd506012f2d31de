"""An answer as blocks to draw: headings, paragraphs, list items and tables, with its citations and flags. Pure.

Nothing here is markup: a block holds plain text, which the component ``answer`` puts on the screen letter by letter. Of what
a language model may write, headings (``#``, a bold line), bold words, list items and rows of tables are read; all else is
shown as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kbchat.answering.checks import QUANTITY_FLAG, SENTENCE_FLAG
from kbchat.messages import Bilingual
from ui.escaping import visible_text

BlockKind = Literal["heading", "paragraph", "item", "table"]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text. ``flag`` says why it is doubtful; ``cite`` is a citation's number (then ``text`` is empty)."""

    text: str = ""
    bold: bool = False
    flag: str = ""
    cite: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """One block; a table has ``rows`` of cells, everything else ``runs``. ``head``: the first row names the columns."""

    kind: BlockKind
    runs: tuple[Run, ...] = ()
    rows: tuple[tuple[tuple[Run, ...], ...], ...] = ()
    head: bool = False


def _flag_pattern(flag: Bilingual, group: str) -> str:
    """A pattern for both wordings of a flag; what stands for ``{wrong}`` is the group ``group`` (Chinese: ``group_zh``)."""
    english, chinese = (re.escape(text) for text in (flag.en, flag.zh))
    placeholder = re.escape("{wrong}")
    return f"{english.replace(placeholder, f'(?P<{group}>.+?)')}|{chinese.replace(placeholder, f'(?P<{group}_zh>.+?)')}"


_FLAG = re.compile(
    f"(?P<sentence>{_flag_pattern(SENTENCE_FLAG, 'none')})|(?P<quantity>{_flag_pattern(QUANTITY_FLAG, 'wrong')})"
)
_CITATION = re.compile(r"[ \t]*\[(\d{1,2})\]")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_HEADING = re.compile(r"#{1,6}\s+(.+)")
_BOLD_START = re.compile(r"\*\*[^*]+\*\*(?=$|\s+[(（·])")
_ITEM = re.compile(r"[-*•·●]\s+(?:[•·●]\s*)?(.+)")
_CELLS = re.compile(r"\s*\|\s*")
_RULE = re.compile(r"[|\s:\-]*-{2,}[|\s:\-]*")
_SENTENCE_END = re.compile(r"[。！？；!?;]|\.(?=\s)")
_SEPARATORS = re.compile(r"\s*[、,，;；]\s*")


def blocks_of(text: str, citations: Collection[int]) -> list[Block]:
    """The blocks of an answer's ``text``; ``[n]`` with n in ``citations`` become controls."""
    blocks: list[Block] = []
    table: list[str] = []
    for line in [*visible_text(text).split("\n"), ""]:
        stripped = line.strip()
        if " | " in stripped or (table and stripped.startswith("|")):
            table.append(stripped)
            continue
        if table:
            blocks += _table(table, citations)
            table = []
        if stripped:
            blocks.append(_block(stripped, citations))
    return blocks


def _block(line: str, citations: Collection[int]) -> Block:
    if found := _HEADING.fullmatch(line):
        return Block("heading", tuple(_runs(f"**{found[1].replace('**', '')}**", citations)))
    if _BOLD_START.match(line):
        return Block("heading", tuple(_runs(line, citations)))
    if found := _ITEM.fullmatch(line):
        return Block("item", tuple(_runs(found[1], citations)))
    return Block("paragraph", tuple(_runs(line, citations)))


def _table(lines: Sequence[str], citations: Collection[int]) -> list[Block]:
    """Lines with cells as one table; a single line stays a paragraph."""
    ruled = len(lines) > 1 and _RULE.fullmatch(lines[1]) is not None
    kept = [line for line in lines if not _RULE.fullmatch(line)]
    if len(kept) < 2:
        return [_block(line, citations) for line in kept]
    rows = tuple(tuple(tuple(_runs(cell, citations)) for cell in _cells(line)) for line in kept)
    first = kept[0] if not _CITATION.search(kept[0]) else _CITATION.sub("", kept[0])
    return [Block("table", rows=rows, head=ruled or not re.search(r"\d", first))]


def _cells(line: str) -> list[str]:
    return _CELLS.split(line.strip("| \t"))


def _runs(text: str, citations: Collection[int]) -> Iterator[Run]:
    """The runs of one line: first what is flagged, inside it bold words and citations."""
    position = 0
    for found in _FLAG.finditer(text):
        before = text[position : found.start()]
        reason = (found["sentence"] or found["quantity"]).strip(" ()（）")
        start = _sentence_start(before)
        yield from _plain(before[:start], citations)
        yield from _flagged(before[start:], reason, found["wrong"] or found["wrong_zh"], citations)
        yield Run(text=reason, flag=reason)
        position = found.end()
    yield from _plain(text[position:], citations)


def _sentence_start(text: str) -> int:
    """Where the last sentence of ``text`` begins."""
    inner = text.rstrip().rstrip("。！？；!?;.")
    ends = [found.end() for found in _SENTENCE_END.finditer(inner)]
    return ends[-1] if ends else 0


def _flagged(sentence: str, reason: str, wrong: str | None, citations: Collection[int]) -> Iterator[Run]:
    """The sentence before a flag: marked whole, or only the numbers that the flag names."""
    if wrong is None:
        yield from _plain(sentence, citations, flag=reason)
        return
    named = sorted((part for part in _SEPARATORS.split(wrong) if part), key=len, reverse=True)
    if not named:
        yield from _plain(sentence, citations)
        return
    position = 0
    for found in re.finditer("|".join(re.escape(part) for part in named), sentence):
        yield from _plain(sentence[position : found.start()], citations)
        yield Run(found.group(), flag=reason)
        position = found.end()
    yield from _plain(sentence[position:], citations)


def _plain(text: str, citations: Collection[int], flag: str = "") -> Iterator[Run]:
    position = 0
    for found in _BOLD.finditer(text):
        yield from _cited(text[position : found.start()], citations, bold=False, flag=flag)
        yield from _cited(found[1], citations, bold=True, flag=flag)
        position = found.end()
    yield from _cited(text[position:], citations, bold=False, flag=flag)


def _cited(text: str, citations: Collection[int], *, bold: bool, flag: str) -> Iterator[Run]:
    position = 0
    for found in _CITATION.finditer(text):
        if int(found[1]) not in citations:
            continue
        if found.start() > position:
            yield Run(text[position : found.start()], bold=bold, flag=flag)
        yield Run(cite=int(found[1]))
        position = found.end()
    if position < len(text):
        yield Run(text[position:], bold=bold, flag=flag)
