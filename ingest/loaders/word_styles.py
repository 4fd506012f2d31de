"""What Word's styles say of a paragraph: heading depth, list, size, bold; names in English and Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING_NAME = re.compile(r"^(?:heading|标题|見出し|titre|überschrift|título)\s*([1-9])(?:\D|$)", re.I)
_TITLE_NAMES = frozenset({"title", "标题", "文档标题", "题目", "表題"})
_SUBTITLE_NAMES = frozenset({"subtitle", "副标题"})
_CONTENTS_NAME = re.compile(r"^(?:toc|目录|目錄|table of figures|图表目录)\s*\d*$", re.I)
_LIST_NAME = re.compile(r"^(?:list (?:bullet|number|continue)|列表(?:项目符号|编号))", re.I)
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """``level`` 0: no heading. ``number_id`` None: says nothing, "0": no number. ``size`` in points, 0: unknown."""

    level: int = 0
    number_id: str | None = None
    number_level: int | None = None
    size: float = 0.0
    bold: bool | None = None
    is_title: bool = False
    is_contents: bool = False
    is_list: bool = False


@dataclass(slots=True)
class Styles:
    """The paragraph styles of a document by their id; ``root`` is the root of ``styles.xml`` or None."""

    root: Any
    _nodes: dict[str, Any] = field(default_factory=dict)
    _known: dict[str, ParagraphStyle] = field(default_factory=dict)
    _default: str = ""
    _default_size: float = 0.0

    def __post_init__(self) -> None:
        if self.root is None:
            return
        for node in self.root.iterfind(f"{_W}style"):
            if node.get(f"{_W}type") == "paragraph":
                identifier = node.get(f"{_W}styleId") or ""
                self._nodes[identifier] = node
                if is_on(node.get(f"{_W}default")) and node.get(f"{_W}default") is not None:
                    self._default = identifier
        defaults = self.root.find(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr")
        self._default_size = run_size(defaults) if defaults is not None else 0.0

    def of(self, identifier: str | None) -> ParagraphStyle:
        """The style with this id, what it is based on taken into account; the default style for None."""
        name = identifier if identifier is not None else self._default
        if name not in self._known:
            self._known[name] = self._resolve(name, 0)
        return self._known[name]

    def _resolve(self, identifier: str, depth: int) -> ParagraphStyle:
        node = self._nodes.get(identifier)
        if node is None or depth > _DEEPEST:
            return ParagraphStyle(level=_level_of_name(identifier), size=self._default_size)
        based = node.find(f"{_W}basedOn")
        parent = (
            self._resolve(based.get(f"{_W}val") or "", depth + 1)
            if based is not None
            else ParagraphStyle(size=self._default_size)
        )
        name_node = node.find(f"{_W}name")
        name = (name_node.get(f"{_W}val") or "" if name_node is not None else "").strip().lower()
        outline = outline_level(node.find(f"{_W}pPr"))
        is_title = name in _TITLE_NAMES
        level = _level_of_name(name) or _level_of_name(identifier) or (1 if is_title else 0)
        level = level or (2 if name in _SUBTITLE_NAMES else 0) or (parent.level if outline is None else outline)
        number_id, number_level = numbering_of(node.find(f"{_W}pPr"))
        run = node.find(f"{_W}rPr")
        bold = is_bold(run)
        return ParagraphStyle(
            level=level,
            number_id=number_id if number_id is not None else parent.number_id,
            number_level=number_level if number_level is not None else parent.number_level,
            size=run_size(run) or parent.size,
            bold=bold if bold is not None else parent.bold,
            is_title=is_title,
            is_contents=bool(_CONTENTS_NAME.match(name)) or parent.is_contents,
            is_list=bool(_LIST_NAME.match(name)) or parent.is_list,
        )


def outline_level(properties: Any) -> int | None:
    """The heading depth (1 to 9, 0: body text) that paragraph properties set; None when they say nothing."""
    node = properties.find(f"{_W}outlineLvl") if properties is not None else None
    value = node.get(f"{_W}val", "") if node is not None else ""
    if not value.isdigit():
        return None
    return int(value) + 1 if int(value) < 9 else 0


def numbering_of(properties: Any) -> tuple[str | None, int | None]:
    """The list id and the level that paragraph properties set; None for what they do not say."""
    node = properties.find(f"{_W}numPr") if properties is not None else None
    if node is None:
        return None, None
    identifier, level = node.find(f"{_W}numId"), node.find(f"{_W}ilvl")
    value = level.get(f"{_W}val", "0") if level is not None else ""
    return (
        identifier.get(f"{_W}val") if identifier is not None else None,
        int(value) if value.isdigit() else None,
    )


def run_size(properties: Any) -> float:
    """The font size in points that run properties set (0: none)."""
    node = properties.find(f"{_W}sz") if properties is not None else None
    value = node.get(f"{_W}val", "") if node is not None else ""
    return int(value) / 2 if value.isdigit() else 0.0


def is_bold(properties: Any) -> bool | None:
    """Whether run properties set bold; None when they say nothing."""
    node = properties.find(f"{_W}b") if properties is not None else None
    return None if node is None else is_on(node.get(f"{_W}val"))


def is_on(value: str | None) -> bool:
    """A toggle of Word: on when given without a value."""
    return value not in ("0", "false", "off", "none")


def _level_of_name(name: str) -> int:
    match = _HEADING_NAME.match(name.strip())
    return int(match.group(1)) if match else 0
