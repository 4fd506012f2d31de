"""Characters that PDFium draws from text objects of no width and leaves out of its text page, such as ≥ and ℃.

PDFium tells neither their code nor their Unicode value, only where the object stands. The n-th text object of a page is
the n-th operator that shows text in its content, so pypdf's parse of the content gives the bytes, and its text of just
these bytes in their font the characters. Most objects of no width are blanks; they are dropped.
"""

from __future__ import annotations

import ctypes
import logging
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium

from ingest.loaders.pdf_calls import quick
from ingest.loaders.pdf_glyphs import GlyphPage, Glyphs
from ingest.loaders.pdf_objects import PageObjects
from ingest.loaders.pdf_space import PageSpace

_HANDLE, _INT = ctypes.c_void_p, ctypes.c_int
_object_of_page = quick(pdfium.FPDFPage_GetObject, ctypes.c_size_t)
_kind_of = quick(pdfium.FPDFPageObj_GetType, _INT, _HANDLE)
_bounds_of = quick(pdfium.FPDFPageObj_GetBounds, _INT, _HANDLE, _HANDLE, _HANDLE, _HANDLE, _HANDLE)
_matrix_of = quick(pdfium.FPDFPageObj_GetMatrix, _INT, _HANDLE, _HANDLE)
_size_of = quick(pdfium.FPDFTextObj_GetFontSize, _INT, _HANDLE, _HANDLE)
_font_of = quick(pdfium.FPDFTextObj_GetFont, ctypes.c_size_t, _HANDLE)
_font_name_of = quick(pdfium.FPDFFont_GetBaseFontName, ctypes.c_size_t, _HANDLE, _HANDLE, ctypes.c_size_t)

_ASCENT, _DESCENT = 0.86, 0.22  # em; the box of a recovered character about its baseline
_WIDTH = 0.5  # em; of a recovered character that no neighbour bounds
_WIDEST = 1.2  # em
_SAME_LINE = 0.25  # em

_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})  # Unicode categories
_MOST_OBJECTS = 200_000  # of one page
_LONGEST_CONTENT = 20_000_000  # bytes of one page

_Shown = tuple[bytes, tuple[bytes, ...]]  # the font's name in the content, and the strings shown in it, as written

# The tokens of a page's content that tell which strings are shown in which font. pypdf's own parse takes 15 ms a page.
_TOKENS = re.compile(
    rb"""(?<![^\s\])>])BI\s.{0,20000}?\sID\s.*?\sEI(?=\s)  # an inline image, whose bytes are no tokens
    |\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\([^()]{0,500}\)){0,500}\)){0,4000}\)  # (text (with parentheses))
    |<[0-9A-Fa-f\s]{0,8000}>
    |/[^\s()<>\[\]{}/%]+(?=\s+[-+.\d]+\s+Tf)  # the font to come
    |\[
    |(?<![^\s\])>])(?:T[fjJ]|['"qQ])(?![^\s\[(</%])""",
    re.DOTALL | re.VERBOSE,
)


class _NotRecoveredError(Exception):
    """The characters of a page are not to be had by pypdf either."""


@dataclass(frozen=True, slots=True)
class _Lost:
    """A recovered text: origin in points as shown (top left), font size."""

    text: str
    x: float
    baseline: float
    size: float


