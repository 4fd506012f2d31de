"""Calls the loader that fits what a file is, and holds all of them to the same promises."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

from ingest.loaders.clean_text import has_words
from ingest.loaders.failures import damaged, no_text, too_large
from ingest.loaders.options import LoadOptions
from ingest.loaders.sniff import FileKind, sniff
from kbchat.errors import LoadError
from kbchat.types import LoadedFile


class _Loader(Protocol):
    def __call__(self, path: Path, options: LoadOptions) -> LoadedFile: ...


_LOADERS: dict[FileKind, tuple[str, str]] = {
    FileKind.PDF: ("pdf", "load_pdf"),
    FileKind.IMAGE: ("image", "load_image"),
    FileKind.DOCX: ("word", "load_docx"),
    FileKind.PPTX: ("slides", "load_pptx"),
    FileKind.XLSX: ("sheet", "load_xlsx"),
    FileKind.CSV: ("separated", "load_csv"),
    FileKind.DOC: ("legacy", "load_legacy"),
    FileKind.PPT: ("legacy", "load_legacy"),
    FileKind.XLS: ("legacy", "load_legacy"),
    FileKind.RTF: ("legacy", "load_legacy"),
    FileKind.HTML: ("web", "load_html"),
    FileKind.XML: ("spl", "load_spl"),
    FileKind.MARKDOWN: ("markdown", "load_markdown"),
    FileKind.TEXT: ("plain", "load_text"),
    FileKind.JSON: ("records", "load_records"),
    FileKind.DATA_SCRIPT: ("data_script", "load_data_script"),
}


def load(path: Path, options: LoadOptions) -> LoadedFile:
    """Read ``path`` as what it is. Raises only leaves of LoadError; a file without any text is NoTextError."""
    try:
        sniffed = sniff(path)
        loaded = loader_for(sniffed.kind)(path, options)
    except LoadError:
        raise
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise damaged(f"The file cannot be opened: {error.strerror}.", f"无法打开文件：{error.strerror}。") from error
    except RecursionError as error:
        raise damaged("The parts of the file are nested too deeply.", "文件内部嵌套层数过多。") from error
    except MemoryError as error:
        raise too_large(
            "Reading the file needs more memory than is allowed.", "读取该文件所需的内存超出上限。"
        ) from error
    except Exception as error:
        raise damaged(
            f"The file could not be read ({type(error).__name__}: {str(error)[:200]}).",
            f"无法读取该文件（{type(error).__name__}：{str(error)[:200]}）。",
        ) from error
    if not any(has_words(page.text) for page in loaded.pages):
        raise no_text()
    return replace(loaded, warnings=(sniffed.warning, *loaded.warnings)) if sniffed.warning else loaded


def loader_for(kind: FileKind) -> _Loader:
    """The function that reads files of ``kind``; its module is imported now, and no other."""
    module, function = _LOADERS[kind]
    return cast("_Loader", getattr(importlib.import_module(f"ingest.loaders.{module}"), function))
