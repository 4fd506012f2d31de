"""The document's card: kind, title, names, maker, strength, issuer, version, dates, language."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.structure.dates import compact_date, document_dates, iso_date, publication_date
from ingest.structure.detect import DRUG_KINDS, Tradition
from ingest.structure.lines import Line
from ingest.structure.names import DrugIdentity, american_identity, chinese_identity, european_identity
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
_VERSION = re.compile(
    r"第\s*[一二三四五六七八九十\d]+\s*版|(?:19|20)\d\d\s*年?\s*(?:修订|修訂|更新)?版"
    r"|试行第[一二三四五六七八九十]+版|(?:version|edition|v\.?)\s*\d+(?:\.\d+)*|\d+(?:st|nd|rd|th) edition",
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
    issuer = _ISSUER.search(front) if kind in (DocumentKind.GUIDELINE, DocumentKind.OTHER) else None
    version = _VERSION.search(title) or (_VERSION.search(front) if kind is DocumentKind.GUIDELINE else None)
    return DocumentCard(
        kind=kind,
        title=_drug_title(title, tradition, identity),
        language=language_of(loaded),
        generic_names=identity.generic,
        brand_names=identity.brand,
        english_names=identity.english,
        manufacturer=identity.manufacturer,
        strength=identity.strength,
        issuer=" ".join(issuer.group().split()) if issuer else "",
        version=loaded.metadata.get("version", "") or ("".join(version.group().split()) if version else ""),
        approved_on=approved,
        revised_on=revised,
    )


def _identity(
    loaded: LoadedFile, title: str, tradition: Tradition, lines: Sequence[Line], sections: Sequence[Section]
) -> DrugIdentity:
    if tradition is Tradition.EMA:
        return european_identity(lines, loaded.metadata)
    if tradition is Tradition.FDA:
        return american_identity(lines, loaded.metadata, title)
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
        revised = year.group(1) if year else publication_date(lines)
    return approved, revised


def _drug_title(title: str, tradition: Tradition, identity: DrugIdentity) -> str:
    """The title; for European texts the product and its active substance, for labels brand and generic name."""
    if tradition not in (Tradition.EMA, Tradition.FDA) or not identity.brand:
        if tradition is Tradition.LEAFLET_ZH and "说明书" not in title and not identity.generic and identity.brand:
            return identity.brand[0]
        return title
    generic = ", ".join(identity.generic[:2])
    if generic and generic.lower() not in identity.brand[0].lower():
        return f"{identity.brand[0]} ({generic})"
    return identity.brand[0]
