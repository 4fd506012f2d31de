"""What a table shows: columns and cells of plain text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ui.escaping import visible_text

Tone = Literal["", "good", "warn", "bad", "muted"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``sort`` is the key it sorts by (empty: it does not). ``main`` takes a line of its own where it is narrow."""

    label: str
    align: Literal["start", "end", "narrow"] = "start"
    sort: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, and a smaller line below. ``opens``: it is the link of its row; ``share`` (0 to 1) draws a bar."""

    text: str
    note: str = ""
    tone: Tone = ""
    badge: bool = False
    opens: bool = False
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row; ``id`` is told when it is opened or ticked, ``href`` is where its link leads in a new tab."""

    id: str
    cells: tuple[Cell, ...]
    href: str = ""


def table_data(
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    caption: str,
    sort: str = "",
    selected: Sequence[str] | None = None,
    select_label: str = "",
    flat: bool = False,
    follows: bool = False,
) -> dict[str, Any]:
    """What the component draws. ``flat`` tables keep their columns where it is narrow; ``follows``: links lead away.

    Control characters are left out of the texts; nothing else needs escaping, since they are drawn as text.
    """
    return {
        "columns": [asdict(column) for column in columns],
        "rows": [asdict(replace(row, cells=tuple(_visible(cell) for cell in row.cells))) for row in rows],
        "caption": caption,
        "sort": sort,
        "selectable": selected is not None,
        "selected": list(selected or ()),
        "select_label": select_label,
        "flat": flat,
        "follows": follows,
        "headless": not any(column.label for column in columns),
    }


def _visible(cell: Cell) -> Cell:
    return replace(cell, text=visible_text(cell.text), note=visible_text(cell.note))
