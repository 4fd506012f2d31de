"""Who uses a session, from one run of the script to the next."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.running_service import SECRET, host_token
from ui import bootstrap

PROXY = "10.0.0.7"


def who_is_it() -> None:
    """Says who uses the session."""
    import streamlit as st

    from ui import bootstrap
    from ui.identity import SignedIn, who

    found = who(bootstrap.sign_in())
    st.session_state["said"] = found.name if isinstance(found, SignedIn) else found
    if isinstance(found, SignedIn):
        st.session_state.setdefault("chat_question", f"a question of {found.name}")


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, connection: list[tuple[str, str]]) -> Iterator[AppTest]:
    key = tmp_path / "his.key"
    key.write_bytes(SECRET)
    (tmp_path / "kbchat.toml").write_text(
        f'[access]\nproxy_addresses = ["{PROXY}/32"]\n'
        f'[[access.host_keys]]\nid = "his"\nalgorithm = "HS256"\nfile = "{key}"\n'
    )
    monkeypatch.setenv("KBCHAT_DATA_DIR", str(tmp_path))
    bootstrap.close()
    yield AppTest.from_function(who_is_it, default_timeout=120)
    bootstrap.close()


def through_proxy(connection: list[tuple[str, str]], user: str) -> None:
    connection[:] = [("X-Kbchat-Peer", PROXY), ("X-Remote-User", user)]


def test_another_person_in_the_same_session_finds_nothing_of_the_one_before(session: AppTest, connection):
    through_proxy(connection, "zhang")
    session.run()
    session.session_state["language"] = "zh"
    assert session.session_state["chat_question"] == "a question of zhang"

    through_proxy(connection, "li")
    session.run()

    assert session.session_state["said"] == "li"
    assert session.session_state["chat_question"] == "a question of li"
    assert session.session_state["language"] == "zh"


def test_who_is_no_longer_named_leaves_nothing(session: AppTest, connection):
    through_proxy(connection, "zhang")
    session.run()
    connection[:] = [("X-Kbchat-Peer", "10.0.0.8"), ("X-Remote-User", "zhang")]
    session.run()

    assert session.session_state["said"].ended
    assert "chat_question" not in session.session_state


def test_each_session_that_ended_has_a_name_of_its_own(session: AppTest, connection):
    """By it the page to sign in knows that the browser has to look for a token once more."""
    ended = []
    for _ in range(2):
        through_proxy(connection, "zhang")
        session.run()
        connection[:] = []
        for _ in range(2):
            session.run()
            ended.append(session.session_state["said"].ended)

    assert ended[0] == ended[1] != ended[2] == ended[3]
    assert all(ended)


def test_a_token_in_the_address_is_taken_out_and_its_session_ends_in_time(session: AppTest):
    session.query_params["token"] = host_token("wang")
    session.query_params["base"] = "ward"
    session.run()
    assert session.session_state["said"] == "wang"
    assert {name: session.query_params[name] for name in session.query_params} == {"base": "ward"}

    session.run()
    assert session.session_state["said"] == "wang"

    principal, _ = session.session_state["sign_in_session"]
    session.session_state["sign_in_session"] = (principal, time.time() - 1)
    session.run()
    assert session.session_state["said"].ended
    assert "chat_question" not in session.session_state
    assert "sign_in_session" not in session.session_state


def test_the_proxy_speaks_before_a_token_and_a_wrong_token_tells_why(session: AppTest, connection):
    session.query_params["token"] = "eyJ.wrong.token"
    session.run()
    session.run()
    assert "not accepted" in str(session.session_state["said"].error)

    through_proxy(connection, "zhang")
    session.query_params["token"] = host_token("wang")
    session.run()
    assert session.session_state["said"] == "zhang"
    assert "token" not in session.query_params


def test_the_app_does_not_start_for_the_network_without_a_way_to_sign_in(tmp_path: Path):
    command = [sys.executable, "-P", "-m", "ui", "--host", "0.0.0.0", "--port", "8999"]
    environment = {"KBCHAT_DATA_DIR": str(tmp_path / "data"), "KBCHAT_LANGUAGE": "en", "PATH": ""}
    ended = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )

    assert ended.returncode == 1
    assert "nobody could sign in" in ended.stderr
    assert "ui.oidc_client" in ended.stderr
    assert not (tmp_path / "data").exists()
