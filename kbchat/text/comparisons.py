"""Words and signs that put a bound on a number: ``不低于``, ``≥``, ``及以上``, ``at least``, ``up to`` and more."""

from __future__ import annotations

import re

from kbchat.text.deferred_pattern import deferred
from kbchat.text.quantity import Bound

_NOT_ZH = r"(?:不|别|勿|未|没|无|莫|非)(?:应该?|得|要|能|可以?|宜|必|会|允许)?"
_MUST_NOT = r"(?:(?:do|does|must|should|may|can|shall|will)\s*(?:not|n't)|cannot|not(?:\s+to)?|never)\s+(?:be\s+)?"
_UP = (
    rf"{_NOT_ZH}(?:低于|少于|小于|短于|早于|不足|少过)|至少|起码|最少|最低|大于(?:或)?等于|大于或等于|≥|>\s?=|=>|大于|"
    r"超过|超出|高于|高过|多于|长于|晚于|逾|>|(?<![不未])满|"
    r"at least|no(?:t)? less than|no fewer than|not below|not under|(?:a )?minimum(?: of)?|"
    r"greater than or equal to|more than or equal to|equal to or (?:greater|more) than|more than|greater than|"
    r"higher than|older than|longer than|exceeding|exceeds?|above|over|(?:no|not) earlier than"
)
_DOWN = (
    rf"{_NOT_ZH}(?:连续|长期|持续|使用|服用|应用|用药?|吃|给药|注射)*(?:超过|超出|高于|大于|多于|长于|晚于|超|逾)|至多|最多|最长|最迟|最晚|小于(?:或)?等于|小于或等于|≤|<\s?=|=<|"
    r"小于|少于|低于|低过|短于|早于|不足|不到|不满|未满|<|"
    rf"{_MUST_NOT}(?:exceed(?:ing)?|go over|more than|above|over|take more than|use more than|"
    r"(?:\w+\s+){1,4}?(?:longer|more|greater|higher) than)|"
    r"at (?:the )?most|no(?:t)? more than|no(?:t)? greater than|no(?:t)? higher than|no(?:t)? later than|"
    r"no(?:t)? longer than|(?:a )?maximum(?: of)?|(?<!make )(?<!made )(?<!making )(?<!it )(?<!dilute )(?<!diluted )up to|within|less than or equal to|equal to or less than|"
    r"less than|lower than|fewer than|younger than|shorter than|below|under"
)
_FILL = (
    r"(?:\s|约为|约|大约|大概|左右|或等于|了|着|为|是|在|每[天日次]|一[天次]|总?共|达到?|of\b|about|approximately|the age of|"
    r"age|aged|a total of|the|~|:)*"
)
# The leftmost match wins, so "不超过" is read before the "超过" inside it.
_BEFORE = deferred(rf"(?:(?P<down>{_DOWN})|(?P<up>{_UP})){_FILL}$", re.IGNORECASE)
_AFTER = deferred(
    r"\s?[)]?\s?(?:(?P<up>(?:及|或|和|及其)?以上|或更高|或更多|或更大|开外|起(?![始来床搏效病伏步])|\+|"
    r"(?:of age |old )?(?:or|and) (?:more|higher|above|older|over|greater|longer|upwards?|beyond)\b)"
    r"|(?P<down>(?:及|或|和|及其)?以下|以内|之内|内(?![障科镜径部分源毒皮容])|或更低|或更少|下(?=避光|保存|贮|储|密|干|阴|冷|遮)|"
    r"(?:of age |old )?(?:or|and) (?:less|lower|below|younger|under|fewer|shorter)\b|at (?:the )?most|maximum))",
    re.IGNORECASE,
)
_WINDOW = 44
_CLAUSE = deferred(r"[，。；;！？!?|、（()）\n]")
_OVER_A_TIME = deferred(r"over(?:\s+(?:about|approximately|the|a))*\s*$", re.IGNORECASE)


def bound_before(text: str, start: int, *, is_time: bool) -> tuple[Bound, int]:
    """The bound said right before ``text[start:]`` (unified text), and where its words begin.

    ``is_time`` tells that a clock time follows: "over 30 minutes" is then how long, not a lower bound.
    """
    window = _CLAUSE.split(text[max(0, start - _WINDOW) : start])[-1]
    match = _BEFORE.search(window) if window.strip() else None
    if match is None or (match.start() and match[0][0].isalpha() and _inside_word(window, match.start())):
        return Bound.NONE, start
    if is_time and _OVER_A_TIME.fullmatch(match[0]):
        return Bound.NONE, start
    return (Bound.UP if match["up"] else Bound.DOWN), start - len(window) + match.start()


def _inside_word(window: str, position: int) -> bool:
    return window[position].isascii() and window[position - 1].isascii() and window[position - 1].isalpha()


def bound_after(text: str, end: int) -> tuple[Bound, int]:
    """The bound said right behind ``text[:end]`` (unified text), and where its words end."""
    match = _AFTER.match(text, end)
    if match is None:
        return Bound.NONE, end
    return (Bound.UP if match["up"] else Bound.DOWN), match.end()
