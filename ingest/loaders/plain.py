"""Plain text: charset told, hard-wrapped lines put together again, lists, underlined headings and pipe tables kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ingest.loaders.charset import decode
from ingest.loaders.clean_text import clean_lines, has_words
from ingest.loaders.line_shapes import (
    BULLET,
    CAPTION,
    MARKED_HEADING,
    NUMBERED,
    PIPE_ROW,
    PIPE_RULE,
    RULE,
    UNDERLINE,
    columns,
    pipe_cells,
    starts_anew,
    without_strong_marks,
)
from ingest.loaders.options import LoadOptions
from ingest.loaders.text_builder import TextBuilder
from kbchat.types import LoadedFile

_WRAP_NARROWEST, _WRAP_WIDEST = 30, 132
_CJK_SLACK = 4  # a full line of Chinese may end early for a mark that must not begin a line
_CJK = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")
_ENDS_SENTENCE = re.compile(r"[.!?。！？;；:：…][\"'”’)）\]】]*$")
_ENDS_FIRMLY = re.compile(r"[。！？;；:：][\"'”’)）\]】]*$|:$")
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:i\.e|e\.g|etc|vs|approx|incl|resp|cf|no|dr|fig)\.$", re.I)
_DANGLING = re.compile(
    r"(?:[,，、(（/+&<>≤≥=]|(?:^|\s)(?:and|or|of|the|to|with|for|in|on|from|by|a|an|than|at|as|that|which|is|are|be))$",
    re.I,
)
_HEADING_LENGTH = 120
_REPEATED_LABEL = 80


def load_text(path: Path, options: LoadOptions) -> LoadedFile:
    """Read a text file in any charset. Raises what :func:`ingest.loaders.charset.decode` raises."""
    del options
    text, charset = decode(path.read_bytes())
    builder = TextBuilder()
    add_text(builder, text)
    return LoadedFile(builder.pages(), "txt", {"charset": charset})


def add_text(builder: TextBuilder, text: str) -> None:
    """Add plain ``text`` to ``builder``, block by block."""
    raw = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    indents = [_indent(line) for line in raw]
    lines = [clean_lines(line) for line in raw]
    width = wrap_width(lines)
    words = frozenset(re.findall(r"[a-z]{4,}", text.lower())) if width else frozenset()
    at = 0
    while at < len(lines):
        if not lines[at]:
            at += 1
            continue
        taken = _add_table(builder, lines, at) or _add_heading(builder, lines, at)
        if taken:
            at += taken
            continue
        if RULE.match(lines[at]):
            at += 1
            continue
        first = at
        at += 1
        while at < len(lines) and lines[at] and _continues(lines, indents, at, width):
            at += 1
        block = without_strong_marks(_joined(lines[first:at], words))
        if BULLET.match(block) or NUMBERED.match(block):
            builder.list_item(block)
        else:
            builder.paragraph(block)


def wrap_width(lines: Sequence[str]) -> int:
    """The width in columns at which the lines of a text were wrapped; 0 when they were not.

    Wrapped text has many lines that end shortly before one width, and next to none beyond it.
    """
    widths = sorted(columns(line) for line in lines if line and not PIPE_ROW.match(line))
    if len(widths) < 3:
        return 0
    width = widths[min(len(widths) - 1, int(0.985 * len(widths)))]
    if not _WRAP_NARROWEST <= width <= _WRAP_WIDEST:
        return 0
    near = sum(0.8 * width <= value <= width for value in widths)
    return width if near >= max(2, 0.12 * len(widths)) else 0


def _indent(line: str) -> int:
    stripped = line.lstrip(" \t\u3000\xa0")
    return columns(line[: len(line) - len(stripped)].replace("\t", "    "))


def _continues(lines: Sequence[str], indents: Sequence[int], at: int, width: int) -> bool:
    """Whether line ``at`` goes on with the paragraph or item of the line before."""
    before, line = lines[at - 1], lines[at]
    if not width or starts_anew(line) or UNDERLINE.match(line) or PIPE_ROW.match(before):
        return False
    if at + 1 < len(lines) and _is_underlined(lines, at):
        return False
    is_item = bool(BULLET.match(before) or NUMBERED.match(before))
    if indents[at] > indents[at - 1] + 1 and not is_item and _ENDS_SENTENCE.search(before):
        return False  # an indented first line begins a paragraph
    if _CJK.match(before[-1]) or _CJK.match(line[0]):
        return columns(before) >= width - _CJK_SLACK and not (
            _ENDS_FIRMLY.search(before) and columns(before) < width - 1
        )
    return _continues_words(before, line, lines[at + 1] if at + 1 < len(lines) else "", width)


def _continues_words(before: str, line: str, after: str, width: int) -> bool:
    """The same for text written with spaces between words."""
    length = columns(before)
    full = length + 1 + columns(line.split(" ", 1)[0]) > width
    ended = bool(_ENDS_SENTENCE.search(before)) and not _ABBREVIATION.search(before)
    if line[0].islower():
        return full or not ended
    if _DANGLING.search(before) or (line[0] in "<>≤≥" and not ended and length >= 0.5 * width):
        return True
    if _ENDS_FIRMLY.search(before) or length < 0.5 * width:
        return False
    looks_like_heading = columns(line) < 0.5 * width and not _ENDS_SENTENCE.search(line) and not after[:1].islower()
    return (full or (not ended and length >= 0.88 * width)) and not looks_like_heading


def _joined(lines: Sequence[str], words: frozenset[str]) -> str:
    """The lines of one paragraph as one; ``words`` are those of the document, which tell how to mend a hyphen."""
    parts: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if not following or (_CJK.match(line[-1]) and _CJK.match(following[0])) or re.search(r"\d-$", line):
            parts.append(line)
        elif (cut := re.search(r"([A-Za-z]+)-$", line)) and (rest := re.match(r"[a-z]+", following)):
            parts.append(line[:-1] if (cut.group(1) + rest.group()).lower() in words else line)
        else:
            parts.append(f"{line} ")
    return "".join(parts)


def _is_underlined(lines: Sequence[str], at: int) -> bool:
    """Whether line ``at`` is a heading with a line of = or - under it."""
    if at + 1 >= len(lines) or not UNDERLINE.match(lines[at + 1]) or not has_words(lines[at]):
        return False
    length = columns(lines[at])
    return length <= _HEADING_LENGTH and 0.4 * length <= len(lines[at + 1]) and not BULLET.match(lines[at])


def _add_heading(builder: TextBuilder, lines: Sequence[str], at: int) -> int:
    """Add a heading that line ``at`` marks as such; how many lines it takes (0: it is none)."""
    if marked := MARKED_HEADING.match(lines[at]):
        if CAPTION.match(marked.group(2)):  # the caption of a table heads the table, not what follows it
            builder.paragraph(without_strong_marks(marked.group(2)), bold=True)
            return 1
        builder.heading(without_strong_marks(marked.group(2)), level=len(marked.group(1)))
        return 1
    if _is_underlined(lines, at):
        builder.heading(lines[at], level=1 if lines[at + 1].startswith("=") else 2)
        return 2
    return 0


def _add_table(builder: TextBuilder, lines: Sequence[str], at: int) -> int:
    """Add a table drawn with pipes that begins at line ``at``; how many lines it takes (0: there is none)."""
    end = at
    while end < len(lines) and PIPE_ROW.match(lines[end]):
        end += 1
    if end - at < 2:
        return 0
    rows = lines[at:end]
    has_header = bool(PIPE_RULE.match(rows[1]))
    add_pipe_table(builder, [pipe_cells(line) for line in rows if not PIPE_RULE.match(line)], has_header=has_header)
    return end - at


def add_pipe_table(builder: TextBuilder, rows: Sequence[Sequence[str]], *, has_header: bool) -> None:
    """Add a table without merged cells; an empty first cell stands for the one above it, so it is said again."""
    if not rows:
        return
    width = len(rows[0])
    label = ""
    body: list[list[str]] = []
    for row in rows[1:] if has_header else rows:
        kept = [cell for column, cell in enumerate(row) if column < width or has_words(cell)]
        if kept and not kept[0] and len(kept) > 1:
            kept[0] = label
        elif kept:
            label = kept[0] if len(kept[0]) <= _REPEATED_LABEL else ""
        body.append(kept)
    builder.table(body, header=rows[0] if has_header and any(map(has_words, rows[0])) else None)
