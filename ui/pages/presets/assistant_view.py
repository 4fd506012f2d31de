"""One assistant: its form, what can be done with it, and a place to try it beside the form."""

from __future__ import annotations

import streamlit as st

from kbchat.access.table import Action
from kbchat.assistants.assistant import Assistant
from kbchat.messages import Bilingual
from kbchat.services import Services
from ui.components.assistant_text import assistant_values, form_values
from ui.components.attempt import attempt, refusal, tell
from ui.escaping import literal_markdown
from ui.i18n import assistants as words
from ui.i18n import language, say
from ui.pages.presets.assistant_form import draw_form
from ui.pages.presets.chosen import NEW, choose
from ui.pages.presets.trial import draw_trial

_EMPTY = Assistant("", Bilingual("", ""), Bilingual("", ""), Bilingual("", ""))


def draw_assistant(services: Services, name: str) -> None:
    """The assistant with the id ``name``, or a new one. Raises NotFoundError."""
    st.button(say(words.ALL), key="assistants_back", icon=":material/arrow_back:", type="tertiary", on_click=choose)
    is_new = name == NEW
    kept = _EMPTY if is_new else services.assistants.get(name)
    title = say(words.NEW) if is_new else literal_markdown(kept.name.in_language(language()))
    st.title(title, anchor=False)
    if not is_new:
        _actions(services, kept)
    refused = refusal(services, Action.CHANGE_ASSISTANTS)
    form, trial = st.columns([3, 2], gap="large")
    with form:
        given = draw_form(services, kept, is_new=is_new, disabled=refused is not None)
        values = assistant_values(given)
        if not is_new and refused is None and values != assistant_values(form_values(kept)):
            st.caption(f":material/edit: {say(words.UNSAVED)}")
        pressed = st.button(
            say(words.CREATE if is_new else words.SAVE),
            key="assistants_save",
            type="primary",
            disabled=refused is not None,
            help=refused,
        )
        if pressed:
            saved = attempt(lambda: services.assistants.save(values))
            if saved is not None:
                tell(words.SAVED, name=saved.name.in_language(language()))
                choose(saved.id)
                st.rerun()
    if refused is None:
        with trial:
            draw_trial(services, values)


def _actions(services: Services, kept: Assistant) -> None:
    refused = refusal(services, Action.CHANGE_ASSISTANTS)
    resettable = services.assistants.can_be_reset(kept.id)
    with st.container(horizontal=True):
        if st.button(
            say(words.DUPLICATE),
            key="assistants_duplicate",
            icon=":material/content_copy:",
            disabled=refused is not None,
            help=refused,
        ):
            made = attempt(lambda: services.assistants.duplicate(kept.id))
            if made is not None:
                tell(words.DUPLICATED, name=made.name.in_language(language()))
                choose(made.id)
                st.rerun()
        st.download_button(
            say(words.EXPORT),
            data=lambda: services.assistants.export_toml(kept.id),
            file_name=f"{kept.id}.toml",
            mime="application/toml",
            key="assistants_export",
            icon=":material/download:",
            disabled=refused is not None,
            help=refused,
            on_click="ignore",
        )
        if not kept.built_in and st.button(
            say(words.RESET if resettable else words.DELETE),
            key="assistants_delete",
            icon=":material/restart_alt:" if resettable else ":material/delete:",
            disabled=refused is not None,
            help=refused,
        ):
            st.dialog(say(words.RESET_DO if resettable else words.DELETE_DO))(_confirm)(services, kept, resettable)


def _confirm(services: Services, kept: Assistant, resettable: bool) -> None:
    """Body of the dialog."""
    name = kept.name.in_language(language())
    st.markdown(say(words.RESET_CONFIRM if resettable else words.DELETE_CONFIRM, name=literal_markdown(name)))
    pressed = st.button(
        say(words.RESET_DO if resettable else words.DELETE_DO), type="primary", key="assistants_delete_do"
    )
    if pressed and attempt(lambda: _delete(services, kept.id)):
        tell(words.RESET_DONE if resettable else words.DELETED, name=name)
        choose(kept.id if resettable else "")
        st.rerun()


def _delete(services: Services, name: str) -> bool:
    services.assistants.delete(name)
    return True
