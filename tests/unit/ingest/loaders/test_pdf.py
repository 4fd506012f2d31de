"""PDF files drawn by the tests, read back: order, furniture, hyphenation, tables, passwords, damage, places."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.loaders.options import LoadOptions
from ingest.loaders.pdf import load_pdf
from kbchat.errors import DamagedFileError, EncryptedFileError, NoTextError
from kbchat.types import BlockKind, LoadedFile, Page

WIDTH, HEIGHT = 595.0, 842.0
SONG = "STSong-Light"
NO_OCR = LoadOptions(ocr="off")

pdfmetrics.registerFont(UnicodeCIDFont(SONG))

PROSE = (
    "Take the tablets with a glass of water at about the same time every day, with or without food. Do not stop taking "
    "them because you feel better; high blood pressure often has no symptoms. If you forget a dose, take the next one at "
    "the usual time. Never take two doses at once to make up for one that you have forgotten. Tell your doctor about "
    "every other medicine that you use, also those that you bought without a prescription. "
)
CHINESE = "本品用于治疗高血压病，可单独使用，也可与其他抗高血压药物合用。常用剂量为每次五毫克，每日一次，最大剂量为每日十毫克。老年患者及肝功能不全者应从小剂量开始，并在医师指导下调整。"


@pytest.fixture
def drawn(tmp_path: Path) -> Callable[..., Path]:
    """Draws a PDF with one function a page."""

    def draw(*pages: Callable[[Canvas], None], size: tuple[float, float] = (WIDTH, HEIGHT)) -> Path:
        path = tmp_path / "drawn.pdf"
        canvas = Canvas(str(path), pagesize=size)
        for page in pages:
            page(canvas)
            canvas.showPage()
        canvas.save()
        return path

    return draw


def wrapped(text: str, width: float, font: str, size: float) -> list[str]:
    """``text`` broken into lines no wider than ``width`` points."""
    chinese = font == SONG
    lines, line = [], ""
    for part in text if chinese else text.split():
        longer = line + part if chinese else f"{line} {part}".strip()
        if pdfmetrics.stringWidth(longer, font, size) > width:
            lines.append(line)
            longer = part
        line = longer
    return [*lines, line]


def write(canvas: Canvas, x: float, y: float, lines: list[str], font: str = "Helvetica", size: float = 10) -> float:  # noqa: PLR0917
    """Write lines downwards from height ``y`` (from the bottom, as PDF counts); returns the height below them."""
    canvas.setFont(font, size)
    for line in lines:
        canvas.drawString(x, y, line)
        y -= 1.3 * size
    return y


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def texts(page: Page, *kinds: BlockKind) -> list[str]:
    return [page.text[b.start : b.end] for b in page.blocks if not kinds or b.kind in kinds]


def assert_whole(loaded: LoadedFile) -> None:
    """Offsets of blocks and runs fit the text; blocks cover all of it but line ends."""
    for page in loaded.pages:
        end = 0
        for block in page.blocks:
            assert page.text[end : block.start].strip() == ""
            assert block.start < block.end <= len(page.text)
            end = block.end
        assert page.text[end:] == ""
        for run in page.runs:
            assert 0 <= run.start < run.end <= len(page.text)
            assert "\n" not in page.text[run.start : run.end]
            assert -2 <= run.x0 < run.x1 <= page.width + 2
            assert -2 <= run.y0 < run.y1 <= page.height + 2


# --------------------------------------------------------------------------------------------------------------------
# Reading order and paragraphs


def test_english_lines_become_paragraphs(drawn: Callable[..., Path]) -> None:
    def page(canvas: Canvas) -> None:
        y = write(canvas, 72, 700, wrapped(PROSE, 400, "Helvetica", 10))
        write(canvas, 72, y - 12, wrapped(PROSE[:150], 400, "Helvetica", 10))

    loaded = load_pdf(drawn(page), NO_OCR)
    assert texts(loaded.pages[0]) == [PROSE.strip(), PROSE[:150].strip()]
    assert_whole(loaded)


def test_chinese_lines_join_without_spaces_and_indents_begin_paragraphs(drawn: Callable[..., Path]) -> None:
    lines = wrapped("　　" + CHINESE, 300, SONG, 10)

    def page(canvas: Canvas) -> None:
        y = write(canvas, 72, 700, lines, SONG)
        write(canvas, 72, y, lines, SONG)

    assert texts(load_pdf(drawn(page), NO_OCR).pages[0]) == [CHINESE, CHINESE]


def test_two_columns_under_a_heading_are_read_one_after_the_other(drawn: Callable[..., Path]) -> None:
    left, right = wrapped(PROSE * 3, 200, "Helvetica", 9), wrapped(CHINESE * 6, 200, SONG, 9)

    def page(canvas: Canvas) -> None:
        write(canvas, 150, 780, ["Information for the user of the medicine"], "Helvetica-Bold", 16)
        write(canvas, 60, 740, left, "Helvetica", 9)
        write(canvas, 300, 740, right, SONG, 9)
        write(canvas, 60, 300, wrapped("Below both columns. " + PROSE, 440, "Helvetica", 9), "Helvetica", 9)

    read = bare(load_pdf(drawn(page), NO_OCR).pages[0].text)
    expected = [bare(s) for s in ("Information for the user", PROSE * 3, CHINESE * 6, "Below both columns. " + PROSE)]
    places = [read.find(part) for part in expected]
    assert -1 not in places
    assert places == sorted(places)


def test_three_columns_on_a_wide_sheet(drawn: Callable[..., Path]) -> None:
    columns = [wrapped(f"第{n}栏。" + CHINESE * 4, 150, SONG, 8) for n in "一二三"]

    def page(canvas: Canvas) -> None:
        for number, lines in enumerate(columns):
            write(canvas, 40 + number * 165, 760, lines, SONG, 8)

    read = bare(load_pdf(drawn(page), NO_OCR).pages[0].text)
    assert read == bare("".join("".join(lines) for lines in columns))


def test_hyphenated_words_are_mended_and_compounds_keep_their_hyphen(drawn: Callable[..., Path]) -> None:
    lines = [
        "Patients with a history of angio-oedema or with severe hepatic impair-",
        "ment should not use it. In renal impairment no change is needed. Angio-",
        "oedema was seen rarely; so was thrombo-",
    ]

    def page(canvas: Canvas) -> None:
        write(canvas, 72, 700, [*lines[:2], lines[2][:-9].rstrip()])

    text = load_pdf(drawn(page), NO_OCR).pages[0].text
    assert "severe hepatic impairment should" in text
    assert "Angio-oedema was seen" in text


def test_list_items_and_headings(drawn: Callable[..., Path]) -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 72, 760, ["4.2   Posology and method"], "Helvetica-Bold", 11)
        y = write(canvas, 72, 735, ["【用法用量】"], SONG, 11)
        for item in ("the first item is short", "the second item " + PROSE[:160], "the third item"):
            canvas.setFont("Helvetica", 10)
            canvas.drawString(72, y, "•")
            y = write(canvas, 92, y, wrapped(item, 410, "Helvetica", 10))
        write(canvas, 72, y - 10, wrapped(PROSE, 430, "Helvetica", 10))

    page_read = load_pdf(drawn(page), NO_OCR).pages[0]
    assert texts(page_read, BlockKind.HEADING) == ["4.2 Posology and method", "【用法用量】"]
    items = texts(page_read, BlockKind.LIST_ITEM)
    assert [item[:10] for item in items] == ["• the firs", "• the seco", "• the thir"]
    assert items[1].endswith(PROSE[:160].strip())


def test_numbers_are_not_torn_and_scripts_not_lost(drawn: Callable[..., Path]) -> None:
    def page(canvas: Canvas) -> None:
        text = canvas.beginText(72, 700)
        text.setFont("Helvetica", 10)
        text.textOut("Give 0")
        text.moveCursor(0, 0)
        canvas.drawText(text)
        # Kerned: the decimals stand 1.5 points further than they should.
        x = 72 + pdfmetrics.stringWidth("Give 0", "Helvetica", 10)
        canvas.drawString(x + 1.5, 700, ".3 g twice daily")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(72, 680, "platelets 100 x 10")
        x = 72 + pdfmetrics.stringWidth("platelets 100 x 10", "Helvetica", 10)
        canvas.setFont("Helvetica", 6)
        canvas.drawString(x, 684, "9")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(x + 4, 680, "/L")

    text = load_pdf(drawn(page), NO_OCR).pages[0].text
    assert "Give 0.3 g twice daily" in text
    assert "100 x 10⁹/L" in text


# --------------------------------------------------------------------------------------------------------------------
# Furniture


def test_headers_footers_and_page_numbers_go(drawn: Callable[..., Path]) -> None:
    def page(number: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(72, 810, "Hospital formulary 2024")
            canvas.drawRightString(520, 810, "Section of cardiology" if number % 2 else "Pharmacy department")
            canvas.drawCentredString(297, 30, f"- {number} -")
            write(canvas, 72, 760, [f"Chapter {number} begins here."], "Helvetica-Bold", 13)
            write(canvas, 72, 730, wrapped(PROSE * 3, 430, "Helvetica", 10))

        return draw

    loaded = load_pdf(drawn(*(page(number) for number in range(1, 7))), NO_OCR)
    for number, read in enumerate(loaded.pages, 1):
        assert read.text.startswith(f"Chapter {number} begins")
        assert "formulary" not in read.text
        assert "cardiology" not in read.text
        assert not read.text.endswith("-")


def test_short_files_and_title_pages_keep_their_lines(drawn: Callable[..., Path]) -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 72, 800, ["Store below 25 °C"])
        write(canvas, 72, 40, ["12"])

    two = load_pdf(drawn(page, page), NO_OCR)
    assert [p.text for p in two.pages] == ["Store below 25 °C\n12"] * 2

    def title(canvas: Canvas) -> None:
        write(canvas, 200, 800, ["Annex"])

    assert [p.text for p in load_pdf(drawn(title, title, title, title), NO_OCR).pages] == ["Annex"] * 4


def test_of_two_pages_the_first_keeps_the_header_and_the_last_the_footer(drawn: Callable[..., Path]) -> None:
    def page(text: str) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            write(canvas, 72, 815, ["Leaflet of the example hospital"], size=8)
            write(canvas, 72, 760, wrapped(text, 430, "Helvetica", 10))
            write(canvas, 72, 30, ["For demonstration only"], size=8)

        return draw

    first, last = load_pdf(drawn(page("Take one tablet every " * 9), page("morning with water. " * 9)), NO_OCR).pages
    assert first.text.startswith("Leaflet of the example hospital")
    assert bare(first.text).endswith("everyTakeonetabletevery")
    assert last.text.startswith("morning")
    assert last.text.endswith("For demonstration only")


def test_a_line_that_says_it_is_a_page_number_goes_from_short_files_too(drawn: Callable[..., Path]) -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 72, 700, wrapped(PROSE, 430, "Helvetica", 10))
        write(canvas, 270, 40, ["第 1 页 共 2 页"], SONG)

    assert "页" not in load_pdf(drawn(page, page), NO_OCR).pages[0].text


# --------------------------------------------------------------------------------------------------------------------
# Tables

ROWS = [("氨氯地平", "2.5-10", "1"), ("硝苯地平", "10-30", "2-3"), ("拉西地平", "4-8", "1"), ("尼卡地平", "40-80", "2")]
COLUMNS = (80, 250, 380, 500)


def grid(canvas: Canvas, top: float, rows: list[tuple[str, ...]], *, upright: bool = True) -> float:
    height = 20
    bottom = top - height * len(rows)
    for number in range(len(rows) + 1):
        canvas.line(COLUMNS[0], top - number * height, COLUMNS[-1], top - number * height)
    if upright:
        for x in COLUMNS:
            canvas.line(x, top, x, bottom)
    canvas.setFont(SONG, 10)
    for number, row in enumerate(rows):
        for x, cell in zip(COLUMNS, row, strict=False):
            canvas.drawString(x + 5, top - number * height - 14, cell)
    return bottom


HEADER = ("药物", "每天剂量(mg)", "分服次数")


@pytest.mark.parametrize("upright", [True, False])
def test_ruled_table(drawn: Callable[..., Path], upright: bool) -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 80, 780, wrapped(CHINESE, 400, SONG, 10), SONG)
        bottom = grid(canvas, 700, [HEADER, *ROWS], upright=upright)
        write(canvas, 80, bottom - 40, wrapped(CHINESE, 400, SONG, 10), SONG)

    read = load_pdf(drawn(page), NO_OCR).pages[0]
    assert texts(read, BlockKind.TABLE_HEADER) == ["药物 | 每天剂量(mg) | 分服次数"]
    assert texts(read, BlockKind.TABLE_ROW) == [" | ".join(row) for row in ROWS]
    assert texts(read, BlockKind.PARAGRAPH) == [CHINESE, CHINESE]


def test_table_over_a_page_break_is_one_table(drawn: Callable[..., Path]) -> None:
    def first(canvas: Canvas) -> None:
        write(canvas, 80, 700, wrapped(CHINESE, 400, SONG, 10), SONG)
        grid(canvas, 150, [HEADER, *ROWS[:2]])

    def second(canvas: Canvas) -> None:
        bottom = grid(canvas, 780, [HEADER, *ROWS[2:]])
        write(canvas, 80, bottom - 40, wrapped(CHINESE, 400, SONG, 10), SONG)
        grid(canvas, 400, [("甲", "乙", "丙"), ("子", "丑", "寅")])

    loaded = load_pdf(drawn(first, second), NO_OCR)
    tables = [[(b.table, b.kind) for b in p.blocks if b.table] for p in loaded.pages]
    header, row = BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW
    assert tables[0] == [(1, header), (1, row), (1, row)]
    assert tables[1] == [(1, header), (1, row), (1, row), (2, header), (2, row)]


def test_lines_of_a_cell_stay_in_their_row(drawn: Callable[..., Path]) -> None:
    def page(canvas: Canvas) -> None:
        for y in (700, 670, 610, 560):
            canvas.line(80, y, 500, y)
        for x in (80, 250, 500):
            canvas.line(x, 560, x, 700)
        write(canvas, 85, 685, ["System organ class"])
        write(canvas, 255, 685, ["Adverse reaction"])
        write(canvas, 85, 655, ["Neoplasms benign,", "malignant and", "unspecified"])
        write(canvas, 255, 655, ["Lymphoma, solid organ", "neoplasm, melanoma"])
        write(canvas, 85, 595, ["Eye disorders"])
        write(canvas, 255, 595, ["Visual impairment"])

    rows = texts(load_pdf(drawn(page), NO_OCR).pages[0], BlockKind.TABLE_ROW)
    assert rows == [
        "Neoplasms benign, malignant and unspecified | Lymphoma, solid organ neoplasm, melanoma",
        "Eye disorders | Visual impairment",
    ]


def test_particulars_are_no_table(drawn: Callable[..., Path]) -> None:
    lines = [
        ("通用名称：", "氨氯地平片"),
        ("英文名称：", "Amlodipine Tablets"),
        ("商品名称：", "某某"),
        ("规    格：", "5mg"),
        ("有 效 期：", "24个月"),
    ]

    def page(canvas: Canvas) -> None:
        for number, (label, value) in enumerate(lines):
            write(canvas, 80, 700 - 16 * number, [label], SONG)
            write(canvas, 180, 700 - 16 * number, [value], SONG)

    read = load_pdf(drawn(page), NO_OCR).pages[0]
    assert not [b for b in read.blocks if b.table]
    assert "通用名称： 氨氯地平片" in read.text


# --------------------------------------------------------------------------------------------------------------------
# Places


def test_runs_stand_where_the_text_was_drawn(drawn: Callable[..., Path]) -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 100, 700, ["Contraindications are listed below"], "Helvetica", 12)

    read = load_pdf(drawn(page), NO_OCR).pages[0]
    (run,) = read.runs
    assert read.text[run.start : run.end] == "Contraindications are listed below"
    assert run.x0 == pytest.approx(100, abs=1)
    assert run.x1 == pytest.approx(100 + pdfmetrics.stringWidth(read.text, "Helvetica", 12), abs=1)
    assert run.y0 < HEIGHT - 700 < run.y1  # the baseline, from the top


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_rotated_pages_are_read_and_placed_as_shown(drawn: Callable[..., Path], tmp_path: Path, turn: int) -> None:
    path = drawn(lambda canvas: write(canvas, 72, 700, wrapped(PROSE, 400, "Helvetica", 10)))
    writer = pypdf.PdfWriter(clone_from=path)
    writer.pages[0].rotate(turn)
    turned = tmp_path / "turned.pdf"
    writer.write(turned)
    read = load_pdf(turned, NO_OCR).pages[0]
    assert read.text == PROSE.strip()
    assert (read.width, read.height) == ((HEIGHT, WIDTH) if turn % 180 else (WIDTH, HEIGHT))
    assert_ink_under_runs(turned, read)


def assert_ink_under_runs(path: Path, read: Page) -> None:
    """The boxes hold the page's ink: dark inside, white everywhere else."""
    with pypdfium2.PdfDocument(path) as document:
        picture = document[0].render(scale=2).to_numpy().min(axis=2).copy()
    for run in read.runs:
        box = picture[int(run.y0 * 2) - 2 : int(run.y1 * 2) + 2, int(run.x0 * 2) - 2 : int(run.x1 * 2) + 2]
        assert (box < 128).mean() > 0.03
        box[:] = 255
    assert (picture < 128).sum() < 20


