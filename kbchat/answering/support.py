"""How far a sentence of an answer is borne out by a passage, without a language model.

Three looks, cheapest first: word for word; the share of the sentence's own words that stand together in the passage, with
its headings; the cosine of the embedding where words alone do not decide. A sentence that allows what the passage forbids
(or the other way round) is not supported, however many words they share. Where an entailment model is set, words and
embedding only find the places; how far they bear the sentence out, and whether they contradict it, is the model's verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from kbchat.embedding.protocol import Embedder, Vectors
from kbchat.generation.entailment import EntailmentModel, Verdict
from kbchat.text.deferred_pattern import deferred
from kbchat.text.language import language_of
from kbchat.text.sentences import split_sentences
from kbchat.text.tokens import fold, index_tokens, query_tokens
from kbchat.types import Passage

_SHORTEST_VERBATIM = 6
_CERTAIN = 0.8
"""From this share of words on, the embedding is not asked."""
_WHOLE_PASSAGE = 0.85
"""Words spread over a whole passage count less than words that stand together."""
_WORDS_SHARE = 0.7
_CROSS_LANGUAGE_COSINE = 0.6
"""A cosine that supports a sentence fully where the passage is in the other language (words cannot meet)."""
_LEAST_TOKENS = 4
"""A shorter sentence of a passage is a heading, which says nothing by itself."""
_ALIKE = 0.5
"""Sentences that share this much speak of the same matter, so that their directions can be compared."""
_JUDGED = 4
"""Passages of a sentence, those that share most with it, that an entailment model is given."""
_ENTAILED = 0.5
"""From this probability on, the likeliest source is named; below it, the one most alike."""
_SPACE = deferred(r"\s+")
_EDGE = frozenset(" \t\n。；;：:，,、！!？?.()（）|•·-*\u3000")
_FORBIDS = deferred(
    r"禁用|禁止|禁忌|忌用|不得|不可(?!避免|逆|分割|缺)|不能(?!排除|耐受|确定|除外|代替|替代)|不应|不宜|不要|请勿|切勿|避免(?!了)|停用|不推荐|不建议|"
    r"\bcontraindicated\b|\bmust not\b|\bshould not\b|\bdo not\b|\bdon't\b|\bcannot\b|\bcan't\b|\bmay not\b|\bnever\b|\bavoid(?:ed)?\b|"
    r"\bnot (?:be )?(?:recommended|used|advised|safe|suitable|allowed)\b|\bunsafe\b"
)
_ALLOWS = deferred(
    r"可以|可用|能用|能吃|能服|可服|可与|可同|可安全|适合|放心|无需(?:停|避)|不必(?:停|避)|不影响|安全|"
    r"\bcan\b|\bmay\b|\bsafe(?:ly)?\b|\bsuitable\b|\ballowed\b|\bno need to avoid\b|\bis fine\b|\bare fine\b"
)
_WITH_CARE = deferred(
    r"慎用|谨慎|遵医嘱|医师指导|医生指导|权衡|咨询|告知|caution|consult|unless|除非|仅在|只有|如果|若"
)


@dataclass(frozen=True, slots=True)
class Support:
    """``passages[passage].text[start:end]`` supports a sentence by ``score`` (0 to 1).

    ``opposed`` tells that the two speak of the same matter and one allows what the other forbids. ``alike`` (0 to 1) is how
    much they share, whatever they say of it.
    """

    passage: int
    start: int
    end: int
    score: float
    verbatim: bool = False
    opposed: bool = False
    alike: float = 0.0

    @property
    def closeness(self) -> float:
        """How near the place is to the sentence, supporting it or not."""
        return max(self.score, self.alike)


@lru_cache(maxsize=4096)
def _tokens(text: str) -> frozenset[str]:
    return frozenset(index_tokens(text))


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    text: str
    tokens: frozenset[str]


class PassageSentences:
    """One passage cut into sentences; what stands above them counts as said by each."""

    def __init__(self, passage: Passage) -> None:
        self.text = passage.text
        self.language = language_of(passage.text)
        cut = [(start, end, passage.text[start:end]) for start, end in split_sentences(passage.text)]
        self.sentences = [_Sentence(start, end, text, _tokens(text)) for start, end, text in cut]
        self.are_headings = np.array([len(one.tokens) < _LEAST_TOKENS for one in self.sentences], dtype=bool)
        self.heading = " ".join(part for part in (passage.subject, *passage.section_path[-1:]) if part)
        headings = " ".join((passage.subject, passage.document_title, *passage.section_path, passage.table_header))
        self.context = _tokens(headings)
        self.tokens = self.context.union(*(sentence.tokens for sentence in self.sentences))

    def window(self, index: int) -> frozenset[str]:
        """The words of a sentence with its neighbours and headings."""
        near = self.sentences[max(0, index - 1) : index + 2]
        return self.context.union(*(sentence.tokens for sentence in near))

    def premise(self, start: int) -> str:
        """The sentence at ``start`` with its neighbours, under the name of what it is about."""
        index = next((i for i, one in enumerate(self.sentences) if one.start >= start), len(self.sentences) - 1)
        near = self.sentences[max(0, index - 1) : index + 2]
        return f"{self.heading}\n{self.text[near[0].start : near[-1].end]}".strip() if near else self.heading


class SupportFinder:
    """Finds what supports a sentence among the passages of one answer."""

    def __init__(
        self,
        passages: Sequence[Passage],
        embedder: Embedder | None = None,
        entailment: EntailmentModel | None = None,
    ) -> None:
        self._passages = [PassageSentences(passage) for passage in passages]
        self._embedder = embedder
        self._vectors: dict[int, Vectors] = {}
        # A sentence is looked up several times: among all passages, then in each that it names.
        self._words: dict[str, frozenset[str]] = {}
        self._by_word: dict[tuple[str, int], Support | None] = {}
        self._sentence_vectors: dict[str, Vectors] = {}
        self._best: dict[tuple[str, tuple[int, ...]], Support | None] = {}
        self._entailment = entailment
        self._verdicts: dict[tuple[str, str], Verdict] = {}

    @property
    def entails(self) -> bool:
        """Whether support is an entailment model's verdict; words shared say nothing then."""
        return self._entailment is not None

    def best(self, sentence: str, among: Iterable[int] | None = None) -> Support | None:
        """The best support of ``sentence`` in the passages ``among`` (indices; default: all); None without passages.

        Raises GeneratorError when an entailment model is set and fails.
        """
        chosen = tuple(range(len(self._passages)) if among is None else among)
        if (sentence, chosen) not in self._best:
            self._best[sentence, chosen] = self._best_among(sentence, chosen)
        return self._best[sentence, chosen]

    def _best_among(self, sentence: str, chosen: tuple[int, ...]) -> Support | None:
        for number in chosen:
            found = _verbatim(sentence, self._passages[number].text)
            if found is not None:
                return Support(number, *found, 1.0, verbatim=True)
        supports = [support for number in chosen if (support := self._by_words(sentence, number)) is not None]
        best = max(supports, key=lambda one: one.score, default=None)
        if best is not None and best.score < _CERTAIN and self._embedder is not None:
            best = self._by_meaning(sentence, [one.passage for one in supports], supports)
        if best is None or self._entailment is None:
            return best
        return self._by_entailment(sentence, best, supports)

    def together(self, sentence: str, among: Iterable[int]) -> float:
        """How far all of ``among`` at once bear out a sentence that draws on several passages.

        That is the share of its words there, or the verdict of the entailment model on their best places.
        """
        if self._entailment is not None:
            places = [support for number in among if (support := self._by_words(sentence, number)) is not None]
            joined = "\n".join(self._passages[one.passage].premise(one.start) for one in places)
            return self._judged([(joined, sentence)])[0].entailment
        own = self._words_of(sentence)
        there = frozenset[str]().union(*(self._passages[number].tokens for number in among))
        return _WHOLE_PASSAGE * len(own & there) / len(own) if own else 0.0

    def _words_of(self, sentence: str) -> frozenset[str]:
        if sentence not in self._words:
            self._words[sentence] = frozenset(query_tokens(sentence))
        return self._words[sentence]

    def _by_words(self, sentence: str, number: int) -> Support | None:
        if (sentence, number) not in self._by_word:
            self._by_word[sentence, number] = self._read_by_words(sentence, number)
        return self._by_word[sentence, number]

    def _read_by_words(self, sentence: str, number: int) -> Support | None:
        passage = self._passages[number]
        own = self._words_of(sentence)
        if not passage.sentences:
            return None
        if not own:
            first = passage.sentences[0]
            return Support(number, first.start, first.end, 0.0)
        shared = [len(own & one.tokens) for one in passage.sentences]
        index = max(range(len(shared)), key=shared.__getitem__)
        together = len(own & passage.window(index)) / len(own)
        anywhere = len(own & passage.tokens) / len(own)
        best = passage.sentences[index]
        alike = shared[index] / max(1, min(len(own), len(self._words_of(best.text)))) >= _ALIKE
        return Support(
            number,
            best.start,
            best.end,
            max(together, _WHOLE_PASSAGE * anywhere),
            opposed=alike and _opposed(sentence, best.text),
        )

    def _by_meaning(self, sentence: str, numbers: Sequence[int], supports: Sequence[Support]) -> Support:
        vector, language = self._sentence_vector(sentence), language_of(sentence)
        self._embed(numbers)
        judged = []
        for number, support in zip(numbers, supports, strict=True):
            passage = self._passages[number]
            cosines = self._vectors[number] @ vector
            index = int(np.argmax(np.where(passage.are_headings, -1.0, cosines)))
            cosine = 0.0 if passage.are_headings[index] else max(0.0, float(cosines[index]))
            if passage.language != language:
                place = passage.sentences[index]
                score = min(1.0, cosine / _CROSS_LANGUAGE_COSINE)
                alike = score >= _ALIKE and _opposed(sentence, place.text)
                judged.append(
                    Support(number, place.start, place.end, score, opposed=alike) if score > support.score else support
                )
                continue
            score = max(support.score, _WORDS_SHARE * support.score + (1 - _WORDS_SHARE) * cosine)
            judged.append(Support(number, support.start, support.end, score, opposed=support.opposed))
        return max(judged, key=lambda one: one.score)

    def _by_entailment(self, sentence: str, best: Support, supports: Sequence[Support]) -> Support:
        """The place that entails the sentence most; where none does, the one most alike, with the model's verdict."""
        others = sorted(supports, key=lambda one: -one.score)
        places = [best, *(one for one in others if (one.passage, one.start) != (best.passage, best.start))][:_JUDGED]
        verdicts = self._judged([(self._passages[one.passage].premise(one.start), sentence) for one in places])
        judged = [
            replace(one, score=verdict.entailment, opposed=one.opposed or verdict.contradicts, alike=one.score)
            for one, verdict in zip(places, verdicts, strict=True)
        ]
        likeliest = max(judged, key=lambda one: one.score)
        return likeliest if likeliest.score >= _ENTAILED else max(judged, key=lambda one: one.alike)

    def _judged(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        """The model's verdicts; no pair is judged twice."""
        assert self._entailment is not None
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._verdicts]
        if new:
            self._verdicts.update(zip(new, self._entailment.judge(new), strict=True))
        return [self._verdicts[pair] for pair in pairs]

    def _sentence_vector(self, sentence: str) -> Vectors:
        if sentence not in self._sentence_vectors:
            assert self._embedder is not None
            self._sentence_vectors[sentence] = self._embedder.embed_query(sentence)
        return self._sentence_vectors[sentence]

    def _embed(self, numbers: Iterable[int]) -> None:
        """The vectors of the sentences of all these passages, in one go."""
        new = [number for number in numbers if number not in self._vectors]
        if not new:
            return
        assert self._embedder is not None
        texts = [sentence.text for number in new for sentence in self._passages[number].sentences]
        vectors, position = self._embedder.embed_documents(texts), 0
        for number in new:
            end = position + len(self._passages[number].sentences)
            self._vectors[number] = vectors[position:end]
            position = end


