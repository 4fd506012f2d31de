"""Finding the files to ingest: a walk that is sorted, complete, and cannot be led out of the folder.

A document's *source key* is the resolved absolute path of its file, or ``upload:NAME`` when it was uploaded. A path
stays the same however the folder is named on the command line (relative, through a link, the folder or the file alone),
and two folders that both hold ``leaflet.pdf`` never meet. A folder that is moved as a whole is recognised by content (see :mod:`ingest.plan`).

Paths cross into the database and into JSON, where bytes that are no UTF-8 have no place: :func:`printable` writes such
bytes in hexadecimal. The path used to open the file is kept as the system gave it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kbchat.errors import InvalidInputError, KbchatError, LoadError, NotFoundError
from kbchat.messages import Bilingual

UPLOADED = "upload:"
"""How the source keys of uploaded documents begin; no absolute path does."""

_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


def printable(path: str | Path) -> str:
    """The path as text that every encoding can carry: bytes that are no UTF-8 are written in hexadecimal."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file to ingest. ``shown`` is the path for reports: below its root, or as given; ``size`` is in bytes.

    ``key`` and ``label`` are source and name of a file that lies elsewhere than where it belongs: an upload, an original.
    """

    path: Path
    shown: str
    size: int
    key: str = ""
    label: str = ""

    @property
    def source(self) -> str:
        """The key under which the store knows the file: its absolute path, if no other was given."""
        return self.key or printable(self.path.as_posix())

    @property
    def name(self) -> str:
        """The file's name, which citations show."""
        return self.label or printable(self.path.name)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file or folder that could not be looked at, and why. ``source`` is its absolute path."""

    source: str
    shown: str
    error: KbchatError


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a walk found: files sorted by path, what could not be read, and links that lead out of the folder.

    ``roots`` are the source keys of the folders walked.
    """

    files: tuple[FoundFile, ...]
    unreadable: tuple[Unreadable, ...]
    links_left: tuple[str, ...]
    roots: tuple[str, ...]

    def is_under_roots(self, source: str) -> bool:
        """Whether the source lies in one of the folders walked."""
        return any(source.startswith(root.rstrip("/") + "/") for root in self.roots)

    def shown(self, source: str) -> str:
        """A source as reports show it: below its folder, if only one was walked."""
        if len(self.roots) == 1 and self.is_under_roots(source):
            return source[len(self.roots[0].rstrip("/")) + 1 :]
        return source


@dataclass(slots=True)
class _Walk:
    """One root being walked. Links are kept for later, so that a file keeps its real path where it has one."""

    root: Path
    prefix: str
    excluded: frozenset[Path]
    files: dict[Path, FoundFile] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)
    links: list[Path] = field(default_factory=list)
    links_left: list[str] = field(default_factory=list)
    seen_folders: set[Path] = field(default_factory=set)

    def shown(self, path: Path) -> str:
        return printable(self.prefix + path.relative_to(self.root).as_posix())

    def run(self) -> None:
        self._folder(self.root)
        while self.links:
            links, self.links = sorted(self.links, key=os.fsencode), []
            for link in links:
                self._link(link)

    def _fail(self, path: Path, error: KbchatError) -> None:
        self.unreadable.append(Unreadable(printable(path.as_posix()), self.shown(path), error))

    def _folder(self, top: Path) -> None:
        pending = [top]
        while pending:
            folder = pending.pop()
            if folder in self.seen_folders or folder in self.excluded:
                continue
            self.seen_folders.add(folder)
            try:
                with os.scandir(folder) as entries:
                    names = sorted((entry.name for entry in entries), key=os.fsencode)
            except OSError as error:
                self._fail(folder, _refusal(error, folder))
                continue
            for name in names:
                if not _is_skipped(name):
                    pending.extend(self._entry(folder / name))

    def _entry(self, path: Path) -> Iterator[Path]:
        """Take in one directory entry; yields it when it is a folder to go into."""
        try:
            status = path.lstat()
        except OSError as error:
            self._fail(path, _refusal(error, path))
            return
        if stat.S_ISLNK(status.st_mode):
            self.links.append(path)
        elif stat.S_ISDIR(status.st_mode):
            yield path
        elif stat.S_ISREG(status.st_mode):
            self.files[path] = FoundFile(path, self.shown(path), status.st_size)
        else:
            self._fail(path, _not_regular())

    def _link(self, link: Path) -> None:
        try:
            target = link.resolve(strict=True)
            status = target.stat()
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
            self._fail(link, _broken_link(error))
            return
        if not target.is_relative_to(self.root):
            self.links_left.append(self.shown(link))
        elif stat.S_ISDIR(status.st_mode):
            self._folder(target)
        elif not stat.S_ISREG(status.st_mode):
            self._fail(link, _not_regular())
        elif target not in self.files:
            self.files[target] = FoundFile(target, self.shown(target), status.st_size)


