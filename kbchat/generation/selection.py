"""Which sentences make the answer: the best ones, what they need to be understood, and no more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kbchat.generation.sentence_scoring import (
    ScoredSentence,
    asked_names,
    asks_for_the_section,
    asks_quantity,
    is_row_of,
)
from kbchat.generation.sentence_structure import (
    REMARK,
    belongs_to_counted_list,
    header_row,
    only_a_heading,
    table_around,
    text_of,
    with_its_list,
)
from kbchat.retrieval.collapse import containment, shingles
from kbchat.retrieval.information import Information
from kbchat.text.language import language_of
from kbchat.text.tokens import query_tokens
from kbchat.types import DocumentKind, Passage, Query, SectionKind

_NAME_LINE = re.compile(r"\s*(?:通用|商品|英文|药品|化学)名称?\s*[:：]|\s*汉语拼音\s*[:：]")
_ASKS_NAME = re.compile(r"名|叫什么|拼音|英文|什么药|\bnames?\b|\bbrands?\b|\bgeneric\b|called", re.IGNORECASE)
"""A leaflet's lines of names hold many words of a question and answer none but these."""
_MARGIN = 0.25
"""A sentence that scores this much less than the best one does not answer, it only surrounds."""
_OTHER_DOCUMENT_MARGIN = 0.12
"""Within this distance of the best sentence, another document's best sentence is part of the answer too."""
_OTHER_SECTION_MARGIN = 0.12
"""The same for a sentence of another section than the best one's."""
_OTHER_SECTION_OWN = 0.6
"""It must hold this share of what the best sentence adds to its headings."""
_OTHER_SECTION_COVERAGE = 0.85
"""Or, with its headings, this share of what the best sentence covers with its own."""
_ASKED_DRUG_SHARE = 0.6
"""With this share of the best passage's score, a passage about the drug asked for keeps other drugs out of the answer."""
_OTHER_LANGUAGE_MARGIN = 0.15
"""A sentence in the other language is shown only when it scores this much better than the reader's own."""
_LONGEST_TABLE = 8
_TABLE_CHARACTERS = 700
"""A table of doses this small is shown whole: its other rows say for whom another dose holds."""
_DOSES = frozenset({SectionKind.DOSAGE, SectionKind.RENAL_HEPATIC, SectionKind.PEDIATRIC, SectionKind.GERIATRIC})
_MOST_DOCUMENTS = 3
_MOST_SENTENCES = 5
_SAME = 0.8


@dataclass(frozen=True, slots=True)
class Picked:
    """``passages[passage].text[start:end]`` is part of the answer."""

    passage: int
    start: int
    end: int
    score: float
    is_row: bool = False


def pick_sentences(
    query: Query,
    passages: Sequence[Passage],
    scored: Sequence[ScoredSentence],
    information: Information,
    max_characters: int,
) -> list[Picked]:
    """The sentences of the answer, within ``max_characters`` (the first one always, whatever its length)."""
    order = sorted(range(len(scored)), key=lambda i: (-scored[i].score, i))
    asks_name = bool(_ASKS_NAME.search(query.standalone_text))
    usable = [
        i
        for i in order
        if not (only_a_heading(passages, scored, i) or header_row(passages, scored, i) == i)
        and (asks_name or not _NAME_LINE.match(text_of(passages, scored[i])))
        and not REMARK.fullmatch(text_of(passages, scored[i]))
    ]
    if not usable:
        return []
    usable = _without_overdose(_without_other_drugs(usable, passages, scored), passages, scored, query)
    best = scored[usable[0]]
    usable = _in_readers_language(usable, passages, scored, query)
    best = scored[usable[0]]
    answer = _Answer(passages, scored, max_characters, query)
    if asks_for_the_section(query, passages[best.passage], information):
        answer.add_section(best.passage)
    answering = [i for i in usable if _answers(scored[i], best, passages, query)]
    for i in [*_best_of_each_document(answering, passages, scored), *answering]:
        answer.add(i)
    return answer.sentences()


def _without_other_drugs(usable: list[int], passages: Sequence[Passage], scored: Sequence[ScoredSentence]) -> list[int]:
    """The sentences without those about drugs nobody asked for, when the drug asked for has nearly as good a passage.

    The same question answered about another drug shares more words with the question than the right answer does.
    """
    asked = [passages[scored[i].passage].score for i in usable if passages[scored[i].passage].parts.entity > 0]
    best = max(passages[scored[i].passage].score for i in usable)
    if not asked or max(asked) < _ASKED_DRUG_SHARE * best:
        return usable
    return [i for i in usable if passages[scored[i].passage].parts.entity >= 0]


def _without_overdose(
    usable: list[int], passages: Sequence[Passage], scored: Sequence[ScoredSentence], query: Query
) -> list[int]:
    """The sentences without those of an overdose section where nobody asked for it: its amounts are no doses."""
    if SectionKind.OVERDOSE in query.intents:
        return usable
    kept = [i for i in usable if passages[scored[i].passage].section_kind is not SectionKind.OVERDOSE]
    return kept or usable


def _in_readers_language(
    usable: list[int], passages: Sequence[Passage], scored: Sequence[ScoredSentence], query: Query
) -> list[int]:
    """Only the sentences in the question's language, when one of them answers about as well as the best of all."""
    own = [i for i in usable if language_of(text_of(passages, scored[i])) == query.language]
    if own and scored[own[0]].score >= scored[usable[0]].score - _OTHER_LANGUAGE_MARGIN:
        return own
    return usable