def test_text_turned_on_its_side_is_read(drawn: Callable[..., Path]) -> None:
    def page(canvas: Canvas) -> None:
        canvas.translate(100, 100)
        canvas.rotate(90)
        write(canvas, 0, 0, wrapped(PROSE, 500, "Helvetica", 10))

    path = drawn(page)
    read = load_pdf(path, NO_OCR).pages[0]
    assert read.text == PROSE.strip()
    assert_ink_under_runs(path, read)


def test_crop_box_moves_the_origin_and_hides_printers_marks(drawn: Callable[..., Path], tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 150, 600, ["Visible text on the page"])
        write(canvas, 10, 820, ["printer mark"])

    writer = pypdf.PdfWriter(clone_from=drawn(page))
    writer.pages[0].cropbox.lower_left = (100, 100)
    writer.pages[0].cropbox.upper_right = (500, 700)
    cropped = tmp_path / "cropped.pdf"
    writer.write(cropped)
    read = load_pdf(cropped, NO_OCR).pages[0]
    assert read.text == "Visible text on the page"
    assert read.runs[0].x0 == pytest.approx(50, abs=1)
    assert read.runs[0].y0 < 100 < read.runs[0].y1


# --------------------------------------------------------------------------------------------------------------------
# Passwords, damage, emptiness


