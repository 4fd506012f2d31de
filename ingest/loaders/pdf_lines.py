"""Glyphs -> pieces: characters that stand side by side on one writing line become text, with a space where a gap is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.loaders.characters import CHINESE, DIGITAL, POINT, SUBSCRIPT, SUPERSCRIPT, Codes, Flags, classes, repaired
from ingest.loaders.pdf_frame import Frame
from ingest.loaders.pdf_glyphs import Floats, Glyphs
from ingest.loaders.pieces import Piece, Rule

Indices = npt.NDArray[np.intp]

# Shares of the font size (em).
_PIECE_GAP = 1.1  # a wider gap parts cells, columns, or a bullet from its text
_REAL_SPACE = 0.07  # a space character counts when at least this much room is left for it
_IMPLIED_SPACE = 0.2  # a gap without a space character counts as one from here
_GUESSED_SPACE = 0.1  # the same where PDFium, which knows the advance of every glyph, infers a space
_CHINESE_SPACE = 0.7  # a full-width space between Chinese characters; a narrower one is only spacing
_DIGIT_SPACE = 0.38  # between digits, signs and decimal points a gap is kerning until it is this wide
_MOST_RULES = 60
_ASCENT, _DESCENT = 0.86, 0.22  # the box drawn around text, about the baseline


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Glyphs cut into pieces: piece i is the glyphs from ``starts[i]`` to ``ends[i]``; sizes and baselines mended."""

    starts: Indices
    ends: Indices
    size: Floats
    baseline: Floats
    spaces: Flags


def pieces_of(glyphs: Glyphs, frame: Frame, rules: Sequence[Rule]) -> list[Piece]:
    """The pieces of upright ``glyphs`` (all of one direction) in content order, cut where a vertical rule parts them."""
    count = len(glyphs)
    if not count:
        return []
    size, baseline = _plausible(glyphs)
    em = np.maximum(size[1:], size[:-1])
    gap = glyphs.x0[1:] - glyphs.x1[:-1]
    breaks = _breaks(glyphs, size, baseline, em, gap) | _ruled_apart(glyphs, baseline, rules)
    spaces = np.concatenate(([False], _spaces(glyphs, em, gap) & ~breaks))
    starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
    cuts = _Cuts(starts, np.append(starts[1:], count), size, baseline, spaces)
    return _build(glyphs, _with_scripts(glyphs.codes, cuts), cuts, frame)


def _plausible(glyphs: Glyphs) -> tuple[Floats, Floats]:
    """Font sizes and baselines, taken from the boxes where the file's own are beyond belief (Type 3 fonts)."""
    height = glyphs.y1 - glyphs.y0
    odd = (glyphs.size > 4 * height) | (glyphs.size < height / 5)
    size = np.where(odd & (height > 0.5), height, glyphs.size)
    centre = (glyphs.y0 + glyphs.y1) / 2
    off = np.abs(centre - (glyphs.baseline - 0.32 * size)) > 1.2 * size
    return size, np.where(off, glyphs.y1 - _DESCENT * size, glyphs.baseline)


def _breaks(glyphs: Glyphs, size: Floats, baseline: Floats, em: Floats, gap: Floats) -> Flags:
    smaller = np.minimum(size[1:], size[:-1])
    rise = np.abs(np.diff(baseline))
    allowed = np.where(smaller < 0.85 * em, 0.6, 0.25) * em
    backwards = glyphs.x0[1:] < glyphs.x0[:-1] - 0.3 * em
    broken: Flags = (rise > allowed) | (gap > _PIECE_GAP * em) | backwards
    return broken


def _ruled_apart(glyphs: Glyphs, baseline: Floats, rules: Sequence[Rule]) -> Flags:
    """Where a vertical rule stands between two neighbours. Of very many rules (bar codes) the longest count."""
    apart = np.zeros(len(glyphs) - 1, bool)
    upright = [rule for rule in rules if not rule.horizontal]
    if len(upright) > _MOST_RULES:
        upright = sorted(upright, key=lambda rule: rule.y0 - rule.y1)[:_MOST_RULES]
    left, right, height = glyphs.x1[:-1], glyphs.x0[1:], baseline[:-1]
    forward = left < right + 1
    for rule in upright:
        between = (left <= rule.x0 + 1.5) & (right >= rule.x0 - 1.5)
        apart |= between & forward & (height > rule.y0) & (height < rule.y1 + 2)
    return apart


