"""A place to drop files, in the language of the person: what Streamlit writes into its own is English."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import streamlit as st

from kbchat.messages import Bilingual
from ui.i18n import jobs as words
from ui.i18n import say

_STYLE = """<style>
[data-testid="stFileUploaderDropzoneInstructions"] {{ display: none; }}
[data-testid="stFileUploaderDropzone"] button p {{ font-size: 0; }}
[data-testid="stFileUploaderDropzone"] button [data-testid="stMarkdownContainer"]::after {{ content: "{choose}"; }}
</style>"""


def file_drop(
    label: Bilingual, *, key: str, limit: int, several: bool = True, types: Sequence[str] | None = None
) -> list[tuple[str, BytesIO]]:
    """The files chosen, as (name, content); at most ``limit`` MiB each. ``types`` are endings of names."""
    st.html(_STYLE.format(choose=say(words.CHOOSE_FILES if several else words.CHOOSE_FILE)))
    ending = list(types) if types is not None else None
    if several:
        chosen = st.file_uploader(say(label), type=ending, accept_multiple_files=True, max_upload_size=limit, key=key)
        return [(file.name, file) for file in chosen]
    one = st.file_uploader(say(label), type=ending, max_upload_size=limit, key=key)
    return [] if one is None else [(one.name, one)]
