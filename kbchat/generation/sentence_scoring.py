"""How well one sentence of a passage answers a question, without a language model.

By words only: for single sentences the static embedding made the choice worse on the development questions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kbchat.retrieval.information import Information
from kbchat.text.sentences import split_sentences
from kbchat.text.tokens import index_tokens
from kbchat.types import Passage, Query

_ASKS_QUANTITY = re.compile(
    r"多少|几(?!乎)|多久|多长|多大|多高|多快|上限|最大|最多|最高|最低|起始|剂量|用量|怎么吃|怎么用|百分之|比例|发生率|温度|阈值|目标值|"
    r"how (?:much|many|long|often|fast|soon|high|low|old|quickly)|what (?:dose|dosage|percentage|temperature|age|threshold|"
    r"amount|limit|daily)|\b(?:maximum|minimum|dose|dosing|regimen|threshold|ceiling|limit|percent|rate|within)\b",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"\d|[一二两三四五六七八九十半]\s?(?:次|片|粒|天|日|周|个?月|年|小时|支|针|岁|倍)|\b(?:one|two|three|four|five|once|twice|half)\b",
    re.IGNORECASE,
)


_SUBHEADING = 40
"""A line this short without a closing mark heads the lines below it."""
_WHOLE_SECTION = 0.8
"""From this share of the question's information on, a heading that says it all makes the section the answer."""
_SENTENCE_END = re.compile(r"[。．.；;，,：:]\s*$|\|")


@dataclass(frozen=True, slots=True)
class SentenceWeights:
    """How much each reason counts for a sentence."""

    coverage: float = 0.8
    context: float = 0.35
    """Words of the question that stand in the heading or subject and not in the sentence."""
    repeated: float = 0.1
    """The same words said again in the sentence."""
    quantity: float = 0.2
    passage: float = 0.8
    """The passage's own score, as a share of the best passage's."""
    hit: float = 0.05
    """The sentence lies in the chunk that was found, not in what it was widened with."""


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """``passages[passage].text[start:end]`` and how well it answers.

    ``coverage`` is the share of the question's information in it with its headings, ``own`` what it adds to them.
    """

    passage: int
    start: int
    end: int
    score: float
    coverage: float
    own: float = 0.0


def asks_quantity(question: str) -> bool:
    """Whether the answer should hold a number."""
    return bool(_ASKS_QUANTITY.search(question))


def score_sentences(
    query: Query,
    passages: Sequence[Passage],
    information: Information,
    weights: SentenceWeights | None = None,
) -> list[ScoredSentence]:
    """All sentences of ``passages`` in reading order, each with its score."""
    weights = weights or SentenceWeights()
    places = [(i, start, end) for i, passage in enumerate(passages) for start, end in split_sentences(passage.text)]
    if not places:
        return []
    texts = [passages[i].text[start:end] for i, start, end in places]
    best = max(passage.score for passage in passages) or 1.0
    wants_number = asks_quantity(query.standalone_text)
    headings = _headings(passages)
    scored: list[ScoredSentence] = []
    for (i, start, end), text, above in zip(places, texts, _lines_above(places, texts, passages), strict=True):
        there, context = frozenset(index_tokens(text)), headings[i]
        around = information.covered_share(context)
        whole = information.covered_share(there | above | context)
        score = weights.coverage * (whole - around) + weights.context * around
        score += weights.repeated * information.covered_share(there & context)
        score += weights.passage * max(0.0, passages[i].score) / best
        score += weights.quantity if wants_number and _QUANTITY.search(text) else 0.0
        score += weights.hit if _in_hit(passages[i], start) else 0.0
        scored.append(ScoredSentence(i, start, end, score, whole, whole - around))
    return scored


def _headings(passages: Sequence[Passage]) -> list[frozenset[str]]:
    """What the sentences of each passage are about without saying it: subject, headings, table header."""
    return [frozenset(index_tokens(" ".join((p.subject, *p.section_path, p.table_header)))) for p in passages]


def asks_for_the_section(query: Query, passage: Passage, information: Information) -> bool:
    """Whether the question asks for nothing but this section of this drug: its subject and heading say it all."""
    if not query.intents or passage.section_kind is not query.intents[0]:
        return False
    return information.covered_share(_headings([passage])[0]) >= _WHOLE_SECTION


def _lines_above(
    places: Sequence[tuple[int, int, int]], texts: Sequence[str], passages: Sequence[Passage]
) -> list[frozenset[str]]:
    """The words of the short line above each sentence that heads it within its section (老年患者, Adults)."""
    found: list[frozenset[str]] = []
    above: frozenset[str] = frozenset()
    current = -1
    for (i, start, _), text in zip(places, texts, strict=True):
        if i != current:
            current, above = i, frozenset()
        found.append(above)
        begins_line = start == 0 or passages[i].text[start - 1] == "\n"
        if begins_line and len(text) <= _SUBHEADING and not _SENTENCE_END.search(text):
            above = frozenset(index_tokens(text))
    return found


def _in_hit(passage: Passage, start: int) -> bool:
    return passage.hit_start <= start < passage.hit_start + passage.hit_length