class LostCharacters:
    """Recovers the lost characters of one file's pages; the file is parsed by pypdf at the first page that needs it."""

    def __init__(self, path: Path, password: str | None) -> None:
        self._path = path
        self._password = password
        self._reader: Any = None
        self._broken = False
        self._texts: dict[tuple[int, tuple[bytes, ...]] | None, str] = {}

    def restored(self, page: Any, index: int, content: GlyphPage, objects: PageObjects) -> tuple[Glyphs, bool]:
        """The glyphs of page ``index`` (from 0) with the lost ones among them, and whether none may be missing.

        What is lost within a form is not recovered.
        """
        glyphs, known = content.glyphs, content.objects
        handles = objects.texts if objects.complete else _texts_of(page)
        numbers = [number for number, handle in enumerate(handles) if handle not in known and _is_flat(handle)]
        whole = not any(handle not in known and _is_flat(handle) for handle in objects.inner_texts)
        if not numbers:
            return glyphs, whole
        try:
            lost = self._recover(page, index, handles, numbers)
        except _NotRecoveredError:
            return glyphs, False
        for one in lost:
            glyphs = _inserted(glyphs, one)
        return glyphs, whole

    def _recover(self, page: Any, index: int, handles: Sequence[int], numbers: Iterable[int]) -> list[_Lost]:
        try:
            source = self._page(index)
            content = source.get_contents().get_data()
            shown = _shown_texts(content) if len(content) <= _LONGEST_CONTENT else []
            if len(shown) != len(handles):
                raise _NotRecoveredError
            alike = {number: (_font_of(handles[number]), shown[number]) for number in numbers}
            read = {what: self._text(source, *what) for what in set(alike.values())}
            texts = {number: read[what] for number, what in alike.items()}
        except (_NotRecoveredError, MemoryError):
            raise
        except Exception as error:  # pypdf raises anything on broken pages; the rest of the text stands
            raise _NotRecoveredError from error
        space = PageSpace.of(page)
        placed = [_placed(handles[number], text, space) for number, text in texts.items() if text]
        return [one for one in placed if 0 <= one.x <= space.width and 0 <= one.baseline <= space.height]

    def _text(self, page: Any, font: int, shown: _Shown) -> str:
        """The characters shown in a font (PDFium's handle); every font and string is decoded once."""
        name, strings = shown
        fonts = page["/Resources"]["/Font"]
        key = name.decode("latin-1")
        if _without_subset(str(fonts[key].get("/BaseFont", "")).removeprefix("/")) != _font_name(font):
            raise _NotRecoveredError
        reference = getattr(fonts.raw_get(key), "idnum", None)
        known = None if reference is None else (reference, strings)
        if known in self._texts:
            return self._texts[known]
        text = _decoded(page, name, strings)
        if known:
            self._texts[known] = text
        return text

    def _page(self, index: int) -> Any:
        import pypdf  # noqa: PLC0415 - slow to import, and rarely needed

        if self._broken:
            raise _NotRecoveredError
        if self._reader is None:
            logging.getLogger("pypdf").setLevel(logging.CRITICAL)
            self._broken = True  # until it has been opened
            reader = pypdf.PdfReader(self._path, strict=False)
            if reader.is_encrypted and not reader.decrypt(self._password or ""):
                raise _NotRecoveredError
            self._reader, self._broken = reader, False
        return self._reader.pages[index]


def _texts_of(page: Any) -> list[int]:
    """All text objects of a page of very many objects; those within its forms are left out."""
    handle = ctypes.byref(page.raw.contents)
    count = min(max(pdfium.FPDFPage_CountObjects(page.raw), 0), _MOST_OBJECTS)
    every = [_object_of_page(handle, number) for number in range(count)]
    return [one for one in every if one and _kind_of(one) == pdfium.FPDF_PAGEOBJ_TEXT]


def _is_flat(handle: int) -> bool:
    edges = (ctypes.c_float * 4)()
    step = ctypes.sizeof(ctypes.c_float)
    found = _bounds_of(handle, *(ctypes.addressof(edges) + step * number for number in range(4)))
    return bool(found) and edges[0] == edges[2]


def _font_name(font: int) -> str:
    buffer = ctypes.create_string_buffer(256)
    length = _font_name_of(font, ctypes.addressof(buffer), 256)
    return _without_subset(buffer.raw[: max(min(length, 256) - 1, 0)].decode("utf-8", "replace"))


def _without_subset(name: str) -> str:
    return name[7:] if name[6:7] == "+" else name


def _shown_texts(content: bytes) -> list[_Shown]:
    """Font and strings, as written, of every operator for which PDFium makes a text object."""
    found: list[_Shown] = []
    font = name = b""
    strings: list[bytes] = []
    outer: list[bytes] = []
    for token in _TOKENS.findall(content):
        first = token[:1]
        if first in (b"(", b"<"):
            strings.append(token)
        elif first == b"/":
            name = token
        elif token == b"[":
            strings.clear()
        elif token == b"Tf":
            font = name
        elif token == b"q":
            outer.append(font)
        elif token == b"Q":
            font = outer.pop() if outer else font
        elif first in (b"T", b"'", b'"') and strings:
            shown = tuple(strings) if token == b"TJ" else (strings[-1],)
            if token == b"TJ" or shown[0] not in (b"()", b"<>"):
                found.append((font, shown))
            strings.clear()
    return found


