"""Loaders: one family of file formats a module; :func:`load_file` tells the format and calls the right one."""

from __future__ import annotations

from pathlib import Path

from ingest.loaders.options import LoadOptions
from kbchat.types import LoadedFile

__all__ = ["LoadOptions", "load_file"]


def load_file(path: Path, options: LoadOptions) -> LoadedFile:
    """Read one file of any supported format.

    Raises a leaf of :class:`kbchat.errors.LoadError` that says why the file cannot be read; nothing else.
    """
    from ingest.loaders.dispatch import load  # noqa: PLC0415 - parsers are imported by the process that parses

    return load(path, options)
