"""Who the drug of an English text is: European product information and leaflets, American labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from ingest.structure.ema_template import is_product_heading, product_lines
from ingest.structure.lines import Line
from ingest.structure.names import DrugIdentity
from ingest.structure.substances import (
    document_substances,
    ingredient_lines,
    is_substance,
    listed_substances,
    stated_substances,
)
from kbchat.medical.drug_names import core_name
from kbchat.medical.drug_stems import looks_like_drug_name
from kbchat.medical.sections import section_kind
from kbchat.types import SectionKind

_MARKS = re.compile(r"\s?[®™]|\((?:R|TM)\)")
_INN_TITLE = re.compile(r"^(?P<brand>[^,;(]{2,60}),\s*INN\s*[-–:]\s*(?P<inn>[^;(]{3,120})", re.IGNORECASE)
_STRENGTHS = re.compile(
    r"\d+(?:[.,]\d+)?\s*(?:mg|micrograms?|mcg|µg|μg|g|IU|units?|%|mmol)\b(?:\s*/\s*\d*(?:[.,]\d+)?\s*(?:mg|ml|g"
    r"|dose|h|hour|actuation)s?\b)?"
)
_FORM = (
    r"(?:(?:film|sugar)-?\s?coated |chewable |(?:oro)?dispersible |effervescent |hard |soft |oral |delayed-release "
    r"|extended-release |prolonged-release |modified-release |sustained-release |gastro-resistant |enteric-coated "
    r"|nasal |ophthalmic |topical |transdermal |for )*"
    r"(?:tablets?|capsules?|caplets?|solution|suspension|injection|infusion|cream|ointment|gel|lotion|powder|granules"
    r"|syrup|elixir|drops|spray|inhaler|inhalation|aerosol|patch(?:es)?|suppositor(?:y|ies)|concentrate|emulsion|kit"
    r"|pellets|lozenges?)"
)
_PRODUCT_TAIL = re.compile(rf"\s+(?=\d)|\s+{_FORM}\b.*$", re.IGNORECASE)
_BRANDED = re.compile(
    rf"(?P<brand>[A-Z][A-Za-z0-9\-]*(?: [A-Z][A-Za-z0-9\-]*){{0,3}})\s?\((?P<inn>[a-z][a-z\-]+(?:[ ,/]+[a-z\-]+){{0,6}}?)"
    rf"(?:,? {_FORM})?\)(?P<rest>.*)"
)
_UNBRANDED = re.compile(
    rf"(?P<name>[A-Z][A-Za-z\-]+(?:,? (?:and )?[A-Za-z\-]+){{0,5}}?),? (?:{_FORM})\b.{{0,80}}", re.IGNORECASE
)
_AFTER_NAME = re.compile(rf"\s*(?:{_FORM}\b|,|for\b|is\b|$|-)", re.IGNORECASE)
_HIGHLIGHTED = re.compile(r"needed to use (?P<brand>.{3,60}?)(?:,.{0,40})? safely")
_HOLDER = re.compile(
    r"(?:(?:[67]\.?\s+)?marketing authori[sz]ation holder(?: and (?:the )?manufacturer)?|manufactured (?:by|for)"
    r"|distributed by|manufacturer)\s*[:：]?\s*(?P<name>.{0,80})",
    re.IGNORECASE,
)
_NO_HOLDER = re.compile(r"NUMBER|authori[sz]ation|responsible|release|the (?:same|manufacturer)", re.IGNORECASE)
_STRENGTH_HEADING = re.compile(
    r"(?:3\.?\s+)?DOSAGE FORMS? (?:AND|&) STRENGTHS?|(?:16\.?\s+)?HOW SUPPLIED.{0,30}", re.IGNORECASE
)
_LEAFLET_TITLE = re.compile(r"(?:package|patient information) leaflet", re.IGNORECASE)
_READER = re.compile(r"(?:read all|this medicine|▼|keep this|what is in)", re.IGNORECASE)
_ROUTE = re.compile(r",?\s+for (?:[a-z]+ ){1,4}use\b.*$|,?\s+Rx only.*$|,?\s+USP\b", re.IGNORECASE)
_FRONT = 40
_HEADER = 8
_LONGEST_PRODUCT = 90


def european_identity(lines: Sequence[Line], metadata: Mapping[str, str]) -> DrugIdentity:
    """From the metadata's INN, the product lines, and the active substance below them or in the composition."""
    products: dict[str, None] = {}
    inns: dict[str, None] = {}
    for line in lines:
        if is_product_heading(line.text):
            products.update(dict.fromkeys(product_lines(lines[line.index + 1 : line.index + 1 + _HEADER])))
        elif _LEAFLET_TITLE.match(line.text):
            below = lines[line.index + 1 : line.index + _HEADER]
            products.update(dict.fromkeys(product_lines(below)))
            inns.update(dict.fromkeys(_substance_lines(below)))
    if not products:
        products.update(dict.fromkeys(_printed_products(lines[:_HEADER])))
    stated = _INN_TITLE.match(metadata.get("title", ""))
    if stated:
        generic = listed_substances(stated.group("inn"))
    else:
        generic = tuple(inns)[:3] or document_substances(lines) or _built_like_substances(products)
    named = {name for product in products if (name := _product_name(product))}
    if stated:
        brand = stated.group("brand").strip()
        named = {brand} | {name for name in named if name.lower().startswith(brand.lower())}
    brands = _brands(sorted(named), generic)
    strengths = dict.fromkeys(match.group() for product in products for match in _STRENGTHS.finditer(product))
    return DrugIdentity(
        generic,
        brands,
        (),
        _holder(lines),
        ", ".join(strengths)[:120],
        "" if brands else _one_product(products, generic),
    )


