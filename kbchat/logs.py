"""The log: JSON lines in the data folder, turned over when long. Never what people asked or were answered.

What is written is built here, so that no call elsewhere can let something slip: the message with its numbers and short
words, fields of a fixed list, and of an error only its type and where it happened; its own words may repeat a question
or a document. Identifiers of persons are masked all the same.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import traceback
from datetime import UTC, datetime
from functools import lru_cache
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from kbchat.medical.phi import mask
from kbchat.settings import Settings

_OWN = ("kbchat", "ingest", "ui")
_FIELDS = (
    "request", "method", "route", "status", "seconds", "sign_in", "host", "port", "job", "base", "document", "revision",
    "count", "error", "where",
)  # fmt: skip
_LONGEST_WORD = 200
_LONGEST_MESSAGE = 500
_FRAMES = 12
_PATH_PARTS = 3
_GIVEN_HERE = re.compile("[0-9a-f]{32}")
_TAIL_BYTES = 1 << 20
_configuring = threading.Lock()


def log_path(data_dir: Path) -> Path:
    """Where the log lies."""
    return data_dir.absolute() / "logs" / "kbchat.log"


def configure_logging(settings: Settings) -> Path:
    """Write what kbchat's own parts log from now on to the data folder; returns the file.

    For processes that stay (the app, the service): commands tell what they do on the terminal. Calling it again does no
    harm. Where the folder cannot be written, nothing is logged there and everything else goes on.
    """
    path = log_path(settings.data_dir)
    with _configuring:
        for name in _OWN:
            logger = logging.getLogger(name)
            known = [handler for handler in logger.handlers if isinstance(handler, JsonLines)]
            for handler in known:
                logger.removeHandler(handler)
                handler.close()
            logger.setLevel(settings.logs.level)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handler = JsonLines(path, settings.logs.size << 20, settings.logs.files)
        except OSError as error:
            logging.getLogger(__name__).warning("the log cannot be written: %s", type(error).__name__)
            return path
        for name in _OWN:
            logging.getLogger(name).addHandler(handler)
    return path


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a log, oldest first; empty where there is none."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            begin = max(0, end - _TAIL_BYTES)
            file.seek(begin)
            content = file.read(_TAIL_BYTES)
    except OSError:
        return []
    found = content.decode("utf-8", "replace").splitlines()
    whole = found[1:] if begin else found
    return whole[-lines:] if lines > 0 else []


class JsonLines(RotatingFileHandler):
    """The file, followed when another process of this data folder has turned it over."""

    def __init__(self, path: Path, most_bytes: int, files: int) -> None:
        super().__init__(path, maxBytes=most_bytes, backupCount=files, encoding="utf-8")
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; a full disk must not stop what is being logged."""
        self._follow()
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say nothing: there is nowhere left to say it."""

    def _follow(self) -> None:
        if self.stream is None:
            return
        try:
            there, ours = Path(self.baseFilename).stat(), os.fstat(self.stream.fileno())
        except (OSError, ValueError):
            return
        if (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino):
            self.stream.close()
            self.stream = self._open()


class JsonFormatter(logging.Formatter):
    """One record as one line of JSON, with nothing in it that could be personal or a document's."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "pid": record.process,
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        for name in _FIELDS:
            if name in record.__dict__:
                line[name] = _plain(record.__dict__[name])
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _frames(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """The message as its author wrote it, with arguments that are safe to show."""
    template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    if not record.args:
        return template[:_LONGEST_MESSAGE]
    given = record.args
    arguments: Any = (
        {name: _argument(value) for name, value in given.items()}
        if isinstance(given, dict)
        else tuple(_argument(value) for value in given)
    )
    try:
        text = template % arguments
    except (TypeError, ValueError, KeyError):
        text = template
    return mask(text[:_LONGEST_MESSAGE])


def _argument(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | Path):
        return str(value)[:_LONGEST_WORD]
    return type(value).__name__


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value[:_FRAMES]]
    return _masked(str(value)[:_LONGEST_WORD])


def _masked(word: str) -> str:
    """Without identifiers of persons; the number that a request was given here is none."""
    return word if _GIVEN_HERE.fullmatch(word) else _masked_word(word)


@lru_cache(maxsize=512)
def _masked_word(word: str) -> str:
    """Methods, routes and names of modules come again and again."""
    return mask(word)


def _frames(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{'/'.join(Path(frame.filename).parts[-_PATH_PARTS:])}:{frame.lineno} {frame.name}" for frame in frames]
