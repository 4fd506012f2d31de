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
from functools import partial
from pathlib import Path

import streamlit as st

from kbchat.access.principal import Role
from kbchat.errors import KbchatError
from kbchat.messages import Bilingual
from kbchat.services import Services
from ui import bootstrap
from ui.components.conversation_list import draw_way_back
from ui.components.language_switch import language_switch
from ui.components.page_links import follow
from ui.components.problem import show_error
from ui.escaping import literal_html
from ui.i18n import frame as words
from ui.i18n import language, say
from ui.i18n import sign_in as sign_in_words
from ui.identity import SignedOut, who
from ui.sign_in_page import nothing_open, person, sign_in_page

_STYLE = Path(__file__).with_name("style.css")
# Dialogs and menus hang outside the element to which Streamlit gives the colour scheme.
_DARK, _LIGHT = (f"<style>:root {{ color-scheme: {scheme}; }}</style>" for scheme in ("dark", "light"))
_CHAT = "chat"
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
    PageEntry(_CHAT, words.CHAT, ":material/forum:", "chat", Role.READER),
    PageEntry("knowledge_bases", words.KNOWLEDGE_BASES, ":material/library_books:", "knowledge-bases", Role.READER),
    PageEntry("retrieval_test", words.RETRIEVAL_TEST, ":material/manage_search:", "retrieval-test", Role.CURATOR),
    PageEntry("assistants", words.ASSISTANTS, ":material/smart_toy:", "assistants", Role.CURATOR),
    PageEntry("dashboard", words.DASHBOARD, ":material/monitoring:", "dashboard", Role.ADMIN),
    PageEntry("status", words.STATUS, ":material/health_and_safety:", "status", Role.ADMIN),
)  # fmt: skip


def _run(entry: PageEntry, services: Services) -> Callable[[], None]:
    def page() -> None:
        try:
            if entry.module != _CHAT:
                with st.sidebar:
                    draw_way_back(services)
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
        language(bootstrap.settings().language)
        found = who(bootstrap.sign_in())
    except KbchatError as error:
        show_error(error)
        return
    if isinstance(found, SignedOut):
        _instead(partial(sign_in_page, bootstrap.sign_in(), found), sign_in_words.TITLE)
        return
    services = bootstrap.services(found.principal)
    shown = [entry for entry in PAGES if services.principal.has(entry.role)]
    with st.sidebar:
        with st.container(horizontal=True, vertical_alignment="center", key="frame_top", wrap=False):
            st.html(f'<div class="kb-product">{literal_html(say(words.PRODUCT))}</div>', width="content")
            language_switch()
        person(found)
    if not shown:
        _instead(partial(nothing_open, found), words.PRODUCT)
        return
    pages = {entry.address: _page(entry, _run(entry, services), shown[0]) for entry in shown}
    chosen = st.navigation(list(pages.values()), position="top")
    follow(pages)
    chosen.run()


def _page(entry: PageEntry, draw: Callable[[], None], first: PageEntry) -> st.Page:
    return st.Page(draw, title=say(entry.title), icon=entry.icon, url_path=entry.address, default=entry is first)


def _instead(draw: Callable[[], None], title: Bilingual) -> None:
    """Draw this at every address, which stays as it is: whoever signs in stands where they wanted to go."""

    def page() -> None:
        draw()

    pages = [st.Page(page, title=say(title), url_path=entry.address, default=entry is PAGES[0]) for entry in PAGES]
    st.navigation(pages, position="hidden").run()


if __name__ == "__main__":  # worker processes of a job import this file under another name
    main()