def _printed_products(front: Sequence[Line]) -> list[str]:
    """Lines at the very top that name a product with its form, in texts whose title is not the template's."""
    texts = (line.text.strip(" .") for line in front)
    return [
        text
        for text in texts
        if len(text) <= _LONGEST_PRODUCT and re.search(rf"\b{_FORM}\b", text, re.IGNORECASE) and text[0].isupper()
    ]


def _built_like_substances(products: Iterable[str]) -> tuple[str, ...]:
    """The products that carry the name of their substance, as generics do."""
    names = (_product_name(product).lower() for product in products)
    return tuple(dict.fromkeys(name for name in names if is_substance(name) and looks_like_drug_name(name.split()[0])))


def _product_name(product: str) -> str:
    return _PRODUCT_TAIL.split(_MARKS.sub("", product), maxsplit=1)[0].strip(" ,.")


def _one_product(products: Mapping[str, None], generic: tuple[str, ...]) -> str:
    """The product of a text without a brand, as printed where there is one, else the substance."""
    if len(products) == 1:
        return next(iter(products)).rstrip(" .")
    return " / ".join(generic).capitalize()


def _substance_lines(below: Sequence[Line]) -> list[str]:
    """The substance on a line of its own between a leaflet's product and its first sentence."""
    found: list[str] = []
    for line in below:
        text = line.text.strip("() .")
        if _READER.match(text) or len(line.text) > 100:
            break
        if re.fullmatch(r"[A-Za-z][A-Za-z\-/, ]{3,60}", text) and not re.search(rf"\b{_FORM}\b", text, re.IGNORECASE):
            found.extend(listed_substances(text))
    return found


def _holder(lines: Sequence[Line]) -> str:
    for line in lines:
        match = _HOLDER.match(line.text)
        if match:
            name = match.group("name").strip(" :.()")
            if not re.search(r"[A-Za-z]{3}", name):
                name = next((below.text.strip() for below in lines[line.index + 1 : line.index + 2]), "")
            name = name.rstrip(" ,;")
            if 3 <= len(name) <= 80 and not _NO_HOLDER.search(name):
                return name
    return ""


def american_identity(lines: Sequence[Line], metadata: Mapping[str, str], title: str) -> DrugIdentity:
    """From the SPL header, the label's title ``BRAND (generic) form`` or ``GENERIC form``, and the Drug Facts."""
    generic = _listed(metadata.get("generic_name", ""))
    brand = _listed(metadata.get("brand_name", ""))
    front = [_MARKS.sub("", text) for text in (title, metadata.get("title", ""), *_title_lines(lines)) if text]
    product = ""
    for text in front:
        for inn, name in _branded(text):
            if not generic or inn in {known.lower() for known in generic} | {" and ".join(generic).lower()}:
                generic, brand = generic or (inn,), (*brand, name)
    if len(generic) == 1:
        generic = listed_substances(generic[0]) or generic
    if not generic:
        generic, unbranded, product = _unbranded(front, lines)
        brand = brand or unbranded
    generic = generic or _drug_facts(lines) or _described(lines)
    brand = _brands(brand, generic)
    maker = metadata.get("manufacturer", "") or _holder(lines)
    strength = metadata.get("strength", "") or _strengths_below(lines)
    return DrugIdentity(generic, brand, (), maker, strength, "" if brand else product)


