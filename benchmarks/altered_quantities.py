"""Quantities altered on purpose, as a language model or a typing hand gets them wrong.

:func:`alterations` gives every way of altering exactly one quantity of a sentence; :func:`chosen` takes a sample in which
each kind of error has its share. Texts stay what they are but for that one quantity.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kbchat.text.quantities import Bound, Quantity, QuantityKind, find_quantities

KINDS = ("digit", "unit", "frequency", "age", "comparison", "range end")
"""The kinds of errors."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TIMES = re.compile(r"\d+(?=次)|(?<=每)\d+(?=小时)")
_UNITS = (
    ("微克", "毫克"), ("毫克", "克"), ("毫升", "升"), ("公斤", "克"), ("厘米", "毫米"), ("小时", "分钟"), ("分钟", "小时"),
    ("个月", "周"), ("两周", "两天"), ("周", "天"), ("天", "周"), ("mg", "g"), ("ml", "L"), ("mL", "L"), ("ng", "μg"), ("℃", "℉"),
)  # fmt: skip
_COMPARISONS = (
    ("不应超过", "至少"), ("不超过", "至少"), ("至少", "最多"), ("最多", "至少"), ("大于", "小于"), ("小于", "大于"), ("以上", "以下"),
    ("以下", "以上"), ("＞", "＜"), (">", "<"), ("超过", "低于"), ("低于", "超过"), ("小时内", "小时后"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alteration:
    """``text`` is the whole sentence with one quantity altered; ``was`` and ``becomes`` are that quantity."""

    kind: str
    text: str
    was: str
    becomes: str


def _replaced(found: re.Match[str], value: str, offset: int) -> tuple[int, int, str]:
    return offset + found.start(), offset + found.end(), value


def _wrong_number(written: str, chance: random.Random) -> str:
    """Ten times as much, a tenth, twice, or one more."""
    value = float(written)
    options = [value * 10, value * 2, value + 1] + ([value / 10] if value >= 10 else [])
    return f"{chance.choice(options):g}"


def _edits(quantity: Quantity, text: str, chance: random.Random) -> Iterator[tuple[str, tuple[int, int, str]]]:
    """Kind and edit (start, end, replacement) of every error that this quantity can have."""
    start, own = quantity.start, text[quantity.start : quantity.end]
    numbers = list(_NUMBER.finditer(own))
    if quantity.is_range and len(numbers) == 2:
        high = float(numbers[1][0])
        yield "range end", _replaced(numbers[1], f"{high + (1 if high < 10 else high / 2):g}", start)
    elif (
        quantity.kind in (QuantityKind.MEASURE, QuantityKind.COUNT, QuantityKind.PERCENTAGE, QuantityKind.DURATION)
        and numbers
    ):
        yield "digit", _replaced(numbers[-1], _wrong_number(numbers[-1][0], chance), start)
    if quantity.kind is QuantityKind.FREQUENCY:
        for found in _TIMES.finditer(own):
            yield "frequency", _replaced(found, str(int(found[0]) + chance.choice((1, 2))), start)
    if quantity.kind is QuantityKind.AGE and numbers:
        found = chance.choice(numbers)
        yield "age", _replaced(found, str(int(float(found[0])) + chance.choice((2, 3, 4))), start)
    if quantity.kind in (QuantityKind.MEASURE, QuantityKind.DURATION):
        for unit, wrong in _UNITS:
            place = own.find(unit)
            if place >= 0:
                yield "unit", (start + place, start + place + len(unit), wrong)
                break
    around = text[start : quantity.end + 2] if quantity.bound is Bound.NONE else own
    for word, opposite in _COMPARISONS:
        place = around.find(word)
        if place >= 0:
            yield "comparison", (start + place, start + place + len(word), opposite)
            break


def alterations(text: str, chance: random.Random) -> list[Alteration]:
    """Every alteration of one quantity of ``text``."""
    found = []
    for quantity in find_quantities(text):
        for kind, (start, end, wrong) in _edits(quantity, text, chance):
            low, high = min(start, quantity.start), max(end, quantity.end)
            altered = text[:start] + wrong + text[end:]
            found.append(Alteration(kind, altered, text[low:high], altered[low : high + len(wrong) - (end - start)]))
    return found


def chosen(texts: Sequence[str], number: int, seed: int) -> list[tuple[int, Alteration]]:
    """``number`` alterations with the index of their text: each kind in turn, each text as seldom as possible."""
    chance = random.Random(seed)
    by_kind: dict[str, list[tuple[int, Alteration]]] = {kind: [] for kind in KINDS}
    for index, text in enumerate(texts):
        for alteration in alterations(text, chance):
            by_kind[alteration.kind].append((index, alteration))
    for options in by_kind.values():
        chance.shuffle(options)
    uses = [0] * len(texts)
    taken: list[tuple[int, Alteration]] = []
    while len(taken) < number and any(by_kind.values()):
        for kind in KINDS:
            if by_kind[kind] and len(taken) < number:
                best = min(by_kind[kind], key=lambda option: uses[option[0]])
                by_kind[kind].remove(best)
                uses[best[0]] += 1
                taken.append(best)
    return taken
