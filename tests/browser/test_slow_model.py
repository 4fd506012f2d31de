"""A slow language model: others go on, Stop stops, and what was shown is kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import ask, open_chat
from tests.browser.conftest import Served, start_app, stop_app
from tests.browser.settling import settle
from tests.process_tree import eventually

STUB = Path(__file__).resolve().parents[1] / "integration" / "openai_stub.py"


@pytest.fixture(scope="module")
def slow_model() -> Iterator[str]:
    """A model server that takes two minutes for an answer unless it is told to end."""
    process = subprocess.Popen([sys.executable, str(STUB)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    process.terminate()
    process.wait(60)
    process.stdout.close()


@pytest.fixture(scope="module")
def slow(sample_data: Path, slow_model: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app with that model, drafts shown as they come."""
    folder = tmp_path_factory.mktemp("slow") / "data"
    shutil.copytree(sample_data, folder)
    process, url = start_app(
        folder, KBCHAT_GENERATION__MODEL=f"openai:held@{slow_model}", KBCHAT_SAFETY__STRICT="false"
    )
    yield Served(url, folder)
    stop_app(process)


def test_a_slow_answer_holds_nobody_up_and_can_be_stopped(slow, visitor, keep):
    page = visitor().new_page()
    open_chat(page, slow.url)
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("二甲双胍每日最大剂量是多少？")  # nobody releases this one
    box.press("Enter")
    expect(page.locator(".kb-draft")).to_contain_text("每日最大")
    expect(page.locator(".kb-progress")).to_be_visible()
    keep(page, "chat-draft")

    other = visitor().new_page()
    open_chat(other, slow.url)
    ask(other, "今天天气怎么样")
    expect(other.locator(".kb-out-of-scope")).to_be_visible()
    page.get_by_text("English", exact=True).click()  # the page is drawn again, the answer goes on
    expect(page.get_by_role("button", name="Stop")).to_be_visible()

    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped before its end")).to_be_visible()
    expect(page.locator(".answer")).to_contain_text("每日最大")
    page.reload()
    expect(page.get_by_text("Stopped before its end")).to_be_visible()
    expect(page.get_by_text("What there is of it was not checked.")).to_be_visible()


def test_a_reload_loses_no_answer_under_way(slow, slow_model, visitor):
    page = visitor().new_page()
    open_chat(page, slow.url)
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("华法林钠片每日剂量是多少？")
    box.press("Enter")
    expect(page.locator(".kb-draft")).to_be_visible()
    page.reload()

    expect(page.locator(".kb-welcome")).to_be_visible()
    urllib.request.urlopen(f"{slow_model.removesuffix('/v1')}/release", timeout=60).close()
    row = page.locator(".rows button.open").filter(has_text="华法林钠片每日剂量")

    def is_listed():
        page.reload()
        expect(page.locator(".kb-welcome")).to_be_visible()
        settle(page)
        return row.count() == 1

    eventually(is_listed)
    row.click()
    expect(page.locator("button.cite").first).to_be_visible()
    expect(page.get_by_text("回答前已停止")).to_have_count(0)
