"""What a person does on the chat page, by what they see."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.settling import settle

QUESTION = "盐酸二甲双胍片的用法用量是什么？"


def open_chat(page: Page, url: str) -> None:
    """The page, ready for a question."""
    page.goto(url)
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_enabled()
    settle(page)


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the whole answer."""
    box = page.get_by_test_id("stChatInputTextArea")
    expect(box).to_be_enabled()
    asked = page.locator(".kb-question").count()
    box.fill(question)
    box.press("Enter")
    expect(page.locator(".kb-question")).to_have_count(asked + 1)
    expect(page.locator("button.regenerate")).to_be_visible()
    settle(page)


def citations(page: Page) -> Locator:
    """The controls of all answers."""
    return page.locator("button.cite")


def shown_picture(page: Page) -> Locator:
    """The picture of the open source's page, once it is drawn."""
    page.locator(".page[data-shown]").wait_for()
    return page.locator("img.picture")


def conversation(page: Page, title: str) -> Locator:
    """The row of a conversation in the sidebar."""
    return page.locator(".rows .row").filter(has_text=title)


def choose(page: Page, title: str, action: str) -> None:
    """Choose an action from the menu of a conversation."""
    settle(page)
    page.get_by_role("button", name=re.compile(f"“{re.escape(title)}.*的操作")).click()
    page.get_by_role("menuitem", name=action, exact=True).click()
