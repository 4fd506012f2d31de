"""The widget on a hospital's page: another site, a strict content policy, no cookies, a hostile document."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.process_tree import eventually

from .conftest import EVIL, Portal

QUESTION = "二甲双胍的禁忌症有哪些？"


def host_page(portal: Portal, url: str, *, lang: str = "zh", extra: str = "") -> str:
    """A page with the one script tag, under a policy that allows the service's script and calls, and nothing inline."""
    script = f'<script src="{url}/embed.js" data-assistant="medication" data-token-url="/token" {extra} defer></script>'
    body = f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Portal</title>{script}</head>'
    policy = f"default-src 'none'; script-src {url}; connect-src 'self' {url}; base-uri 'none'; form-action 'none'"
    portal.pages["/"] = (f"{body}<body><h1>Portal</h1><p>x</p></body></html>", policy)
    return f"{portal.origin}/"


def ask(page: Page, question: str) -> None:
    page.get_by_role("textbox", name="请输入问题").fill(question)
    page.get_by_role("button", name="发送").click()


def watched(page: Page) -> list[str]:
    """Errors that the page reports, policy violations among them."""
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


@pytest.fixture
def open_widget(page: Page, portal: Portal, service):
    page.goto(host_page(portal, service.url))
    page.get_by_role("button", name="打开用药问答").click()
    return page


def test_a_question_is_answered_with_its_page(page, portal, service):
    wrong = watched(page)
    page.goto(host_page(portal, service.url))
    page.get_by_role("button", name="打开用药问答").click()
    ask(page, QUESTION)

    cite = page.get_by_role("button", name="出处 1").first
    expect(cite).to_be_visible()
    cite.click()
    expect(page.locator(".view mark")).to_be_visible()
    expect(page.get_by_role("img", name="原文页面")).to_be_visible()
    assert page.locator(".view canvas").evaluate("c => c.width") > 300
    eventually(lambda: _yellow(page))  # the quote is marked on the picture
    page.get_by_role("button", name="返回").click()
    expect(cite).to_be_focused()

    assert wrong == [], "nothing offends the page's policy"
    assert page.context.cookies() == []
    assert portal.tokens == 1, "one token is enough for a talk"


def _yellow(page: Page) -> bool:
    """Whether some of the canvas is as yellow as a text marker."""
    return page.locator(".view canvas").evaluate(
        """c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0;
        for (let i = 0; i < d.length; i += 4) if (d[i] > 200 && d[i + 1] > 180 && d[i + 2] < 170) n++; return n > 200; }"""
    )


def test_third_party_cookies_are_indeed_blocked(page, portal, service):
    """The browser of these tests: a frame of another site keeps no cookie."""
    portal.pages["/frame"] = ("<!doctype html><iframe id=f></iframe>", "")
    page.goto(f"{portal.origin}/frame")
    page.evaluate("url => { document.getElementById('f').src = url }", f"{service.url}/embed/chat")
    page.frame_locator("#f").get_by_role("textbox").wait_for()
    frame = page.frames[1]
    frame.evaluate("document.cookie = 'a=b; SameSite=None; Secure'; document.cookie = 'c=d'")
    assert frame.evaluate("document.cookie") == ""


def test_follow_ups_and_a_new_conversation(open_widget):
    ask(open_widget, QUESTION)
    expect(open_widget.get_by_role("button", name="出处 1").first).to_be_visible()
    ask(open_widget, "那它的不良反应呢？")
    last = open_widget.locator(".turn").last
    expect(last.get_by_role("button", name="二甲双胍").first).to_be_visible()
    open_widget.get_by_role("button", name="新对话").click()
    expect(open_widget.locator(".turn")).to_have_count(1)


def test_by_keyboard_alone(page, portal, service):
    page.goto(host_page(portal, service.url))
    launch = page.get_by_role("button", name="打开用药问答")
    page.keyboard.press("Tab")
    expect(launch).to_be_focused()
    page.keyboard.press("Enter")
    box = page.get_by_role("textbox", name="请输入问题")
    expect(box).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Shift+Enter")
    assert box.input_value().endswith("\n")
    page.keyboard.press("Enter")
    cite = page.get_by_role("button", name="出处 1").first
    expect(cite).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.querySelector('div[lang]').shadowRoot.activeElement?.className") == "cite":
            break
    focused = page.evaluate("document.querySelector('div[lang]').shadowRoot.activeElement.textContent")
    page.keyboard.press("Enter")
    expect(page.locator(".view blockquote")).to_be_visible()
    page.keyboard.press("Escape")
    at = "document.querySelector('div[lang]').shadowRoot.activeElement?.textContent"
    eventually(lambda: page.evaluate(at) == focused)
    page.keyboard.press("Escape")
    expect(launch).to_be_focused()
    expect(launch).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_hostile_title_stays_text(page, portal, service):
    wrong = watched(page)
    page.goto(host_page(portal, service.url))
    page.get_by_role("button", name="打开用药问答").click()
    ask(page, "阿莫西林的用法用量？")
    cite = page.get_by_role("button", name="出处 1").first
    expect(cite).to_be_visible()
    cite.click()
    expect(page.locator(".view .name")).to_contain_text(EVIL)
    page.wait_for_timeout(500)

    assert page.evaluate("window.pwned") is None
    assert page.locator(".view img, .log img, .log script, .log a").count() == 0
    assert wrong == []


