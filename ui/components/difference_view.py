"""The difference between two texts as HTML. Pure; every text is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from kbchat.messages import Language
from kbchat.services.revision_difference import DiffLine
from ui.escaping import literal_html, visible_text
from ui.i18n import documents as words
from ui.i18n import worded

_WORDS = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_ALIKE = 0.4
"""Paragraphs less alike than this are not compared word by word: nearly all would be marked."""
_LONGEST = 4000

STYLE = """<style>
.kb-diff { font-size: 0.9375rem; line-height: 1.6; }
.kb-diff p { border-inline-start: 4px solid transparent; margin: 0; overflow-wrap: anywhere; padding: 0.25rem 0.75rem; }
.kb-diff p.added { background: rgba(46, 160, 67, 0.12); border-color: #2ea043; }
.kb-diff p.removed { background: rgba(218, 54, 51, 0.10); border-color: #da3633; }
.kb-diff p.gap, .kb-diff p.path { font-size: 0.8125rem; opacity: 0.75; }
.kb-diff p.path { font-weight: 600; margin-top: 0.75rem; }
.kb-diff p.gap { border-block: 1px dashed rgba(128, 128, 128, 0.4); text-align: center; }
.kb-diff ins { background: rgba(46, 160, 67, 0.32); text-decoration: none; }
.kb-diff del { background: rgba(218, 54, 51, 0.28); text-decoration: line-through; }
.kb-diff .sign { display: inline-block; font-weight: 700; width: 1.25rem; }
</style>"""


def counted(lines: Sequence[DiffLine]) -> tuple[int, int]:
    """How many paragraphs came, and how many went."""
    return sum(line.kind == "added" for line in lines), sum(line.kind == "removed" for line in lines)


def difference_html(lines: Sequence[DiffLine], language: Language) -> str:
    """The paragraphs in order, what came and went marked; changed paragraphs word by word."""
    body = "".join(_paragraphs(lines, language))
    return f'{STYLE}<div class="kb-diff">{body}</div>'


def _paragraphs(lines: Sequence[DiffLine], language: Language) -> Iterator[str]:
    section, position = "", 0
    while position < len(lines):
        line = lines[position]
        if line.section and line.section != section and line.kind != "gap":
            section = line.section
            yield f'<p class="path" dir="auto">{literal_html(section)}</p>'
        if line.kind == "gap":
            yield f'<p class="gap">{worded(words.FOLDED, language, count=line.folded)}</p>'
            position += 1
        elif line.kind == "same":
            yield f'<p dir="auto">{literal_html(line.text)}</p>'
            position += 1
        else:
            removed, added = _run(lines, position)
            yield from _changed(removed, added, language)
            position += len(removed) + len(added)


def _run(lines: Sequence[DiffLine], start: int) -> tuple[list[str], list[str]]:
    """The paragraphs removed from ``start`` on, and those added right after them."""
    removed, added = [], []
    position = start
    while position < len(lines) and lines[position].kind == "removed":
        removed.append(lines[position].text)
        position += 1
    while position < len(lines) and lines[position].kind == "added":
        added.append(lines[position].text)
        position += 1
    return removed, added


def _changed(removed: Sequence[str], added: Sequence[str], language: Language) -> Iterator[str]:
    pairs = len(removed) == len(added)
    for number, text in enumerate(removed):
        marked = _marked(text, added[number], "del") if pairs else literal_html(text)
        yield _line("removed", "−", marked, words.REMOVED_LINE.in_language(language))
    for number, text in enumerate(added):
        marked = _marked(text, removed[number], "ins") if pairs else literal_html(text)
        yield _line("added", "+", marked, words.ADDED_LINE.in_language(language))


def _line(kind: str, sign: str, inner: str, label: str) -> str:
    return f'<p class="{kind}" dir="auto"><span class="sign" role="img" aria-label="{label}">{sign}</span>{inner}</p>'


def _marked(text: str, other: str, tag: str) -> str:
    """``text`` with what ``other`` lacks inside ``tag``."""
    if len(text) > _LONGEST or len(other) > _LONGEST:
        return literal_html(text)
    own, others = _WORDS.findall(visible_text(text)), _WORDS.findall(visible_text(other))
    matcher = SequenceMatcher(None, own, others, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return literal_html(text)
    parts = []
    for step, first, last, _, _ in matcher.get_opcodes():
        piece = literal_html("".join(own[first:last]))
        parts.append(piece if step in ("equal", "insert") else f"<{tag}>{piece}</{tag}>")
    return "".join(parts)
