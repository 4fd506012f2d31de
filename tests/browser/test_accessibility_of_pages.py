"""axe-core finds nothing serious on the pages for whoever runs the documents."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.settling import settle
from tests.browser.test_accessibility import serious

PAGES = {
    "knowledge-bases": (),
    "knowledge-bases?base=demo": ("添加文档", "上传与报告", "设置"),
    "knowledge-bases?base=demo&document=7": ("文档卡片", "版本"),
    "retrieval-test": ("测试用例",),
    "assistants": (),
    "assistants?assistant=medication": (),
    "dashboard": ("待补充资料", "反馈", "有标记", "常用文档"),
    "status": ("设置", "版本", "日志"),
}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")], ids=str)
def test_nothing_serious(served, person, width, scheme):
    page = person(width=width, scheme=scheme, strict_policy=False)
    found = {}
    for address, tabs in PAGES.items():
        page.goto(f"{served.url}/{address}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        found[address] = serious(page)
        for tab in tabs:
            page.get_by_role("tab", name=tab, exact=True).click()
            found[f"{address} {tab}"] = serious(page)

    assert {where: what for where, what in found.items() if what} == {}


def test_nothing_serious_in_passages_and_a_dialog(served, person):
    page = person(strict_policy=False)
    page.goto(f"{served.url}/retrieval-test")
    page.get_by_role("textbox", name="问题").wait_for()
    settle(page)
    page.get_by_role("textbox", name="问题").fill("华法林和阿司匹林能一起吃吗")
    page.get_by_role("button", name="检索", exact=True).click()
    page.locator(".kb-score").first.wait_for()
    assert serious(page) == []

    page.get_by_role("button", name="存为测试用例").first.click()
    page.get_by_role("dialog").wait_for()
    assert serious(page) == []
