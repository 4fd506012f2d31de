"""Values that stand in a source, but with another role than a sentence gives them: the child's dose for the adult's."""

from __future__ import annotations

from collections.abc import Sequence

from kbchat.answering.placed_quantities import DAY, Placed, is_rate
from kbchat.answering.quantity_matching import says_the_same
from kbchat.text.deferred_pattern import deferred
from kbchat.text.quantities import Bound, Quantity, QuantityKind, close

_DIVIDED = deferred(r"分|divided|split")
_WEEK = 168.0
"""Hours of a week."""

_GROUPS = ("stage", "population", "organ", "severity", "sex", "side", "condition", "route", "daytime", "nth", "kind")
_ALTERNATIVES = {
    "population": frozenset({"child", "adult"}),
    "sex": frozenset({"male", "female"}),
    "arm": frozenset({"tested", "control"}),
    "left_right": frozenset({"left", "right"}),
}
"""Roles that exclude each other."""
_WHO = ("sex", "left_right")
"""Groups that tell apart better than the words of a label."""
_SET_AGAINST = ("daytime", "population", "severity", "route", "nth", "condition", "state")
"""Groups whose order in a sentence of the source tells apart better than the words of a label."""
_MATTERS = ("substance", "state", "arm", "phase", "way_out", "intake", "fate", "course", "left_right")


def _role(item: Placed, group: str) -> str:
    """The role of ``item`` in a group of cues."""
    if group in _GROUPS:
        return str(getattr(item.roles, group))
    return item.roles.matter(group)


def belongs_elsewhere(
    item: Placed, matches: Sequence[Placed], source: Sequence[Placed], sentence: Sequence[Placed] = ()
) -> bool:
    """Whether ``matches``, the quantities of ``source`` with the value of ``item`` (of ``sentence``), all have another role than it."""
    others = [other for other in source if other.quantity.unit == item.quantity.unit and other not in matches]
    doses = [other for other in source if other.quantity.kind in (QuantityKind.MEASURE, QuantityKind.COUNT)]
    for group in (*_GROUPS, *_MATTERS):
        said = _role(item, group)
        if not said:
            continue
        meant = {_role(match, group) for match in matches}
        if "" in meant or said in meant:
            continue
        if said in ("max", "min") and item.quantity.bound is not Bound.NONE:
            continue  # its own bound says more than a word further away
        rivals = doses if group == "population" else others
        if any(_role(rival, group) == said for rival in rivals):
            return True
    return (
        _of_others(item, matches)
        or _limit_reversed(item, matches)
        or _no_longer_within(item, matches)
        or _wrong_side(item, matches)
        or _wrong_meal(item, matches)
        or _wrong_basis(item, matches, others, source)
        or _whole_for_part(item, matches, source, sentence)
        or _wrong_person(item, matches, others)
        or _wrong_kind(item, matches)
        or _contrasted(item, matches, source)
        or _wrong_label(item, matches, others)
        or _wrong_context(item, matches, others)
        or _wrong_period(item, matches)
        or _wrong_change(item, matches, others)
        or _wrong_partner(item, matches, source)
        or _wrong_route(item, matches, source)
        or _wrong_consequence(item, matches)
    )


def _of_others(item: Placed, matches: Sequence[Placed]) -> bool:
    """Told of children where the source speaks of adults alone, of the left eye where it speaks of the right."""
    for group, alternatives in _ALTERNATIVES.items():
        said = _role(item, group)
        meant = {_role(match, group) for match in matches} if said in alternatives else set()
        if meant and said not in meant and meant <= alternatives and said not in matches[0].roles.mentioned(group):
            return True
    return False


def _limit_reversed(item: Placed, matches: Sequence[Placed]) -> bool:
    """每天至少服4g for a maximum of 4 g: a limit apart from its number, turned round."""
    said = {"max": Bound.DOWN, "min": Bound.UP}.get(item.roles.limit)
    if said is None or item.quantity.bound is not Bound.NONE:
        return False
    meant = {match.direction for match in matches}
    return Bound.NONE not in meant and said not in meant


def _no_longer_within(item: Placed, matches: Sequence[Placed]) -> bool:
    """72小时后 for 72小时内: the time in which, taken for the time after which."""
    return (
        item.quantity.unit == "h"
        and len(item.quantity.values) == 1
        and item.roles.elapsed
        and not any(match.roles.forbidden for match in matches)
        and all(match.quantity.bound is Bound.DOWN and not match.roles.elapsed for match in matches)
    )


