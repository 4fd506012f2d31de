"""Words that say what a quantity is of: starting or maximum, adult or child, organ, severity, route, per dose or per day."""

from __future__ import annotations

import re

from kbchat.text.deferred_pattern import deferred

_STAGES = {
    "start": r"首次|首剂|首针|首个|首日|初始|起始|初次|第一[次针剂天日]|第1[次针剂天日]|负荷|开始(?=剂量|用|服|为|时|每|一)|(?<=[\d片g克天次])开始|"
    r"\bstart(?:s|ing|ed)?\b|\binitial(?:ly)?\b|\bfirst\b|\bloading\b|\bbegin(?:s|ning)?\b",
    "later": r"随后|此后|其后|之后|然后|以后|继而|接着|再(?=注射|给|用|服|打|吃|次|以)|第[二2][次针剂]|维持|\bthen\b|\bfollowed by\b|"
    r"\bthereafter\b|\bcontinue (?:on|with|at|taking)\b|\bgo on\b|\bafterwards\b|\bsubsequent(?:ly)?\b|\blater (?:dose|infusion|injection|week)s?\b|\bmaintenance\b|\bmaintain",
    "max": r"最大|最高|最多|极量|(?<!正常)(?<!正常值)上限|不(?:应|得|可|能|宜|要)?(?:超过|多于|大于)|\bmax(?:imum|imal|imally)?\b|\bup to\b|\bat most\b|"
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
    "intramuscular": r"肌内|肌肉注射|肌注|\bintramuscular(?:ly)?\b",
    "intravenous": r"静脉|静滴|静注|静推|\bintravenous(?:ly)?\b|\binfusion\b",
    "subcutaneous": r"皮下|\bsubcutaneous(?:ly)?\b",
    "inhaled": r"吸入|雾化|\binhal(?:ed|ation)\b|\bnebuli[sz]",
    "rectal": r"直肠|肛门|\brectal(?:ly)?\b",
}
_DAYTIMES = {
    "morning": r"早(?!期|产|孕|搏)|清晨|晨(?=起|间|服|用)|上午|\bmorning\b|\bbreakfast\b",
    "noon": r"中午|午(?=餐|饭|间)|\bnoon\b|\blunch(?:time)?\b|\bmidday\b",
    "evening": r"晚(?!期|发)|睡前|夜间|\bevening\b|\bbedtime\b|\bnight\b|\bdinner\b",
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
        "basis": _BASES, "daytime": _DAYTIMES,
    }.items()
}  # fmt: skip
"""Cues by group: the role and the pattern of its words."""
