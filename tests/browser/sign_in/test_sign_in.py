"""Signing in to the app in real Chromium: in a frame without any cookie, and what strangers get to see."""

from __future__ import annotations

import re
from collections.abc import Callable

import jwt
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import Served, start_app, stop_app
from tests.browser.sign_in.conftest import Portal
from tests.process_tree import eventually
from tests.running_service import SECRET, host_token

Visitor = Callable[[], Page]
QUESTION = "阿司匹林有哪些禁忌？"


def framed(page: Page, portal: Portal, address: str) -> FrameLocator:
    page.goto(portal.framing(address))
    return page.frame_locator("#kb")


def ask(frame: FrameLocator, question: str = QUESTION) -> None:
    box = frame.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")
    expect(frame.get_by_text("活动性溃疡患者禁用").first).to_be_visible()


def inner_address(page: Page) -> str:
    return str(page.frames[1].evaluate("location.href"))


def test_in_a_frame_without_cookies_a_token_behind_the_hash_signs_in(
    guarded: Served, portal: Portal, strict_visitor: Visitor
):
    page = strict_visitor()
    token = host_token("王护士")
    frame = framed(page, portal, f"{guarded.url}/#token={token}")

    expect(frame.get_by_text("已登录：王护士")).to_be_visible()
    ask(frame)

    assert "token" not in inner_address(page)
    assert page.context.cookies(guarded.url) == []
    expect(frame.get_by_text("系统状态")).to_have_count(0)  # a reader's pages only


def test_in_a_frame_a_token_in_the_query_signs_in_and_leaves_the_address(
    guarded: Served, portal: Portal, strict_visitor: Visitor
):
    page = strict_visitor()
    frame = framed(page, portal, f"{guarded.url}/?token={host_token('李药师', roles=['admin'])}")

    expect(frame.get_by_text("已登录：李药师")).to_be_visible()
    expect(frame.get_by_text("系统状态")).to_be_visible()
    expect(frame.get_by_text("登录", exact=True)).to_have_count(0)
    eventually(lambda: "token" not in inner_address(page))


def test_a_curator_uploads_in_a_frame_without_cookies(guarded: Served, portal: Portal, strict_visitor: Visitor):
    page = strict_visitor()
    address = f"{guarded.url}/knowledge-bases?base=ward#token={host_token('陈', roles=['curator'])}"
    frame = framed(page, portal, address)
    expect(frame.get_by_text("已登录：陈")).to_be_visible()
    frame.get_by_role("tab", name="添加文档").click()
    statuses: list[int] = []
    page.on("response", lambda said: statuses.append(said.status) if "upload_file" in said.url else None)

    frame.locator("input[type=file]").set_input_files(
        {"name": "b.txt", "mimeType": "text/plain", "buffer": "【禁忌】孕妇禁用。".encode()}
    )

    expect(frame.get_by_role("button", name="读入 1 个文件")).to_be_visible()
    assert statuses
    assert all(status < 300 for status in statuses)


def test_a_token_is_good_once_and_a_reload_needs_a_new_one(guarded: Served, portal: Portal, strict_visitor: Visitor):
    token = host_token("王护士")
    page = strict_visitor()
    frame = framed(page, portal, f"{guarded.url}/#token={token}")
    expect(frame.get_by_text("已登录：王护士")).to_be_visible()

    page.reload()
    expect(frame.get_by_text("已被使用过")).to_be_visible()
    expect(frame.get_by_text("请从门户重新打开本页面")).to_be_visible()
    expect(frame.get_by_text("已登录")).to_have_count(0)

    page.frames[1].evaluate("token => { location.hash = 'token=' + token }", host_token("王护士"))
    expect(frame.get_by_text("已登录：王护士")).to_be_visible()


def test_leaving_ends_the_session_and_shows_nothing_of_it(guarded: Served, strict_visitor: Visitor):
    page = strict_visitor()
    page.goto(f"{guarded.url}/#token={host_token('赵')}")
    expect(page.get_by_text("已登录：赵")).to_be_visible()

    page.get_by_role("button", name="退出登录").click()

    expect(page.get_by_text("您的会话已结束")).to_be_visible()
    expect(page.get_by_test_id("stChatInputTextArea")).to_have_count(0)
    expect(page.get_by_text("赵")).to_have_count(0)


