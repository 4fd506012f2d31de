"""A conversation as Markdown. Text of documents and people is escaped: it can bring no link, picture, HTML or formula."""

from __future__ import annotations

import re

from kbchat.messages import Bilingual, Language
from kbchat.services.export.content import ExportedConversation, ExportedMessage, moment, where

_QUESTION = Bilingual("Question", "问题")
_ANSWER = Bilingual("Answer", "回答")
_SOURCES = Bilingual("Sources", "出处")
_FLAGS = Bilingual("Marked by the checks", "核对提示")
_BASES = Bilingual("Knowledge bases", "知识库")

_SPECIAL = re.compile(r"([\\`*_\[\]<>|&$~!^])")
_AT_START = re.compile(r"^(?:([#=+-])|(\d{1,9})([.)]))")
_ADDRESS = re.compile(r"(?i)\b(www)\.|([a-z][a-z0-9+-]*):(?=//)|(mailto):|@(?=[\w-])")
_HEADING = re.compile(r"^\*\*(.+?)\*\*(.*)$")


def as_markdown(conversation: ExportedConversation, language: Language) -> str:
    """The whole conversation."""
    begun = moment(conversation.begun)
    lines = [f"# {escaped(conversation.title)}", "", begun]
    if conversation.bases:
        named = ", ".join(escaped(name) for name in conversation.bases)
        lines += ["", f"{_BASES.in_language(language)}: {named}"]
    for message in conversation.messages:
        lines += ["", *_message(message, language)]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """One line of text that Markdown takes for nothing but text."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    line = _ADDRESS.sub(_without_link, line)
    return _AT_START.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", line)


def _without_link(match: re.Match[str]) -> str:
    whole = match.group()
    return f"{whole[:-1]}\\{whole[-1]}"


def _message(message: ExportedMessage, language: Language) -> list[str]:
    name = (_QUESTION if message.is_question else _ANSWER).in_language(language)
    lines = [f"## {name} · {moment(message.at)}", ""]
    if message.label is not None:
        lines += [f"**{escaped(message.label.in_language(language))}**", ""]
    lines += _text(message.text)
    if message.references:
        lines += ["", f"### {_SOURCES.in_language(language)}", ""]
        for one in message.references:
            lines += [f"- \\[{one.number}\\] {escaped(where(one, language))}", "", f"  > {escaped(one.quote)}", ""]
        lines.pop()
    if message.flags:
        lines += ["", f"### {_FLAGS.in_language(language)}", ""]
        lines += [f"- ⚠ “{escaped(one.what)}”: {escaped(one.why.in_language(language))}" for one in message.flags]
    if message.footer:
        lines += ["", f"*{escaped(message.footer)}*"]
    return lines


def _text(text: str) -> list[str]:
    """Headings and bullets of an answer stay; each other line is a paragraph."""
    lines: list[str] = []
    for raw in text.split("\n"):
        line = raw.strip()
        bullet = line.startswith("- ")
        if lines and lines[-1] and not (bullet and lines[-1].startswith("- ")):
            lines.append("")
        heading = _HEADING.match(line)
        if heading:
            lines.append(f"**{escaped(heading[1])}**{_continued(heading[2])}")
        elif bullet:
            lines.append(f"- {escaped(line[2:])}")
        elif line:
            lines.append(escaped(line))
    return lines


def _continued(text: str) -> str:
    return f" {escaped(text)}" if text.strip() else ""
