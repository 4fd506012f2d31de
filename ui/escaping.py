"""Text of documents and people, made safe to draw. Pure functions.

Streamlit reads most texts as Markdown with additions (``$...$`` is LaTeX, ``:red[...]`` a colour, ``:material/..:`` an
icon, ``:name:`` an emoji), labels of buttons and boxes among them. Whatever comes from a document or a person goes through
:func:`literal_markdown` (or :func:`literal_html` where HTML is drawn), so that it is shown letter by letter.
"""

from __future__ import annotations

import html
import re
import unicodedata

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&@\"'/])")
_REPLACED = re.compile(r"(?<=[-<>~])(?=[-=>])|(?<=:)(?=//|streamlit:)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
WORD_JOINER = "\u2060"
_LINE_BREAKS = re.compile(r"\r\n?|[\u0085\u2028\u2029\v\f]")
# Embeddings and overrides of direction reorder what stands around them; isolates and marks likewise when unpaired.
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "RLE", "RLO", "RLI"})


def visible_text(text: str) -> str:
    """``text`` without control characters and without characters that turn the direction of their surroundings.

    Newlines and tabs stay. Text that has letters written from right to left is put into an isolate, so that it cannot reorder
    what stands beside it.
    """
    plain = _DIRECTION.sub("", _LINE_BREAKS.sub("\n", text))
    plain = "".join(sign for sign in plain if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    if any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in plain):
        return f"{ISOLATE}{plain}{END_ISOLATE}"
    return plain


def one_line(text: str, longest: int = 0) -> str:
    """``text`` on one line, cut to ``longest`` characters (0: not cut) with an ellipsis."""
    joined = " ".join(text.split())
    return f"{joined[: longest - 1].rstrip()}…" if longest and len(joined) > longest else joined


def literal_markdown(text: str) -> str:
    """Markdown that shows ``text`` letter by letter, line breaks kept.

    Every sign that Markdown, LaTeX or a directive could begin with is written as a character reference, which no Markdown
    reader takes for syntax. What Streamlit replaces afterwards (arrows, addresses, its logo) is parted by a word joiner, which
    takes no room.
    """
    parted = _REPLACED.sub(WORD_JOINER, visible_text(text))
    escaped = _SPECIAL.sub(lambda found: f"&#{ord(found.group(1))};", parted)
    lines = [_keep_indent(line) for line in escaped.split("\n")]
    return "  \n".join(lines)


def _keep_indent(line: str) -> str:
    bare = line.lstrip(" \t")
    indent = line[: len(line) - len(bare)].expandtabs(4)
    return "&nbsp;" * len(indent) + bare


def literal_html(text: str) -> str:
    """HTML that shows ``text`` letter by letter, line breaks kept (``<br>``)."""
    return html.escape(visible_text(text), quote=True).replace("\n", "<br>")


def literal_label(text: str, longest: int = 0) -> str:
    """A label of a button, box or menu that shows ``text`` letter by letter, on one line."""
    return literal_markdown(one_line(visible_text(text), longest))
