"""A kbchat with two small leaflets behind the pages, which are run without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kbchat.access.principal import Role, local_principal
from kbchat.services import Services
from kbchat.types import SectionKind
from tests.integration.ui.page_contents import leaflet
from ui import bootstrap

Show = Callable[..., AppTest]


def draw_page(module: str, user: str, roles: tuple[str, ...]) -> None:
    """What the app does for one page."""
    import importlib

    from kbchat.access.principal import Principal, Role
    from kbchat.errors import KbchatError
    from ui import bootstrap
    from ui.components.problem import show_error

    principal = Principal(user, frozenset(Role(role) for role in roles))
    try:
        importlib.import_module(f"ui.pages.{module}").render(bootstrap.services(principal))
    except KbchatError as error:
        show_error(error)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services behind the pages, for an administrator; base ``demo`` holds two leaflets."""
    monkeypatch.setenv("KBCHAT_DATA_DIR", str(tmp_path / "data"))
    bootstrap.close()
    found = bootstrap.services(local_principal("anna"))
    found.bases.create("demo", "leaflets of the ward")
    leaflet(
        found,
        "阿司匹林肠溶片",
        {SectionKind.DOSAGE: "一次0.1g，一日1次。", SectionKind.CONTRAINDICATIONS: "溃疡患者禁用。"},
    )
    leaflet(found, "华法林钠片", {SectionKind.INTERACTIONS: "与阿司匹林合用增加出血风险。"})
    yield found
    bootstrap.close()


@pytest.fixture
def show(services: Services) -> Show:
    """Runs a page for somebody with ``roles``; keyword arguments are the parameters of its address."""

    def run(module: str, *roles: Role, **address: object) -> AppTest:
        page = AppTest.from_function(
            draw_page, default_timeout=120, args=(module, "anna", tuple(role.value for role in roles or (Role.ADMIN,)))
        )
        page.session_state["language"] = "en"
        for name, value in address.items():
            page.query_params[name] = str(value)
        page.run()
        assert not page.exception, page.exception
        return page

    return run
