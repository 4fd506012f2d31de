"""Telling what kind of file a file is: by its content first, by its name second."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ingest.loaders.failures import damaged, encrypted, unsupported

_HEAD = 1 << 13


class FileKind(StrEnum):
    """Every kind of file there is a loader for."""

    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    DOC = "doc"
    PPT = "ppt"
    XLS = "xls"
    RTF = "rtf"
    IMAGE = "image"
    HTML = "html"
    XML = "xml"
    MARKDOWN = "markdown"
    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    DATA_SCRIPT = "js"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The kind found; ``warning`` is not empty when the name says something else."""

    kind: FileKind
    warning: str = ""


_BY_EXTENSION = {
    "pdf": FileKind.PDF, "docx": FileKind.DOCX, "docm": FileKind.DOCX, "dotx": FileKind.DOCX,
    "pptx": FileKind.PPTX, "pptm": FileKind.PPTX, "ppsx": FileKind.PPTX, "xlsx": FileKind.XLSX, "xlsm": FileKind.XLSX,
    "doc": FileKind.DOC, "dot": FileKind.DOC, "ppt": FileKind.PPT, "pps": FileKind.PPT, "xls": FileKind.XLS,
    "rtf": FileKind.RTF, "png": FileKind.IMAGE, "jpg": FileKind.IMAGE, "jpeg": FileKind.IMAGE, "tif": FileKind.IMAGE,
    "tiff": FileKind.IMAGE, "html": FileKind.HTML, "htm": FileKind.HTML, "xhtml": FileKind.HTML, "xml": FileKind.XML,
    "md": FileKind.MARKDOWN, "markdown": FileKind.MARKDOWN, "txt": FileKind.TEXT, "text": FileKind.TEXT,
    "": FileKind.TEXT, "csv": FileKind.CSV, "tsv": FileKind.CSV, "json": FileKind.JSON, "jsonl": FileKind.JSON,
    "ndjson": FileKind.JSON, "js": FileKind.DATA_SCRIPT,
}  # fmt: skip
_BINARY = frozenset({
    FileKind.PDF, FileKind.DOCX, FileKind.PPTX, FileKind.XLSX, FileKind.DOC, FileKind.PPT, FileKind.XLS,
    FileKind.RTF, FileKind.IMAGE,
})  # fmt: skip
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE_ROOTS = {"word/": FileKind.DOCX, "ppt/": FileKind.PPTX, "xl/": FileKind.XLSX}
_HTML_START = re.compile(rb"(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.I | re.S)
_XML_START = re.compile(rb"(?:<\?xml[\s\S]*?\?>|<!--[\s\S]*?-->|\s)*<(?:!DOCTYPE|[a-zA-Z_][\w.:-]*[\s/>])")


def sniff(path: Path) -> Sniffed:
    """What kind of file ``path`` is.

    Raises DamagedFileError for an empty file or one that is not what its name says, EncryptedFileError for a protected
    office file, UnsupportedFormatError for anything there is no loader for.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise damaged("The file is empty (0 bytes).", "文件是空的（0 字节）。")
    extension = _extension(path)
    by_name = _BY_EXTENSION.get(extension)
    found = _by_content(path, head, by_name)
    if found is not None:
        return _with_warning(found, by_name, extension)
    if by_name is FileKind.PDF:
        return Sniffed(FileKind.PDF)  # the reader of PDFs finds more than its header
    if by_name in _BINARY:
        raise damaged(
            f"The file is named .{extension} but holds no such document.", f"文件名为 .{extension}，但内容并非该格式。"
        )
    if by_name is None:
        raise unsupported(f"Files of type .{extension} are not read.", f"不支持 .{extension} 类型的文件。")
    return Sniffed(by_name)


def _extension(path: Path) -> str:
    """The extension in lower case, without the dot; empty for a name whose last dot is only part of it ("指南v1.2")."""
    extension = path.suffix.removeprefix(".").lower()
    return extension if re.fullmatch(r"(?=.*[a-z])[a-z0-9+_-]{1,10}", extension) else ""


def _by_content(path: Path, head: bytes, by_name: FileKind | None) -> FileKind | None:
    """The kind that the content shows beyond doubt, or None when only the name can tell."""
    if head.startswith(_PICTURES):
        return FileKind.IMAGE
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path)
    if head.startswith(_OLE2):
        return _kind_of_ole2(path, by_name)
    return _kind_of_markup(head, by_name)


def _kind_of_markup(head: bytes, by_name: FileKind | None) -> FileKind | None:
    """The kind of a file that says so in its first characters."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    kind: FileKind | None = None
    if start.startswith(b"%PDF-") or (by_name is FileKind.PDF and b"%PDF-" in head[:1024]):
        kind = FileKind.PDF
    elif start.startswith(b"{\\rtf"):
        kind = FileKind.RTF
    elif by_name is FileKind.MARKDOWN and not start[:9].lower().startswith(b"<!doctype"):
        kind = None  # Markdown may begin with HTML
    elif _HTML_START.match(start):
        kind = FileKind.HTML
    elif start.startswith(b"<?xml") or (by_name is FileKind.XML and _XML_START.match(start)):
        kind = FileKind.XML
    return kind


def _kind_of_zip(path: Path) -> FileKind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise damaged("The zip archive of this file is broken.", "该文件的压缩结构已损坏。") from error
    if "[Content_Types].xml" in names:
        for root, kind in _OFFICE_ROOTS.items():
            if any(name.startswith(root) for name in names):
                return kind
    raise unsupported("The file is a zip archive, not a document.", "该文件是压缩包，不是文档。")


def _kind_of_ole2(path: Path, by_name: FileKind | None) -> FileKind:
    """Tell old office files by the names of their streams (UTF-16 in the directory, which may stand anywhere)."""
    with path.open("rb") as file:
        data = file.read(64 << 20)
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise encrypted()
    for name, kind in (
        ("WordDocument", FileKind.DOC),
        ("PowerPoint Document", FileKind.PPT),
        ("Workbook", FileKind.XLS),
    ):
        if name.encode("utf-16-le") in data:
            return kind
    if by_name in (FileKind.DOC, FileKind.PPT, FileKind.XLS):
        return by_name
    raise unsupported("The file is an OLE2 container, but no office document.", "该文件是 OLE2 容器，但不是办公文档。")


def _with_warning(found: FileKind, by_name: FileKind | None, extension: str) -> Sniffed:
    if found is by_name or (found is FileKind.XML and by_name is FileKind.HTML):
        return Sniffed(found)
    if by_name is FileKind.TEXT and not extension:
        return Sniffed(found)
    return Sniffed(found, f"The file is named .{extension} but is {found.value}; it was read as {found.value}.")
