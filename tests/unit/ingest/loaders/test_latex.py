"""Formulas left over in text."""

from __future__ import annotations

import pytest

from ingest.loaders.latex import readable_formulas


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"$\mathrm { C D 4 } ^ { + }$", "CD4+"),
        (r"$\mathrm { C D 4 ^ { + } ~ T }$淋巴细胞", "CD4+ T淋巴细胞"),
        (r"$\geqslant$", "≥"),
        (r"$5 0 \%$", "50%"),
        (r"$1 3 \% \sim 1 8 \%$", "13%~18%"),
        (r"$2 0 0 ~ \mathrm { { m g } }$", "200 mg"),
        (r"$6 0 0 { \sim } 8 0 0 ~ \mathrm { m g / d }$", "600~800 mg/d"),
        (
            r"$3 0 ~ \mathrm { m l } / ( \mathrm { m i n } \cdot 1 . 7 3 ~ \mathrm { m } ^ { 2 } )$",
            "30 ml/(min·1.73 m²)",
        ),
        (r"$0 . \ 1 3 3 \ \mathrm { k P a }$", "0.133 kPa"),
        (r"$< 1 0 ^ { 5 }$", "<10⁵"),
        (r"$1 0 ^ { 9 } / \mathrm { L }$", "10⁹/L"),
        (r"$3 8 ~ \mathrm { { ^ { \circ } C } }$", "38 °C"),
        (r"$\textcircled{2}$", "②"),
        (r"tian-mei $\textcircled { a } 1 6 3$", "tian-mei @163"),
        (r"个/$\lvert \mu \rvert$", "个/μl"),
        (r"$\frac{1}{2}$片", "1/2片"),
        (r"$\mathrm { H _ 2 O }$", "H2O"),
        (r"$p < 0.05$", "p<0.05"),
        (r"75mg eq. $$ PP3M", "75mg eq.   PP3M"),
    ],
)
def test_formulas_become_text(source: str, expected: str) -> None:
    assert readable_formulas(source) == expected


@pytest.mark.parametrize("text", ["costs $5.00 or $6", "between $5 and $10 a day", "US$ and CA$", "a $ b"])
def test_money_stays(text: str) -> None:
    assert readable_formulas(text) == text


def test_hostile_formula_ends() -> None:
    text = "$" + "{" * 5000 + "\\mathrm" * 500 + "$"
    assert isinstance(readable_formulas(text), str)
