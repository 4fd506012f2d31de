"""Forms with files, read as they arrive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.errors import InvalidInputError, TooLargeError
from kbchat.server.multipart import MultipartReader

TYPE = "multipart/form-data; boundary=XX"


def part(name, content, file_name=None):
    named = f'; filename="{file_name}"' if file_name is not None else ""
    return f'--XX\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


def reader(body, step=7, content_type=TYPE):
    pieces = [body[i : i + step] for i in range(0, len(body), step)]
    return MultipartReader(content_type, lambda: pieces.pop(0) if pieces else b"")


FORM = part("ocr", b"off") + part("files", b"first\r\n--X" * 9, "a.pdf") + part("files", b"", "空.txt") + b"--XX--\r\n"


@pytest.mark.parametrize("step", [1, 2, 7, 64, 10_000])
def test_files_come_whole_in_their_order_however_the_body_is_cut(step):
    form = reader(FORM, step)
    found = []
    for name, stream in form.files():
        assert form.fields["ocr"] == "off"
        found.append((name, stream.read()))

    assert found == [("a.pdf", b"first\r\n--X" * 9), ("空.txt", b"")]


@given(contents=st.lists(st.binary(max_size=400), max_size=4), step=st.integers(1, 50))
def test_any_bytes_come_through(contents, step):
    body = b"".join(part("files", content, f"{n}") for n, content in enumerate(contents)) + b"--XX--\r\n"
    if any(b"\r\n--XX" in content for content in contents):
        return
    assert [stream.read() for _, stream in reader(body, step).files()] == contents


def test_what_is_not_read_of_a_file_is_skipped():
    names = []
    for name, stream in reader(FORM).files():
        names.append(name)
        stream.read(3)
    assert names == ["a.pdf", "空.txt"]


def test_memory_stays_small_while_a_large_file_passes():
    """A file of 64 MiB in pieces of 64 KiB: only a piece is at hand at any time."""
    piece, count = b"x" * 65536, 1024
    sent = iter([part("files", b"", "big.bin")[:-2], *[piece] * count, b"\r\n--XX--\r\n"])
    form = MultipartReader(TYPE, lambda: next(sent, b""))
    size = 0
    for _, stream in form.files():
        while block := stream.read(1 << 20):
            size += len(block)
            assert sum(map(len, form._part.pieces)) <= 2 * len(piece)
    assert size == count * len(piece)


@pytest.mark.parametrize("end", range(1, len(FORM) - 3, 11))
def test_a_body_that_ends_early_is_refused(end):
    with pytest.raises(InvalidInputError, match="broken or ended early"):
        [stream.read() for _, stream in reader(FORM[:end]).files()]


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=XX"]
)
def test_other_bodies_are_refused(content_type):
    with pytest.raises(InvalidInputError, match="not a form"):
        reader(FORM, content_type=content_type)


def test_rubbish_is_refused():
    with pytest.raises(InvalidInputError):
        list(reader(b"no boundary at all").files())


def test_long_fields_and_many_fields_are_refused():
    with pytest.raises(TooLargeError):
        list(reader(part("a", b"x" * 70_000) + b"--XX--\r\n", 4096).files())
    with pytest.raises(InvalidInputError):
        list(reader(b"".join(part(f"f{n}", b"x") for n in range(60)) + b"--XX--\r\n", 4096).files())


def test_endless_headers_are_refused():
    with pytest.raises(InvalidInputError):
        list(reader(b"--XX\r\nContent-Disposition: " + b"x" * 40_000, 4096).files())


def test_names_come_as_sent_for_others_to_tidy():
    body = part("files", b"1", "../../etc/passwd") + part("files", b"2", "C:\\\\x.pdf") + b"--XX--\r\n"
    assert next(name for name, _ in reader(body).files()) == "../../etc/passwd"


def test_a_boundary_that_is_too_long_is_refused():
    with pytest.raises(InvalidInputError):
        reader(FORM, content_type="multipart/form-data; boundary=" + "x" * 5000)
