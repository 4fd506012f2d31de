"""An answer on the screen, each [n] a button, and below it what can be done with it. One part of the page: a browser draws it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from kbchat.messages import Language
from ui.components.answer_text import Block
from ui.i18n import chat as words
from ui.i18n import say

_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "kbchat_answer",
    html='<h2 class="name"></h2><div class="answer"></div><div class="footer" dir="auto"></div><div class="tools"></div>',
    css=(_FOLDER / "answer.css").read_text(encoding="utf-8"),
    js="\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("answer_tools.js", "answer.js")),
)


@dataclass(frozen=True, slots=True)
class AnswerTools:
    """What is offered below an answer.

    ``copied`` goes to the clipboard; ``last`` answers can be made anew; ``verdict`` is what was said of it ("up", "down", "" for
    nothing), None where nothing can be said. ``on_act`` is called with "regenerate", "edit", "up", "down" or "withdraw".
    """

    copied: str
    last: bool
    verdict: str | None
    on_act: Callable[[str], None]


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
    heading: str = "",
    footer: str = "",
    newest: str = "",
    tools: AnswerTools | None = None,
) -> None:
    """Draw ``blocks``; ``on_cite`` is called with a citation's number when its control is used.

    ``labels`` say what a control opens, ``open_citation`` is the number of the one that is open (0: none). ``focus``
    (``number:token``) puts the keyboard on that control once for every new token; empty: nowhere. ``heading`` is for those who
    hear the page; ``newest``, new with every answer, brings the question above it into view once.
    """

    def cited() -> None:
        chosen = st.session_state.get(key, {}).get("cite")
        if isinstance(chosen, int | float):
            on_cite(int(chosen))

    def acted() -> None:
        chosen = st.session_state.get(key, {}).get("act")
        if tools is not None and isinstance(chosen, str):
            tools.on_act(chosen)

    _component(
        key=key,
        data={
            "heading": heading,
            "footer": footer,
            "blocks": [asdict(block) for block in blocks],
            "labels": {str(number): label for number, label in labels.items()},
            "language": language,
            "table_label": table_label,
            "open": open_citation,
            "focus": focus,
            "newest": newest,
            "tools": None if tools is None else _offered(tools),
        },
        on_cite_change=cited,
        on_act_change=acted,
    )


def _offered(tools: AnswerTools) -> dict[str, Any]:
    rating = {"label": say(words.RATE), "up": say(words.HELPFUL), "down": say(words.NOT_HELPFUL)}
    return {
        "copy": {"text": tools.copied, "label": say(words.COPY), "done": say(words.COPIED)},
        "regenerate": say(words.REGENERATE) if tools.last else "",
        "edit": say(words.EDIT) if tools.last else "",
        "rating": None if tools.verdict is None else rating,
        "given": tools.verdict or "",
    }
