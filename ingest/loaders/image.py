"""Pictures of pages (png, jpg, tiff with one or more frames): read by OCR."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from ingest.loaders.failures import damaged
from ingest.loaders.ocr import Picture, pieces_from_picture
from ingest.loaders.options import LoadOptions
from ingest.loaders.page_texts import pages_of
from ingest.loaders.pieces import Sheet
from kbchat.errors import FileLimitError, NoTextError
from kbchat.messages import Bilingual
from kbchat.types import LoadedFile

MAX_FRAMES = 500
"""Frames read of one file."""

_MAX_PIXELS = 120_000_000  # of a frame; larger ones are refused before they are unpacked
_READ_PIXELS = 30_000_000  # larger frames are made smaller for reading
_USUAL_DPI = 200.0  # where the file names no believable resolution
_ORIENTATION = 0x0112  # EXIF


def load_image(path: Path, options: LoadOptions) -> LoadedFile:
    """Read a picture; every frame is a page.

    Raises DamagedFileError, FileLimitError and NoTextError.
    """
    if options.ocr == "off":
        raise NoTextError(
            Bilingual(
                "The file is a picture, and reading from pictures is switched off.",
                "该文件为图片，而文字识别（OCR）已关闭。",
            ),
            Bilingual("Set ingest.ocr to auto.", "请将 ingest.ocr 设为 auto。"),
        )
    if path.stat().st_size == 0:
        raise damaged("The file is empty (0 bytes).", "文件为空（0 字节）。")
    notes: list[str] = []
    sheets = [_sheet(picture, width, height) for picture, width, height in _frames(path, notes)]
    pages = pages_of(sheets)
    if not any(page.text.strip() for page in pages):
        raise NoTextError(
            Bilingual("No text was found in the picture.", "图片中未识别到文字。"),
            Bilingual("A sharper or larger picture may help.", "可尝试更清晰或更大的图片。"),
        )
    return LoadedFile(pages, "image", warnings=tuple(notes))


def _sheet(picture: Picture, width: float, height: float) -> Sheet:
    return Sheet(width, height, (pieces_from_picture(picture, width, height),), ocr=True)


def _frames(path: Path, notes: list[str]) -> Iterator[tuple[Picture, float, float]]:
    """The frames as upright RGB pictures with their size in points."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata and size; size is checked below
            with Image.open(path) as image:
                for number, frame in enumerate(ImageSequence.Iterator(image), 1):
                    if number > MAX_FRAMES:
                        notes.append(f"only the first {MAX_FRAMES} frames were read")
                        return
                    _check_size(frame)
                    yield _upright(frame)
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except UnidentifiedImageError as error:
        raise damaged("The file is no picture that can be opened.", "文件不是可打开的图片。") from error
    except (OSError, SyntaxError, ValueError, EOFError, ZeroDivisionError, TypeError) as error:
        raise damaged(
            f"The picture cannot be read to its end ({type(error).__name__}).",
            f"图片无法完整读取（{type(error).__name__}）。",
        ) from error


def _check_size(frame: Image.Image) -> None:
    if frame.width * frame.height > _MAX_PIXELS:
        raise _too_large()


def _too_large() -> FileLimitError:
    return FileLimitError(
        Bilingual("The picture has too many pixels (over 120 million).", "图片像素过多（超过 1.2 亿）。"),
        Bilingual("Save it smaller, for example at 200 dpi.", "请缩小后另存，例如 200 dpi。"),
    )


def _upright(frame: Image.Image) -> tuple[Picture, float, float]:
    dpi = _resolution(frame)
    turned = frame.getexif().get(_ORIENTATION, 1) in {5, 6, 7, 8}
    image = ImageOps.exif_transpose(frame)
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        image = _eight_bit(image)
    image = image.convert("RGB")
    across, down = dpi if not turned else (dpi[1], dpi[0])
    width, height = image.width * 72 / across, image.height * 72 / down
    pixels = image.width * image.height
    if pixels > _READ_PIXELS:
        shrink = (_READ_PIXELS / pixels) ** 0.5
        image = image.resize((max(int(image.width * shrink), 1), max(int(image.height * shrink), 1)))
    return np.asarray(image, dtype=np.uint8), width, height


def _eight_bit(image: Image.Image) -> Image.Image:
    values = np.asarray(image, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(((values - low) * (255.0 / max(high - low, 1.0))).astype(np.uint8))


def _resolution(frame: Image.Image) -> tuple[float, float]:
    """Dots per inch across and down; a usual value where the file's own is missing or beyond belief."""
    dpi = frame.info.get("dpi")
    if isinstance(dpi, tuple) and len(dpi) == 2:
        across, down = float(dpi[0]), float(dpi[1])
        if 90 <= across <= 1200 and 90 <= down <= 1200:
            return across, down
    return _USUAL_DPI, _USUAL_DPI