def _verbatim(sentence: str, text: str) -> tuple[int, int] | None:
    """Where ``sentence`` stands word for word in ``text``, from the edge of a clause on (no 可用 out of 不可用)."""
    wanted = sentence.strip()
    if len(wanted) < _SHORTEST_VERBATIM:
        return None
    start = text.find(wanted)
    end = start + len(wanted)
    if start < 0:
        if not _SPACE.search(wanted) and "\n" not in text:
            return None
        parts = _SPACE.split(wanted)
        if not all(part in text for part in parts):
            return None
        match = re.search(r"\s*".join(map(re.escape, parts)), text)
        if match is None:
            return None
        start, end = match.span()
    return (start, end) if start == 0 or text[start - 1] in _EDGE or wanted[0] in _EDGE else None


def allows_or_forbids(text: str) -> bool:
    """Whether a text says that something may or must not be done."""
    folded = fold(text)
    return bool(_FORBIDS.search(folded) or _ALLOWS.search(folded))


def _opposed(said: str, source: str) -> bool:
    """Whether one sentence allows plainly what the other forbids plainly."""
    one, other = _direction(said), _direction(source)
    return one * other < 0


def _direction(text: str) -> int:
    """-1 forbids, 1 allows, 0 neither, both, or under conditions."""
    folded = fold(text)
    if _WITH_CARE.search(folded):
        return 0
    forbids = bool(_FORBIDS.search(folded))
    allows = bool(_ALLOWS.search(_FORBIDS.sub(" ", folded)))
    return int(allows) - int(forbids)
