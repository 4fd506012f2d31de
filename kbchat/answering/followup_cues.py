"""Ways of saying that a question leans on what was said before, or leaves it: ``medical/data/followups.toml``, compiled.

Most are evidence that :mod:`kbchat.answering.carry_over` weighs. A few are certain and stand as rules: a name taken back (不是A是B),
one that somebody is allergic to, one pointed back to (前者, the latter).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from typing import Any

from kbchat.medical.hashed_features import shipped_table
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(cue_table())


def cue_table() -> str:
    """The table as it was shipped, with plain line ends."""
    return shipped_table("followups.toml")


@cache
def cue(name: str) -> re.Pattern[str]:
    """The pattern of one cue."""
    return deferred(_table()["cues"][name])


_OF_THE_BEGINNING = ("acknowledged", "change", "correction")


def cues_in(folded: str) -> frozenset[str]:
    """The names of the cues in folded text; what acknowledges the last answer (好的，) is left out of it first."""
    bare = cue("acknowledged").sub("", folded) or folded
    found = {name for name in _table()["cues"] if cue(name).search(bare)}
    return frozenset(found | {name for name in _OF_THE_BEGINNING if cue(name).search(folded)})


@cache
def _about(frame: str, name: str) -> re.Pattern[str]:
    return re.compile(_table()["frames"][frame].replace("{NAME}", re.escape(name)))


def is_partner(folded: str, name: str) -> bool:
    """Whether ``name`` is told to be taken together with something: 和NAME一起, with NAME."""
    return bool(_about("together", fold(name)).search(folded))


def is_taken(folded: str, name: str) -> bool:
    """Whether somebody is told to take ``name`` already: 在吃NAME, on NAME."""
    return bool(_about("taken", fold(name)).search(folded))


def is_put_aside(folded: str, name: str) -> bool:
    """Whether ``name`` is taken back or done with: 不是NAME, NAME先不说, not NAME, NAME aside."""
    return bool(_about("put_aside", fold(name)).search(folded))


_ALLERGIC_TO = deferred(
    r"对\s*(?P<zh>[^，,。？?]{2,14}?)(?:也|都|有点|会|严重)?过敏(?!反应|性)|(?P<zh2>[^，,。？? 对]{2,10}?)(?:有)?过敏(?:史|的|体质|休克)"
    r"|\b(?:allergic|allergy|allergies) to (?P<en>[^,.?;]{3,30})"
)


def allergens(folded: str, names: Sequence[str]) -> frozenset[str]:
    """Those of ``names`` that somebody is allergic to."""
    told = " ".join(filter(None, (group for match in _ALLERGIC_TO.finditer(folded) for group in match.groups())))
    return frozenset(name for name in names if fold(name) in told)


_FIRST = deferred(
    r"第一[个种](?!月|礼拜|星期|疗程)|前者|最(?:开始|初|早|先)(?:说|问|提)?(?:到|过)?的?(?:那|这)|一开始(?:说|问|那)|\bthe (?:first|former)\b(?! (?:dose|day|week|month|time|line|jab|shot|injection|trimester))|\bfirst one\b"
)
_SECOND = deferred(
    r"第二[个种](?!月|礼拜|星期|疗程)|后者|后(?:面)?(?:一|那)[个种]|\bthe (?:second|latter)\b(?! (?:dose|day|week|month|time|line|jab|shot|injection|trimester|half))|\bsecond one\b"
)
_EARLIER = deferred(
    r"(?:前[面头]|刚才|刚刚|之前|先前|上面|原来|上一|头先|最早)(?:说|问|提|讲)?(?:到|过)?的?(?:那|这)?(?:一)?[个种款只支](?!问题|月|礼拜|星期|小时|钟头)"
    r"|\b(?:the )?(?:earlier|previous|other|original) (?:one|drug|medicine|tablet|medication)\b|\bback to the (?:one|drug) before\b"
)
_PAIR_SIZE = 2


def pointed_back(folded: str, names: Sequence[str], latest: Sequence[str]) -> str | None:
    """The one of ``names`` (every drug so far, in order) that a question points back to, or None.

    Args:
        folded: the question.
        names: every drug named before, oldest first.
        latest: those of the last turn that named one.
    """
    if len(names) < _PAIR_SIZE:
        return None
    if cue("change").search(folded) and not _EARLIER.search(folded):
        return None
    pair = list(latest) if len(latest) >= _PAIR_SIZE else list(names)
    both = bool(_FIRST.search(folded)) and bool(_SECOND.search(folded))
    if _FIRST.search(folded) and not both:
        return pair[0]
    if _SECOND.search(folded) and not both:
        return pair[1]
    if _EARLIER.search(folded):
        others = [name for name in names if name not in latest] or list(names[:1])
        return others[-1]
    return None


def points_back(folded: str) -> bool:
    """Whether a question may mean what was left already: the first one, the other drug, the two of them, which is better."""
    named = (_FIRST, _SECOND, _EARLIER, cue("plural"), cue("compares"))
    return any(pattern.search(folded) for pattern in named)


def announced_end(folded: str) -> int:
    """Where the words end that say a new question comes or another name was meant (换个话题，; no, I meant); 0 without any."""
    found = cue("change").search(folded) or cue("correction").search(folded)
    return found.end() if found else 0
