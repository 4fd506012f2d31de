"""Drug names without what varies between products: salts, dosage forms, strengths.

``盐酸二甲双胍缓释片`` and ``Metformin hydrochloride 500 mg prolonged-release tablets`` have the cores ``二甲双胍`` and ``metformin``.
A salt is stripped only where something with a meaning of its own remains: potassium chloride stays potassium chloride.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kbchat.medical.drug_name_parts import (
    CARRIERS_ZH,
    FORM_MODIFIERS_EN,
    FORM_WORDS_EN,
    FORMS_ZH,
    INORGANIC_ACIDS_ZH,
    MEASURES_BEFORE_FORM_ZH,
    METAL_CORES_ZH,
    METALS_EN,
    METALS_ZH,
    PREFIXES_ZH,
    SALT_PREFIXES_ZH,
    SALTS_EN,
    SHORT_FORM_COMPOUNDS_ZH,
    SHORT_FORMS_ZH,
    SIMPLE_ANIONS_EN,
)
from kbchat.text.deferred_pattern import deferred

_CJK = deferred(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_BRACKETED = deferred(r"\s*[(（\[【〔](?P<inner>[^()（）\[\]【】〔〕]*)[)）\]】〕]\s*")
_MARKS = deferred(r"[®™©*＊]|\((?:r|tm)\)", re.IGNORECASE)
_STRENGTH_ZH = deferred(
    r"\s*\d+(?:\.\d+)?\s*(?:mg|g|μg|ug|mcg|ml|iu|%|毫克|微克|克|毫升|单位|万单位).*$", re.IGNORECASE
)
_TRAILING_NUMERAL = deferred(r"\s*(?:[ⅠⅡⅢⅣⅤ]|\((?:[ivx]+|\d+)\)|[IVX]+)$")


def _longest_first(words: str) -> tuple[str, ...]:
    return tuple(sorted(words.split(), key=len, reverse=True))


_FORMS = deferred(f"(?:{'|'.join(map(re.escape, _longest_first(FORMS_ZH + ' ' + SHORT_FORMS_ZH)))})$")
_PREFIX = deferred(f"^(?:{'|'.join(_longest_first(PREFIXES_ZH))})")
_SALT_PREFIX = deferred(f"^(?:{'|'.join(_longest_first(SALT_PREFIXES_ZH))})")
_METAL_SUFFIX = deferred(f"(?:{'|'.join(_longest_first(METALS_ZH))})$")
_CARRIER = deferred(f"(?:{'|'.join(_longest_first(CARRIERS_ZH))})$")
_METAL_CORE = deferred(f"^(?:{'|'.join(_longest_first(METAL_CORES_ZH))})")
_INORGANIC = frozenset(INORGANIC_ACIDS_ZH.split())
_FORM_WORD_EN = deferred(
    rf"\b(?:{'|'.join(_longest_first(FORM_WORDS_EN))})\b|(?<![\w-])\d[\d.,]*\s*(?:mg|g|mcg|µg|μg|micrograms?|ml|iu|units?|%|mmol)(?![\w])"
)
_MODIFIERS_EN = frozenset(FORM_MODIFIERS_EN.split())
_SALTS_EN = frozenset(SALTS_EN.split())
_METALS_EN = frozenset(METALS_EN.split())
_ANIONS_EN = frozenset(SIMPLE_ANIONS_EN.split())
_LONG_FORM_IN_TEXT = deferred(f"[\\w\u3400-\u9fff]{{2,}}?(?:{'|'.join(map(re.escape, _longest_first(FORMS_ZH)))})")
_SHORT_FORM_IN_TEXT = deferred(
    rf"(?:[\u3400-\u9fff]{{2,}}|[\u3400-\u9fff]{{2,}}[a-z]\d{{0,2}})(?<![{MEASURES_BEFORE_FORM_ZH}])(?<!{')(?<!'.join(SHORT_FORM_COMPOUNDS_ZH.split())})"
    f"(?:{'|'.join(_longest_first(SHORT_FORMS_ZH))})(?![\u3400-\u9fff]?[状剂量段数])"
)
_FORM_IN_TEXT_EN = deferred(
    r"[a-z]{4,}\W+(?:\S+\s+){0,4}?(?:tablets?|capsules?|syrup|cream|ointment|injection|suppositor|inhaler|patch|drops)"
)
_SPACES = deferred(r"\s+")


@lru_cache(maxsize=65536)
def core_name(name: str) -> str:
    """The name without salt, dosage form, strength and bracketed remarks; lower case.

    Never empty for a name that has letters: what would strip everything is not stripped.
    """
    folded = _MARKS.sub("", unicodedata.normalize("NFKC", name)).strip().lower()
    bare = _BRACKETED.sub(" ", folded).strip() or folded
    if _CJK.search(bare):
        return _core_zh(bare) or bare
    return _core_en(bare) or bare


def _core_zh(name: str) -> str:
    return _without_salt_zh(_without_form_zh(name))


def _without_form_zh(name: str) -> str:
    core = _SPACES.sub("", name)
    core = _STRENGTH_ZH.sub("", core) or core
    core = _TRAILING_NUMERAL.sub("", core) or core
    core = _keep(_PREFIX.sub("", core), core)
    for _ in range(2):
        core = _keep(_FORMS.sub("", core), core)
    return _keep(_CARRIER.sub("", core), core)


def _without_salt_zh(core: str) -> str:
    without = _SALT_PREFIX.sub("", core)
    if without != core and len(without) >= 2 and not _METAL_CORE.match(without):
        core = without
    without = _METAL_SUFFIX.sub("", core)
    if without == core or len(without) < 3 or without in _INORGANIC:
        return core
    return core if without.endswith(("化", "硝普", "钾", "钠", "钙")) else without


def _keep(shortened: str, whole: str) -> str:
    """The shortened name where at least two characters remain."""
    return shortened if len(shortened) >= 2 else whole


def _core_en(name: str) -> str:
    cut = _FORM_WORD_EN.search(name)
    head = name[: cut.start()].strip(" ,-/") if cut and name[: cut.start()].strip(" ,-/") else name
    parts = [_plain_en(part) for part in re.split(r"\s*(?:/|\band\b|\+)\s*", head) if part.strip()]
    return "/".join(part for part in parts if part)


def _plain_en(part: str) -> str:
    words = part.replace(",", " ").split()
    while len(words) > 1 and words[-1] in _MODIFIERS_EN:
        words.pop()
    while len(words) > 1 and words[-1] in _SALTS_EN and words[0] not in _METALS_EN:
        words.pop()
    while len(words) > 1 and words[0] in _METALS_EN and not (set(words[1:]) & _ANIONS_EN):
        words.pop(0)
    return " ".join(words)


@lru_cache(maxsize=16384)
def name_variants(name: str) -> tuple[str, ...]:
    """Every form under which ``name`` may be asked for, lower case, longest stripping last, no doubles.

    As written; without bracketed remarks; the bracketed names themselves; without the dosage form; without the salt.
    """
    folded = _MARKS.sub("", unicodedata.normalize("NFKC", name)).strip().lower()
    bare = _BRACKETED.sub(" ", folded).strip() or folded
    variants = [folded, bare]
    variants.extend(
        inner
        for match in _BRACKETED.finditer(folded)
        if len(inner := match.group("inner").strip()) >= 2 and _is_name(inner)
    )
    if _CJK.search(bare):
        variants.append(_without_form_zh(bare))
    variants.append(core_name(name))
    return tuple(dict.fromkeys(variant for variant in variants if variant))


def _is_name(inner: str) -> bool:
    return bool(re.search(r"[a-z]{3}|[\u3400-\u9fff]{2}", inner)) and not _STRENGTH_ZH.search(inner)


@lru_cache(maxsize=16384)
def has_dosage_form(text: str) -> bool:
    """Whether the text holds a product name with its dosage form, such as ``孟鲁司特钠咀嚼片`` or ``omeprazole capsules``."""
    folded = unicodedata.normalize("NFKC", text).lower()
    if _CJK.search(folded):
        return bool(_LONG_FORM_IN_TEXT.search(folded) or _SHORT_FORM_IN_TEXT.search(folded))
    return bool(_FORM_IN_TEXT_EN.search(folded))
