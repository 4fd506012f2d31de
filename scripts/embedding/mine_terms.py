"""Pick the medical ones from the aligned keyword pairs: writes kbchat/medical/data/mined.tsv.

    python scripts/embedding/mine_terms.py DATA_FOLDER

DATA_FOLDER holds ``term_pairs.tsv`` (Chinese, English, count; all sciences) and ``pairs.jsonl.gz``. A pair is kept when its
Chinese term is clearly more frequent in the medical texts than in the others, its English words are not rarer there, and
no word looks like two words run together (a fault of the PDF extraction that the lists come from).
"""

from __future__ import annotations

import gzip
import json
import math
import re
import sys
from collections import Counter
from pathlib import Path

from kbchat.medical.lexicon import Lexicon
from kbchat.text.tokens import fold

_OUTPUT = Path(__file__).parents[2] / "kbchat" / "medical" / "data" / "mined.tsv"
_HEADER = """\
# Chinese-English medical keyword pairs and their counts, picked by scripts/embedding/mine_terms.py from the aligned keyword
# lists of papers on ChinaXiv (chinaxiv.org), used under CC BY 4.0 (creativecommons.org/licenses/by/4.0). Changes: filtered to
# medicine, lower case, simplified characters, faulty pairs removed.
"""
_ZH = re.compile(r"[\u4e00-\u9fffa-z0-9α-ω-]+")
_EN = re.compile(r"[a-z0-9α-ω][a-z0-9α-ω ,'-]*")
_WORD = re.compile(r"[a-z]+")
_LONGEST_ZH = 10


def _texts(path: Path) -> dict[bool, set[str]]:
    """All texts, folded, by whether their source is medical."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            found[not row["source"].startswith("gen_")].update((fold(row["anchor"]), fold(row["positive"])))
    return found


def _count_terms(texts: set[str], terms: set[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        for length in range(2, _LONGEST_ZH + 1):
            counts.update(gram for i in range(len(text) - length + 1) if (gram := text[i : i + length]) in terms)
    return counts


def _run_together(word: str, counts: Counter[str]) -> bool:
    """Whether ``word`` is rare and falls into two frequent words."""
    return counts[word] < 40 and any(
        counts[word[:i]] > 4 * counts[word] + 40 and counts[word[i:]] > 4 * counts[word] + 40
        for i in range(2, len(word) - 1)
        if len(word) > 7
    )


def mine(folder: Path) -> list[tuple[str, str, int]]:
    """The pairs to keep, most frequent first."""
    counted: Counter[tuple[str, str]] = Counter()
    for line in (folder / "term_pairs.tsv").read_text(encoding="utf-8").splitlines():
        term, translation, times = line.split("\t")
        counted[fold(term).strip(), fold(translation).strip()] += int(times)
    texts = _texts(folder / "pairs.jsonl.gz")
    size = {medical: sum(map(len, found)) for medical, found in texts.items()}
    terms = {zh for zh, _ in counted}
    zh_counts = {medical: _count_terms(found, terms) for medical, found in texts.items()}
    en_counts = {medical: Counter(w for t in found for w in _WORD.findall(t)) for medical, found in texts.items()}
    all_en = en_counts[True] + en_counts[False]
    known = {(zh, en) for c in Lexicon.curated().concepts for zh in c.zh for en in c.en}
    most = Counter[str]()
    for (zh, _), count in counted.items():
        most[zh] = max(most[zh], count)

    def leaning(counts: dict[bool, Counter[str]], term: str) -> float:
        return math.log((counts[True][term] + 0.5) / size[True] / ((counts[False][term] + 0.5) / size[False]))

    kept = []
    for (zh, en), count in counted.items():
        words = _WORD.findall(en)
        if not (_ZH.fullmatch(zh) and 2 <= len(zh) <= _LONGEST_ZH and re.search("[\u4e00-\u9fff]", zh)):
            continue
        if not (words and _EN.fullmatch(en) and len(en) >= 3 and len(en.split()) <= 6):
            continue
        if (zh, en) in known or count * 3 < most[zh] or zh_counts[True][zh] < 3:
            continue
        if any(len(w) > 2 and (all_en[w] < 6 or _run_together(w, all_en)) for w in words):
            continue
        if leaning(zh_counts, zh) > 1.2 and max(leaning(en_counts, w) for w in words) > 0.2:
            kept.append((zh, en, count))
    return sorted(kept, key=lambda row: (-row[2], row[0], row[1]))


if __name__ == "__main__":
    rows = mine(Path(sys.argv[1]))
    _OUTPUT.write_text(_HEADER + "".join(f"{zh}\t{en}\t{count}\n" for zh, en, count in rows), encoding="utf-8")
    print(f"{len(rows)} pairs")
