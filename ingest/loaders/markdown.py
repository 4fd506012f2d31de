"""Markdown: headings, lists and tables by its syntax, HTML in it read as HTML, formulas made readable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from ingest.loaders.charset import decode
from ingest.loaders.clean_text import clean_inline, clean_lines, superscript
from ingest.loaders.latex import match_formula, readable_formulas
from ingest.loaders.line_shapes import CAPTION, without_strong_marks
from ingest.loaders.options import LoadOptions
from ingest.loaders.plain import add_pipe_table
from ingest.loaders.text_builder import TextBuilder
from ingest.loaders.web import add_html
from kbchat.types import LoadedFile

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*\n", re.S)
_FIELD = re.compile(r"([A-Za-z][\w -]*):\s*(.+?)\s*$", re.M)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.I)
_LONGEST_HEADING = 150


def load_markdown(path: Path, options: LoadOptions) -> LoadedFile:
    """Read a Markdown file. Raises what :func:`ingest.loaders.charset.decode` raises."""
    del options
    text, charset = decode(path.read_bytes())
    metadata = {"charset": charset}
    if front := _FRONT_MATTER.match(text.replace("\r\n", "\n")):
        metadata |= {key.strip().lower(): value.strip("\"'") for key, value in _FIELD.findall(front.group(1))}
        text = text.replace("\r\n", "\n")[front.end() :]
    builder = TextBuilder()
    _Writer(builder).write(_parser().parse(_COMMENT.sub("", text)))
    return LoadedFile(builder.pages(), "markdown", metadata)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    parser.inline.ruler.before("escape", "formula", _formula_rule)
    return parser


def _formula_rule(state: StateInline, silent: bool) -> bool:
    """Take ``$…$`` as a formula, before Markdown reads its backslashes and asterisks."""
    if state.src[state.pos] != "$":
        return False
    found = match_formula(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("text", "", 0).content = found[0]
    state.pos = found[1]
    return True


class _Writer:
    """Walks the tokens of one document."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._markers: list[str] = []  # of the list items begun, the outermost first; taken by the first text

    def write(self, tokens: Sequence[Token]) -> None:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "table_open":
                at = self._table(tokens, at)
                continue
            if token.type == "heading_open":
                self._heading(tokens[at + 1], int(token.tag[1]), setext=token.markup in ("=", "-"))
                at += 2
            elif token.type == "list_item_open":
                self._markers.append(f"{token.info}{token.markup}" if token.info else "•")
            elif token.type == "list_item_close":
                self._markers.clear()
            elif token.type == "inline":
                self._paragraph(inline_text(token))
            elif token.type in ("code_block", "fence"):
                self._paragraph(readable_formulas(token.content))
            elif token.type == "html_block":
                add_html(self._builder, readable_formulas(token.content))
            at += 1

    def _heading(self, inline: Token, level: int, *, setext: bool) -> None:
        text = clean_inline(inline_text(inline))
        marker = " ".join(self._markers)
        self._markers.clear()
        text = f"{marker} {text}" if marker else text
        if CAPTION.match(text) or (setext and len(text) > _LONGEST_HEADING):
            self._builder.paragraph(text, bold=True)
        else:
            self._builder.heading(text, level=level)

    def _paragraph(self, text: str) -> None:
        if not clean_lines(text):
            return
        if self._markers:
            self._builder.list_item(text, marker=" ".join(self._markers))
            self._markers.clear()
        else:
            self._builder.paragraph(text)

    def _table(self, tokens: Sequence[Token], at: int) -> int:
        rows: list[list[str]] = []
        while tokens[at].type != "table_close":
            if tokens[at].type == "tr_open":
                rows.append([])
            elif tokens[at].type == "inline":
                rows[-1].append(inline_text(tokens[at]))
            at += 1
        add_pipe_table(self._builder, rows, has_header=True)
        return at + 1


def inline_text(token: Token) -> str:
    """The text of an inline token: emphasis gone, pictures as their description, links as their text.

    Asterisks of bold that CommonMark leaves beside Chinese characters go too.
    """
    parts: list[str] = []
    raised_from: int | None = None
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append("\n")
        elif child.type == "hardbreak" or (child.type == "html_inline" and _BREAK_TAG.fullmatch(child.content)):
            parts.append("\x1f")
        elif child.type == "image":
            parts.append(child.content)
        elif child.type == "html_inline" and child.content.lower().startswith("<sup"):
            raised_from = len(parts)
        elif child.type == "html_inline" and child.content.lower() == "</sup>" and raised_from is not None:
            parts[raised_from:] = [superscript("".join(parts[raised_from:]))]
            raised_from = None
    return "\n".join(without_strong_marks(clean_inline(line)) for line in "".join(parts).split("\x1f"))
