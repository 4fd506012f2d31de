"""The originals: files kept by their hash, for page pictures and for reading again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from kbchat.atomic import replacing
from kbchat.disk_full import is_full, storage_full
from kbchat.errors import InvalidInputError, LoadError, NotFoundError, StoreError
from kbchat.messages import Bilingual
from kbchat.store.database import DatabasePart

_HEX = frozenset("0123456789abcdef")
_BLOCK = 1 << 20


class Originals(DatabasePart):
    """The folder ``files/``."""

    def save_original(self, path: Path, sha256: str) -> Path:
        """Keep a copy of ``path`` under its hash; returns the copy.

        The copy appears whole or not at all, and is there before the commit that refers to it. Raises StoreError when it
        cannot be written, LoadError when the file cannot be read or no longer has these bytes.
        """
        target = self._place(sha256)
        try:
            source = path.open("rb")
        except OSError as error:
            raise _changed_meanwhile(path) from error
        try:
            with source:
                if target.is_file() and target.stat().st_size == path.stat().st_size:
                    return target
                with replacing(target) as stream:
                    if _copy(source, stream) != sha256:
                        raise _changed_meanwhile(path)
        except OSError as error:
            if is_full(error):
                raise storage_full(self._layout.files) from error
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


def _copy(source: BinaryIO, target: BinaryIO) -> str:
    """Copy the stream; returns the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    while block := source.read(_BLOCK):
        digest.update(block)
        target.write(block)
    return digest.hexdigest()


def _changed_meanwhile(path: Path) -> LoadError:
    return LoadError(
        Bilingual(
            f"{path.name} changed or vanished while it was being read.", f"{path.name} 在读取过程中被修改或删除。"
        ),
        Bilingual("Run the command again when nobody is writing it.", "请在没有人写入该文件时重新运行。"),
    )
