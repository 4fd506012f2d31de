"""Editions of one document: the same title but for year and version."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kbchat.text.tokens import fold

_EDITION = re.compile(
    r"(?:19|20)\d\d(?:[-./]\d{1,2}){0,2}年?|第?[一二三四五六七八九十\d]+版|\bv(?:er(?:sion)?)?\.?\s?\d[\d.]*|\b(?:revised|edition|update)\b"
    r"|修订|更新|版|[\s()（）\[\]【】《》_.,，·-]+"
)


def edition_family(title: str) -> str:
    """What the editions of one document have in common: the title without years, versions and marks."""
    return _EDITION.sub("", fold(title))


def newest_editions(documents: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The newest date of each edition family among (title, ISO date) pairs; undated documents have no say."""
    newest: dict[str, str] = {}
    for title, date in documents:
        family = edition_family(title)
        if date > newest.get(family, ""):
            newest[family] = date
    return newest
