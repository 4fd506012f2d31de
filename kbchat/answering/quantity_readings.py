"""What single words around a quantity say of it: the nearest cue, before or after an event or a meal, a step, a day of treatment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, takewhile

from kbchat.answering.quantity_surroundings import Surroundings
from kbchat.text.deferred_pattern import deferred
from kbchat.text.normalise import CHINESE_NUMERAL, parse_number
from kbchat.text.quantities import Bound, Quantity, QuantityKind

_BEFORE = deferred(r"(?:提前|前)\s*$")
_AFTER = deferred(r"(?:推迟|延后|延迟|后|隔)\s*$")
_BEFORE_BEHIND = deferred(r"\s*(?:之?前|以前|before\b|prior\b|beforehand\b|earlier\b)", re.IGNORECASE)
_AFTER_BEHIND = deferred(r"\s*(?:之?后|以后|after\b|later\b|following\b|post\b)", re.IGNORECASE)
_AFTER_AHEAD = deferred(r"\bafter\s+(?:the first\s+)?$", re.IGNORECASE)
_MEAL_BEFORE = deferred(r"(?:饭|餐|进食|用餐|早餐|晚餐)前[^，。；]{0,4}$")
_MEAL_AFTER = deferred(r"(?:饭|餐|进食|用餐|早餐|晚餐)后[^，。；]{0,4}$")
_EN_MEAL = r"\s*(?:a |the |each |every )?(?:meals?|food|eating|breakfast|dinner|lunch)"
_MEAL_BEFORE_BEHIND = deferred(rf"\s*(?:before|prior to){_EN_MEAL}|[^，。；]{{0,2}}(?:饭|餐)前", re.IGNORECASE)
_MEAL_AFTER_BEHIND = deferred(rf"\s*after{_EN_MEAL}|[^，。；]{{0,2}}(?:饭|餐)后", re.IGNORECASE)
_WORD = deferred(r"\s*(?:the |a |an |your )?([a-zA-Z]{4,})")
_A_KILOGRAM = 1e6
_TAKEN = frozenset({"oral", "sachet", "vial", "puff", "drop", "patch", "spoon"})
_HEAD = 28
_NTH = deferred(
    rf"(?P<single>首日|(?<![每一单])[次翌]日)|第\s*(?P<low>\d+|{CHINESE_NUMERAL})(?:\s*[-~至到]\s*第?\s*(?P<high>\d+|{CHINESE_NUMERAL}))?\s*个?(?P<unit>[天日周月年])"
    r"|\b(?P<unit_en>day|week|month|cycle)s? (?P<low_en>\d+|one|two|three|four)(?:\s*(?:-|~|to|through)\s*(?:(?:day|week|month|cycle)s? )?(?P<high_en>\d+))?(?!\d|\.\d)"
    rf"|(?:^|(?<=[，,。；;：:、\s]))[头前](?P<until>\d+|{CHINESE_NUMERAL})个?(?P<unit_until>[天日周月])"
    r"|\bfirst (?P<until_en>\d+|two|three|four|five) (?P<unit_until_en>day|week|month)s\b"
    r"|\b(?P<low_th>first|second|third|fourth) (?P<unit_th>day|week|month|cycle)\b",
    re.IGNORECASE,
)
_SAME_DAY = {"日": "天", "day": "天", "week": "周", "month": "月"}
_SINGLE_DAYS = {"首日": 1.0, "次日": 2.0, "翌日": 2.0}
_ORDINALS = {"first": 1.0, "second": 2.0, "third": 3.0, "fourth": 4.0}
_FORBIDDEN = deferred(
    r"禁用|禁止|忌用|[不勿莫](?:能|可|宜|得|要|应|推荐|建议|准|许|用|给|打|吃|适)(?!超|高|低|少|多|大|小|早|晚|长|短)|避免|请勿|"
    r"\b(?:not|never|avoid|contraindicated|cannot|don't|must ?n't|should ?n't)\b(?! (?:exceed|more|less|over|above|below|later|longer))",
    re.IGNORECASE,
)
_CHANGE = deferred(
    r"(?:(?P<by>(?:减少|增加|递增|递减|增量|减量|[加减](?=约?$)|(?:reduce|increase|decrease|lower|raise|cut)\w*[^,.;]{0,20}\bby|\b(?:go|step|move)\s+(?:up|down)(?:\s+by)?)(?:了|约)?)"
    r"|(?P<to>(?:减至|减到|减为|增至|增到|增为|加至|加到|降至|降到|升至|升到|调整为|调至|改为|(?:reduce|increase|decrease|lower|raise|cut)\w*[^,.;]{0,20}\bto|直至|\bto (?:a |the )?(?:max(?:imum|\.)?|total|ceiling)(?: (?:dose|daily dose))? of|\b(?:target(?: dose)? of|reach(?:ing)?|goal of))(?:约)?))\s*$",
    re.IGNORECASE,
)
_SPACING = deferred(r"间隔|相隔|隔开|分开|错开|隔|\bapart\b|\binterval|\bspac(?:e|ing)|\bseparat", re.IGNORECASE)


def nearest(cues: list[tuple[int, int, str]], quantity: Quantity, clause: tuple[int, int]) -> str:
    """The nearest cue of its clause, before the quantity or else behind it; else the nearest before it in the sentence."""
    before = [value for start, _, value in cues if start <= quantity.start]
    inside = [value for start, _, value in cues if quantity.start < start < quantity.end]
    near = [value for start, _, value in cues if clause[0] <= start <= quantity.start]
    behind = [value for start, _, value in cues if quantity.end <= start < clause[1]]
    for found in (inside, near):
        if found:
            return found[-1]
    if behind:
        return behind[0]
    return before[-1] if before else ""


def basis_of(cues: list[tuple[int, int, str]], quantity: Quantity, frequencies: Sequence[Quantity]) -> str:
    """Per dose or per day: the nearest cue of the clause before it; words that belong to a frequency do not count."""
    plain = [
        value
        for start, end, value in cues
        if start < quantity.end and not any(f.start <= start and end <= f.end for f in frequencies)
    ]
    return plain[-1] if plain else ""


def side_of(text: str, quantity: Quantity) -> tuple[str, str]:
    """Before or after, and the word of the event (术 for 术后12小时, surgery for 12 hours after surgery)."""
    head = text[max(0, quantity.start - 6) : quantity.start]
    for side, behind, ahead in (("before", _BEFORE_BEHIND, _BEFORE), ("after", _AFTER_BEHIND, _AFTER)):
        match = behind.match(text, quantity.end)
        if match:
            word = _WORD.match(text, match.end())
            return side, word[1].lower() if word else ""
        before = ahead.search(head)
        if before:
            return side, head[max(0, before.start() - 1) : before.start()]
    return "", ""


def condition_of(quantities: Sequence[Quantity], index: int, sentence: tuple[int, int], clause: tuple[int, int]) -> str:
    """The nearest bounded age, weight or laboratory value before a dose in its sentence; else the last thing its clause says."""
    if quantities[index].kind not in (QuantityKind.MEASURE, QuantityKind.COUNT):
        return ""
    for other in reversed(quantities[:index]):
        if other.start < sentence[0]:
            break
        if _is_condition(other) and (other.is_range or other.bound is not Bound.NONE):
            return _named(other)
    behind = takewhile(lambda other: other.start < sentence[1], islice(quantities, index + 1, None))
    rest = [other for other in behind if is_amount(other)]
    alone = len(rest) == 1 and rest[0].start < clause[1] and _is_condition(rest[0])
    return _named(rest[0]) if alone and rest[0].bound is not Bound.NONE else ""


def is_amount(quantity: Quantity) -> bool:
    """Whether it is neither a frequency nor a period."""
    return quantity.kind not in (QuantityKind.FREQUENCY, QuantityKind.PERIOD)


def conditions_of(quantities: Sequence[Quantity]) -> list[tuple[int, int, str]]:
    """The ages, weights and laboratory values (of a sentence) that decide between doses, single ages and weights included."""
    return [(*other.core, _named(other)) for other in quantities if _is_condition(other)]


def is_weight(quantity: Quantity) -> bool:
    """Whether it is what a person weighs."""
    return quantity.unit == "mg" and quantity.values[0] >= _A_KILOGRAM


def _is_condition(quantity: Quantity) -> bool:
    laboratory = "/" in quantity.unit and quantity.kind is QuantityKind.MEASURE and "kg" not in quantity.unit
    years = quantity.kind is QuantityKind.DURATION and "year" in quantity.text  # under 10 years
    bounded = quantity.is_range or quantity.bound is not Bound.NONE
    return quantity.kind is QuantityKind.AGE or is_weight(quantity) or (bounded and (years or laboratory))


def _named(quantity: Quantity) -> str:
    return f"{quantity.bound}{quantity.values}{quantity.unit}"


def limit_of(around: Surroundings, quantities: Sequence[Quantity], index: int, clause: tuple[int, int]) -> str:
    """Maximum or minimum, where a word between the amount before and this one says so in its clause."""
    ends = [other.end for other in quantities[:index] if other.kind is not QuantityKind.PERIOD]
    cues = around.cues("stage", max([clause[0], *ends]), quantities[index].start)
    limits = [value for _, _, value in cues if value in ("max", "min")]
    return limits[-1] if limits else ""


def has_elapsed(text: str, quantity: Quantity) -> bool:
    """Whether a time has gone by: 72小时后, after 72 hours."""
    if quantity.bound is not Bound.NONE:
        return False
    return bool(_AFTER_BEHIND.match(text, quantity.end) or _AFTER_AHEAD.search(text, 0, quantity.start))


def meal_of(text: str, quantity: Quantity) -> str:
    """Before or after a meal."""
    head = text[max(0, quantity.start - 12) : quantity.start]
    if _MEAL_BEFORE.search(head) or _MEAL_BEFORE_BEHIND.match(text, quantity.end):
        return "before"
    return "after" if _MEAL_AFTER.search(head) or _MEAL_AFTER_BEHIND.match(text, quantity.end) else ""


def nth_of(cues: Sequence[tuple[int, int, str]], quantity: Quantity) -> str:
    """The day or week of treatment that stands before a dose in its sentence: 第1天500mg，第2~5天250mg."""
    if quantity.kind not in (QuantityKind.MEASURE, QuantityKind.COUNT):
        return ""
    found = [value for _, end, value in cues if end <= quantity.start]
    return found[-1] if found else ""


def nths_of(text: str, sentence: tuple[int, int]) -> list[tuple[int, int, str]]:
    """The days and weeks of treatment in a sentence."""
    return [(*found.span(), _nth(found)) for found in _NTH.finditer(text, *sentence)]


def _nth(found: re.Match[str]) -> str:
    until = found["until"] or found["until_en"]
    if until:
        unit = (found["unit_until"] or found["unit_until_en"]).lower()
        return f"(1.0, {parse_number(until)}){_SAME_DAY.get(unit, unit)}"
    if found["single"]:
        return f"({_SINGLE_DAYS[found['single']]}, None)天"
    low, high, unit = (
        next(
            (found[key] for key in (name, f"{name}_en", f"{name}_th") if key in found.re.groupindex and found[key]), ""
        )
        for name in ("low", "high", "unit")
    )
    first = _ORDINALS.get(low.lower()) or parse_number(low)
    return f"({first}, {parse_number(high) if high else None}){_SAME_DAY.get(unit.lower(), unit)}"


def daytime_of(around: Surroundings, quantity: Quantity, clause: tuple[int, int]) -> str:
    """The one time of day that a clause names; none where it names several (早晚各一片)."""
    named = {value for _, _, value in around.cues("daytime", *clause)}
    return named.pop() if len(named) == 1 and quantity.kind is not QuantityKind.FREQUENCY else ""


def change_of(text: str, quantity: Quantity) -> str:
    """Whether it is a step (by) or the end of one (to)."""
    begins = max(quantity.start, quantity.core[0])  # behind the words of its bound (to | a maximum of)
    head = text[max(0, begins - _HEAD) : begins]
    match = _CHANGE.search(head)
    return next((name for name, value in match.groupdict().items() if value), "") if match else ""


def partners_of(quantities: Sequence[Quantity], around: Surroundings) -> dict[int, Quantity]:
    """The dose of each frequency and the frequency of each length of time, by the index of the latter.

    Only in sentences that hold as many of one as of the other, for lengths of time more than one.
    """
    sentences: dict[tuple[int, int], tuple[list[Quantity], list[int], list[int]]] = {}
    for index, quantity in enumerate(quantities):
        doses, rates, times = sentences.setdefault(around.sentence(quantity), ([], [], []))
        if quantity.kind is QuantityKind.FREQUENCY:
            rates.append(index)
        elif quantity.kind is QuantityKind.DURATION:
            times.append(index)
        elif is_dose(quantity):
            doses.append(quantity)
    found: dict[int, Quantity] = {}
    for doses, rates, times in sentences.values():
        if len(doses) == len(rates):
            found.update(zip(rates, doses, strict=True))
        if len(times) == len(rates) > 1:
            found.update(zip(times, (quantities[rate] for rate in rates), strict=True))
    return found


def is_dose(quantity: Quantity) -> bool:
    """Whether it is an amount that one takes."""
    if quantity.kind is QuantityKind.MEASURE:
        small = quantity.unit in ("mg", "iu", "mg/kg", "ml") and quantity.values[0] < _A_KILOGRAM
        return small and quantity.bound is not Bound.UP
    return quantity.kind is QuantityKind.COUNT and quantity.unit in _TAKEN


def speaks_of_interval(text: str, clause: tuple[int, int]) -> bool:
    """Whether a clause says how far apart things are."""
    return bool(_SPACING.search(text, *clause))


def forbids(text: str, sentence: tuple[int, int]) -> bool:
    """Whether a sentence forbids something."""
    return bool(_FORBIDDEN.search(text, *sentence))
