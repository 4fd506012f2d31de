"""Reads the runs of a Word paragraph: text, symbols, raised numbers, formulas, text boxes, calls of notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ingest.loaders.clean_text import clean_inline, superscript, symbol_font
from ingest.loaders.word_styles import is_bold, is_on, run_size

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_GONE = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}rPrChange", f"{_W}pPrChange", f"{_W}rt", f"{_W}instrText"})
_TEXT_BOX = f"{_W}txbxContent"


@dataclass(slots=True)
class ParagraphText:
    """What was read from the runs of one paragraph: text, text boxes that hang on it, notes it calls (kind, id)."""

    parts: list[str] = field(default_factory=list)
    bold_length: int = 0
    length: int = 0
    size: float = 0.0
    boxes: list[Any] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def read_runs(paragraph: Any, *, bold: bool = False, size: float = 0.0) -> ParagraphText:
    """The text of ``paragraph``; ``bold`` and ``size`` are what its style says."""
    read = ParagraphText(size=size)
    _collect(paragraph, read, bold)
    return read


def _collect(parent: Any, read: ParagraphText, bold: bool) -> None:
    for node in parent:
        tag = node.tag
        if not isinstance(tag, str) or tag in _GONE:
            continue
        if tag == f"{_W}r":
            _collect_run(node, read, bold)
        elif tag == _TEXT_BOX:
            read.boxes.append(node)
        elif tag == f"{_MC}AlternateContent":
            choice = first_choice(node)
            if choice is not None:
                _collect(choice, read, bold)
        elif tag in (f"{_M}oMath", f"{_M}oMathPara"):
            read.parts.append(_formula(node))
        else:
            _collect(node, read, bold)


def _collect_run(run: Any, read: ParagraphText, style_bold: bool) -> None:
    properties = run.find(f"{_W}rPr")
    vanish = properties.find(f"{_W}vanish") if properties is not None else None
    if vanish is not None and is_on(vanish.get(f"{_W}val")):
        return
    own = is_bold(properties)
    raised = properties.find(f"{_W}vertAlign") if properties is not None else None
    text = ""
    for node in run:
        name = local_name(node)
        if node.tag in (f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}noBreakHyphen", f"{_W}sym"):
            text += _character(node, name)
        elif name in ("footnoteReference", "endnoteReference"):
            read.notes.append((name.removesuffix("Reference"), node.get(f"{_W}id") or ""))
        elif node.tag in (f"{_W}drawing", f"{_W}pict", f"{_W}object", f"{_W}ruby"):
            _collect(node, read, style_bold)
        elif name == "AlternateContent" and (choice := first_choice(node)) is not None:
            _collect(choice, read, style_bold)
    if not text:
        return
    length = len(text.strip())
    read.length += length
    read.bold_length += length if (style_bold if own is None else own) else 0
    read.size = max(read.size, run_size(properties))
    read.parts.append(superscript(text) if raised is not None and raised.get(f"{_W}val") == "superscript" else text)


def _character(node: Any, name: str) -> str:
    if name == "t":
        return node.text or ""
    if name == "sym":
        code = node.get(f"{_W}char", "")
        return symbol_font(int(code, 16)) if len(code) <= 6 and code.isalnum() and _is_hexadecimal(code) else ""
    if name == "br" and node.get(f"{_W}type") in ("page", "column"):
        return ""
    return {"tab": "\t", "noBreakHyphen": "-"}.get(name, "\n")


def _is_hexadecimal(text: str) -> bool:
    return bool(text) and all(character in "0123456789abcdefABCDEF" for character in text)


def first_choice(alternate: Any) -> Any:
    """The first alternative (the fallback says the same again)."""
    chosen = alternate.find(f"{_MC}Choice")
    return chosen if chosen is not None else alternate.find(f"{_MC}Fallback")


def _formula(node: Any) -> str:
    """An Office formula on one line: fractions with a slash, raised numbers as superscripts."""
    name = local_name(node)
    if name == "t":
        return node.text or ""
    if name == "f":
        top, bottom = node.find(f"{_M}num"), node.find(f"{_M}den")
        if top is not None and bottom is not None:
            return f"{_grouped(_formula(top))}/{_grouped(_formula(bottom))}"
    inner = "".join(_formula(child) for child in node if isinstance(child.tag, str))
    return superscript(inner) if name == "sup" else inner


def _grouped(text: str) -> str:
    return text if text.isalnum() else f"({text})"


def plain_text(node: Any) -> str:
    """Every paragraph under ``node`` on one line."""
    return clean_inline("\n".join("".join(read_runs(paragraph).parts) for paragraph in node.iter(f"{_W}p")))


def local_name(node: Any) -> str:
    """The name of an element without its namespace (empty for comments)."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
