"""Figures as rows of tables and points of charts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kbchat.messages import Language
from kbchat.services.figures import DayFigures, DocumentUse
from kbchat.services.question_groups import QuestionGroup
from kbchat.store import DayLatency, StoredQuestion
from ui.components.shown_values import shown_number, shown_share
from ui.components.table_text import Cell, Column, Row
from ui.i18n import dashboard as words
from ui.i18n import worded

_WORDINGS = 3
COLOURS: Mapping[str, str] = {
    "answered": "#0b8a8f",
    "insufficient_evidence": "#d08a1d",
    "out_of_scope": "#8795a1",
    "emergency": "#c2413a",
    "stopped": "#b9a7d6",
    "failed": "#7a2f2a",
}


def outcome_name(outcome: str, language: Language) -> str:
    """An outcome in words."""
    known = words.OUTCOMES.get(outcome)
    return known.in_language(language) if known else outcome


def day_points(days: Sequence[DayFigures], language: Language) -> list[dict[str, Any]]:
    """One point a day and outcome; days without a question have none for it but keep their place."""
    return [
        {"day": day.day.isoformat(), "outcome": outcome_name(outcome, language), "count": day.outcomes.get(outcome, 0)}
        for day in days
        for outcome in words.OUTCOMES
        if day.outcomes.get(outcome) or outcome == "answered"
    ]


def latency_points(days: Sequence[DayLatency], language: Language) -> list[dict[str, Any]]:
    """One point a day and line."""
    return [
        {"day": day.day.isoformat(), "line": label.in_language(language), "seconds": round(getattr(day, name), 3)}
        for day in days
        for name, label in words.LINES.items()
    ]


def median_first(days: Sequence[DayLatency]) -> float | None:
    """The median time to the first words, days weighed by their questions; None without questions."""
    asked = sum(day.questions for day in days)
    return sum(day.first_p50 * day.questions for day in days) / asked if asked else None


def share_of(outcomes: Mapping[str, int], outcome: str) -> str:
    """The share of one outcome, in per cent."""
    total = sum(outcomes.values())
    return shown_share(outcomes.get(outcome, 0) / total) if total else "–"


def unanswered_columns(language: Language) -> list[Column]:
    """Columns of what to add next."""
    return [
        Column(words.COLUMN_QUESTION.in_language(language), main=True),
        Column(words.COLUMN_TIMES.in_language(language), "end"),
        Column(words.COLUMN_LAST.in_language(language), "narrow"),
        Column(words.COLUMN_BASES.in_language(language)),
    ]


def unanswered_row(number: int, group: QuestionGroup, last: str, language: Language) -> Row:
    """A group of questions; its other wordings below the first."""
    others = (" / ").join(group.wordings[1 : 1 + _WORDINGS])
    note = worded(words.ALSO, language, wordings=others) if others else ""
    comma = "、" if language == "zh" else ", "
    return Row(
        str(number),
        (
            Cell(group.question or words.NO_WORDS.in_language(language), note=note),
            Cell(shown_number(group.count)),
            Cell(last),
            Cell(comma.join(group.bases)),
        ),
    )


def flagged_columns(language: Language) -> list[Column]:
    """Columns of flagged answers."""
    return [
        Column(words.COLUMN_QUESTION.in_language(language), main=True),
        Column(words.COLUMN_FLAGS.in_language(language), "end"),
        Column(words.COLUMN_GENERATOR.in_language(language)),
        Column(words.COLUMN_MOMENT.in_language(language), "narrow"),
    ]


def flagged_row(one: StoredQuestion, moment: str, language: Language) -> Row:
    """A question whose answer had something flagged."""
    return Row(
        str(one.id),
        (
            Cell(one.question or words.NO_WORDS.in_language(language)),
            Cell(str(one.flagged)),
            Cell(one.generator),
            Cell(moment),
        ),
    )


def document_columns(language: Language) -> list[Column]:
    """Columns of documents used."""
    return [
        Column(words.COLUMN_DOCUMENT.in_language(language), main=True),
        Column(words.COLUMN_BASE.in_language(language)),
        Column(words.COLUMN_CITED.in_language(language), "end"),
    ]


def document_use_row(use: DocumentUse, most: int, language: Language, href: str) -> Row:
    """A document, with a bar against the one used most."""
    retired = f" · {words.RETIRED.in_language(language)}" if use.retired else ""
    return Row(
        f"{use.document_id}",
        (
            Cell(
                use.title or use.name, note=f"{use.name if use.title else ''}{retired}".removeprefix(" · "), opens=True
            ),
            Cell(use.base),
            Cell(shown_number(use.questions), share=use.questions / most if most else 0.0),
        ),
        href,
    )
