"""Knowledge bases in a real browser: made, filled, looked through, corrected, deleted."""

from __future__ import annotations

import io
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SAMPLES
from tests.browser.curating import (
    LONG,
    documents,
    is_as_wide_as_the_screen,
    new_base,
    open_bases,
    open_document,
    open_tab,
    upload,
    wait_for_report,
)
from tests.browser.settling import settle

LEAFLET = SAMPLES / "leaflets" / "华法林钠片.pdf"
SCAN = SAMPLES / "leaflets" / "布洛芬缓释胶囊_扫描件.pdf"
PROBE = '<img src=x onerror="window.hit=1">[a](javascript:window.hit=1) $x$ :red[r]'


def text_file(name: str, text: str) -> dict:
    return {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}


def leaflet_text(dose: str, title: str = "测试药片说明书") -> str:
    return f"# {title}\n\n## 【药品名称】\n\n通用名称：测试药片\n\n## 【用法用量】\n\n口服。一次{dose}，一日3次。\n\n## 【禁忌】\n\n对本品过敏者禁用。\n"


def test_from_an_empty_base_to_the_page_of_a_document(served, person, keep):
    page = person()
    open_bases(page, served.url)
    new_base(page, "病区资料 一")
    keep(page, "documents-empty-base")
    upload(page, LEAFLET)
    expect(
        page.get_by_text("离开或刷新页面不会中断处理").or_(page.get_by_role("heading", name="报告")).first
    ).to_be_visible()
    page.reload()  # the work is a job in the store
    open_tab(page, "添加文档")
    report = wait_for_report(page)
    expect(report).to_contain_text("新增 1")
    keep(page, "documents-report")

    expect(documents(page)).to_have_text(["华法林钠片说明书"])
    row = page.locator("tbody tr")
    expect(row).to_contain_text("说明书")
    expect(row).to_contain_text("使用中")
    expect(row).to_contain_text("2021-04-22")
    keep(page, "documents-table")

    open_document(page, "华法林钠片说明书")
    picture = page.get_by_test_id("stImage").locator("img")
    expect(picture).to_have_attribute("alt", "华法林钠片说明书 第 1 页")
    sections = page.get_by_role("radiogroup", name="章节")
    expect(sections.get_by_role("radio").nth(5)).to_be_attached()
    settle(page)
    sections.locator("label").filter(has_text="药物相互作用").first.click()
    expect(picture).to_have_attribute("alt", "华法林钠片说明书 第 2 页")
    keep(page, "documents-page-picture")
    page.reload()  # the address names the document
    expect(page.get_by_role("heading", name="华法林钠片说明书")).to_be_visible()


def test_a_bad_file_is_told_with_what_to_do(served, person, keep):
    page = person()
    open_bases(page, served.url)
    new_base(page, "坏文件")
    broken = {"name": "坏的.pdf", "mimeType": "application/pdf", "buffer": LEAFLET.read_bytes()[:2000]}
    upload(page, broken, text_file("好的.md", leaflet_text("1g")))
    wait_for_report(page)

    expect(page.get_by_text("需要处理（1）")).to_be_visible()
    alert = page.get_by_role("alert").filter(has_text="坏的.pdf")
    expect(alert).to_contain_text("PDF")
    keep(page, "documents-failed-file")


def test_a_zip_is_unpacked_and_the_same_name_makes_a_revision(served, person, keep):
    page = person()
    open_bases(page, served.url)
    new_base(page, "版本")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("测试药片.md", leaflet_text("0.1g"))
        archive.writestr("另一种.md", leaflet_text("2g", "另一种药片说明书"))
    upload(page, {"name": "资料.zip", "mimeType": "application/zip", "buffer": packed.getvalue()})
    expect(wait_for_report(page)).to_contain_text("新增 2")
    expect(documents(page)).to_have_count(2)

    with_change = io.BytesIO()
    with zipfile.ZipFile(with_change, "w") as archive:
        archive.writestr("测试药片.md", leaflet_text("0.3g"))
    upload(page, {"name": "资料.zip", "mimeType": "application/zip", "buffer": with_change.getvalue()})
    expect(page.get_by_text("新版本 1").first).to_be_visible(timeout=LONG)

    open_document(page, "测试药片说明书")
    open_tab(page, "版本")
    expect(page.locator("table a.open")).to_have_text(["第 2 版", "第 1 版"])
    expect(page.locator(".kb-diff ins")).to_have_text(["0.3"])
    expect(page.locator(".kb-diff del")).to_have_text(["0.1"])
    keep(page, "documents-difference")
    page.locator("table a.open", has_text="第 1 版").click()
    expect(page.get_by_text("正在查看第 1 版，并非当前版本。")).to_be_visible()


