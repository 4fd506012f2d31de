"""What making and restoring a backup agree on: names, endings, the manifest, how failures are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kbchat.disk_full import is_full, storage_full
from kbchat.errors import InvalidInputError, StoreError
from kbchat.messages import Bilingual

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "kbchat.db"


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What is in a backup. ``missing`` are originals that were deleted with their knowledge base meanwhile."""

    path: Path
    files: int
    size: int
    missing: int = 0


def tar_mode(path: Path, letter: Literal["r", "w"]) -> Literal["r|", "w|", "r|gz", "w|gz"]:
    """How ``tarfile`` opens a backup of this name. Raises InvalidInputError for another ending."""
    if path.name.endswith((".tar.gz", ".tgz")):
        return "r|gz" if letter == "r" else "w|gz"
    if path.name.endswith(".tar"):
        return "r|" if letter == "r" else "w|"
    raise InvalidInputError(
        Bilingual(f"{path.name} does not end as a backup does.", f"{path.name} 的后缀不是备份文件的后缀。"),
        Bilingual("Name it .tar, or .tar.gz to have it compressed.", "请使用 .tar，或用 .tar.gz 进行压缩。"),
    )


@contextmanager
def failures_told(place: Path) -> Iterator[None]:
    """Failures of the disk as StoreError."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise storage_full(place) from error
        raise StoreError(
            Bilingual(
                f"{place}: {error.strerror or error} ({error.filename or ''}).",
                f"{place}：{error.strerror or error}（{error.filename or ''}）。",
            ),
            Bilingual("Check the path, the rights and the free space.", "请检查路径、权限与剩余空间。"),
        ) from error
