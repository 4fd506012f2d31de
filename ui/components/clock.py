"""The clock of the person in front of the screen."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from ui.components.shown_values import shown_day, shown_moment


def local_moment(moment: datetime | None, *, seconds: bool = False) -> str:
    """``moment`` on the person's clock."""
    return shown_moment(moment, st.context.timezone_offset, seconds=seconds)


def local_day(moment: datetime | None) -> str:
    """The day of ``moment`` on the person's clock."""
    return shown_day(moment, st.context.timezone_offset)
