"""Asking in a real browser: the answer, its sources, who sees what."""

from __future__ import annotations

import base64
import io
import json
import re
import sqlite3

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.chat_page import QUESTION, ask, choose, citations, conversation, open_chat, shown_picture
from tests.browser.settling import settle
from tests.process_tree import eventually


def yellow_share(data_url: str) -> float:
    """How much of a picture is marked."""
    picture = Image.open(io.BytesIO(base64.b64decode(data_url.split(",", 1)[1]))).convert("RGB")
    pixels = np.asarray(picture)
    red, green, blue = (pixels[:, :, channel] for channel in range(3))
    return float(((red > 200) & (green > 170) & (blue < 170)).mean())


@pytest.mark.parametrize(
    "screen", [(1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light")], ids=["wide", "dark", "phone"]
)
def test_a_citation_opens_the_page_with_the_quote_marked(served, visitor, keep, screen):
    width, height, scheme = screen
    page = visitor(width=width, height=height, scheme=scheme).new_page()
    open_chat(page, served.url)
    keep(page, f"chat-empty-{width}-{scheme}")
    ask(page, QUESTION)
    keep(page, f"chat-answer-{width}-{scheme}")

    citations(page).first.click()
    picture = shown_picture(page)
    page.wait_for_timeout(800)  # scrolling is smooth
    keep(page, f"chat-source-{width}-{scheme}")

    pane = page.locator(".st-key-chat_source")
    expect(pane).to_contain_text("盐酸二甲双胍片说明书")
    expect(pane).to_contain_text("2021-08-20")
    expect(pane).to_contain_text("用法用量")
    expect(pane).to_contain_text("第 1 页 / 共 3 页")
    assert 0.002 < yellow_share(str(picture.get_attribute("src"))) < 0.2
    assert "0.25g" in str(picture.get_attribute("alt"))
    answer, opened = page.locator(".answer").bounding_box(), pane.bounding_box()
    assert answer is not None
    assert opened is not None
    if width > 640:
        assert opened["x"] >= answer["x"] + answer["width"]  # beside
    else:
        assert opened["y"] >= answer["y"] + answer["height"]  # below
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    pane.get_by_role("button", name="下一页").click()
    expect(pane).to_contain_text("第 2 页 / 共 3 页")
    expect(page.locator(".page[data-boxes='0']")).to_be_visible()
    pane.get_by_role("button", name="回到引用页").click()
    expect(pane).to_contain_text("第 1 页 / 共 3 页")
    settle(page)
    original = str(pane.get_by_role("link", name="打开原文件").get_attribute("href"))
    assert original.endswith("#page=1")
    opened_file = page.context.request.get(f"{served.url}/{original}")
    assert opened_file.status == 200
    assert opened_file.headers["content-type"] == "application/pdf"
    assert opened_file.body().startswith(b"%PDF")
    assert opened_file.headers["content-disposition"].startswith("inline;")
    assert opened_file.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in opened_file.headers["content-security-policy"]
    assert visitor().request.get(f"{served.url}/{original}").status == 404


def test_the_original_is_shown_in_a_tab_of_its_own(served, visitor):
    page = visitor().new_page()
    open_chat(page, served.url)
    ask(page, QUESTION)
    citations(page).first.click()
    shown_picture(page)
    settle(page)

    with page.context.expect_page() as tab:
        page.locator(".st-key-chat_source").get_by_role("link", name="打开原文件").click()
    tab.value.wait_for_load_state()
    assert re.search(r"/original/[\w-]{40,}#page=1$", tab.value.url)
    assert tab.value.evaluate("document.contentType") == "application/pdf"
    assert tab.value.evaluate("window.opener") is None


def test_a_scanned_page_marks_the_lines_that_were_read(served, visitor, keep):
    page = visitor().new_page()
    open_chat(page, served.url)
    ask(page, "布洛芬缓释胶囊的禁忌有哪些？")

    citations(page).first.click()
    picture = shown_picture(page)
    page.wait_for_timeout(500)
    keep(page, "chat-source-scan")

    assert int(page.locator(".page").get_attribute("data-boxes") or 0) >= 3
    assert yellow_share(str(picture.get_attribute("src"))) > 0.002


def test_a_source_without_pages_shows_its_text_with_the_quote_marked(served, visitor, keep):
    page = visitor().new_page()
    open_chat(page, served.url)
    ask(page, "奥美拉唑肠溶胶囊的不良反应有哪些？")

    citations(page).first.click()
    marked = page.locator(".kb-source-text mark")
    expect(marked).to_contain_text("腹泻")
    keep(page, "chat-source-text")


@pytest.mark.parametrize(
    "banner",
    [
        ("我胸口剧痛喘不过气", "kb-emergency", "120"),
        ("玛巴洛沙韦片的用法用量是什么？", "kb-insufficient", "药师"),
        ("今天天气怎么样", "kb-out-of-scope", "服务范围"),
    ],
)
def test_outcomes_have_banners(served, visitor, keep, banner):
    question, style, said = banner
    page = visitor(width=390, height=844).new_page()
    open_chat(page, served.url)
    ask(page, question)

    expect(page.locator(f".{style}")).to_contain_text(said)
    keep(page, f"chat-{style}-390")


def test_follow_ups_are_offered_and_asked(served, visitor):
    page = visitor().new_page()
    open_chat(page, served.url)
    ask(page, QUESTION)

    suggestion = page.locator(".st-key-chat_suggestions button").first
    text = suggestion.inner_text()
    suggestion.click()

    expect(page.locator(".kb-question")).to_have_count(2)
    expect(page.locator(".kb-question").last).to_contain_text(text)
    expect(page.locator("button.regenerate")).to_be_visible()


def test_an_example_is_asked_and_the_question_can_be_edited_and_answered_again(served, visitor):
    page = visitor().new_page()
    open_chat(page, served.url)
    page.locator(".st-key-chat_examples button").first.click()
    expect(page.locator("button.regenerate")).to_be_visible()

    settle(page)
    page.get_by_role("button", name="修改问题").click()
    expect(page.get_by_label("您的问题")).to_be_visible()
    settle(page)
    page.get_by_label("您的问题").fill("华法林钠片有哪些禁忌？")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.locator(".kb-question")).to_have_text(re.compile("华法林钠片有哪些禁忌"))
    expect(page.locator(".answer")).to_contain_text("华法林")
    expect(page.locator("button.regenerate")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="重新回答").click()
    settle(page)
    expect(page.locator("button.regenerate")).to_be_visible()

    expect(page.locator(".kb-question")).to_have_count(1)
    expect(page.locator(".answer")).to_contain_text("华法林")


def test_copying_puts_the_references_on_the_clipboard(served, visitor):
    context = visitor()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.url)
    page = context.new_page()
    open_chat(page, served.url)
    ask(page, QUESTION)

    page.get_by_role("button", name="复制（含出处）").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert QUESTION in copied
    assert re.search(r"\[1\] 盐酸二甲双胍片说明书，.+第 1 页：“", copied)


