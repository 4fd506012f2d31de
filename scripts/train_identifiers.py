"""Fit the model that finds names in messages and write its weights into kbchat/medical/data.

    python scripts/train_identifiers.py [--questions FILE] [--check]

Reads scripts/identifier_items, all written for kbchat: frames (``frames_zh.txt``, ``frames_en.txt``) with places for names and
other identifiers, what fills them (``names.toml``, ``fillers.toml``) and messages that name nobody (``negatives_*.txt``).
``--questions`` names a file of real questions, one JSON object a line with the key ``anchor`` and ``source``: every second one
teaches what is no name, the others measure false hits. The shipped weights were fitted with the questions of toyhom (MIT),
zhongjing and medicalgpt (Apache-2.0) and MedQuAD (CC BY 4.0). Needs scikit-learn; takes a few minutes. ``--check`` writes nothing.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from kbchat.medical.phi_name_features import BUCKETS, VERSION, candidates
from kbchat.medical.phi_name_model import MANIFEST, WEIGHTS, NameModel, medicines_in
from kbchat.medical.phi_tables import IdentifierSpan
from kbchat.text.normalise import unify

ROOT = Path(__file__).resolve().parents[1]
ITEMS = ROOT / "scripts" / "identifier_items"
DATA = ROOT / "kbchat" / "medical" / "data"
SOURCES = frozenset({"toyhom", "toyhom_ask", "zhongjing", "medicalgpt", "medquad"})
PER_FRAME = 30
OTHERS_KEPT = 24
"""Runs beside a name, or in a question, that are kept as examples of what is no name; those that overlap it all are."""

PLAIN_TIMES = 6
"""How often a message that names nobody counts."""

STRENGTH = 0.5
"""Inverse strength of the L2 penalty."""

_PLACE = re.compile(r"\{([A-Z])\}")
_TYPES = {"P": "PHONE", "D": "DOB", "B": "BED", "M": "MRN", "A": "ADDRESS", "I": "ID_CARD", "W": "WECHAT", "E": "EMAIL"}

Message = tuple[str, list[IdentifierSpan], list[tuple[int, int]]]
"""Unified text, the identifiers that are no names, and the names."""


def lines(name: str) -> list[str]:
    """The lines of a file."""
    return [line for line in (ITEMS / name).read_text("utf-8").splitlines() if line.strip()]


class Names:
    """Draws names: of the lists, of their parts, and in English of letters as well."""

    def __init__(self, chance: random.Random) -> None:
        raw = tomllib.loads((ITEMS / "names.toml").read_text("utf-8"))
        self._chance = chance
        self._raw = {
            key: value.split() if " " in value else list(value) for key, value in raw.items() if isinstance(value, str)
        }

    def _one(self, key: str) -> str:
        return self._chance.choice(self._raw[key])

    def chinese(self) -> str:
        """A Chinese name: mostly a surname and one or two characters, sometimes a word or a transliterated name."""
        draw = self._chance.random()
        if draw < 0.14:
            return self._one("words")
        if draw < 0.22:
            first = self._one("transliterated")
            return first + "·" + self._one("transliterated") if self._chance.random() < 0.25 else first
        surname = self._one("compounds" if draw < 0.31 else "surnames_rare" if draw < 0.66 else "surnames_common")
        given = self._one("given") + (self._one("given") if self._chance.random() < 0.72 else "")
        return surname + given + (given[-1] if len(given) == 2 and self._chance.random() < 0.02 else "")

    def english(self) -> str:
        """An English name: one or two words, at times with a middle name or in the order of the family name."""
        draw = self._chance.random()
        first, last = self._word("first_en"), self._word("last_en")
        if draw < 0.38:
            return first
        if draw < 0.46:
            return last
        if draw < 0.52:
            return f"{first} {self._word('first_en')} {last}"
        return f"{last} {first}" if draw < 0.57 else f"{first} {last}"

    def _word(self, key: str) -> str:
        if self._chance.random() < 0.7:
            return self._one(key)
        left, right = self._one(key), self._one(key)
        return (left[: max(2, len(left) // 2)] + right[len(right) // 2 :]).capitalize()


def filler(kind: str, language: str, chance: random.Random) -> str:
    """An invented telephone number, date, bed and so on."""
    digits = "".join(chance.choice("0123456789") for _ in range(8))
    if kind in "PIM":
        return {"P": f"138{digits}", "I": f"9901011990{digits}", "M": f"{chance.choice(['', 'A', 'MZ'])}{digits}"}[kind]
    zh = language == "zh"
    return {
        "D": f"19{chance.randint(30, 99)}年{chance.randint(1, 12)}月6日" if zh else f"0{chance.randint(1, 9)}/07/1951",
        "B": f"{chance.randint(1, 60)}床" if zh else f"bed {chance.randint(1, 60)}",
        "A": f"虚谷市青禾区临江路{chance.randint(1, 99)}号"
        if zh
        else f"{chance.randint(1, 99)} Nowhere Lane, Mocktown",
        "W": f"wx_{digits[:5]}",
        "E": f"n{digits[:3]}@post.example",
        "Y": str(chance.randint(2, 98)),
        "X": chance.choice("王李张刘陈杨黄赵"),
    }[kind]


def filled(frame: str, language: str, names: Names, fillers: dict[str, list[str]], chance: random.Random) -> Message:
    """One message of a frame."""
    text, spans, named, position = "", list[IdentifierSpan](), list[tuple[int, int]](), 0
    for match in _PLACE.finditer(frame):
        text += frame[position : match.start()]
        kind, start = match[1], len(text)
        if kind == "N":
            text += names.chinese() if language == "zh" else names.english()
            named.append((start, len(text)))
        elif kind in fillers:
            text += chance.choice(fillers[kind])
        else:
            text += filler(kind, language, chance)
            if kind in _TYPES:
                spans.append(IdentifierSpan(start, len(text), _TYPES[kind]))
        position = match.end()
    text += frame[position:]
    unified = unify(text)
    assert len(unified) == len(text)
    return unified, spans, named


def composed(seed: int, each: int, keep: Iterable[int] | None = None) -> Iterator[Message]:
    """Messages of all frames, or of those whose number is in ``keep``, and those that name nobody."""
    chance = random.Random(seed)
    names = Names(chance)
    fillers = tomllib.loads((ITEMS / "fillers.toml").read_text("utf-8"))
    for language in ("zh", "en"):
        parts = {key: value.split("|") for key, value in fillers[language].items()}
        chosen = set(keep) if keep is not None else set(range(10))
        frames = [frame for number, frame in enumerate(lines(f"frames_{language}.txt")) if number % 10 in chosen]
        for frame in frames:
            for _ in range(each):
                yield filled(frame, language, names, parts, chance)
        plain = [text for number, text in enumerate(lines(f"negatives_{language}.txt")) if number % 10 in chosen]
        for text in plain:
            for _ in range(PLAIN_TIMES):
                yield unify(text), [], []


def questions(path: Path, *, half: int, limit: int) -> list[str]:
    """Every second question of the sources that may be used, beginning with ``half``."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    items = map(json.loads, content.decode("utf-8").splitlines())
    found = [str(item["anchor"]) for item in items if item["source"] in SOURCES]
    distinct = sorted(set(found))
    random.Random(0).shuffle(distinct)
    return [unify(text) for text in distinct[half::2]][:limit]


