"""Opening office files (zip archives of XML) that may be hostile: bombs, password protection, XML tricks."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any

from lxml import etree

from ingest.loaders.failures import damaged, too_large

_MIB = 1 << 20
_MAX_MEMBERS = 20_000
_MAX_RATIO = 250  # honest XML packs to about 1:20, rarely 1:100; deflate itself ends near 1:1032
_RATIO_FREE_BYTES = 32 * _MIB
_MAX_XML_MIB = 256
_READ_BYTES = 1 << 16
_DECLARATION_BYTES = 1 << 16


class OfficeArchive:
    """A zip archive whose declared and real sizes are kept within limits.

    The checks on the central directory bound what any reader of the file can unpack, as ``zipfile`` never gives more
    than the declared size of a member; reading through :meth:`read` and :meth:`xml` counts the bytes as well.

    Raises DamagedFileError when it is not a readable archive, FileLimitError when it would unpack to too much.
    """

    def __init__(self, path: Path, unpacked_limit: int) -> None:
        self._limit = unpacked_limit * _MIB
        self._unpacked = 0
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise damaged("The zip archive of this office file is broken.", "该办公文档的压缩结构已损坏。") from error
        try:
            self._check_directory()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> OfficeArchive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> frozenset[str]:
        """The names of all members."""
        return frozenset(self._zip.namelist())

    def read(self, name: str) -> bytes:
        """The bytes of member ``name``; KeyError when there is none."""
        parts: list[bytes] = []
        try:
            with self._zip.open(name) as member:
                while piece := member.read(_READ_BYTES):
                    self._unpacked += len(piece)
                    if self._unpacked > self._limit:
                        raise self._over_limit()
                    parts.append(piece)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise damaged(f"The part {name} of the file is broken.", f"文件中的部分 {name} 已损坏。") from error
        return b"".join(parts)

    def xml(self, name: str) -> Any:
        """The root element of XML member ``name``; None when there is no such member."""
        if name not in self.names:
            return None
        data = self.read(name)
        refuse_declarations(data, name)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=False)
        try:
            return etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            raise damaged(
                f"The part {name} is not valid XML: {error}.", f"部分 {name} 不是有效的 XML：{error}。"
            ) from error

    def check_xml_members(self, prefix: str) -> None:
        """Refuse document type declarations in every XML member under ``prefix`` (for readers that unpack themselves)."""
        for info in self._zip.infolist():
            if info.filename.startswith(prefix) and info.filename.endswith((".xml", ".rels")):
                try:
                    with self._zip.open(info) as member:
                        refuse_declarations(member.read(_DECLARATION_BYTES), info.filename)
                except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
                    raise damaged(
                        f"The part {info.filename} of the file is broken.", f"文件中的部分 {info.filename} 已损坏。"
                    ) from error

    def _check_directory(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > _MAX_MEMBERS:
            raise too_large(
                f"The file holds {len(infos)} parts; at most {_MAX_MEMBERS} are read.",
                f"文件包含 {len(infos)} 个部分，最多允许 {_MAX_MEMBERS} 个。",
            )
        if any(info.flag_bits & 0x1 for info in infos):
            raise damaged("Parts of the zip archive are encrypted.", "压缩包中的部分内容已加密。")
        total = sum(info.file_size for info in infos)
        packed = sum(info.compress_size for info in infos)
        if total > self._limit or (total > _RATIO_FREE_BYTES and total > _MAX_RATIO * max(packed, 1)):
            raise self._over_limit(total)
        largest = max((info.file_size for info in infos if info.filename.endswith(".xml")), default=0)
        if largest > _MAX_XML_MIB * _MIB:
            raise too_large(
                f"One part of the file unpacks to {largest // _MIB} MiB; at most {_MAX_XML_MIB} MiB are read.",
                f"文件中的一个部分解压后达 {largest // _MIB} MiB，最多允许 {_MAX_XML_MIB} MiB。",
            )

    def _over_limit(self, total: int | None = None) -> Exception:
        size = f"{(total or self._unpacked) // _MIB} MiB"
        allowed = f"{self._limit // _MIB} MiB"
        return too_large(
            f"The file unpacks to {size} (allowed: {allowed}, and {_MAX_RATIO} times its packed size).",
            f"文件解压后达 {size}（上限 {allowed}，且不超过压缩大小的 {_MAX_RATIO} 倍）。",
        )


def refuse_declarations(data: bytes, name: str) -> None:
    """Refuse XML with a document type (entity expansion attacks need one; office formats never have one).

    Looks only at the prolog, before the root element. Raises DamagedFileError.
    """
    head = data[:_DECLARATION_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\x00", b"")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise damaged(
            f"The part {name} declares a document type or entities, which office files never do.",
            f"部分 {name} 含有文档类型或实体声明，正常的办公文档不会出现。",
        )
