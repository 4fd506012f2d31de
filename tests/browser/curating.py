"""What a person does on the pages for documents, by what they see."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.settling import settle

LONG = 240_000
"""Milliseconds until files are read in; a scanned page takes a while."""


def open_bases(page: Page, url: str) -> None:
    """The list of knowledge bases."""
    page.goto(f"{url}/knowledge-bases")
    expect(page.get_by_role("heading", name="知识库", exact=True)).to_be_visible()
    settle(page)


def new_base(page: Page, name: str) -> None:
    """Make a base, and be on its page."""
    page.get_by_role("button", name="新建知识库").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("名称")).to_be_visible()
    settle(page)
    dialog.get_by_label("名称").fill(name)
    dialog.get_by_role("button", name="创建").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    settle(page)


def open_tab(page: Page, name: str) -> None:
    """Go to a tab, which may be drawn only then."""
    settle(page)
    page.get_by_role("tab", name=name, exact=True).click()
    settle(page)


def upload(page: Page, *files: Path | FilePayload) -> None:
    """Choose files on the page of a base and start reading them in."""
    open_tab(page, "添加文档")
    page.locator("input[type=file]").set_input_files(list(files))  # type: ignore[arg-type]
    expect(page.get_by_role("button", name=f"读入 {len(files)} 个文件")).to_be_enabled()
    settle(page)
    page.get_by_role("button", name=f"读入 {len(files)} 个文件").click()


def wait_for_report(page: Page) -> Locator:
    """The report of the job under way, once it is done."""
    expect(page.get_by_role("heading", name="报告")).to_be_visible(timeout=LONG)
    settle(page)
    return page.locator("[data-testid=stExpander]").filter(has_text="用时")


def documents(page: Page) -> Locator:
    """The links of the documents in the table of the open base."""
    open_tab(page, "文档")
    return page.locator("table a.open")


def open_document(page: Page, title: str) -> None:
    """The page of a document of the open base."""
    documents(page).filter(has_text=title).first.click()
    expect(page.get_by_role("tab", name="文档卡片")).to_be_visible()
    settle(page)


def is_as_wide_as_the_screen(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
