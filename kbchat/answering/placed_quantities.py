"""The quantities of a text with what their clauses say about them, read once a text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kbchat.answering.markers import blank_markers
from kbchat.answering.quantity_roles import Roles, roles_of
from kbchat.text.quantities import Bound, Quantity, QuantityKind, close, find_quantities

DAY = 24.0
"""Hours of a day."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A quantity with what its clause says about it."""

    quantity: Quantity
    roles: Roles

    @property
    def direction(self) -> Bound:
        """Its bound, or the one that a maximum or minimum implies."""
        if self.quantity.bound is not Bound.NONE:
            return self.quantity.bound
        return {"max": Bound.DOWN, "min": Bound.UP}.get(self.roles.stage, Bound.NONE)


@lru_cache(maxsize=512)
def placed_quantities(text: str) -> tuple[Placed, ...]:
    """The quantities of ``text`` in order; citation markers in it are no quantities."""
    clean = blank_markers(text)
    quantities = find_quantities(clean)
    return tuple(
        Placed(quantity, roles) for quantity, roles in zip(quantities, roles_of(clean, quantities), strict=True)
    )


def has_period(period: float, source: tuple[Placed, ...]) -> bool:
    """Whether ``source`` speaks of a period (hours; months negative) in any form; less than a day stands for a day."""
    for other in source:
        quantity = other.quantity
        if quantity.period and (close(quantity.period, period) or (period == DAY and 0 < quantity.period < DAY)):
            return True
        if quantity.unit == "h" and len(quantity.values) == 1 and close(quantity.values[0], period):
            return True
    return False


def is_rate(item: Placed) -> bool:
    """Whether it is a frequency."""
    return item.quantity.kind is QuantityKind.FREQUENCY
