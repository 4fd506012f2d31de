"""Pictures of pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest.loaders.image import load_image
from ingest.loaders.options import LoadOptions
from kbchat.errors import DamagedFileError, FileLimitError, NoTextError


def drawn(*lines: str) -> Image.Image:
    image = Image.new("RGB", (900, 120 + 70 * len(lines)), "white")
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((60, 60 + 70 * number), line, fill="black", font=ImageFont.load_default(40))
    return image


@pytest.mark.parametrize(
    ("name", "mode"), [("a.png", "RGB"), ("a.png", "RGBA"), ("a.jpg", "L"), ("a.jpg", "CMYK"), ("a.tiff", "1")]
)
def test_formats_and_modes(tmp_path: Path, name: str, mode: str) -> None:
    path = tmp_path / name
    drawn("Take 5 mg once daily").convert(mode).save(path, dpi=(150, 150))
    loaded = load_image(path, LoadOptions())
    (page,) = loaded.pages
    assert loaded.format == "image"
    assert "5 mg once daily" in page.text
    assert page.ocr
    assert page.width == pytest.approx(900 * 72 / 150, abs=1)
    assert page.runs[0].x0 == pytest.approx(60 * 72 / 150, abs=8)


def test_transparent_ground_is_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (900, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).text((60, 60), "Keep in the fridge", fill=(0, 0, 0, 255), font=ImageFont.load_default(40))
    image.save(tmp_path / "a.png")
    assert "fridge" in load_image(tmp_path / "a.png", LoadOptions()).pages[0].text


def test_frames_of_a_tiff_are_pages(tmp_path: Path) -> None:
    first, *rest = [drawn(f"This is sheet number {n}") for n in (1, 2, 3)]
    first.save(tmp_path / "a.tiff", save_all=True, append_images=rest)
    pages = load_image(tmp_path / "a.tiff", LoadOptions()).pages
    assert [page.number for page in pages] == [1, 2, 3]
    assert ["number 1" in pages[0].text, "number 2" in pages[1].text, "number 3" in pages[2].text] == [True] * 3


def test_orientation_of_a_photograph(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a quarter turn clockwise
    drawn("Shake well before use").transpose(Image.Transpose.ROTATE_90).save(tmp_path / "a.jpg", exif=exif)
    (page,) = load_image(tmp_path / "a.jpg", LoadOptions()).pages
    assert "Shake well before use" in page.text
    assert page.width > page.height


def test_pictures_without_text_and_broken_ones(tmp_path: Path) -> None:
    Image.new("RGB", (300, 300), "white").save(tmp_path / "white.png")
    with pytest.raises(NoTextError):
        load_image(tmp_path / "white.png", LoadOptions())
    with pytest.raises(NoTextError, match="switched off"):
        load_image(tmp_path / "white.png", LoadOptions(ocr="off"))
    whole = tmp_path / "whole.png"
    drawn("cut off in the middle").save(whole)
    for content in (b"", b"no picture", whole.read_bytes()[:700]):
        path = tmp_path / "broken.png"
        path.write_bytes(content)
        with pytest.raises(DamagedFileError):
            load_image(path, LoadOptions())


def test_picture_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    with pytest.raises(FileLimitError):
        load_image(tmp_path / "bomb.png", LoadOptions())
