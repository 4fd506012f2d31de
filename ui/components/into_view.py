"""Brings a place of the page into view."""

from __future__ import annotations

import streamlit as st

_SCROLL = """
export default function ({ data, parentElement }) {
  if (globalThis.kbchatInView === data.token) return;
  globalThis.kbchatInView = data.token;
  const place = parentElement.querySelector(".place");
  requestAnimationFrame(() => {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    place.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  });
}
"""
_component = st.components.v2.component(
    "kbchat_into_view", html='<div class="place"></div>', css=".place { scroll-margin-top: 4rem; }", js=_SCROLL
)


def bring_into_view(token: str, *, key: str) -> None:
    """Scroll to here, once for every new ``token``."""
    _component(key=key, data={"token": token}, height=1)
