from __future__ import annotations

import pytest

from kbchat.text.normalise import parse_number, unify
from kbchat.text.quantities import Bound, Quantity, QuantityKind, close, find_quantities, same_values


def one(text: str) -> Quantity:
    found = find_quantities(text)
    assert len(found) == 1, [q.text for q in found]
    return found[0]


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("0.4g", 400.0, "mg"),
        ("每公斤体重每次10毫克", 10.0, "mg/kg"),
        ("每千克体重一日20毫克", 20.0, "mg/kg"),
        ("一公斤体重8毫克", 8.0, "mg/kg"),
        ("每公斤体重每分钟5微克", 0.3, "mg/h/kg"),
        ("5 micrograms/kg/min", 0.3, "mg/h/kg"),
        ("15 mg for each kilogram of body weight", 15.0, "mg/kg"),
        ("per kg body weight 15 mg", 15.0, "mg/kg"),
        ("５００ｍｇ", 500.0, "mg"),
        ("50微克", 0.05, "mg"),
        ("100 mcg", 0.1, "mg"),
        ("100μg", 0.1, "mg"),
        ("10厘米", 100.0, "mm"),
        ("1,000mg", 1000.0, "mg"),
        ("10 000 IU", 10000.0, "iu"),
        ("10万单位", 100000.0, "iu"),
        ("80万U", 800000.0, "iu"),
        ("800国际单位", 800.0, "iu"),
        ("12个小时", 12.0, "h"),
        ("半小时", 0.5, "h"),
        ("一个半小时", 1.5, "h"),
        ("half an hour", 0.5, "h"),
        ("four weeks", 672.0, "h"),
        ("28-day", 672.0, "h"),
        ("两年半", 30.0, "month"),
        ("十二岁", 144.0, "month"),
        ("半片", 0.5, "oral"),
        ("1/2片", 0.5, "oral"),
        ("1片半", 1.5, "oral"),
        ("one and a half tablets", 1.5, "oral"),
        ("5mg/kg", 5.0, "mg/kg"),
        ("每公斤体重5mg", 5.0, "mg/kg"),
        ("5.5 mmol/L", 5.5, "mmol/l"),
        ("100mg/5ml", 20000.0, "mg/l"),
        ("百分之七", 7.0, "%"),
        ("7％", 7.0, "%"),
        ("-20℃", -20.0, "°C"),
        ("77°F", 25.0, "°C"),
        ("50×10^9/L", 5e10, "/l"),
        ("50×109/L", 5e10, "/l"),
        ("200个/μl", 2e8, "/l"),
        ("200 cells/mm3", 2e8, "/l"),
        ("41 ml/min/1.73m²", 2460.0, "ml/h"),
        ("小時".join(["12", ""]), 12.0, "h"),
    ],
)
def test_units_are_canonical(written: str, value: float, unit: str) -> None:
    found = one(written)
    assert len(found.values) == 1
    assert close(found.values[0], value)
    assert found.unit == unit


@pytest.mark.parametrize(
    "wordings",
    [
        (
            "一日3次",
            "每日三次",
            "每天3次",
            "tid",
            "t.i.d.",
            "three times daily",
            "3 times a day",
            "日服3次",
            "3次/日",
            "3次/d",
        ),
        ("每8小时一次", "q8h", "every 8 hours", "每隔8小时服1次", "1次/8小时", "8小时一次"),
        ("隔日一次", "every other day", "qod", "每隔一日一次"),
        ("每两周一次", "every other week", "every 2 weeks", "once every two weeks", "fortnightly", "q2w"),
        ("每周两次", "twice a week", "biw", "2 times weekly"),
        ("每3个月检查一次", "每隔三个月查一回", "every 3 months"),
        ("每晚一次", "qn", "once daily", "每日1次", "qd", "nightly".join(["once ", ""])),
    ],
)
def test_wordings_of_one_frequency_are_equal(wordings: tuple[str, ...]) -> None:
    found = [one(wording) for wording in wordings]
    assert {q.kind for q in found} == {QuantityKind.FREQUENCY}
    assert {(q.values, q.period) for q in found} == {(found[0].values, found[0].period)}


def test_interval_says_more_than_times_per_day() -> None:
    assert one("每8小时一次").spaced
    assert not one("一日3次").spaced


