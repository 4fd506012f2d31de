"""Take the README's picture of the app: a question over the sample documents, and the page its citation opens.

    python scripts/app_picture.py DATA_FOLDER OUTPUT.png [QUESTION] [CITATION]

DATA_FOLDER is one that ``kbchat demo`` filled; Debian's Chromium draws the page.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

from playwright.sync_api import sync_playwright

_PORT = 8597
_QUESTION = "二甲双胍一天最多吃多少？肾功能不全怎么用？"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def wait_for(address: str) -> None:
    """Until the app answers. Raises SystemExit after a minute."""
    for _ in range(120):
        try:
            urllib.request.urlopen(address, timeout=2)  # noqa: S310 - our own address
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
        else:
            return
    raise SystemExit(f"nothing answers at {address}")


def take(address: str, output: str, question: str, citation: str) -> None:
    """Ask, open the citation, save what is seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        page.goto(address)
        box = page.locator("[data-testid=stChatInput] textarea")
        box.fill(question, timeout=60_000)
        box.press("Enter")
        page.get_by_role("button", name="复制").first.wait_for(timeout=60_000)
        page.locator(f"button:has-text('{citation}'), a:has-text('{citation}')").first.click()
        page.locator("img[alt*='页']").first.wait_for(timeout=60_000)
        time.sleep(3)  # what moves into view comes to rest
        page.screenshot(path=output)
        browser.close()


def main() -> None:
    """Start the app, take the picture, stop the app."""
    folder, output, *rest = sys.argv[1:]
    question, citation = (*rest, *(_QUESTION, "1")[len(rest) :])
    command = [sys.executable, "-m", "kbchat", "ui", "--port", str(_PORT), "--data-dir", folder, "--lang", "zh"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{_PORT}"
        wait_for(address)
        take(address, output, question, citation)
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