def test_a_document_is_corrected_retired_restored_and_read_again(served, person, keep):
    page = person()
    open_bases(page, served.url)
    new_base(page, "修改")
    upload(page, text_file("测试药片.md", leaflet_text("0.1g")))
    wait_for_report(page)
    open_document(page, "测试药片说明书")

    open_tab(page, "文档卡片")
    page.get_by_role("textbox", name="标题").fill("改过的标题")
    page.get_by_role("textbox", name="修订日期").fill("去年")
    page.get_by_role("button", name="保存卡片").click()
    expect(page.get_by_role("alert").filter(has_text="revised_on")).to_be_visible()
    settle(page)
    page.get_by_role("textbox", name="修订日期").fill("2024-05")
    page.get_by_role("button", name="保存卡片").click()
    expect(page.get_by_role("heading", name="改过的标题")).to_be_visible()
    settle(page)
    keep(page, "documents-card")

    page.get_by_role("button", name="停用", exact=True).click()
    expect(page.get_by_text("已停用：不再参与检索")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="恢复使用").click()
    expect(page.get_by_text("已停用：不再参与检索")).to_have_count(0)
    settle(page)

    page.get_by_role("button", name="重新读取").click()
    page.get_by_role("dialog").get_by_role("button", name="开始").click()
    expect(page.get_by_role("heading", name="修改", exact=True)).to_be_visible()
    open_tab(page, "上传与报告")
    expect(page.get_by_text("重新读取：测试药片.md").first).to_be_visible()


def test_what_people_write_is_shown_letter_by_letter(served, person, keep):
    page = person()
    open_bases(page, served.url)
    new_base(page, "转义 <b>x")
    upload(page, text_file(f"{PROBE[:24]}.md".replace("/", "_"), leaflet_text("0.1g", PROBE)))
    wait_for_report(page)
    expect(documents(page).first).to_be_visible()
    open_document(page, "<img src=x")
    expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x")
    for tab in ("文档卡片", "版本", "页面与章节"):
        open_tab(page, tab)
    keep(page, "documents-escaped")
    page.goto(f"{served.url}/knowledge-bases")
    expect(page.locator("a.open", has_text="转义 <b>x")).to_be_visible()

    assert page.evaluate("window.hit") is None
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("a[href^=javascript]").count() == 0


def test_a_base_is_renamed_and_deleted_after_its_name_was_typed(served, person, keep):
    page = person()
    open_bases(page, served.url)
    new_base(page, "旧名")
    open_tab(page, "设置")
    page.get_by_label("名称", exact=True).fill("新名")
    page.get_by_role("button", name="保存").first.click()
    expect(page.get_by_role("heading", name="新名", exact=True)).to_be_visible()

    open_tab(page, "设置")
    page.get_by_role("button", name="删除知识库").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("请输入知识库名称以确认")).to_be_visible()
    settle(page)
    dialog.get_by_label("请输入知识库名称以确认").fill("旧名")
    dialog.get_by_role("button", name="永久删除").click()
    expect(dialog.get_by_role("alert")).to_contain_text("新名")
    settle(page)
    keep(page, "documents-delete-base")
    dialog.get_by_label("请输入知识库名称以确认").fill("新名")
    dialog.get_by_role("button", name="永久删除").click()
    expect(page.get_by_role("heading", name="知识库", exact=True)).to_be_visible()
    expect(page.locator("a.open", has_text="新名")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_rows_become_cards(served, person, keep, scheme):
    page = person(width=390, height=844, scheme=scheme)
    page.goto(f"{served.url}/knowledge-bases?base=demo")
    expect(page.locator("table a.open").first).to_be_visible()
    settle(page)

    assert is_as_wide_as_the_screen(page)
    assert page.locator("thead").bounding_box() is None
    box = page.locator("tbody tr").first.bounding_box()
    assert box is not None
    assert box["width"] <= 390
    keep(page, f"documents-phone-{scheme}")
    page.locator("table a.open", has_text="华法林钠片说明书").first.click()
    expect(page.get_by_test_id("stImage").locator("img")).to_be_visible()
    settle(page)
    assert is_as_wide_as_the_screen(page)
    keep(page, f"documents-phone-page-{scheme}")


def test_the_table_is_used_with_the_keyboard_alone(served, person):
    page = person()
    page.goto(f"{served.url}/knowledge-bases?base=demo")
    head = page.locator("button.sort", has_text="页数")
    expect(head).to_be_visible()
    settle(page)
    head.focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("页数")
    expect(head).to_be_focused()
    settle(page)
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("页数")
    expect(page.locator("tbody tr").first.locator("td.end").first).to_have_text("3")

    settle(page)
    page.locator("a.open").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="文档卡片")).to_be_visible()
