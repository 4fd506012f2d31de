"""Drawing pages of originals: what runs in the process that draws, and nowhere else.

Files are untrusted, and a broken one may crash a reader or never end: this module is started as a process of its own
(``python -m kbchat.services.page_rendering MEBIBYTES``) by :mod:`kbchat.services.render_process`. Requests come as JSON
lines on standard input; each answer is one byte (``+`` a PNG, ``-`` a reason), its length in eight bytes, and the
content; the first tells, with nothing, that the process is ready. Nothing is unpickled on either side.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import time
from typing import Any, BinaryIO

LARGEST_PICTURE = 40_000_000
"""Pixels of a picture; longer pages are drawn narrower than was asked."""

_MOST_SOURCE_PIXELS = 120_000_000
_PARENT_CHECK = 1.0
_COMPRESSION = 3
_ROUNDING = 1 - 1e-6  # sizes are rounded up


class UndrawableError(Exception):
    """The file has no such page, or it cannot be drawn. The text is English and short."""


def draw(path: str, format_name: str, page: int, width: int) -> bytes:
    """Page ``page`` (from 1) of a PDF or a picture as a PNG, ``width`` pixels wide. Raises UndrawableError."""
    image = _pdf_page(path, page, width) if format_name == "pdf" else _picture(path, page, width)
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=_COMPRESSION)
    return stream.getvalue()


def _pdf_page(path: str, number: int, width: int) -> Any:
    import pypdfium2 as pdfium  # noqa: PLC0415 - the parent must not load it

    document = pdfium.PdfDocument(path)
    try:
        if not 1 <= number <= len(document):
            raise UndrawableError(f"the file has {len(document)} pages")
        if document.get_formtype():
            document.init_forms()
        page = document[number - 1]
        across, down = page.get_size()
        if across <= 0 or down <= 0:
            raise UndrawableError("the page has no size")
        scale = min(width / across, (LARGEST_PICTURE / (across * down)) ** 0.5) * _ROUNDING
        return page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
    finally:
        document.close()


def _picture(path: str, number: int, width: int) -> Any:
    """A frame as the reader of pictures sees it: turned as its camera says, on white."""
    import warnings  # noqa: PLC0415

    from PIL import Image, ImageOps  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path) as image:
            if number < 1 or (number > 1 and number > getattr(image, "n_frames", 1)):
                raise UndrawableError("the picture has fewer frames")
            image.seek(number - 1)
            if image.width * image.height > _MOST_SOURCE_PIXELS:
                raise UndrawableError("the picture has too many pixels")
            frame = _eight_bit(ImageOps.exif_transpose(image))
    if frame.mode in {"RGBA", "LA", "PA"} or "transparency" in frame.info:
        frame = frame.convert("RGBA")
        frame = Image.alpha_composite(Image.new("RGBA", frame.size, "white"), frame)
    scale = min(width / frame.width, (LARGEST_PICTURE / (frame.width * frame.height)) ** 0.5)
    size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    return frame.convert("RGB").resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _eight_bit(frame: Any) -> Any:
    """Pictures of more than eight bits, spread over all shades of grey."""
    if not (frame.mode.startswith("I;16") or frame.mode in {"I", "F"}):
        return frame
    frame = frame.convert("F")
    low, high = frame.getextrema()
    return frame.point(lambda value: (value - low) * (255.0 / max(high - low, 1.0))).convert("L")


def _answer(request: dict[str, Any]) -> tuple[bytes, bytes]:
    try:
        return b"+", draw(str(request["path"]), str(request["format"]), int(request["page"]), int(request["width"]))
    except UndrawableError as error:
        return b"-", str(error).encode()
    except MemoryError:
        return b"-", b"more memory is needed than is allowed"
    except Exception as error:  # noqa: BLE001 - readers of foreign formats raise anything on hostile input
        return b"-", f"{type(error).__name__}: {str(error)[:200]}".encode()


def _limit_memory(mebibytes: int) -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = mebibytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))


def _private_channels() -> tuple[BinaryIO, BinaryIO]:
    """The pipes of the parent; what a library prints goes nowhere."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return requests, answers


def _die_with_parent() -> None:
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_CHECK)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


def main(arguments: list[str]) -> None:
    """Draw what is asked for until standard input ends."""
    requests, answers = _private_channels()
    _die_with_parent()
    _limit_memory(int(arguments[0]))
    _send(answers, b"+", b"")  # ready
    for line in requests:
        _send(answers, *_answer(json.loads(line)))


def _send(answers: BinaryIO, status: bytes, content: bytes) -> None:
    answers.write(status + len(content).to_bytes(8, "little") + content)
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
