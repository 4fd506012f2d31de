"""The real app over ``sample_kb`` in a process of its own, and real Chromium in front of it.

Screenshots go into the folder that ``TEST_SCREENSHOTS`` names (default: the temporary folder of the run).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from kbchat.app import App
from kbchat.cli.bases import create_base
from kbchat.settings import load_settings
from tests.ports import free_port

SAMPLES = Path(__file__).resolve().parents[2] / "sample_kb"
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_FAILED = pytest.StashKey[bool]()
_START_SECONDS = 180
PATIENCE = 90_000
"""Milliseconds until something that should be seen counts as missing; machines that test are busy."""
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember on the test whether it failed, for the screenshot of what was to be seen then."""
    report = yield
    if report.when == "call" and report.failed:
        item.stash[_FAILED] = True
    return report


@dataclass(frozen=True, slots=True)
class Served:
    """The app at ``url``, over the data in ``data_dir``."""

    url: str
    data_dir: Path


def start_app(data_dir: Path, **variables: str) -> tuple[subprocess.Popen[bytes], str]:
    """The app on a free port, ready to answer."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KBCHAT_")}
    environment |= {"KBCHAT_DATA_DIR": str(data_dir), "KBCHAT_LANGUAGE": "zh"} | variables
    command = [sys.executable, "-P", "-m", "ui", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, cwd=data_dir)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the app ended"
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=20).close()
            return process, url
        time.sleep(0.2)
    process.kill()
    pytest.fail("the app did not start")


def stop_app(process: subprocess.Popen[bytes]) -> None:
    """End it as Ctrl+C would."""
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(60)


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose base ``demo`` holds ``sample_kb``, scans read too."""
    from ingest.pipeline import IngestOptions, ingest

    app = App(load_settings(data_dir=tmp_path_factory.mktemp("sample"), language="zh"))
    embedder = app.embedder("default")
    assert embedder is not None
    base = create_base(app, "demo")
    ingest(
        [SAMPLES],
        store=app.store,
        base=base,
        embedder=embedder,
        index=app.index_for(base),
        settings=app.settings,
        options=IngestOptions(),
    )
    app.close()
    return app.settings.data_dir


@pytest.fixture(scope="session")
def served(sample_data: Path) -> Iterator[Served]:
    """The app over the sample documents; tests share it, each with browsers of its own."""
    process, url = start_app(sample_data)
    yield Served(url, sample_data)
    stop_app(process)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; skips where there is none."""
    path = os.environ.get("TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, headless=True, args=list(_FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def strict_browser(browser: Browser) -> Iterator[Browser]:
    """Chromium with third-party cookies blocked; of the same Playwright, as one thread can have but one."""
    path = os.environ.get("TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    flags = [*_FLAGS, "--test-third-party-cookie-phaseout"]
    launched = browser.browser_type.launch(executable_path=path, headless=True, args=flags)
    yield launched
    launched.close()


@pytest.fixture
def visitor(
    browser: Browser, screenshots: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts: each is another person with cookies of its own. What a page logs as an error fails the test."""
    opened: list[BrowserContext] = []
    wrong: list[str] = []

    def make(
        *,
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        locale: str = "zh-CN",
        strict_policy: bool = True,
    ) -> BrowserContext:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=locale,
            bypass_csp=not strict_policy,
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        context.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        opened.append(context)
        return context

    yield make
    failed = request.node.stash.get(_FAILED, False)
    for number, page in enumerate(page for context in opened for page in context.pages if failed):
        page.screenshot(path=screenshots / f"failed-{request.node.name}-{number}.png", full_page=True)
    for context in opened:
        context.close()
    assert failed or not wrong


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes pages, each of another person; an error of a script fails the test.

    Addresses below the root make Streamlit look for its server there first, so that "not found" in the console is no error.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def make(
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        locale: str = "zh-CN",
        *,
        strict_policy: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=locale,
            accept_downloads=True,
            bypass_csp=not strict_policy,
        )
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots are kept."""
    named = os.environ.get("TEST_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def keep(screenshots: Path) -> Callable[[Page, str], None]:
    """Keeps a screenshot under a name."""

    def take(page: Page, name: str) -> None:
        page.screenshot(path=screenshots / f"{name}.png")

    return take
