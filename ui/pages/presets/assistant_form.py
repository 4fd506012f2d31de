"""The form of an assistant. Its fields are no ``st.form``: what is tried beside them is what they say now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from kbchat.assistants.assistant import LONGEST_PROMPT, Assistant
from kbchat.messages import Bilingual
from kbchat.services import Services
from ui.components.assistant_text import GENERATION_NUMBERS, RETRIEVAL_NUMBERS, form_values
from ui.escaping import literal_markdown, one_line, visible_text
from ui.i18n import assistants as words
from ui.i18n import language, say
from ui.pages.presets.chosen import form_round

_LINE = 200
_FRACTIONS = frozenset({"lexical_weight", "dense_weight", "temperature"})


def draw_form(services: Services, kept: Assistant, *, is_new: bool, disabled: bool) -> dict[str, Any]:
    """The fields, filled with what is kept; what they say, by field."""
    fields = _Fields(f"assistants_{form_round()}_{kept.id}", form_values(kept), disabled)
    if is_new:
        fields.line("id", words.ID, words.ID_HELP, longest=64)
    for name, labels in (
        ("name", (words.NAME_ZH, words.NAME_EN)),
        ("description", (words.DESCRIPTION_ZH, words.DESCRIPTION_EN)),
    ):
        for column, one, label in zip(st.columns(2), ("zh", "en"), labels, strict=True):
            with column:
                fields.line(f"{name}_{one}", label)
    left, right = st.columns(2)
    with left:
        fields.choice("audience", words.AUDIENCE, words.AUDIENCES)
        fields.choice("strict", words.STRICT, words.STRICTS)
    with right:
        fields.choice("mode", words.MODE, words.MODES)
        known = [base.name for base in services.bases.list()]
        fields.several("knowledge_bases", words.BASES, known, words.BASES_HELP)
    first, second = ("zh", "en") if language() == "zh" else ("en", "zh")
    prompts = {"zh": words.PROMPT_ZH, "en": words.PROMPT_EN}
    for one in (first, second):
        fields.text(f"prompt_{one}", prompts[one], words.PROMPT_HELP)
    fields.switch("show_sources", words.SHOW_SOURCES)
    with st.expander(say(words.ADVANCED), icon=":material/tune:"):
        spec = literal_markdown(services.app.settings.generation.model.rpartition("@")[2])
        st.caption(say(words.ADVANCED_HELP))
        fields.line("generator", words.GENERATOR, longest=500, hint=say(words.GENERATOR_HELP, spec=spec))
        fields.numbers((*RETRIEVAL_NUMBERS, *GENERATION_NUMBERS))
    return fields.given


class _Fields:
    """The fields drawn so far, and what they say."""

    def __init__(self, key: str, values: Mapping[str, Any], disabled: bool) -> None:
        self._key, self._values, self._disabled = key, values, disabled
        self.given: dict[str, Any] = dict(values)

    def line(
        self, name: str, label: Bilingual, help_text: Bilingual | None = None, *, longest: int = _LINE, hint: str = ""
    ) -> None:
        """A line of text."""
        self.given[name] = st.text_input(
            say(label),
            self._values[name],
            max_chars=longest,
            key=f"{self._key}_{name}",
            disabled=self._disabled,
            help=say(help_text) if help_text else hint or None,
        )

    def text(self, name: str, label: Bilingual, help_text: Bilingual) -> None:
        """Several lines of text."""
        self.given[name] = st.text_area(
            say(label),
            self._values[name],
            max_chars=LONGEST_PROMPT,
            height=180,
            key=f"{self._key}_{name}",
            disabled=self._disabled,
            help=say(help_text),
        )

    def choice(self, name: str, label: Bilingual, options: Mapping[str, Bilingual]) -> None:
        """One of several."""
        listed = list(options)
        self.given[name] = st.selectbox(
            say(label),
            listed,
            index=listed.index(self._values[name]),
            format_func=lambda one: say(options[one]),
            key=f"{self._key}_{name}",
            disabled=self._disabled,
        )

    def several(self, name: str, label: Bilingual, options: Sequence[str], help_text: Bilingual) -> None:
        """Any of several; what was chosen before stays one of them."""
        chosen = list(self._values[name])
        self.given[name] = st.multiselect(
            say(label),
            list(dict.fromkeys((*options, *chosen))),
            default=chosen,
            format_func=lambda one: one_line(visible_text(one), 60),
            key=f"{self._key}_{name}",
            disabled=self._disabled,
            help=say(help_text),
            placeholder=say(words.BASES_CHOSEN_BY_PERSON),
        )

    def switch(self, name: str, label: Bilingual) -> None:
        """Yes or no."""
        self.given[name] = st.toggle(say(label), self._values[name], key=f"{self._key}_{name}", disabled=self._disabled)

    def numbers(self, names: Sequence[str]) -> None:
        """Numbers that may be left empty."""
        with st.container(horizontal=True):
            for name in names:
                fraction = name in _FRACTIONS
                value = self._values[name]
                self.given[name] = st.number_input(
                    say(words.NUMBERS[name]),
                    value=None if value is None else float(value) if fraction else int(value),
                    step=0.1 if fraction else 1,
                    key=f"{self._key}_{name}",
                    disabled=self._disabled,
                    width=170,
                )
