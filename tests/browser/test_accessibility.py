"""axe-core finds nothing serious on the chat page."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.chat_page import QUESTION, ask, citations, open_chat, shown_picture
from tests.browser.settling import settle


def serious(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with the first element of each."""
    settle(page)
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html']}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")], ids=str)
def test_nothing_serious(served, visitor, width, scheme):
    page = visitor(width=width, scheme=scheme, strict_policy=False).new_page()
    open_chat(page, served.url)
    page.locator(".st-key-chat_examples button").first.wait_for()
    assert serious(page) == []

    ask(page, QUESTION)
    assert serious(page) == []

    citations(page).first.click()
    shown_picture(page)
    assert serious(page) == []


def test_nothing_serious_in_a_banner_and_a_dialog(served, visitor):
    page = visitor(strict_policy=False).new_page()
    open_chat(page, served.url)
    ask(page, "我胸口剧痛喘不过气")
    assert serious(page) == []

    page.get_by_role("button", name="修改问题").click()
    page.get_by_label("您的问题").wait_for()
    assert serious(page) == []
