"""Every character of a PDF page with its place, by PDFium's C interface, as numpy arrays.

One foreign call a character is the floor of what PDFium offers, so calls are driven by ``map`` (see
:mod:`ingest.loaders.pdf_calls`), and everything that is the same within a text object (font, size, direction, baseline)
is asked once an object.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from ingest.loaders.characters import BLANK, classes
from ingest.loaders.pdf_calls import Records, Reference, quick
from ingest.loaders.pdf_space import PageSpace

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MAX_CHARACTERS = 200_000
"""Characters read from one page; a page of a real document has under 20,000."""

_INVISIBLE = 3  # text render mode of an OCR layer
_FILL_AND_STROKE = 2  # the usual way to fake a bold face
_BULLET = 0x2022
_BOLD_NAMES = ("bold", "black", "heavy", "simhei", "demi", "-bd")
_PICTURE_NAMES = ("wingding", "webding", "dingbat", "symbolsarrows", "bullet", "pictogram", "monotypesorts")


_HANDLE, _INT = ctypes.c_void_p, ctypes.c_int
_text_of = quick(pdfium.FPDFText_GetText, _INT)
_unicode_of = quick(pdfium.FPDFText_GetUnicode, ctypes.c_uint)
_object_of = quick(pdfium.FPDFText_GetTextObject, ctypes.c_size_t)  # an address; 0: PDFium's guess
_map_error_of = quick(pdfium.FPDFText_HasUnicodeMapError, _INT)
_size_of = quick(pdfium.FPDFText_GetFontSize, ctypes.c_double)
_loose_box_of = quick(pdfium.FPDFText_GetLooseCharBox, None)
_matrix_of = quick(pdfium.FPDFText_GetMatrix, None)
_mode_of = quick(pdfium.FPDFTextObj_GetTextRenderMode, _INT, _HANDLE)
_font_of = quick(pdfium.FPDFTextObj_GetFont, ctypes.c_size_t, _HANDLE)
_font_name_of = quick(pdfium.FPDFFont_GetBaseFontName, ctypes.c_size_t, _HANDLE, _HANDLE, ctypes.c_size_t)
_font_flags_of = quick(pdfium.FPDFFont_GetFlags, _INT, _HANDLE)
_font_weight_of = quick(pdfium.FPDFFont_GetWeight, _INT, _HANDLE)

_BOXES = Records(pdfium.FS_RECTF, 4)
_MATRICES = Records(pdfium.FS_MATRIX, 6)


@dataclass(frozen=True, slots=True)
class FontTraits:
    """What a font's name and flags tell: whether it is bold, and whether its letters are pictures."""

    bold: bool = False
    pictures: bool = False


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The visible characters of one page in content order, n of them; spaces are kept as ``space_room``.

    Coordinates are points with the origin at the top left of the page as shown, except while a turned group is laid
    out (see :func:`ingest.loaders.pdf_space.turned`). ``baseline`` is the height of the writing line, ``quarter`` the
    direction of writing in quarter turns (0: left to right, 1: top to bottom, 2: upside down, 3: bottom to top).
    ``space_room`` is the distance in points from a space character in the file to the glyph after it (0: there is none),
    ``guessed_space`` marks a space that PDFium infers from font metrics.
    """

    codes: npt.NDArray[np.uint32]
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    baseline: Floats
    size: Floats
    bold: Flags
    hidden: Flags
    quarter: npt.NDArray[np.int8]
    slanted: Flags
    space_room: Floats
    guessed_space: Flags

    def __len__(self) -> int:
        return len(self.codes)

    def select(self, keep: Flags | Ints) -> Glyphs:
        """The glyphs at ``keep`` (a mask or indices), in that order."""
        if keep.dtype == np.bool_ and keep.all():
            return self
        return Glyphs(*(getattr(self, name)[keep] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class GlyphPage:
    """What PDFium knows of one page: size as shown in points, glyphs, share of characters without a Unicode mapping.

    ``objects`` are the text objects (addresses) of which PDFium's text page holds a character.
    """

    width: float
    height: float
    glyphs: Glyphs
    unmapped: float
    objects: frozenset[int] = frozenset()


def read_glyphs(page: Any) -> GlyphPage:
    """Read one loaded PDFium page (a ``PdfPage``)."""
    space = PageSpace.of(page)
    width, height = space.width, space.height
    text_page = pdfium.FPDFText_LoadPage(page.raw)
    if not text_page:
        return GlyphPage(width, height, _empty(), 0.0)
    try:
        count = min(max(pdfium.FPDFText_CountChars(text_page), 0), MAX_CHARACTERS)
        if not count:
            return GlyphPage(width, height, _empty(), 0.0)
        handle = ctypes.byref(text_page.contents)
        codes = _codes(handle, count)
        objects = np.fromiter(map(_object_of, repeat(handle), range(count)), np.int64, count)
        # Origin to origin plus advance wide, ascent to descent high: left, top, right, bottom.
        boxes = _BOXES.fill(_loose_box_of, handle, range(count), count)
        sample = range(0, count, max(1, count // 200))
        errors = list(map(_map_error_of, repeat(handle), sample)).count(1)
        glyphs = _assemble(_Characters(handle, codes, objects, boxes), space)
        return GlyphPage(width, height, glyphs, errors / len(sample), frozenset(objects.tolist()))
    finally:
        pdfium.FPDFText_ClosePage(text_page)


def _codes(handle: Reference, count: int) -> npt.NDArray[np.uint32]:
    """Code points of all characters: by one call where its answer lines up with the characters, else one by one."""
    room = np.zeros(count + 2, np.uint16)
    written = _text_of(handle, 0, count, ctypes.byref(ctypes.c_char.from_buffer(room.data)))
    if written == count + 1:
        codes = room[:count].astype(np.uint32)
        step = max(1, count // 40)
        plain = codes.max() < 0xD800 or not ((codes >= 0xD800) & (codes <= 0xDFFF)).any()
        if plain and codes[::step].tolist() == list(map(_unicode_of, repeat(handle), range(0, count, step))):
            return codes
    return np.fromiter(map(_unicode_of, repeat(handle, count), range(count)), np.uint32, count)


@dataclass(frozen=True, slots=True)
class _Characters:
    """What PDFium says of every character of a page, spaces and its own guesses included."""

    handle: Reference
    codes: npt.NDArray[np.uint32]
    objects: Ints
    boxes: Floats


def _assemble(characters: _Characters, space: PageSpace) -> Glyphs:
    codes, index, space_room, guessed_space = _visible(characters)
    if not len(index):
        return _empty()
    objects = characters.objects[index]
    new_object = np.concatenate(([True], objects[1:] != objects[:-1]))
    styles = _styles(characters.handle, index[new_object], objects[new_object], space)
    style = np.cumsum(new_object) - 1
    if styles.pictures.any():
        letters = ((codes >= 0x41) & (codes <= 0x5A)) | ((codes >= 0x61) & (codes <= 0x7A))
        codes[styles.pictures[style] & letters] = _BULLET
    left, top, right, bottom = characters.boxes[:, index]
    ax, ay = space.point(left, top)
    bx, by = space.point(right, bottom)
    glyphs = Glyphs(
        codes=codes,
        x0=np.minimum(ax, bx),
        y0=np.minimum(ay, by),
        x1=np.maximum(ax, bx),
        y1=np.maximum(ay, by),
        baseline=styles.baseline[style],
        size=styles.size[style],
        bold=styles.bold[style],
        hidden=styles.hidden[style],
        quarter=styles.quarter[style],
        slanted=styles.slanted[style],
        space_room=space_room,
        guessed_space=guessed_space,
    )
    return glyphs.select(_on_page(glyphs, space))


def _visible(characters: _Characters) -> tuple[npt.NDArray[np.uint32], Ints, Floats, Flags]:
    """Codes and indices of the glyphs, the room of the space before each, and before which PDFium guesses one.

    PDFium's guesses (generated characters) belong to no text object. Spaces are judged by the real gaps later.
    """
    codes, boxes = characters.codes.copy(), characters.boxes
    codes[codes == 0x02] = 0x2D  # PDFium's mark for a hyphen at a line's end
    real = characters.objects != 0
    blank = classes(codes) & BLANK != 0
    keep = real & ~blank
    if not np.isfinite(boxes.sum()):
        keep &= np.isfinite(boxes).all(axis=0)
    at = np.flatnonzero(keep)
    codes = codes[at]
    if len(codes) and codes.max() >= 0xD800:
        codes[(codes <= 0xDFFF) & (codes >= 0xD800) | (codes > 0x10FFFF)] = 0xFFFD
    guessed = np.zeros(len(at) + 1, bool)
    guessed[np.searchsorted(at, np.flatnonzero(blank & ~real))] = True
    spaces = blank & real
    spaces[1:] &= ~spaces[:-1]
    first = np.flatnonzero(spaces)  # where runs of space characters begin
    after = np.searchsorted(at, first)  # the glyph that follows
    last = np.append(after[1:] != after[:-1], True) & (after < len(at))
    first, after = first[last], after[last]
    room = np.zeros(len(at))
    glyph = at[after]
    across, along = np.abs(boxes[0, glyph] - boxes[0, first]), np.abs(boxes[3, glyph] - boxes[3, first])
    room[after] = np.maximum(across, along)
    return codes, at, room, guessed[:-1]


@dataclass(frozen=True, slots=True)
class _Styles:
    """What is the same within each text object, by object."""

    size: Floats
    baseline: Floats
    bold: Flags
    hidden: Flags
    pictures: Flags
    quarter: npt.NDArray[np.int8]
    slanted: Flags


def _styles(handle: Reference, first: Ints, objects: Ints, space: PageSpace) -> _Styles:
    """The styles of ``objects``, some of it asked of each object's first character."""
    count = len(first)
    at = first.tolist()
    a, b, c, d, e, f = _MATRICES.fill(_matrix_of, handle, at, count)
    scaled = np.abs(np.array(list(map(_size_of, repeat(handle), at)))) * np.hypot(c, d)
    degrees = _finite(np.degrees(np.arctan2(-b, a))) + 90.0 * space.turn
    quarter = np.round(degrees / 90.0).astype(np.int64)
    x, y = space.point(e, f)
    addresses = objects.tolist()
    modes = np.array(list(map(_mode_of, addresses)))
    fonts = list(map(_font_of, addresses))
    traits = {font: _traits(font) for font in set(fonts)}
    return _Styles(
        size=np.where(np.isfinite(scaled) & (scaled > 0), scaled, 1.0),
        baseline=_finite(np.where(quarter % 2 == 0, y, x)),
        bold=np.array([traits[font].bold for font in fonts]) | (modes == _FILL_AND_STROKE),
        hidden=modes == _INVISIBLE,
        pictures=np.array([traits[font].pictures for font in fonts]),
        quarter=(quarter % 4).astype(np.int8),
        slanted=np.abs(degrees - 90.0 * quarter) > 8.0,
    )


