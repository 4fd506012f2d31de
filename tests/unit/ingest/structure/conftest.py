"""Small documents, as loaders hand them over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from kbchat.types import Block, BlockKind, LoadedFile, Page

Row = str | tuple[str, dict[str, object]]


def page(number: int, rows: Sequence[Row]) -> Page:
    """A page whose rows are paragraphs, or (text, fields of the block)."""
    text = ""
    blocks: list[Block] = []
    for row in rows:
        content, fields = (row, {}) if isinstance(row, str) else row
        start = len(text)
        text += content
        kind = fields.pop("kind", BlockKind.PARAGRAPH) if isinstance(row, tuple) else BlockKind.PARAGRAPH
        blocks.append(Block(kind, start, len(text), **fields))  # type: ignore[arg-type]
        text += "\n"
    return Page(number, text.rstrip("\n"), blocks=tuple(blocks))


@pytest.fixture(scope="session")
def loaded() -> Callable[..., LoadedFile]:
    """Builds a file from pages of rows; a page given as one string is plain text without blocks."""

    def build(*pages: str | Sequence[Row], format: str = "pdf", **metadata: str) -> LoadedFile:  # noqa: A002
        made = [
            Page(number, rows) if isinstance(rows, str) else page(number, rows)
            for number, rows in enumerate(pages, start=1)
        ]
        return LoadedFile(tuple(made), format, metadata=metadata)

    return build
