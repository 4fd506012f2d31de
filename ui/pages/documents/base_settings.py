"""Changing a knowledge base itself: its name, its description, who may use it, and its end."""

from __future__ import annotations

import streamlit as st

from kbchat.access.table import Action
from kbchat.services import Services
from kbchat.services.bases import BaseSummary
from ui.components.attempt import attempt, refusal, tell
from ui.components.shown_values import shown_number
from ui.escaping import literal_markdown
from ui.i18n import knowledge_bases as words
from ui.i18n import say
from ui.pages.documents.place import Place, go

_WIDTH = 640


def draw_base_settings(services: Services, base: BaseSummary) -> None:
    """The three parts of the tab."""
    with st.container(width=_WIDTH):
        _name(services, base)
        _access(services, base)
        _end(services, base)


def _name(services: Services, base: BaseSummary) -> None:
    refused = refusal(services, Action.CHANGE_BASE, base.name)
    with st.form(f"knowledge_bases_name_{base.name}"):
        st.subheader(say(words.NAME_SECTION), anchor=False)
        name = st.text_input(say(words.NAME), value=base.name, max_chars=100, help=say(words.RENAME_NOTE))
        text = st.text_area(say(words.DESCRIPTION), value=base.description, max_chars=2000)
        saved = st.form_submit_button(say(words.SAVE), disabled=refused is not None, help=refused)
    if not saved:
        return
    if (text or "").strip() != base.description and attempt(lambda: services.bases.describe(base.name, text)) is None:
        return
    kept: BaseSummary | None = base
    if (name or "").strip() != base.name:
        kept = attempt(lambda: services.bases.rename(base.name, name or ""))
    if kept is not None:
        tell(words.SAVED)
        go(Place(kept.name))
        st.rerun()


def _access(services: Services, base: BaseSummary) -> None:
    refused = refusal(services, Action.CLOSE_BASE, base.name)
    with st.form(f"knowledge_bases_access_{base.name}"):
        st.subheader(say(words.ACCESS_SECTION), anchor=False)
        listed = st.text_area(
            say(words.GROUPS),
            value="\n".join(base.groups),
            help=say(words.GROUPS_HELP),
            disabled=refused is not None,
        )
        st.caption(say(words.GROUPS_HELP))
        saved = st.form_submit_button(say(words.SAVE), disabled=refused is not None, help=refused)
    if saved:
        groups = [line.strip() for line in (listed or "").splitlines() if line.strip()]
        if attempt(lambda: services.bases.close_to(base.name, groups)) is not None:
            tell(words.SAVED)
            st.rerun()


def _end(services: Services, base: BaseSummary) -> None:
    refused = refusal(services, Action.DELETE_BASE, base.name)
    with st.container(border=True):
        st.subheader(say(words.DELETE_SECTION), anchor=False)
        st.markdown(say(words.DELETE_WARNING, documents=shown_number(base.documents + base.retired)))
        pressed = st.button(
            say(words.DELETE_OPEN),
            key="knowledge_bases_delete",
            icon=":material/delete_forever:",
            disabled=refused is not None,
            help=refused,
        )
    if pressed:
        st.dialog(say(words.DELETE_SECTION))(_confirm)(services, base)


def _confirm(services: Services, base: BaseSummary) -> None:
    st.markdown(say(words.DELETE_WARNING, documents=shown_number(base.documents + base.retired)))
    with st.form("knowledge_bases_delete_form", border=False):
        typed = st.text_input(say(words.TYPE_NAME, name=literal_markdown(base.name)), autocomplete="off")
        pressed = st.form_submit_button(say(words.DELETE), type="primary", icon=":material/delete_forever:")
    if pressed and attempt(lambda: _delete(services, base.name, typed or "")):
        tell(words.DELETED, name=base.name)
        go(Place())
        st.rerun()


def _delete(services: Services, name: str, confirmation: str) -> bool:
    services.bases.delete(name, confirmation=confirmation)
    return True
