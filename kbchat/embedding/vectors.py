"""What every embedder does before and after its model: text it can take, vectors of length 1."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np

from kbchat.embedding.protocol import Vectors

_SURROGATES = re.compile("[\ud800-\udfff]")
_LONGEST = 20_000
_SAMPLE_BYTES = 1 << 20


def embeddable(text: str) -> str:
    """``text`` as tokenizers take it: no lone surrogates or NULs, at most 20,000 characters."""
    return _SURROGATES.sub("\ufffd", text[:_LONGEST]).replace("\x00", " ")


def unit_rows(rows: Any) -> Vectors:
    """Rows as float32 of length 1; rows without a direction (all zero, or not finite) become zeros."""
    wide = np.asarray(rows, np.float64)
    lengths = np.linalg.norm(wide, axis=-1, keepdims=True)
    usable = np.isfinite(lengths) & (lengths > 1e-12)
    return np.where(usable, wide / np.where(usable, lengths, 1.0), 0.0).astype(np.float32)


def file_mark(path: Path) -> str:
    """Eight characters that tell one model file from another: from its size and its first, middle and last MiB."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as stream:
        for start in sorted({0, max(0, size // 2), max(0, size - _SAMPLE_BYTES)}):
            stream.seek(start)
            digest.update(stream.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:8]
