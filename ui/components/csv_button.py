"""A table of figures as a file."""

from __future__ import annotations

import streamlit as st

from kbchat.messages import Bilingual
from kbchat.services import Services
from ui.i18n import dashboard as words
from ui.i18n import say


def csv_button(services: Services, table: str, name: Bilingual, days: int) -> None:
    """Offer the table ``table`` of the last ``days`` days; it is made when asked for."""
    st.download_button(
        say(words.CSV),
        data=lambda: services.figures.csv(table, days).data,
        file_name=f"kbchat-{table}.csv",
        mime="text/csv",
        key=f"dashboard_csv_{table}",
        help=say(words.CSV_OF, name=say(name)),
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