def _decoded(page: Any, font: bytes, strings: Sequence[bytes]) -> str:
    """What pypdf reads from a page that shows just these strings in this font."""
    from pypdf import PageObject  # noqa: PLC0415 - slow to import, and rarely needed
    from pypdf.generic import DecodedStreamObject, NameObject  # noqa: PLC0415

    sample = PageObject.create_blank_page(width=600, height=600)
    sample[NameObject("/Resources")] = page["/Resources"]
    content = DecodedStreamObject()
    content.set_data(b"BT %s 10 Tf 9 99 Td %s ET" % (font, b" ".join(string + b" Tj" for string in strings)))
    sample[NameObject("/Contents")] = content
    text = unicodedata.normalize("NFC", "".join(sample.extract_text().split()))
    if any(unicodedata.category(character) in _NO_TEXT or character == "\ufffd" for character in text):
        raise _NotRecoveredError
    return text


def _placed(handle: int, text: str, space: PageSpace) -> _Lost:
    matrix, size = pdfium.FS_MATRIX(), ctypes.c_float()
    _matrix_of(handle, ctypes.addressof(matrix))
    _size_of(handle, ctypes.addressof(size))
    x, y = space.point(matrix.e, matrix.f)
    scaled = abs(size.value) * math.hypot(matrix.c, matrix.d)
    upright = space.turn == 0 and matrix.a > 0 and abs(matrix.b) < 0.1 * matrix.a
    if not upright or not math.isfinite(x + y + scaled) or scaled <= 0:
        raise _NotRecoveredError
    return _Lost(text, x, y, scaled)


def _inserted(glyphs: Glyphs, lost: _Lost) -> Glyphs:
    """``glyphs`` with those of ``lost`` before the next glyph of their line, or behind the last one."""
    line = (np.abs(glyphs.baseline - lost.baseline) <= _SAME_LINE * lost.size) & (glyphs.quarter == 0)
    after = np.flatnonzero(line & (glyphs.x0 >= lost.x - 0.1 * lost.size))
    before = np.flatnonzero(line & (glyphs.x0 < lost.x - 0.1 * lost.size))
    count = len(lost.text)
    room = _WIDTH * lost.size * count
    at = len(glyphs)
    like = -1
    if len(before):
        like = int(before[np.argmax(glyphs.x0[before])])
        at = like + 1
    if len(after):
        following = int(after[np.argmin(glyphs.x0[after])])
        gap = float(glyphs.x0[following]) - lost.x
        if gap <= _WIDEST * lost.size * count:
            room = max(gap, 0.05 * lost.size)
            at, like = following, following
        elif like < 0:
            at, like = following, following
    edges = lost.x + room * np.arange(count + 1) / count
    return _spliced(glyphs, lost, edges, at, like)


def _spliced(glyphs: Glyphs, lost: _Lost, edges: Any, at: int, like: int) -> Glyphs:
    count = len(lost.text)
    size = lost.size
    new: dict[str, Any] = {
        "codes": [ord(character) for character in lost.text],
        "x0": edges[:-1],
        "x1": edges[1:],
        "y0": lost.baseline - _ASCENT * size,
        "y1": lost.baseline + _DESCENT * size,
        "baseline": lost.baseline,
        "size": size,
        "bold": bool(glyphs.bold[like]) if like >= 0 else False,
        "hidden": bool(glyphs.hidden[like]) if like >= 0 else False,
    }
    fields: dict[str, Any] = {}
    for name in Glyphs.__slots__:
        column = getattr(glyphs, name)
        values = np.broadcast_to(np.asarray(new.get(name, 0), column.dtype), count)
        fields[name] = np.concatenate((column[:at], values, column[at:]))
    return replace(glyphs, **fields)
