"""How well one sentence of a passage answers a question, without a language model.

By words only: for single sentences the static embedding made the choice worse on the development questions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kbchat.generation.placed_sentences import PlacedSentence, placed_sentences
from kbchat.medical.sections import patient_groups
from kbchat.retrieval.information import Information
from kbchat.text.tokens import fold, index_tokens
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


_ASKS_TIME = re.compile(
    r"什么时候[吃服用]|何时[吃服用]|几点[吃服用]|[饭餐]前|[饭餐]后|空腹|随[餐饭]|早上|晚上|睡前"
    r"|(?:when|what time)\b.{0,25}\b(?:take|taken|given|administered)\b|(?:before|after|with) (?:food|meals?)|empty stomach",
    re.IGNORECASE,
)
_TIME_OF_DAY = re.compile(
    r"空腹|[餐饭]|[清早]晨|晨起|早上|早晚|晚上|睡前|任何时[间候]|固定时间|同一时间"
    r"|\b(?:meals?|food|fasting|empty stomach|morning|evening|bedtime|any time|same time)\b",
    re.IGNORECASE,
)
# What kind of number a question asks for, and how a sentence tells one.
_KINDS_ASKED = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(told, re.IGNORECASE))
    for asked, told in (
        (
            r"几岁|多大(?:年纪|年龄|岁数)?(?=[^\u4e00-\u9fff]|的|可|能|以|才)|多少岁|what age|how old",
            r"岁|\d\s*个?月龄|\byears?\b|\bmonths? (?:of age|old)|\bage\b",
        ),
        (
            r"百分之几|百分比|发生率|多大比例|几成|有效率|what (?:percentage|proportion|share)|incidence|how (?:common|likely)",
            r"[%％‰]|百分之|分之|\bpercent\b|\d\s*/\s*\d|\d in \d",
        ),
        (r"多少度|几度|温度|temperature", r"℃|°|度|\bdegrees?\b"),
    )
)
_OTHER_QUANTITY = 0.25
_ORGANS = (
    re.compile(r"肾|透析|肌酐|egfr|crcl|\b(?:renal|kidneys?|dialysis|creatinine)\b", re.IGNORECASE),
    re.compile(r"肝|child.?pugh|\b(?:hepatic|liver|cirrho\w*)\b", re.IGNORECASE),
)
_ADULT = re.compile(r"成人|成年|大人|\badults?\b", re.IGNORECASE)
_CELL_REMARK = re.compile(r"[(（\[【].*$")
_WHOLE_SECTION = 0.8
"""From this share of the question's information on, a heading that says it all makes the section the answer."""


@dataclass(frozen=True, slots=True)
class SentenceWeights:
    """How much each reason counts for a sentence."""

    coverage: float = 0.8
    context: float = 0.65
    """Words of the question that stand in the heading or subject and not in the sentence."""
    repeated: float = 0.1
    """The same words said again in the sentence."""
    quantity: float = 0.2
    time: float = 0.3
    """The question asks at what time of the day or with which meal, and the sentence says it."""
    passage: float = 0.8
    """The passage's own score, as a share of the best passage's."""
    before: float = 0.3
    """Words of the question that stand in the sentence before, in the same paragraph."""
    group: float = 0.25
    """The sentence is for the patient group asked about (pregnancy, children, the old, kidney or liver)."""
    row: float = 0.3
    """A table row that begins with a name in the question."""
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
    scorer = _Scorer(query, passages, information, weights or SentenceWeights())
    return [scorer.score(sentence) for sentence in placed_sentences(passages)]


