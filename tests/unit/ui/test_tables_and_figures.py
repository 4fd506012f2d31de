"""Tables as the component gets them, figures, settings, log lines, assistants in forms."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from kbchat.assistants.shelf import built_in_assistants
from kbchat.assistants.toml_format import assistant_from_values
from kbchat.services.figures import DayFigures, DocumentUse
from kbchat.services.question_groups import QuestionGroup
from kbchat.store import DayLatency
from ui.components.assistant_text import assistant_row, assistant_values, form_values
from ui.components.figures_text import (
    day_points,
    document_use_row,
    latency_points,
    median_first,
    share_of,
    unanswered_row,
)
from ui.components.status_text import is_nearly_full, log_rows, setting_rows, shown_setting, used_rows, variable_of
from ui.components.table_text import Cell, Column, Row, table_data

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_a_table_is_plain_data_without_control_characters():
    data = table_data(
        [Column("Name", sort="name", main=True)], [Row("1", (Cell("a\x00\u202eb<img>", note="x\x1b[0m"),))], caption="c"
    )

    data = json.loads(json.dumps(data))
    assert data["rows"][0]["cells"][0]["text"] == "ab<img>"
    assert data["rows"][0]["cells"][0]["note"] == "x[0m"
    assert not data["selectable"]
    assert table_data([Column("")], [], caption="c", selected=())["selectable"]


def test_days_and_outcomes_become_points():
    days = [
        DayFigures(date(2026, 11, 19), 0, {}, {}, 0, 0),
        DayFigures(date(2026, 11, 20), 3, {"answered": 1, "failed": 2}, {}, 0, 0),
    ]

    points = day_points(days, "en")

    assert points[0] == {"day": "2026-11-19", "outcome": "answered", "count": 0}
    assert {(one["outcome"], one["count"]) for one in points[1:]} == {("answered", 1), ("failed", 2)}
    assert share_of({"answered": 1, "failed": 3}, "answered") == "25 %"
    assert share_of({}, "answered") == "–"


def test_latency_is_weighed_by_questions():
    days = [
        DayLatency(date(2026, 11, 19), 1, 3.0, 4.0, 5.0, 6.0),
        DayLatency(date(2026, 11, 20), 3, 1.0, 2.0, 2.0, 3.0),
    ]

    assert median_first(days) == 1.5
    assert median_first([]) is None
    assert len(latency_points(days, "zh")) == 8


def test_rows_of_the_dashboard():
    group = QuestionGroup("利伐沙班多少", ("利伐沙班多少", "a", "b", "c", "d"), 7, NOON, ("demo",))
    use = DocumentUse(3, "x.pdf", "X", "demo", 2, retired=True)

    assert unanswered_row(0, group, "2026-11-20", "en").cells[0].note == "also: a / b / c"
    row = document_use_row(use, 4, "en", "there")
    assert (row.cells[0].note, row.cells[2].share, row.href) == ("x.pdf · retired", 0.5, "there")


def test_settings_by_their_variables():
    assert variable_of("general", "data_dir") == "KBCHAT_DATA_DIR"
    rows = setting_rows("retrieval", {"passages": 8, "lexical_weight": 1.0}, "PASS", "en")
    assert [row.id for row in rows] == ["KBCHAT_RETRIEVAL__PASSAGES"]
    told = setting_rows(
        "retrieval", {"passages": 8, "weight": 1.0}, "how many", "en", {"passages": "How many passages"}
    )
    assert [(row.id, row.cells[0].note) for row in told] == [("KBCHAT_RETRIEVAL__PASSAGES", "How many passages")]
    assert shown_setting(True, "en").text == "true"
    assert shown_setting([], "zh").text == "（空）"
    assert shown_setting({"a": "中"}, "en").text == '{"a": "中"}'


def test_parts_of_the_data_folder_and_a_full_disk():
    rows = used_rows({"logs": 1024, "files": 4096}, "en")

    assert [(row.cells[0].text, row.cells[1].text, row.cells[1].share) for row in rows] == [
        ("Originals", "4.0 KB", 1.0), ("Logs", "1.0 KB", 0.25),
    ]  # fmt: skip
    assert is_nearly_full(1 << 30, 100 << 30)
    assert is_nearly_full(40 << 30, 1000 << 30)
    assert not is_nearly_full(60 << 30, 1000 << 30)


def test_the_log_comes_newest_first_and_broken_lines_stay_readable():
    lines = [
        json.dumps({"time": "2026-11-20T12:00:00+00:00", "level": "INFO", "message": "started", "port": 8501}),
        json.dumps({"time": "soon", "level": "ERROR", "message": "failed"}),
        "no json",
    ]
    rows = list(log_rows(lines, "", -480))

    assert [row.cells[0].text for row in rows] == ["no json", "failed", "started"]
    assert rows[2].cells[0].note == "port 8501"
    assert rows[2].cells[2].text == "2026-11-20 20:00:00"
    assert [row.cells[1].tone for row in log_rows(lines, "warning", 0)] == ["bad"]


@pytest.mark.parametrize("assistant", built_in_assistants(), ids=lambda one: one.id)
def test_a_form_gives_back_the_assistant_it_was_filled_with(assistant):
    values = assistant_values(form_values(assistant))

    assert assistant_from_values(values, built_in=True) == assistant


def test_a_name_in_one_language_stands_for_both():
    form = form_values(built_in_assistants()[0]) | {"name_zh": " ", "name_en": "Mine"}

    assert assistant_values(form)["name"] == {"zh": "Mine", "en": "Mine"}


def test_an_assistant_in_the_list():
    row = assistant_row(built_in_assistants()[2], "en", resettable=False, href="x")

    assert row.cells[2].note == "needs a language model"
    assert row.cells[4].text == "built in"
