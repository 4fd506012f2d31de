"""Sources that disagree."""

from __future__ import annotations

from kbchat.answering.conflicts import find_conflicts, notice
from kbchat.types import Citation


def citation(number: int, quote: str, *, document: int | None = None, date: str = "2020") -> Citation:
    return Citation(number, f"{number}.pdf", document or number, "t", number, date, (), 1, 0, len(quote), quote)


def test_other_figures_for_the_same_matter_are_a_conflict() -> None:
    pair = (
        citation(1, "一般患者血压降至140/90mmHg以下。"),
        citation(2, "一般患者血压降至130/80mmHg以下。", date="2024"),
    )
    conflicts = find_conflicts(pair)
    assert [(c.first, c.second) for c in conflicts] == [(1, 2)]
    text = notice(conflicts, pair, "zh")
    assert "[1] [2]" in text
    assert "2020、2024" in text


def test_no_conflict() -> None:
    same = (citation(1, "每日最大剂量2g。"), citation(2, "每日最大剂量为2000mg。"))
    assert find_conflicts(same) == ()
    other_matter = (citation(1, "口服，一次0.5g，一日2次。"), citation(2, "密封，在30℃以下保存。"))
    assert find_conflicts(other_matter) == ()
    one_document = (citation(1, "成人每日最大剂量2g。", document=9), citation(2, "儿童每日最大剂量1g。", document=9))
    assert find_conflicts(one_document) == ()
    assert notice((), same, "en") == ""
