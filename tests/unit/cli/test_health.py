"""The doctor tries the model of answer.support_model, where one is set."""

from __future__ import annotations

from kbchat.app import App
from kbchat.cli.health import Verdict, findings
from kbchat.settings import AnswerSettings, Settings


def _found(tmp_path, place: str):
    app = App(Settings(data_dir=tmp_path, answer=AnswerSettings(support_model=place)))
    return {one.name: one for one in findings(app)}


def test_a_support_model_that_is_not_there_is_a_problem(tmp_path):
    found = _found(tmp_path / "data", str(tmp_path / "absent"))

    assert found["support_model"].verdict is Verdict.PROBLEM


def test_without_the_setting_there_is_nothing_to_try(tmp_path):
    assert "support_model" not in _found(tmp_path / "data", "")
