"""Opening PDF files: passwords, damage, metadata, outline, pictures of pages, and pypdf where PDFium gives up."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from ingest.loaders.failures import damaged
from ingest.loaders.ocr import Picture
from kbchat.errors import EncryptedFileError
from kbchat.messages import Bilingual

logging.getLogger("pypdfium2").setLevel(logging.CRITICAL)  # its remarks on broken outlines are no news to anyone

MAX_PAGES = 20_000
"""Pages read from one file."""

_MAX_OUTLINE = 5000
_MAX_PIXELS = 30_000_000  # of a page picture
_METADATA = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate")
_HEADER_WITHIN = 1024  # bytes from the start in which a PDF says that it is one


class DamagedByPdfium(Exception):  # noqa: N818 - never leaves the loaders
    """PDFium cannot open the file; another reader may."""


def wrong_password(given: bool) -> EncryptedFileError:
    """The error of a file that needs a password, or got the wrong one."""
    remedy = Bilingual("Give the password with --password.", "请用 --password 提供密码。")
    if given:
        return EncryptedFileError(
            Bilingual("The password given does not open the file.", "提供的密码无法打开该文件。"), remedy
        )
    return EncryptedFileError(Bilingual("The file is protected by a password.", "文件受密码保护。"), remedy)


def check_header(path: Path) -> None:
    """Raises DamagedFileError for an empty file and for one that is no PDF."""
    with path.open("rb") as file:
        head = file.read(_HEADER_WITHIN)
    if not head:
        raise damaged("The file is empty (0 bytes).", "文件为空（0 字节）。")
    if not head.strip(b"\0 \r\n\t"):
        raise damaged("The file holds nothing but null bytes.", "文件内容全部为空字节。")


@contextmanager
def opened(path: Path, password: str | None) -> Iterator[Any]:
    """A ``pypdfium2.PdfDocument``.

    Raises EncryptedFileError, and DamagedByPdfium when the file cannot be opened for another reason.
    """
    try:
        document = pypdfium2.PdfDocument(path, password=password)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise wrong_password(password is not None) from error
        if error.err_code == pdfium.FPDF_ERR_SECURITY:
            raise EncryptedFileError(
                Bilingual(
                    "The file is protected by a method that kbchat cannot open.",
                    "文件采用了 kbchat 无法打开的加密方式。",
                ),
                Bilingual("Save it without protection and ingest it again.", "请另存为不加密的文件后重新导入。"),
            ) from error
        raise DamagedByPdfium(str(error)) from error
    try:
        yield document
    finally:
        document.close()


def metadata_of(document: Any) -> dict[str, str]:
    """The file's own title, author and so on, keys in lower case, empty ones left out."""
    found: dict[str, str] = {}
    for key in _METADATA:
        try:
            value = document.get_metadata_value(key)
        except (UnicodeDecodeError, ValueError):
            continue
        cleaned = re.sub(r"[\x00-\x1f]+", " ", value).strip()
        if cleaned:
            found[key.lower()] = cleaned[:2000]
    return found


def outline_of(document: Any) -> tuple[tuple[int, str, int], ...]:
    """The table of contents as (level from 1, title, page number from 1); entries without a page are left out."""
    found: list[tuple[int, str, int]] = []
    try:
        for bookmark in islice(document.get_toc(max_depth=8), _MAX_OUTLINE):
            target = bookmark.get_dest()
            page = target.get_index() if target else None
            title = re.sub(r"\s+", " ", bookmark.get_title().replace("\0", "")).strip()
            if page is not None and page >= 0 and title:
                found.append((bookmark.level + 1, title, page + 1))
    except (pypdfium2.PdfiumError, UnicodeDecodeError, ValueError):
        pass  # a broken outline is no reason to refuse the text
    return tuple(found)


def picture_of(page: Any, dpi: int) -> Picture:
    """The page as shown, rendered at ``dpi``, smaller where it would exceed 30 million pixels."""
    width, height = page.get_size()
    scale = dpi / 72
    pixels = width * height * scale * scale
    if pixels > _MAX_PIXELS:
        scale *= (_MAX_PIXELS / pixels) ** 0.5
    bitmap = page.render(scale=scale, rev_byteorder=False)
    try:
        picture = np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8)
    finally:
        bitmap.close()
    return picture


def texts_by_pypdf(path: Path, password: str | None) -> list[str]:
    """The text of every page by pypdf, for files that PDFium cannot open; empty for pages that fail.

    Raises EncryptedFileError and DamagedFileError.
    """
    import pypdf  # noqa: PLC0415 - slow to import, and rarely needed
    from pypdf.errors import DependencyError, PyPdfError  # noqa: PLC0415

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(path, strict=False)
        if reader.is_encrypted and not reader.decrypt(password or ""):
            raise wrong_password(password is not None)
        texts: list[str] = []
        for page in islice(reader.pages, MAX_PAGES):
            try:
                texts.append(page.extract_text())
            except Exception:  # noqa: BLE001 - pypdf raises anything on broken pages; the others are still worth having
                texts.append("")
    except EncryptedFileError:
        raise
    except DependencyError as error:
        raise wrong_password(password is not None) from error
    except MemoryError:
        raise
    except (PyPdfError, Exception) as error:
        raise damaged(
            f"The file is no readable PDF ({type(error).__name__}).", f"文件不是可读的 PDF（{type(error).__name__}）。"
        ) from error
    return texts
