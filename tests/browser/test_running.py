"""Retrieval test, assistants, dashboard and status in a real browser."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import ask, open_chat
from tests.browser.curating import is_as_wide_as_the_screen, open_tab
from tests.browser.settling import settle

QUESTION = "华法林和阿司匹林能一起吃吗"


def test_a_passage_is_explained_compared_and_kept_as_a_case(served, person, keep):
    page = person()
    page.goto(f"{served.url}/retrieval-test")
    expect(page.get_by_role("textbox", name="问题")).to_be_visible()
    settle(page)
    page.get_by_role("textbox", name="问题").fill(QUESTION)
    page.get_by_role("button", name="检索", exact=True).click()
    first = page.locator(".kb-score").first
    expect(first).to_contain_text("所问内容对应的章节")
    expect(first.locator(".bar span").nth(2)).to_be_attached()
    expect(page.locator(".kb-passage").first).to_contain_text("阿司匹林")
    keep(page, "retrieval-passages")

    settle(page)
    page.get_by_text("与其他设置对比").click()
    settle(page)
    number = page.get_by_role("spinbutton", name="章节相符")
    number.fill("0")
    number.press("Enter")
    expect(page.get_by_text("章节相符 0", exact=True)).to_be_visible()
    settle(page)
    keep(page, "retrieval-compared")

    page.get_by_role("button", name="存为测试用例").first.click()
    expect(page.get_by_role("dialog").get_by_role("button", name="保存")).to_be_visible()
    settle(page)
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    open_tab(page, "测试用例")
    page.get_by_role("button", name="运行全部用例").click()
    expect(page.locator("tbody tr").first).to_contain_text(QUESTION)
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("100 %")
    keep(page, "retrieval-cases")


def test_an_assistant_is_edited_tried_duplicated_exported_and_imported(served, person, keep, tmp_path):
    page = person()
    page.goto(f"{served.url}/assistants")
    page.locator("a.open", has_text="用药助手").click()
    expect(page.get_by_role("button", name="复制", exact=True)).to_be_visible()
    settle(page)
    page.get_by_role("button", name="复制", exact=True).click()
    expect(page.get_by_role("heading", name="用药助手（副本）")).to_be_visible()
    settle(page)  # below the new heading stands the old form until then

    name = page.get_by_role("textbox", name="中文名称")
    name.fill("病区助手")
    name.press("Tab")
    expect(page.get_by_text("尚未保存")).to_be_visible()
    settle(page)
    page.get_by_role("textbox", name="问题").fill("阿司匹林肠溶片的用法用量")
    page.get_by_role("button", name="提问").click()
    expect(page.locator("button.cite").first).to_be_visible()
    settle(page)
    keep(page, "assistants-tried")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="病区助手", exact=True)).to_be_visible()
    settle(page)

    with page.expect_download() as download:
        page.get_by_role("button", name="导出").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert "病区助手" in file.read_text("utf-8")
    page.get_by_role("button", name="删除").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="删除")).to_be_visible()
    settle(page)
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    expect(page.get_by_role("heading", name="助手", exact=True)).to_be_visible()
    expect(page.locator("a.open", has_text="病区助手")).to_have_count(0)
    settle(page)

    page.get_by_role("button", name="导入").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="导入")).to_be_visible()
    settle(page)
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog.get_by_role("button", name="导入")).to_be_enabled()
    settle(page)
    dialog.get_by_role("button", name="导入").click()
    expect(page.get_by_role("heading", name="病区助手", exact=True)).to_be_visible()
    keep(page, "assistants-form")


def test_the_dashboard_counts_a_question_and_gives_it_out(served, person, keep, tmp_path):
    page = person()
    open_chat(page, served.url)
    ask(page, "盐酸二甲双胍片的禁忌有哪些？")
    ask(page, "司美格鲁肽注射液每周打几次？")
    page.goto(f"{served.url}/dashboard")
    expect(page.get_by_test_id("stMetric").first).to_contain_text("提问")
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(3)
    settle(page)
    page.wait_for_timeout(500)  # charts are drawn after their data came
    keep(page, "dashboard")

    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").first.click()
    file = tmp_path / "figures.csv"
    download.value.save_as(file)
    rows = list(csv.DictReader(io.StringIO(Path(file).read_text("utf-8-sig"))))
    assert sum(int(row["questions"]) for row in rows) >= 2
    open_tab(page, "待补充资料")
    expect(page.locator("tbody")).to_contain_text("司美格鲁肽")
    keep(page, "dashboard-unanswered")
    open_tab(page, "常用文档")
    page.locator("a.open", has_text="盐酸二甲双胍片说明书").first.click()
    expect(page.get_by_role("tab", name="文档卡片")).to_be_visible()


def test_the_status_tells_what_is_in_use(served, person, keep):
    page = person()
    page.goto(f"{served.url}/status")
    expect(page.get_by_text("extractive", exact=True).first).to_be_visible()
    settle(page)
    page.get_by_role("button", name="测试", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="可用")).to_be_visible()
    keep(page, "status")
    open_tab(page, "设置")
    page.get_by_role("searchbox").or_(page.get_by_role("textbox", name="查找设置")).first.fill("LANGUAGE")
    page.keyboard.press("Enter")
    expect(page.get_by_text("KBCHAT_LANGUAGE", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "address", ["retrieval-test", "assistants", "assistants?assistant=medication", "dashboard", "status"]
)
def test_pages_fit_a_phone(served, person, keep, address):
    page = person(width=390, height=844, scheme="dark")
    page.goto(f"{served.url}/{address}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settle(page)

    assert is_as_wide_as_the_screen(page)
    keep(page, f"phone-{address.partition('?')[0]}-{'form' if '?' in address else 'list'}")
