"""The log: JSON lines, nothing personal, nothing of what was asked; turned over, followed by other processes."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbchat.errors import InvalidInputError
from kbchat.logs import JsonFormatter, JsonLines, configure_logging, log_path, tail
from kbchat.messages import Bilingual
from kbchat.settings import load_settings

_QUESTION = "张三的母亲能吃华法林吗"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    yield configure_logging(load_settings(data_dir=tmp_path))
    for name in ("kbchat", "ingest", "ui"):
        logger = logging.getLogger(name)
        for handler in [one for one in logger.handlers if isinstance(one, JsonLines)]:
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(logging.NOTSET)


def _last(log: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    return found


def test_a_line_tells_when_where_what_and_the_fields_it_may(log: Path) -> None:
    logging.getLogger("kbchat.server").info(
        "job %d: %s", 7, "done", extra={"status": 200, "user": "anna", "question": _QUESTION}
    )
    line = _last(log)
    assert {key: line[key] for key in ("level", "logger", "message", "status")} == {
        "level": "INFO", "logger": "kbchat.server", "message": "job 7: done", "status": 200,
    }  # fmt: skip
    assert str(line["time"]).endswith("+00:00")
    assert line["pid"] == os.getpid()
    assert set(line) == {"time", "pid", "level", "logger", "message", "status"}


def test_errors_are_told_by_type_and_place_never_in_their_own_words(log: Path) -> None:
    try:
        raise InvalidInputError(Bilingual(_QUESTION, _QUESTION), Bilingual(_QUESTION, _QUESTION))
    except InvalidInputError as error:
        logging.getLogger("ui.pages").exception("answering failed: %s", error)
    line = _last(log)
    assert (line["error"], line["message"]) == ("InvalidInputError", "answering failed: InvalidInputError")
    assert "test_logs.py" in str(line["where"])
    assert _QUESTION not in log.read_text(encoding="utf-8")


def test_identifiers_that_slipped_into_a_message_are_masked(log: Path) -> None:
    logging.getLogger("ingest").warning("cannot read %s", "病历_电话13812345678.pdf")
    assert "13812345678" not in log.read_text(encoding="utf-8")


def test_a_message_with_the_wrong_arguments_is_still_a_line() -> None:
    record = logging.LogRecord("kbchat", logging.WARNING, "", 0, "%d files in %s", ("many",), None)
    assert json.loads(JsonFormatter().format(record))["message"] == "%d files in %s"


def test_only_what_is_asked_for_and_only_our_own_is_logged(tmp_path: Path, log: Path) -> None:
    logging.getLogger("kbchat").debug("detail")
    logging.getLogger("somebody.else").error("theirs")
    assert log.read_text(encoding="utf-8") == ""
    again = configure_logging(load_settings(data_dir=tmp_path, logs={"level": "ERROR"}))
    logging.getLogger("kbchat").warning("small")
    logging.getLogger("kbchat").error("once")
    assert again == log == log_path(tmp_path)
    assert len(log.read_text(encoding="utf-8").splitlines()) == 1


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way", encoding="utf-8")
    configure_logging(load_settings(data_dir=tmp_path))
    logging.getLogger("kbchat").setLevel(logging.NOTSET)
    assert tail(log_path(tmp_path), 10) == []


def test_a_long_log_is_turned_over_and_both_processes_go_on_in_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "kbchat.log"
    first, second = JsonLines(path, 2000, 2), JsonLines(path, 10**9, 2)
    record = logging.LogRecord("kbchat", logging.INFO, "", 0, "x" * 200, (), None)
    for _ in range(40):
        first.emit(record)
    second.emit(record)
    first.close()
    second.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["kbchat.log", "kbchat.log.1", "kbchat.log.2"]
    assert path.stat().st_size < 2600
    assert len(tail(path, 1)) == 1


def test_the_tail_has_whole_lines_only(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("".join(f"{number} {'x' * 997}\n" for number in range(3000)), encoding="utf-8")
    found = tail(path, 5000)
    assert 900 < len(found) < 1100
    assert all(len(line) > 990 for line in found)
    assert found[-1].startswith("2999 ")
    assert tail(path, 0) == []
