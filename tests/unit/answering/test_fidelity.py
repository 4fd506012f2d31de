from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from kbchat.answering.fidelity import check_quantities
from kbchat.evaluation.behaviour import evaluate, read_items

SUPPORTED = [
    ("口服，一次10mg，一日1次，餐后服用。", "每天吃一次，每次10毫克，饭后吃。"),
    ("成人常用量：一日0.6～0.9g，分2～3次服用。", "成人每天600到900毫克，分两到三次吃。"),
    ("CD4+T淋巴细胞计数＜200个/μl时应预防用药。", "CD4低于200/微升要预防用药。"),
    ("剂量调整间隔不应少于2周。", "至少隔两周才能调剂量。"),
    ("未开封：2～8℃；开封后室温（不超过30℃）可保存28天。", "开封后放在30度以下，能用四周。"),
    ("18岁以下患者的安全性尚未确立。", "未满18岁的患者安全性没有确立。"),
    ("食盐＜6g/d", "每天食盐不超过6克"),
    (
        "三角肌或臀肌注射，每月一次，推荐维持剂量75mg（25～150mg）。",
        "每个月打一针，维持剂量推荐75毫克，范围25到150毫克。",
    ),
    ("体重≥50kg者50mg，＜50kg者40mg。", "50公斤及以上用50毫克，不到50公斤用40毫克。"),
    ("Take 1 tablet (5 mg) at night.", "One 5-mg tablet at bedtime."),
    (
        "Maximum 3 doses in any 24-hour period, at least 6 hours apart.",
        "Up to three doses in 24 h, leaving 6 hours or more between them.",
    ),
    ("Withhold if ANC is below 1.0 x 10^9/L.", "Hold the drug when ANC <1.0×10⁹/L."),
    ("The dose is reduced by 50%.", "The dose is halved."),
    ("治疗4周后起效，8～12周达到最大疗效。", "四周左右起效，8到12周效果最好。"),
    ("平均血压下降12/8mmHg。", "血压平均降12/8毫米汞柱。"),
    ("成人一次0.3g，一日3次，饭后服用。", "大人每次300毫克，每天吃三次，饭后吃。"),
    ("一次2～4粒，一日3次。", "每回2到4粒，每日三回。"),
    ("每日1次，每次1片，晚上服用。", "每晚1片。"),
    ("首次剂量为8mg，以后每次4mg，每6小时一次。", "第一次用8毫克，之后每6小时4毫克。"),
    ("贮藏：密封，在25℃以下保存。", "密封放在不超过25摄氏度的地方。"),
    ("本品有效期24个月。", "有效期两年。"),
    ("肌酐清除率＜30ml/min者禁用。", "肌酐清除率低于30毫升/分钟的人不能用。"),
    ("儿童每公斤体重10mg，每4～6小时一次，24小时不超过4次。", "孩子按10mg/kg给药，4-6小时一次，一天最多4次。"),
    ("术后12～24小时开始给药，疗程10～14天。", "手术后12到24小时开始用，用10至14天。"),
    ("低血糖发生率为3.2%。", "约3.2％的人会低血糖。"),
    ("每日剂量不得超过4g。", "一天不能超过4000毫克。"),
    ("儿童：体重<40kg者，每次20mg，隔周一次。", "体重不足40公斤的儿童，每两周一次，每次20mg。"),
    ("停药后至少4周内避免怀孕。", "停药后至少四个星期内别怀孕。"),
    ("发作时舌下含服1片，每5分钟可重复1片，总量不超过3片。", "含1片，隔5分钟可再含1片，最多3片。"),
    ("本品半衰期约为5.8天。", "半衰期大概5.8天。"),
    ("收缩压130～139mmHg和/或舒张压85～89mmHg为正常高值。", "正常高值指高压130-139、低压85-89毫米汞柱。"),
    ("空腹血糖≥7.0mmol/L。", "空腹血糖达到7.0mmol/L或更高。"),
    ("INR目标值2.0～3.0。", "INR要维持在2到3。"),
    ("静脉滴注时间不少于1小时。", "静滴至少要60分钟。"),
    ("一次1支（10ml），一日2～3次。", "每次10毫升，一天2至3次。"),
    ("皮下注射，每周一次，每次0.25mg，4周后增至0.5mg。", "每周打一次，先0.25毫克，四周后加到0.5毫克。"),
    ("每12小时给药一次，每次75mg。", "一天两次，每次75毫克。"),
    ("应在餐前15分钟内或餐后立即注射。", "饭前15分钟以内或饭后马上打。"),
    ("6个月以下婴儿禁用。", "半岁以下的婴儿不能用。"),
    ("每日总量0.6～1.2g，分3次服。", "一天0.6到1.2克，分三次吃。"),
    ("Take one tablet twice daily, about 12 hours apart.", "One tablet two times a day, 12 h apart."),
    (
        "The recommended dose is 5 mg twice daily, reduced to 2.5 mg twice daily in patients 80 years or older.",
        "5 mg b.i.d.; 2.5 mg bid for those aged 80 and over.",
    ),
    ("Do not exceed 4 g in 24 hours.", "No more than 4000 mg per day."),
    (
        "Store below 25 °C. Use within 6 weeks of opening.",
        "Keep under 25°C and use it up within six weeks after opening.",
    ),
    ("Children 6 to 12 years: 10 ml every 4 to 6 hours.", "Aged 6-12 years: 10 mL every 4–6 hours."),
    ("The infusion rate should not exceed 10 mg/min.", "Infuse no faster than 10 mg/minute."),
    ("If a dose is missed by more than 12 hours, skip it.", "Skip the dose if you are over 12 hours late."),
    ("Monitor liver function monthly for the first 4 months.", "Check the liver every month for 4 months."),
    ("eGFR below 30 mL/min/1.73 m2: contraindicated.", "Not allowed if eGFR <30 ml/min/1.73m²."),
    ("Apply the patch every 72 hours.", "Change the patch every 3 days."),
    ("Very common (may affect more than 1 in 10 people): headache.", "Headache is very common (>1/10)."),
    ("Administer 1 mg/kg subcutaneously every 12 hours.", "1 mg per kg under the skin, q12h."),
    ("Blood samples weekly for 18 weeks.", "A blood test once a week for 18 weeks."),
    ("成人每日一次，每次10mg。[1]", "每日1次，每次10mg[1]。"),
]
UNSUPPORTED = [
    ("一日1次，一次10mg。", "一日1次，一次100mg。"),
    ("分2～3次服用。", "分4次服用。"),
    ("CD4＜200个/μl", "CD4＜350个/μl"),
    ("开封后可保存28天。", "开封后可保存28个月。"),
    ("食盐＜6g/d", "食盐＞6g/d"),
    ("体重≥50kg者50mg，＜50kg者40mg。", "体重＜50kg者50mg。"),
    ("每月一次，每次75mg。", "每周一次，每次75mg。"),
    ("At least 6 hours apart.", "At least 4 hours apart."),
    ("Take 1 tablet at night.", "Take 1 tablet three times daily."),
    ("孕妇禁用，65岁以上慎用。", "60岁以上慎用。"),
    ("术后12～24小时首次用药。", "术前12～24小时首次用药。"),
    ("静脉注射0.5mg/kg。", "静脉注射0.5mg/日。"),
    ("Reduce to 2.5 mg if creatinine ≥133 micromol/L.", "Reduce to 2.5 mg if creatinine ≤133 micromol/L."),
    ("一次3片，一日2次。", "一次2片，一日3次。"),
    ("男性每日100mg，女性每日50mg。", "女性每日100mg。"),
    ("成人一次0.3g，一日3次。", "成人一次3g，一日3次。"),
    ("一次2～4粒，一日3次。", "一次2～6粒，一日3次。"),
    ("首次剂量为8mg，以后每次4mg。", "首次4mg，以后每次8mg。"),
    ("在25℃以下保存。", "在25℃以上保存。"),
    ("肌酐清除率＜30ml/min者禁用。", "肌酐清除率＞30ml/min者禁用。"),
    ("儿童一次5mg，成人一次10mg。", "儿童一次10mg，成人一次5mg。"),
    ("每日最大剂量4g。", "每次最大剂量4g，每日3次。"),
    ("每次0.5g，每日3次。", "每日0.5g。"),
    ("疗程7天。", "疗程7周。"),
    ("每次50μg。", "每次50mg。"),
    ("餐前30分钟服用。", "餐后30分钟服用。"),
    ("收缩压130～139mmHg和/或舒张压85～89mmHg。", "舒张压130～139mmHg和/或收缩压85～89mmHg。"),
    ("每3个月复查一次。", "每3周复查一次。"),
    ("一日1次，每次1片。", "一日1次，每次半片。"),
    ("2℃～8℃保存。", "2℃～28℃保存。"),
    ("12岁以上儿童可用。", "2岁以上儿童可用。"),
    ("每周一次，每次70mg。", "每日一次，每次70mg。"),
    ("静滴时间不少于1小时。", "静滴时间不超过1小时。"),
    ("按体重一日10mg/kg。", "一日10mg。"),
    ("发生率为0.32%。", "发生率为3.2%。"),
    ("体重≤60kg者减为2.5mg。", "体重≥60kg者减为2.5mg。"),
    ("本品前2小时或后6小时服抗酸药。", "本品前6小时或后2小时服抗酸药。"),
    ("每日2次。", "每12小时一次，每日3次。"),
    ("疗程10～14天。", "疗程14天。"),
    ("轻度肾损害者每日100mg，重度者每日50mg。", "重度肾损害者每日100mg。"),
    ("一次1片。", "一次1片，一日3次。"),
    ("隔日一次。", "每日一次。"),
    ("血钾＞5.5mmol/L停药。", "血钾＞5.5mg/L停药。"),
    ("Take one tablet twice daily.", "Take two tablets once daily."),
    ("5 mg twice daily; 2.5 mg twice daily if 80 years or older.", "2.5 mg twice daily if 60 years or older."),
    ("Do not exceed 4 g in 24 hours.", "Do not exceed 40 g in 24 hours."),
    ("Use within 6 weeks.", "Use within 6 months."),
    (
        "The starting dose is 150 mg, the maintenance dose 300 mg.",
        "The starting dose is 300 mg, the maintenance dose 150 mg.",
    ),
    ("Every 4 to 6 hours.", "Every 4 to 8 hours."),
    ("Adults 500 mg; children 250 mg.", "Children 500 mg."),
    ("1 mg/kg every 12 hours.", "1 mg every 12 hours."),
    ("At least 30 minutes before breakfast.", "At least 30 minutes after breakfast."),
    ("Discard 28 days after opening.", "Discard 82 days after opening."),
    ("Take 2 hours before or 6 hours after antacids.", "Take 6 hours before or 2 hours after antacids."),
    ("Mild impairment: 100 mg. Severe impairment: 50 mg.", "Severe impairment: 100 mg."),
    ("Below 30 mL/min: contraindicated.", "Below 60 mL/min: contraindicated."),
    ("Three times daily.", "Every 8 hours."),
]