def encrypted(path: Path, user: str, owner: str) -> Path:
    writer = pypdf.PdfWriter(clone_from=path)
    writer.encrypt(user, owner, algorithm="AES-256")
    target = path.with_name("encrypted.pdf")
    writer.write(target)
    return target


def test_password_is_asked_for_by_name(drawn: Callable[..., Path]) -> None:
    path = encrypted(drawn(lambda canvas: write(canvas, 72, 700, ["secret dose"])), "geheim", "owner")
    with pytest.raises(EncryptedFileError) as missing:
        load_pdf(path, NO_OCR)
    assert "--password" in missing.value.remedy.en
    assert "--password" in missing.value.remedy.zh
    with pytest.raises(EncryptedFileError, match="does not open"):
        load_pdf(path, LoadOptions(password="wrong"))
    assert load_pdf(path, LoadOptions(password="geheim")).pages[0].text == "secret dose"


def test_owner_password_alone_does_not_lock(drawn: Callable[..., Path]) -> None:
    path = encrypted(drawn(lambda canvas: write(canvas, 72, 700, ["open to all"])), "", "owner")
    assert load_pdf(path, NO_OCR).pages[0].text == "open to all"


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 5000, b"this is no pdf at all", b"%PDF-1.7\n", b"PK\x03\x04" + b"x" * 2000]
)
def test_damaged_files_say_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "damaged.pdf"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError):
        load_pdf(path, NO_OCR)


