"""The script that Streamlit runs for every session: who asks, which language, which page.

To add a page:

1. ``ui/pages/NAME.py`` with ``def render(services: Services) -> None``. It reads state, calls a service, draws. Errors of the
   services (``KbchatError``) may rise out of it: they are shown here as a message with its remedy.
2. ``ui/i18n/NAME.py`` with its words as ``Bilingual`` constants; the page writes ``say(words.TITLE)``.
3. A line in ``PAGES`` below, with the role (``kbchat.access.principal.Role``) that a person needs to see the page.

What comes from documents or people is drawn through ``ui.escaping`` (``literal_markdown``, ``literal_label``,
``literal_html``). Formatting is pure and stands in modules that import no Streamlit (``ui/components/*_text.py``).
Nothing of a page is kept in module globals; session state keys begin with the page's name (``chat_...``).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from kbchat.access.principal import Role
from kbchat.errors import KbchatError
from kbchat.messages import Bilingual
from kbchat.services import Services
from ui import bootstrap
from ui.components.language_switch import language_switch
from ui.components.problem import show_error
from ui.escaping import literal_html
from ui.i18n import frame as words
from ui.i18n import language, say

_STYLE = Path(__file__).with_name("style.css")
# Dialogs and menus hang outside the element to which Streamlit gives the colour scheme.
_DARK, _LIGHT = (f"<style>:root {{ color-scheme: {scheme}; }}</style>" for scheme in ("dark", "light"))
_ICON = str(Path(__file__).with_name("icon.png"))


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page: its module in ``ui.pages``, title, Material icon, address, and the role it is for."""

    module: str
    title: Bilingual
    icon: str
    address: str
    role: Role


PAGES = (
    PageEntry("chat", words.CHAT, ":material/forum:", "chat", Role.READER),
    PageEntry("knowledge_bases", words.KNOWLEDGE_BASES, ":material/library_books:", "knowledge-bases", Role.READER),
    PageEntry("retrieval_test", words.RETRIEVAL_TEST, ":material/manage_search:", "retrieval-test", Role.CURATOR),
    PageEntry("assistants", words.ASSISTANTS, ":material/smart_toy:", "assistants", Role.CURATOR),
    PageEntry("dashboard", words.DASHBOARD, ":material/monitoring:", "dashboard", Role.ADMIN),
    PageEntry("status", words.STATUS, ":material/health_and_safety:", "status", Role.ADMIN),
)  # fmt: skip


def _run(entry: PageEntry, services: Services) -> Callable[[], None]:
    def page() -> None:
        try:
            importlib.import_module(f"ui.pages.{entry.module}").render(services)
        except KbchatError as error:
            show_error(error)

    page.__name__ = entry.module
    return page


def main() -> None:
    """One run of the script."""
    st.set_page_config(page_title=words.PRODUCT.en, page_icon=_ICON, layout="wide")
    st.html(_STYLE)
    st.html(_DARK if st.context.theme.type == "dark" else _LIGHT)
    try:
        services = bootstrap.services()
        language(bootstrap.settings().language)
        shown = [entry for entry in PAGES if services.principal.has(entry.role)]
        pages = [
            st.Page(
                _run(entry, services),
                title=say(entry.title),
                icon=entry.icon,
                url_path=entry.address,
                default=entry is shown[0],
            )
            for entry in shown
        ]
    except KbchatError as error:
        show_error(error)
        return
    chosen = st.navigation(pages, position="top")
    with st.sidebar, st.container(horizontal=True, vertical_alignment="center", key="frame_top", wrap=False):
        st.html(f'<div class="kb-product">{literal_html(say(words.PRODUCT))}</div>', width="content")
        language_switch()
    chosen.run()


if __name__ == "__main__":  # worker processes of a job import this file under another name
    main()