def _brands(names: Iterable[str], generic: Sequence[str]) -> tuple[str, ...]:
    """The names that are more than the generic name with or without its salt."""
    cores = {core_name(name) for name in generic}
    return tuple(dict.fromkeys(name for name in names if core_name(name) not in cores and 2 < len(name) <= 60))


def _strengths_below(lines: Sequence[Line]) -> str:
    """The strengths that a label lists under their heading."""
    for line in lines:
        if _STRENGTH_HEADING.fullmatch(line.text):
            below = takewhile(
                lambda item: not re.match(r"\d\d?\.?\s+[A-Z]{4}", item.text), lines[line.index + 1 :][:_HEADER]
            )
            found = dict.fromkeys(match.group() for item in below for match in _STRENGTHS.finditer(item.text[:300]))
            if found:
                return ", ".join(found)[:120]
    return ""


def _title_lines(lines: Sequence[Line]) -> list[str]:
    """The lines above the first section, where a label prints its title."""
    above = takewhile(
        lambda line: section_kind(line.text) in (None, SectionKind.OTHER) or len(line.text) > 60, lines[:_FRONT]
    )
    return [line.text for line in above if not line.in_table and len(line.text) <= 300]


def _branded(text: str) -> list[tuple[str, str]]:
    """(generic, brand) of a title such as ``LINDORA (lindorine) tablets, for oral use``; several may follow one another."""
    found: list[tuple[str, str]] = []
    rest = text.strip()
    while match := _BRANDED.match(rest):
        inn = match.group("inn").strip()
        if not is_substance(inn) and not listed_substances(inn):
            break
        if not _AFTER_NAME.match(match.group("rest")):
            break
        found.append((inn, match.group("brand").strip()))
        following = re.search(r"[;,.]?\s(?=[A-Z][A-Za-z\-]* ?(?:[A-Z\w\-]+ )?\([a-z])", match.group("rest"))
        rest = match.group("rest")[following.end() :] if following else ""
    return found


def _unbranded(front: Sequence[str], lines: Sequence[Line]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Generic or brand names, and the product, of a title that gives one name: prose writes only generics small."""
    prose = " ".join(line.text for line in lines[:400] if len(line.text) > 60)
    highlighted = [match.group("brand") for text in front if (match := _HIGHLIGHTED.search(text))]
    for text in (*front, *highlighted):
        match = _UNBRANDED.fullmatch(text)
        name = match.group("name").strip() if match else (text if text in highlighted else "")
        if not name or len(name) > 80 or not (is_substance(name) or listed_substances(name)):
            continue
        product = _ROUTE.sub("", text).strip(" ,")
        if re.search(rf"\b{re.escape(name.lower().split()[0])}\b", prose) or looks_like_drug_name(name.split()[0]):
            return listed_substances(name), (), product
        if re.search(rf"\b{re.escape(name)}\b", prose):
            return (), (name,), product
    return (), (), ""


def _drug_facts(lines: Sequence[Line]) -> tuple[str, ...]:
    for line in lines:
        if re.match(r"Active ingredients?\b", line.text):
            return ingredient_lines(lines[line.index + 1 : line.index + _HEADER])
    return ()


def _described(lines: Sequence[Line]) -> tuple[str, ...]:
    """From a sentence that says what the drug is: its opening ``BRAND (generic) is …``, or its active ingredient."""
    for line in lines:
        if line.in_table or len(line.text) < 40:
            continue
        if stated := stated_substances(line.text):
            return stated
        for inn, _ in _branded(_MARKS.sub("", line.text)):
            if looks_like_drug_name(inn.split()[0]):
                return (inn,)
    return ()


def _listed(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[;|]", value) if part.strip()))
