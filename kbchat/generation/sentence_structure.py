"""How the sentences of a passage hang together: headings, lists with their lead-in, tables with their header."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kbchat.generation.sentence_scoring import ScoredSentence
from kbchat.types import Passage

_LEAD_IN = re.compile(r"[:：]\s*$")
_LIST_ITEM = re.compile(
    r"^\s*(?:[•·●○■◆▪\-–—*]|[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3}|[a-zA-Zⅰ-ⅻ])[)）.．、]|[①-⑳])"
)
_SEE_TABLE = re.compile(r"下表|下列表|(?:following|below) table|table below|as follows", re.IGNORECASE)
REMARK = re.compile(r"\s*[（(](?!\s*[\d一二三四五六七八九十a-z]{1,2}\s*[）)])[^（(]{2,60}[）)]\s*[。.；;]?\s*")
"""A bracket that stands as a sentence of its own (（推荐级别：ⅠA）) says something of the sentence before it."""
_DOSE_ROW = re.compile(r"\d[^|]*(?:daily|every|hours?|per day|[一每]日|[一每]次|[一每]天|小时)", re.IGNORECASE)
_COUNTED = re.compile(
    r"(?:任|其中|至少|以下|下列|下述|符合|满足|具备)[^。；]{0,12}[一二两三1-3](?:项|条|种|个|者|点)|之一|\b(?:any|all|both|either|one|two|three)(?: or more)? of\b",
    re.IGNORECASE,
)
"""A lead-in that counts its items (at least two of the following): one item alone says something else."""
_OPEN_END = re.compile(r"[a-z,]\s*$")
_GOES_ON = re.compile(r"\s*[a-z]{2,}")
_FRAME = "【】[]〔〕 :：#."
_CLOSED = re.compile(r"[。．.；;：:！!？?]\s*$")
_LONGEST_TITLE = 30
_LONGEST_LIST = 8


def only_a_heading(passages: Sequence[Passage], scored: Sequence[ScoredSentence], i: int) -> bool:
    """Whether a sentence only names what follows: a heading of the section or a short title above text."""
    sentence = scored[i]
    passage = passages[sentence.passage]
    text = text_of(passages, sentence)
    bare = text.strip(_FRAME)
    if len(bare) < 2 or bare == passage.subject or any(bare == part.strip(_FRAME) for part in passage.section_path):
        return True
    follows = (
        text_of(passages, scored[i + 1]) if i + 1 < len(scored) and scored[i + 1].passage == sentence.passage else ""
    )
    if " | " in text:
        return False
    starts_line = sentence.start == 0 or passage.text[sentence.start - 1] == "\n"
    ends_line = passage.text[sentence.end : sentence.end + 1] in ("\n", "")
    titled = len(bare) <= _LONGEST_TITLE and not _CLOSED.search(text) and not _LIST_ITEM.match(text)
    return starts_line and ends_line and titled and len(follows) > 2 * len(bare)


def table_around(i: int, passages: Sequence[Passage], scored: Sequence[ScoredSentence]) -> list[int]:
    """All rows of the table that ``i`` is a row of, header included; none for another sentence."""

    def is_row(j: int) -> bool:
        return 0 <= j < len(scored) and scored[j].passage == scored[i].passage and " | " in text_of(passages, scored[j])

    if not is_row(i):
        return []
    first, last = i, i
    while is_row(first - 1):
        first -= 1
    while is_row(last + 1):
        last += 1
    return list(range(first, last + 1))


def header_row(passages: Sequence[Passage], scored: Sequence[ScoredSentence], i: int) -> int | None:
    """The header row of the table that ``i`` is a row of, when it is in the passage: the first of two rows or more.

    A passage that begins within a table (its header is then kept beside it) holds no header row.
    """
    passage = passages[scored[i].passage]
    rows = table_around(i, passages, scored)
    if not rows or rows[-1] == rows[0]:
        return None
    first = rows[0]
    text, known = text_of(passages, scored[first]).strip(), passage.table_header.strip()
    if not known:
        return None if _DOSE_ROW.search(text) else first  # a table whose header did not come along
    return first if text == known else None


def rows_below(i: int, passages: Sequence[Passage], scored: Sequence[ScoredSentence]) -> list[int]:
    """The rows of the table right below sentence ``i``."""
    rows: list[int] = []
    for j in range(i + 1, min(len(scored), i + 1 + _LONGEST_LIST)):
        if scored[j].passage != scored[i].passage or " | " not in text_of(passages, scored[j]):
            break
        rows.append(j)
    return rows


def with_its_list(i: int, passages: Sequence[Passage], scored: Sequence[ScoredSentence]) -> list[int]:
    """The sentence with the lead-in of its list or the header of its table, or the lead-in with the items below it."""
    text = text_of(passages, scored[i])
    if " | " in text:
        header = header_row(passages, scored, i)
        return [i] if header is None or header == i else [header, i]
    if _SEE_TABLE.search(text):
        rows = rows_below(i, passages, scored)
        if rows:
            return [i, *rows]
    if _LEAD_IN.search(text):
        return [i, *_items_below(i, passages, scored)]
    if _LIST_ITEM.match(text):
        lead = _lead_above(i, passages, scored)
        if lead is not None:
            whole = [lead, *_items_below(lead, passages, scored)]
            return whole if i in whole and _COUNTED.search(text_of(passages, scored[lead])) else [lead, i]
    return _mended(i, passages, scored)


def belongs_to_counted_list(i: int, passages: Sequence[Passage], scored: Sequence[ScoredSentence]) -> bool:
    """Whether ``i`` is an item of a list whose lead-in counts its items."""
    lead = _lead_above(i, passages, scored) if _LIST_ITEM.match(text_of(passages, scored[i])) else None
    return lead is not None and bool(_COUNTED.search(text_of(passages, scored[lead])))


def _items_below(lead: int, passages: Sequence[Passage], scored: Sequence[ScoredSentence]) -> list[int]:
    """The items of the list that ``lead`` opens."""
    items: list[int] = []
    for j in range(lead + 1, min(len(scored), lead + 1 + _LONGEST_LIST)):
        if scored[j].passage != scored[lead].passage:
            break
        if not _LIST_ITEM.match(text_of(passages, scored[j])) and items:
            break
        items.append(j)
    return items


def _lead_above(i: int, passages: Sequence[Passage], scored: Sequence[ScoredSentence]) -> int | None:
    """The lead-in of the list that ``i`` is an item of."""
    for j in range(i - 1, max(-1, i - _LONGEST_LIST), -1):
        if scored[j].passage != scored[i].passage:
            break
        text = text_of(passages, scored[j])
        if _LEAD_IN.search(text):
            return j
        if not _LIST_ITEM.match(text):
            break
    return None


def _mended(i: int, passages: Sequence[Passage], scored: Sequence[ScoredSentence]) -> list[int]:
    """The sentence with the line it was broken from: one that ends open before one that begins in lower case."""

    def goes_on(j: int) -> bool:
        if not 0 <= j < len(scored) - 1 or scored[j].passage != scored[j + 1].passage:
            return False
        head, tail = text_of(passages, scored[j]), text_of(passages, scored[j + 1])
        return bool(_OPEN_END.search(head)) and bool(_GOES_ON.match(tail)) and not _LIST_ITEM.match(tail)

    before = [i - 1] if goes_on(i - 1) else []
    behind = [i + 1] if goes_on(i) else []
    return [*before, i, *behind]


def text_of(passages: Sequence[Passage], sentence: ScoredSentence) -> str:
    """The words of a sentence."""
    return passages[sentence.passage].text[sentence.start : sentence.end]
