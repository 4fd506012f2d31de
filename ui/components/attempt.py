"""Doing what a person asked for, and telling how it went."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from kbchat.access.table import RULES, Action
from kbchat.errors import KbchatError
from kbchat.messages import Bilingual
from kbchat.services import Services
from ui.components.problem import show_error
from ui.escaping import literal_markdown, one_line
from ui.i18n import permission as words
from ui.i18n import say

T = TypeVar("T")
_LONGEST = 40
"""Longer names would be folded behind a button."""


def attempt(action: Callable[[], T]) -> T | None:
    """What ``action`` gives; None after an error, which is shown here. ``action`` itself must not give None."""
    try:
        return action()
    except KbchatError as error:
        show_error(error)
        return None


def tell(text: Bilingual, **values: object) -> None:
    """A short message that fades; values come from people and are shown letter by letter. Survives a rerun."""
    shown = {
        name: literal_markdown(one_line(value, _LONGEST)) if isinstance(value, str) else value
        for name, value in values.items()
    }
    st.toast(say(text, **shown), icon=":material/check_circle:")


def refusal(services: Services, action: Action, base: str = "") -> str | None:
    """Why the principal may not do ``action`` (on ``base``), for the help of a disabled control; None when it may."""
    if services.may(action, base):
        return None
    role = RULES[action].role
    return say(words.NEEDS_ROLE, role=say(words.ROLES[role.value]))
