"""HTML files and fragments. Nothing is ever fetched."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lxml import etree, html

from ingest.loaders.charset import decode_declared
from ingest.loaders.clean_text import clean_inline
from ingest.loaders.failures import damaged
from ingest.loaders.html_blocks import HtmlBlocks
from ingest.loaders.options import LoadOptions
from ingest.loaders.text_builder import TextBuilder
from kbchat.types import LoadedFile

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.I)
_META_NAMES = frozenset({"author", "description", "keywords", "date", "dc.title", "dc.date", "dc.creator"})


def load_html(path: Path, options: LoadOptions) -> LoadedFile:
    """Read an HTML file; scripts, styles, navigation and hidden elements are left out.

    Raises DamagedFileError when no element can be read from it.
    """
    del options
    data = path.read_bytes()
    declared = _DECLARED.search(data[:4096])
    text, charset = decode_declared(data, declared.group(1).decode("ascii") if declared else None)
    root = _parse(text)
    builder = TextBuilder()
    HtmlBlocks(builder).add(root)
    return LoadedFile(builder.pages(), "html", {"charset": charset, **_metadata(root)})


def add_html(builder: TextBuilder, fragment: str) -> None:
    """Add the blocks of a piece of HTML."""
    if fragment.strip():
        HtmlBlocks(builder).add(_parse(fragment))


def _parse(text: str) -> Any:
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise damaged("The HTML holds nothing that can be read.", "该 HTML 文件没有可读取的内容。") from error
    return root


def _metadata(root: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    title = root.findtext(".//head/title")
    if title and clean_inline(title):
        found["title"] = clean_inline(title)
    if language := root.get("lang"):
        found["language"] = language
    for meta in root.iterfind(".//meta"):
        name = (meta.get("name") or "").lower()
        if name in _META_NAMES and meta.get("content"):
            found[name] = clean_inline(meta.get("content"))
    return found
