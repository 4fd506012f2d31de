"""Identity, cookie, language, options of the server."""

from __future__ import annotations

import ast
import asyncio
import socket
from pathlib import Path

import pytest

import ui.serving
from kbchat.errors import ConflictError
from kbchat.messages import Bilingual
from ui.browser_cookie import BROWSER_COOKIE, BrowserCookie, is_browser_id
from ui.i18n import remembered_language, worded
from ui.serving import check_port, streamlit_options
from ui.sign_in import user_of_browser

ROOT = Path(ui.serving.__file__).parent


def answered(cookie: str = "", kind: bytes = b"text/html; charset=utf-8", scheme: str = "http") -> dict[bytes, bytes]:
    """The headers with which the middleware lets a response go."""

    async def inner(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})

    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"cookie", cookie.encode())] if cookie else []
    asyncio.run(BrowserCookie(inner)({"type": "http", "scheme": scheme, "headers": headers}, None, send))
    return dict(sent[0]["headers"])


def test_a_new_browser_gets_an_id_that_scripts_cannot_read():
    cookie = answered()[b"set-cookie"].decode()

    name, _, rest = cookie.partition("=")
    assert name == BROWSER_COOKIE
    assert is_browser_id(rest.split(";")[0])
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert "Secure" in answered(scheme="https")[b"set-cookie"].decode()


def test_a_known_browser_keeps_its_id_and_only_pages_give_one():
    known = answered()[b"set-cookie"].decode().split(";")[0]

    assert b"set-cookie" not in answered(cookie=f"other=1; {known}")
    assert b"set-cookie" not in answered(kind=b"application/javascript")
    assert b"set-cookie" in answered(cookie=f"{BROWSER_COOKIE}=short")


def test_pages_load_nothing_from_elsewhere():
    policy = answered()[b"content-security-policy"].decode()

    assert "default-src 'self'" in policy
    assert "http:" not in policy
    assert "https:" not in policy


def test_two_browsers_are_two_people_and_the_user_does_not_tell_the_id():
    assert user_of_browser("a" * 32) != user_of_browser("b" * 32)
    assert "a" * 8 not in user_of_browser("a" * 32)


@pytest.mark.parametrize(
    ("cookie", "locale", "default", "expected"),
    [
        ("zh", "en-US", "en", "zh"),
        ("", "zh-CN", "en", "zh"),
        ("", "en-GB", "zh", "en"),
        ("", "fr-FR", "zh", "zh"),
        ("<script>", "", "en", "en"),
    ],
)
def test_language_is_remembered_then_the_browsers_then_the_default(cookie, locale, default, expected):
    assert remembered_language(cookie, locale, default) == expected


def test_words_take_values_and_text_without_values_keeps_its_braces():
    assert worded(Bilingual("{n} pages", "{n} 页"), "zh", n=3) == "3 页"
    assert worded(Bilingual("{n}", "{n}"), "en") == "{n}"


def test_telemetry_is_off_and_no_font_comes_from_elsewhere():
    options = streamlit_options()

    assert options["browser.gatherUsageStats"] is False
    assert options["client.showErrorDetails"] == "none"
    assert not [value for value in options.values() if isinstance(value, str) and "//" in value]


def test_every_option_is_known_to_streamlit():
    from streamlit import config

    known = set(config.get_config_options())

    assert not [name for name in streamlit_options() if name not in known]


def test_a_taken_port_is_told_with_a_remedy():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConflictError) as caught:
            check_port("127.0.0.1", port)

    assert str(port) in caught.value.user_message.zh
    assert "--port" in caught.value.remedy.en


def _unsafe(tree: ast.AST) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword)
        and node.arg in ("unsafe_allow_html", "unsafe_allow_javascript", "use_container_width")
    ]


def test_no_page_draws_unescaped_html():
    found = {
        str(path.relative_to(ROOT)): lines
        for path in ROOT.rglob("*.py")
        if (lines := _unsafe(ast.parse(path.read_text(encoding="utf-8"))))
    }

    assert not found


def test_components_put_no_text_into_the_page_as_markup():
    found = [
        str(path.relative_to(ROOT))
        for path in [*ROOT.rglob("*.js"), *ROOT.rglob("*.py")]
        if any(
            word in path.read_text(encoding="utf-8") for word in ("innerHTML", "insertAdjacentHTML", "document.write(")
        )
    ]

    assert not found
