"""Sentences of Chinese and English medical text, as offsets.

A rule-based splitter: every candidate mark is looked at with what stands before and after it, so that a number is never
parted from its decimals, its unit or its sign. A newline always ends a sentence (loaders reflow paragraphs, so that a
newline is the end of a paragraph, list item, heading or table row).
"""

from __future__ import annotations

from kbchat.text.deferred_pattern import deferred

_LONG_ZH = 100
_LONG_EN = 260

_CANDIDATE = deferred(r"\n|[。！？]+|(?<!\d)\.+|\.(?!\d)|．|[!?]+|[；;]")
_NEXT = deferred(r"[ \t\u3000\u00a0]*")
_CLOSERS = frozenset("」』”’\"')）】]》〉〕")
_ENDERS = frozenset("。！？!?.")
_CJK = deferred(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60\u3000-\u303f]")
_LAST_WORD = deferred(r"[A-Za-z][A-Za-z.]*$|\d[\d.]*$")
_LIST_NUMBER = deferred(
    r"[(（\[]?(?:\d{1,3}(?:[.．]\s?\d{1,2}){0,4}|[一二三四五六七八九十百]{1,4}|[IVXivx]{1,5}|[A-Za-z])[)）\]]?$"
)
_WORD_BEFORE = deferred(r"([A-Za-z]+)[ \u00a0-]$")

ABBREVIATIONS = frozenset(
    "e.g i.e eg ie cf vs no nos fig figs dr prof mr mrs ms st approx al eq eqs ref refs vol pp p ca resp incl excl max "
    "min viz tab tabs cap sec sect ch ed eds inj st dept univ jr sr subsp spp sp var op tel ext dist cat ver".split()
)
"""Words that keep their full stop inside the sentence, lower case, without the final stop."""

_STOPS_ONLY_BEFORE_NUMBER = frozenset("no nos fig figs max min p tab tabs cap sec sect ch ed op tel cat ver sp".split())
_ENUMERATED_NOUNS = frozenset(
    "vitamin vitamins hepatitis type group grade class category factor influenza stage arm part table figure appendix "
    "annex protein region schedule".split()
)


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Cut ``text`` into sentences.

    Returns:
        (start, end) offsets in order; each trimmed, together covering every character that is no white space.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for match in _CANDIDATE.finditer(text):
        mark = match.start()
        if mark < start:
            continue  # swallowed as a closing quote's neighbour of the sentence before
        if match.group() == "\n":
            _append(found, text, start, mark)
            start = mark + 1
            continue
        end = _boundary(text, start, mark, match.end())
        if end:
            _append(found, text, start, end)
            start = end
    _append(found, text, start, len(text))
    return found


def _append(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        begin = start + len(piece) - len(piece.lstrip())
        found.append((begin, begin + len(stripped)))


def _boundary(text: str, start: int, mark: int, end: int) -> int:
    """Where the sentence that holds the mark ``text[mark:end]`` ends; 0 when it does not end here."""
    character = text[end - 1]
    length = len(text)
    while end < length and text[end] in _ENDERS and not text[end + 1 : end + 2].isdigit():
        end += 1
    closed = end
    while closed < length and text[closed] in _CLOSERS:
        closed += 1
    after = _NEXT.match(text, closed)
    following = after.end() if after else closed
    spaced = following > closed or following >= length or text[following] == "\n"
    successor = text[following : following + 1]
    before = text[mark - 1] if mark else ""
    if character in "；;":
        ends = _long_enough(text, start, mark, character, spaced)
    elif character in "。！？":
        ends = not (before.isdigit() and closed == mark + 1 and not spaced and successor.isdigit())
    elif character in "!?":
        ends = spaced or bool(_CJK.match(before)) or bool(_CJK.match(successor))
    else:
        ends = _stop_ends(text, start, mark, spaced, successor)
    return closed if ends else 0


def _long_enough(text: str, start: int, mark: int, character: str, spaced: bool) -> bool:
    """Whether a semicolon may end a sentence: only when it grew long, and never in an entity or a link."""
    if character == ";" and not spaced and not _CJK.match(text[mark - 1 : mark]):
        return False
    limit = _LONG_ZH if character == "；" or _CJK.match(text[mark - 1 : mark]) else _LONG_EN
    return mark - start > limit


def _stop_ends(text: str, start: int, mark: int, spaced: bool, successor: str) -> bool:
    """Whether the full stop ``.`` or ``．`` at ``mark`` ends the sentence that began at ``start``."""
    before = text[mark - 1] if mark else ""
    head = text[start:mark].lstrip()
    if not head or _LIST_NUMBER.fullmatch(head):
        return False
    if before.isspace() or (before.isdigit() and successor.isdigit()):
        return False
    if _CJK.match(before):
        return not successor.islower() or not spaced
    if not spaced and not (before in ")）]】%％" and _CJK.match(successor)):
        return False
    if successor.islower() or successor in ",，;；、":
        return False
    return not _abbreviated(text, start, mark, successor)


def _abbreviated(text: str, start: int, mark: int, successor: str) -> bool:
    match = _LAST_WORD.search(text, max(start, mark - 16), mark)
    if match is None or match.group()[0].isdigit():
        return False
    word = match.group().lower()
    if word in _STOPS_ONLY_BEFORE_NUMBER:
        return successor.isdigit()
    if word in ABBREVIATIONS:
        return True
    if len(word) == 1 and match.group().isupper():
        noun = _WORD_BEFORE.search(text, max(start, mark - 20), match.start())
        return noun is None or noun.group(1).lower() not in _ENUMERATED_NOUNS
    return False