@pytest.mark.parametrize(
    "text", ["≥3天", "不低于3天", "至少3天", "3天以上", "3天及以上", "at least 3 days", "3 days or more", "超过3天"]
)
def test_lower_bounds(text: str) -> None:
    found = one(text)
    assert found.bound is Bound.UP
    assert found.text == text


@pytest.mark.parametrize(
    "text",
    [
        "≤3天",
        "不超过3天",
        "不得超过3天",
        "3天以内",
        "3天内",
        "up to 3 days",
        "within 3 days",
        "no more than 3 days",
        "最多3天",
    ],
)
def test_upper_bounds(text: str) -> None:
    assert one(text).bound is Bound.DOWN


def test_over_a_time_is_no_bound() -> None:
    assert one("infuse over 30 minutes").bound is Bound.NONE
    assert one("infuse over at least 30 minutes").bound is Bound.UP
    assert one("patients over 65 years").bound is Bound.UP


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        ("2.5～10mg", (2.5, 10.0), "mg"),
        ("40 mg to 80 mg", (40.0, 80.0), "mg"),
        ("between 5 and 10 mg", (5.0, 10.0), "mg"),
        ("30分钟～1小时", (0.5, 1.0), "h"),
        ("2℃～8℃", (2.0, 8.0), "°C"),
        ("20° to 25°C", (20.0, 25.0), "°C"),
        ("6至12岁", (72.0, 144.0), "month"),
    ],
)
def test_ranges_share_their_unit(text: str, values: tuple[float, ...], unit: str) -> None:
    found = one(text)
    assert found.is_range
    assert found.values == values
    assert found.unit == unit


def test_ratio_is_one_quantity() -> None:
    found = one("≥140/90mmHg")
    assert (found.kind, found.values, found.unit, found.bound) == (QuantityKind.RATIO, (140.0, 90.0), "mmHg", Bound.UP)
    assert one("1 in 10 people").values == (1.0, 10.0)
    assert one("三分之一").values == (1.0, 3.0)


def test_strengths_of_a_combination_are_two_quantities() -> None:
    assert [q.values for q in find_quantities("150 mg/12.5 mg tablets")] == [(150.0,), (12.5,)]


@pytest.mark.parametrize(
    "text",
    ["维生素B12", "CD4细胞", "COVID-19", "2型糖尿病", "三七片", "十滴水", "六味地黄丸", "十分常见", "一般", "国药准字H20123456", "1. 头痛",
     "（2）恶心", "一次口服", "AUC0-24", "万一"],
)  # fmt: skip
def test_names_list_marks_and_everyday_words_are_no_quantities(text: str) -> None:
    assert find_quantities(text) == ()


def test_offsets_are_those_of_the_text() -> None:
    text = "口服，成人一次０.５～1克，一日２～３次（每８小時一次），連服不超過5天；2018年10月修訂。"
    for quantity in find_quantities(text):
        assert text[quantity.start : quantity.end] == quantity.text
    assert [q.text for q in find_quantities(text)] == [
        "０.５～1克",
        "一日２～３次",
        "每８小時一次",
        "不超過5天",
        "2018年10月",
    ]


def test_period_of_a_daily_amount() -> None:
    day, amount = find_quantities("最大日剂量为0.1g")
    assert (day.kind, day.period, amount.values) == (QuantityKind.PERIOD, 24.0, (100.0,))
    assert one("10 mg daily").period == 24.0
    assert one("5mg/(kg·d)").period == 24.0


def test_same_values_needs_unit_and_values() -> None:
    assert same_values(one("0.5g"), one("500毫克"))
    assert not same_values(one("50mg"), one("50μg"))
    assert not same_values(one("5mg"), one("5-10mg"))


def test_unify_keeps_the_length() -> None:
    text = "１０㎎～２０℃　週每時間≧５－６"
    assert len(unify(text)) == len(text)


@pytest.mark.parametrize(
    ("numeral", "value"),
    [("1,000", 1000.0), ("四十二", 42.0), ("一百二十", 120.0), ("二零一八", 2018.0), ("两", 2.0), ("一点五", 1.5), ("1½", 1.5),
     ("3×10^9", 3e9), ("10万", 1e5), ("half an", 0.5), ("三七", None), ("abc", None)],
)  # fmt: skip
def test_parse_number(numeral: str, value: float | None) -> None:
    assert parse_number(numeral) == value