def test_a_verdict_is_kept_with_its_reason(served, visitor):
    page = visitor().new_page()
    open_chat(page, served.url)
    ask(page, QUESTION)

    page.locator("button.down").click()
    expect(page.get_by_role("radio", name="资料过时")).to_be_visible()
    settle(page)
    page.get_by_role("radio", name="资料过时").click()
    settle(page)
    page.get_by_label(re.compile("补充说明")).fill("请更新")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.get_by_test_id("stToast")).to_be_visible()

    with sqlite3.connect(served.data_dir / "kbchat.db") as database:
        rows = database.execute("select verdict, reason, comment from feedback where comment = '请更新'").fetchall()
    assert rows == [("down", "outdated", "请更新")]


# ------------------------------------------------------------------------------------------------- conversations


def test_a_conversation_is_renamed_pinned_exported_deleted_and_brought_back(served, visitor, keep):
    page = visitor().new_page()
    open_chat(page, served.url)
    ask(page, QUESTION)
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".kb-welcome")).to_be_visible()
    settle(page)
    ask(page, "华法林钠片有哪些禁忌？")

    choose(page, "盐酸二甲双胍片", "重命名")
    title = page.get_by_role("dialog").get_by_label("标题")
    expect(title).to_be_visible()
    settle(page)
    title.fill("查房 **二甲双胍** <b>x</b> :red[y] $z$")
    title.press("Enter")
    expect(conversation(page, "查房 **二甲双胍** <b>x</b>")).to_be_visible()

    choose(page, "查房", "置顶")
    expect(page.get_by_test_id("stSidebar")).to_contain_text("已置顶")
    expect(page.locator(".rows .row").first).to_contain_text("查房")
    keep(page, "conversations")

    choose(page, "查房", "导出")
    expect(page.get_by_role("dialog").get_by_role("button", name="JSON")).to_be_visible()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="JSON").click()
    exported = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert "盐酸二甲双胍片_0.25g.pdf" in json.dumps(exported, ensure_ascii=False)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    choose(page, "查房", "删除")
    expect(conversation(page, "查房")).to_have_count(0)
    settle(page)
    page.get_by_role("button", name="撤销").click()
    expect(conversation(page, "查房")).to_be_visible()
    settle(page)

    page.get_by_label("搜索对话").fill("查房")
    page.get_by_label("搜索对话").press("Enter")
    expect(page.locator(".rows .row")).to_have_count(1)


def test_a_reload_keeps_the_conversation_and_a_second_browser_sees_nothing_of_it(served, visitor):
    page = visitor().new_page()
    open_chat(page, served.url)
    ask(page, QUESTION)
    address = page.url

    suggested = page.locator("[class*=st-key-chat_suggestion_]")
    expect(suggested.first).to_be_visible()
    before = suggested.all_inner_texts()

    page.reload()
    expect(citations(page).first).to_be_visible()
    expect(page.locator(".kb-question")).to_contain_text(QUESTION)
    expect(suggested).to_have_text(before)

    stranger = visitor().new_page()
    open_chat(stranger, address)
    expect(stranger.locator(".kb-welcome")).to_be_visible()
    expect(stranger.locator(".kb-question")).to_have_count(0)
    expect(stranger.locator(".rows .row")).to_have_count(0)
    expect(stranger.get_by_test_id("stToast")).to_contain_text("不存在")