def test_what_a_person_types_stays_text(open_widget):
    ask(open_widget, EVIL)
    expect(open_widget.locator(".mine")).to_contain_text(EVIL)
    expect(open_widget.locator(".turn").last).not_to_contain_text("…")
    assert open_widget.evaluate("window.pwned") is None


def test_a_session_that_ended_is_begun_again(open_widget, portal, service):
    ask(open_widget, QUESTION)
    expect(open_widget.get_by_role("button", name="出处 1").first).to_be_visible()
    assert service.app.store.end_sessions_of("王护士") == 1
    ask(open_widget, "那它的不良反应呢？")
    expect(open_widget.locator(".turn").last.get_by_role("button").first).to_be_visible()
    assert portal.tokens == 2


def test_a_portal_that_gives_no_token_gets_a_message(page, portal, service):
    page.goto(host_page(portal, service.url).replace("/token", "/none"))
    page.evaluate("document.querySelector('script').dataset.tokenUrl = '/nowhere'")
    page.get_by_role("button", name="打开用药问答").click()
    ask(page, QUESTION)
    expect(page.locator(".turn .error")).to_contain_text("尚未登录")


def test_another_origin_gets_nothing(page, make_portal, service):
    """A page that is not listed may load the script; its calls stay unanswered."""
    other = make_portal()
    page.goto(host_page(other, service.url))
    page.get_by_role("button", name="打开用药问答").click()
    ask(page, QUESTION)
    expect(page.locator(".turn .error")).to_contain_text("无法连接到服务")


def test_in_english(page, portal, service):
    page.goto(host_page(portal, service.url, lang="en"))
    page.get_by_role("button", name="Open questions and answers").click()
    page.get_by_role("textbox", name="Your question").fill("metformin contraindications")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".turn").last).not_to_contain_text("Loading")


def test_on_a_phone_it_fills_the_screen(page, portal, service):
    page.set_viewport_size({"width": 390, "height": 780})
    page.goto(host_page(portal, service.url))
    page.get_by_role("button", name="打开用药问答").click()
    box = page.get_by_role("dialog").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 780}
    ask(page, QUESTION)
    expect(page.get_by_role("button", name="出处 1").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# In a frame.


def framing(portal: Portal, url: str, token: str) -> str:
    frame = f'<iframe id="chat" src="{url}/embed/chat?lang=zh#token={token}" width="420" height="700"></iframe>'
    portal.pages["/framed"] = (
        f"<!doctype html><title>Portal</title><link rel='icon' href='data:,'><body>{frame}</body>",
        "",
    )
    return f"{portal.origin}/framed"


def test_the_chat_page_in_a_frame(page, portal, service):
    from tests.running_service import host_token

    wrong = watched(page)
    page.goto(framing(portal, service.url, host_token("王护士")))
    frame = page.frame_locator("#chat")
    frame.get_by_role("textbox", name="请输入问题").fill(QUESTION)
    frame.get_by_role("button", name="发送").click()
    cite = frame.get_by_role("button", name="出处 1").first
    expect(cite).to_be_visible()
    cite.click()
    expect(frame.get_by_role("img", name="原文页面")).to_be_visible()
    assert "token" not in page.frames[1].evaluate("location.href"), "the token does not stay in the address"
    assert wrong == []


def test_the_parent_may_hand_over_the_token(page, portal, service):
    from tests.running_service import host_token

    page.goto(framing(portal, service.url, ""))
    frame = page.frame_locator("#chat")
    frame.get_by_role("textbox", name="请输入问题").wait_for()
    page.evaluate(
        "token => document.getElementById('chat').contentWindow.postMessage({type: 'kbchat:token', token}, '*')",
        host_token("王护士"),
    )
    frame.get_by_role("textbox", name="请输入问题").fill(QUESTION)
    frame.get_by_role("button", name="发送").click()
    expect(frame.get_by_role("button", name="出处 1").first).to_be_visible()


def test_no_other_origin_may_frame_it(page, make_portal, service):
    other = make_portal()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(framing(other, service.url, ""))

    def is_refused():
        page.wait_for_timeout(100)  # what the console says comes only while something is waited for
        return any("frame-ancestors" in text for text in refused)

    eventually(is_refused)
    assert page.frame_locator("#chat").get_by_role("textbox").count() == 0
