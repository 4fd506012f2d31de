"""How a follow-up reads with what it leaves out put in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kbchat.answering.followup_cues import announced_end, cue
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

_FRAGMENT = deferred(r"^(?:那么?(?![个种款么药针片支])|请问)|呢(?=[?？。]*$)")
_PAIR = deferred(
    r"(?P<head>\b(?:category|type|class|group|schedule)\s+|)(?P<mark>[AB12甲乙]|I{1,2})(?P<tail>[类型组级]|)(?![\w])",
    re.IGNORECASE,
)
_CLAUSES = deferred(r"[，,。;；！!？? ]")
_OTHER_OF_PAIR = deferred(r"the other (?:one|category|type|class|group)|另(?:外)?一(?:类|型|组|种|级)")
_COUNTERPARTS = {"A": "B", "B": "A", "1": "2", "2": "1", "甲": "乙", "乙": "甲", "I": "II", "II": "I"}


def without_announcement(question: str, folded: str) -> str:
    """The question without the words that say a new one comes or another name was meant (换个话题，; no, I meant)."""
    end = announced_end(folded) if len(folded) == len(question) else 0
    return question[end:].lstrip("，,。.：:、 ") or question


def exchanged_text(earlier: str, old: str | None, new: str, question: str) -> str:
    """The earlier question with the new name in the place of the old one; where none stands there, both questions."""
    if old and old in earlier:
        return earlier.replace(old, new)
    return f"{earlier} {question}".strip() if fold(new) in fold(question) else f"{new} {earlier or question}"


def completed_text(question: str, names: Sequence[str], earlier: str) -> str:
    """The question with the names that it leaves out; without names, behind the earlier question."""
    if not names:
        return f"{earlier} {question}".strip()
    missing = [name for name in names if fold(name) not in fold(question)]
    if not missing:
        return question
    if question.isascii():
        return f"{' and '.join(missing)}: {question}"
    bare = _FRAGMENT.sub("", question)
    told = "、".join(missing)
    pronoun = cue("pronoun").search(bare)
    if pronoun:
        return bare[: pronoun.start()] + told + bare[pronoun.end() :]
    return _put_before(told, bare)


def _put_before(names: str, question: str) -> str:
    """Names before a Chinese question: as its subject, or set off where it has several clauses."""
    clauses = _CLAUSES.search(question.rstrip("?？。！! "))
    return f"{names}：{question}" if names and clauses else f"{names}{question}"


def joined_text(question: str, names: Sequence[str]) -> str:
    """The question about its own medicine and those talked about."""
    missing = [name for name in names if fold(name) not in fold(question)]
    if question.isascii():
        return f"{', '.join(missing)}: {question}" if missing else question
    return _put_before("、".join(missing), question)


def other_of_a_pair(question: str, earlier: str) -> tuple[tuple[str, ...], str]:
    """Category B for "the other category" after Category A, and the earlier question about it."""
    if not _OTHER_OF_PAIR.search(fold(question)):
        return (), ""
    for match in _PAIR.finditer(earlier):
        if match["head"] or match["tail"]:
            name = match["head"] + _COUNTERPARTS[match["mark"].upper()] + match["tail"]
            return (name,), earlier[: match.start()] + name + earlier[match.end() :]
    return (), ""
