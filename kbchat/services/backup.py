"""A backup as one tar file, made while kbchat runs, and the way back.

In it lie the database as it was at one moment, the originals it refers to, uploads still waiting, the keys kbchat made
for itself, and the settings of the data folder; indexes and caches are made anew. ``manifest.json``, the last member,
holds the SHA-256 of all others: nothing is restored that does not agree with it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal, cast
from uuid import uuid4

from kbchat import __version__
from kbchat.atomic import sync_folder
from kbchat.errors import ConflictError, InvalidInputError, SchemaError, StoreError
from kbchat.messages import Bilingual
from kbchat.store import Store
from kbchat.store.backup import snapshot_content
from kbchat.store.upgrading import HEAD

_FORMAT = 1
_MANIFEST = "manifest.json"
_DATABASE = "kbchat.db"
_BLOCK = 1 << 20
_OLD_ROOM_SECONDS = 86_400.0
_MOST_MANIFEST = 256 << 20
_ALLOWED = re.compile(
    r"kbchat\.db|files/[0-9a-f]{64}|secrets/[\w][\w.-]{0,100}|staging/[0-9a-f]{32}/[\w.-]{1,64}|settings/[\w][\w.-]{0,100}"
)
_SETTINGS = frozenset({".toml", ".tsv", ".json", ".jwks", ".pem", ".txt"})
"""Endings of the files beside the database that belong to it: settings, own words, public keys; no earlier backups."""
_LEFT_OUT = re.compile(r"kbchat\.db.*|\..*")


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What is in a backup. ``missing`` are originals that were deleted with their knowledge base meanwhile."""

    path: Path
    files: int
    size: int
    missing: int = 0


class _Hashing:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        self.digest.update(block)
        return block


# ------------------------------------------------------------------------------------------------------------ making


def make_backup(store: Store, target: Path, *, replace: bool = False) -> BackupReport:
    """Write a backup to ``target`` (``.tar`` or ``.tar.gz``); it appears whole or not at all, readable by its owner only.

    Others may go on using the data folder. Raises InvalidInputError for another ending, ConflictError when the file
    exists, ConfigurationError on PostgreSQL, StoreError.
    """
    mode = _mode(target, "w")
    if target.exists() and not replace:
        raise ConflictError(
            Bilingual(f"{target} exists already.", f"{target} 已存在。"),
            Bilingual("Choose another name, or use --force.", "请换一个文件名，或使用 --force。"),
        )
    part = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    with _told(target), _workroom(store.data_layout.root) as room:
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                with tarfile.open(fileobj=stream, mode=mode, format=tarfile.PAX_FORMAT) as tar:
                    report = _fill(store, tar, room, target)
                stream.flush()
                os.fsync(stream.fileno())
            report = BackupReport(target, report.files, part.stat().st_size, report.missing)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(target.parent)
    return report


def _fill(store: Store, tar: tarfile.TarFile, room: Path, target: Path) -> BackupReport:
    layout = store.data_layout
    _link_staged(layout.staging, room)  # before the snapshot: a job that ends meanwhile takes its files with it
    picture = room / _DATABASE
    store.snapshot(picture)
    content = snapshot_content(picture)
    sums = {_DATABASE: _add(tar, _DATABASE, picture)}
    missing = 0
    for sha256 in content.originals:
        try:
            sums[f"files/{sha256}"] = _add(tar, f"files/{sha256}", layout.files / sha256)
        except FileNotFoundError:
            missing += 1
    for uid in content.staged:
        for path in _staged_files(room / uid, layout.staging / uid):
            sums[f"staging/{uid}/{path.name}"] = _add(tar, f"staging/{uid}/{path.name}", path)
    settings = [path for path in _plain_files(layout.root) if path.suffix in _SETTINGS]
    for folder, paths in (("secrets", _plain_files(layout.secrets)), ("settings", settings)):
        for path in paths:
            sums[f"{folder}/{path.name}"] = _add(tar, f"{folder}/{path.name}", path)
    manifest = {
        "format": _FORMAT,
        "kbchat": __version__,
        "schema": content.revision,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "missing_originals": missing,
        "sha256": sums,
    }
    data = json.dumps(manifest, indent=1).encode()
    info = tarfile.TarInfo(_MANIFEST)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))
    return BackupReport(target, len(sums), 0, missing)


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    """Add a file; its SHA-256. Raises FileNotFoundError before anything is written."""
    with path.open("rb") as stream:
        info = tarfile.TarInfo(name)
        info.size, info.mode = os.fstat(stream.fileno()).st_size, 0o600
        hashing = _Hashing(stream)
        tar.addfile(info, cast("IO[bytes]", hashing))
    return hashing.digest.hexdigest()


