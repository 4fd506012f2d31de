"""Personal identifiers in a message: found, typed and masked before anything is stored, logged or sent away.

Deterministic. Numbers and addresses go by their shape and by what they are called (``data/identifiers.toml``); names by
what announces them (姓名, 患者, patient name), by standing alone beside another identifier, or by a learned model of names
and their surroundings (ADR 0011). Batch numbers, approval
numbers, bar codes and trial numbers are no identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kbchat.medical.phi_addresses import whole_address
from kbchat.medical.phi_beside_names import beside_names
from kbchat.medical.phi_chinese_names import (
    announced_names,
    name_touching,
    names_alone,
    names_behind_beds,
    names_by_courtesy,
    names_in_a_row,
    names_run_in,
)
from kbchat.medical.phi_chinese_runs import is_called_like_a_medicine, is_term
from kbchat.medical.phi_english_names import english_names, english_names_beside, is_person, of_a_place
from kbchat.medical.phi_name_model import name_model
from kbchat.medical.phi_tables import IdentifierSpan, overlaps, shapes
from kbchat.text.deferred_pattern import deferred
from kbchat.text.normalise import unify

__all__ = ["IdentifierSpan", "find_identifiers", "mask"]

_WINDOW = 24
"""Characters before a number in which a word may say that it is a product's or an institution's."""


_PLACES = frozenset({"BED", "ADDRESS"})
_ACRONYM = deferred(r"[A-Z]{2,4}")
_SHORTEST_NAME = 2
_LOOK_UP = deferred(r"[请帮我想要烦]查$")
_MOBILE = deferred(r"\+|1[3-9]")


def _of_a_product(text: str, match: re.Match[str], kind: str) -> bool:
    """Whether the words before a number, or before its label (急诊|电话), say that it is a product's or an institution's."""
    begins = {match.start()}
    if kind == "PHONE" and not _MOBILE.match(match["value"]):
        begins.add(match.start("value"))
    return any(shapes().not_personal.search(text, max(0, begin - _WINDOW), begin) for begin in begins)


def _numbers_and_places(text: str, found: list[IdentifierSpan]) -> None:
    """Identifiers by their shape: first those that are called by their name, then those that only look like one."""
    known = shapes()
    unlabelled: list[IdentifierSpan] = []
    for kind, pattern in known.patterns:
        for match in pattern.finditer(text):
            start, end = match.span("value")
            labelled = match.start() < start
            if kind not in _PLACES and _of_a_product(text, match, kind):
                continue
            if kind == "ADDRESS":
                start, end = whole_address(text, start, end)
            if kind == "PHONE" and re.match(r"[48]00|1-?8(?:00|88|77|66)", match["value"]):
                continue  # toll-free numbers belong to companies
            span = IdentifierSpan(start, end, kind)
            if not labelled:
                unlabelled.append(span)
            elif not overlaps(start, end, found):
                found.append(span)
    for span in unlabelled:
        if not overlaps(span.start, span.end, found):
            found.append(span)


def _behind_look_up(text: str, start: int, end: int) -> int:
    """Where a name begins whose first character is no surname but a verb: 请查|焦阳."""
    return start + (end - start > _SHORTEST_NAME and _LOOK_UP.search(text, max(0, start - 2), start + 1) is not None)


def _add_names(text: str, names: Iterable[tuple[int, int]], found: list[IdentifierSpan]) -> None:
    for begin, end in list(names):
        start = _behind_look_up(text, begin, end)
        if start < end and not overlaps(start, end, found):
            found.append(IdentifierSpan(start, end, "NAME"))


def _learned_names(text: str, found: list[IdentifierSpan]) -> None:
    """Names by what they are made of and what stands around them, where no pattern found anything."""
    others = [span for span in found if span.type != "NAME"]
    for begin, end in name_model().names(text, others):
        start = _behind_look_up(text, begin, end)
        run = text[start:end]
        if (
            run in shapes().not_names
            or is_called_like_a_medicine(run)
            or (not run[0].isascii() and is_term(run))
            or (run[0].isascii() and (_ACRONYM.fullmatch(run) or not is_person(run)))
        ):
            continue
        if not overlaps(start, end, found) and not of_a_place(text, start, end):
            found.append(IdentifierSpan(start, end, "NAME"))


def find_identifiers(text: str) -> tuple[IdentifierSpan, ...]:
    """Every identifier of a person in ``text``, in order, without overlaps."""
    unified = unify(text)
    found: list[IdentifierSpan] = []
    _numbers_and_places(unified, found)
    _add_names(unified, announced_names(unified, list(found)), found)
    _add_names(unified, english_names(unified), found)
    _add_names(unified, names_behind_beds(unified, found), found)
    _add_names(unified, names_by_courtesy(unified), found)
    _add_names(unified, names_alone(unified, found), found)
    _add_names(unified, names_run_in(unified), found)
    _add_names(unified, names_in_a_row(unified, found), found)
    _add_names(unified, english_names_beside(unified, found), found)
    beside_names(unified, found, name_touching)
    _learned_names(unified, found)
    beside_names(unified, found, name_touching)
    return tuple(sorted(found, key=lambda span: span.start))


def mask(text: str) -> str:
    """``text`` with every identifier replaced by its type in brackets, such as ``[NAME]``."""
    for span in reversed(find_identifiers(text)):
        text = f"{text[: span.start]}[{span.type}]{text[span.end :]}"
    return text
