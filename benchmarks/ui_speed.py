"""The app in real Chromium: first paint, question to first words, large lists, many people at once.

    python benchmarks/ui_speed.py [--sessions 20] [--rounds 5]

First paint is the time from opening the page in a fresh browser context until it can be used (kbchat: the question's box;
the peer, a two-line Streamlit app served in the same run: its text), warm servers, in turn. Lists: a base of 1,000 documents
(14,000 chunks) and a person with 500 conversations, from opening the address to seeing them. Many at once: each browser context is
another person; all press Enter at the same moment, and the time runs until the answer's first words, and until it is whole. Chromium
with all its pages shares the machine with the servers. So the same browsers ask a minimal Streamlit chat app, which says the question
again, in the same run: what that takes is the floor. What does not depend on other people's pages is told as well: the processor time
of a question in the server (the answer, drawing it, what to ask next) and in the browser, and the messages between them.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from many_leaflets import questions
from playwright.async_api import Browser, BrowserContext, Page, WebSocket, async_playwright
from results_file import print_table, write_results
from service_process import BASE, Server, base_of_leaflets, quantile, running

from kbchat.app import App
from kbchat.settings import load_settings
from kbchat.store import NewMessage
from ui.browser_cookie import BROWSER_COOKIE
from ui.sign_in import user_of_browser

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_FLAGS += ["--disable-component-update", "--disable-sync"]
_ECHO = """import streamlit as st
said = st.session_state.setdefault("said", [])
question = st.chat_input("ask")
if question:
    said += [("user", question), ("assistant", question)]
for who, text in said:
    with st.chat_message(who):
        st.markdown(text)
"""
_SAID_AGAIN = "[data-testid=stChatMessage] >> nth=1"
_TWO_LINES = 'import streamlit as st\nst.write("two lines")\n'
_DOCUMENTS = 1000
_CONVERSATIONS = 500
_BOX = "[data-testid=stChatInputTextArea]"
_WORDS = ".kb-stream, button.cite"
_END = "button.regenerate"
_ALONE = 8
_MILLISECONDS = 60_000
_AFTERWARDS = 2500


@dataclass(frozen=True, slots=True)
class ChatApp:
    """An app that is asked: its server's process, and by what an answer's first words and its end are seen."""

    address: str
    process: int
    words: str
    end: str


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def streamlit_app(folder: Path, name: str, code: str) -> Iterator[Server]:
    """A Streamlit app of its own."""
    script = folder / f"{name}.py"
    script.write_text(code, encoding="utf-8")
    port = free_port()
    options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *options, "--browser.gatherUsageStats", "false"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            with suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()  # noqa: S310 - our own address
                break
            time.sleep(0.5)
        yield Server(process, address)
    finally:
        process.terminate()
        process.wait(30)


def conversations_of(data: Path, user: str, count: int) -> None:
    """Give a person so many conversations of one question each."""
    app = App(load_settings(data_dir=data))
    with app.store.together():
        for number in range(count):
            kept = app.store.create_conversation(user, f"第{number}个问题：怎么服用？", bases=[BASE])
            added = [NewMessage("user", "怎么服用？"), NewMessage("assistant", "饭后服用。", "answered", None)]
            app.store.add_messages(user, kept.id, added)
    app.close()


async def seen_after(page: Page, address: str, selector: str) -> float:
    """Seconds from opening ``address`` until ``selector`` is visible."""
    started = time.perf_counter()
    await page.goto(address, wait_until="commit")
    await page.locator(selector).first.wait_for(timeout=_MILLISECONDS)
    return time.perf_counter() - started


async def first_paint(browser: Browser, address: str, selector: str) -> float:
    """Seconds until a fresh browser context shows the page."""
    context = await browser.new_context(locale="zh-CN")
    try:
        return await seen_after(await context.new_page(), address, selector)
    finally:
        await context.close()


async def asked(page: Page, app: ChatApp) -> tuple[float, float]:
    """Seconds from Enter, with a question in the box, until the answer's first words are seen, and until its end is."""
    started = time.perf_counter()
    await page.locator(_BOX).press("Enter")
    await page.locator(app.words).first.wait_for(timeout=_MILLISECONDS)
    first = time.perf_counter() - started
    await page.locator(app.end).first.wait_for(timeout=_MILLISECONDS)
    return first, time.perf_counter() - started


@dataclass(slots=True)
class Alone:
    """What one person's questions took: seconds to the first words, processor seconds of server and browser, messages, bytes."""

    first: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    browser: list[float] = field(default_factory=list)
    messages: list[float] = field(default_factory=list)
    size: list[float] = field(default_factory=list)


class Counted:
    """The messages of a page's web sockets, as they come in."""

    def __init__(self, page: Page) -> None:
        self.messages = 0
        self.size = 0
        page.on("websocket", self._opened)

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._received)

    def _received(self, message: str | bytes) -> None:
        self.messages += 1
        self.size += len(message)


def processor_seconds(process: int) -> float:
    """Processor time that a process has used so far."""
    used = psutil.Process(process).cpu_times()
    return float(used.user + used.system)


def browser_seconds() -> float:
    """Processor time that Chromium has used so far, all its processes together."""
    used = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # one that has just ended
            if "chrom" in process.name():
                used += processor_seconds(process.pid)
    return used


