"""One kind of identifier at a time: what stands in <TYPE:…> is found as that type, and nothing else is."""

from __future__ import annotations

import re

import pytest

from kbchat.medical.phi import find_identifiers, mask

_MARKED = re.compile(r"<([A-Z_]+):([^<>]*)>")

FOUND = {
    "a code beside a name": [
        "<NAME:林晓棠>，<MRN:K00871234>，今天复查",
        "<NAME:Mara Inventson>, <MRN:K7719003>, on lithium",
        "<MRN:0071199>，<NAME:蒋听澜>，备血2单位",
    ],
    "a date beside a name": [
        "<NAME:林晓棠>，<DOB:1961.03.09>的，吃了药腿肿",
        "<NAME:林晓棠> <DOB:1961-03-09> 做肠镜",
        "<NAME:Mara Inventson> (<DOB:1961-03-09>) fell",
        "<NAME:林晓棠>，女，<DOB:1961年3月9日>，咳嗽",
    ],
    "a birth in other notations": [
        "<DOB:1949年腊月初八>生的，能打疫苗吗",
        "出生日期（<DOB:48年11月5日>）",
        "DOB <DOB:14-Feb-1951>, on digoxin",
    ],
    "an address goes on": [
        "收件人：<NAME:林晓棠>，<ADDRESS:云川省虚谷市滨湖区创新大街77号B座12层>，寄药",
        "寄<ADDRESS:虚谷市滨湖区创新大街77号星河公寓3号楼1单元902>，谢谢",
        "Deliver to <ADDRESS:8 Sample Mews, Mocktown, Co. Nil>, please",
        "Ship it to <ADDRESS:Flat 9, 31 Sample Terrace, Mocktown, MK3 4ZZ>, needs ice",
        "Address: <ADDRESS:31 Sample Close, Mocktown>, asks about insulin",
    ],
    "somebody whom a verb follows": [
        "报名字<NAME:林晓棠>就能取吗",
        "昨天收的那个<NAME:林晓棠>，<BED:14床>，血钾3.0",
        "家属<NAME:蒋听澜>来电，问能不能探视",
        "儿子<NAME:蒋听澜>转述，夜里又吐了",
        "有个叫<NAME:林晓棠>的，血糖25",
        "请<NAME:林晓棠>到3号窗口",
        "我是<NAME:林晓棠>妈妈，孩子发烧",
    ],
    "names of other peoples": [
        "患者<NAME:古丽米热·艾山>，孕20周",
        "<NAME:索朗央宗>，高原肺水肿",
        "转院病人<NAME:巴特尔>，房颤",
    ],
    "insurance with hyphens": [
        "参保号：<INSURANCE:GH-0031-88120>，能报多少",
        "社保号<INSURANCE:2201-0031-7765>，异地结算",
        "NI number <INSURANCE:QQ654321C>, exemption",
    ],
    "identity numbers": [
        "身份证老号码<ID_CARD:990104510317002>",
        "身份证（<ID_CARD:990104195103170023>）过期了",
        "ID号：<ID_CARD:990104195103170023>，取报告",
    ],
    "beds": [
        "核对：<BED:RICU-05>，<NAME:林晓棠>，去甲肾上腺素",
        "<BED:C2-14><NAME:林晓棠>输液外渗了",
        "<BED:加床6>要出院",
        "Bed no.: <BED:9C>, confused overnight",
        "床号：<BED:21>，主诉腹痛",
    ],
    "what stands between a name and a value": [
        "住院号（<MRN:0071199>）",
        "病案号写的是<MRN:BA-2024-0031>",
        "医保卡号=<INSURANCE:A00341122>",
        "手机 - <PHONE:13900001234>",
        "腕带号：<MRN:20250031>",
    ],
    "telephones": [
        "家属热线<PHONE:0571-5550 0166>",
        "<PHONE:0086 13900001234>回电",
        "<PHONE:086 000 1234>, about Humira",
    ],
    "messengers": ["加<WECHAT:bb_moon_77>（微信）", "<WECHAT:moontest_77>是我的微信。"],
    "cards": ["退到<BANK_CARD:6217000000002222111>", "港澳通行证<PASSPORT:H0099887700>"],
}

NOBODY = [
    "维生素B-12，每天一片",
    "CA-125，高于正常",
    "A-12，B-14两种规格哪个好",
    "国药准字H20250011，白色片",
    "货号K00871234，还有货吗",
    "急诊电话0571-00007777打不通",
    "2023-03-01，第二版说明书",
    "复查，2024-05-06，血脂正常",
    "加床费一天多少",
    "桑寄生、续断、杜仲一起煎",
    "牡丹皮和丁香能同用吗",
    "江南大学附属医院能看吗",
    "患者仰卧位，给予吸氧",
    "St. Mary's Ward 7 has 24 beds",
    "Charcot foot or Baker's cyst?",
    "IP地址禁止访问吗",
    "家属来电一律转护士长",
    "送来的那个白蛋白，输多久",
]


def _plain(marked: str) -> tuple[str, set[tuple[str, str]]]:
    return _MARKED.sub(r"\2", marked), {(value, kind) for kind, value in _MARKED.findall(marked)}


@pytest.mark.parametrize("marked", [marked for group in FOUND.values() for marked in group])
def test_identifiers_of_a_kind(marked: str) -> None:
    text, expected = _plain(marked)
    assert {(text[span.start : span.end], span.type) for span in find_identifiers(text)} == expected


@pytest.mark.parametrize("text", NOBODY)
def test_what_identifies_nobody(text: str) -> None:
    assert mask(text) == text
