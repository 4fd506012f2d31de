"""A person's conversations as rows with a menu: one part of the page, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from kbchat.services.conversations import ConversationGroup
from kbchat.store import StoredConversation
from ui.escaping import one_line, visible_text
from ui.i18n import chat as words
from ui.i18n import say

_FOLDER = Path(__file__).parent
_TITLE_SHOWN, _TITLE_NAMED = 60, 40
_component = st.components.v2.component(
    "kbchat_conversations",
    html='<div class="rows"></div>',
    css=(_FOLDER / "conversation_rows.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "conversation_rows.js").read_text(encoding="utf-8"),
)
_ACTIONS = {
    "rename": words.RENAME,
    "pin": words.PIN,
    "unpin": words.UNPIN,
    "export": words.EXPORT,
    "delete": words.DELETE,
}


def draw_rows(
    groups: Sequence[ConversationGroup],
    *,
    key: str,
    current: int | None,
    on_open: Callable[[int], None],
    on_act: Callable[[str, int], None] | None = None,
) -> None:
    """Rows under the labels of ``groups``; ``current`` is the one that is open.

    ``on_open`` gets the number of a conversation; ``on_act`` "rename", "pin", "unpin", "export" or "delete" and the number.
    Without it the rows have no menu.
    """

    def opened() -> None:
        number = st.session_state.get(key, {}).get("open")
        if isinstance(number, int | float):
            on_open(int(number))

    def acted() -> None:
        value = st.session_state.get(key, {}).get("act")
        if on_act is not None and value and value["name"] in _ACTIONS:
            on_act(str(value["name"]), int(value["id"]))

    drawn = [
        {"label": say(group.label), "items": [_row(one, current=one.id == current) for one in group.items]}
        for group in groups
    ]
    data = {"groups": drawn, "actions": None if on_act is None else {"loose": _menu("pin"), "pinned": _menu("unpin")}}
    _component(key=key, data=data, on_open_change=opened, on_act_change=acted)


def _menu(pin: str) -> list[list[str]]:
    return [[name, say(_ACTIONS[name])] for name in ("rename", pin, "export", "delete")]


def _row(one: StoredConversation, *, current: bool) -> dict[str, Any]:
    shown = visible_text(one.title)
    named = say(words.MENU, title=one_line(shown, _TITLE_NAMED))
    title = one_line(shown, _TITLE_SHOWN)
    return {"id": one.id, "title": title, "menu": named, "current": current, "pinned": one.pinned}
