"""What is bilingual in the training data: aligned texts, keyword pairs, names of the lexicon, everyday words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from embedding.corpus import BILINGUAL, Corpus
from embedding.encoding import TokenIds, TokenisedPairs
from embedding.training import Group
from embedding.translation import Candidates, Ids, translations
from kbchat.medical.lexicon import Lexicon

_EVERYDAY = Path(__file__).with_name("everyday.tsv")
_NAMES = 6  # names of one side of a concept that are paired with the other's
_LONGEST_ALIGNED = 110
_RAREST, _MOST_FREQUENT = 4, 9000  # texts a token of an abstract may stand in to be aligned

TermPair = tuple[str, str, float]


def term_pairs(corpus: Corpus, lexicon: Lexicon) -> list[TermPair]:
    """Chinese term, English term, weight: lexicon and everyday words (the preferred names most), then keyword pairs."""
    found: list[TermPair] = []
    for concept in lexicon.concepts:
        found += _crossed(concept.zh, concept.en, 2.0 if concept.weight >= 1 else 1.0)
    for line in _EVERYDAY.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            zh, en = line.split("\t")
            found += _crossed(zh.split("|"), en.split("|"), 2.0)
    found += [(zh, en, 1.0 + 0.3 * min(count, 5)) for zh, en, count in corpus.terms]
    return found


def _crossed(zh: Sequence[str], en: Sequence[str], weight: float) -> list[TermPair]:
    return [(a, b, weight * 4 / (1 + i + j)) for i, a in enumerate(zh[:_NAMES]) for j, b in enumerate(en[:_NAMES])]


def synonyms(lexicon: Lexicon) -> list[tuple[str, str]]:
    """The preferred name of each language and each of its other names."""
    return [
        (names[0], other) for concept in lexicon.concepts for names in (concept.zh, concept.en) for other in names[1:]
    ]


def translation_tables(
    data: TokenisedPairs, terms: Group, weights: Sequence[float], tokens: TokenIds
) -> tuple[Candidates, Candidates]:
    """Word translations, Chinese to English and back, from aligned texts and term pairs."""
    texts = np.zeros(tokens.size)
    for ids in (*data.anchors, *data.positives):
        texts[np.unique(ids)] += 1
    frequent_enough = (texts >= _RAREST) & (texts < _MOST_FREQUENT)
    aligned: list[tuple[Ids, Ids]] = []
    aligned_weights: list[float] = []
    for pair, anchor, positive in zip(data.pairs, data.anchors, data.positives, strict=True):
        if pair.source not in BILINGUAL:
            continue
        zh, en = np.unique(anchor), np.unique(positive)
        zh, en = zh[tokens.chinese[zh]], en[~tokens.chinese[en]]
        if pair.source.endswith("_abs"):
            zh, en = zh[frequent_enough[zh]][:_LONGEST_ALIGNED], en[frequent_enough[en]][:_LONGEST_ALIGNED]
        aligned.append((zh, en))
        aligned_weights.append(0.5 if pair.source.endswith("_abs") else 1.0)
    for zh, en, weight in zip(terms.anchors, terms.positives, weights, strict=True):
        aligned.append((np.unique(zh), np.unique(en)))
        aligned_weights.append(weight)
    return translations(aligned, aligned_weights, tokens.size)
