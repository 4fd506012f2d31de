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
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast
from uuid import uuid4

from kbchat import __version__
from kbchat.atomic import sync_folder
from kbchat.errors import ConflictError
from kbchat.messages import Bilingual
from kbchat.services.backup_format import DATABASE, FORMAT, MANIFEST, BackupReport, failures_told, tar_mode
from kbchat.store import Store
from kbchat.store.backup import snapshot_content

_BLOCK = 1 << 20
_OLD_ROOM_SECONDS = 86_400.0
_SETTINGS = frozenset({".toml", ".tsv", ".json", ".jwks", ".pem", ".txt"})
"""Endings of the files beside the database that belong to it: settings, own words, public keys; no earlier backups."""
_LEFT_OUT = re.compile(r"kbchat\.db.*|\..*")


class _Hashing:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        self.digest.update(block)
        return block


def make_backup(store: Store, target: Path, *, replace: bool = False) -> BackupReport:
    """Write a backup to ``target`` (``.tar`` or ``.tar.gz``); it appears whole or not at all, readable by its owner only.

    Others may go on using the data folder. Raises InvalidInputError for another ending, ConflictError when the file
    exists, ConfigurationError on PostgreSQL, StoreError.
    """
    mode = tar_mode(target, "w")
    if target.exists() and not replace:
        raise ConflictError(
            Bilingual(f"{target} exists already.", f"{target} 已存在。"),
            Bilingual("Choose another name, or use --force.", "请换一个文件名，或使用 --force。"),
        )
    part = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    with failures_told(target), _workroom(store.data_layout.root) as room:
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
    picture = room / DATABASE
    store.snapshot(picture)
    content = snapshot_content(picture)
    sums = {DATABASE: _add(tar, DATABASE, picture)}
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
        "format": FORMAT,
        "kbchat": __version__,
        "schema": content.revision,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "missing_originals": missing,
        "sha256": sums,
    }
    data = json.dumps(manifest, indent=1).encode()
    info = tarfile.TarInfo(MANIFEST)
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
