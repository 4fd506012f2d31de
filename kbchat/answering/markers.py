"""Citation markers in an answer: ``[1]``, ``[1,2]``, ``[1-3]``, ``【1】``, ``［１］``, ``[No.1]``, ``文档[1]`` and their kin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kbchat.text.deferred_pattern import deferred
from kbchat.text.normalise import unify

_HIGHEST = 99
_LONGEST_RANGE = 20
_WORD = (
    r"(?:nos?\.?|number|doc(?:ument)?s?|ref(?:erence)?s?|source|passage|citation|"
    r"文档|文献|资料|来源|参考|引用|片段|出处|第|\^|#|†)"
)
_ITEM = rf"(?:{_WORD}\s*[:.：]?\s*)?\d{{1,2}}(?:\.\d{{1,2}})?(?:号|篇|条)?"
_LIST = rf"{_ITEM}(?:\s*(?:[,，、;；&+/|和与及]|and|-|~|至|到|to|\s)\s*{_ITEM})*"
_MARKER = deferred(
    rf"(?:\[\s*\[?|【\s*\[?|〔\s*|〖\s*)(?:(?P<list>{_LIST})|nos?\.?)"
    r"(?:\s*[†‡][^\]】]{0,12})?(?:\s*\]?\]|\]?\s*】|\s*〕|\s*〗)",
    re.IGNORECASE,
)
_OPENING = "[【〔〖"
_PART = deferred(r"(?P<joint>-|~|至|到|to\b)?\s*[^\d\-~至到,;]*?(?P<number>\d{1,2})(?:\.\d{1,2})?", re.IGNORECASE)
# 苯并[1,4]二氮䓬, benzo[1,2-b]: a bracket inside a chemical name, glued on both sides to Latin letters or to 并.
_CHEMICAL_BEFORE = deferred(r"(?:并|[a-z]o|螺|环|双环|spiro|bicyclo)$", re.IGNORECASE)
_CHEMICAL_AFTER = deferred(r"[-a-z(]|[二三四五六七八九十]氮|[吡咪噻噁嘧吲喹苯萘庚己戊辛]")
_SPACE_BEFORE_STOP = deferred(r"[ \t]+(?=[,.;:!?，。；：！？、）)])")


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker at ``text[start:end]``; ``numbers`` in order, empty for a marker that names none (``[No.]``)."""

    start: int
    end: int
    numbers: tuple[int, ...]


def _numbers(written: str) -> tuple[int, ...] | None:
    found: list[int] = []
    for part in _PART.finditer(written):
        number = int(part["number"])
        if not 1 <= number <= _HIGHEST:
            return None
        if part["joint"] and found:
            if not found[-1] < number <= found[-1] + _LONGEST_RANGE:
                return None
            found.extend(range(found[-1] + 1, number))
        found.append(number)
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=64)
def find_markers(text: str) -> tuple[Marker, ...]:
    """Every citation marker of ``text`` in order.

    Years, amounts with units, intervals that contain 0 and brackets of chemical names are no markers. A dotted number
    (``[1.2]``, the second point of passage 1) cites its passage.
    """
    unified = unify(text)
    if not any(bracket in unified for bracket in _OPENING):
        return ()
    found = []
    for match in _MARKER.finditer(unified):
        chemical = _CHEMICAL_BEFORE.search(unified, max(0, match.start() - 8), match.start())
        if chemical and _CHEMICAL_AFTER.match(unified, match.end()):
            continue
        numbers = _numbers(match["list"]) if match["list"] else ()
        if numbers is not None:
            found.append(Marker(match.start(), match.end(), numbers))
    return tuple(found)


def strip_markers(text: str) -> str:
    """``text`` without its markers, and without the spaces they leave before punctuation."""
    kept, position = "", 0
    for marker in find_markers(text):
        kept += text[position : marker.start]
        position = marker.end
    return _SPACE_BEFORE_STOP.sub("", kept + text[position:]).strip()


def blank_markers(text: str) -> str:
    """``text`` with every marker overwritten by spaces, so that offsets stay."""
    for marker in find_markers(text):
        text = text[: marker.start] + " " * (marker.end - marker.start) + text[marker.end :]
    return text