@pytest.mark.parametrize(("source", "answer"), SUPPORTED)
def test_other_words_for_the_same_quantities(source: str, answer: str) -> None:
    assert check_quantities(answer, source).wrong == ()


@pytest.mark.parametrize(("source", "answer"), UNSUPPORTED)
def test_quantities_the_source_does_not_state(source: str, answer: str) -> None:
    result = check_quantities(answer, source)
    assert not result.supported
    assert all(wrong in answer for wrong in result.wrong)


def test_wrong_strings_are_named_without_their_bound_unless_it_is_wrong() -> None:
    source = "血钾＞5.5mmol/L时停用，24小时内不超过8喷。"
    assert check_quantities("血钾＞6.5mmol/L时停用。", source).wrong == ("6.5mmol/L",)
    assert check_quantities("血钾≤5.5mmol/L时停用。", source).wrong == ("≤5.5mmol/L",)
    assert check_quantities("24小时内不超过18喷[1]。", source).wrong == ("18喷",)


@pytest.mark.parametrize(
    ("source", "right", "wrong"),
    [
        (
            "6～14岁儿童每日一次5mg；2～5岁儿童每日一次4mg。",
            "2到5岁的孩子每天一次，每次4mg。",
            "2～5岁儿童每日一次5mg。",
        ),
        ("最大日剂量不超过4g。", "一天最多用4g。", "每天至少服4g。"),
        ("The maximum daily dose is 4 g.", "Take a maximum of 4 g a day.", "Take at least a dose of 4 g a day."),
        ("性交后72小时内服第1片。", "72小时内服第1片。", "72小时后服第1片。"),
        ("Take it within 2 hours of the meal.", "Take it within two hours.", "Take it 2 hours after the meal."),
        ("肌内注射，一日2次；静脉滴注，一日1次。", "静脉滴注，每天1次。", "静脉滴注，一日2次。"),
        (
            "Intramuscular: 250 mg twice a day. Intravenous infusion: 500 mg once a day.",
            "By infusion 500 mg is given once a day.",
            "By infusion 250 mg is given once a day.",
        ),
        ("发生率为1/1000。", "发生率约千分之一。", "发生率约百分之一。"),
        ("术前l-2天开始用药。", "术前1-2天开始用药。", "术前1-3天开始用药。"),
    ],
)
def test_whose_and_when_a_quantity_is(source: str, right: str, wrong: str) -> None:
    assert check_quantities(right, source).supported
    assert not check_quantities(wrong, source).supported


