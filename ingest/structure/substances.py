"""Active substances as English texts name them: in the composition, in a leaflet's statement, in a list of ingredients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingest.structure.lines import Line

_UNIT = r"(?:mg|g|micrograms?|mcg|µg|μg|ng|ml|IU|units?|mmol|%|million (?:IU|units?))"
AMOUNT = rf"\d[\d.,\u00a0 ]*\s*{_UNIT}(?![A-Za-z])(?:\s*/\s*\d*\s*m?[lg]\b)?"
"""A quantity of a substance, such as ``40 mg`` or ``100 units/ml``."""

_WORDS = r"[A-Za-z][a-z][a-z\-]*(?: (?!and\b|or\b|as\b|in\b|per\b|with\b|which\b|for\b)[a-z][a-z\-]+){0,3}?"
_NAME_END = (
    r"(?=\s*(?:[*†.,;:()/]|$)|\s+(?:as|in|per|and|or|equivalent|corresponding|expressed|with|for|which|that|is)\b)"
)
_AMOUNT_NAME = re.compile(rf"{AMOUNT}\s+(?:of\s+)?(?P<name>{_WORDS}){_NAME_END}", re.IGNORECASE)
_NAME_AMOUNT = re.compile(rf"(?P<name>{_WORDS}),?(?:\s+USP)?\s+{AMOUNT}", re.IGNORECASE)
_CONTAINS = re.compile(r"\bcontains?\b", re.IGNORECASE)
_SAME_AS = re.compile(r"\b(?:equivalent|corresponding|equal) to\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[a-z*)])\.\s+(?=[A-Z])|;")
_LIST = rf"(?P<names>{_WORDS}(?:(?:\s*,\s*|\s+and\s+|\s*/\s*){_WORDS})*){_NAME_END}"
_STATEMENTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i:active (?:substance|ingredient)s?) (?i:in|of) [^,.]{2,60}, " + _LIST,
        r"(?i:active (?:substance|ingredient)s?)(?: (?i:in|of) [^,.:]{2,60}?)?\s*(?: (?i:is|are)\b\s*:?|:)\s*(?:(?:called|the) )?"
        + _LIST,
        r"(?i:\bcontains? (?:[\w.,]+ ){0,5}(?:an?|the) active (?:substance|ingredient)s?)(?:,? called)?,? " + _LIST,
        r"(?i:\bcontains? (?:an?|the) (?:medicine|drug|substance) called) " + _LIST,
    )
)
_ABOUT_OTHERS = re.compile(
    r"allerg|hypersensitiv|medicines? (?:that )?contain|following|other medicines", re.IGNORECASE
)
_SECOND = re.compile(r"2\.?\s+QUALITATIVE AND QUANTITATIVE", re.IGNORECASE)
_THIRD = re.compile(r"3\.?\s+PHARMACEUTICAL FORM|Excipients?\b.{0,60}", re.IGNORECASE)
_NO_SUBSTANCE = frozenset(
    "a an the each this these that it its and or of for to in not no use user used using patient patients children adults "
    "tablet tablets capsule capsules dose doses solution suspension injection infusion concentrate powder vial vials syringe "
    "syringes pen pens ml water other medicine medicines medicinal product products substance substances ingredient "
    "ingredients leaflet information film coated hard soft oral excipient excipients total following active read important "
    "your you if range called also known which single pre-filled cream ointment syrup drops spray patch inhaler gel granules "
    "sugar lactose sucrose glucose alcohol ethanol salt".split()
)
_LONGEST_LINE = 700
_COMPOSITION_LINES = 10


def is_substance(name: str) -> bool:
    """Whether ``name`` may be that of a substance: a few words, none of which speaks of products, doses or readers."""
    words = name.lower().split()
    return 1 <= len(words) <= 4 and len(name) >= 4 and not any(word.strip("(),.") in _NO_SUBSTANCE for word in words)


def listed_substances(text: str) -> tuple[str, ...]:
    """The names in an enumeration such as ``sitagliptin and metformin hydrochloride``, in lower case."""
    return _clean(re.split(r"\s*(?:,|/|\+|;|\band\b)\s*", text, flags=re.IGNORECASE))


def composition_substances(text: str) -> tuple[str, ...]:
    """What a sentence of a composition says a unit contains; the substance itself where a salt is "equivalent to" it."""
    for sentence in _SENTENCE.split(text[:_LONGEST_LINE]):
        contains = _CONTAINS.search(sentence)
        if not contains:
            continue
        body = sentence[contains.end() :]
        same = _SAME_AS.search(body)
        names = _names(_AMOUNT_NAME, body[same.end() :]) if same else ()
        names = names or _names(_AMOUNT_NAME, body) or _names(_NAME_AMOUNT, body)
        if not names and same:
            names = _clean([re.sub(rf"^\s*{AMOUNT}\s*(?:of\s+)?", "", body[: same.start()]).strip(" ,(")])
        if names:
            return names
    return ()


def stated_substances(text: str) -> tuple[str, ...]:
    """What a text says its active substance is: ``The active substance is …``, ``contains the active substance …``."""
    text = text[:_LONGEST_LINE]
    if "active" not in text.lower() and "called" not in text:
        return ()
    for pattern in _STATEMENTS:
        match = pattern.search(text)
        if match and not _ABOUT_OTHERS.search(text[: match.start("names")]):
            names = listed_substances(match.group("names"))
            if names:
                return names
    if re.match(r"\W*(?:the )?active (?:substance|ingredient)", text, re.IGNORECASE):
        return _names(_AMOUNT_NAME, text)
    return ()


def document_substances(lines: Sequence[Line]) -> tuple[str, ...]:
    """The active substances of a European text: from its composition, else from the first statement about them."""
    for line in lines:
        if not _SECOND.match(line.text):
            continue
        for below in lines[line.index + 1 : line.index + _COMPOSITION_LINES]:
            if _THIRD.match(below.text):
                break
            if names := composition_substances(below.text):
                return names
    return next((names for line in lines if (names := stated_substances(line.text))), ())


def ingredient_lines(below: Sequence[Line]) -> tuple[str, ...]:
    """The substances of a Drug Facts label from the lines below ``Active ingredient``."""
    names: dict[str, None] = {}
    for line in below:
        match = _NAME_AMOUNT.match(line.text)
        if not match:
            break
        names.update(dict.fromkeys(_clean([match.group("name")])))
    return tuple(names)


def _names(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return _clean(match.group("name") for match in pattern.finditer(text))


def _clean(names: Iterable[str]) -> tuple[str, ...]:
    bare = (" ".join(name.strip(" .,;:()*†-").split()).lower() for name in names)
    return tuple(dict.fromkeys(name for name in bare if is_substance(name)))