def test_leaving_while_the_page_is_being_drawn_ends_the_session_too(guarded: Served, strict_visitor: Visitor):
    """In an app just started that takes long: what looked for the token is then still on the page, and looked already."""
    process, url = start_app(guarded.data_dir)
    try:
        page = strict_visitor()
        page.goto(f"{url}/#token={host_token('钱')}")
        expect(page.get_by_text("已登录：钱")).to_be_visible()
        page.get_by_role("button", name="退出登录").click()

        expect(page.get_by_text("您的会话已结束")).to_be_visible()
        expect(page.get_by_text("请从门户重新打开本页面")).to_be_visible()
    finally:
        stop_app(process)


def test_without_a_token_there_is_a_sign_in_page_and_nothing_of_the_app(
    guarded: Served, strict_visitor: Visitor, keep: Callable[[Page, str], None]
):
    page = strict_visitor()
    page.goto(f"{guarded.url}/status")

    expect(page.get_by_text("请从医院门户中打开本页面")).to_be_visible()
    keep(page, "sign-in")
    for hidden in ("问答", "知识库", "系统状态", "ward", "阿司匹林"):
        expect(page.get_by_text(hidden)).to_have_count(0)


def test_forged_and_foreign_tokens_and_headers_sign_nobody_in(guarded: Served, strict_visitor: Visitor):
    page = strict_visitor()
    page.set_extra_http_headers({"X-Remote-User": "root", "X-Remote-Roles": "admin", "X-Kbchat-Peer": "127.0.0.9"})
    forged = [
        host_token("a", secret=SECRET[::-1]),
        host_token("a", aud="other"),
        jwt.encode({"sub": "a", "aud": "kbchat"}, key="", algorithm="none"),
        "not.a.token",
    ]
    for token in forged:
        page.goto(f"{guarded.url}/?token={token}")
        expect(page.get_by_text("令牌未被接受")).to_be_visible()
        expect(page.get_by_text("已登录")).to_have_count(0)
        eventually(lambda: "token" not in page.evaluate("location.href"))


def test_only_the_listed_portal_may_frame_the_app(
    guarded: Served, served: Served, portal: Portal, strict_visitor: Visitor
):
    page = strict_visitor()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))

    page.goto(portal.framing(served.url, "/other"))  # this app lists nobody

    def is_refused():
        page.wait_for_timeout(100)  # what the console says comes only while something is waited for
        return any(re.search("frame-ancestors|X-Frame-Options", said, re.IGNORECASE) for said in refused)

    eventually(is_refused)


def test_pages_of_another_port_cannot_open_the_web_socket(served: Served, portal: Portal, strict_visitor: Visitor):
    page = strict_visitor()
    portal.pages["/evil"] = "<!doctype html><title>x</title>"
    page.goto(f"{portal.origin}/evil")
    socket = served.url.replace("http", "ws") + "/_stcore/stream"

    outcome = page.evaluate(
        """address => new Promise(done => {
             const socket = new WebSocket(address, ["streamlit"]);
             socket.onopen = () => done("open"); socket.onerror = () => done("refused"); })""",
        socket,
    )

    assert outcome == "refused"


def test_a_proxy_says_who_asks_each_with_the_pages_of_their_role(
    proxied: Callable[..., str], strict_visitor: Visitor, guarded: Served
):
    reader, admin, nobody = strict_visitor(), strict_visitor(), strict_visitor()
    reader.goto(proxied("zhang"))
    expect(reader.get_by_text("已登录：zhang")).to_be_visible()
    expect(reader.get_by_text("系统状态")).to_have_count(0)
    expect(reader.get_by_role("button", name="退出登录")).to_have_count(0)  # the proxy has its own way out

    admin.goto(proxied("root", "admin"))
    expect(admin.get_by_text("系统状态")).to_be_visible()

    nobody.goto(proxied("li", "janitor"))
    expect(nobody.get_by_text("无法使用")).to_be_visible()
    expect(nobody.get_by_test_id("stChatInputTextArea")).to_have_count(0)
