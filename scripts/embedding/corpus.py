"""The training pairs: read, folded, deduplicated, with a part held out for choosing between models."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from kbchat.text.tokens import fold

BILINGUAL = frozenset({"med_zh_en_abs", "med_zh_en_title", "gen_zh_en_abs", "gen_zh_en_title"})
_HELD_OUT = frozenset({"med_zh_en_abs", "med_zh_en_title", "toyhom", "medquad"})
_HELD_OUT_OF = 16  # one pair in so many of these sources
_SAME_POSITIVE = 3  # pairs kept for one positive: a batch with the same text twice teaches nothing


@dataclass(frozen=True, slots=True)
class Pair:
    """A question or title and the text that answers it, both folded."""

    source: str
    anchor: str
    positive: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """Pairs to train on, pairs held out, aligned terms (Chinese, English, count), and the SHA-256 of the files read."""

    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    terms: tuple[tuple[str, str, int], ...]
    hashes: dict[str, str]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_held_out(pair: Pair) -> bool:
    """By a hash of the positive, so that pairs about the same text stay together."""
    digest = hashlib.blake2b(pair.positive.encode(), digest_size=4).digest()
    return pair.source in _HELD_OUT and int.from_bytes(digest) % _HELD_OUT_OF == 0


def read_corpus(folder: Path) -> Corpus:
    """Read ``pairs.jsonl.gz`` and ``term_pairs.tsv``."""
    pairs_path, terms_path = folder / "pairs.jsonl.gz", folder / "term_pairs.tsv"
    seen: set[tuple[str, str]] = set()
    positives: Counter[str] = Counter()
    train: list[Pair] = []
    held_out: list[Pair] = []
    with gzip.open(pairs_path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            pair = Pair(row["source"], fold(row["anchor"]).strip(), fold(row["positive"]).strip())
            key = (pair.anchor, pair.positive[:200])
            if key in seen or pair.anchor == pair.positive or min(len(pair.anchor), len(pair.positive)) < 3:
                continue
            seen.add(key)
            if _is_held_out(pair):
                held_out.append(pair)
            elif positives[pair.positive[:200]] < _SAME_POSITIVE:
                positives[pair.positive[:200]] += 1
                train.append(pair)
    hidden = {text for pair in held_out for text in (pair.anchor, pair.positive)}
    train = [pair for pair in train if pair.anchor not in hidden and pair.positive not in hidden]
    terms = []
    for line in terms_path.read_text(encoding="utf-8").splitlines():
        zh, en, count = line.split("\t")
        terms.append((fold(zh).strip(), fold(en).strip(), int(count)))
    hashes = {path.name: _sha256(path) for path in (pairs_path, terms_path)}
    return Corpus(tuple(train), tuple(held_out), tuple(terms), hashes)
