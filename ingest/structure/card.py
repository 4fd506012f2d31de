"""The document's card: kind, title, names, maker, strength, issuer, version, dates, language."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.structure.dates import compact_date, document_dates, iso_date, publication_date
from ingest.structure.detect import DRUG_KINDS, Tradition
from ingest.structure.lines import Line
from ingest.structure.names import DrugIdentity, chinese_identity
from ingest.structure.names_en import american_identity, european_identity
from ingest.structure.names_ja import is_japanese, japanese_identity
from kbchat.medical.drug_names import core_name
from kbchat.messages import Language
from kbchat.types import DocumentCard, DocumentKind, LoadedFile, Section, SectionKind

_ISSUER = re.compile(
    r"(?:中华|中国|国家|世界|美国|欧洲|卫生|北京|上海|广东|台湾)[\u4e00-\u9fff（）() ·]{2,40}(?:学会|协会"
    r"|委员会|联盟|中心|分会|学组|卫健委|疾控局|控制局|部|局)"
    r"|国家卫生健康委员会|卫生部[\u4e00-\u9fff]{0,12}|(?:World Health Organization|WHO|NICE"
    r"|National Institute for[\w ,]+|Federal Ministry of Health"
    r"|Ministry of Health[\w ,]*|(?:American|European|British|Canadian|International|Royal"
    r"|National) (?:[A-Z][\w&]+ ){0,5}(?:Society|College|Association|Academy|Institute"
    r"|Agency)(?: of(?: [A-Z]?\w+){1,5})?)"
)
_IMPRINT = re.compile(
    r"^(?:(?P<zh>[\u4e00-\u9fff（）]{2,40}?(?:医院|学会|协会|委员会|中心|学组|卫生局|研究院)[\u4e00-\u9fff]{0,10}?)\s*"
    r"(?:(?:19|20)\d\d\s*年[\d月日 ]{0,8})?\s*(?:发布|编写|制定|制订|编制|印发)"
    r"|(?P<en>(?:[A-Z][\w&'’\-]* ){1,6}(?:Committee|Hospital|Trust|Board|Network))\b(?=[.,;:]|$))",
    re.MULTILINE,
)
_VERSION = re.compile(
    r"第\s*[一二三四五六七八九十\d]+\s*版|(?:19|20)\d\d\s*年?\s*(?:修订|修訂|更新)?版"
    r"|试行第[一二三四五六七八九十]+版|\b(?:version|edition|v\.?)\s*(?P<number>\d+(?:\.\d+)*)|\d+(?:st|nd|rd|th) edition",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_DRUG_TRADITIONS = frozenset({Tradition.LEAFLET_ZH, Tradition.EMA, Tradition.FDA})
_CLINICAL = frozenset({SectionKind.DIAGNOSIS, SectionKind.RECOMMENDATION})
_SAMPLE = 60_000
_LEAFLET_KINDS = 5
_FRONT = 40


def language_of(loaded: LoadedFile) -> Language:
    """Chinese when more than a quarter as many Chinese characters as Latin letters stand in the text (a character says what four letters say)."""
    chinese = latin = seen = 0
    for page in loaded.pages:
        sample = page.text[: _SAMPLE - seen]
        seen += len(sample)
        chinese += len(re.findall(r"[\u3400-\u9fff]", sample))
        latin += len(re.findall(r"[A-Za-z]", sample))
        if seen >= _SAMPLE:
            break
    return "zh" if chinese * 4 > latin else "en"


def document_card(
    loaded: LoadedFile, title: str, tradition: Tradition, lines: Sequence[Line], sections: Sequence[Section]
) -> DocumentCard:
    """The card, from the text first and the metadata second."""
    identity = _identity(loaded, title, tradition, lines, sections)
    kind = _kind(tradition, sections)
    approved, revised = _dates(loaded, title, kind, lines)
    front = "\n".join([title, *(line.text for line in lines[:_FRONT] if len(line.text) < 120)])
    return DocumentCard(
        kind=kind,
        title=_drug_title(title, tradition, identity),
        language=language_of(loaded),
        generic_names=identity.generic,
        brand_names=identity.brand,
        english_names=identity.english,
        manufacturer=identity.manufacturer,
        strength=identity.strength,
        issuer=_issuer(front) if kind in (DocumentKind.GUIDELINE, DocumentKind.OTHER) else "",
        version=loaded.metadata.get("version", "") or _version(title, front if kind is DocumentKind.GUIDELINE else ""),
        approved_on=approved,
        revised_on=revised,
    )


def _issuer(front: str) -> str:
    """Who published a guideline: the body that says so in the imprint, else the first one named."""
    imprint = _IMPRINT.search(front)
    if imprint:
        return imprint.group("zh") or imprint.group("en")
    named = _ISSUER.search(front)
    return " ".join(named.group().split()) if named else ""


def _version(title: str, front: str) -> str:
    """The edition as printed (``2018版``, ``3rd edition``), of a numbered version the number alone."""
    match = _VERSION.search(title) or _VERSION.search(front)
    if not match:
        return ""
    return match.group("number") or " ".join(match.group().split()).replace(" 版", "版")


def _identity(
    loaded: LoadedFile, title: str, tradition: Tradition, lines: Sequence[Line], sections: Sequence[Section]
) -> DrugIdentity:
    if tradition is Tradition.EMA:
        return european_identity(lines, loaded.metadata)
    if tradition is Tradition.FDA:
        return american_identity(lines, loaded.metadata, title)
    if tradition is Tradition.LEAFLET_ZH and is_japanese(lines):
        return japanese_identity(lines, title)
    if tradition is Tradition.LEAFLET_ZH:
        return chinese_identity(lines, sections, title)
    return DrugIdentity()


def _kind(tradition: Tradition, sections: Sequence[Section]) -> DocumentKind:
    if tradition is Tradition.RECORDS:
        return DocumentKind.RECORDS
    if tradition in _DRUG_TRADITIONS:
        return DocumentKind.LEAFLET
    if tradition is Tradition.GUIDELINE:
        return DocumentKind.GUIDELINE
    kinds = {section.kind for section in sections}
    if len(kinds & DRUG_KINDS) >= _LEAFLET_KINDS:
        return DocumentKind.LEAFLET
    clinical = sum(len(section.text) for section in sections if section.kind in _CLINICAL)
    total = sum(len(section.text) for section in sections)
    return DocumentKind.GUIDELINE if clinical * 2 >= total and _CLINICAL & kinds else DocumentKind.OTHER


def _dates(loaded: LoadedFile, title: str, kind: DocumentKind, lines: Sequence[Line]) -> tuple[str, str]:
    dated = [] if kind is DocumentKind.RECORDS else lines if kind is DocumentKind.LEAFLET else lines[:_FRONT]
    approved, revised = document_dates(dated)
    stamp = loaded.metadata.get("effective", "")
    revised = (iso_date(stamp) or compact_date(stamp)) or revised
    if not revised and kind is DocumentKind.GUIDELINE:
        year = _YEAR.search(title)
        published = publication_date(lines)
        revised = published if year is None or published.startswith(year.group(1)) else year.group(1)
    return approved, revised


def _drug_title(title: str, tradition: Tradition, identity: DrugIdentity) -> str:
    """The title; for European texts and labels the brand with the generic name, else the product as printed."""
    if tradition is Tradition.LEAFLET_ZH:
        names = (*identity.generic, *identity.brand)
        told = "说明书" in title or any(core_name(name) in title.lower() for name in names)
        return title if told else next((name for name in names if not name.isascii()), title)
    if tradition not in (Tradition.EMA, Tradition.FDA):
        return title
    if not identity.brand:
        return identity.product or title
    generic = ", ".join(identity.generic[:2])
    if generic and generic.lower() not in identity.brand[0].lower():
        return f"{identity.brand[0]} ({generic})"
    return identity.brand[0]
