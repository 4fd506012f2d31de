"""Addresses of originals: who they serve, for how long, and what is sent under them."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from kbchat.access.principal import local_principal
from kbchat.services.originals import original_file
from ui import bootstrap
from ui.browser_cookie import BROWSER_COOKIE
from ui.original_links import OriginalLinks, opens_in_browser
from ui.serving import ORIGINAL_PATH, open_original

BROWSER, OTHER = "b" * 43, "c" * 43
NURSE = local_principal("nurse")


def test_an_address_serves_only_the_browser_it_was_made_for():
    links = OriginalLinks()
    token = links.token(NURSE, 3, BROWSER)

    found = links.find(token, BROWSER)
    assert found is not None
    assert (found.principal, found.revision) == (NURSE, 3)
    assert len(token) >= 43
    for browser in (OTHER, ""):
        assert links.find(token, browser) is None
    assert links.find("x", BROWSER) is None


def test_an_address_stays_the_same_for_a_while_and_is_another_for_others():
    links = OriginalLinks()
    token = links.token(NURSE, 3, BROWSER)

    assert links.token(NURSE, 3, BROWSER) == token
    others = {
        links.token(NURSE, 4, BROWSER),
        links.token(NURSE, 3, OTHER),
        links.token(local_principal("x"), 3, BROWSER),
    }
    assert len(others | {token}) == 4


def test_an_address_that_has_ended_opens_nothing_and_is_let_go():
    links = OriginalLinks(lifetime=0.0)
    token = links.token(NURSE, 3, BROWSER)

    assert links.find(token, BROWSER) is None
    assert links.token(NURSE, 3, BROWSER) != token


@pytest.mark.parametrize(
    ("name", "kind", "opens"),
    [
        ("a.pdf", "pdf", True),
        ("a.png", "image", True),
        ("a.svg", "image", False),
        ("a.pdf", "html", False),
        ("a.html", "html", False),
        ("a.md", "markdown", False),
        ("a.docx", "docx", False),
    ],
)
def test_only_pdf_and_pictures_open_in_the_browser(name, kind, opens):
    assert opens_in_browser(original_file(Path(name), name, kind)) is opens


def test_without_an_address_nothing_is_said_of_why(monkeypatch):
    monkeypatch.setattr(bootstrap, "application", lambda: pytest.fail("not reached"))
    client = TestClient(Starlette(routes=[Route(ORIGINAL_PATH, open_original)]))
    token = bootstrap.original_links().token(NURSE, 1, BROWSER)

    answers = [
        client.get(f"/original/{token}"),
        client.get(f"/original/{token}", headers={"cookie": f"{BROWSER_COOKIE}={OTHER}"}),
        client.get("/original/unknown", headers={"cookie": f"{BROWSER_COOKIE}={BROWSER}"}),
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1
