"""Reading one file: load, find the structure, cut into chunks. Runs in a worker process."""

from __future__ import annotations

from dataclasses import replace

from ingest.chunking import chunk_sections
from ingest.loaders import load_file
from ingest.parsed_file import ParsedFile, ParseTask, file_sha256
from ingest.structure import structure
from kbchat.errors import NoTextError
from kbchat.messages import Bilingual
from kbchat.text.page_layout import layout_out
from kbchat.types import ParsedDocument


def parse_file(task: ParseTask) -> ParsedFile:
    """Read a file. Raises LoadError (NoTextError when no chunk came of it)."""
    loaded = load_file(task.path, task.options)
    card, sections = structure(loaded, task.name)
    chunks = chunk_sections(loaded.pages, sections, task.chunk)
    if not chunks:
        raise NoTextError(
            Bilingual(
                "no text: the file was read and nothing can be searched in it.", "没有文字：文件中没有可检索的内容。"
            ),
            Bilingual(
                "If it is a scan, ingest it with --ocr all; otherwise give the text in another format.",
                "如为扫描件，请用 --ocr all 重新导入；否则请换用其他格式。",
            ),
        )
    layouts = tuple(layout_out(page.blocks, page.runs) for page in loaded.pages)
    document = ParsedDocument(
        format=loaded.format,
        card=card,
        pages=tuple(replace(page, blocks=(), runs=()) for page in loaded.pages),
        sections=sections,
        chunks=chunks,
        outline=loaded.outline,
        warnings=loaded.warnings,
    )
    return ParsedFile(document, layouts, file_sha256(task.path))