def test_on_a_phone_the_list_makes_room_when_a_conversation_is_chosen(served, visitor, keep):
    page = visitor(width=390, height=844).new_page()
    open_chat(page, served.url)
    ask(page, QUESTION)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".kb-welcome")).to_be_visible()
    settle(page)

    page.get_by_test_id("stExpandSidebarButton").click()
    expect(page.locator(".rows button.open").first).to_be_in_viewport(ratio=1)
    page.wait_for_timeout(500)  # it slides in
    keep(page, "conversations-390")
    page.locator(".rows button.open").first.click()

    expect(page.locator(".kb-question")).to_contain_text(QUESTION)
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()


def test_what_is_not_to_be_saved_is_nowhere_kept(served, visitor):
    page = visitor().new_page()
    open_chat(page, served.url)
    page.get_by_text("不保存", exact=True).click()
    settle(page)
    ask(page, "头孢呋辛酯片的用法用量是什么？")
    ask(page, "孕妇能用吗？")

    expect(page.locator(".rows .row")).to_have_count(0)
    page.reload()
    expect(page.locator(".kb-welcome")).to_be_visible()
    with sqlite3.connect(served.data_dir / "kbchat.db") as database:
        kept = database.execute(
            "select count(*) from messages where text like '%头孢呋辛酯片的用法用量是什么%'"
        ).fetchone()
        asked = database.execute("select count(*) from questions where question like '%头孢呋辛酯片的用法%'").fetchone()
    assert (kept[0], asked[0]) == (0, 0)


# ------------------------------------------------------------------------------------------------- hostile and bare


def test_probes_are_shown_and_do_nothing(served, visitor, keep):
    page = visitor().new_page()
    fired: list[str] = []
    page.on("dialog", lambda dialog: (fired.append(dialog.message), dialog.dismiss()))
    open_chat(page, served.url)
    probe = "<img src=x onerror=alert(1)> [x](javascript:alert(2)) $$\\frac{1}{2}$$ :red[a] \u202edcba 二甲双胍的用法"
    ask(page, probe)
    page.reload()
    question = page.locator(".kb-question")
    expect(question).to_contain_text("<img src=x onerror=alert(1)>")
    expect(question).to_contain_text("[x](javascript:alert(2)) $$\\frac{1}{2}$$ :red[a]")
    keep(page, "chat-probes")

    settle(page)
    title = page.locator(".rows button.open").first.inner_text()
    assert title.replace("\u2060", "").startswith("<img src=x onerror=alert(1)>")
    assert "\u202e" not in page.locator(".stApp").inner_text()
    assert page.locator(".katex, img[src='x'], a[href^='javascript']").count() == 0
    assert fired == []


def test_nothing_is_fetched_from_elsewhere(served, visitor):
    context = visitor()
    asked: list[str] = []

    def note(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_()

    context.route(re.compile(".*"), note)
    page = context.new_page()
    open_chat(page, served.url)
    ask(page, QUESTION)
    citations(page).first.click()
    shown_picture(page)

    assert len(asked) > 10
    assert [url for url in asked if not url.startswith((served.url, "data:", "blob:"))] == []


def _focused(page: Page) -> str:
    return str(
        page.evaluate(
            """() => {
              let element = document.activeElement;
              while (element && element.shadowRoot && element.shadowRoot.activeElement)
                element = element.shadowRoot.activeElement;
              return element ? element.className + " " + (element.getAttribute("aria-label") || "") : "";
            }"""
        )
    )


def _tab_to(page: Page, wanted: str, key: str = "Tab") -> None:
    for _ in range(80):
        page.keyboard.press(key)
        if wanted in _focused(page):
            return
    pytest.fail(f"the keyboard does not reach {wanted}")


def test_everything_on_the_way_to_a_source_can_be_done_by_keyboard(served, visitor, keep):
    page = visitor().new_page()
    open_chat(page, served.url)
    page.get_by_test_id("stChatInputTextArea").focus()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("button.regenerate")).to_be_visible()
    settle(page)

    _tab_to(page, "cite", "Shift+Tab")
    reached = _focused(page)
    page.keyboard.press("Enter")
    shown_picture(page)
    expect(page.locator(".heading")).to_be_focused()
    settle(page)
    _tab_to(page, "frame")
    keep(page, "chat-keyboard")
    page.locator(".st-key-chat_source_close button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-chat_source")).to_have_count(0)

    assert "出处" in reached
    eventually(lambda: _focused(page) == reached)


def test_the_language_is_switched_and_remembered(served, visitor, keep):
    context = visitor()
    page = context.new_page()
    open_chat(page, served.url)
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("button", name="New conversation")).to_be_visible()
    settle(page)
    keep(page, "chat-english")

    again = context.new_page()
    open_chat(again, served.url)
    expect(again.get_by_role("button", name="New conversation")).to_be_visible()
