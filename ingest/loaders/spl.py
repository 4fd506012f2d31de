"""Structured Product Labeling (HL7 v3 XML), the form in which the FDA publishes drug labels.

Sections carry LOINC codes; the blocks of a section's heading carry them on. Of the highlights only those are kept
whose section has no text of its own (recent major changes): the others repeat the sections in short.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lxml import etree

from ingest.loaders.clean_text import clean_inline
from ingest.loaders.failures import damaged, unsupported
from ingest.loaders.html_blocks import BREAK, HtmlBlocks, inline_text
from ingest.loaders.options import LoadOptions
from ingest.loaders.text_builder import TextBuilder
from kbchat.messages import Bilingual
from kbchat.types import LoadedFile

_HL7 = "{urn:hl7-org:v3}"
_TAGS = {
    "paragraph": "p", "item": "li", "linkhtml": "a", "content": "span", "rendermultimedia": "img", "text": "div",
    "footnoteref": "span",
}  # fmt: skip
_LIST_STYLES = {"littlealpha": "a", "bigalpha": "A", "littleroman": "i", "bigroman": "I"}
_BOILERPLATE = re.compile(r"^(?:these highlights do not include|see full prescribing|initial u\.?s\.? approval)", re.I)
_UNCLASSIFIED = "42229-5"
_PRODUCT_DATA = "48780-1"
_UNTITLED = {"42231-1": "MEDICATION GUIDE", "42230-3": "PATIENT PACKAGE INSERT"}
_REMEDY = Bilingual(
    "Of XML files only FDA drug labels (SPL) are read; save the document as HTML, docx or PDF.",
    "XML 文件仅支持 FDA 药品标签（SPL）；请将文档另存为 HTML、docx 或 PDF。",
)


def load_spl(path: Path, options: LoadOptions) -> LoadedFile:
    """Read an SPL label.

    ``metadata`` has title, setid, version, effective (ISO), generic_name, brand_name, manufacturer, strength and
    language; names are parted by ``; ``.

    Entities are not resolved and nothing is fetched. Raises UnsupportedFormatError for other XML, DamagedFileError for
    XML that is broken or declares entities.
    """
    del options
    root = _parse(path.read_bytes())
    if root.tag != f"{_HL7}document":
        name = etree.QName(root).localname
        raise unsupported(
            f"The XML is of another kind (root element {name}).", f"该 XML 属于其他类型（根元素 {name}）。", _REMEDY
        )
    metadata = _metadata(root)
    builder = TextBuilder()
    for line in _title_lines(root.find(f"{_HL7}title")):
        builder.paragraph(line, bold=True)
    body = root.find(f"{_HL7}component/{_HL7}structuredBody")
    if body is not None:
        _add_sections(builder, body, level=1)
    return LoadedFile(builder.pages(), "spl", metadata)


def _parse(data: bytes) -> Any:
    if b"<!ENTITY" in data[: 1 << 20] or b"<!ENTITY" in data[: 1 << 20].replace(b"\x00", b""):
        raise damaged(
            "The XML declares entities, which drug labels never do.", "该 XML 声明了实体，药品标签不会出现这种情况。"
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise damaged(f"The XML is broken: {error}.", f"该 XML 已损坏：{error}。") from error


def _add_sections(builder: TextBuilder, parent: Any, level: int) -> None:
    for section in parent.iterfind(f"{_HL7}component/{_HL7}section"):
        code_node = section.find(f"{_HL7}code")
        code = code_node.get("code", "") if code_node is not None else ""
        if code == _PRODUCT_DATA:
            continue
        title = _heading(section, code, code_node)
        if title:
            builder.heading(title, level=min(level, 6), code=code)
        texts = section.findall(f"{_HL7}text")
        has_own = bool(texts) or section.find(f"{_HL7}component") is not None
        if not has_own:
            texts = section.findall(f"{_HL7}excerpt/{_HL7}highlight/{_HL7}text")
        for text in texts:
            HtmlBlocks(builder).add(_as_html(text))
        _add_sections(builder, section, level + bool(title))


def _heading(section: Any, code: str, code_node: Any) -> str:
    node = section.find(f"{_HL7}title")
    if node is not None:
        title = inline_text(_as_html(node))
        if title:
            return title
    if (
        code_node is None
        or code == _UNCLASSIFIED
        or section.find(f"{_HL7}component/{_HL7}section/{_HL7}title") is not None
    ):
        return ""
    name = re.sub(r"^SPL\s+|\s*section\s*$", "", code_node.get("displayName", ""), flags=re.I)
    return _UNTITLED.get(code, name)


def _as_html(text: Any) -> Any:
    """Rename the elements of a narrative block in place to their HTML counterparts."""
    notes: list[Any] = []
    for node in list(text.iter()):
        if not isinstance(node.tag, str):
            continue
        name = etree.QName(node).localname.lower()
        styles = (node.get("styleCode") or "").lower().split()
        parent = node.getparent()
        if name == "list":
            node.tag = "ol" if node.get("listType") == "ordered" else "ul"
            node.set("type", next((_LIST_STYLES[style] for style in styles if style in _LIST_STYLES), "1"))
        elif name == "caption" and parent is not None and parent.tag == "li":
            parent.set("marker", clean_inline("".join(node.itertext())) or "•")
            _remove(node)
        elif name == "caption" and parent is not None and parent.tag != "table":
            node.tag = "p"
        elif name == "footnote":
            notes.append(node)
        elif name == "content" and "bold" in styles:
            node.tag = "b"
        else:
            node.tag = _TAGS.get(name, name)
    for note in notes:
        _remove(note)
        note.tag, note.tail = "p", None
        text.append(note)
    return text


def _remove(node: Any) -> None:
    """Take ``node`` out of its parent, leaving the text that follows it."""
    parent, before = node.getparent(), node.getprevious()
    if parent is None:
        return
    if node.tail:
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    parent.remove(node)


def _title_lines(title: Any) -> list[str]:
    if title is None:
        return []
    parts: list[str] = []
    for node in title.iter():
        name = etree.QName(node).localname if isinstance(node.tag, str) else ""
        if name == "br":
            parts.append(BREAK)
        elif node.text:
            parts.append(node.text)
        if node is not title and node.tail:
            parts.append(node.tail)
    return [line for line in map(clean_inline, "".join(parts).split(BREAK)) if line]


def _metadata(root: Any) -> dict[str, str]:
    effective = root.find(f"{_HL7}effectiveTime")
    lines = _title_lines(root.find(f"{_HL7}title"))
    named = [line for line in lines if not _BOILERPLATE.match(line)]
    products = list(root.iter(f"{_HL7}manufacturedProduct"))
    brands = _unique(_own_name(product) for product in products)
    found = {
        "title": "; ".join(named) or "; ".join(brands),
        "setid": _attribute(root, "setId", "root"),
        "version": _attribute(root, "versionNumber", "value"),
        "effective": _iso(effective.get("value", "") if effective is not None else ""),
        "generic_name": "; ".join(
            _unique(node.findtext(f"{_HL7}name") for node in root.iter(f"{_HL7}genericMedicine"))
        ),
        "brand_name": "; ".join(brands),
        "manufacturer": clean_inline(
            root.findtext(f"{_HL7}author/{_HL7}assignedEntity/{_HL7}representedOrganization/{_HL7}name") or ""
        ),
        "strength": "; ".join(_unique(_strengths(root.iter(f"{_HL7}ingredient")))),
        "language": (_attribute(root, "languageCode", "code") or "en").split("-")[0].lower(),
    }
    return {key: value for key, value in found.items() if value}


def _own_name(product: Any) -> str:
    node = product.find(f"{_HL7}name")
    return node.text or "" if node is not None else ""


def _strengths(ingredients: Iterable[Any]) -> Iterable[str]:
    for ingredient in ingredients:
        if not (ingredient.get("classCode") or "").startswith("ACT"):
            continue
        top, bottom = (ingredient.find(f"{_HL7}quantity/{_HL7}{name}") for name in ("numerator", "denominator"))
        if top is None or not top.get("value"):
            continue
        strength = f"{top.get('value')} {top.get('unit', '')}".strip()
        if bottom is not None and bottom.get("unit", "1") != "1":
            amount = "" if bottom.get("value", "1") == "1" else f"{bottom.get('value')} "
            strength += f"/{amount}{bottom.get('unit')}"
        yield strength


def _attribute(root: Any, element: str, name: str) -> str:
    node = root.find(f"{_HL7}{element}")
    return node.get(name, "") if node is not None else ""


def _iso(value: str) -> str:
    digits = re.match(r"(\d{4})(\d{2})?(\d{2})?", value)
    return "-".join(part for part in digits.groups() if part) if digits else ""


def _unique(values: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(cleaned for value in values if (cleaned := clean_inline(value or ""))))
