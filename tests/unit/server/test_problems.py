"""Errors as answers."""

from __future__ import annotations

import inspect
import json

import pytest

from kbchat import errors
from kbchat.errors import KbchatError
from kbchat.messages import Bilingual
from kbchat.server.problems import code_of, error_response, language_of, status_of

SAID = (Bilingual("There is no X.", "没有 X。"), Bilingual("Do Y.", "请 Y。"))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("fr,zh;q=0.3", "zh"),
        ("en;q=0.2, zh;q=0.7", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("de", "en"),
        (";;q=x,,zh;q=9", "zh"),
    ],
)
def test_the_readers_language(accepted, language):
    assert language_of(accepted, "en") == language


def test_problem_details_have_message_and_remedy_in_the_language():
    response = error_response(errors.NotFoundError(*SAID), "/api/bases/x", "zh")

    assert response.status_code == 404
    assert response.media_type == "application/problem+json"
    assert response.headers["content-language"] == "zh"
    assert json.loads(response.body) == {
        "type": "about:blank",
        "title": "未找到",
        "status": 404,
        "detail": "没有 X。",
        "remedy": "请 Y。",
        "code": "not_found",
    }


def test_below_v1_errors_have_openais_shape():
    response = error_response(errors.UnauthenticatedError(*SAID), "/v1/models", "en")

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    told = json.loads(response.body)["error"]
    assert told == {
        "message": "There is no X. Do Y.",
        "type": "authentication_error",
        "param": None,
        "code": "unauthenticated",
    }


def test_every_error_has_a_status_and_a_code():
    leaves = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, KbchatError)]
    for leaf in leaves:
        error = leaf(*SAID)
        assert 400 <= status_of(error) < 600
        assert code_of(error).islower()
    assert status_of(errors.BusyError(*SAID)) == 503
    assert error_response(errors.BusyError(*SAID), "/api", "en").headers["retry-after"]
    assert status_of(errors.TooLargeError(*SAID)) == 413
    assert status_of(errors.ForbiddenError(*SAID)) == 403


@pytest.mark.parametrize("path", ["/api/x", "/v1/x"])
def test_folders_of_the_server_are_not_told(caplog, path):
    said = Bilingual(
        "The folder /srv/kbchat/data/kbchat.db cannot be used.", "目录/srv/kbchat/data/kbchat.db无法使用。"
    )
    told = Bilingual("See https://docs.example/a/b or C:\\kb\\data, or set a/b.", "见说明。")
    for language in ("en", "zh"):
        text = bytes(error_response(errors.StoreError(said, told), path, language).body).decode()
        assert "/srv" not in text
        assert "\\kb" not in text
        assert "kbchat.db" in text
    assert "https://docs.example/a/b" in bytes(error_response(errors.StoreError(said, told), path, "en").body).decode()
    assert {record.exc_info[0] for record in caplog.records if record.levelname == "ERROR"} == {errors.StoreError}


def test_what_a_person_sent_is_told_as_it_was(caplog):
    said = Bilingual("The archive holds the path '/etc/passwd'.", "压缩包内的路径 '/etc/passwd'。")
    assert b"/etc/passwd" in bytes(error_response(errors.DamagedFileError(said, said), "/api/x", "en").body)
    assert not caplog.records
