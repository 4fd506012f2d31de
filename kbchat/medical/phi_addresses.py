"""Where an address ends and begins: the building, the floor and the room behind its number, the flat before it, county and postcode."""

from __future__ import annotations

from kbchat.text.deferred_pattern import deferred

_NUMBER = r"(?:[A-Za-z]?\d+[A-Za-z]?(?:-\d+)*|[A-Z]|[一二三四五六七八九十甲乙丙丁]{1,3})"
_PART = r"(?:号院|号楼|号|栋|幢|座|单元|室|组|楼|层|户|门|院|房|铺|柜|弄|支弄|区|期|村|队|社)"
_BEHIND = deferred(
    rf"(?:(?<=\d)[房室户]|柜|之[一二三四五六七八九十\d]{{1,2}}|(?:(?![了是我都就着过吗呢的,])[\u4e00-\u9fff]){{0,10}}?{_NUMBER}{_PART}|(?:(?<=[室楼层元院座栋])|(?<=之[一二三四五六七八九])){_NUMBER}(?:楼|层|室)?(?![\d年月日天次粒片岁]))+"
)
_COUNTY = deferred(
    r"(?:,?\s*Co\.?\s+[A-Z][a-z]+|(?<=,\sCo)\.\s+[A-Z][a-z]+|(?<=,Co)\.\s*[A-Z][a-z]+|,\s*(?:(?:County|Greater|North|South|East|West)\s+)?(?-i:[A-Z][a-z]+(?:shire|sex|ford|shire)))?"
    r"(?:,?\s*(?-i:[A-Z]{1,2}\d{1,2}[A-Z]?\s*\d[A-Z]{2}|[A-Z]{2,3}\s+\d{4,5}(?:-\d{4})?|[A-Z]\d{2}\s?[A-Z0-9]{4}|\d{5}))?(?![\w])"
)
_COTTAGE = deferred(r"[A-Z][a-z]+ (?:Cottage|House|Lodge|Farm|Villa|Hall|Barn|Court),\s*$")
_FLAT = deferred(r"(?i:\b(?:flat|apt|apartment|unit|suite|room|no)\.?)\s*[\dA-Za-z]{1,5}\s*,\s*$")


def whole_address(text: str, start: int, end: int) -> tuple[int, int]:
    """Start and end of the address of which ``text[start:end]`` was recognised; ``text`` is unified."""
    for before in (_COTTAGE, _FLAT):
        more = before.search(text, max(0, start - 24), start)
        start = more.start() if more else start
    chinese = "\u4e00" <= text[end - 1] <= "\u9fff" or any("\u4e00" <= char <= "\u9fff" for char in text[start:end])
    more = (_BEHIND if chinese else _COUNTY).match(text, end)
    return start, more.end() if more else end
