"""Assistants in lists, and as the values of a form. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kbchat.assistants.assistant import Assistant
from kbchat.messages import Language
from ui.components.table_text import Cell, Column, Row, Tone
from ui.i18n import assistants as words

RETRIEVAL_NUMBERS = ("passages", "candidates", "passage_budget", "lexical_weight", "dense_weight")
GENERATION_NUMBERS = ("temperature", "new_tokens")


def assistant_columns(language: Language) -> list[Column]:
    """Columns of the list."""
    return [
        Column(words.COLUMN_NAME.in_language(language), main=True),
        Column(words.COLUMN_AUDIENCE.in_language(language), "narrow"),
        Column(words.COLUMN_MODE.in_language(language)),
        Column(words.COLUMN_BASES.in_language(language)),
        Column(words.COLUMN_STATE.in_language(language), "narrow"),
    ]


def assistant_row(assistant: Assistant, language: Language, *, resettable: bool, href: str) -> Row:
    """An assistant as a row."""
    comma = "、" if language == "zh" else ", "
    bases = comma.join(assistant.knowledge_bases) or words.BASES_CHOSEN_BY_PERSON.in_language(language)
    note = words.NEEDS_MODEL.in_language(language) if assistant.needs_language_model else ""
    tone: Tone = "" if assistant.built_in else "good"
    kind = words.BUILT_IN if assistant.built_in else words.CHANGED if resettable else words.OWN
    return Row(
        assistant.id,
        (
            Cell(
                assistant.name.in_language(language),
                note=assistant.description.in_language(language),
                opens=True,
            ),
            Cell(words.AUDIENCES[assistant.audience].in_language(language)),
            Cell(words.MODES[assistant.mode.value].in_language(language), note=note),
            Cell(bases),
            Cell(kind.in_language(language), badge=True, tone=tone),
        ),
        href,
    )


def form_values(assistant: Assistant) -> dict[str, Any]:
    """What a form shows of ``assistant``, by the names of its fields."""
    strict = "" if assistant.strict is None else "yes" if assistant.strict else "no"
    return {
        "id": assistant.id,
        "name_zh": assistant.name.zh,
        "name_en": assistant.name.en,
        "description_zh": assistant.description.zh,
        "description_en": assistant.description.en,
        "prompt_zh": assistant.prompt.zh,
        "prompt_en": assistant.prompt.en,
        "audience": assistant.audience,
        "mode": assistant.mode.value,
        "knowledge_bases": list(assistant.knowledge_bases),
        "strict": strict,
        "show_sources": assistant.show_sources,
        "generator": assistant.generator,
        **{name: getattr(assistant.retrieval, name) for name in RETRIEVAL_NUMBERS},
        **{name: getattr(assistant, name) for name in GENERATION_NUMBERS},
    }


def assistant_values(form: Mapping[str, Any]) -> dict[str, Any]:
    """What a form says, with the keys of an assistant's TOML form. A name in one language alone stands for both."""
    return {
        "id": str(form["id"]).strip(),
        "name": _both(form, "name"),
        "description": _both(form, "description"),
        "prompt": {language: form[f"prompt_{language}"] for language in ("zh", "en")},
        "audience": form["audience"],
        "mode": form["mode"],
        "knowledge_bases": list(form["knowledge_bases"]),
        "strict": {"": None, "yes": True, "no": False}[form["strict"]],
        "show_sources": form["show_sources"],
        "generator": form["generator"],
        "retrieval": {name: form[name] for name in RETRIEVAL_NUMBERS},
        **{name: form[name] for name in GENERATION_NUMBERS},
    }


def _both(form: Mapping[str, Any], field: str) -> dict[str, str]:
    zh, en = (str(form[f"{field}_{language}"]).strip() for language in ("zh", "en"))
    return {"zh": zh or en, "en": en or zh}
