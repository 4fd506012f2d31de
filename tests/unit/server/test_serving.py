"""``kbchat serve``: where it listens, and what it refuses."""

from __future__ import annotations

import gzip
import re
import socket
from importlib import resources

import pytest

from kbchat.cli import main
from kbchat.errors import ConflictError
from kbchat.server.running import serve


@pytest.mark.parametrize(("language", "said"), [("en", "nobody could sign in"), ("zh", "尚未配置任何登录方式")])
def test_it_does_not_open_to_the_network_without_a_way_to_sign_in(tmp_path, capsys, monkeypatch, language, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["--data-dir", str(tmp_path), "--lang", language, "serve", "--host", "0.0.0.0", "--port", "0"])

    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert said in told
    assert "access.host_keys" in told


def test_a_port_that_is_taken_is_told(open_app):
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(ConflictError, match="Nothing can listen") as told,
    ):
        serve(open_app(), "127.0.0.1", taken.getsockname()[1])
    assert "无法" in told.value.user_message.zh


def script() -> str:
    return resources.files("kbchat.server.widget").joinpath("embed.js").read_text("utf-8")


def test_the_widget_is_small():
    assert len(gzip.compress(script().encode(), 9)) <= 15 * 1024


def test_the_widget_does_nothing_that_a_strict_policy_forbids():
    """No text becomes markup or code, and nothing is kept in the browser."""
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|localStorage|sessionStorage|\.cookie|\.style\b|javascript:"
    assert not re.findall(forbidden, script())


def test_the_widget_says_everything_in_both_languages():
    texts = script()
    zh, en = (re.search(rf"{language}: \{{(.*?)\n    \}}", texts, re.DOTALL)[1] for language in ("zh", "en"))
    keys = [set(re.findall(r"(\w+): \"", part)) for part in (zh, en)]
    assert keys[0] == keys[1]
    assert set(re.findall(r"say\(\"(\w+)\"", texts)) <= keys[0]