def _link_staged(staging: Path, room: Path) -> None:
    for folder in staging.iterdir() if staging.is_dir() else ():
        if folder.is_dir():
            (room / folder.name).mkdir()
            for path in _plain_files(folder):
                try:
                    (room / folder.name / path.name).hardlink_to(path)
                except OSError:  # just taken away, or a file system without links: then only what is there later counts
                    continue


def _staged_files(linked: Path, live: Path) -> list[Path]:
    """The files of an upload: those that are there now, and those linked before that are there no more."""
    found = {path.name: path for folder in (live, linked) for path in _plain_files(folder)}
    return [found[name] for name in sorted(found)]


def _plain_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    files = (path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    return sorted(path for path in files if not _LEFT_OUT.fullmatch(path.name))


@contextmanager
def _workroom(root: Path) -> Iterator[Path]:
    """A folder beside the data, so that files can be linked into it. Old ones of killed backups are removed."""
    for old in root.glob(".backup-*"):
        if time.time() - old.stat().st_mtime > _OLD_ROOM_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    room = root / f".backup-{uuid4().hex[:8]}"
    room.mkdir(mode=0o700)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


# --------------------------------------------------------------------------------------------------------- restoring


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
    with _told(target):
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
        with tarfile.open(source, _mode(source, "r")) as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isfile() else None
                if stream is None or member.name in sums:
                    raise _unusable(source, member.name)
                if member.name == _MANIFEST:
                    manifest = json.loads(stream.read(_MOST_MANIFEST))
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
    if manifest.get("format") != _FORMAT or not isinstance(wanted, dict):
        raise _unusable(source, _MANIFEST)
    wrong = sorted(name for name in {*wanted, *sums} if wanted.get(name) != sums.get(name))
    if wrong or _DATABASE not in sums:
        raise _unusable(source, wrong[0] if wrong else _DATABASE)
    content = snapshot_content(new / _DATABASE)
    if content.revision > HEAD:
        raise SchemaError(
            Bilingual("The backup was made by a newer kbchat.", "该备份由更新版本的 kbchat 生成。"),
            Bilingual("Use that version or a newer one.", "请使用该版本或更新的 kbchat。"),
        )
    return len(sums)


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
    for path in sorted(new.iterdir(), key=lambda path: path.name == _DATABASE):
        shutil.move(path, target / path.name)
    sync_folder(target)


def _mode(path: Path, letter: Literal["r", "w"]) -> Literal["r|", "w|", "r|gz", "w|gz"]:
    if path.name.endswith((".tar.gz", ".tgz")):
        return "r|gz" if letter == "r" else "w|gz"
    if path.name.endswith(".tar"):
        return "r|" if letter == "r" else "w|"
    raise InvalidInputError(
        Bilingual(f"{path.name} does not end as a backup does.", f"{path.name} 的后缀不是备份文件的后缀。"),
        Bilingual("Name it .tar, or .tar.gz to have it compressed.", "请使用 .tar，或用 .tar.gz 进行压缩。"),
    )


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            Bilingual(
                f"{place}: {error.strerror or error} ({error.filename or ''}).",
                f"{place}：{error.strerror or error}（{error.filename or ''}）。",
            ),
            Bilingual("Check the path, the rights and the free space.", "请检查路径、权限与剩余空间。"),
        ) from error


def _unusable(source: Path, what: str) -> StoreError:
    return StoreError(
        Bilingual(f"{source} is no whole backup ({what[:200]}).", f"{source} 不是完整的备份（{what[:200]}）。"),
        Bilingual("Nothing was restored. Use another backup.", "未恢复任何内容。请使用其他备份。"),
    )
