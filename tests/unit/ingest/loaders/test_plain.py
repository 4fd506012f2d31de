"""Plain text files: charsets, wrapped lines, lists, tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.loaders import LoadOptions, load_file
from ingest.loaders.charset import decode
from ingest.loaders.plain import wrap_width
from kbchat.errors import DamagedFileError, NoTextError, UnsupportedFormatError
from kbchat.types import BlockKind, LoadedFile

ZH = (
    "【药品名称】通用名称：盐酸二甲双胍缓释片。【适应症】本品首选用于单纯饮食控制及体育锻炼治疗无效的2型糖尿病，特别是肥胖的2型糖尿病。"
    "【用法用量】口服，成人开始一次0.25g，一日2～3次，以后根据疗效逐渐加量，一般每日量1～1.5g，最多每日不超过2g。餐中或餐后即刻服用可减轻胃肠道反应。"
)
ZH_HANT = (
    "本品適用於治療高血壓及心臟衰竭。成人初始劑量為每日一次，每次五毫克，可依病人反應調整劑量，最大劑量為每日二十毫克。"
    "腎功能不全之病人應減量使用，並監測血鉀濃度。懷孕婦女禁用本品。若出現血管性水腫，應立即停藥並尋求醫療協助。"
)


def load(tmp_path: Path, data: bytes, name: str = "a.txt") -> LoadedFile:
    path = tmp_path / name
    path.write_bytes(data)
    return load_file(path, LoadOptions())


def blocks(loaded: LoadedFile) -> list[tuple[BlockKind, str]]:
    page = loaded.pages[0]
    return [(block.kind, page.text[block.start : block.end]) for block in page.blocks]


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_simplified_chinese_is_read_in_every_charset(tmp_path: Path, charset: str) -> None:
    assert load(tmp_path, ZH.encode(charset)).pages[0].text == ZH


def test_traditional_chinese_in_big5_is_not_taken_for_gb18030(tmp_path: Path) -> None:
    assert load(tmp_path, ZH_HANT.encode("big5")).pages[0].text == ZH_HANT


def test_short_gb18030_and_mixed_english_are_told() -> None:
    assert decode("阿司匹林 100mg qd".encode("gb18030")) == ("阿司匹林 100mg qd", "gb18030")
    text = "Metformin hydrochloride tablets 盐酸二甲双胍片 0.5g, take with meals. " * 30
    assert decode(text.encode("gb18030")) == (text, "gb18030")


def test_western_single_bytes_are_not_made_chinese() -> None:
    text = "Le médecin a prescrit une dose de 5 µg à répéter après déjeuner, très régulièrement. " * 5
    assert decode(text.encode("cp1252"))[0] == text


def test_four_byte_gb18030_and_a_cut_last_character() -> None:
    text = ZH + "㐀𠀀"
    assert decode(text.encode("gb18030"))[0] == text
    assert decode(text.encode("utf-8")[:-1])[0].startswith(ZH)


def test_nul_bytes_and_invisible_characters_go(tmp_path: Path) -> None:
    loaded = load(tmp_path, "一次\u200b0.3\u00a0g\x00，\u00ad一日3次".encode())
    assert loaded.pages[0].text == "一次0.3 g，一日3次"


def test_printed_forms_stay(tmp_path: Path) -> None:
    text = "①体温38℃～39℃；剂量１．５ｍｇ，Ⅱ级"
    assert load(tmp_path, text.encode()).pages[0].text == text


def test_decomposed_accents_are_composed(tmp_path: Path) -> None:
    assert load(tmp_path, "Sjo\u0308gren".encode()).pages[0].text == "Sjögren"


def test_wrapped_english_is_put_together_and_lists_stay(tmp_path: Path) -> None:
    text = (
        "TREATMENT\n"
        "The recommended starting dose of the medicine in adults with normal renal function\n"
        "is 500 mg twice daily. In patients with an estimated glomerular filtration rate of\n"
        "30 ml/min or less the medicine is contraindicated and treatment should be stopped\n"
        "at once.\n"
        "Avoid use in patients with:\n"
        "- severe infection, or any condition that may lead to lactic acidosis, and in those\n"
        "with dehydration\n"
        "- heart failure\n"
    )
    assert blocks(load(tmp_path, text.encode())) == [
        (BlockKind.PARAGRAPH, "TREATMENT"),
        (
            BlockKind.PARAGRAPH,
            "The recommended starting dose of the medicine in adults with normal renal function is 500 mg twice daily. In "
            "patients with an estimated glomerular filtration rate of 30 ml/min or less the medicine is contraindicated "
            "and treatment should be stopped at once.",
        ),
        (BlockKind.PARAGRAPH, "Avoid use in patients with:"),
        (
            BlockKind.LIST_ITEM,
            "- severe infection, or any condition that may lead to lactic acidosis, and in those with dehydration",
        ),
        (BlockKind.LIST_ITEM, "- heart failure"),
    ]


def test_wrapped_chinese_is_put_together_without_spaces(tmp_path: Path) -> None:
    sentence = "本品用于治疗轻至中度原发性高血压以及心力衰竭患者应在医生指导下使用并定期监测血压肾功能及血钾水平"
    lines = [sentence[:24], sentence[24:], "【禁忌】", sentence[:24], sentence[24:], "对本品过敏者禁用。"]
    found = blocks(load(tmp_path, "\n".join(lines).encode()))
    assert [text for _, text in found][:3] == [sentence, "【禁忌】", sentence + "对本品过敏者禁用。"] or [
        text for _, text in found
    ] == [sentence, "【禁忌】", sentence, "对本品过敏者禁用。"]


def test_lines_that_were_not_wrapped_stay_apart(tmp_path: Path) -> None:
    text = "阿莫西林\n头孢拉定\n甲硝唑 抗厌氧菌\n一次0.5g\n"
    assert wrap_width(text.split("\n")) == 0
    assert len(blocks(load(tmp_path, text.encode()))) == 4


def test_a_hyphen_at_a_line_end_is_mended_only_where_the_word_exists(tmp_path: Path) -> None:
    filler = "Patients on prophylaxis need regular follow-up visits at the clinic every two months.\n" * 4
    text = filler + (
        "All infants born to mothers with the infection must be started at once on the prophy-\n"
        "laxis described above and this is what every guideline tells about the care of post-\n"
        "exposure contacts.\n"
    )
    joined = load(tmp_path, text.encode()).pages[0].text
    assert "the prophylaxis described" in joined
    assert "post-exposure contacts" in joined


def test_marked_and_underlined_headings_and_pipe_tables(tmp_path: Path) -> None:
    text = (
        "Dosage\n======\n\nText one.\n\n## Children\n# Table 2: Doses\n| Weight | **Dose** |\n|---|---|\n"
        "| <10 kg | 5 mg |\n| | 10 mg |\n\n---\nNotes\n"
    )
    loaded = load(tmp_path, text.encode())
    assert blocks(loaded) == [
        (BlockKind.HEADING, "Dosage"),
        (BlockKind.PARAGRAPH, "Text one."),
        (BlockKind.HEADING, "Children"),
        (BlockKind.PARAGRAPH, "Table 2: Doses"),
        (BlockKind.TABLE_HEADER, "Weight | Dose"),
        (BlockKind.TABLE_ROW, "<10 kg | 5 mg"),
        (BlockKind.TABLE_ROW, "<10 kg | 10 mg"),
        (BlockKind.PARAGRAPH, "Notes"),
    ]
    assert [block.level for block in loaded.pages[0].blocks if block.kind is BlockKind.HEADING] == [1, 2]
    assert {block.table for block in loaded.pages[0].blocks} == {0, 1}


def test_file_without_extension_is_text_but_unknown_ones_are_refused(tmp_path: Path) -> None:
    assert load(tmp_path, ZH.encode(), "说明书").format == "txt"
    assert load(tmp_path, ZH.encode(), "指南v1.2").format == "txt"
    for name in ("a.py", "a.log", "a.exe", "a.css", "a.zip"):
        with pytest.raises(UnsupportedFormatError, match="not read"):
            load(tmp_path, ZH.encode(), name)


def test_empty_blank_and_binary_files_fail_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError, match="empty"):
        load(tmp_path, b"")
    with pytest.raises(NoTextError):
        load(tmp_path, b" \n\t\n")
    with pytest.raises(UnsupportedFormatError, match="binary"):
        load(tmp_path, bytes(range(256)) * 20)


def test_every_block_is_the_slice_it_says(tmp_path: Path) -> None:
    page = load(tmp_path, f"{ZH}\n\n• 一\n• 二\n".encode()).pages[0]
    assert "\n".join(page.text[block.start : block.end] for block in page.blocks) == page.text


def test_english_textbook_chapter(shared_data: Path) -> None:
    path = next((shared_data / "documents").glob("25_*.txt"))
    found = blocks(load_file(path, LoadOptions()))
    texts = [text for _, text in found]
    assert (
        "Acquired Immuno Deficiency Syndrome (AIDS) is defined as the presence of an AIDS-defining illness (see table 1) "
        "with a positive antibody test for HIV." in texts
    )
    assert "STAGING OF HIV/AIDS" in texts
    assert (BlockKind.LIST_ITEM, "・ Mild fever") in found
    assert (BlockKind.TABLE_ROW, ">6 weeks to 6 months* | 20 mg (2 ml) once daily") in found
