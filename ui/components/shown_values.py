"""Numbers, sizes, dates and durations as people read them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from kbchat.messages import Bilingual, Language

_SIZES = ("B", "KB", "MB", "GB", "TB")
_AGO = (
    (86400, Bilingual("{n} d ago", "{n} 天前")),
    (3600, Bilingual("{n} h ago", "{n} 小时前")),
    (60, Bilingual("{n} min ago", "{n} 分钟前")),
)
_JUST_NOW = Bilingual("just now", "刚刚")
NOTHING = "–"


def shown_size(size: int) -> str:
    """``size`` bytes: ``820 B``, ``1.4 MB``."""
    amount, step = float(size), 0
    while amount >= 1024 and step < len(_SIZES) - 1:
        amount /= 1024
        step += 1
    unit = _SIZES[step]
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"


def shown_moment(moment: datetime | None, offset_minutes: int | None = 0, *, seconds: bool = False) -> str:
    """``2026-11-20 14:05`` on the clock of somebody ``offset_minutes`` behind UTC (as browsers tell it)."""
    if moment is None:
        return NOTHING
    zone = timezone(timedelta(minutes=-(offset_minutes or 0)))
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def shown_day(moment: datetime | None, offset_minutes: int | None = 0) -> str:
    """The day alone: ``2026-11-20``."""
    return shown_moment(moment, offset_minutes)[:10]


def shown_ago(moment: datetime, now: datetime, language: Language) -> str:
    """How long ago it was, in its largest unit."""
    passed = max(0, int((now - moment).total_seconds()))
    for length, text in _AGO:
        if passed >= length:
            return text.in_language(language).format(n=passed // length)
    return _JUST_NOW.in_language(language)


def shown_number(number: float, digits: int = 0) -> str:
    """``12,345`` or ``0.82``."""
    return f"{number:,.{digits}f}"


def shown_share(share: float) -> str:
    """``37 %``; a little is not nothing, and nearly all is not all."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 < share < 1:
        return ">99 %"
    return f"{share:.0%}".replace("%", " %")


def shown_seconds(seconds: float) -> str:
    """``180 ms``, ``2.4 s``, ``3:05 min``."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} h" if hours else f"{minutes}:{rest:02d} min"
