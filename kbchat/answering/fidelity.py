"""Whether the quantities of a sentence stand in the passage it cites.

Every number with its unit, range, bound, frequency, period and role (starting or maximum dose, adult or child, per dose
or per day, before or after) is looked for in the source after normalisation. Wordings may differ (每次500 毫克 for 一次0.5克,
qid for 一日四次); values, units, directions and who a value belongs to may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kbchat.answering.placed_quantities import Placed, has_period, is_rate, placed_quantities
from kbchat.answering.quantity_belonging import belongs_elsewhere
from kbchat.answering.quantity_matching import says_the_same
from kbchat.answering.quantity_shapes import may_last, stands_in_another_shape
from kbchat.text.quantities import Bound, Quantity, QuantityKind


@dataclass(frozen=True, slots=True)
class FidelityResult:
    """``wrong`` are the strings of the sentence that the source does not support, in order."""

    supported: bool
    wrong: tuple[str, ...]


def check_quantities(answer_sentence: str, source_text: str, *, given: str = "") -> FidelityResult:
    """Check every quantity of ``answer_sentence`` against ``source_text``.

    Args:
        answer_sentence: one sentence or a short answer; citation markers in it are ignored.
        source_text: the text of the passage (or passages) the sentence cites.
        given: what the asker said; a quantity repeated from there needs no source.

    Returns:
        Whether all stand in the source, and the wrong strings as they are in the sentence.
    """
    source, known = placed_quantities(source_text), placed_quantities(given) if given else ()
    wrong: list[str] = []
    placed = placed_quantities(answer_sentence)
    for item in placed:
        if _stands_in(item, placed, source, source_text) or _repeats(item, known):
            continue
        string = _wrong_string(item.quantity, source, answer_sentence)
        if string not in wrong:
            wrong.append(string)
    return FidelityResult(not wrong, tuple(wrong))


def _wrong_string(quantity: Quantity, source: Sequence[Placed], sentence: str) -> str:
    """The quantity as written, with its bound only where the bound is what is wrong."""
    if any(says_the_same(quantity, other.quantity) for other in source):
        return quantity.text
    return sentence[slice(*quantity.core)]


def _repeats(item: Placed, known: Sequence[Placed]) -> bool:
    return any(says_the_same(item.quantity, other.quantity) for other in known)


def _stands_in(item: Placed, sentence: Sequence[Placed], source: tuple[Placed, ...], source_text: str) -> bool:
    quantity = item.quantity
    if quantity.kind is QuantityKind.PERIOD:
        # 每日 matters only where it scales an amount; "every day" in passing is no quantity.
        return not item.roles.attached or has_period(quantity.period, source)
    if quantity.values == (2.0,) and quantity.unit in ("times", "injection") and item.roles.spacing:
        return True  # 两次至少间隔4小时: the interval is told, not how often
    matches = [other for other in source if says_the_same(quantity, other.quantity)]
    if not matches:
        return stands_in_another_shape(item, sentence, source, source_text)
    if not any(_bounds_agree(item, other) for other in matches) and not (
        quantity.bound is Bound.DOWN and may_last(item, source_text)
    ):
        return False
    if quantity.period and not is_rate(item) and not has_period(quantity.period, source):
        return False
    return not belongs_elsewhere(item, matches, source, sentence)


def _bounds_agree(said: Placed, meant: Placed) -> bool:
    """A bound may be left out; one that the source lacks or turns round is wrong (a frequency may be called a maximum)."""
    bound = said.quantity.bound
    if bound is Bound.NONE:
        return True
    if is_rate(said) and meant.quantity.bound is Bound.NONE:
        return bound is Bound.DOWN
    if said.quantity.text.endswith("起") and meant.quantity.bound is Bound.NONE:
        return True  # 三个月起, 从5mg起: from then on
    if said.quantity.unit in ("h", "month") and meant.quantity.bound is Bound.NONE:
        after = meant.roles.elapsed or meant.roles.side == "after"
        if (bound is Bound.UP and after) or (bound is Bound.DOWN and meant.roles.side == "before"):
            return True  # 超过20周 for 20周后
    if said.quantity.kind is QuantityKind.AGE and meant.quantity.bound not in (bound, Bound.NONE):
        return said.roles.forbidden is not meant.roles.forbidden  # 6岁以下禁用: 满6岁才能用
    return meant.direction is bound
