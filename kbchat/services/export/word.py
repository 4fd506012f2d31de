"""A conversation as a Word document."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import docx
from docx.enum.text import WD_COLOR_INDEX
from docx.shared import Pt, RGBColor

from kbchat.messages import Bilingual, Language
from kbchat.services.export.content import ExportedConversation, ExportedMessage, moment, where

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

_QUESTION = Bilingual("Question", "问题")
_ANSWER = Bilingual("Answer", "回答")
_SOURCES = Bilingual("Sources", "出处")
_FLAGS = Bilingual("Marked by the checks", "核对提示")
_BASES = Bilingual("Knowledge bases: {names}", "知识库：{names}")
_MARK = re.compile(r"([(（]⚠[^()（）]*[)）])")
_HEADING = re.compile(r"^\*\*(.+?)\*\*(.*)$")
_GREY = RGBColor(0x59, 0x59, 0x59)
_RED = RGBColor(0xB0, 0x00, 0x20)


def as_docx(conversation: ExportedConversation, language: Language) -> bytes:
    """The whole conversation."""
    document = docx.Document()
    document.core_properties.title = conversation.title[:255]
    document.core_properties.author = "kbchat"
    document.add_heading(conversation.title, level=0)
    _grey(document, moment(conversation.begun))
    if conversation.bases:
        _grey(document, _BASES.in_language(language).format(names=", ".join(conversation.bases)))
    for message in conversation.messages:
        _add(document, message, language)
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def _add(document: Document, message: ExportedMessage, language: Language) -> None:
    name = (_QUESTION if message.is_question else _ANSWER).in_language(language)
    document.add_heading(f"{name} · {moment(message.at)}", level=1)
    if message.label is not None:
        run = document.add_paragraph().add_run(message.label.in_language(language))
        run.bold, run.font.color.rgb = True, _RED
    for line in message.text.split("\n"):
        if line.strip():
            _add_line(document, line.strip())
    if message.references:
        document.add_heading(_SOURCES.in_language(language), level=2)
        for one in message.references:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"[{one.number}] ").bold = True
            paragraph.add_run(where(one, language))
            quote = document.add_paragraph(style="Quote")
            quote.add_run(f"“{one.quote}”")
    if message.flags:
        document.add_heading(_FLAGS.in_language(language), level=2)
        for flag in message.flags:
            paragraph = document.add_paragraph(style="List Bullet")
            paragraph.add_run(f"“{flag.what}”").font.highlight_color = WD_COLOR_INDEX.YELLOW
            paragraph.add_run(f" – {flag.why.in_language(language)}").font.color.rgb = _RED
    if message.footer:
        _grey(document, message.footer)


def _add_line(document: Document, line: str) -> None:
    heading = _HEADING.match(line)
    if heading:
        paragraph = document.add_paragraph()
        paragraph.add_run(heading[1]).bold = True
        paragraph.add_run(heading[2])
    elif line.startswith("- "):
        _add_marked(document.add_paragraph(style="List Bullet"), line[2:])
    else:
        _add_marked(document.add_paragraph(), line)


def _add_marked(paragraph: Paragraph, text: str) -> None:
    """Text in which the marks of the checks stand out."""
    for part in _MARK.split(text):
        run = paragraph.add_run(part)
        if _MARK.fullmatch(part):
            run.font.highlight_color, run.font.color.rgb = WD_COLOR_INDEX.YELLOW, _RED


def _grey(document: Document, text: str) -> None:
    run = document.add_paragraph().add_run(text)
    run.font.size, run.font.color.rgb = Pt(9), _GREY