def _wrong_side(item: Placed, matches: Sequence[Placed]) -> bool:
    """术前12小时 for 术后12小时: the same event, or none named, and the other side."""
    said = item.roles
    return bool(said.side) and all(
        match.roles.side not in ("", said.side) and match.roles.anchor == said.anchor for match in matches
    )


def _wrong_meal(item: Placed, matches: Sequence[Placed]) -> bool:
    said = item.roles.meal
    return bool(said) and all(match.roles.meal not in ("", said) for match in matches)


def _wrong_basis(item: Placed, matches: Sequence[Placed], others: Sequence[Placed], source: Sequence[Placed]) -> bool:
    """500 mg per dose is not 500 mg per day, unless it is taken once a day (so of weeks)."""
    said = item.roles.basis
    meant = [_basis(match) for match in matches]
    if not said or any(basis in ("", said) for basis in meant):
        return False
    rates = [other.quantity for other in source if is_rate(other)]
    length = {"day": DAY, "week": _WEEK, "dose": 0.0}
    spans = {length[said], *(length[basis] for basis in meant)} - {0.0}
    once = len(spans) == 1 and any(rate.values[-1] == 1.0 and rate.period in spans for rate in rates)
    if once:
        return False
    counted = said == "day" and any(
        other.quantity.period and other.quantity.unit in ("times", "injection") for other in source
    )  # up to 4 doses in 24 hours
    return bool(rates) or counted or any(other.roles.basis == said for other in others)


def _basis(item: Placed) -> str:
    """Per dose, per day or per week, as its words or what it is divided by say (10 mg/kg/day)."""
    return item.roles.basis or {DAY: "day", _WEEK: "week"}.get(item.quantity.period, "")


def _whole_for_part(
    item: Placed, matches: Sequence[Placed], source: Sequence[Placed], sentence: Sequence[Placed]
) -> bool:
    """20 mg/kg three times a day for 20 mg/kg per day in three divided doses: the day's amount taken for each dose."""
    if is_rate(item) or item.quantity.kind not in (QuantityKind.MEASURE, QuantityKind.COUNT) or _basis(item) == "day":
        return False
    if any(other.quantity.kind is QuantityKind.PERIOD for other in sentence):
        return False
    said = [other.quantity for other in sentence if is_rate(other)]
    meant = [other.quantity for other in source if is_rate(other)]
    several = any(rate.period == DAY and rate.values[-1] > 1 and not _DIVIDED.search(rate.text) for rate in said)
    divided = bool(meant) and all(_DIVIDED.search(rate.text) for rate in meant)
    return several and divided and all(_basis(match) == "day" for match in matches)


def _wrong_person(item: Placed, matches: Sequence[Placed], others: Sequence[Placed]) -> bool:
    """Told of those (有痛风石者) of whom the source tells another value, and this one of everybody or of others."""
    said, told = item.roles.whose, item.roles.told
    if not said or any(match.roles.whose & told for match in matches):
        return False
    return any(len(said & other.roles.whose) * 2 >= len(other.roles.whose) > 0 for other in others)


def _wrong_kind(item: Placed, matches: Sequence[Placed]) -> bool:
    """C级减半 for B级减半，C级禁用: told of a kind that the source names in another clause."""
    said = item.roles.kind
    return bool(said) and all(
        match.roles.kind not in ("", said) and match.roles.kind[-1] == said[-1] and match.roles.names_apart(said)
        for match in matches
    )


def _contrasted(item: Placed, matches: Sequence[Placed], source: Sequence[Placed]) -> bool:
    """Told with what the source tells with another quantity alone, and with nothing that it tells with this one alone."""
    said = item.roles.told_with
    if not said or not item.quantity.unit or _told_apart(item, matches):
        return False
    own = frozenset[str]().union(*(match.roles.told_with for match in matches))
    rivals = [
        other
        for other in source
        if other not in matches
        and _comparable(other.quantity, item.quantity)
        and all(match.roles.stands_beside(other.roles) for match in matches)
    ]
    return any(
        said & (rival.roles.told_with - own)
        and own - rival.roles.told_with
        and not said & (own - rival.roles.told_with)
        for rival in rivals
    )