def _finite(numbers: Floats) -> Floats:
    return numbers if np.isfinite(numbers).all() else np.nan_to_num(numbers)


def _traits(font: int) -> FontTraits:
    """What is known of a font by PDFium's handle, which may be another font's once the page is closed."""
    if not font:
        return FontTraits()
    buffer = ctypes.create_string_buffer(256)
    length = _font_name_of(font, ctypes.addressof(buffer), 256)
    name = buffer.raw[: max(min(length, 256) - 1, 0)]
    return _traits_by(name, _font_flags_of(font), _font_weight_of(font))


@lru_cache(maxsize=1024)
def _traits_by(name: bytes, flags: int, weight: int) -> FontTraits:
    lower = name.decode("latin-1").lower()
    heavy = any(word in lower for word in _BOLD_NAMES) or (flags > 0 and bool(flags & 0x40000))
    return FontTraits(heavy or weight >= 600, any(word in lower for word in _PICTURE_NAMES))


def _on_page(glyphs: Glyphs, space: PageSpace) -> Flags:
    """Glyphs whose middle lies on the page as shown; printers' marks outside the crop box are no text."""
    right, lower = space.width + 1, space.height + 1
    if glyphs.x0.min() >= -1 and glyphs.x1.max() <= right and glyphs.y0.min() >= -1 and glyphs.y1.max() <= lower:
        return np.ones(len(glyphs), bool)
    x, y = (glyphs.x0 + glyphs.x1) / 2, (glyphs.y0 + glyphs.y1) / 2
    inside: Flags = (x >= -1) & (x <= right) & (y >= -1) & (y <= lower)
    return inside


def _empty() -> Glyphs:
    nothing = np.zeros(0)
    no = np.zeros(0, bool)
    return Glyphs(
        np.zeros(0, np.uint32),
        nothing,
        nothing,
        nothing,
        nothing,
        nothing,
        nothing,
        no,
        no,
        np.zeros(0, np.int8),
        no,
        nothing,
        no,
    )
