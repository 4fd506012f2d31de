"""The originals: files kept by their hash, for page pictures and for reading again."""

from __future__ import annotations

import shutil
from pathlib import Path

from kbchat.atomic import replacing
from kbchat.errors import InvalidInputError, NotFoundError, StoreError
from kbchat.messages import Bilingual
from kbchat.store.database import DatabasePart

_HEX = frozenset("0123456789abcdef")


class Originals(DatabasePart):
    """The folder ``files/``."""

    def save_original(self, path: Path, sha256: str) -> Path:
        """Keep a copy of ``path`` under its hash; returns the copy. Raises StoreError.

        The copy appears whole or not at all, and is there before the commit that refers to it.
        """
        target = self._place(sha256)
        try:
            if target.is_file() and target.stat().st_size == path.stat().st_size:
                return target
            with path.open("rb") as source, replacing(target) as stream:
                shutil.copyfileobj(source, stream, 1 << 20)
        except OSError as error:
            raise StoreError(
                Bilingual(
                    f"{path} cannot be kept in {self._layout.files}: {error.strerror or error}.",
                    f"无法将 {path} 保存到 {self._layout.files}：{error.strerror or error}。",
                ),
                Bilingual(
                    "Free some space, or make the data folder writable.", "请清理磁盘空间，或为数据目录授予写权限。"
                ),
            ) from error
        return target

    def original(self, sha256: str) -> Path:
        """The original of these bytes. Raises NotFoundError."""
        target = self._place(sha256)
        if not target.is_file():
            raise NotFoundError(
                Bilingual(f"The original file {sha256[:12]}… is missing.", f"原始文件 {sha256[:12]}… 不存在。"),
                Bilingual("Ingest the document again to bring it back.", "请重新导入该文档。"),
            )
        return target

    def _place(self, sha256: str) -> Path:
        """Never a path outside the folder, whatever was given. Raises InvalidInputError."""
        if len(sha256) != 64 or not _HEX.issuperset(sha256):
            raise InvalidInputError(
                Bilingual(f"{sha256[:80]!r} is not a SHA-256.", f"{sha256[:80]!r} 不是 SHA-256 值。"),
                Bilingual("Expected 64 hexadecimal digits.", "应为 64 位十六进制数。"),
            )
        return self._layout.files / sha256
