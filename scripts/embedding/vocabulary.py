"""The vocabulary and its tokenizer: words of both languages, cut by the most probable path.

A Unigram model over a vocabulary that is not learnt but counted: Chinese words as rjieba cuts them and single characters,
English words, pieces for words it does not know, numbers, and the names of the lexicon. The most probable path through
such a vocabulary is what jieba computes, so the tokenizer needs no dictionary beside its own file and cuts Chinese
questions and documents alike; words that a PDF ran together ("ofcisplatin") fall apart into their parts.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

import rjieba
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from embedding.corpus import Corpus
from kbchat.medical.lexicon import DRUG, Lexicon

UNKNOWN = "[UNK]"
PIECES = "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[a-zα-ω]+|[0-9]+"
_PIECE = re.compile(PIECES)
_GENERAL_WEIGHT = 0.3  # a word of the non-medical sources counts so much
_SUBWORDS = 2500
_LONGEST_ZH_TERM = 5
_CHARACTER_PRIOR = 0.02  # single characters are a last resort beside words
_LEXICON_PRIOR = 4.0


def count_words(corpus: Corpus) -> Counter[str]:
    """How often each Chinese word, English word and number occurs, medical sources counting full."""
    counts: Counter[str] = Counter()
    weights = {text: _weight(pair.source) for pair in corpus.train for text in (pair.anchor, pair.positive)}
    for text, weight in weights.items():
        for match in _PIECE.finditer(text):
            piece = match.group()
            for word in rjieba.cut(piece) if piece[0] > "\u3000" else (piece,):
                counts[word] += weight  # type: ignore[assignment]  # a Counter of floats
    for zh, en, count in corpus.terms:
        for piece in _PIECE.findall(f"{zh} {en}"):
            for word in rjieba.cut(piece) if piece[0] > "\u3000" else (piece,):
                counts[word] += 0.5 * count  # type: ignore[assignment]
    return counts


def _weight(source: str) -> float:
    return _GENERAL_WEIGHT if source.startswith("gen_") else 1.0


def lexicon_words(lexicon: Lexicon) -> set[str]:
    """Names that deserve a vector of their own: drug names, and short Chinese terms."""
    found: set[str] = set()
    for concept in lexicon.concepts:
        for name in (*concept.zh, *concept.en):
            whole = _PIECE.fullmatch(name) is not None
            if whole and (
                (concept.kind == DRUG and len(name) <= 16) or len(name) <= _LONGEST_ZH_TERM or name.isascii()
            ):
                found.add(name)
    return found


def _subwords(counts: Counter[str]) -> list[str]:
    """Pieces for English words that have no entry, learnt on the word types."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.UnigramTrainer(vocab_size=_SUBWORDS, max_piece_length=8, show_progress=False)
    types = sorted(word for word, count in counts.items() if word.isascii() and word.isalpha() and count >= 2)
    tokenizer.train_from_iterator(types, trainer)
    return sorted(tokenizer.get_vocab())


def choose_vocabulary(counts: Counter[str], lexicon: Lexicon, size: int) -> dict[str, float]:
    """Word -> count, ``size`` of them: characters, pieces and lexicon names first, then the most frequent words."""
    chosen: dict[str, float] = {}
    characters: Counter[str] = Counter()
    for word, count in counts.items():
        if word[0] > "\u3000":
            for character in word:
                characters[character] += count
    for character, count in characters.items():
        if count >= 3:
            chosen[character] = max(count * _CHARACTER_PRIOR, counts[character], 0.3)
    for letter in "abcdefghijklmnopqrstuvwxyz0123456789αβγδμ":
        chosen.setdefault(letter, max(counts[letter] * _CHARACTER_PRIOR, 0.3))
    for piece in _subwords(counts):
        chosen.setdefault(piece, max(counts[piece], 0.5))
    for name in lexicon_words(lexicon):
        chosen[name] = max(counts[name], _LEXICON_PRIOR)
    for word, count in counts.most_common():
        if len(chosen) >= size - 1:
            break
        if word.isdigit() and len(word) > 3:
            continue
        if len(word) <= 20:
            chosen[word] = max(chosen.get(word, 0.0), count)
    return chosen


def build_tokenizer(vocabulary: dict[str, float]) -> Tokenizer:
    """The tokenizer; token 0 is the unknown one and is dropped when texts are embedded."""
    total = sum(vocabulary.values())
    scored = sorted(vocabulary.items(), key=lambda item: (-item[1], item[0]))
    entries: Iterable[tuple[str, float]] = [(word, round(math.log(count / total), 2)) for word, count in scored]
    tokenizer = Tokenizer(models.Unigram([(UNKNOWN, -30.0), *entries], unk_id=0))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(PIECES), behavior="removed", invert=True)
    return tokenizer