async def alone(browser: Browser, app: ChatApp, drugs: list[str], count: int) -> Alone:
    """One person asks, each question in a new conversation; the first warms the server."""
    found = Alone()
    for number, question in enumerate(questions(drugs, count + 1, seed=11)):
        context = await browser.new_context(locale="zh-CN")
        page = await context.new_page()
        counted = Counted(page)
        await seen_after(page, app.address, _BOX)
        await page.wait_for_timeout(_AFTERWARDS)  # the examples below the box are worked out first
        await page.locator(_BOX).fill(question)
        before = (processor_seconds(app.process), counted.messages, counted.size, browser_seconds())
        first, _ = await asked(page, app)
        await page.wait_for_timeout(_AFTERWARDS)  # what to ask next comes after the answer
        if number:
            found.first.append(first)
            found.processor.append(processor_seconds(app.process) - before[0])
            found.browser.append(browser_seconds() - before[3])
            found.messages.append(counted.messages - before[1])
            found.size.append(counted.size - before[2])
        await context.close()
    return found


async def many(browser: Browser, app: ChatApp, drugs: list[str], sessions: int) -> tuple[list[float], list[float], int]:
    """First words, whole answers and errors of people who all ask at the same moment."""
    contexts: list[BrowserContext] = [await browser.new_context(locale="zh-CN") for _ in range(sessions)]
    pages = [await context.new_page() for context in contexts]
    for page, question in zip(pages, questions(drugs, sessions, seed=12), strict=True):
        await seen_after(page, app.address, _BOX)
        await page.locator(_BOX).fill(question)
    await pages[-1].wait_for_timeout(3000)
    results = await asyncio.gather(*(asked(page, app) for page in pages), return_exceptions=True)
    errors = [one for one in results if isinstance(one, BaseException)]
    for error in errors[:3]:
        print("error:", error)
    for context in contexts:
        await context.close()
    good = [one for one in results if not isinstance(one, BaseException)]
    return [first for first, _ in good], [whole for _, whole in good], len(errors)


async def lists(browser: Browser, address: str, browser_id: str, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds until the documents of the base, and the conversations of the person, are seen."""
    context = await browser.new_context(locale="zh-CN")
    await context.add_cookies([{"name": BROWSER_COOKIE, "value": browser_id, "url": address}])
    page = await context.new_page()
    documents, conversations = [], []
    for _ in range(rounds + 1):
        documents.append(await seen_after(page, f"{address}/knowledge-bases?base={BASE}", "text=说明书.md"))
        conversations.append(await seen_after(page, address, ".rows .row"))
    await context.close()
    return documents[1:], conversations[1:]


async def measure(
    kbchat: ChatApp, echo: ChatApp, peer: str, drugs: list[str], *, browser_id: str, given: argparse.Namespace
) -> dict[str, object]:
    """All figures."""
    address = kbchat.address
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        ours, theirs = [], []
        for _ in range(given.rounds + 1):  # the first of each warms the server
            ours.append(await first_paint(browser, address, _BOX))
            theirs.append(await first_paint(browser, peer, "text=two lines"))
        one = await alone(browser, kbchat, drugs, _ALONE)
        floor = await alone(browser, echo, drugs, _ALONE // 2)
        documents, conversations = await lists(browser, address, browser_id, given.rounds)
        first, whole, errors = await many(browser, kbchat, drugs, given.sessions)
        again, _, _ = await many(browser, echo, drugs, given.sessions)
        await browser.close()
    paint, paint_peer = quantile(ours[1:], 0.5), quantile(theirs[1:], 0.5)
    return {
        "first paint, chat page, median s": round(paint, 2),
        "first paint, two-line Streamlit app, median s": round(paint_peer, 2),
        "ratio": round(paint / paint_peer, 2),
        "question to first words, one person, 14k chunks, p50 / p95 s": [
            round(quantile(one.first, share), 2) for share in (0.5, 0.95)
        ],
        "processor seconds of the server a question, median": round(quantile(one.processor, 0.5), 2),
        "processor seconds of Chromium a question, median": round(quantile(one.browser, 0.5), 2),
        "the same of a minimal Streamlit chat app, server / Chromium": [
            round(quantile(floor.processor, 0.5), 2),
            round(quantile(floor.browser, 0.5), 2),
        ],
        "messages to the browser a question, median": quantile(one.messages, 0.5),
        "bytes to the browser a question, median": quantile(one.size, 0.5),
        "base of 1,000 documents seen after, median s": round(quantile(documents, 0.5), 2),
        "chat page of a person with 500 conversations seen after, median s": round(quantile(conversations, 0.5), 2),
        "people asking at once": given.sessions,
        "errors": errors,
        "first words p50 / p95, s": [round(quantile(first, share), 2) for share in (0.5, 0.95)],
        "whole answers p50 / p95, s": [round(quantile(whole, share), 2) for share in (0.5, 0.95)],
        "minimal Streamlit chat app, as many people: the question said again p50 / p95, s": [
            round(quantile(again, share), 2) for share in (0.5, 0.95)
        ],
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    browser_id = secrets.token_urlsafe(32)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        drugs = base_of_leaflets(folder, _DOCUMENTS)
        conversations_of(folder / "data", user_of_browser(browser_id), _CONVERSATIONS)
        with (
            running(folder / "data", "ui", free_port()) as server,
            streamlit_app(folder, "two_lines", _TWO_LINES) as peer,
            streamlit_app(folder, "echo", _ECHO) as echo,
        ):
            ours = ChatApp(server.address, server.process.pid, _WORDS, _END)
            theirs = ChatApp(echo.address, echo.process.pid, _SAID_AGAIN, _SAID_AGAIN)
            figures = asyncio.run(measure(ours, theirs, peer.address, drugs, browser_id=browser_id, given=given))
    print_table(("figure", "value"), list(figures.items()))
    print(write_results("ui_speed", "python benchmarks/ui_speed.py", figures))


if __name__ == "__main__":
    main()