def _spaces(glyphs: Glyphs, em: Floats, gap: Floats) -> Flags:
    """Before which glyphs (from the second on) a space is due."""
    # The box of a slanted letter reaches over its space, so the space's own room counts too.
    room = glyphs.space_room[1:]
    real = (room > 0) & ((gap > _REAL_SPACE * em) | ((room > 0.1 * em) & (gap > -0.3 * em)))
    wide_enough = np.where(glyphs.guessed_space[1:], _GUESSED_SPACE, _IMPLIED_SPACE)
    kinds = classes(glyphs.codes)
    either, both = kinds[1:] | kinds[:-1], kinds[1:] & kinds[:-1]
    wide_enough[both & DIGITAL != 0] = _DIGIT_SPACE
    implied = gap > wide_enough * em
    if not (either & CHINESE).any():  # full-width punctuation is Chinese too
        latin: Flags = real | implied
        return latin
    chinese = both & CHINESE != 0
    due: Flags = (real | (implied & (either & CHINESE == 0))) & ~chinese & (either & POINT == 0)
    due |= chinese & (room > 0) & (gap >= _CHINESE_SPACE * em)
    return due


def _with_scripts(codes: Codes, cuts: _Cuts) -> Codes:
    """Raised and lowered small digits as Unicode superscripts and subscripts, so that 10⁹ never reads 109."""
    size, baseline = cuts.size, cuts.baseline
    uneven = np.maximum.reduceat(size, cuts.starts) > 1.2 * np.minimum.reduceat(size, cuts.starts)
    if not uneven.any():
        return codes
    codes = codes.copy()
    for start, end in zip(cuts.starts[uneven].tolist(), cuts.ends[uneven].tolist(), strict=True):
        main = float(size[start:end].max())
        line = float(np.median(baseline[start:end][size[start:end] > 0.85 * main]))
        for at in range(start + 1, end):
            if size[at] > 0.85 * main:
                continue
            drop = (baseline[at] - line) / main
            table = SUPERSCRIPT if drop < -0.15 else SUBSCRIPT if drop > 0.04 else {}
            character = chr(codes[at])
            codes[at] = ord(table.get(character, character))
    return codes


def _build(glyphs: Glyphs, codes: Codes, cuts: _Cuts, frame: Frame) -> list[Piece]:
    starts, ends = cuts.starts, cuts.ends
    shift = np.cumsum(cuts.spaces)
    at = np.arange(len(codes)) + shift
    spaced = np.full(len(codes) + int(shift[-1]), 0x20, np.uint32)
    spaced[at] = codes
    text = spaced.tobytes().decode("utf-32-le", "replace")
    left = np.minimum.reduceat(glyphs.x0, starts)
    right = np.maximum.reduceat(glyphs.x1, starts)
    largest = np.maximum.reduceat(cuts.size, starts)
    lowest = _main_baseline(cuts, largest)
    bold = np.add.reduceat(glyphs.bold.astype(np.int64), starts) * 2 > ends - starts
    hidden = np.add.reduceat(glyphs.hidden.astype(np.int64), starts) * 2 > ends - starts
    pieces: list[Piece] = []
    rows = zip(
        at[starts].tolist(), (at[ends - 1] + 1).tolist(), left.tolist(), right.tolist(), largest.tolist(),
        lowest.tolist(), bold.tolist(), hidden.tolist(), strict=True,
    )  # fmt: skip
    for begin, end, x0, x1, em, base, heavy, unseen in rows:
        words = text[begin:end]
        if words[1:2] == " ":
            words = _unspread(words)
        words = repaired(words).strip()
        if words:
            y0, y1 = base - _ASCENT * em, base + _DESCENT * em
            box = frame.shown(x0, y0, x1, y1) if frame.quarter else None
            pieces.append(Piece(words, x0, y0, x1, y1, em, heavy, unseen, box))
    return pieces


def _main_baseline(cuts: _Cuts, largest: Floats) -> Floats:
    """The baseline of the first glyph of full size in each piece."""
    size, starts = cuts.size, cuts.starts
    lowest: Floats = cuts.baseline[starts]
    for number in np.flatnonzero(size[starts] < 0.85 * largest).tolist():
        inside = slice(starts[number], cuts.ends[number])
        lowest[number] = cuts.baseline[inside][size[inside] >= 0.85 * largest[number]][0]
    return lowest


def _unspread(text: str) -> str:
    """``D O S A G E`` as ``DOSAGE``: text whose every letter stands apart is spaced for looks, not into words."""
    if len(text) < 7 or text[1] != " " or text[3] != " " or text[5] != " ":
        return text
    if text[1::2].strip() or not text[0::2].isalpha():
        return text
    return text[0::2]
