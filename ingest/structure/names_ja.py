"""Who the drug of a Japanese insert is: brand before the dosage form, generic name before 製剤 or in the composition."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.structure.lines import Line
from ingest.structure.names import DrugIdentity

_KANA = re.compile(r"[\u3041-\u30fa]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NAME = r"[\u30a1-\u30faー]{3,}(?:[\u30a1-\u30faー\u4e00-\u9fff]*[\u30a1-\u30faー])?"
_FORM = r"(?:OD|口腔内崩壊|徐放|腸溶)?(?:錠|カプセル|細粒|顆粒|散|シロップ|注射?|点眼|軟膏|クリーム|ゲル|テープ|パッチ|坐剤|吸入|液)"
_BRAND = re.compile(rf"(?:[＊*]\s*)*(?P<name>{_NAME}){_FORM}")
_CLASS = re.compile(
    rf"(?P<name>(?:{_NAME}|[\u30a1-\u30faー\u4e00-\u9fff]{{4,24}}))(?:製剤|水和物錠|錠|カプセル)(?:[\s（(].*)?"
)
_CONTAINED = re.compile(rf"(?:1\s*[錠gm]L?中|中に?|として|日局)\s*[（(]?(?:日局)?[）)]?\s*(?P<name>{_NAME})")
_MAKER = re.compile(
    r"(?P<name>[\u30a1-\u30faー\u4e00-\u9fffA-Za-z]{2,24}株式会社|株式会社[\u30a1-\u30faー\u4e00-\u9fffA-Za-z]{2,20})"
)
_STRENGTHS = re.compile(r"\d+(?:\.\d+)?\s*(?:mg|㎎|μg|g|%|％)", re.IGNORECASE)
_FRONT = 80
_SAMPLE = 200
_FEW_KANA = 20


def is_japanese(lines: Sequence[Line]) -> bool:
    """Whether a text is Japanese by its share of kana, which Chinese texts lack."""
    text = "".join(line.text for line in lines[:_SAMPLE])
    kana = len(_KANA.findall(text))
    return kana > _FEW_KANA and kana * 5 > len(_HAN.findall(text))


def japanese_identity(lines: Sequence[Line], title: str) -> DrugIdentity:
    """The names in katakana; the maker is the first company a line begins with."""
    front = lines[:_FRONT]
    brands = [match.group("name") for text in (title, *(line.text for line in front)) if (match := _BRAND.match(text))]
    brand = brands[:1]
    classes = (match.group("name") for line in front if (match := _CLASS.fullmatch(line.text)))
    contained = (match.group("name") for line in front for match in _CONTAINED.finditer(line.text))
    generic = next((name for name in (*classes, *contained) if name not in brand), "")
    maker = next((match.group("name") for line in lines if (match := _MAKER.match(line.text))), "")
    strengths = dict.fromkeys(match.group() for match in _STRENGTHS.finditer(title))
    return DrugIdentity((generic,) if generic else (), tuple(brand), (), maker, ", ".join(strengths))
