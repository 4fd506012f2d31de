"""The state of kbchat as rows of tables. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from kbchat.messages import Language
from ui.components.shown_values import shown_moment, shown_size
from ui.components.table_text import Cell, Row, Tone
from ui.i18n import status as words

_PREFIX = "KBCHAT_"
_GENERAL = "general"
_LEVELS: Mapping[str, Tone] = {"WARNING": "warn", "ERROR": "bad", "CRITICAL": "bad"}
_LITTLE_SHARE, _LITTLE_BYTES = 0.05, 2 << 30


def variable_of(group: str, name: str) -> str:
    """The environment variable of a setting."""
    return f"{_PREFIX}{name.upper()}" if group == _GENERAL else f"{_PREFIX}{group.upper()}__{name.upper()}"


def setting_rows(
    group: str, values: Mapping[str, Any], wanted: str, language: Language, meanings: Mapping[str, str] | None = None
) -> list[Row]:
    """The settings of a group whose variable or meaning has ``wanted`` in it; ``meanings`` by the setting's name."""
    rows = []
    for name, value in values.items():
        variable, meaning = variable_of(group, name), (meanings or {}).get(name, "")
        if wanted.strip().lower() in f"{variable}\n{meaning}".lower():
            rows.append(Row(variable, (Cell(variable, note=meaning), shown_setting(value, language))))
    return rows


def shown_setting(value: Any, language: Language) -> Cell:
    """A value as it would be written in its variable; an empty one says that it is empty."""
    if value is None or value in ("", [], {}):
        return Cell(words.EMPTY.in_language(language), tone="muted")
    if isinstance(value, bool):
        return Cell("true" if value else "false")
    if isinstance(value, list | dict):
        return Cell(json.dumps(value, ensure_ascii=False))
    return Cell(str(value))


def used_rows(used: Mapping[str, int], language: Language) -> list[Row]:
    """The parts of the data folder, the largest first, each with a bar."""
    most = max(used.values(), default=0)
    ordered = sorted(used.items(), key=lambda item: -item[1])
    return [
        Row(
            name,
            (
                Cell(words.PARTS[name].in_language(language) if name in words.PARTS else name),
                Cell(shown_size(size), share=size / most if most else 0.0),
            ),
        )
        for name, size in ordered
    ]


def is_nearly_full(free: int, total: int) -> bool:
    """Whether so little disk is left that an ingest may fail."""
    return free < _LITTLE_BYTES or (total > 0 and free / total < _LITTLE_SHARE)


def log_rows(lines: Sequence[str], least: str, offset_minutes: int | None) -> Iterator[Row]:
    """Lines of the JSON log, newest first; with ``least`` as ``warning``, only those and errors."""
    for number, line in enumerate(reversed(lines)):
        entry = _entry(line)
        level = str(entry.get("level", "")).upper()
        if least and level not in _LEVELS:
            continue
        event = str(entry.get("message") or entry.get("event") or line)
        yield Row(
            str(number),
            (
                Cell(event, note=_details(entry)),
                Cell(level, badge=bool(level), tone=_LEVELS.get(level, "")),
                Cell(_when(entry.get("time"), offset_minutes)),
            ),
        )


def _entry(line: str) -> Mapping[str, Any]:
    try:
        read = json.loads(line)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _details(entry: Mapping[str, Any]) -> str:
    hidden = ("time", "level", "message")
    return " · ".join(
        f"{name} {value}" for name, value in entry.items() if name not in hidden and value not in ("", None)
    )


def _when(text: object, offset_minutes: int | None) -> str:
    try:
        return shown_moment(datetime.fromisoformat(str(text)), offset_minutes, seconds=True)
    except ValueError:
        return ""
