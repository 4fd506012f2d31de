"""Keeps a dialog within reach of the keyboard.

A download button is switched off while its file is made, and a browser takes the focus from what is switched off: Escape
would then no longer reach the dialog, and Tab would lead out of it.
"""

from __future__ import annotations

import streamlit as st

_KEYS = """
export default function ({ parentElement }) {
  const root = parentElement.getRootNode();
  const dialog = (root.host ?? parentElement).closest('[role="dialog"]');
  const pressed = (event) => {
    if (!dialog?.isConnected || (document.activeElement && document.activeElement !== document.body)) return;
    dialog.focus();
    if (event.key === "Escape") dialog.querySelector('button[aria-label="Close"]')?.click();
  };
  document.addEventListener("keydown", pressed, true);
  return () => document.removeEventListener("keydown", pressed, true);
}
"""
_component = st.components.v2.component("kbchat_dialog_keys", html="<span></span>", js=_KEYS)


def keep_keyboard(key: str) -> None:
    """To be called inside a dialog that holds download buttons."""
    _component(key=key, height=1)
