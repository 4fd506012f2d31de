"""A full disk, told as what it is: which errors of the system mean it, and the one error that people and programs meet."""

from __future__ import annotations

import errno
from pathlib import Path

from kbchat.errors import StorageFullError
from kbchat.messages import Bilingual

_ERRORS = frozenset(
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)
)  # no space, no quota, no larger file allowed


def is_full(error: BaseException) -> bool:
    """Whether an error of the system says that nothing more can be written."""
    return isinstance(error, OSError) and error.errno in _ERRORS


def storage_full(place: Path | str) -> StorageFullError:
    """The error for ``place``, where nothing more can be written."""
    return StorageFullError(
        Bilingual(
            f"There is no space left on the disk of {place}. Nothing was half-written.",
            f"{place} 所在磁盘空间已满，没有写入不完整的数据。",
        ),
        Bilingual(
            "Free some space (or raise the quota), then do it again; kbchat itself need not be restarted.",
            "请清理磁盘空间（或调高配额）后重试，无需重启 kbchat。",
        ),
    )
