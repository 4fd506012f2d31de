"""Who the drug is: generic, brand and English names, manufacturer, as a Chinese leaflet prints them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.structure.lines import Line
from kbchat.medical.drug_names import has_dosage_form
from kbchat.types import Section, SectionKind

_LABELS = (
    r"通用名称?|商品名称?|英文名称?|英文商品名称?|汉语拼音|药品名称|品名|成[份分]|学名|中文名称?|拼音名"
    r"|化学名称?"
)
_VALUE = rf"\s*(?:[】〕\]]\s*[:：]?|[:：])\s*(?P<value>.+?)(?=\s*(?:(?:{_LABELS})\s*[:：]|【|$))"
_GENERIC = re.compile(r"通用名称?" + _VALUE)
_BRAND = re.compile(r"(?<!英文)商品名称?" + _VALUE)
_ENGLISH = re.compile(r"英文(?:商品)?名称?" + _VALUE)
_ONLY_LABEL = re.compile(rf"[【\[]?\s*(?:{_LABELS})\s*[】\]]?\s*[:：]?")
_FORMER = re.compile(r"曾用名" + _VALUE)
_NAME = re.compile(r"^[【\[]?\s*(?:药品|药物|产品|中文)名称?" + _VALUE)
_STRENGTH_LINE = re.compile(r"^[【\[]?\s*(?:药品)?规\s*格\s*(?:[】\]]\s*[:：]?|[:：])\s*(?P<value>\S.{0,79})")
_AMOUNT = r"\d+(?:[.,]\d+)?\s*(?:mg|g|μg|ug|mcg|ml|IU|%|毫克|微克|克|毫升|万?单位)"
_PER_UNIT = re.compile(
    rf"每\s*(?:1\s*)?[片粒袋支瓶枚丸锭錠顆颗滴喷毫升mlML]{{1,2}}[^。；]{{0,24}}?(?P<value>{_AMOUNT})", re.IGNORECASE
)
_IN_TITLE = re.compile(rf"{_AMOUNT}(?:\s*/\s*{_AMOUNT})?", re.IGNORECASE)
_LATIN_PRODUCT = re.compile(
    r"(?P<name>[A-Z][A-Za-z\-]{3,30})\s?[®™]?(?: [\w.\-/%]+){0,4}? (?:Tablets?|Capsules?|Injection|Cream|Ointment|Solution"
    r"|Syrup|Suspension|Granules|Drops|Gel|Inhaler|Spray|Powder)\b.{0,30}"
)
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
_LEAFLET = re.compile(r"\s*(?:说明书|說明書|仿單|仿单)$")
_FRONT = 120
_TOP_LINES, _TITLE_LINES = 25, 4
_LONGEST_NAME, _LONGEST_TITLE = 80, 30


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
    generic, brand, english, former = (_labelled(each, front) for each in (_GENERIC, _BRAND, _ENGLISH, _FORMER))
    generic = generic or _labelled(_NAME, front[:_TOP_LINES])
    if not generic and not brand:
        brand = _below_name_heading(lines)
        titled = _LEAFLET.sub("", title)
        if not brand and len(titled) <= _LONGEST_TITLE and (titled != title or has_dosage_form(titled)):
            generic = (titled,)
        brand = (*brand, *_latin_product(lines[:_TITLE_LINES]))
    if not english:
        english = _latin_ingredient(sections)
    generic = tuple(dict.fromkeys((*generic, *former)))
    return DrugIdentity(generic, brand, english, _maker_zh(lines), _strength_zh(lines, sections, title))


def _labelled(pattern: re.Pattern[str], lines: Sequence[Line]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for line, below in zip(lines, (*lines[1:], None), strict=False):
        text = line.text[:400]
        if (
            below
            and _ONLY_LABEL.fullmatch(text)
            and not _ONLY_LABEL.match(below.text)
            and len(below.text) <= _LONGEST_NAME
        ):
            text = f"{text.rstrip(':：')}：{below.text}"  # the value stands on a line of its own
        for match in pattern.finditer(text):
            for name in _SPLIT.split(match.group("value").strip(" 。.;；")):
                clean = re.sub(r"[®™]", "", name).strip(" ，,。")
                if 2 <= len(clean) <= _LONGEST_NAME and not _NOTHING.match(clean):
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


def _latin_product(top: Sequence[Line]) -> tuple[str, ...]:
    """The Latin name in the title, such as ``Androcur Tablets`` below 安得卡錠."""
    return tuple(match.group("name") for line in top if (match := _LATIN_PRODUCT.fullmatch(line.text)))


def _strength_zh(lines: Sequence[Line], sections: Sequence[Section], title: str) -> str:
    """What stands under 规格, else what the composition says a unit holds, else what the title says."""
    for section in sections:
        if section.heading_path and "规格" in section.heading_path[-1] and "包装" not in section.heading_path[-1]:
            body = " ".join(section.text.split("\n")[1:]) or re.split(r"[】\]〕]", section.text, maxsplit=1)[-1]
            if body.strip():
                return body.strip()[:80]
    for line in lines:
        if stated := _STRENGTH_LINE.match(line.text):
            return stated.group("value").strip()
    compositions = (section.text[:400] for section in sections if section.kind is SectionKind.COMPOSITION)
    held = next((match for text in compositions if (match := _PER_UNIT.search(text))), None)
    if held:
        return held.group("value").strip()
    titled = _IN_TITLE.search(title)
    return titled.group() if titled else ""
