"""What may come in an upload: honest archives of all makers, and hostile ones."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from ingest.jobs import Job, JobService
from ingest.jobs.upload_names import UnsafeNameError, member_name, suffix_of, upload_name
from kbchat.app import App
from kbchat.errors import (
    DamagedFileError,
    EncryptedFileError,
    FileLimitError,
    InvalidInputError,
    StoreError,
    TooLargeError,
)


def archive(*members: tuple[str | zipfile.ZipInfo, bytes], packed: bool = True) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as target:
        for name, content in members:
            target.writestr(name, content)
    stream.seek(0)
    return stream


def renamed(stream: io.BytesIO, old: bytes, new: bytes) -> io.BytesIO:
    """The archive with the bytes of a name replaced, as another program would have written them."""
    assert len(old) == len(new)
    return io.BytesIO(stream.getvalue().replace(old, new))


def submitted(service: JobService, stream: io.BytesIO, name: str = "upload.zip") -> Job:
    return service.submit_upload("ward", [(name, stream)])


def names(job: Job) -> list[str]:
    return [file.name for file in job.files if file.state == "waiting"]


def left(app: App) -> list[Path]:
    root = app.store.data_layout.staging
    return list(root.iterdir()) if root.is_dir() else []


def test_an_archive_is_unpacked(app: App, service: JobService) -> None:
    stream = archive(
        ("说明书/甲.md", b"a"), ("说明书/sub/乙.md", b"bb"), ("__MACOSX/说明书/._甲.md", b"x"), ("说明书/.DS_Store", b"x"),
        ("说明书/Thumbs.db", b"x"), ("说明书/~$乙.docx", b"x"),
    )  # fmt: skip
    job = submitted(service, stream, "Pack.ZIP")
    assert [(file.name, file.size) for file in job.files] == [("甲.md", 1), ("sub/乙.md", 2)]
    (folder,) = left(app)
    assert sorted(path.name for path in folder.iterdir()) == ["00002.md", "00003.md"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_without_the_mark_of_utf8(service: JobService, encoding: str) -> None:
    raw = "阿莫西林说明书.md".encode(encoding)
    plain = b"n" * (len(raw) - 3) + b".md"
    job = submitted(service, renamed(archive((plain.decode(), b"text")), plain, raw))
    assert names(job) == ["阿莫西林说明书.md"]


def test_a_backslash_byte_inside_a_gbk_character_is_no_separator(service: JobService) -> None:
    raw = "誠.md".encode("gbk")
    assert b"\\" in raw
    plain = b"n" * (len(raw) - 3) + b".md"
    assert names(submitted(service, renamed(archive((plain.decode(), b"text")), plain, raw))) == ["誠.md"]


def test_windows_separators(service: JobService) -> None:
    assert names(submitted(service, renamed(archive(("axb.md", b"1"), ("axc.md", b"2")), b"x", b"\\"))) == [
        "b.md",
        "c.md",
    ]


@pytest.mark.parametrize(
    "name",
    ["../evil.md", "a/../../evil.md", "/etc/evil.md", "C:/evil.md", "..\\evil.md", "a\\..\\..\\e.md", "\\\\srv\\e"],
)
def test_paths_that_lead_out_refuse_the_archive(app: App, service: JobService, name: str) -> None:
    with pytest.raises(DamagedFileError, match="leads out"):
        submitted(service, archive(("good.md", b"fine"), (name, b"evil")))
    assert left(app) == []
    assert service.list() == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_refuse_the_archive(app: App, service: JobService, kind: int) -> None:
    info = zipfile.ZipInfo("link.md")
    info.external_attr = (kind | 0o777) << 16
    with pytest.raises(DamagedFileError, match="link or a device"):
        submitted(service, archive(("good.md", b"fine"), (info, b"/etc/passwd")))
    assert left(app) == []


def test_a_bomb_is_refused_by_ratio(app: App, service: JobService, tmp_path: Path) -> None:
    from ingest.jobs.unpacking import UploadedArchive

    path = tmp_path / "bomb.zip"
    path.write_bytes(archive(("zeros.txt", b"\0" * (40 << 20))).getvalue())
    with pytest.raises(FileLimitError, match="times its packed size"):
        UploadedArchive(path, most_files=10, most_bytes=1 << 40)


def test_a_bomb_is_refused_by_size(app: App, service: JobService) -> None:
    with pytest.raises(FileLimitError, match="9 MiB"):
        submitted(service, archive(("big.txt", b"0123456789abcdef" * (9 << 16))))
    assert left(app) == []


def test_a_lying_directory_does_not_get_more(app: App, service: JobService) -> None:
    """The central directory says 10 bytes, the data hold 2 MiB: no more than declared comes out."""
    data = archive(("big.txt", b"a" * (2 << 20))).getvalue()
    lying = data.replace(struct.pack("<I", 2 << 20), struct.pack("<I", 10))
    assert lying != data
    with pytest.raises(DamagedFileError):
        submitted(service, io.BytesIO(lying))
    assert left(app) == []


def test_too_many_files(app: App, service: JobService) -> None:
    with pytest.raises(FileLimitError, match="21 files"):
        submitted(service, archive(*((f"{number}.md", b"x") for number in range(21))))
    with pytest.raises(TooLargeError, match="20 files"):
        service.submit_upload("ward", [(f"{number}.md", io.BytesIO(b"x")) for number in range(21)])
    assert left(app) == []


def test_archives_in_archives_are_refused_alone(service: JobService) -> None:
    inner = archive(("x.md", b"x")).getvalue()
    job = submitted(service, archive(("good.md", b"fine"), ("inner.zip", inner), ("old.rar", b"Rar!")))
    assert names(job) == ["good.md"]
    refused = [file for file in job.files if file.state == "failed"]
    assert [file.name for file in refused] == ["inner.zip", "old.rar"]
    assert refused[0].message is not None
    assert "压缩包" in refused[0].message.zh


def test_a_protected_archive(app: App, service: JobService) -> None:
    data = bytearray(archive(("a.md", b"x")).getvalue())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    with pytest.raises(EncryptedFileError):
        submitted(service, io.BytesIO(bytes(data)))


def test_a_broken_archive_does_not_spoil_the_other_files(service: JobService) -> None:
    data = archive(("a.md", b"first text"), ("b.md", b"x" * 3000), packed=False).getvalue()
    torn = data.replace(b"x" * 3000, b"y" * 3000)
    job = service.submit_upload("ward", [("torn.zip", io.BytesIO(torn)), ("good.md", io.BytesIO(b"fine"))])
    assert [(file.name, file.state) for file in job.files] == [("torn.zip", "failed"), ("good.md", "waiting")]
    assert job.files[0].remedy is not None


def test_an_office_file_is_no_archive(service: JobService) -> None:
    job = submitted(service, archive(("word/document.xml", b"<w/>")), "letter.docx")
    assert names(job) == ["letter.docx"]


def test_an_upload_that_is_too_large(app: App, service: JobService) -> None:
    with pytest.raises(TooLargeError):
        service.submit_upload("ward", [("big.txt", io.BytesIO(b"x" * (9 << 20)))])
    with pytest.raises(TooLargeError):
        service.submit_upload("ward", [(f"{n}.txt", io.BytesIO(b"x" * (3 << 20))) for n in range(3)])
    assert left(app) == []


def test_a_full_disk_leaves_nothing(app: App, service: JobService, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ingest.jobs.staging.os.fsync", full)
    with pytest.raises(StoreError, match="no space left"):
        service.submit_upload("ward", [("a.txt", io.BytesIO(b"x"))])
    assert left(app) == []


def test_no_file_and_two_of_one_name(service: JobService) -> None:
    with pytest.raises(InvalidInputError):
        service.submit_upload("ward", [])
    job = service.submit_upload("ward", [("a.txt", io.BytesIO(b"1")), ("a.txt", io.BytesIO(b"2"))])
    assert [file.state for file in job.files] == ["waiting", "failed"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a.pdf", "a.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\药.pdf", "药.pdf"),
        ("/abs/x.pdf", "x.pdf"),
        ("folder/", "folder"),
        ("a\x00b\u202e.pdf", "a\ufffdb.pdf"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_upload_names(given: str, expected: str) -> None:
    assert upload_name(given) == expected


@pytest.mark.parametrize("given", ["", "..", "/", "a/..", " ", "\\"])
def test_names_of_nothing(given: str) -> None:
    with pytest.raises(InvalidInputError):
        upload_name(given)


def test_member_names() -> None:
    assert member_name("a/./b//c.md") == "a/b/c.md"
    assert member_name("__MACOSX/._x") == ""
    assert member_name("a/.hidden/x.md") == ""
    with pytest.raises(UnsafeNameError):
        member_name("a/b/../c.md")


@pytest.mark.parametrize(
    ("name", "suffix"), [("a.PDF", ".pdf"), ("a", ""), ("a.药", ""), ("x/a.b/c", ""), ("a.p/df", "")]
)
def test_suffixes(name: str, suffix: str) -> None:
    assert suffix_of(name) == suffix


def test_files_that_share_their_bytes_are_a_bomb(app: App, service: JobService) -> None:
    one = archive(("甲.md", bytes(range(256)) * 40), packed=False).getvalue()
    begin, end = one.index(b"PK\1\2"), one.index(b"PK\5\6")
    many = one[:begin] + one[begin:end] * 10
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 10, 10, (end - begin) * 10, begin, 0)
    with pytest.raises(DamagedFileError, match="overlap"):
        submitted(service, io.BytesIO(many + tail))
    assert left(app) == []
