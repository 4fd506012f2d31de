"""Units of measure and of counting: names as written to canonical unit and factor. The table is ``data/units.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kbchat.text.normalise import unify

COUNTED = frozenset(
    {"oral", "sachet", "vial", "box", "puff", "drop", "patch", "injection", "spoon", "cup", "course", "times", "fold",
     "person", "score", "grade"}
)  # fmt: skip
"""Canonical units that count things; the others measure."""

# A Chinese numeral before these makes an everyday word (十分, 一度, 一级, 两名): only digits count with them.
_DIGITS_ONLY = frozenset({"度", "分", "级", "名", "例", "位患者", "单位", "回", "升", "克"}) - {"单位", "升", "克"}


@dataclass(frozen=True, slots=True)
class Unit:
    """``value * factor`` in the written unit is the value in unit ``name``."""

    name: str
    factor: float


@dataclass(frozen=True, slots=True)
class UnitTable:
    """All units and the pattern that finds their names, longest first."""

    by_name: dict[str, Unit]
    exact_case: dict[str, Unit]
    pattern: str

    def find(self, written: str) -> Unit | None:
        """The unit of a name as written (unified text), or None."""
        text = " ".join(written.split())
        return self.exact_case.get(text) or self.by_name.get(text.lower())


@cache
def unit_table() -> UnitTable:
    """The table, read once."""
    raw = tomllib.loads(resources.files("kbchat.text").joinpath("data/units.toml").read_text("utf-8"))
    exact = {unify(name): Unit(str(u["unit"]), float(u["factor"])) for name, u in raw.pop("exact_case").items()}
    by_name = {
        unify(name).lower(): Unit(canonical, float(factor))
        for canonical, factors in raw.items()
        for factor, names in factors.items()
        for name in names
    }
    return UnitTable(by_name, exact, _pattern([*by_name, *exact]))


def _pattern(names: list[str]) -> str:
    parts = []
    for name in sorted(set(names), key=len, reverse=True):
        piece = re.escape(name).replace(r"\ ", r"\s+")
        # "5 mg" but not "5 mgx"; "5 s" but not "5 s-trans" nor the possessive
        parts.append(piece + r"(?![a-z])" if name[-1].isascii() and name[-1].isalpha() else piece)
    return "(?:" + "|".join(parts) + ")"


def needs_digits(written: str) -> bool:
    """Whether a Chinese numeral before this unit is more likely an everyday word than a number."""
    return written in _DIGITS_ONLY
