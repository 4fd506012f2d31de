"""Where uploads wait: one folder a job, with everything on disk before the job is told to anybody.

A folder without a job is what a killed process left behind. It is told from one still being filled by a lock, which
vanishes with its process.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from uuid import uuid4

from kbchat.atomic import sync_folder
from kbchat.disk_full import is_full, storage_full
from kbchat.errors import StoreError, TooLargeError
from kbchat.locks import LockedError, file_lock
from kbchat.messages import Bilingual

_BLOCK = 1 << 20
_OLD_LOCK_SECONDS = 3600.0
_PASSWORD = "password"  # noqa: S105 - the name of the file that holds it


class StagingFolder:
    """The folder of one job. Files have numbers as names, so that no uploaded name becomes a path."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, name: str, stream: IO[bytes], most_bytes: int) -> int:
        """Write a file and bring it to disk; returns its size. Raises TooLargeError, StoreError."""
        size = 0
        with _told(self.path), (self.path / name).open("xb") as target:
            while block := stream.read(_BLOCK):
                size += len(block)
                if size > most_bytes:
                    raise _too_large()
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
        return size

    def link(self, name: str, original: Path) -> Path:
        """Give a stored original a name here; a copy where the system cannot link. Raises StoreError."""
        target = self.path / name
        with _told(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            try:
                target.hardlink_to(original)
            except OSError:
                shutil.copyfile(original, target)
        return target

    def keep_password(self, password: str) -> None:
        """Keep the password of encrypted files as long as the job needs it, for this user only."""
        with _told(self.path):
            descriptor = os.open(self.path / _PASSWORD, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as stream:
                stream.write(password)
                stream.flush()
                os.fsync(stream.fileno())

    def password(self) -> str | None:
        """The password that came with the job."""
        try:
            return (self.path / _PASSWORD).read_text("utf-8", errors="surrogatepass")
        except OSError:
            return None

    def remove_file(self, name: str) -> None:
        """Take a file back."""
        (self.path / name).unlink(missing_ok=True)

    def sync(self) -> None:
        """Make the names in the folder durable, and the folder itself. Raises StoreError."""
        with _told(self.path):
            sync_folder(self.path)
            sync_folder(self.path.parent)


@contextlib.contextmanager
def staging(root: Path) -> Iterator[tuple[str, StagingFolder]]:
    """A new folder to fill, with its name. It is removed when the block fails; a lock guards it until the block ends.

    Raises StoreError.
    """
    uid = uuid4().hex
    with _told(root):
        root.mkdir(parents=True, exist_ok=True)
    lock = root / f"{uid}.lock"
    with _told(root), contextlib.ExitStack() as held:
        try:
            held.enter_context(file_lock(lock))
        except OSError:  # made, and no room to write into it who holds it
            lock.unlink(missing_ok=True)
            raise
        folder = StagingFolder(root / uid)
        folder.path.mkdir()
        try:
            yield uid, folder
        except BaseException:
            shutil.rmtree(folder.path, ignore_errors=True)
            raise
        finally:
            lock.unlink(missing_ok=True)


def folder_of(root: Path, uid: str) -> StagingFolder:
    """The folder of a job that was queued."""
    return StagingFolder(root / uid)


def remove_folder(root: Path, uid: str) -> None:
    """The job is over."""
    shutil.rmtree(root / uid, ignore_errors=True)


def leftovers(root: Path) -> list[str]:
    """Names of folders that nobody is filling now. Ask for the jobs after this, not before: a job may just be queued."""
    if not root.is_dir():
        return []
    found = []
    for path in sorted(root.iterdir()):
        if path.suffix == ".lock":
            _remove_old_lock(path)
        if not path.is_dir():
            continue
        with contextlib.suppress(LockedError, OSError):
            lock = root / f"{path.name}.lock"
            if lock.exists():
                with file_lock(lock):
                    lock.unlink(missing_ok=True)
            found.append(path.name)
    return found


def _remove_old_lock(lock: Path) -> None:
    """A lock whose folder was never made; only an old one, for its maker opens it a moment before holding it."""
    with contextlib.suppress(LockedError, OSError):
        if not lock.with_suffix("").exists() and time.time() - lock.stat().st_mtime > _OLD_LOCK_SECONDS:
            with file_lock(lock):
                lock.unlink(missing_ok=True)


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Failures of the disk as StoreError."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise storage_full(folder) from error
        raise StoreError(
            Bilingual(
                f"Uploads cannot be kept in {folder}: {error.strerror or error}.",
                f"无法将上传的文件保存到 {folder}：{error.strerror or error}。",
            ),
            Bilingual("Free some space, or make the data folder writable.", "请清理磁盘空间，或为数据目录授予写权限。"),
        ) from error


def _too_large() -> TooLargeError:
    return TooLargeError(
        Bilingual("The upload is larger than is allowed.", "上传内容超过允许的大小。"),
        Bilingual(
            "Upload fewer files at a time, or raise KBCHAT_INGEST__UPLOAD_LIMIT (MiB).",
            "请分批上传，或调高 KBCHAT_INGEST__UPLOAD_LIMIT（单位：MiB）。",
        ),
    )
