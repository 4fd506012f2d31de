"""Tables as CSV that a spreadsheet opens as text and numbers, never as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

Cell = str | int | float
_STARTS_FORMULA = "=+-@＝＋－＠\t\r|%"
_BOM = "\ufeff"  # without it, Excel takes UTF-8 for the code page of the machine


def csv_table(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The table as UTF-8 with a byte order mark, lines ended as RFC 4180 says."""
    held = io.StringIO(newline="")
    held.write(_BOM)
    writer = csv.writer(held, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow([_safe(head) for head in heads])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return held.getvalue().encode("utf-8", "replace")


def not_a_formula(text: str) -> str:
    """``text`` with an apostrophe before what a spreadsheet would calculate (OWASP, CSV injection)."""
    return f"'{text}" if text[:1] and text[0] in _STARTS_FORMULA else text


def _safe(cell: Cell) -> Cell:
    """Text on one line, and no formula."""
    return not_a_formula(" ".join(cell.replace("\x00", "").split())) if isinstance(cell, str) else cell
