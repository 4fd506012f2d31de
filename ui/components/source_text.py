"""A source in words: its document, where the quote stands, the text around it. Pure; what it returns is escaped HTML."""

from __future__ import annotations

from kbchat.messages import Language
from kbchat.services.sources import SourceView
from ui.escaping import literal_html, one_line
from ui.i18n import source as words
from ui.i18n import worded

_QUOTE_SHOWN = 600
_CELLS = " | "
"""What stands between the cells of a row in the text of a page."""


def heading_of(view: SourceView, language: Language) -> str:
    """The document's title with its revision and date."""
    about = [worded(words.REVISION, language, number=view.revision_number)]
    if view.revision_date:
        about.append(view.revision_date)
    told = " · ".join(literal_html(part) for part in about)
    return (
        f'<div class="kb-source-title" dir="auto">{literal_html(view.document_title)}</div>'
        f'<div class="kb-source-about">{told}</div>'
    )


def where_lines(view: SourceView, page: int, language: Language) -> str:
    """The path of headings and the page."""
    path = " › ".join(literal_html(part) for part in view.section_path)
    lines = []
    if path:
        lines.append(f'<div class="kb-source-path" dir="auto">{path}</div>')
    if view.kind == "picture":
        said = worded(words.PAGE_OF, language, page=page, pages=view.pages)
        lines.append(f'<div class="kb-source-about" role="status">{literal_html(said)}</div>')
    return "".join(lines)


def quote_html(quote: str) -> str:
    """The words that were quoted; rows of a table stand on lines of their own."""
    return f'<blockquote class="kb-quote" dir="auto" tabindex="0">{literal_html(_lines(quote))}</blockquote>'


def _lines(quote: str) -> str:
    """``quote`` cut where long. Lines of a sentence are joined: they end where the page is narrow."""
    lines: list[str] = []
    rows = [False]
    for line in quote.splitlines():
        is_row = _CELLS in line
        if not lines or is_row or rows[-1]:
            lines.append(line)
        else:
            lines[-1] = f"{lines[-1]} {line}"
        rows.append(is_row)
    joined = "\n".join(one_line(line) for line in lines if line.strip())
    return f"{joined[: _QUOTE_SHOWN - 1].rstrip()}…" if len(joined) > _QUOTE_SHOWN else joined


def marked_html(before: str, quote: str, after: str) -> str:
    """The text of a section with the quote marked."""
    return (
        f'<div class="kb-source-text" dir="auto" tabindex="0">{literal_html(before)}'
        f"<mark>{literal_html(quote)}</mark>{literal_html(after)}</div>"
    )
