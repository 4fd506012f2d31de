"""Keys that kbchat makes for itself and keeps in the data folder, readable by its own user only."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from kbchat.atomic import sync_folder
from kbchat.disk_full import is_full, storage_full
from kbchat.errors import StoreError
from kbchat.messages import Bilingual
from kbchat.store.database import DatabasePart

_BYTES = 32


class Secrets(DatabasePart):
    """The folder ``secrets/``."""

    def secret_key(self, name: str) -> bytes:
        """The 32 random bytes of this name, made when first asked for. Raises StoreError."""
        path = self._layout.secrets / f"{name}.key"
        try:
            if not path.is_file():
                _make(path)
            content = path.read_bytes()
        except OSError as error:
            if is_full(error):
                raise storage_full(path) from error
            raise StoreError(
                Bilingual(
                    f"The key {path} cannot be used: {error.strerror or error}.",
                    f"密钥 {path} 无法使用：{error.strerror or error}。",
                ),
                Bilingual("Make the data folder writable for this user.", "请为当前用户授予数据目录的写权限。"),
            ) from error
        if len(content) != _BYTES:
            raise StoreError(
                Bilingual(f"The key {path} is damaged.", f"密钥 {path} 已损坏。"),
                Bilingual("Put the one of a backup in its place.", "请用备份中的密钥替换。"),
            )
        return content


def _make(path: Path) -> None:
    """Several processes may be here at once: whose link comes first has made the key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
