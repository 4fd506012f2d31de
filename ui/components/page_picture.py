"""A page as a picture that can be enlarged, turned to where its marks are."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

from kbchat.services.sources import PagePicture
from ui.i18n import say
from ui.i18n import source as words

_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "kbchat_page_picture",
    html=(_FOLDER / "page_picture.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "page_picture.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "page_picture.js").read_text(encoding="utf-8"),
)


def draw_page_picture(picture: PagePicture, *, alt: str, token: str, key: str) -> None:
    """Draw ``picture``; for every new ``token`` it is turned anew to its marks. ``alt`` says in words what it shows."""
    _component(
        key=key,
        data={
            "src": f"data:image/png;base64,{base64.b64encode(picture.png).decode('ascii')}",
            "width": picture.width,
            "height": picture.height,
            "boxes": [[box.x0, box.y0, box.x1, box.y1] for box in picture.boxes],
            "alt": alt,
            "token": token,
            "larger": say(words.LARGER),
            "smaller": say(words.SMALLER),
            "frame": say(words.FRAME),
        },
    )