def discover(paths: Sequence[Path], *, excluded: Iterable[Path] = ()) -> Discovery:
    """Find the files under ``paths`` (folders, files, or both).

    Hidden files and folders, lock files of office programs (``~$…``) and clutter of operating systems are skipped
    unless named outright. Links are followed only inside the folder being walked, and no file is listed twice.
    ``excluded`` folders (kbchat's own data folder) are left out.

    Raises NotFoundError when a path does not exist, InvalidInputError when none was given, LoadError when a folder
    named outright cannot be read.
    """
    if not paths:
        raise InvalidInputError(
            Bilingual("No folder or file was named.", "没有指定文件夹或文件。"),
            Bilingual("Name at least one: kbchat ingest ./docs", "请至少指定一个：kbchat ingest ./docs"),
        )
    kept_out = frozenset(path.resolve() for path in excluded)
    files: dict[Path, FoundFile] = {}
    unreadable: dict[str, Unreadable] = {}
    links_left: list[str] = []
    roots: list[str] = []
    for given in paths:
        path, status = _resolve(given)
        if stat.S_ISDIR(status.st_mode):
            walk = _Walk(path, _prefix(given, len(paths)), kept_out)
            walk.run()
            _refuse_dead_root(walk)
            roots.append(printable(path.as_posix()))
            for file in walk.files.values():
                files.setdefault(file.path, file)
            for failed in walk.unreadable:
                unreadable.setdefault(failed.source, failed)
            links_left.extend(walk.links_left)
        elif stat.S_ISREG(status.st_mode):
            files.setdefault(path, FoundFile(path, printable(given.as_posix()), status.st_size))
        else:
            shown = printable(given.as_posix())
            unreadable.setdefault(shown, Unreadable(printable(path.as_posix()), shown, _not_regular()))
    return Discovery(
        files=tuple(sorted(files.values(), key=lambda file: os.fsencode(file.path))),
        unreadable=tuple(unreadable.values()),
        links_left=tuple(dict.fromkeys(links_left)),
        roots=tuple(dict.fromkeys(roots)),
    )


def require_paths(paths: Sequence[Path]) -> None:
    """Raise what ``discover`` would for a path that does not exist, without walking."""
    for given in paths:
        _resolve(given)


def is_gone(source: str) -> bool:
    """Whether nothing stands at the path any more; a path that cannot be looked at is not gone, nor is an upload."""
    if source.startswith(UPLOADED):
        return False
    try:
        os.lstat(source)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def _prefix(given: Path, count: int) -> str:
    """With several roots, paths in the report begin with the root, so that they can be told apart."""
    return "" if count == 1 else f"{given.as_posix().rstrip('/')}/"


def _is_skipped(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in _SYSTEM_FILES


def _resolve(given: Path) -> tuple[Path, os.stat_result]:
    try:
        path = given.expanduser().resolve(strict=True)
        return path, path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        name = printable(given)
        raise NotFoundError(
            Bilingual(f"There is no file or folder {name}.", f"找不到文件或文件夹 {name}。"),
            Bilingual(
                "Check the spelling; a name with spaces must stand in quotation marks.",
                "请检查路径是否正确；含空格的路径要加引号。",
            ),
        ) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise _refusal(error, given) from error


def _refuse_dead_root(walk: _Walk) -> None:
    own = printable(walk.root.as_posix())
    for failed in walk.unreadable:
        if failed.source == own:
            raise failed.error


def _refusal(error: Exception, path: Path) -> LoadError:
    name = printable(path)
    if isinstance(error, PermissionError):
        return LoadError(
            Bilingual(f"No permission to read {name}.", f"没有权限读取 {name}。"),
            Bilingual("Grant read access to the account that runs kbchat.", "请为运行 kbchat 的账户授予读取权限。"),
        )
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return LoadError(
            Bilingual("The path is longer than the system allows.", "路径长度超过系统限制。"),
            Bilingual("Shorten the names of its folders.", "请缩短文件夹名称。"),
        )
    detail = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    return LoadError(
        Bilingual(f"{name} cannot be read: {detail}.", f"无法读取 {name}：{detail}。"),
        Bilingual("Check the disk or the network share it lies on.", "请检查所在磁盘或网络共享。"),
    )


def _broken_link(error: Exception) -> LoadError:
    if isinstance(error, PermissionError):
        return LoadError(
            Bilingual("No permission to follow this link.", "没有权限访问该链接的目标。"),
            Bilingual("Grant read access to the account that runs kbchat.", "请为运行 kbchat 的账户授予读取权限。"),
        )
    return LoadError(
        Bilingual("A link that leads nowhere.", "链接的目标不存在。"),
        Bilingual("Remove the link or restore its target.", "请删除该链接或恢复其目标文件。"),
    )


def _not_regular() -> LoadError:
    return LoadError(
        Bilingual("Not a regular file (a device, pipe or socket).", "不是普通文件（设备、管道或套接字）。"),
        Bilingual("Move it out of the folder.", "请将其移出该文件夹。"),
    )