def test_what_the_asker_said_needs_no_source() -> None:
    source = "儿童慎用。"
    assert not check_quantities("5岁的孩子慎用。", source).supported
    assert check_quantities("5岁的孩子慎用。", source, given="我家孩子5岁能吃吗").supported


def test_unit_in_the_head_of_a_table() -> None:
    source = "项目 | 剂量 (mg) | 次数\n起始 | 50 | 1"
    assert check_quantities("起始剂量50mg。", source).supported
    assert not check_quantities("起始剂量50g。", source).supported


def test_answers_written_for_this_test() -> None:
    report = evaluate("numbers", read_items(Path(__file__).parent / "quantity_answers.jsonl"))
    assert report.metrics["accuracy"] >= 0.97
    assert report.metrics["unsupported_let_through"] <= 0.03


def test_quantities_exchanged_between_roles() -> None:
    report = evaluate("numbers", read_items(Path(__file__).parent / "exchanged_quantities.jsonl"))
    assert report.metrics["accuracy"] >= 0.98
    assert report.metrics["unsupported_let_through"] <= 0.02
    assert report.metrics["supported_flagged"] <= 0.02


def test_gold(shared_data: Path) -> None:
    items = [json.loads(line) for line in (shared_data / "gold" / "numbers.jsonl").read_text("utf-8").splitlines()]
    right = let_through = unsupported = 0
    for item in items:
        result = check_quantities(item["answer"], item["source"])
        right += result.supported == (item["verdict"] == "supported")
        unsupported += item["verdict"] == "unsupported"
        let_through += item["verdict"] == "unsupported" and result.supported
    assert right / len(items) >= 0.95
    assert let_through / unsupported <= 0.03


def test_fast_enough_to_run_on_every_answer() -> None:
    source = "口服。成人一次0.5g，一日3次。儿童（6～12岁）一次5ml，一日2次。血钾＞5.5mmol/L时停用，不超过8喷。" * 10
    answer = "成人一次0.5g，一日3次。儿童一次5ml，一日2次。"
    check_quantities(answer, source)
    started = time.perf_counter()
    for count in range(10):
        check_quantities(answer + " " * count, source + " " * count)
    assert (time.perf_counter() - started) / 10 < 0.2