def test_cut_off_file_ends_in_text_or_a_load_error(drawn: Callable[..., Path], tmp_path: Path) -> None:
    whole = drawn(lambda canvas: write(canvas, 72, 700, wrapped(PROSE, 400, "Helvetica", 10))).read_bytes()
    for share in (0.3, 0.6, 0.9, 0.99):
        path = tmp_path / f"cut{share}.pdf"
        path.write_bytes(whole[: int(len(whole) * share)])
        try:
            assert load_pdf(path, NO_OCR).pages
        except (DamagedFileError, NoTextError):
            continue


def test_blank_pages_stay_and_a_blank_file_has_no_text(drawn: Callable[..., Path]) -> None:
    blank: Callable[[Canvas], None] = lambda canvas: None  # noqa: E731
    loaded = load_pdf(drawn(blank, lambda canvas: write(canvas, 72, 700, ["second page"])), LoadOptions())
    assert [(p.number, p.text, p.ocr) for p in loaded.pages] == [(1, "", False), (2, "second page", False)]
    with pytest.raises(NoTextError):
        load_pdf(drawn(blank), LoadOptions())


def test_metadata_and_outline(drawn: Callable[..., Path]) -> None:
    def first(canvas: Canvas) -> None:
        canvas.setTitle("氨氯地平片说明书")
        canvas.setAuthor("药剂科")
        canvas.bookmarkPage("a")
        canvas.addOutlineEntry("Indications", "a", level=0)
        write(canvas, 72, 700, ["one"])

    def second(canvas: Canvas) -> None:
        canvas.bookmarkPage("b")
        canvas.addOutlineEntry("Dosage", "b", level=1)
        write(canvas, 72, 700, ["two"])

    loaded = load_pdf(drawn(first, second), NO_OCR)
    assert loaded.format == "pdf"
    assert loaded.metadata["title"] == "氨氯地平片说明书"
    assert loaded.metadata["author"] == "药剂科"
    assert loaded.outline == ((1, "Indications", 1), (2, "Dosage", 2))


def test_full_width_spaces_part_chinese_words_and_narrow_ones_do_not(drawn: Callable[..., Path]) -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 72, 700, ["第一章　诊断与分级", "核 准 日 期：2011年　修改日期：2021年"], SONG, 12)

    assert load_pdf(drawn(page), NO_OCR).pages[0].text == "第一章 诊断与分级\n核准日期：2011年 修改日期：2021年"
