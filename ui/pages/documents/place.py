"""Which base and which document are on the screen. It is in the address, so that a reload and a link lead to the same."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

ADDRESS = "knowledge-bases"
_BASE, _DOCUMENT, _REVISION = "base", "document", "revision"


@dataclass(frozen=True, slots=True)
class Place:
    """Empty ``base``: the list of bases; 0 as ``document``: the base itself; 0 as ``revision``: the newest."""

    base: str = ""
    document: int = 0
    revision: int = 0

    @property
    def parameters(self) -> dict[str, str]:
        """The part of the address after the question mark."""
        given = {_BASE: self.base, _DOCUMENT: self.document, _REVISION: self.revision}
        return {name: str(value) for name, value in given.items() if value}

    @property
    def address(self) -> str:
        """A link to it, from anywhere in the app."""
        return f"{ADDRESS}?{urlencode(self.parameters)}" if self.base else ADDRESS


def here() -> Place:
    """Where the address says we are."""
    found = st.query_params
    return Place(found.get(_BASE, ""), _number(found.get(_DOCUMENT)), _number(found.get(_REVISION)))


def go(place: Place) -> None:
    """Be there from the next run on; for use in callbacks."""
    st.query_params.from_dict(place.parameters)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else 0
