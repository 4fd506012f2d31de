"""The tables that the lexicon is made of: those that ship with kbchat, and a hospital's own."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from kbchat.errors import InvalidInputError
from kbchat.messages import Bilingual
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

DRUG = "drug"
TERM = "term"
CJK = deferred(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_MINED_WEIGHT = 0.6


@dataclass(frozen=True, slots=True)
class Concept:
    """Names of one thing, folded; the preferred name of each language stands first. ``weight`` tells how sure it is."""

    zh: tuple[str, ...]
    en: tuple[str, ...]
    kind: str = TERM
    weight: float = 1.0


def concept_of(names: Iterable[str], kind: str) -> Concept:
    """A concept out of raw names of either language, in their order."""
    folded = tuple(dict.fromkeys(fold(name).strip() for name in names if name.strip()))
    zh = tuple(name for name in folded if CJK.search(name))
    return Concept(zh, tuple(name for name in folded if name not in zh), kind)


def _names(cell: str) -> list[str]:
    return [name.strip() for name in cell.split("|") if name.strip()]


def hospital_concepts(text: str, path: Path) -> list[Concept]:
    """The concepts of a hospital's table; ``path`` is named in errors. Raises InvalidInputError, naming the line."""
    found: list[Concept] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        names = [name for cell in cells[:2] for name in _names(cell)]
        kind = cells[2].lower() if len(cells) > 2 and cells[2] else TERM
        if len(names) < 2 or len(cells) > 3 or kind not in (DRUG, TERM):
            raise InvalidInputError(
                Bilingual(
                    f"Line {number} of the lexicon {path.name} cannot be used: {line[:80]!r}. Expected: Chinese names, a "
                    "tab, English names, and perhaps a tab and 'drug'.",
                    f"词表 {path.name} 第 {number} 行无法使用：{line[:80]!r}。格式应为：中文名、制表符、英文名，第三列可写 drug。",
                ),
                Bilingual("Correct or delete the line.", "请修改或删除这一行。"),
            )
        found.append(concept_of(names, kind))
    return found


def _shipped_lines(name: str) -> list[str]:
    return files("kbchat.medical").joinpath("data", name).read_text(encoding="utf-8").splitlines()


def _rows(lines: Iterable[str]) -> list[list[str]]:
    return list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _shipped_rows(name: str) -> list[list[str]]:
    return _rows(line for line in _shipped_lines(name) if line and not line.startswith("#"))


def clinical_names_under(headings: Collection[str]) -> frozenset[str]:
    """Every name that ``clinical.tsv`` lists under one of its headings (``# --- leaflet ...``)."""
    return frozenset(name for heading, name in _names_with_headings("clinical.tsv") if heading in headings)


@cache
def headings_of_drugs() -> Mapping[str, str]:
    """The heading of ``drugs.tsv`` (diabetes, lipids) that each name of a drug stands under."""
    return {name: heading for heading, name in _names_with_headings("drugs.tsv")}


def _names_with_headings(table: str) -> Iterator[tuple[str, str]]:
    heading, under = "", []
    for line in _shipped_lines(table):
        if line.startswith("#"):
            heading = line.removeprefix("# --- ").strip()
        elif line:
            under.append((heading, line))
    for (told, _), row in zip(under, _rows(line for _, line in under), strict=True):
        yield from ((told, name) for cell in row for name in _names(cell))


def curated_concepts() -> list[Concept]:
    """The two tables written for this project."""
    concepts: list[Concept] = []
    for zh, en, zh_brands, en_brands in _shipped_rows("drugs.tsv"):  # stored folded, a test holds them to it
        concepts.append(Concept((*_names(zh), *_names(zh_brands)), (*_names(en), *_names(en_brands)), DRUG))
    concepts += [Concept(tuple(_names(zh)), tuple(_names(en))) for zh, en in _shipped_rows("clinical.tsv")]
    return concepts


def mined_concepts() -> list[Concept]:
    """The keyword pairs of the literature."""
    return [Concept((zh,), (en,), TERM, _MINED_WEIGHT) for zh, en, _count in _shipped_rows("mined.tsv")]
