"""The layout of a page in few bytes: where its blocks and runs of text stand.

It is what the store keeps, and what worker processes send: a page has hundreds of runs, which as objects would cost
more to hand over than the page takes to read.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

import numpy as np

from kbchat.types import Block, BlockKind, TextRun

_LAYOUT_VERSION = b"\x01"
_RUN_COLUMNS = 6
_PER_POINT = 100


def layout_out(blocks: Sequence[Block], runs: Sequence[TextRun]) -> bytes:
    """Blocks and runs of a page, compressed. Boxes are kept to 1/100 point.

    A version byte, then zlib of: the length of the block list (4 bytes, little-endian), the block list as JSON, and six
    int32 columns (start, end, x0, y0, x1, y1) of the runs.
    """
    listed = [[b.kind.value, b.start, b.end, b.level, b.table, b.code, b.size, b.bold] for b in blocks]
    head = json.dumps(listed, separators=(",", ":")).encode()
    table = np.array([(r.start, r.end, r.x0, r.y0, r.x1, r.y1) for r in runs], np.float64).reshape(-1, _RUN_COLUMNS)
    table[:, 2:] *= _PER_POINT
    limit = np.iinfo(np.int32).max
    whole = np.nan_to_num(np.rint(table), nan=0.0, posinf=limit, neginf=-limit).clip(-limit, limit)
    body = np.ascontiguousarray(whole.T.astype("<i4")).tobytes()
    return _LAYOUT_VERSION + zlib.compress(len(head).to_bytes(4, "little") + head + body, 1)


def layout_in(stored: bytes) -> tuple[tuple[Block, ...], tuple[TextRun, ...]]:
    """What ``layout_out`` was given. Raises ValueError for a layout of an unknown version."""
    if stored[:1] != _LAYOUT_VERSION:
        raise ValueError(f"page layout of unknown version {stored[:1]!r}")
    content = zlib.decompress(stored[1:])
    end = 4 + int.from_bytes(content[:4], "little")
    blocks = tuple(Block(BlockKind(item[0]), *item[1:]) for item in json.loads(content[4:end]))
    columns = np.frombuffer(content, "<i4", offset=end).reshape(_RUN_COLUMNS, -1)
    places = columns[:2].T.tolist()
    boxes = (columns[2:].T / _PER_POINT).tolist()
    return blocks, tuple(TextRun(start, stop, *box) for (start, stop), box in zip(places, boxes, strict=True))
