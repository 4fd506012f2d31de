"""Who the drug is: generic, brand and English names, manufacturer, as a Chinese leaflet prints them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.structure.lines import Line
from kbchat.types import Section, SectionKind

_LABELS = (
    r"通用名称?|商品名称?|英文名称?|英文商品名称?|汉语拼音|药品名称|品名|成[份分]|学名|中文名称?|拼音名"
    r"|化学名称?"
)
_VALUE = rf"\s*[:：]\s*(?P<value>.+?)(?=\s*(?:(?:{_LABELS})\s*[:：]|【|$))"
_GENERIC = re.compile(r"通用名称?" + _VALUE)
_BRAND = re.compile(r"(?<!英文)商品名称?" + _VALUE)
_ENGLISH = re.compile(r"英文(?:商品)?名称?" + _VALUE)
_SPLIT = re.compile(r"\s*[/／、;；]\s*|\s{2,}")
_NOTHING = re.compile(r"^(?:无|暂无|-+|—+|/|不适用)$")
_TAIWAN_NAME = re.compile(r"(?:1[.、]?\s*)?品名|(?:产品|產品|藥品)名[称稱]?")
_INGREDIENT_LATIN = re.compile(r"(?:含|contains?)[^。.]{0,30}?(?P<inn>[a-z]{5,}(?: [a-z]{5,}){0,2})")
_MAKER = re.compile(
    r"(?:企业名称|生产企业(?:名称)?|上市许可持有人(?:名称)?|药品上市许可持有人|持有人名称|生产厂[家商]|製造廠"
    r"|制造厂|药商|藥商)\s*[:：】]?\s*(?P<name>[^:：\s】【]{4,50}(?:公司|厂|廠|株式会社|GmbH|AG|Ltd\.?))"
)
_MAKER_LABELLED = re.compile(
    r"(?:企业名称|持有人名称|公司名称)\s*[:：]\s*(?P<name>[^:：\n【】]{3,60}?)(?=\s*(?:生产地址|地址|企业地址"
    r"|$|\s{2}))"
)
_MAKER_LINE = re.compile(r"[\u4e00-\u9fffA-Za-z（）() .,&]{4,40}(?:有限公司|股份公司|制药厂|药厂)")
_FRONT = 120


@dataclass(frozen=True, slots=True)
class DrugIdentity:
    """The names of a drug and who makes it; ``product`` is what the text calls it where there is no brand."""

    generic: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    manufacturer: str = ""
    strength: str = ""
    product: str = ""


def chinese_identity(lines: Sequence[Line], sections: Sequence[Section], title: str) -> DrugIdentity:
    """From 药品名称 and its kin; the title or the section 品名 where there are no labels."""
    front = [*lines[:_FRONT]] + [line for line in lines[_FRONT:] if "名称" in line.text[:8] and len(line.text) < 120]
    generic, brand, english = (_labelled(pattern, front) for pattern in (_GENERIC, _BRAND, _ENGLISH))
    if not generic and not brand:
        brand = _below_name_heading(lines)
        if title.endswith(("说明书", "說明書", "仿單", "仿单")) and not brand:
            generic = (re.sub(r"(?:说明书|說明書|仿單|仿单)$", "", title),)
    if not english:
        english = _latin_ingredient(sections)
    return DrugIdentity(generic, brand, english, _maker_zh(lines), _strength_zh(sections))


def _labelled(pattern: re.Pattern[str], lines: Sequence[Line]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for line in lines:
        for match in pattern.finditer(line.text[:400]):
            for name in _SPLIT.split(match.group("value").strip(" 。.;；")):
                clean = re.sub(r"[®™]", "", name).strip(" ，,。")
                if 2 <= len(clean) <= 80 and not _NOTHING.match(clean):
                    found.setdefault(clean)
    return tuple(found)


def _below_name_heading(lines: Sequence[Line]) -> tuple[str, ...]:
    for line, below in pairwise(lines[:40]):
        if _TAIWAN_NAME.fullmatch(line.text.strip()):
            return tuple(name for name in _SPLIT.split(below.text.strip()) if 2 <= len(name) <= 60)
    return ()


def _latin_ingredient(sections: Sequence[Section]) -> tuple[str, ...]:
    for section in sections:
        if section.kind is SectionKind.COMPOSITION:
            match = _INGREDIENT_LATIN.search(section.text[:400])
            if match:
                return (match.group("inn"),)
    return ()


def _maker_zh(lines: Sequence[Line]) -> str:
    for line in lines:
        match = _MAKER_LABELLED.search(line.text) or _MAKER.search(line.text)
        if match:
            return match.group("name").strip()
    for line, below in pairwise(lines):
        if re.search(r"生产企业|持有人|企业名称", line.text[:14]) and _MAKER_LINE.search(below.text):
            found = _MAKER_LINE.search(below.text)
            return found.group().strip() if found else ""
    return ""


def _strength_zh(sections: Sequence[Section]) -> str:
    for section in sections:
        if section.heading_path and "规格" in section.heading_path[-1] and "包装" not in section.heading_path[-1]:
            body = " ".join(section.text.split("\n")[1:]) or re.split(r"[】\]〕]", section.text, maxsplit=1)[-1]
            return body.strip()[:80]
    return ""
