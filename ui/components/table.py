"""A table on the screen, readable on a phone: where it is narrow, each row becomes a card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from ui.components.table_text import Column, Row, table_data

_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "kbchat_table",
    html='<div class="frame"></div>',
    css=(_FOLDER / "table.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "table.js").read_text(encoding="utf-8"),
)


def draw_table(
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    key: str,
    caption: str,
    sort: str = "",
    selected: Sequence[str] | None = None,
    select_label: str = "",
    flat: bool = False,
    on_open: Callable[[str], None] | None = None,
    on_sort: Callable[[str], None] | None = None,
    on_pick: Callable[[str, bool], None] | None = None,
) -> None:
    """Draw rows under columns.

    ``caption`` names the table for those who hear it. ``on_open`` gets the id of a row (without it, links are followed),
    ``on_sort`` a sort key (``-`` before it: falling), ``on_pick`` the id of a row and whether it is ticked now.
    """

    def told(event: str, listener: Callable[[str], None] | None) -> None:
        value = st.session_state.get(key, {}).get(event)
        if listener is not None and isinstance(value, str):
            listener(value)

    def picked() -> None:
        value = st.session_state.get(key, {}).get("pick")
        if on_pick is not None and value:
            on_pick(str(value["id"]), bool(value["on"]))

    _component(
        key=key,
        data=table_data(
            columns,
            rows,
            caption=caption,
            sort=sort,
            selected=selected,
            select_label=select_label,
            flat=flat,
            follows=on_open is None,
        ),
        on_open_change=lambda: told("open", on_open),
        on_sort_change=lambda: told("sort", on_sort),
        on_pick_change=picked,
    )
