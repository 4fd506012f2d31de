"""Multipart bodies read as they arrive: each file is a stream that pulls from the network, and nothing is kept.

The reader works in a thread and asks for the next piece of the body when its consumer wants one, so that an upload goes
straight to where it is kept, at the pace of the disk, with no copy on the way.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import IO, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from kbchat.errors import InvalidInputError, TooLargeError
from kbchat.messages import Bilingual

_LONGEST_FIELD = 64 * 1024
_MOST_FIELDS = 50
_LONGEST_HEADERS = 16 * 1024
_FORM = b"multipart/form-data"


class MultipartReader:
    """The parts of one body.

    :meth:`files` yields the files in order; each must be read before the next is asked for (what is left of it is
    skipped). Fields that came before a file are in ``fields`` when the file is yielded, all of them at the end.
    """

    def __init__(self, content_type: str, next_piece: Callable[[], bytes]) -> None:
        """``next_piece`` blocks and gives the next piece of the body, empty at the end. Raises InvalidInputError."""
        kind, parameters = parse_options_header(content_type)
        if kind != _FORM or not parameters.get(b"boundary"):
            raise InvalidInputError(
                Bilingual("The body is not a form with files.", "请求内容不是包含文件的表单。"),
                Bilingual(
                    "Send multipart/form-data with the files in “files”.",
                    "请以 multipart/form-data 发送，文件字段名为 files。",
                ),
            )
        self.fields: dict[str, str] = {}
        self._next_piece = next_piece
        self._ended = False
        self._closed = False
        self._parts: list[_Part] = []
        self._part = _Part()
        self._headers: list[tuple[bytes, bytes]] = []
        self._name, self._value = b"", b""
        try:
            self._parser = MultipartParser(
                parameters[b"boundary"],
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._part_data,
                    "on_part_end": self._part_ends,
                    "on_end": self._form_ends,
                },
            )
        except FormParserError as error:  # a boundary that is too long
            raise _broken() from error

    def files(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Name and stream of each file. Raises InvalidInputError for a broken body, TooLargeError."""
        while True:
            while not self._parts and not self._ended:
                self._pull()
            if not self._parts:
                return
            part = self._parts.pop(0)
            yield part.file_name, cast("IO[bytes]", io.BufferedReader(_PartStream(part, self._pull)))
            while not part.whole:
                part.pieces.clear()
                self._pull()
            part.pieces.clear()

    def _pull(self) -> None:
        """Parse one more piece."""
        if self._ended:
            raise _broken()
        piece = self._next_piece()
        try:
            if piece:
                self._parser.write(piece)
            else:
                self._ended = True
                self._parser.finalize()
        except FormParserError as error:
            raise _broken() from error
        if self._ended and not self._closed:
            raise _broken()

    def _part_begins(self) -> None:
        self._part = _Part()
        self._headers = []

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name = self._bounded(self._name + data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value = self._bounded(self._value + data[start:end])

    @staticmethod
    def _bounded(header: bytes) -> bytes:
        if len(header) > _LONGEST_HEADERS:
            raise _broken()
        return header

    def _header_ends(self) -> None:
        self._headers.append((self._name.lower(), self._value))
        self._name, self._value = b"", b""
        if len(self._headers) > _MOST_FIELDS:
            raise _broken()

    def _headers_end(self) -> None:
        _, said = parse_options_header(dict(self._headers).get(b"content-disposition"))
        self._part.field = said.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in said:
            self._part.is_file = True
            self._part.file_name = said[b"filename"].decode("utf-8", "replace")
            self._parts.append(self._part)
        elif len(self.fields) >= _MOST_FIELDS:
            raise _broken()

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        part.pieces.append(data[start:end])
        part.size += end - start
        if not part.is_file and part.size > _LONGEST_FIELD:
            raise TooLargeError(
                Bilingual(f"The field {part.field[:40]!r} is too long.", f"字段 {part.field[:40]!r} 过长。"),
                Bilingual("Send files as files.", "请以文件形式发送文件。"),
            )

    def _part_ends(self) -> None:
        self._part.whole = True
        if not self._part.is_file:
            self.fields[self._part.field] = b"".join(self._part.pieces).decode("utf-8", "replace")

    def _form_ends(self) -> None:
        """The last boundary came; without it the body was cut off."""
        self._closed = True


class _Part:
    """A part of the body, as far as it has come; what was read of a file is gone from ``pieces``."""

    __slots__ = ("field", "file_name", "is_file", "pieces", "size", "whole")

    def __init__(self) -> None:
        self.field = ""
        self.file_name = ""
        self.is_file = False
        self.pieces: list[bytes] = []
        self.size = 0
        self.whole = False


class _PartStream(io.RawIOBase):
    """The bytes of one part, pulled from the body when read."""

    def __init__(self, part: _Part, pull: Callable[[], None]) -> None:
        self._part = part
        self._pull = pull

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill ``buffer`` with what is at hand, waiting for something; 0 at the end of the part."""
        part = self._part
        while not part.pieces and not part.whole:
            self._pull()
        if not part.pieces:
            return 0
        view = memoryview(cast("bytearray", buffer))
        piece = part.pieces[0]
        taken = min(len(view), len(piece))
        view[:taken] = piece[:taken]
        if taken == len(piece):
            part.pieces.pop(0)
        else:
            part.pieces[0] = piece[taken:]
        return taken


def _broken() -> InvalidInputError:
    return InvalidInputError(
        Bilingual("The form that was sent is broken or ended early.", "发送的表单已损坏或不完整。"),
        Bilingual("Send it again.", "请重新发送。"),
    )
