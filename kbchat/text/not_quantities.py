"""Digits that count nothing: list items and names."""

from __future__ import annotations

from kbchat.text.deferred_pattern import deferred

_LIST_MARK = deferred(
    r"(?:^|(?<=[\n。；;：:!！?？|]))\s*[(（]?\d{1,2}(?:[.．、)）]+(?!\d)|\s+(?=[\u4e00-\u9fff]))|[(（]\d{1,2}[)）]"
    r"|(?:^|(?<=[\n。；;]))\s*\d{1,2}\.(?=\d{1,2}\s*(?:周?岁|个月|小时))"  # "2.18岁以下" is item 2
    r"|(?<=\s)\d{1,2}[.)、](?:\s+(?!\d)|(?=[\u4e00-\u9fff]))"
)  # fmt: skip
# CD4, B12, α-2b, AUC0-24, t1/2; but a value may be glued to the name of what was measured (pH7.4, INR2~3).
_NAME = deferred(r"(?<![A-Za-zα-ωΑ-Ω°])(?P<head>[A-Za-zα-ωΑ-Ω]+)-?\d+(?:[-~/.]\d+)*(?!\d)")
_MEASURED = frozenset("ph inr egfr crcl ccr sbp dbp bp bmi hba ldl hdl iop spo fev qtc tsh alt ast mm cm m".split())


def not_quantities(text: str) -> list[tuple[int, int]]:
    """The stretches of unified ``text`` whose digits count nothing: list items (``1.``, ``（2）``) and names (CD4, B12)."""
    marks = [match.span() for match in _LIST_MARK.finditer(text)]
    return marks + [match.span() for match in _NAME.finditer(text) if match["head"].lower() not in _MEASURED]
