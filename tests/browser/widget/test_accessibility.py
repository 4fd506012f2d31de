"""axe-core finds nothing serious in the widget: button, open panel, answer, source, refusals; light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE
from tests.running_service import host_token

from .test_widget import QUESTION, ask, host_page

VIEWS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture
def page(strict_browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """As wide and as dark as the test says; axe-core is let past the page's policy."""
    width, scheme = request.param
    context = strict_browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, locale="zh-CN", bypass_csp=True
    )
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def serious(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with the first element of each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html']} {one['nodes'][0]['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def looked_at(page: Page) -> list[str]:
    """Axe-core sees into the widget at all: how many of its elements it judged."""
    return [node["html"] for one in Axe().run(page).response["passes"] for node in one["nodes"]]


@pytest.mark.parametrize("page", VIEWS, indirect=True, ids=str)
def test_nothing_serious_on_a_hospitals_page(page, portal, service):
    page.goto(host_page(portal, service.url))
    launch = page.get_by_role("button", name="打开用药问答")
    expect(launch).to_be_visible()
    assert serious(page) == []
    assert any("launch" in html for html in looked_at(page))

    launch.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert serious(page) == []

    ask(page, QUESTION)
    cite = page.get_by_role("button", name="出处 1").first
    expect(cite).to_be_visible()
    assert serious(page) == []
    assert any("cite" in html for html in looked_at(page))

    cite.click()
    expect(page.get_by_role("img", name="原文页面")).to_be_visible()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]

    page.get_by_role("button", name="返回").click()
    ask(page, "我胸口剧痛喘不过气")
    expect(page.locator(".emergency")).to_be_visible()
    assert serious(page) == []


@pytest.mark.parametrize("page", VIEWS, indirect=True, ids=str)
def test_nothing_serious_in_the_page_for_frames_and_its_errors(page, service):
    page.goto(f"{service.url}/embed/chat?lang=zh#token={host_token('王护士')}")
    page.get_by_role("textbox", name="请输入问题").wait_for()
    assert serious(page) == []
    ask(page, QUESTION)
    expect(page.get_by_role("button", name="出处 1").first).to_be_visible()
    assert serious(page) == []

    service.app.store.end_sessions_of("王护士")
    ask(page, QUESTION)
    expect(page.locator(".turn .error")).to_be_visible()
    assert serious(page) == []
