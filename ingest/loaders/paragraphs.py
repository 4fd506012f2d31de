"""Which lines make one paragraph: judged by size, weight, distance, indent, and whether the line before is full."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from ingest.loaders.characters import is_cjk
from ingest.loaders.pdf_rows import fields_of, piece_text
from ingest.loaders.pieces import Line, PageLayout

BULLET = re.compile(r"^[•●○◆◇■□▪▫▶►▷➢➤★☆✓✔☑※➔→–—-](?=\s|[^\s\d.,%])")
_NUMBERED = re.compile(
    r"^(?:[（(][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳]|\d{1,2}[)）、](?!\d)|\d{1,2}\s?[.．](?!\d)|\d{1,2}(?:\.\d{1,2}){1,4}\s?(?=[^\d\s%～~\-–.,，、;/)）])"
    r"|[a-zA-Z][.)](?=\s)|[ivx]{1,4}[.)](?=\s)|\([a-z]{1,3}\)|第[一二三四五六七八九十百\d]{1,4}[章节部分条篇]|[一二三四五六七八九十]{1,3}[、.．]|附[录件表])"
)
OPENING = re.compile(r"^(?:【|［|\[(?=[\u4e00-\u9fff\s　]{2,14}\])|[表图]\s?\d|(?:Table|Figure)\s\d+\b)")
_UNBREAKABLE = re.compile(
    r"(?:\d[\d.,]*\s)?[^\s\u2e80-\u9fff\uff00-\uffef]+|.[，。、；：！？）”》】]*"
)  # what is never parted at a line's end
_WIDEST_LABEL = 8.0  # characters of a label (成人, 肾功能损害者) that the text beside it hangs from
_NUMBER_AT_END = re.compile(r"(?<![\d.])\d[\d.,]*\s*$")
_UNIT_AT_START = re.compile(
    r"(?:mg|g|kg|µg|μg|mcg|ng|ml|mL|l|L|IU|mmol|mmHg|mEq|%|％|°C|℃|hours?|days?|weeks?|months?|years?)(?![A-Za-z])"
    r"|毫克|微克|克(?!拉)|毫升|国际单位|万?单位|小时|片|粒|次|天|周岁?|岁|个月"
)
_ASKS_FOR_MORE = frozenset("见見照及和与與或、，（(“「在据據按于於")
SENTENCE_END = frozenset("。！？；.!?;:：…”’")


def usual_pitch(layout: PageLayout) -> dict[tuple[int, int], float]:
    """The usual distance from line to line, by region and font size (in half points)."""
    steps: dict[tuple[int, int], list[float]] = {}
    before: Line | None = None
    for element in layout.elements:
        line = element if isinstance(element, Line) else None
        if before and line and before.region == line.region and line.y1 > before.y1:
            size = line.size
            if abs(size - before.size) <= 0.12 * size and line.y1 - before.y1 < 3 * size:
                steps.setdefault((line.region, round(2 * size)), []).append(line.y1 - before.y1)
        before = line
    return {key: median(found) for key, found in steps.items()}


def goes_on(group: Sequence[Line], line: Line, pitch: dict[tuple[int, int], float]) -> bool:
    """Whether ``line`` goes on the paragraph in ``group``."""
    last = group[-1]
    size = max(line.size, last.size)
    if abs(line.size - last.size) > 0.14 * size or _is_scattered(line) or _is_scattered(last):
        return False
    inside = _is_inside_bracket(group, line) or _is_mid_quantity(last, line)
    if (line.bold, line.underlined) != (last.bold, last.underlined) and not inside:
        return False
    if line.region == last.region:
        step = line.y1 - last.y1
        if len(group) > 1 and group[-2].region == last.region:
            usual = last.y1 - group[-2].y1
        else:
            usual = pitch.get((line.region, round(2 * line.size)), 1.5 * size)
        near = 0.2 * last.size < step <= min(1.3 * usual, 2.6 * size)
        if not (near and (inside or _reaches_edge(last, line)) and _is_aligned(group, line)):
            return False
    text, before = piece_text(line.pieces), piece_text(last.pieces)
    if _begins_anew(before, text):
        return False
    return line.region == last.region or _goes_over(last, line, before, text)


def _is_inside_bracket(group: Sequence[Line], line: Line) -> bool:
    """Whether a bracket of the paragraph is still open and ``line`` goes on within it, though the line before broke early."""
    first = line.pieces[0].text[0]
    if not (first.islower() or is_cjk(first)):
        return False
    before = "".join(piece_text(one.pieces) for one in group)
    opened = sum(map(before.count, "(（"))
    return opened > sum(map(before.count, ")）")) and bool(before.strip("(（"))


def _is_mid_quantity(last: Line, line: Line) -> bool:
    """Whether a number ends ``last`` and its unit begins ``line``: they are never parted."""
    return bool(_NUMBER_AT_END.search(piece_text(last.pieces)) and _UNIT_AT_START.match(piece_text(line.pieces)))


def _begins_anew(before: str, text: str) -> bool:
    """Whether a line opens a heading, caption or list item, or follows a heading; not where the sentence asks for more."""
    if before[0] in "【［" and before[-1] in "】］":
        return True
    return bool(OPENING.match(text) or begins_item(text)) and before[-1] not in _ASKS_FOR_MORE


def _goes_over(last: Line, line: Line, before: str, text: str) -> bool:
    """Whether a paragraph runs from the foot of one column to the head of the next: mid-sentence, both lines flush."""
    full = last.right - last.x1 <= 1.6 * last.size
    flush = line.x0 - line.left <= 0.8 * line.size
    onward = is_cjk(text[0]) or text[0].islower() or text[0].isdigit()
    return line.region == last.region + 1 and full and flush and onward and before[-1] not in SENTENCE_END


def _is_scattered(line: Line) -> bool:
    """Whether a line is words set apart (names in columns, form fields) and no running text."""
    return len(line.pieces) > 2 and len(fields_of(line.pieces)) > 2


def begins_item(text: str) -> bool:
    """Whether a line begins with a bullet or a number."""
    return bool(BULLET.match(text) or _NUMBERED.match(text))


def _reaches_edge(last: Line, line: Line) -> bool:
    """Whether ``last`` is full: the first word of ``line`` would not have fitted on it."""
    size = last.size
    room = last.right - last.x1
    first = line.pieces[0]
    chinese = is_cjk(first.text[0]) or is_cjk(last.pieces[-1].text[-1])
    word = _UNBREAKABLE.match(first.text)
    width = (first.x1 - first.x0) * (len(word.group()) if word else 1) / len(first.text)
    return room < width + (1.6 if chinese else 0.6) * size


def _is_aligned(group: Sequence[Line], line: Line) -> bool:
    """Whether ``line`` begins where a further line of the paragraph may begin."""
    size = line.size
    indent = line.x0 - group[-1].x0
    if len(group) > 1 and group[-2].region == group[-1].region:
        return -0.8 * size <= indent <= 0.8 * size
    if indent <= 0.8 * size:
        return True
    return (begins_item(piece_text(group[0].pieces)) and indent <= 5.0 * size) or _hangs(group[0], line, indent)


def _hangs(first: Line, line: Line, indent: float) -> bool:
    """Whether ``line`` hangs below a labelled first line: Chinese running on in mid-sentence from a line full to its edge."""
    before, text = piece_text(first.pieces)[-1], piece_text(line.pieces)[0]
    full = first.right - first.x1 <= 1.6 * first.size
    return (
        full and indent <= _WIDEST_LABEL * line.size and is_cjk(before) and is_cjk(text) and before not in SENTENCE_END
    )