def _comparable(left: Quantity, right: Quantity) -> bool:
    """Whether one could be taken for the other: the same unit, two lengths of time, two frequencies."""
    times = {"h", "month"}
    return (
        left.unit == right.unit or {left.unit, right.unit} == times or left.kind is right.kind is QuantityKind.FREQUENCY
    )


def _told_apart(item: Placed, matches: Sequence[Placed]) -> bool:
    """Whether a word for women or the left side, or the order of the source (mornings 2, nights 1), tells of whom or when it is."""
    return any(
        _role(item, group) and all(_role(match, group) == _role(item, group) for match in matches) for group in _WHO
    ) or any(
        all(said and said == match.roles.ordered(group) for match in matches)
        for group in _SET_AGAINST
        for said in (_role(item, group),)
    )


def _wrong_label(item: Placed, matches: Sequence[Placed], others: Sequence[Placed]) -> bool:
    """The words before it stand in the source beside another value, and none of them beside this one."""
    said = item.roles.label
    if (
        not said
        or is_rate(item)
        or _told_apart(item, matches)
        or any(said & (match.roles.label | match.roles.behind) for match in matches)
    ):
        return False
    if any(said <= other.roles.behind for other in others):
        return True
    if any(not match.roles.label for match in matches):
        return False
    return any(len(said & other.roles.label) >= min(2, len(said)) for other in others)


def _wrong_context(item: Placed, matches: Sequence[Placed], others: Sequence[Placed]) -> bool:
    """Told of what the source tells of another value, and of nothing that it tells of this one (2型 for 1型)."""
    said = item.roles.context
    if not said or is_rate(item) or _told_apart(item, matches) or any(not match.roles.context for match in matches):
        return False
    own = frozenset[str]().union(*(match.roles.context for match in matches))
    rivals = [other.roles.context for other in others if other.quantity.kind is item.quantity.kind]
    return any(said & (rival - own) and not said & (own - rival) for rival in rivals)


def _wrong_period(item: Placed, matches: Sequence[Placed]) -> bool:
    """9 tablets in 24 hours for 9 tablets per week."""
    said = item.quantity.period
    return (
        bool(said)
        and not is_rate(item)
        and all(match.quantity.period and not close(match.quantity.period, said) for match in matches)
    )


def _wrong_change(item: Placed, matches: Sequence[Placed], others: Sequence[Placed]) -> bool:
    """Reduced by 25 mg for reduced to 25 mg; increased to what the source starts with."""
    said = item.roles.change
    if said == "to" and all(match.roles.stage == "start" and not match.roles.change for match in matches):
        return any(other.roles.change == said for other in others)
    return bool(said) and all(match.roles.change not in ("", said) for match in matches)


def _wrong_partner(item: Placed, matches: Sequence[Placed], source: Sequence[Placed]) -> bool:
    """Doses and frequencies exchanged, or lengths of time: 0.5 mg twice and 1 mg once, for 0.5 mg once and 1 mg twice a day."""
    said = item.roles.partner
    meant = [match.roles.partner for match in matches]
    if said is None or any(one is None or says_the_same(said, one) for one in meant):
        return False
    return any(
        other.quantity.kind is item.quantity.kind
        and other.roles.partner is not None
        and says_the_same(said, other.roles.partner)
        for other in source
        if other not in matches
    )


def _wrong_route(item: Placed, matches: Sequence[Placed], source: Sequence[Placed]) -> bool:
    """Given another way than the source, which speaks of one way only, says."""
    said, told = item.roles.route, {other.roles.route for other in source if other.roles.route}
    return bool(said) and len(told) == 1 and said not in told and all(match.roles.route for match in matches)


def _wrong_consequence(item: Placed, matches: Sequence[Placed]) -> bool:
    """What follows from more than a limit, told of less (漏服不足6小时应补服，超过6小时则跳过)."""
    bound, said = item.quantity.bound, item.roles.follows
    same = [match for match in matches if match.quantity.bound is bound]
    opposite = [match for match in matches if match.quantity.bound not in (bound, Bound.NONE)]
    if bound is Bound.NONE or not said or not same or not opposite:
        return False
    return any(said & match.roles.follows for match in opposite) and not any(
        said & match.roles.follows or not match.roles.follows for match in same
    )
