"""Which files a walk finds, and which it must not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.discovery import discover, is_gone, printable
from kbchat.errors import InvalidInputError, LoadError, NotFoundError

NOBODY = 65534


def _write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _shown(folder: Path) -> list[str]:
    return [file.shown for file in discover([folder]).files]


@pytest.fixture
def powerless() -> Iterator[None]:
    """Run as an account that file permissions apply to, also where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_walk_is_recursive_sorted_and_skips_hidden_and_lock_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/deep/er/y.txt", ".hidden", ".git/config", "a/.x/y.txt", "~$report.docx"):
        _write(tmp_path / name)
    for name in ("Thumbs.db", "desktop.ini", "__MACOSX/a.txt", "a/._z.md"):
        _write(tmp_path / name)
    assert _shown(tmp_path) == ["a/deep/er/y.txt", "a/z.md", "b.txt"]


def test_hidden_file_named_outright_is_taken(tmp_path: Path) -> None:
    hidden = _write(tmp_path / ".note.txt")
    assert [file.path for file in discover([hidden]).files] == [hidden]


@pytest.mark.parametrize(
    "name", ["two words.txt", "药品说明书.txt", "💊 leaflet.txt", "line\nbreak.txt", "-rf.txt", "[red]x.txt"]
)
def test_odd_names_are_found_and_kept(tmp_path: Path, name: str) -> None:
    _write(tmp_path / name)
    (found,) = discover([tmp_path]).files
    assert found.name == found.shown == name
    assert found.path.read_text(encoding="utf-8") == "x"


def test_name_of_bad_bytes_can_be_opened_and_written_as_utf8(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/leaflet-\xff\xfe.txt"
    try:
        Path(os.fsdecode(raw)).write_text("x", encoding="utf-8")
    except OSError:
        pytest.skip("this file system refuses names that are no UTF-8")
    (found,) = discover([tmp_path]).files
    assert found.name == "leaflet-\\xff\\xfe.txt"
    found.source.encode("utf-8")
    assert found.path.read_text(encoding="utf-8") == "x"


def test_link_out_of_the_folder_is_not_followed_and_is_told(tmp_path: Path) -> None:
    outside = _write(tmp_path / "outside" / "secret.txt")
    root = tmp_path / "docs"
    _write(root / "a.txt")
    (root / "file.txt").symlink_to(outside)
    (root / "folder").symlink_to(outside.parent)
    (root / "sly.txt").symlink_to(Path("..") / "docs" / ".." / "outside" / "secret.txt")
    found = discover([root])
    assert [file.shown for file in found.files] == ["a.txt"]
    assert set(found.links_left) == {"file.txt", "folder", "sly.txt"}


def test_links_inside_are_one_file_and_loops_end(tmp_path: Path) -> None:
    real = _write(tmp_path / "sub" / "a.txt")
    (tmp_path / "again.txt").symlink_to(real)
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "loop1").symlink_to(tmp_path / "loop2")
    (tmp_path / "loop2").symlink_to(tmp_path / "loop1")
    found = discover([tmp_path])
    assert [file.shown for file in found.files] == ["sub/a.txt"]
    assert sorted(failed.shown for failed in found.unreadable) == ["loop1", "loop2"]


def test_file_that_only_a_link_shows_is_found(tmp_path: Path) -> None:
    """A ConfigMap or an annexed file: the bytes lie in a hidden folder, the name is a link beside it."""
    _write(tmp_path / ".data" / "a.txt")
    (tmp_path / "a.txt").symlink_to(tmp_path / ".data" / "a.txt")
    assert len(discover([tmp_path]).files) == 1


def test_root_that_is_a_link_is_walked_and_keys_do_not_depend_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tmp_path / "real"
    _write(real / "a.txt")
    (tmp_path / "link").symlink_to(real)
    monkeypatch.chdir(tmp_path)
    keys = {discover([way]).files[0].source for way in (real, tmp_path / "link", Path("real"), Path("real/a.txt"))}
    assert keys == {(real / "a.txt").as_posix()}


def test_overlapping_paths_list_a_file_once(tmp_path: Path) -> None:
    file = _write(tmp_path / "sub" / "a.txt")
    assert len(discover([tmp_path, tmp_path / "sub", file]).files) == 1


def test_two_roots_are_told_apart_in_the_report(tmp_path: Path) -> None:
    _write(tmp_path / "one" / "a.txt")
    _write(tmp_path / "two" / "a.txt")
    shown = [file.shown for file in discover([tmp_path / "one", tmp_path / "two"]).files]
    assert len(set(shown)) == 2


def test_own_data_folder_is_left_out(tmp_path: Path) -> None:
    _write(tmp_path / "a.txt")
    _write(tmp_path / "data" / "files" / "original")
    assert [file.shown for file in discover([tmp_path], excluded=[tmp_path / "data"]).files] == ["a.txt"]


def test_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        discover([tmp_path / "nowhere"])


def test_no_path_is_an_error() -> None:
    with pytest.raises(InvalidInputError):
        discover([])


def test_pipe_is_reported_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    found = discover([tmp_path])
    assert found.files == ()
    assert [failed.shown for failed in found.unreadable] == ["pipe.txt"]


def test_folder_without_permission_is_reported_and_the_rest_goes_on(tmp_path: Path, powerless: None) -> None:
    root = _as_owner(tmp_path)
    locked = root / "locked"
    _write(locked / "a.txt")
    _write(root / "open.txt")
    locked.chmod(0)
    try:
        found = discover([root])
        assert [file.shown for file in found.files] == ["open.txt"]
        assert [failed.shown for failed in found.unreadable] == ["locked"]
        assert "permission" in found.unreadable[0].error.user_message.en
        assert not is_gone(printable(locked / "a.txt"))
    finally:
        locked.chmod(0o700)


def test_root_without_permission_is_an_error(tmp_path: Path, powerless: None) -> None:
    root = _as_owner(tmp_path) / "locked"
    root.mkdir()
    root.chmod(0)
    try:
        with pytest.raises(LoadError, match="permission"):
            discover([root])
    finally:
        root.chmod(0o700)


def test_gone_means_nothing_stands_there(tmp_path: Path) -> None:
    file = _write(tmp_path / "a.txt")
    assert not is_gone(printable(file))
    assert is_gone(printable(file / "below-a-file.txt"))
    file.unlink()
    assert is_gone(printable(file))


def _as_owner(tmp_path: Path) -> Path:
    """A folder that the present (maybe lowered) account owns; the way to it must be open to it."""
    if os.geteuid() != NOBODY:
        return tmp_path
    os.seteuid(0)
    try:
        for parent in (tmp_path, *tmp_path.parents):
            if not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
        own = tmp_path / "own"
        own.mkdir()
        os.chown(own, NOBODY, NOBODY)
    finally:
        os.seteuid(NOBODY)
    return own
