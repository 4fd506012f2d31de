"""Write sample documents as html, Markdown, text in GB18030 and the predecessor's jsonl."""

from __future__ import annotations

import html
import json
from pathlib import Path

from samples.source import Source, SourceBlock

_TAGS = {"title": "h1", "heading": "h2", "subheading": "h3", "item": "li", "paragraph": "p"}


def write_html(source: Source, path: Path) -> None:
    """Write a small valid page."""
    language = source.options.get("language", "zh-CN")
    title = html.escape(source.title)
    head = f'<html lang="{language}">\n<head><meta charset="utf-8"><title>{title}</title></head>'
    body = "\n".join(_html_block(block) for block in source.blocks)
    path.write_text(f"<!DOCTYPE html>\n{head}\n<body>\n{body}\n</body>\n</html>\n", encoding="utf-8")


def _html_block(block: SourceBlock) -> str:
    if block.kind != "table":
        tag = _TAGS[block.kind]
        element = f"<{tag}>{html.escape(block.text)}</{tag}>"
        return f"<ul>{element}</ul>" if block.kind == "item" else element
    head, *rows = block.rows
    lines = ["<tr>" + "".join(f"<th>{html.escape(cell)}</th>" for cell in head) + "</tr>"]
    lines += ["<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def write_markdown(source: Source, path: Path) -> None:
    """Write Markdown with pipe tables."""
    lines: list[str] = []
    for block in source.blocks:
        if block.kind == "table":
            head, *rows = block.rows
            lines.append("\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)))
        else:
            prefix = {"title": "# ", "heading": "## ", "subheading": "### ", "item": "- "}.get(block.kind, "")
            lines.append(prefix + block.text)
    path.write_text("\n\n".join(lines) + "\n", encoding="utf-8")


def write_gb18030(source: Source, path: Path) -> None:
    """Write plain text in GB18030, the encoding that Chinese hospital systems still export."""
    lines = ["\r\n".join("\t".join(row) for row in block.rows) or block.text for block in source.blocks]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))


def write_jsonl(source: Source, path: Path) -> None:
    """Write one line a drug, ``{"docs": [...]}`` of "drug section", a newline and the text, like the predecessor."""
    drugs: dict[str, list[str]] = {}
    drug, section = "", ""
    for block in source.blocks:
        if block.kind == "heading":
            drug = block.text
            drugs[drug] = [f"{drug} 说明\n{source.mark}"]
        elif block.kind == "subheading":
            section = block.text
        elif drug:
            drugs[drug].append(f"{drug} {section}\n{block.text}")
    lines = (json.dumps({"docs": docs}, ensure_ascii=False) for docs in drugs.values())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
