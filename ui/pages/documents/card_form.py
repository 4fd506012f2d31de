"""The card of a document, to be read and corrected."""

from __future__ import annotations

import streamlit as st

from kbchat.access.table import Action
from kbchat.services import Services
from kbchat.services.documents import DocumentDetail
from ui.components.attempt import attempt, refusal, tell
from ui.components.document_text import CardForm, changed_fields
from ui.i18n import documents as words
from ui.i18n import language, say
from ui.pages.documents.place import Place

_LONGEST = 400
_WIDTH = 900


def draw_card(services: Services, place: Place, detail: DocumentDetail) -> None:
    """The form; what was changed is saved, and nothing else."""
    refused = refusal(services, Action.CHANGE_DOCUMENT, place.base)
    st.caption(say(words.CARD_INTRO))
    form = CardForm.of(detail.card)
    with st.form(f"knowledge_bases_card_{detail.row.id}_{detail.row.revision_id}", width=_WIDTH):
        given = _fields(form, disabled=refused is not None)
        saved = st.form_submit_button(say(words.CARD_SAVE), type="primary", disabled=refused is not None, help=refused)
    if not saved:
        return
    changes = form.changes(given)
    if not changes:
        st.info(say(words.CARD_UNCHANGED))
    elif attempt(lambda: services.documents.change_card(place.base, detail.row.id, **changes)) is not None:
        tell(words.CARD_SAVED, fields=changed_fields(list(changes), language()))
        st.rerun()


def _fields(form: CardForm, *, disabled: bool) -> dict[str, str]:
    given: dict[str, str] = {}

    def line(name: str, hint: str | None = None) -> None:
        given[name] = st.text_input(
            say(words.FIELDS[name]), form.values[name], max_chars=_LONGEST, disabled=disabled, help=hint
        )

    def choice(name: str, options: list[str]) -> None:
        labels = words.KINDS if name == "kind" else words.LANGUAGES
        given[name] = st.selectbox(
            say(words.FIELDS[name]),
            options,
            index=options.index(form.values[name]),
            format_func=lambda one: say(labels[one]),
            disabled=disabled,
        )

    def names(name: str) -> None:
        given[name] = st.text_area(
            say(words.FIELDS[name]), form.values[name], height=104, disabled=disabled, help=say(words.NAMES_HELP)
        )

    line("title")
    kind, written_in = st.columns(2)
    with kind:
        choice("kind", list(words.KINDS))
    with written_in:
        choice("language", list(words.LANGUAGES))
    for name, column in zip(("generic_names", "brand_names", "english_names"), st.columns(3), strict=True):
        with column:
            names(name)
    for pair in (("manufacturer", "strength"), ("issuer", "version"), ("approved_on", "revised_on")):
        for name, column in zip(pair, st.columns(2), strict=True):
            with column:
                line(name, say(words.DATE_HELP) if name.endswith("_on") else None)
    return given
