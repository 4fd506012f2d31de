"""A .js file that only assigns one data literal (an export): a template string of rows, or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from ingest.loaders.charset import decode
from ingest.loaders.clean_text import clean_inline, has_words
from ingest.loaders.failures import unsupported
from ingest.loaders.options import LoadOptions
from ingest.loaders.plain import add_text
from ingest.loaders.records import RecordWriter
from ingest.loaders.text_builder import TextBuilder
from kbchat.messages import Bilingual
from kbchat.types import LoadedFile

_COMMENTS = re.compile(r"\s*(?://[^\n]*\n|/\*.*?\*/)\s*", re.S)
_ASSIGNMENT = re.compile(
    r"(?:(?:export\s+)?(?:const|let|var)\s+(?P<name>[\w$]+)\s*=|(?:module\.)?exports(?:\.[\w$]+)?\s*=|export\s+default|"
    r"(?:window|globalThis|self)\.[\w$]+\s*=)\s*"
)
_TRAILER = re.compile(
    r"[\s;]*(?:(?:module\.exports(?:\.[\w$]+)?\s*=|export\s+default|export)\s*(?:\{\s*)?(?P<name>[\w$]+)(?:\s*\})?[\s;]*)?"
)
_TEMPLATE = re.compile(r"`(?P<body>(?:[^`\\]|\\.)*)`", re.S)
_ESCAPE = re.compile(r"\\(.)", re.S)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
_IDENTIFIER = re.compile(r"[A-Za-z]{0,6}[-_]?\d+")
_TAG = re.compile(r"[A-Z]{1,3}\d?")
_HEADING_TAG = re.compile(r"[TH](\d)")


def load_data_script(path: Path, options: LoadOptions) -> LoadedFile:
    """Read a data export. Rows with tabs become aligned texts (format ``bilingual``), JSON becomes records.

    Raises UnsupportedFormatError for any script that does more than assign one literal; nothing is ever executed.
    """
    del options
    source, _ = decode(path.read_bytes())
    literal = _only_literal(source)
    template = _TEMPLATE.fullmatch(literal)
    if template is not None:
        if "${" in template.group("body"):
            raise _refused()
        return _from_rows(
            _ESCAPE.sub(lambda match: _ESCAPES.get(match.group(1), match.group(1)), template.group("body"))
        )
    try:
        value = json.loads(literal)
    except (ValueError, RecursionError) as error:
        raise _refused() from error
    writer = RecordWriter()
    entries = value if isinstance(value, list) else [value]
    try:
        for entry in entries:
            writer.add(entry)
    except ValueError as error:
        raise _refused() from error
    return LoadedFile(writer.builder.pages(), writer.format)


def _refused() -> Exception:
    return unsupported(
        "The script is a program, not a data export.",
        "该脚本是程序，不是数据导出文件。",
        Bilingual(
            "Only a .js file that assigns one template string or one JSON value is read; export the data as json or csv.",
            "仅支持只赋值一个模板字符串或一个 JSON 值的 .js 文件；请将数据导出为 json 或 csv。",
        ),
    )


def _only_literal(source: str) -> str:
    position = 0
    while comment := _COMMENTS.match(source, position):
        position = comment.end()
    text = source[position:].strip().removeprefix('"use strict";').removeprefix("'use strict';").lstrip()
    assignment = _ASSIGNMENT.match(text)
    if assignment is None:
        raise _refused()
    rest = text[assignment.end() :]
    if template := _TEMPLATE.match(rest):
        end = template.end()
    else:
        try:
            _, end = json.JSONDecoder().raw_decode(rest)
        except (ValueError, RecursionError) as error:
            raise _refused() from error
    trailer = _TRAILER.fullmatch(rest[end:])
    if trailer is None or (trailer.group("name") and trailer.group("name") != assignment.group("name")):
        raise _refused()
    return rest[:end]


def _from_rows(body: str) -> LoadedFile:
    rows = [line.split("\t") for line in body.split("\n") if line.strip()]
    builder = TextBuilder()
    widths = {len(row) for row in rows}
    if max(widths, default=0) < 2:
        add_text(builder, body)
        return LoadedFile(builder.pages(), "txt")
    has_identifier = _share(rows, 0, _IDENTIFIER) > 0.9
    has_tag = _share(rows, -1, _TAG) > 0.9
    for row in rows:
        texts = [clean_inline(cell) for cell in row[has_identifier : len(row) - has_tag]]
        _add_aligned(builder, [text for text in texts if has_words(text)], row[-1].strip() if has_tag else "")
    return LoadedFile(builder.pages(), "bilingual")


def _share(rows: Sequence[Sequence[str]], column: int, pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(row[column].strip())) for row in rows) / len(rows)


def _add_aligned(builder: TextBuilder, texts: list[str], tag: str) -> None:
    """The same passage in each language, one after the other; a heading stays one block."""
    if heading := _HEADING_TAG.fullmatch(tag):
        builder.heading(" / ".join(texts), level=int(heading.group(1)))
        return
    for text in texts:
        builder.paragraph(text)
