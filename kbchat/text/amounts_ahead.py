"""What stands before an amount and is part of it: what it is given per (每公斤体重每日), and the unit of the amount before."""

from __future__ import annotations

import re

from kbchat.text.deferred_pattern import deferred
from kbchat.text.units import COUNTED

# 每公斤体重每日5mg, 每ml含20mg, 每分钟不超过2ml: what an amount is given per stands before it.
_PER_BEFORE = deferred(
    r"(?:(?:每1?|(?<![\d.一二三四五六七八九十])[一1](?=(?:公斤|千克)(?:体重|给)))\s*(?P<below>公斤|千克|kg|平方米|m2|毫升|ml|升|l|分钟|小时)(?:体重|体表面积)?(?P<day>[每一][日天])?(?:[每一单]次)?(?:中|里|内)?(?:给予|给药?|用|吃|打|补|泵|注射|服用?|按|约|含有?|滴注?|输注?|泵入|"
    r"不?(?:得|应|能|可|宜)?(?:超过|高于|低于|少于)|最[多快高大])*"
    r"|\b(?:per|for (?:each|every)) (?P<below_en>kg|kilogram(?:me)?)(?: of)?(?: body ?weight)?[,:]?(?: (?:give|take|use))?)\s*$",
    re.IGNORECASE,
)
_AHEAD = 48
# 一公斤体重, 每公斤体重一日: what the amount behind is given per, no amounts themselves.
_GIVEN_PER = deferred(r"[一1](?:公斤|千克)(?:体重|给)|(?<=体重)一[日天](?=\d)")
# 2 tablets in the morning and 1 at night: the unit is that of the amount before.
_UNIT_LEFT_OUT = deferred(r"(?:\b(?:and|or|then)|[,;])\s+(?:then\s+)?$", re.IGNORECASE)
_TOLD_OF = deferred(r"\s+(?:at|in the|in|before|after|with|every|each|on|if|for)\b(?! \d)", re.IGNORECASE)
_TAKEN = frozenset({"mg", "ml", "iu"})
_NEAR = 48


def per_before(text: str, start: int) -> re.Match[str] | None:
    """What an amount at ``start`` is given per, where it stands before it: groups ``below`` or ``below_en``, and ``day``."""
    head = text[max(0, start - _AHEAD) : start]
    if "每" not in head and "公斤" not in head and "千克" not in head and " k" not in head:
        return None
    return _PER_BEFORE.search(text, max(0, start - _AHEAD), start)


def is_given_per(text: str, start: int, limit: int) -> bool:
    """Whether the number one at ``start`` belongs to what an amount behind it is given per."""
    return bool(_GIVEN_PER.match(text, start, limit))


def leaves_out_unit(text: str, unit: str, end: int, start: int, after: int) -> bool:
    """Whether a bare number at ``[start, after)`` is an amount of ``unit``, that of the amount before, which ends at ``end``."""
    between = text[end:start]
    if unit not in COUNTED and unit not in _TAKEN:
        return False
    near = len(between) <= _NEAR and "." not in between and "\n" not in between
    return near and bool(_UNIT_LEFT_OUT.search(between) and _TOLD_OF.match(text, after))
