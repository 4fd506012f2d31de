"""The way back from a backup: everything is compared with the manifest before anything is put in place."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import uuid4

from kbchat.atomic import sync_folder
from kbchat.errors import ConflictError, SchemaError, StoreError
from kbchat.messages import Bilingual
from kbchat.services.backup_format import DATABASE, FORMAT, MANIFEST, BackupReport, failures_told, tar_mode
from kbchat.store.backup import snapshot_content
from kbchat.store.upgrading import HEAD

_BLOCK = 1 << 20
_MOST_MANIFEST = 256 << 20
_ALLOWED = re.compile(
    r"kbchat\.db|files/[0-9a-f]{64}|secrets/[\w][\w.-]{0,100}|staging/[0-9a-f]{32}/[\w.-]{1,64}|settings/[\w][\w.-]{0,100}"
)


def restore_backup(source: Path, data_dir: Path, *, replace: bool = False) -> BackupReport:
    """Make the data folder of a backup. Nothing is there before everything has been compared with the manifest.

    With ``replace`` what was in ``data_dir`` is moved to a folder beside it. No kbchat may be using the folder.

    Raises ConflictError when the folder is not empty, StoreError when the backup is damaged, SchemaError when it comes
    from a newer kbchat.
    """
    target = data_dir.absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())) and not replace:
        raise ConflictError(
            Bilingual(f"{target} is not empty.", f"{target} 不为空。"),
            Bilingual(
                "Choose an empty folder; --force puts what is there aside.",
                "请选择空目录；--force 会把原有内容移到一旁。",
            ),
        )
    with failures_told(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(f".{target.name}.restore-{uuid4().hex[:8]}")
        new.mkdir(mode=0o700)
        try:
            files = _unpack(source, new)
            _put_in_place(new, target)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return BackupReport(target, files, source.stat().st_size)


def _unpack(source: Path, new: Path) -> int:
    """Unpack and compare; how many files there are."""
    sums: dict[str, str] = {}
    manifest: dict[str, object] = {}
    try:
        with tarfile.open(source, tar_mode(source, "r")) as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isfile() else None
                if stream is None or member.name in sums:
                    raise _unusable(source, member.name)
                if member.name == MANIFEST:
                    manifest = _manifest(stream)
                elif _ALLOWED.fullmatch(member.name):
                    sums[member.name] = _write(new / member.name.removeprefix("settings/"), stream)
                else:
                    raise _unusable(source, member.name)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise _unusable(source, str(error) or type(error).__name__) from error
    except OSError as error:  # gzip tells damage so
        if error.errno is not None:
            raise
        raise _unusable(source, str(error)) from error
    wanted = manifest.get("sha256")
    if manifest.get("format") != FORMAT or not isinstance(wanted, dict):
        raise _unusable(source, MANIFEST)
    wrong = sorted(name for name in {*wanted, *sums} if wanted.get(name) != sums.get(name))
    if wrong or DATABASE not in sums:
        raise _unusable(source, wrong[0] if wrong else DATABASE)
    content = snapshot_content(new / DATABASE)
    if content.revision > HEAD:
        raise SchemaError(
            Bilingual("The backup was made by a newer kbchat.", "该备份由更新版本的 kbchat 生成。"),
            Bilingual("Use that version or a newer one.", "请使用该版本或更新的 kbchat。"),
        )
    return len(sums)


def _manifest(stream: IO[bytes]) -> dict[str, object]:
    """Raises ValueError for what is no manifest."""
    try:
        found = json.loads(stream.read(_MOST_MANIFEST))
    except RecursionError as error:
        raise ValueError(MANIFEST) from error
    if not isinstance(found, dict):
        raise ValueError(MANIFEST)
    return found


def _write(path: Path, stream: IO[bytes]) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        while block := stream.read(_BLOCK):
            digest.update(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    sync_folder(path.parent)
    return digest.hexdigest()


def _put_in_place(new: Path, target: Path) -> None:
    """One rename, where the folder itself may be renamed; else (a mounted volume) its contents, the database last."""
    aside = target.with_name(f"{target.name}.before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    if not os.path.ismount(target):
        if target.is_dir() and not any(target.iterdir()):
            target.rmdir()
        elif target.exists():
            target.rename(aside)
        new.rename(target)
        sync_folder(target.parent)
        return
    old = target / f".{aside.name}"
    existing = [path for path in target.iterdir() if path.name != "lost+found"]
    if existing:
        old.mkdir(mode=0o700)
        for path in existing:
            path.rename(old / path.name)
    for path in sorted(new.iterdir(), key=lambda path: path.name == DATABASE):
        shutil.move(path, target / path.name)
    sync_folder(target)


def _unusable(source: Path, what: str) -> StoreError:
    return StoreError(
        Bilingual(f"{source} is no whole backup ({what[:200]}).", f"{source} 不是完整的备份（{what[:200]}）。"),
        Bilingual("Nothing was restored. Use another backup.", "未恢复任何内容。请使用其他备份。"),
    )
