"""Dates of approval and revision, as ISO dates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ingest.structure.lines import Line

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ZH_DIGITS = {"〇": 0, "○": 0, "零": 0} | {character: value for value, character in enumerate("一二三四五六七八九", 1)}
_ZH_DATE = re.compile(
    r"[一二][〇○零一二三四五六七八九]{3}年(?:[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}日)?)?"
)
_MONTH = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_DATES = (
    re.compile(r"(?P<y>(?:19|20)\d\d)\s*[年.\-/]\s*(?P<m>\d{1,2})\s*[月.\-/]\s*(?P<d>\d{1,2})\s*日?"),
    re.compile(r"(?P<y>(?:19|20)\d\d)\s*年\s*(?P<m>\d{1,2})\s*月"),
    re.compile(rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<n>{_MONTH})\s*,?\s*(?P<y>(?:19|20)\d\d)", re.IGNORECASE),
    re.compile(rf"(?P<n>{_MONTH})\s+(?P<d>\d{{1,2}})\s*,\s*(?P<y>(?:19|20)\d\d)", re.IGNORECASE),
    re.compile(rf"(?P<n>{_MONTH})\s*,?\s*(?P<y>(?:19|20)\d\d)", re.IGNORECASE),
    re.compile(r"\b(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>(?:19|20)\d\d)\b"),
    re.compile(r"(?<![\d.])(?P<m>\d{1,2})\s*[/.\-]\s*(?P<y>(?:19|20)\d\d)\b"),
    re.compile(r"(?P<y>(?:19|20)\d\d)[.\-/](?P<m>\d{1,2})(?!\d)"),
    re.compile(r"\b(?P<y>(?:19|20)\d\d)\s*年"),
)
_APPROVED = re.compile(
    r"(?:核准|批准)\s*日\s*期|首次批准|date of first authori[sz]ation(?!/renewal)|initial u\.?s\.? approval"
    r"|first authori[sz]ation\s*:|核[准定]\s*[:：]",
    re.IGNORECASE,
)
_REVISED = re.compile(
    r"(?:修改|修订|修訂|改订|改訂|变更)\s*日\s*期|(?<!\d)[改修][订訂改](?:日期)?\s*[:：]|date of (?:last )?revision|last (?:revised"
    r"|approved|updated)|^revised\b|\brevised:|revision date|改訂（|改订（",
    re.IGNORECASE,
)
_REVISED_BEHIND = re.compile(
    r"(?P<date>(?:19|20)\d\d\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?)\s*(?:第[\d一二三四五六七八九十]+次)?[改修][订訂正]"
)
_RENEWED = re.compile(r"date of (?:latest|last) renewal", re.IGNORECASE)
_VERSIONED = re.compile(
    r"\b(?:version|edition|issue|v\.?)\s*\d+(?:\.\d+)*\s*[,;:(\-–]?\s*(?:date[d:]*\s*)?(?P<date>.{0,24})", re.IGNORECASE
)
_REVISION_HEADING = re.compile(r"10\.?\s+DATE OF REVISION OF THE TEXT", re.IGNORECASE)
_ONLY_DATE = re.compile(r"[\d\s年月日.\-/*＊]+")
_PUBLISHED = re.compile(
    r"[(（]?\s*(?:19|20)\d\d[\s年月日.\-/\d]*[)）]?|.{0,20}(?:发布|颁布|印发|出版|公布|实施|published).{0,40}",
    re.IGNORECASE,
)
_EARLIEST_PAGE_LINES = 40
_LONGEST_IMPRINT = 160


def iso_date(text: str) -> str:
    """The first date in ``text`` as ``2010-01-31``, ``2010-01`` or ``2010``; empty when there is none."""
    dates = all_dates(text)
    return dates[0] if dates else ""


def all_dates(text: str) -> list[str]:
    """Every date in ``text``, in order."""
    text = _in_digits(text)
    found: list[tuple[int, str]] = []
    taken: list[tuple[int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if any(low < match.end() and match.start() < high for low, high in taken):
                continue
            date = _iso(match.groupdict())
            if date:
                found.append((match.start(), date))
                taken.append(match.span())
    return [date for _, date in sorted(found)]


def _in_digits(text: str) -> str:
    """The text in half width, with years, months and days that are written in Chinese numerals as digits."""
    plain = unicodedata.normalize("NFKC", text)
    return _ZH_DATE.sub(
        lambda match: "".join(_zh_number(part) for part in re.split(r"([年月日])", match.group())), plain
    )


def _zh_number(text: str) -> str:
    if not text or text in "年月日":
        return text
    if "十" not in text:
        return "".join(str(_ZH_DIGITS[character]) for character in text)
    tens, _, ones = text.partition("十")
    return str((_ZH_DIGITS[tens] if tens else 1) * 10 + (_ZH_DIGITS[ones] if ones else 0))


def _iso(parts: dict[str, str | None]) -> str:
    year = parts["y"]
    name = (parts.get("n") or "").lower().rstrip(".")
    month = _MONTHS.get(name) if name else int(parts.get("m") or 0)
    day = int(parts.get("d") or 0)
    if (month and not 1 <= month <= 12) or day > 31:
        return ""
    return "-".join([str(year), *([f"{month:02d}"] if month else []), *([f"{day:02d}"] if month and day else [])])


def compact_date(text: str) -> str:
    """An SPL time stamp such as ``20250417`` as an ISO date; empty when it is none."""
    match = re.match(r"((?:19|20)\d\d)(\d\d)?(\d\d)?", text.strip())
    if not match:
        return ""
    year, month, day = match.groups()
    return "-".join(part for part in (year, month, day) if part)


def document_dates(lines: Sequence[Line]) -> tuple[str, str]:
    """When the text was approved and when it was last revised (else renewed), as far as it says so."""
    approved, revised, renewed = "", "", ""
    for line in lines:
        text = line.text
        if len(text) > 300:
            continue
        if not approved and (match := _APPROVED.search(text)):
            approved = next(iter(_near(match, lines, line.index)), "")
        stated = [date for match in _REVISED.finditer(text) for date in _near(match, lines, line.index)]
        stated += [iso_date(match.group("date")) for match in _REVISED_BEHIND.finditer(text)]
        revised = max([revised, *stated])
        if match := _RENEWED.search(text):
            renewed = max([renewed, *_near(match, lines, line.index)])
    return approved, revised or renewed


def _near(label: re.Match[str], lines: Sequence[Line], index: int) -> list[str]:
    """The dates behind a label, up to the next one, and on the lines below that hold nothing but dates."""
    behind = label.string[label.end() :]
    other = min((match.start() for pattern in (_APPROVED, _REVISED) if (match := pattern.search(behind))), default=None)
    dates = all_dates(behind[:other]) or _unusual(behind[:other])
    if other is not None:
        return dates
    for below in lines[index + 1 : index + 16]:
        if not _ONLY_DATE.fullmatch(below.text):
            if not dates and _REVISION_HEADING.match(label.string):
                dates = all_dates(below.text[:60])
            break
        dates.extend(all_dates(below.text))
    return dates


def _unusual(behind: str) -> list[str]:
    """A date that counts as one only directly behind its label: a year alone, or eight digits."""
    match = re.match(r"\s*[:：】\]]?\s*(?P<date>(?:19|20)\d\d(?:[01]\d[0-3]\d)?)(?!\d)", behind)
    return [compact_date(match.group("date"))] if match else []


def publication_date(lines: Sequence[Line]) -> str:
    """The date that stands alone, or beside a word for publication, at the front of a guideline; empty without one."""
    for line in lines[:_EARLIEST_PAGE_LINES]:
        versioned = _VERSIONED.search(line.text) if len(line.text) < _LONGEST_IMPRINT else None
        if versioned and (date := iso_date(versioned.group("date")) or _bare_year(versioned.group("date"))):
            return date
        if _PUBLISHED.fullmatch(line.text) and (date := iso_date(line.text) or _bare_year(line.text)):
            return date
    return ""


def _bare_year(text: str) -> str:
    match = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    return match.group() if match else ""
