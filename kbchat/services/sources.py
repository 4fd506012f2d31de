"""What a citation points at: the text around the quote, and the picture of its page with the quote marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kbchat.access.table import Action
from kbchat.errors import InvalidInputError, NotFoundError, PagePictureError
from kbchat.medical.editions import edition_date
from kbchat.messages import Bilingual
from kbchat.services.highlights import Box, boxes_of, marked
from kbchat.services.originals import OriginalFile, original_file
from kbchat.services.page_cache import PageCache
from kbchat.services.render_process import RENDERER
from kbchat.store import KnowledgeBase, StoredDocument, StoredRevision, StoredSection
from kbchat.types import Page

if TYPE_CHECKING:
    from kbchat.services import Services

_WITH_PICTURES = frozenset({"pdf", "image"})
_WIDTHS = (100, 2400)
_MOST_HIGHLIGHTS = 100
_AROUND = 4000
"""Characters of text given before and after a quote."""


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where a citation points. ``text_before + text_quote + text_after`` is the section on this page, cut where long.

    ``kind`` is ``picture`` where the page can be drawn and ``text`` elsewhere; the text is always given. ``current``
    tells that the revision is the newest of a document that is not retired. ``pages`` is their number.
    """

    document_title: str
    document: str
    document_id: int
    base: str
    revision_id: int
    revision_number: int
    revision_date: str
    current: bool
    section_path: tuple[str, ...]
    page: int
    pages: int
    ocr: bool
    kind: str
    quote: str
    text_before: str
    text_quote: str
    text_after: str


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as PNG, ``width`` by ``height`` pixels, with the boxes that are marked on it."""

    png: bytes
    width: int
    height: int
    boxes: tuple[Box, ...]


@lru_cache(maxsize=8)
def page_cache(data_dir: Path, most_mebibytes: int) -> PageCache:
    """The drawn pages of a data folder; one object a process, so that it knows what it has written."""
    return PageCache(data_dir / "cache" / "pages", most_mebibytes << 20)


class SourceService:
    """Sources for one principal. Revisions stay readable for ever; those of a base that is not visible do not exist."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.app.store

    def citation_view(self, revision_id: int, page: int, start: int, end: int) -> SourceView:
        """Where ``text[start:end]`` of a page stands. Raises NotFoundError, ForbiddenError, InvalidInputError."""
        revision, document, base = self._revision(revision_id)
        found = self._page(revision, page)
        low, high = _inside(found, start, end)
        holding = self._store.section_at(revision.id, page, low)
        section = None if holding is None else self._store.section(holding)
        first, last = _bounds(section, found, low, high)
        return SourceView(
            document_title=revision.card.title,
            document=document.name,
            document_id=document.id,
            base=base.name,
            revision_id=revision.id,
            revision_number=revision.number,
            revision_date=edition_date(revision.card),
            current=revision.current and document.retired_at is None,
            section_path=section.heading_path if section else (),
            page=page,
            pages=revision.pages,
            ocr=found.ocr,
            kind="picture" if self._drawable(revision) else "text",
            quote=found.text[low:high],
            text_before=found.text[max(first, low - _AROUND) : low],
            text_quote=found.text[low:high],
            text_after=found.text[high : min(last, high + _AROUND)],
        )

    def page_picture(
        self, revision_id: int, page: int, *, width_px: int = 1000, highlights: Sequence[tuple[int, int]] = ()
    ) -> PagePicture:
        """The picture of a page, with stretches of its text marked.

        Where a page has no room for it (very long pages), the picture is narrower than was asked.

        Raises NotFoundError, ForbiddenError, InvalidInputError, PagePictureError (also for formats without pages),
        BusyError when too many pages are being drawn.
        """
        revision, _, _ = self._revision(revision_id)
        if not self._drawable(revision):
            raise PagePictureError(
                Bilingual("This document has no page pictures.", "该文档没有页面图片。"),
                Bilingual("Read its text instead, or open the original.", "请改看文本，或打开原文件。"),
            )
        if not _WIDTHS[0] <= width_px <= _WIDTHS[1] or len(highlights) > _MOST_HIGHLIGHTS:
            raise InvalidInputError(
                Bilingual("The picture cannot be made this way.", "无法按此要求生成图片。"),
                Bilingual(
                    f"Ask for {_WIDTHS[0]} to {_WIDTHS[1]} pixels and at most {_MOST_HIGHLIGHTS} marks.",
                    f"宽度应为 {_WIDTHS[0]} 到 {_WIDTHS[1]} 像素，标记不超过 {_MOST_HIGHLIGHTS} 处。",
                ),
            )
        found = self._page(revision, page)
        boxes = boxes_of(found, (_inside(found, start, end) for start, end in highlights))
        plain = self._plain(revision, page, width_px)
        png = marked(plain, boxes) if boxes else plain
        width, height = _png_size(png)
        return PagePicture(png, width, height, tuple(boxes))

    def original(self, revision_id: int) -> OriginalFile:
        """The file a revision was read from. Raises NotFoundError, ForbiddenError."""
        revision, document, _ = self._revision(revision_id)
        return original_file(self._store.original(revision.sha256), document.name, revision.format)

    def _plain(self, revision: StoredRevision, page: int, width: int) -> bytes:
        app = self._services.app
        chosen = app.settings.pictures
        cache = page_cache(self._store.data_layout.root, chosen.cache)
        kept = cache.get(revision.sha256, page, width)
        if kept is not None:
            return kept
        png = RENDERER.draw(
            self._store.original(revision.sha256),
            revision.format,
            page,
            width,
            seconds=chosen.timeout,
            memory=chosen.memory,
        )
        cache.put(revision.sha256, page, width, png)
        return png

    def _drawable(self, revision: StoredRevision) -> bool:
        if revision.format not in _WITH_PICTURES:
            return False
        try:
            self._store.original(revision.sha256)
        except NotFoundError:
            return False
        return True

    def _revision(self, revision_id: int) -> tuple[StoredRevision, StoredDocument, KnowledgeBase]:
        """A revision that the principal may read. The same words whether it is absent or must not be seen."""
        try:
            revision = self._store.revision(revision_id)
            document = self._store.document(revision.document_id)
            base = self._services.allow_on_id(Action.READ_SOURCE, document.base_id)
        except NotFoundError as error:
            raise NotFoundError(
                Bilingual("There is no such source.", "没有这个来源。"),
                Bilingual(
                    "Its knowledge base may have been deleted or closed.", "它所在的知识库可能已被删除或限制访问。"
                ),
            ) from error
        return revision, document, base

    def _page(self, revision: StoredRevision, number: int) -> Page:
        try:
            return self._store.page(revision.id, number)
        except NotFoundError as error:
            raise NotFoundError(
                Bilingual(f"The source has no page {number}.", f"该来源没有第 {number} 页。"),
                Bilingual(f"It has {revision.pages} pages.", f"共 {revision.pages} 页。"),
            ) from error


def _inside(page: Page, start: int, end: int) -> tuple[int, int]:
    """A stretch of the page's text, cut to it. Raises InvalidInputError for one that is none."""
    low, high = max(0, start), min(end, len(page.text))
    if low > high:
        raise InvalidInputError(
            Bilingual(
                f"{start} to {end} is no stretch of this page ({len(page.text)} characters).",
                f"{start} 至 {end} 不在本页文本范围内（共 {len(page.text)} 个字符）。",
            ),
            Bilingual("Open the citation again.", "请重新打开该引用。"),
        )
    return low, high


def _bounds(section: StoredSection | None, page: Page, low: int, high: int) -> tuple[int, int]:
    """Where the section begins and ends on this page; the whole page where there is none."""
    for span in section.spans if section else ():
        if span.page == page.number and span.start <= low <= span.end:
            return span.start, max(span.end, high)
    return 0, len(page.text)


def _png_size(png: bytes) -> tuple[int, int]:
    """Width and height from the header of a PNG."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
