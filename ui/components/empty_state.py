"""What a page shows where there is nothing yet: a picture, a sentence, and the first thing to do."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kbchat.messages import Bilingual
from ui.i18n import say


def empty_state(icon: str, title: Bilingual, text: Bilingual) -> DeltaGenerator:
    """Draw it; what is drawn inside the container given back stands below the words."""
    box = st.container(border=True, horizontal_alignment="center", gap="small")
    with box:
        st.space("small")
        st.markdown(f"## {icon}", text_alignment="center", anchors=False)
        st.subheader(say(title), anchor=False, text_alignment="center", width="content")
        st.markdown(say(text), text_alignment="center", width=560)
        inner = st.container(horizontal_alignment="center", width="content")
        st.space("small")
    return inner
