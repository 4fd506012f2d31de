"""Unpacking uploaded zip archives that may be hostile: paths that lead out, links, bombs, archives in archives.

What is wrong with the archive as a whole refuses it as a whole, before anything is written: a path that leads out, a
link, too many files, too large, packed too tightly, encrypted. An archive inside it is refused alone.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from ingest.jobs.upload_names import UnsafeNameError, member_name
from ingest.loaders.failures import damaged, too_large
from kbchat.errors import DamagedFileError, EncryptedFileError, LoadError, UnsupportedFormatError
from kbchat.messages import Bilingual

_MIB = 1 << 20
_MAX_RATIO = 250  # honest text packs to about 1:20, rarely 1:100; deflate itself ends near 1:1032
_RATIO_FREE_BYTES = 32 * _MIB
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")
_NAME_ENCODINGS = ("utf-8", "gb18030")
BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What ``zipfile`` raises on archives that are damaged, encrypted, or packed in a way it does not know."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. ``refused`` tells why it is left out."""

    name: str
    info: zipfile.ZipInfo
    refused: LoadError | None = None


def is_zip(name: str, path: Path) -> bool:
    """Whether an uploaded file is to be unpacked (office files are zip archives too, and are not)."""
    return name.lower().endswith(".zip") and zipfile.is_zipfile(path)


class UploadedArchive:
    """A zip archive whose members are within limits, with names as their makers wrote them.

    ``most_files`` and ``most_bytes`` bound what it may unpack to. Raises DamagedFileError, EncryptedFileError or
    FileLimitError when the archive is refused as a whole.
    """

    def __init__(self, path: Path, *, most_files: int, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        try:
            self._zip = zipfile.ZipFile(path)
        except (*BROKEN, OSError) as error:
            raise damaged("The zip archive is broken.", "压缩包已损坏。") from error
        try:
            self.members: tuple[Member, ...] = tuple(_members(self._zip.infolist()))
            self._check(most_files, path.stat().st_size)
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> UploadedArchive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def open(self, member: Member) -> IO[bytes]:
        """The bytes of a member; reading may raise one of ``BROKEN``."""
        return self._zip.open(member.info)

    def _check(self, most_files: int, size: int) -> None:
        """``size`` is that of the archive itself: members that share bytes would unpack to far more (zip bombs)."""
        if len(self.members) > most_files:
            raise too_large(
                f"The archive holds {len(self.members)} files; at most {most_files} are taken at a time.",
                f"压缩包内有 {len(self.members)} 个文件，一次最多允许 {most_files} 个。",
            )
        if any(member.info.flag_bits & _ENCRYPTED_FLAG for member in self.members):
            raise EncryptedFileError(
                Bilingual("The archive is protected with a password.", "压缩包设有密码。"),
                Bilingual("Unpack it and upload the files themselves.", "请解压后直接上传其中的文件。"),
            )
        total = sum(member.info.file_size for member in self.members)
        packed = sum(member.info.compress_size for member in self.members)
        if packed > size:
            raise damaged("Files in the zip archive overlap.", "压缩包中的文件相互重叠。")
        if total > self._most_bytes or (total > _RATIO_FREE_BYTES and total > _MAX_RATIO * max(packed, 1)):
            raise too_large(
                f"The archive unpacks to {total // _MIB} MiB (allowed: {self._most_bytes // _MIB} MiB, and {_MAX_RATIO} "
                "times its packed size).",
                f"压缩包解压后达 {total // _MIB} MiB（上限 {self._most_bytes // _MIB} MiB，且不超过压缩大小的 "
                f"{_MAX_RATIO} 倍）。",
            )


def _members(infos: Sequence[zipfile.ZipInfo]) -> Iterator[Member]:
    names = _names(infos)
    top = _common_folder(names)
    for info, given in zip(infos, names, strict=True):
        _refuse_special(info, given)
        if given.endswith(("/", "\\")):
            _safe(given)
            continue
        name = _safe(given)
        if name:
            shown = name.removeprefix(top)
            yield Member(shown, info, _refused(shown) if shown.lower().endswith(_ARCHIVES) else None)


def _names(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names of all members, in the encoding that fits those not marked as UTF-8 (Chinese Windows writes GBK)."""
    raw = {info.orig_filename: info.orig_filename.encode("cp437") for info in infos if _is_unmarked(info)}
    for encoding in _NAME_ENCODINGS:
        try:
            decoded = {name: content.decode(encoding) for name, content in raw.items()}
        except UnicodeDecodeError:
            continue
        return [decoded.get(info.orig_filename, info.orig_filename) for info in infos]
    return [info.orig_filename for info in infos]


def _is_unmarked(info: zipfile.ZipInfo) -> bool:
    if info.flag_bits & _UTF8_FLAG:
        return False
    try:
        info.orig_filename.encode("cp437")
    except UnicodeEncodeError:  # taken from an extra field that holds the name in Unicode
        return False
    return True


def _common_folder(names: Sequence[str]) -> str:
    """The one folder that holds everything, as a prefix to leave out: who packs a folder means its files."""
    tops = {name.replace("\\", "/").partition("/")[0] for name in names if _is_kept(name)}
    inside = all("/" in name.replace("\\", "/") for name in names if _is_kept(name))
    return f"{next(iter(tops))}/" if len(tops) == 1 and inside else ""


def _is_kept(name: str) -> bool:
    try:
        return bool(member_name(name))
    except UnsafeNameError:
        return False


def _safe(given: str) -> str:
    try:
        return member_name(given)
    except UnsafeNameError as error:
        raise _leads_out(given) from error


def _refuse_special(info: zipfile.ZipInfo, given: str) -> None:
    """Links, devices and pipes have no place in an upload."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DamagedFileError(
            Bilingual(
                f"The archive holds {given[:80]!r}, which is a link or a device.",
                f"压缩包内的 {given[:80]!r} 是链接或设备文件。",
            ),
            Bilingual("Nothing was unpacked. Pack the files themselves.", "未解压任何内容。请直接打包文件本身。"),
        )


def _leads_out(given: str) -> DamagedFileError:
    return DamagedFileError(
        Bilingual(
            f"The archive holds the path {given[:80]!r}, which leads out of its folder.",
            f"压缩包内的路径 {given[:80]!r} 指向其文件夹之外。",
        ),
        Bilingual("Nothing was unpacked. Pack the files anew.", "未解压任何内容。请重新打包。"),
    )


def _refused(name: str) -> UnsupportedFormatError:
    return UnsupportedFormatError(
        Bilingual("An archive inside an archive is not unpacked.", "不解压压缩包中的压缩包。"),
        Bilingual(f"Unpack {name} and upload its files.", f"请解压 {name} 后上传其中的文件。"),
    )
