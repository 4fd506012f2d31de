"""Who the drug is: generic, brand and English names, manufacturer, as the document prints them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.structure.ema import product_lines
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
_INN_TITLE = re.compile(r"^(?P<brand>[^,;(]{2,60}),\s*INN\s*[-–:]\s*(?P<inn>[^;,(]{3,120})", re.IGNORECASE)
_BRACKETED_INN = re.compile(r"(?P<brand>[A-Z][\w\-. ]{1,40}?)\s*®?\s*\((?P<inn>[a-z][a-z\- ,/]{3,80}?)\)")
_STRENGTHS = re.compile(
    r"\d+(?:[.,]\d+)?\s*(?:mg|micrograms?|mcg|µg|μg|g|IU|units?|%|mmol)(?:\s*/\s*\d*(?:[.,]\d+)?\s*(?:mg|ml|g"
    r"|dose|h|hour|actuation)s?)?"
)
_PRODUCT_TAIL = re.compile(
    r"\s+(?=\d)|\s+(?:film-coated |hard |soft |oral |prolonged-release |gastro-resistant "
    r"|modified-release )?(?:tablets?|capsules?|solution|suspension|cream|ointment|powder|syrup"
    r"|injection)\b.*$",
    re.IGNORECASE,
)
_INGREDIENT_EN = re.compile(
    r"(?:contains?|of)\s+(?:\d[\d.,]*\s*(?:mg|g|micrograms?|mcg|ml|IU"
    r"|units?)\s+(?:of\s+)?)?(?P<inn>[a-z][a-z\- ]{3,40}?)(?:\*|\.|,| \(| as | in | per |$)"
)
_ACTIVE = re.compile(
    r"(?i:(?:the )?active (?:substance|ingredient)s?)(?: (?:is|are)\s*:?"
    r"|\s*:)\s*(?P<inn>[A-Za-z][a-z\-]+(?: [a-z\-]+){0,3}?)(?:\.|,|;| \(| as | in |$)"
)
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
_HOLDER_EN = re.compile(
    r"(?:(?:7\.?\s+)?marketing authori[sz]ation holder(?: and manufacturer)?|manufactured (?:by|for)"
    r"|distributed by|manufacturer)\s*[:：]?\s*(?P<name>.{0,80})",
    re.IGNORECASE,
)
_FRONT = 120


@dataclass(frozen=True, slots=True)
class DrugIdentity:
    """The names of a drug and who makes it."""

    generic: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    manufacturer: str = ""
    strength: str = ""


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


def european_identity(lines: Sequence[Line], metadata: Mapping[str, str]) -> DrugIdentity:
    """From the metadata's INN, the product lines, and the active substance below or in the composition."""
    products: dict[str, None] = {}
    inns: dict[str, None] = {}
    for line in lines:
        if re.match(r"1\.?\s+NAME OF THE MEDICINAL PRODUCT", line.text, re.IGNORECASE):
            products.update(dict.fromkeys(product_lines(lines[line.index + 1 : line.index + 9])))
        elif re.match(r"package leaflet", line.text, re.IGNORECASE):
            below = lines[line.index + 1 : line.index + 8]
            products.update(dict.fromkeys(product_lines(below)))
            inns.update(dict.fromkeys(_substance_lines(below)))
    stated = _INN_TITLE.match(metadata.get("title", ""))
    generic = (stated.group("inn").strip(),) if stated else tuple(inns)[:2] or _composition_inn(lines)
    brands = {_PRODUCT_TAIL.split(product, maxsplit=1)[0].strip(" ,") for product in products}
    if stated:
        brands = {stated.group("brand").strip()} | {
            name for name in brands if name.lower().startswith(stated.group("brand").strip().lower())
        }
    ordered = sorted(brand for brand in brands if 2 < len(brand) <= 60)
    strengths = dict.fromkeys(match.group() for product in products for match in _STRENGTHS.finditer(product))
    return DrugIdentity(
        tuple(name.strip(" .") for name in generic if name),
        tuple(brand for brand in ordered if brand.lower() not in {name.lower() for name in generic})
        or tuple(ordered[:1]),
        (),
        _holder(lines),
        ", ".join(strengths)[:120],
    )


def _substance_lines(below: Sequence[Line]) -> list[str]:
    found = []
    for line in below:
        text = line.text.strip("() .")
        if re.match(r"(?:read all|this medicine|▼|keep this)", text, re.IGNORECASE):
            break
        if (
            re.fullmatch(r"[A-Za-z][A-Za-z\-/, ]{3,60}", text)
            and len(text.split()) <= 4
            and not _STRENGTHS.search(text)
            and "information" not in text.lower()
        ):
            found.append(text.lower())
    return [
        name for name in found if not re.search(r"\b(?:tablets?|capsules?|solution|injection|cream|leaflet)\b", name)
    ]


def _composition_inn(lines: Sequence[Line]) -> tuple[str, ...]:
    for line in lines:
        if stated := _ACTIVE.search(line.text):
            return (stated.group("inn").strip().lower(),)
        if re.match(r"2\.?\s+QUALITATIVE AND QUANTITATIVE", line.text, re.IGNORECASE):
            for below in lines[line.index + 1 : line.index + 8]:
                match = _INGREDIENT_EN.search(below.text)
                if match:
                    return (match.group("inn").strip(),)
    return ()


def _holder(lines: Sequence[Line]) -> str:
    for line in lines:
        match = _HOLDER_EN.match(line.text)
        if match:
            name = match.group("name").strip(" :.")
            if not name or not re.search(r"[A-Za-z]{3}", name):
                name = next((below.text.strip() for below in lines[line.index + 1 : line.index + 2]), "")
            name = name.rstrip(" ,;")
            if 3 <= len(name) <= 80 and not re.search(
                r"NUMBER|authori[sz]ation|responsible|release", name, re.IGNORECASE
            ):
                return name
    return ""


def american_identity(lines: Sequence[Line], metadata: Mapping[str, str], title: str) -> DrugIdentity:
    """From the label's title ``BRAND (generic) form`` and what the loader found in the SPL header."""
    generic = _listed(metadata.get("generic_name", ""))
    brand = _listed(metadata.get("brand_name", ""))
    front = "\n".join([title, metadata.get("title", ""), *(line.text for line in lines[:40])]).replace("®", "")
    for match in _BRACKETED_INN.finditer(front):
        name = re.sub(r"^.*\b(?:for|use|using)\s+", "", match.group("brand")).strip()
        if not generic or match.group("inn") in generic:
            generic = generic or (match.group("inn"),)
            brand = tuple(dict.fromkeys((*brand, name)))
    maker = metadata.get("manufacturer", "") or _holder(lines)
    return DrugIdentity(generic, brand, (), maker, metadata.get("strength", ""))


def _listed(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[;|]", value) if part.strip()))
