"""Why a passage stands where it stands, as a bar and in words. Pure; every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kbchat.messages import Bilingual, Language
from kbchat.services.retrieval import SearchResult
from kbchat.types import Passage
from ui.components.shown_values import shown_seconds
from ui.escaping import literal_html, one_line, visible_text
from ui.i18n import documents as document_words
from ui.i18n import retrieval_test as words
from ui.i18n import worded

_PALETTE = ("#0b8a8f", "#4c78c8", "#c98a1b", "#8a5cc2", "#4f9d4a", "#c25c7a", "#6b7f86", "#a3622f")
_DEDUCTION = "#c2413a"
_SEPARATOR = " · "
_FULL = 97.0
"""Per cent of the width that the best passage's bar takes."""

Parts = Sequence[tuple[Bilingual, float]]

STYLE = """<style>
.kb-score { margin: 0.25rem 0 0.5rem; }
.kb-score .bar { background: rgba(128, 128, 128, 0.16); border-radius: 999px; display: flex; height: 0.625rem;
  overflow: hidden; width: 100%; }
.kb-score .bar span { display: block; height: 100%; }
.kb-score ul { display: flex; flex-wrap: wrap; font-size: 0.8125rem; gap: 0.125rem 0.875rem; list-style: none;
  margin: 0.375rem 0 0; padding: 0; }
.kb-score li { margin: 0; padding: 0; }
.kb-score .dot { border-radius: 50%; display: inline-block; height: 0.5rem; margin-inline-end: 0.375rem; width: 0.5rem; }
.kb-passage { font-size: 0.9375rem; line-height: 1.65; overflow-wrap: anywhere; }
.kb-passage mark { background: rgba(240, 200, 60, 0.35); border-radius: 0.125rem; color: inherit; }
</style>"""


def colours_of(explained: Iterable[Parts]) -> dict[str, str]:
    """A colour for every reason, the same in all passages of a page."""
    labels = dict.fromkeys(label.en for parts in explained for label, value in parts[:-1] if value > 0)
    return {label: _PALETTE[number % len(_PALETTE)] for number, label in enumerate(sorted(labels))}


def score_html(parts: Parts, colours: Mapping[str, str], most: float, language: Language) -> str:
    """A bar of what speaks for the passage (``most`` is the largest sum of the page) and the list of all reasons."""
    counting = parts[:-1]
    scale = _FULL / most if most > 0 else 0.0
    bar = "".join(
        f'<span style="background:{colours[label.en]};width:{value * scale:.2f}%"></span>'
        for label, value in counting
        if value > 0
    )
    reasons = "".join(
        f'<li><span class="dot" style="background:{colours.get(label.en, _DEDUCTION)}"></span>'
        f"{literal_html(label.in_language(language))} <b>{value:+.2f}</b></li>"
        for label, value in counting
    )
    return f'{STYLE}<div class="kb-score"><div class="bar" aria-hidden="true">{bar}</div><ul>{reasons}</ul></div>'


def gains(parts: Parts) -> float:
    """The sum of what speaks for a passage."""
    return sum(value for _, value in parts[:-1] if value > 0)


def passage_html(passage: Passage, longest: int = 700) -> str:
    """The text of a passage with the matched part marked; what is far from it is cut."""
    start, end = passage.hit_start, passage.hit_start + passage.hit_length
    before, hit, after = passage.text[:start], passage.text[start:end], passage.text[end:]
    room = max(0, longest - len(hit)) // 2
    head = f"…{before[-room:]}" if len(before) > room > 0 else before if room else ""
    tail = f"{after[:room]}…" if len(after) > room > 0 else after if room else ""
    marked = literal_html(hit)
    if (head + tail).strip():  # where everything matched, a mark would tell nothing
        marked = f"<mark>{marked}</mark>"
    return f'<div class="kb-passage" dir="auto">{literal_html(head)}{marked}{literal_html(tail)}</div>'


def place_line(passage: Passage, language: Language) -> str:
    """Where a passage stands: section, page, file."""
    parts = (
        " › ".join(one_line(visible_text(part), 60) for part in passage.section_path),
        worded(words.PAGE, language, page=passage.page),
        passage.revision_date,
        passage.document,
    )
    return _SEPARATOR.join(part for part in parts if part)


def understood_line(result: SearchResult, language: Language) -> str:
    """What the question was taken to mean, and how long the search took."""
    query = result.query
    comma = "、" if language == "zh" else ", "
    facts = []
    if query.entities:
        facts.append(_named(words.ENTITIES, (one.name for one in query.entities), comma, language))
    if query.intents:
        kinds = (document_words.SECTION_KINDS[kind.value].in_language(language) for kind in query.intents)
        facts.append(_named(words.INTENTS, kinds, comma, language))
    if query.unknown_names:
        facts.append(_named(words.UNKNOWN, query.unknown_names, comma, language))
    facts.append(worded(words.TOOK, language, time=shown_seconds(sum(result.timings.values()))))
    return _SEPARATOR.join(facts)


def _named(text: Bilingual, names: Iterable[str], comma: str, language: Language) -> str:
    return worded(text, language, names=comma.join(dict.fromkeys(names)))


def settings_line(overrides: Mapping[str, float], language: Language) -> str:
    """The numbers that differ from the settings; or that none does."""
    if not overrides:
        return words.AS_SET.in_language(language)
    named = (
        f"{words.NUMBERS[name].in_language(language) if name in words.NUMBERS else name} {value:g}"
        for name, value in overrides.items()
    )
    return _SEPARATOR.join(named)
