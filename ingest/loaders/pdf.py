"""PDF files: text with its place on the page, in reading order, read from the picture where the text cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pypdfium2

from ingest.forked import forked
from ingest.loaders.failures import damaged
from ingest.loaders.ocr import pieces_from_picture
from ingest.loaders.options import LoadOptions
from ingest.loaders.page_quality import PageEvidence, Verdict, agreement, judge
from ingest.loaders.page_texts import pages_of
from ingest.loaders.pdf_document import (
    MAX_PAGES,
    DamagedByPdfium,
    check_header,
    metadata_of,
    opened,
    outline_of,
    picture_of,
    texts_by_pypdf,
)
from ingest.loaders.pdf_frame import Frame, directions
from ingest.loaders.pdf_glyphs import read_glyphs
from ingest.loaders.pdf_lines import pieces_of
from ingest.loaders.pdf_lost import LostCharacters
from ingest.loaders.pdf_objects import merged_rules, read_objects
from ingest.loaders.pieces import PagePieces, Sheet
from ingest.loaders.reflow import plain_page
from ingest.worker_process import beat
from kbchat.errors import NoTextError
from kbchat.messages import Bilingual
from kbchat.types import LoadedFile, Page

_MAX_FAILED = 50  # pages in a row that cannot be loaded, after which the page tree is given up
_SPLIT_FROM = 80  # pages from which a second process reads the second half: 15 ms well spent, also where cores are few
_BEAT = 25  # text pages after which a sign of life is given; OCR gives one a page
_TRUSTED_LAYER = 0.9  # agreement with our own OCR from which another program's OCR is kept


@dataclass(slots=True)
class _Reading:
    """What has been read of a file so far."""

    sheets: list[Sheet] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    incomplete: list[int] = field(default_factory=list)

    def add(self, later: _Reading) -> None:
        """Put the pages of ``later`` behind these."""
        self.sheets += later.sheets
        self.verdicts += later.verdicts
        self.warnings += later.warnings
        self.incomplete += later.incomplete


def load_pdf(path: Path, options: LoadOptions) -> LoadedFile:
    """Read a PDF.

    Raises EncryptedFileError, DamagedFileError and NoTextError.
    """
    check_header(path)
    try:
        with opened(path, options.password) as document:
            reading = _read_pages(document, path, options.password)
            _read_pictures(document, reading, options)
            pages = pages_of(reading.sheets)
            metadata, outline = metadata_of(document), outline_of(document)
    except DamagedByPdfium:
        return _by_pypdf(path, options)
    if not any(page.text.strip() for page in pages):
        raise _no_text(reading, options)
    return LoadedFile(pages, "pdf", metadata, outline, tuple(reading.warnings))


# --------------------------------------------------------------------------------------------------------------------
# Text


def _read_pages(document: Any, path: Path, password: str | None) -> _Reading:
    count = len(document)
    readable = min(count, MAX_PAGES)
    middle = readable // 2 if readable >= _SPLIT_FROM else readable

    def second_half() -> _Reading:
        with opened(path, password) as again:
            return _read_range(again, range(middle, readable), path, password)

    if middle < readable:
        with forked(second_half) as other:
            reading = _read_range(document, range(middle), path, password)
            if len(reading.sheets) == middle:
                rest = other()
                if rest is None:
                    rest = _read_range(document, range(middle, readable), path, password)
                reading.add(rest)
    else:
        reading = _read_range(document, range(readable), path, password)
    if reading.incomplete:
        pages = _listed(reading.incomplete)
        reading.warnings.append(f"single characters may be missing (signs such as ≥ or ℃) on pages {pages}")
    if count > MAX_PAGES:
        reading.warnings.insert(0, f"only the first {MAX_PAGES} of {count} pages were read")
    if not reading.sheets or all(not sheet.width for sheet in reading.sheets):
        raise damaged("No page of the file can be read.", "文件的任何一页都无法读取。")
    return reading


def _read_range(document: Any, indices: range, path: Path, password: str | None) -> _Reading:
    reading = _Reading()
    lost = LostCharacters(path, password)
    failed = 0
    count = len(document)
    for index in indices:
        if index % _BEAT == _BEAT - 1:
            beat(index, count)
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            failed += 1
            reading.sheets.append(Sheet(0.0, 0.0))
            reading.verdicts.append(Verdict.EMPTY)
            if failed >= _MAX_FAILED:
                reading.warnings.append(f"the file says it has {count} pages; reading stopped at page {index + 1}")
                break
            reading.warnings.append(f"page {index + 1} cannot be read")
            continue
        failed = 0
        try:
            sheet, verdict, whole = _read_page(page, index, lost)
        finally:
            page.close()
        reading.sheets.append(sheet)
        reading.verdicts.append(verdict)
        if not whole:
            reading.incomplete.append(index + 1)
    return reading


def _read_page(page: Any, index: int, lost: LostCharacters) -> tuple[Sheet, Verdict, bool]:
    content = read_glyphs(page)
    objects = read_objects(page)
    found, whole = lost.restored(page, index, content, objects)
    rules = merged_rules(objects.rules)
    groups: list[PagePieces] = []
    for quarter, glyphs in directions(found):
        frame = Frame(content.width, content.height, quarter)
        turned = tuple(frame.upright_rule(rule) for rule in rules) if quarter else rules
        groups.append(PagePieces(*frame.size, tuple(pieces_of(frame.upright(glyphs), frame, turned)), turned))
    text = "".join(piece.text for group in groups for piece in group.pieces)
    evidence = PageEvidence(
        text, content.unmapped, objects.picture_share, objects.pictures, objects.drawings, objects.text_objects
    )
    return Sheet(content.width, content.height, tuple(groups)), judge(evidence), whole


# --------------------------------------------------------------------------------------------------------------------
# Pictures


def _read_pictures(document: Any, reading: _Reading, options: LoadOptions) -> None:
    """Replace the pages whose text cannot be used by what OCR reads from their picture."""
    if options.ocr == "off":
        unread = [number for number, verdict in enumerate(reading.verdicts, 1) if verdict in _NEEDS_PICTURE]
        if unread:
            reading.warnings.append(f"OCR is off; no usable text on pages {_listed(unread)}")
        return
    if options.ocr == "all":
        wanted = [index for index, verdict in enumerate(reading.verdicts) if verdict is not Verdict.EMPTY]
    else:
        wanted = [index for index, verdict in enumerate(reading.verdicts) if verdict in _NEEDS_PICTURE]
        wanted += _distrusted_layers(document, reading, options)
    for done, index in enumerate(sorted(set(wanted))):
        beat(len(reading.sheets) - len(wanted) + done, len(reading.sheets))
        if reading.sheets[index].ocr:
            continue
        read = _ocr(document, index, reading.sheets[index], options)
        before = reading.sheets[index]
        more = len(_text(read)) >= len(_text(before))
        if more or reading.verdicts[index] is Verdict.GARBLED or options.ocr == "all" or not _text(before):
            reading.sheets[index] = read


_NEEDS_PICTURE = frozenset({Verdict.PICTURE, Verdict.GARBLED})


def _distrusted_layers(document: Any, reading: _Reading, options: LoadOptions) -> list[int]:
    """Scanned pages with a text layer: all of them, unless the layer agrees with our own OCR on a page of usual length."""
    layers = [index for index, verdict in enumerate(reading.verdicts) if verdict is Verdict.LAYER]
    if not layers:
        return []
    by_length = sorted(layers, key=lambda index: len(_text(reading.sheets[index])))
    sample = by_length[len(by_length) // 2]
    read = _ocr(document, sample, reading.sheets[sample], options)
    if agreement(_text(reading.sheets[sample]), _text(read)) >= _TRUSTED_LAYER:
        return []
    reading.sheets[sample] = read
    return layers


def _ocr(document: Any, index: int, sheet: Sheet, options: LoadOptions) -> Sheet:
    page = document[index]
    try:
        picture = picture_of(page, options.ocr_dpi)
    finally:
        page.close()
    return replace(sheet, groups=(pieces_from_picture(picture, sheet.width, sheet.height),), ocr=True)


def _text(sheet: Sheet) -> str:
    return "".join(piece.text for group in sheet.groups for piece in group.pieces)


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:10])
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"


# --------------------------------------------------------------------------------------------------------------------
# Otherwise


def _no_text(reading: _Reading, options: LoadOptions) -> NoTextError:
    pages = len(reading.sheets)
    if options.ocr == "off" and any(verdict in _NEEDS_PICTURE for verdict in reading.verdicts):
        return NoTextError(
            Bilingual(
                f"None of the {pages} pages holds text, and reading from pictures is switched off.",
                f"全部 {pages} 页均无文字，且文字识别（OCR）已关闭。",
            ),
            Bilingual("Set ingest.ocr to auto.", "请将 ingest.ocr 设为 auto。"),
        )
    return NoTextError(
        Bilingual(
            f"None of the {pages} pages holds text, neither as text nor in a picture.",
            f"全部 {pages} 页均无文字，图片中也未识别到文字。",
        ),
        Bilingual(
            "Check the file in a PDF viewer; a better scan may help.",
            "请用 PDF 阅读器检查该文件；可尝试更清晰的扫描件。",
        ),
    )


def _by_pypdf(path: Path, options: LoadOptions) -> LoadedFile:
    """The text as pypdf gives it, line by line, without places."""
    texts = texts_by_pypdf(path, options.password)
    pages = tuple(_plain_page(number, text) for number, text in enumerate(texts, 1))
    if not pages:
        raise damaged("The file has no pages.", "文件没有页面。")
    if not any(page.text for page in pages):
        raise NoTextError(
            Bilingual(
                "The file is damaged, and no text was found in what can be read.", "文件已损坏，可读部分中没有文字。"
            ),
            Bilingual("Fetch the original again, or save it anew.", "请重新获取原始文件，或重新保存。"),
        )
    return LoadedFile(pages, "pdf", warnings=("the file is damaged; it was read without layout",))


def _plain_page(number: int, text: str) -> Page:
    return plain_page(number, _clean_lines(text))


def _clean_lines(text: str) -> Iterable[str]:
    return (line for line in (" ".join(part.split()) for part in text.replace("\0", "").splitlines()) if line)
