"""What goes to a worker process and what comes back. Light, so that the process that waits loads no reader.

Page layouts (every text run's box) make up most of a parsed file and would cost more to pickle as objects than the PDF
takes to read, so they travel in the compressed form in which the store keeps them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ingest.loaders.options import LoadOptions
from kbchat.types import ParsedDocument

TARGET = "ingest.parse:parse_file"
"""How a worker process finds ``parse_file``."""


@dataclass(frozen=True, slots=True)
class ChunkSizes:
    """Sizes of chunks in characters, without the settings' machinery, which a worker would take long to import."""

    target: int
    maximum: int


@dataclass(frozen=True, slots=True)
class ParseTask:
    """A file to read, and how."""

    path: Path
    name: str
    options: LoadOptions
    chunk: ChunkSizes


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file that was read. ``layouts`` are the encoded blocks and runs of the pages, which the document itself lacks.

    ``sha256`` is the hash of the bytes after reading; it tells whether the file changed meanwhile.
    """

    document: ParsedDocument
    layouts: tuple[bytes, ...]
    sha256: str


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
