"""Words that say what a quantity is of: starting or maximum, adult or child, organ, severity, route, per dose or per day."""

from __future__ import annotations

import re

from kbchat.text.deferred_pattern import deferred

_STAGES = {
    "start": r"首次|首剂|(?:^|(?<=[，,。；;：:、\s]))[前头](?=[\d一二两三四五六七八九十]+个?[天日周月])|首针|首个|首日|初始|起始|初次|第一[次针剂天日]|第1[次针剂天日]|负荷|开始(?=剂量|用|服|为|时|每|一)|(?<=[\d片g克天次])开始|"
    r"\bstart(?:s|ing|ed)?\b|\binitial(?:ly)?\b|\bfirst\b|\bloading\b|\bbegin(?:s|ning)?\b",
    "later": r"后面|往后|后续|接下来|下一?[次针剂]|随后|此后|其后|之后|然后|以后|继而|接着|再(?=注射|给|用|服|打|吃|次|以)|第[二2][次针剂]|维持|\bthen\b|\bfollowed by\b|\bafter (?=that\b|(?:an?|the) (?:first|initial|loading|starting)\b)|\blater (?=\d)|\b(?:for|over) the next\b|"
    r"\bthereafter\b|\bcontinue (?:on|with|at|taking)\b|\bgo on\b|\bafterwards\b|\bsubsequent(?:ly)?\b|\blater (?:dose|infusion|injection|week)s?\b|\bmaintenance\b|\bmaintain",
    "max": r"最大|最高|最多|极量|(?<!正常)(?<!正常值)(?<!倍)上限(?!的?[\d一二三四五六七八九十两]+倍)|不(?:应|得|可|能|宜|要)?(?:超过|多于|大于)|\bmax(?:imum|imal|imally)?\b|\bup to\b|\bat most\b|"
    r"\bnot (?:to )?exceed|\bno more than\b",
    "min": r"最小|最低|最少|至少|下限|不(?:应|得|可|能|宜|要)?(?:少于|低于|小于)|\bminim(?:um|al)\b|\bat least\b|\bno less than\b",
}
_POPULATIONS = {
    "child": r"儿童|小儿|患儿|婴幼儿|婴儿|新生儿|小孩|孩子|青少年|\bchild(?:ren)?\b|\bpa?ediatric\b|\binfants?\b|\badolescents?\b",
    "adult": r"成人|成年人|成年|大人|\badults?\b",
    "pregnant": r"孕妇|妊娠|怀孕|孕期|哺乳|\bpregnan\w*\b|\bbreast-?feeding\b",
    "elderly": r"老年|老人|高龄|\belderly\b|\bolder (?:people|patients|adults)\b",
}
_ORGANS = {
    "renal": r"肾|\brenal\b|\bkidney",
    "hepatic": r"肝|\bhepatic\b|\bliver\b",
}
_SEVERITIES = {
    "mild": r"轻度|轻症|轻型|\bmild\b",
    "moderate": r"中度|中等|\bmoderate\b",
    "severe": r"重度|重症|严重|重型|\bsevere\b",
}
_SEXES = {
    "male": r"男性|男(?=[的患每一])|\bmales?\b|\bmen\b",
    "female": r"女性|女(?=[的患每一])|\bfemales?\b|\bwomen\b",
}
_ROUTES = {
    "oral": r"口服|吞服|送服|嚼服|\boral(?:ly)?\b|\bby mouth\b",
    "intramuscular": r"\bi\.?m\.?\b|肌内|肌肉注射|肌注|\bintramuscular(?:ly)?\b",
    "intravenous": r"\bi\.?v\.?\b|静脉|静滴|静注|静推|\bintravenous(?:ly)?\b|\binfusion\b",
    "subcutaneous": r"\bs\.?c\.?\b|皮下|\bsubcutaneous(?:ly)?\b",
    "inhaled": r"吸入|雾化|\binhal(?:ed|ation)\b|\bnebuli[sz]",
    "rectal": r"直肠|肛门|\brectal(?:ly)?\b",
}
_DAYTIMES = {
    "morning": r"早(?!期|产|孕|搏)|清晨|晨(?=起|间|服|用)|上午|\bmornings?\b|\bbreakfast\b|(?<=\d) ?a\.?m\b",
    "noon": r"中午|午(?=餐|饭|间)|\bnoon\b|\blunch(?:time)?\b|\bmidday\b",
    "afternoon": r"午后|下午|\bafternoons?\b|(?<!\d)[1-5] ?p\.?m\b",
    "evening": r"晚(?!期|发)|睡前|夜[间里]|\bevenings?\b|\bbedtime\b|\bnights?\b|\bdinner\b|\bsupper\b|(?:[6-9]|1[01]) ?p\.?m\b",
}
_SUBSTANCES = {
    "salt": r"食盐|盐(?!酸|水)|氯化钠(?!注射)|\bsalt\b",
    "sodium": r"(?<!氯化)钠(?!盐)(?=[^\u4e00-\u9fff]|[摄入量的离浓低高<>≥≤]|不|少|在|要|应)|\bsodium\b(?! chloride)",
    "ldl": r"\bLDL(?:-C)?\b|低密度|坏胆固醇",
    "hdl": r"\bHDL(?:-C)?\b|(?<!非)高密度|好胆固醇",
    "cholesterol": r"总胆固醇|\bTC\b|\btotal cholesterol\b",
    "triglycerides": r"甘油三酯|\bTG\b|\btriglycerides?\b",
    "potassium": r"血钾|钾(?=[^\u4e00-\u9fff])|\bpotassium\b",
    "calcium": r"血钙|钙(?!通道)|\bcalcium\b(?! channel)",
    "vitamin d": r"维生素D|\bvitamin D\b",
    "carbohydrate": r"碳水|\bcarbohydrates?\b",
    "protein": r"蛋白质|\bprotein\b(?! bind)",
    "fat": r"脂肪|\bfat\b",
}
_STATES = {
    "fasting": r"空腹|空着肚子|\bfasting\b|\bempty stomach\b|\bwithout (?:any )?(?:food|a meal)\b",
    "with a snack": r"加餐|点心|\bsnacks?\b",
    "with a meal": r"随餐|餐中|[与和跟同](?:食物|餐|饭)[同一]|\bwith (?:a |your )?(?:food|meals?)\b",
    "after a meal": r"餐后|饭后|\bpost-?prandial\b|\bafter (?:a )?meals?\b",
    "random": r"随机血糖|\brandom (?:blood )?glucose\b",
    "systolic": r"收缩压|高压|上压|\bsystolic\b",
    "diastolic": r"舒张压|低压|下压|\bdiastolic\b",
    "clinic": r"诊室|\boffice\b|\bclinic\b",
    "home": r"家庭(?:自测)?血压|家测|在家|\bhome\b",
}
_INTAKES = {
    "food": r"禁食|进食|不吃|吃东西|固体食物|\b(?:solid )?food\b|\beat(?:ing)?\b",
    "drink": r"禁饮|禁水|不喝|喝水|饮水|清饮|清流质|\bdrink(?:ing)?\b|\bclear fluids\b",
}
_COURSES = {
    "acute": r"急性期|急性发作|发作期|\bacute phase\b|\bduring (?:an? )?(?:attack|flare)s?\b",
    "remission": r"缓解期|稳定期|恢复期|间歇期|\bremission\b|\bstable phase\b",
    "induction": r"诱导期|强化期|\binduction\b|\bintensive phase\b",
    "consolidation": r"巩固期|维持期|\bconsolidation\b|\bcontinuation phase\b",
    "first trimester": r"孕早期|早孕|妊娠早期|\bfirst trimester\b",
    "second trimester": r"孕中期|妊娠中期|\bsecond(?: trimester)?\b",
    "third trimester": r"孕晚期|妊娠晚期|\bthird(?: trimester)?\b",
    "weekday": r"工作日|\bweekdays?\b",
    "weekend": r"周末|\bweekends?\b",
}
_SIDES = {"left": r"左(?=[眼耳侧鼻手腿臂上下肾])|\bleft\b", "right": r"右(?=[眼耳侧鼻手腿臂上下肾])|\bright\b"}
_ARMS = {
    "tested": r"试验组|治疗组|给药组|研究组|观察组|干预组|\b(?:treatment|active|intervention|study) (?:arm|group)\b",
    "control": r"对照组?|安慰剂|\bplacebo\b|\bcontrols?\b",
}
_PHASES = {
    "before": r"(?:治疗|用药|服药|给药|干预|手术|透析)前|基线|\bbaseline\b|\bbefore (?:treatment|therapy|starting)\b",
    "after": r"(?:治疗|用药|服药|给药|干预|手术|透析)后|\b(?:after|following|on) (?:treatment|therapy)\b",
}
_WAYS_OUT = {
    "urine": r"经?肾脏?排|尿(?=中|液|里)|随尿|经尿|\b(?:in|via) (?:the )?urine\b|\brenal(?:ly)?\b|\burinary\b",
    "faeces": r"粪便?|大便|胆汁|\bfa?eces\b|\bfa?ecal\b|\bbile\b|\bstools?\b",
}
_FATES = {
    "bioavailability": r"生物利用度|\bbioavailab",
    "binding": r"蛋白结合|与?(?:血浆)?蛋白(?=结合)|结合率|\bprotein[ -]bind|\bbound to\b",
    "half-life": r"半衰期|\bhalf-li(?:fe|ves)\b",
    "peak": r"达峰|峰值|峰浓度|\bpeak\b|\bTmax\b",
    "steady": r"稳态|\bsteady[ -]state\b",
}
_BASES = {
    "dose": r"每次|一次|单次|每剂|每回|1次|次剂量|\beach time\b|\bper dose\b|\bsingle dose\b|\bat a time\b|\beach dose\b",
    "day": r"每[日天]|一[日天]|日剂量|日总量|全天|24小时内|\bdaily dose\b|\bper day\b|\ba day\b|\bdaily\b|\btotal daily\b|\bin 24 hours\b",
    "week": r"每周|每星期|一周|\bper week\b|\bweekly\b",
}
GROUPS = {
    name: tuple((value, deferred(pattern, re.IGNORECASE)) for value, pattern in cues.items())
    for name, cues in {
        "stage": _STAGES, "population": _POPULATIONS, "organ": _ORGANS, "severity": _SEVERITIES, "sex": _SEXES, "route": _ROUTES,
        "basis": _BASES, "daytime": _DAYTIMES, "substance": _SUBSTANCES, "state": _STATES, "arm": _ARMS, "phase": _PHASES,
        "way_out": _WAYS_OUT, "intake": _INTAKES, "course": _COURSES, "left_right": _SIDES, "fate": _FATES,
    }.items()
}  # fmt: skip
"""Cues by group: the role and the pattern of its words."""