def _answers(sentence: ScoredSentence, best: ScoredSentence, passages: Sequence[Passage], query: Query) -> bool:
    """Whether a sentence scores near the best one; from another section it must also add about as much itself."""
    here, there = passages[best.passage], passages[sentence.passage]
    if here.section_id == there.section_id:
        return sentence.score >= best.score - _MARGIN
    margin = _MARGIN if there.section_kind in query.intents else _OTHER_SECTION_MARGIN
    adds = sentence.own >= _OTHER_SECTION_OWN * best.own or sentence.coverage >= _OTHER_SECTION_COVERAGE * best.coverage
    return sentence.score >= best.score - margin and adds


def _best_of_each_document(
    answering: Sequence[int], passages: Sequence[Passage], scored: Sequence[ScoredSentence]
) -> list[int]:
    """The best sentence of each document that answers nearly as well as the best: sources that may disagree are shown."""
    first: dict[int, int] = {}
    floor = scored[answering[0]].score - _OTHER_DOCUMENT_MARGIN
    for i in answering:
        if scored[i].score >= floor:
            first.setdefault(passages[scored[i].passage].document_id, i)
    return list(first.values())[:_MOST_DOCUMENTS]


class _Answer:
    """The answer while it grows."""

    def __init__(
        self, passages: Sequence[Passage], scored: Sequence[ScoredSentence], max_characters: int, query: Query
    ) -> None:
        self._asks_dose = asks_quantity(query.standalone_text)
        self._names = asked_names(query)
        self._asked = frozenset(query_tokens(query.standalone_text))
        self._passages = passages
        self._scored = scored
        self._left = max_characters
        self._spare = max_characters // 2
        self._chosen: dict[int, Picked] = {}
        self._seen: list[frozenset[int]] = []

    def add(self, i: int) -> None:
        """Take sentence ``i`` with what belongs to it, if it says something new and there is room."""
        if i in self._chosen or len(self._chosen) >= _MOST_SENTENCES:
            return
        text = text_of(self._passages, self._scored[i])
        mine = shingles(text)
        if any(containment(mine, other) >= _SAME for other in self._seen):
            return
        together = [j for j in self._belonging(i) if j not in self._chosen]
        size = sum(self._scored[j].end - self._scored[j].start for j in together)
        if self._chosen and size > self._left + self._spare * (len(together) > 1):
            if belongs_to_counted_list(i, self._passages, self._scored):
                return  # one item of "at least two of" alone says something else
            together, size = [i], len(text)
            if size > self._left:
                return
        for j in together:
            self._chosen[j] = _picked(self._passages, self._scored[j])
        self._seen.append(mine)
        self._left -= size

    def _belonging(self, i: int) -> list[int]:
        """Sentence ``i`` with its list or its table's header; a small table of doses whole, where it answers best."""
        passage = self._passages[self._scored[i].passage]
        whole = self._asks_dose and passage.section_kind in _DOSES and passage.document_kind is DocumentKind.LEAFLET
        if not self._chosen and whole and not self._asked_for_row(text_of(self._passages, self._scored[i])):
            rows = table_around(i, self._passages, self._scored)
            size = sum(self._scored[j].end - self._scored[j].start for j in rows)
            if 1 < len(rows) <= _LONGEST_TABLE and size <= _TABLE_CHARACTERS:
                return rows
        return with_its_list(i, self._passages, self._scored)

    def _asked_for_row(self, row: str) -> bool:
        """Whether the question names what the row is about: most words of its first cell."""
        if is_row_of(row, self._names):
            return True
        cell = frozenset(query_tokens(row.split(" | ", 1)[0]))
        return 2 * len(cell & self._asked) >= max(1, len(cell))

    def add_section(self, passage: int) -> None:
        """Take the sentences of a passage from its beginning, as far as there is room."""
        for i, sentence in enumerate(self._scored):
            if sentence.passage != passage or only_a_heading(self._passages, self._scored, i):
                continue
            size = sentence.end - sentence.start
            if self._chosen and size > self._left:
                break
            self._chosen[i] = _picked(self._passages, sentence)
            self._seen.append(shingles(text_of(self._passages, sentence)))
            self._left -= size

    def sentences(self) -> list[Picked]:
        """What was taken, each with the remark in brackets behind it."""
        return [self._with_remark(i, picked) for i, picked in self._chosen.items()]

    def _with_remark(self, i: int, picked: Picked) -> Picked:
        if i + 1 >= len(self._scored) or self._scored[i + 1].passage != picked.passage or i + 1 in self._chosen:
            return picked
        remark, text = self._scored[i + 1], self._passages[picked.passage].text
        joined = not text[picked.end : remark.start].strip() and bool(REMARK.fullmatch(text[remark.start : remark.end]))
        return replace(picked, end=remark.end) if joined else picked


def _picked(passages: Sequence[Passage], sentence: ScoredSentence) -> Picked:
    text = passages[sentence.passage].text[sentence.start : sentence.end]
    return Picked(sentence.passage, sentence.start, sentence.end, sentence.score, is_row=" | " in text)
