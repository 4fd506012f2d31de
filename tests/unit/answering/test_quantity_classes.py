"""Numbers that stand in the source, with another unit, role or matter than there: one kind at a time."""

from __future__ import annotations

import pytest

from kbchat.answering.fidelity import check_quantities

SUPPORTED = [
    ("每小时尿量应在40ml以上。", "尿量每小时要超过40毫升。"),
    ("体重60kg以上者，按3mg/kg给药。", "超过60公斤的人，每公斤给3毫克。"),
    ("间隔6个月复查胸片。", "胸片半年查一次。"),
    ("Take one 40 mg capsule once daily.", "One capsule (40 mg) a day at night."),
    ("Dilute in 500 mL and infuse over 90 minutes.", "Make up to 0.5 L and give it over an hour and a half."),
    ("Repeat after 15 minutes.", "Again after a quarter of an hour."),
    ("首次剂量为6mg，之后每次3mg。", "第一次6毫克，后面每次3毫克。"),
    ("每10分钟吸入1次，共3次。", "10分钟吸一次，吸三回。"),
    ("每3周输注1次。", "21天一次。"),
    ("婴儿每3～4小时喂养一次。", "婴儿3到4个小时喂一回。"),
    ("贮于-18℃以下。", "放在零下18度以下。"),
    ("第2、6、10周各注射一次。", "第2周、第6周、第10周各打一针。"),
    ("The dose is 150 mg once-a-day.", "Take 150 mg once a day."),
    ("男性每日酒精不超过20g，女性不超过10g。", "女的酒精每天别超过10克。"),
    ("ALT升高超过4倍上限时停药。", "ALT超过上限的4倍就停。"),
    ("儿童按体重每次10mg/kg，每日最多4次。", "小孩每公斤体重每次10毫克，一天不超过4次。"),
    ("The dose is 7.5 mg/kg twice a day.", "7.5 mg for every kilogram of weight, two times a day."),
    ("Take 2 tablets in the morning and 1 at night.", "1 tablet at night, 2 tablets in the morning."),
    ("早晚各1片。", "一天两次，每次一片。"),
    ("On day 1 take 500 mg and on days 2 to 5 take 250 mg.", "Day 1: 500 mg. Days 2-5: 250 mg."),
    ("第一周每天1片，第二周每天2片。", "第2周每天两片，第1周每天一片。"),
]

UNSUPPORTED = [
    ("每日钠＜2000mg（食盐5g）。", "每天吃盐不超过2g。"),
    ("总胆固醇5.0mmol/L，LDL-C 2.4mmol/L。", "LDL-C是5.0mmol/L。"),
    ("空腹血糖＜6mmol/L，餐后2小时血糖＜9mmol/L。", "空腹血糖＜9mmol/L。"),
    ("试验组有效率71%，对照组48%。", "对照组有效率71%。"),
    ("治疗前血压162mmHg，治疗后128mmHg。", "治疗后血压162mmHg。"),
    ("经尿排泄约70%，经粪便约20%。", "经粪便排泄约70%。"),
    ("尿酸目标＜400μmol/L，有结石者＜320μmol/L。", "有结石者尿酸目标＜400μmol/L。"),
    ("达峰时间3小时，半衰期14小时。", "半衰期3小时。"),
    ("Give 12 mg/kg per day in 3 divided doses.", "Give 12 mg/kg three times a day."),
    ("Give 12 mg/kg/day in two divided doses.", "Give 12 mg/kg per dose."),
    ("最大剂量每日60mg。", "最小剂量每日60mg。"),
    ("左眼每日1滴，右眼每日2滴。", "左眼每日2滴。"),
    ("急性期每日4次，缓解期每日2次。", "急性期每日2次。"),
    ("Increase by 5 mg weekly to a maximum of 30 mg.", "Increase by 30 mg weekly."),
    ("成人一次0.5g。", "儿童一次0.5g。"),
    ("术前禁食8小时、禁饮2小时。", "术前2小时不吃东西。"),
    ("保存温度2～8℃。", "保存温度-2～8℃。"),
    ("铁剂每日60mg，钙剂每日500mg。", "铁剂每日500mg。"),
    ("The effect lasts at least 24 hours after the last dose.", "The effect lasts at most 24 hours."),
    ("高危者每2个月复查，低危者每年复查。", "低危者每2个月复查。"),
    ("控释片每日1次，普通片每日4次。", "控释片每日4次。"),
    ("疗程10天，复查间隔2个月。", "疗程2个月。"),
    ("Unopened: 18 months; after opening: 30 days.", "After opening it keeps for 18 months."),
    ("肝功能A级无需调整，B级减半，C级禁用。", "C级减半。"),
    ("Under 8 years 5 mL; over 8 years 10 mL.", "Under 8 years 10 mL."),
    ("Take 2 tablets in the morning and 1 tablet at night.", "Take 1 tablet in the morning and 2 tablets at night."),
    ("Take 2 tablets in the morning and 1 at night.", "Take 1 tablet in the morning and 2 at night."),
    ("Give 400 mg to adults and 200 mg to children.", "Give 200 mg to adults and 400 mg to children."),
    ("Take 750 mg with food or 500 mg without food.", "Take 500 mg with food or 750 mg without food."),
    ("Take 200 mg on day 1 and 100 mg on day 2.", "Take 100 mg on day 1 and 200 mg on day 2."),
    ("体重10～20kg者每次5ml，体重21～30kg者每次10ml。", "体重10～20kg者每次10ml，体重21～30kg者每次5ml。"),
    ("儿童一日20mg/kg，分2次服用。", "孩子每千克体重一日40毫克，分两次吃。"),
    (
        "Take it twice daily for 3 days, then once daily for 7 days.",
        "Twice daily for 7 days, then once daily for 3 days.",
    ),
]


@pytest.mark.parametrize(("source", "answer"), SUPPORTED)
def test_the_same_told_otherwise(source: str, answer: str) -> None:
    assert check_quantities(answer, source).wrong == ()


@pytest.mark.parametrize(("source", "answer"), UNSUPPORTED)
def test_a_number_of_something_else(source: str, answer: str) -> None:
    assert not check_quantities(answer, source).supported


@pytest.mark.parametrize("source", [source for source, _ in UNSUPPORTED + SUPPORTED])
def test_a_source_supports_itself(source: str) -> None:
    assert check_quantities(source, source).supported