class Examples:
    """Rows of the design matrix."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.rows: list[tuple[int, ...]] = []
        self.labels: list[int] = []

    def add(self, message: Message) -> None:
        """The runs of a message: its names, what overlaps them, and some of the others."""
        text, spans, named = message
        plain = []
        for candidate in candidates(text, spans, medicines_in(text)):
            span = (candidate.start, candidate.end)
            if span in named or any(span[0] < high and low < span[1] for low, high in named):
                self.rows.append(candidate.buckets)
                self.labels.append(int(span in named))
            else:
                plain.append(candidate.buckets)
        kept = self._chance.sample(plain, min(OTHERS_KEPT, len(plain)))
        self.rows += kept
        self.labels += [0] * len(kept)


def fit(examples: Examples) -> NameModel:
    """A logistic regression."""
    starts = np.cumsum([0, *map(len, examples.rows)])
    columns = np.concatenate([np.array(row) for row in examples.rows])
    matrix = csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=(len(examples.rows), BUCKETS))
    model = LogisticRegression(C=STRENGTH, max_iter=150, solver="lbfgs", tol=1e-3).fit(matrix, examples.labels)
    weights = model.coef_[0].astype(np.float16).astype(np.float32)
    return NameModel(weights, round(float(model.intercept_[0]), 4), 0.0)


def measured(model: NameModel, messages: Sequence[Message]) -> dict[str, float]:
    """Precision and recall of whole names."""
    hits = wrong = missed = 0
    for text, spans, named in messages:
        found = set(model.names(text, spans))
        hits, wrong, missed = (
            hits + len(found & set(named)),
            wrong + len(found - set(named)),
            missed + len(set(named) - found),
        )
    return {
        "precision": round(hits / max(hits + wrong, 1), 4),
        "recall": round(hits / max(hits + missed, 1), 4),
    }


def trained(messages: Iterable[Message], asked: Sequence[str]) -> NameModel:
    """A model of messages and of questions that name nobody; runs that the first model takes for names are learned again."""
    examples = Examples(0)
    for message in messages:
        examples.add(message)
    for text in asked:
        examples.add((text, [], []))
    first = fit(examples)
    for text in asked:
        runs = {(c.start, c.end): c.buckets for c in candidates(text, [], medicines_in(text))}
        for span in NameModel(first.weights, first.intercept, -2.0).names(text, []):
            examples.rows += [runs[span]] * 2
            examples.labels += [0, 0]
    return fit(examples)


def write(model: NameModel, figures: dict[str, Any]) -> None:
    """The weights and their manifest."""
    content = save({"weights": np.ascontiguousarray(model.weights, dtype=np.float16)})
    (DATA / WEIGHTS).write_bytes(content)
    manifest = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "features": VERSION,
        "intercept": model.intercept,
        "threshold": model.threshold,
        "figures": figures,
        "made_by": "scripts/train_identifiers.py from scripts/identifier_items and questions of toyhom, zhongjing, medicalgpt, MedQuAD",
    }
    (DATA / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Fit, measure on frames and questions left out, print, fit to everything, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=Path, help="real questions that name nobody (JSON lines, may be gzipped)")
    parser.add_argument("--limit", type=int, default=6000, help="questions to learn from")
    parser.add_argument("--threshold", type=float, default=0.7, help="log-odds above which a run is a name")
    parser.add_argument("--check", action="store_true", help="measure only")
    arguments = parser.parse_args()
    asked = questions(arguments.questions, half=0, limit=arguments.limit) if arguments.questions else []
    figures: dict[str, Any] = {}
    if arguments.check:
        model = trained(composed(1, PER_FRAME // 2, range(8)), asked)
        held = list(composed(2, 5, (8, 9)))
        for threshold in (0.0, 1.0, 2.0, 3.0, 4.0):
            figures[f"frames left out at {threshold}"] = measured(
                NameModel(model.weights, model.intercept, threshold), held
            )
        print(json.dumps(figures, indent=1))
        return
    model = trained(composed(0, PER_FRAME), asked)
    model = NameModel(model.weights, model.intercept, arguments.threshold)
    unseen = questions(arguments.questions, half=1, limit=6000) if arguments.questions else []
    hits = sum(bool(model.names(text, [])) for text in unseen)
    figures = {"questions_not_learned_from": len(unseen), "of_these_with_a_name_found": hits}
    write(model, figures)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
