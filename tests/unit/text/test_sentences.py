"""Sentences: boundaries where a reader sees them, never inside a quantity."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.text.sentences import split_sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("一次0.3g，一日3次。饭后服。", ["一次0.3g，一日3次。", "饭后服。"]),
        ("剂量为1.5～2.0mg/kg。最多5～10mg/kg。", ["剂量为1.5～2.0mg/kg。", "最多5～10mg/kg。"]),
        ("1．肝功能不全者慎用。2．孕妇禁用。", ["1．肝功能不全者慎用。", "2．孕妇禁用。"]),
        ("一．总则", ["一．总则"]),
        ("（详见【注意事项】。）其他。", ["（详见【注意事项】。）", "其他。"]),
        ("他说：“停药。”然后离开。", ["他说：“停药。”", "然后离开。"]),
        ("皮疹；瘙痒；恶心；头痛。", ["皮疹；瘙痒；恶心；头痛。"]),
        ("每日一次.饭后服", ["每日一次.", "饭后服"]),
        ("浓度为0。3g的制剂", ["浓度为0。3g的制剂"]),
        ("Give 0.3 g, e.g. with food. Stop after 3 days.", ["Give 0.3 g, e.g. with food.", "Stop after 3 days."]),
        ("See Fig. 2 and No. 3 of Smith et al. Results vary.", ["See Fig. 2 and No. 3 of Smith et al. Results vary."]),
        ("Dr. J. A. Hill agreed. Others did not.", ["Dr. J. A. Hill agreed.", "Others did not."]),
        ("1. Swallow whole. 2. Do not chew.", ["1. Swallow whole.", "2. Do not chew."]),
        ("Take vitamin C. Rest well.", ["Take vitamin C.", "Rest well."]),
        ("Take approx. 30 mL (i.e. two spoons). Then wait!", ["Take approx. 30 mL (i.e. two spoons).", "Then wait!"]),
        ("A dose of 0. 5 mg was given. It helped.", ["A dose of 0. 5 mg was given.", "It helped."]),
        ("See www.example.org/a.b?c=d. Next.", ["See www.example.org/a.b?c=d.", "Next."]),
        ("He said “Stop.” She left.", ["He said “Stop.”", "She left."]),
        ("line one\nline two", ["line one", "line two"]),
        ("  \n ", []),
        ("", []),
    ],
)
def test_boundaries(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


def test_a_long_chinese_list_is_cut_at_semicolons() -> None:
    item = "对本品任何成份过敏的患者以及有严重肝肾功能损害并且正在接受透析治疗的患者禁用"
    text = "；".join([item] * 6) + "。"
    pieces = cut(text)
    assert len(pieces) > 1
    assert all(piece.endswith(("；", "。")) for piece in pieces)


QUANTITY = st.builds(
    lambda number, space, unit: f"{number}{space}{unit}",
    st.sampled_from(["0.3", "1.5～2.0", "5～10", "≥0.05", "±2.5", "1,000", "0.5-1.5", "3.2×10", "140/90", "<60"]),
    st.sampled_from(["", " "]),
    st.sampled_from(["g", "mg/kg", "mg", "ml/min/1.73m2", "%", "mmol/L", "μg", "片", "℃", "mmHg"]),
)
AROUND = st.text(alphabet="剂量每日一次饭后服。；！？.,()（）“”：:;!? abcDEF1", max_size=30)


@given(before=AROUND, quantity=QUANTITY, after=AROUND)
def test_no_boundary_inside_a_quantity(before: str, quantity: str, after: str) -> None:
    text = before + quantity + after
    low, high = len(before), len(before) + len(quantity)
    for start, end in split_sentences(text):
        assert not low < start < high
        assert not low < end < high


@given(st.text(alphabet='药a1.。;；\n \t？!"”)】．e.g', max_size=200))
def test_sentences_cover_everything_that_is_no_space(text: str) -> None:
    spans = split_sentences(text)
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    assert not any("\n" in text[start:end] for start, end in spans)
