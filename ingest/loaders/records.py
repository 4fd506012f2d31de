"""Files of records: the predecessor's ``{"docs": [...]}`` lines, records with ``text``, questions with answers."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.loaders.charset import decode
from ingest.loaders.clean_text import clean_inline, clean_lines, has_words
from ingest.loaders.failures import damaged, unsupported
from ingest.loaders.options import LoadOptions
from ingest.loaders.qa_columns import ANSWER_NAMES, QUESTION_NAMES
from ingest.loaders.text_builder import TextBuilder
from kbchat.messages import Bilingual
from kbchat.types import LoadedFile

_SHAPES = Bilingual(
    'Each line is a JSON object: {"docs": ["drug section\\ntext", …]}, or {"text": …} with "id", "title", "section", '
    '"source" if there, or {"question": …, "answer": …}; a .json file may hold a list of them.',
    '每行应为一个 JSON 对象：{"docs": ["药名 章节\\n正文", …]}，或 {"text": …}（可含 "id"、"title"、"section"、"source"），'
    '或 {"question": …, "answer": …}；.json 文件也可以是它们的列表。',
)
_BREAK = re.compile(r"<br\s*/?>|</p>|\\n", re.I)
_BULLET = re.compile(r"[•·・●▪◆■○\-–*]\s*(?=\S)")
_NAMED_LINES = 5


class _BadRecordError(ValueError):
    """A record that is not of a known shape."""


def load_records(path: Path, options: LoadOptions) -> LoadedFile:
    """Read a .json or .jsonl file of records, line by line where it is lines.

    Consecutive records of one title share its heading (level 1); a section is a heading of level 2. Records of
    questions and answers give the format ``qa``. Damaged lines are left out and named in a warning.

    Raises DamagedFileError when more than half of the lines are damaged, UnsupportedFormatError when the JSON is of
    another shape.
    """
    del options
    writer = RecordWriter()
    bad: list[int] = []
    total = 0
    for number, value in _values(path):
        total += 1
        try:
            writer.add(value)
        except _BadRecordError:
            bad.append(number)
    if total and len(bad) == total and total == 1:
        raise unsupported("The JSON holds no records of a known shape.", "该 JSON 文件不是可识别的记录格式。", _SHAPES)
    if len(bad) * 2 > total:
        lines = _name_lines(bad)
        raise damaged(
            f"{len(bad)} of {total} lines are no records: {lines}.",
            f"{total} 行中有 {len(bad)} 行不是有效记录：{lines}。",
            _SHAPES,
        )
    warnings = (f"{len(bad)} of {total} lines are no records and were left out: {_name_lines(bad)}.",) if bad else ()
    return LoadedFile(writer.builder.pages(), writer.format, warnings=warnings)


def _name_lines(numbers: list[int]) -> str:
    named = ", ".join(str(number) for number in numbers[:_NAMED_LINES])
    return f"line {named}" + (", …" if len(numbers) > _NAMED_LINES else "")


def _values(path: Path) -> Iterator[tuple[int, Any]]:
    """Every value with its line number (an entry number where the file is one list); _DAMAGED for unreadable lines."""
    with path.open("rb") as file:
        lines = list(itertools.islice((line for line in file if line.strip()), 2))
    if lines and _parsed(lines[0]) is not _DAMAGED and (len(lines) == 1 or _parsed(lines[1]) is not _DAMAGED):
        first = _parsed(lines[0])
        if len(lines) > 1 or not isinstance(first, list):
            yield from _lines(path)
            return
    try:
        whole = json.loads(decode(path.read_bytes())[0])
    except (ValueError, RecursionError):
        yield from _lines(path)
        return
    yield from enumerate(_entries(whole), 1)


_DAMAGED = object()


def _entries(whole: Any) -> Iterable[Any]:
    """The records of one JSON value: a list, an object that wraps a list, or a single record."""
    if isinstance(whole, list):
        return whole
    if isinstance(whole, dict) and "docs" not in whole and "text" not in whole:
        lists = [value for value in whole.values() if isinstance(value, list) and value]
        if len(lists) == 1 and isinstance(lists[0][0], dict):
            return lists[0]
    return (whole,)


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip(b"\xef\xbb\xbf \t\r\n\x00"):
                yield number, _parsed(line)


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        try:
            return json.loads(line.decode("gb18030"))
        except (ValueError, RecursionError):
            return _DAMAGED
    except (ValueError, RecursionError):
        return _DAMAGED


@dataclass(slots=True)
class RecordWriter:
    """Writes records into a page, one heading for consecutive records of the same title."""

    builder: TextBuilder = field(default_factory=TextBuilder)
    _title: str = ""
    _section: str = ""
    _questions: int = 0
    _others: int = 0

    @property
    def format(self) -> str:
        """``qa`` when every record was a question with its answer, else ``records``."""
        return "qa" if self._questions and not self._others else "records"

    def add(self, value: Any) -> None:
        """Write one record. Raises ValueError when it has no known shape."""
        if isinstance(value, str):
            value = {"docs": [value]}
        if not isinstance(value, dict):
            raise _BadRecordError
        lowered = {str(key).strip().lower(): content for key, content in value.items()}
        if isinstance(docs := lowered.get("docs"), list) and all(isinstance(doc, str) for doc in docs):
            for doc in docs:
                self._add_doc(doc)
            return
        question, answer = _first(lowered, QUESTION_NAMES), _first(lowered, ANSWER_NAMES)
        if question and answer and "text" not in lowered:
            self.add_question(question, (answer,))
            return
        text = lowered.get("text")
        if not isinstance(text, str):
            raise _BadRecordError
        title, section = _string(lowered.get("title")), _string(lowered.get("section"))
        self._add(title or _string(lowered.get("id")), section, text)
        if source := _string(lowered.get("source")):
            self.builder.paragraph(f"{'来源：' if not text.isascii() else 'Source: '}{source}")

    def add_question(self, question: str, answers: Iterable[str], *, level: int = 1) -> None:
        """Write a question as a heading and its answer below."""
        self._questions += 1
        self._title = self._section = ""
        self.builder.heading(question, level=level)
        for answer in answers:
            self._text(answer)

    def _add_doc(self, doc: str) -> None:
        r"""``drug section\ntext``: the first line is split at its last space."""
        head, newline, text = doc.strip().partition("\n")
        if not newline:
            self._add("", "", head)
            return
        drug, _, section = clean_inline(head).rpartition(" ")
        self._add(drug or section, section if drug else "", text)

    def _add(self, title: str, section: str, text: str) -> None:
        self._others += 1
        if not has_words(text):
            return
        # A record that names nothing still is a record of its own: what it says must not run into the one before.
        title, section = clean_inline(title) or f"#{self._others}", clean_inline(section)
        if title != self._title:
            self.builder.heading(title, level=1)
            self._section = ""
        self._title = title
        if section and section != self._section:
            self.builder.heading(section, level=2)
        self._section = section
        self._text(text)

    def _text(self, text: str) -> None:
        for line in clean_lines(_BREAK.sub("\n", text)).split("\n"):
            if _BULLET.match(line):
                self.builder.list_item(line)
            else:
                self.builder.paragraph(line)


def _string(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _first(record: dict[str, Any], names: frozenset[str]) -> str:
    return next((_string(value) for key, value in record.items() if key in names and _string(value)), "")
