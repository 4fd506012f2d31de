"""Waiting until a page is at rest: whoever fills or presses what a run is about to replace does it for nothing."""

from __future__ import annotations

from playwright.sync_api import Page

_AT_REST = """() => {
  const app = document.querySelector(".stApp");
  const calm = app && app.dataset.testScriptState === "notRunning" && !document.querySelector('[data-stale="true"]');
  if (!calm) delete window.calmSince;
  else window.calmSince ??= performance.now();
  return calm && performance.now() - window.calmSince > 500;
}"""


def settle(page: Page) -> None:
    """Wait until half a second has gone by in which nothing ran and nothing was dimmed.

    So long because a run begins only some time after the click that asks for it, and may ask for another.
    """
    page.evaluate("delete window.calmSince")
    page.wait_for_function(_AT_REST, polling=50)
