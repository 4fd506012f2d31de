"""A button that puts a text on the clipboard."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "kbchat_copy",
    html='<button type="button" class="copy"><span class="sign" aria-hidden="true"></span><span class="label"></span></button>'
    '<span class="told" role="status"></span>',
    css=(_FOLDER / "copy_button.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "copy_button.js").read_text(encoding="utf-8"),
)


def copy_button(text: str, *, label: str, done: str, key: str) -> None:
    """A button named ``label`` that copies ``text`` and then says ``done``."""
    _component(key=key, data={"text": text, "label": label, "done": done}, width="content")
