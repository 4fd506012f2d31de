"""Dates of approval and revision, as ISO dates."""

from __future__ import annotations

import re
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
    r"核准日期|批准日期|首次批准|date of first authori[sz]ation(?!/renewal)|initial u\.?s\.? approval"
    r"|first authori[sz]ation\s*:",
    re.IGNORECASE,
)
_REVISED = re.compile(
    r"(?:修改|修订|修訂|改订|改訂)日期|(?<!\d)[改修][订訂](?:日期)?[:：]|date of revision|last (?:revised"
    r"|approved|updated)|^revised\b|\brevised:|revision date|改訂（|改订（",
    re.IGNORECASE,
)
_REVISION_HEADING = re.compile(r"10\.?\s+DATE OF REVISION OF THE TEXT", re.IGNORECASE)
_ONLY_DATE = re.compile(r"[\d\s年月日.\-/*＊]+")
_PUBLISHED = re.compile(
    r"[(（]?\s*(?:19|20)\d\d[\s年月日.\-/\d]*[)）]?|.{0,20}(?:发布|颁布|印发|出版|公布|实施|published).{0,40}",
    re.IGNORECASE,
)
_EARLIEST_PAGE_LINES = 40


def iso_date(text: str) -> str:
    """The first date in ``text`` as ``2010-01-31``, ``2010-01`` or ``2010``; empty when there is none."""
    dates = all_dates(text)
    return dates[0] if dates else ""


def all_dates(text: str) -> list[str]:
    """Every date in ``text``, in order."""
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
    """When the text was approved and when it was last revised, as far as it says so."""
    approved, revised = "", ""
    for line in lines:
        text = line.text
        if len(text) > 300:
            continue
        if not approved and _APPROVED.search(text):
            approved = next(iter(_near(text, _APPROVED, lines, line.index)), "")
        if _REVISED.search(text):
            revised = max([revised, *_near(text, _REVISED, lines, line.index)])
    return approved, revised


def _near(text: str, label: re.Pattern[str], lines: Sequence[Line], index: int) -> list[str]:
    """The dates behind a label and on the lines below that hold nothing but dates."""
    match = label.search(text)
    dates = all_dates(text[match.end() :]) if match else []
    for below in lines[index + 1 : index + 16]:
        if not _ONLY_DATE.fullmatch(below.text):
            if not dates and _REVISION_HEADING.match(text):
                dates = all_dates(below.text[:60])
            break
        dates.extend(all_dates(below.text))
    return dates


def publication_date(lines: Sequence[Line]) -> str:
    """The date that stands alone, or beside a word for publication, at the front of a guideline; empty without one."""
    for line in lines[:_EARLIEST_PAGE_LINES]:
        if _PUBLISHED.fullmatch(line.text) and (date := iso_date(line.text) or _bare_year(line.text)):
            return date
    return ""


def _bare_year(text: str) -> str:
    match = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    return match.group() if match else ""