class _Scorer:
    """The reasons for one sentence of one question."""

    def __init__(
        self, query: Query, passages: Sequence[Passage], information: Information, weights: SentenceWeights
    ) -> None:
        self._passages = passages
        self._information = information
        self._weights = weights
        self._headings = _headings(passages)
        self._around = [
            information.covered_share(heading, passage.section_kind)
            for heading, passage in zip(self._headings, passages, strict=True)
        ]
        self._says_others = [_is_for_others(" ".join(passage.section_path)) for passage in passages]
        self._best = max((passage.score for passage in passages), default=1.0) or 1.0
        self._wants_number = asks_quantity(query.standalone_text)
        self._wanted = next((told for asks, told in _KINDS_ASKED if asks.search(query.standalone_text)), None)
        self._wants_time = bool(_ASKS_TIME.search(query.standalone_text))
        self._groups = patient_groups(query.standalone_text)
        self._adults = not self._groups and bool(_ADULT.search(query.standalone_text))
        self._names = asked_names(query)
        self._organs = _organs(query.standalone_text)

    def score(self, sentence: PlacedSentence) -> ScoredSentence:
        """One sentence with its score."""
        weights = self._weights
        passage = self._passages[sentence.passage]

        def share(tokens: frozenset[str]) -> float:
            return self._information.covered_share(tokens, passage.section_kind)

        there = sentence.tokens
        context = self._headings[sentence.passage]
        around = self._around[sentence.passage]
        said = share(there | sentence.above | context)
        before = share(there | sentence.above | sentence.before | context) if sentence.before else said
        score = weights.coverage * (said - around) + weights.context * around
        score += weights.before * (before - said)
        score += weights.repeated * share(there & context)
        score += weights.passage * max(0.0, passage.score) / self._best
        score += weights.quantity * self._quantity_told(sentence.text)
        score += weights.time if self._wants_time and _TIME_OF_DAY.search(sentence.text) else 0.0
        score += weights.hit if _in_hit(passage, sentence.start) else 0.0
        score += weights.group * self._about_group(sentence, passage)
        score += weights.row if is_row_of(sentence.text, self._names) else 0.0
        return ScoredSentence(sentence.passage, sentence.start, sentence.end, score, before, said - around)

    def _quantity_told(self, text: str) -> float:
        """1 for a number of the kind asked for, less for another number, 0 for none or where none is asked for."""
        if not self._wants_number or not _QUANTITY.search(text):
            return 0.0
        if self._wanted is None or self._wanted.search(text):
            return 1.0
        return _OTHER_QUANTITY

    def _about_group(self, sentence: PlacedSentence, passage: Passage) -> float:
        """1 when the sentence is for the patients asked about, -0.6 when it is for others than the adults meant.

        A question that names nobody means adults; one that names them asks for what is said for them.
        """
        here = f"{sentence.line_above} {sentence.text}"
        heading = " ".join(passage.section_path)
        if len(self._organs) == 1 and (named := _organs(sentence.text)) and not self._organs & named:
            return -0.6  # the liver, where the kidneys were asked about
        if self._adults:
            if patient_groups(sentence.text):
                return -0.6
            return 1.0 if _ADULT.search(f"{here} {heading}") else 0.0
        if not self._groups:
            return -0.6 if self._says_others[sentence.passage] or _is_for_others(here) else 0.0
        groups = patient_groups(f"{here} {heading}")
        return 1.0 if self._groups & groups or passage.section_kind in self._groups else 0.0


def _is_for_others(told: str) -> bool:
    """Whether a text names patients other than adults, and not adults too."""
    return bool(patient_groups(told)) and not _ADULT.search(told)


def _organs(text: str) -> frozenset[int]:
    """Which of kidney and liver a text names, by number."""
    return frozenset(number for number, pattern in enumerate(_ORGANS) if pattern.search(text))


def asked_names(query: Query) -> frozenset[str]:
    """What a table row may begin with to be the row asked for: the names in the question and their other forms."""
    own = [entity.text for entity in query.entities] + [fold(name) for name in query.unknown_names]
    return frozenset(own) | frozenset(item.term for item in query.expansions if item.source in own)


def is_row_of(text: str, names: frozenset[str]) -> bool:
    """Whether a table row begins with one of ``names``."""
    if " | " not in text or not names:
        return False
    cell = _CELL_REMARK.sub("", fold(text.split(" | ", 1)[0])).strip()
    return cell in names


def _headings(passages: Sequence[Passage]) -> list[frozenset[str]]:
    """What the sentences of each passage are about without saying it: subject, headings, table header."""
    return [frozenset(index_tokens(" ".join((p.subject, *p.section_path, p.table_header)))) for p in passages]


def asks_for_the_section(query: Query, passage: Passage, information: Information) -> bool:
    """Whether the question asks for nothing but this section of this drug: its subject and heading say it all."""
    if not query.intents or passage.section_kind is not query.intents[0]:
        return False
    if sum(entity.is_product for entity in query.entities) > 1:
        return False  # of two drugs, what one section says of the other is asked
    return information.covered_share(_headings([passage])[0], passage.section_kind) >= _WHOLE_SECTION


def _in_hit(passage: Passage, start: int) -> bool:
    return passage.hit_start <= start < passage.hit_start + passage.hit_length
