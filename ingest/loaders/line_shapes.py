"""What a line of plain text is by its looks: bullet, numbered item, heading mark, table row, rule, underline."""

from __future__ import annotations

import re
import unicodedata

BULLET = re.compile(r"(?:[•·・●▪■◆◇○□★☆➢✓]\s*|[-–—*]\s+|[-–](?=[>≥<≤]))(?=\S)")
NUMBERED = re.compile(
    r"(?:\d{1,3}(?:\.\d{1,3}){0,4}[.．、)）]|\d{1,2}(?:\.\d{1,2}){1,4}(?=\s)|[(（](?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3})[)）]"
    r"|[一二三四五六七八九十]{1,3}[、.．]|第[一二三四五六七八九十百\d]{1,4}[章节篇部分条]|[①-⑳]|[a-zA-Z][.)]\s)"
)
MARKED_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
RULE = re.compile(r"(?:[-_*=~—]\s*){3,}$")
UNDERLINE = re.compile(r"(=|-)\1{2,}\s*$")
PIPE_ROW = re.compile(r"\|[^|]*\|")
PIPE_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^*_\n]|(?!\1)[*_])+?(?<=\S)\1")
CAPTION = re.compile(r"(?:[Tt]able|TABLE|[Ff]ig(?:ure|\.)|FIGURE|续?表|图|附表)\s*[0-9A-Z一二三四五六七八九十]")
_ESCAPED_MARK = re.compile(r"\\([*_~#|\[\]])")
_BRACKETED = re.compile(r"[【\[〔]")


def columns(line: str) -> int:
    """How many columns ``line`` takes on a terminal: full-width characters take two."""
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def starts_anew(line: str) -> bool:
    """Whether ``line`` shows by itself that it continues nothing."""
    return bool(
        BULLET.match(line)
        or NUMBERED.match(line)
        or _BRACKETED.match(line)
        or MARKED_HEADING.match(line)
        or PIPE_ROW.match(line)
        or RULE.match(line)
    )


def without_strong_marks(line: str) -> str:
    """``line`` without Markdown's marks of **bold** and escapes (lone asterisks, as of footnotes, stay)."""
    if "**" in line or "__" in line:
        line = _STRONG.sub(lambda match: match.group()[2:-2], line)
    return _ESCAPED_MARK.sub(r"\1", line) if "\\" in line else line


def pipe_cells(line: str) -> list[str]:
    """The cells of a ``| a | b |`` line."""
    return [without_strong_marks(cell.strip()) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
