"""What a person does on the pages for documents, by what they see."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, expect

_LONG = 90_000
"""Milliseconds until files are read in; a scanned page takes a while."""


def open_bases(page: Page, url: str) -> None:
    """The list of knowledge bases."""
    page.goto(f"{url}/knowledge-bases")
    expect(page.get_by_role("heading", name="知识库", exact=True)).to_be_visible()


def new_base(page: Page, name: str) -> None:
    """Make a base, and be on its page."""
    page.get_by_role("button", name="新建知识库").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称").fill(name)
    dialog.get_by_role("button", name="创建").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def settle(page: Page) -> None:
    """Wait until nothing is being drawn."""
    page.wait_for_timeout(300)  # until the run has begun that a click asks for
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def upload(page: Page, *files: Path | FilePayload) -> None:
    """Choose files on the page of a base and start reading them in."""
    page.get_by_role("tab", name="添加文档").click()
    settle(page)
    page.locator("input[type=file]").set_input_files(list(files))  # type: ignore[arg-type]
    page.get_by_role("button", name=f"读入 {len(files)} 个文件").click()


def wait_for_report(page: Page) -> Locator:
    """The report of the job under way, once it is done."""
    expect(page.get_by_role("heading", name="报告")).to_be_visible(timeout=_LONG)
    return page.locator("[data-testid=stExpander]").filter(has_text="用时")


def documents(page: Page) -> Locator:
    """The links of the documents in the table of the open base."""
    page.get_by_role("tab", name="文档", exact=True).click()
    return page.locator("table a.open")


def open_document(page: Page, title: str) -> None:
    """The page of a document of the open base."""
    documents(page).filter(has_text=title).first.click()
    expect(page.get_by_role("tab", name="文档卡片")).to_be_visible()


def is_as_wide_as_the_screen(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
