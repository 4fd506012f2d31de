"""An answer on the screen, each [n] a button."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from kbchat.messages import Language
from ui.components.answer_text import Block

_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "kbchat_answer",
    html='<div class="answer"></div>',
    css=(_FOLDER / "answer.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "answer.js").read_text(encoding="utf-8"),
)


def draw_answer(
    blocks: Sequence[Block],
    *,
    key: str,
    language: Language,
    labels: Mapping[int, str],
    table_label: str,
    open_citation: int,
    focus: str,
    on_cite: Callable[[int], None],
) -> None:
    """Draw ``blocks``; ``on_cite`` is called with a citation's number when its control is used.

    ``labels`` say what a control opens, ``open_citation`` is the number of the one that is open (0: none). ``focus``
    (``number:token``) puts the keyboard on that control once for every new token; empty: nowhere.
    """

    def cited() -> None:
        chosen = st.session_state.get(key, {}).get("cite")
        if isinstance(chosen, int | float):
            on_cite(int(chosen))

    _component(
        key=key,
        data={
            "blocks": [asdict(block) for block in blocks],
            "labels": {str(number): label for number, label in labels.items()},
            "language": language,
            "table_label": table_label,
            "open": open_citation,
            "focus": focus,
        },
        on_cite_change=cited,
    )
