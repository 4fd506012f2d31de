"""A large knowledge base of invented leaflets, for figures about size: 10 sections each, about 10 chunks."""

from __future__ import annotations

import random
from pathlib import Path

_FIRST = "安倍克达恩凡格海吉康洛美诺帕瑞舒泰维欣雅"
_SECOND = "比达定芬加非可拉立罗莫那平普瑞司他特唑佐"
_THIRD = "胺醇啶酚酮林洛米宁普沙汀坦酸糖韦辛星唑酯"
_FORMS = ("片", "胶囊", "缓释片", "颗粒", "口服溶液")
_ILLS = (
    "高血压",
    "2型糖尿病",
    "支气管哮喘",
    "社区获得性肺炎",
    "偏头痛",
    "癫痫",
    "痛风",
    "胃溃疡",
    "心力衰竭",
    "类风湿关节炎",
)
_HARMS = ("恶心", "头痛", "皮疹", "头晕", "腹泻", "失眠", "口干", "乏力", "肝酶升高", "血压下降", "心悸", "水肿")
_PARTNERS = ("华法林", "地高辛", "利福平", "克拉霉素", "环孢素", "锂盐", "布洛芬", "西咪替丁", "苯妥英钠", "葡萄柚汁")


def names(count: int) -> list[str]:
    """``count`` different invented generic names, always the same."""
    chance = random.Random(7)
    found: dict[str, None] = {}
    while len(found) < count:
        stem = "".join(chance.choice(part) for part in (_FIRST, _SECOND, _SECOND, _THIRD))
        found[stem + chance.choice(_FORMS)] = None
    return list(found)


def leaflet(name: str, chance: random.Random) -> str:
    """The Markdown text of one leaflet."""
    dose, most = chance.choice((5, 10, 25, 50, 75, 100, 250)), chance.choice((2, 3, 4))
    ill, other = chance.sample(_ILLS, 2)
    harms, partners = chance.sample(_HARMS, 6), chance.sample(_PARTNERS, 3)
    sections = {
        "药品名称": f"通用名称：{name}。",
        "成份": f"本品主要成份为{name.rstrip('片胶囊缓释颗粒口服溶液')}，每片含{dose}mg。辅料：乳糖、硬脂酸镁、微晶纤维素。",
        "适应症": f"用于治疗{ill}。也可用于{other}患者的联合治疗，应在医师指导下使用。",
        "用法用量": f"口服。成人一次{dose}mg，一日{most}次，餐后服用。一日最大剂量为{dose * (most + 1)}mg。"
        f"治疗{other}时，起始剂量为一次{dose}mg，一日1次，每{chance.randint(1, 4)}周可增加{dose}mg。"
        f"漏服时应尽快补服；距下次服药不足{chance.randint(3, 6)}小时则跳过，不得一次服用双倍剂量。",
        "不良反应": f"常见（≥1/100，<1/10）：{harms[0]}、{harms[1]}、{harms[2]}。偶见：{harms[3]}、{harms[4]}。"
        f"罕见：{harms[5]}。发生率分别为{chance.randint(2, 9)}.{chance.randint(0, 9)}%和0.{chance.randint(1, 9)}%。",
        "禁忌": f"对{name}或其任何辅料过敏者禁用。严重肝功能不全（Child-Pugh C级）者禁用。",
        "注意事项": f"用药期间每{chance.randint(1, 6)}个月检查一次肝功能。出现{harms[3]}时应停药并就诊。驾驶和操作机器时应谨慎。",
        "孕妇及哺乳期妇女用药": "妊娠期妇女慎用，仅在获益大于风险时使用。哺乳期妇女用药期间应停止哺乳。",
        "儿童用药": f"{chance.randint(6, 17)}岁以下儿童的安全性和有效性尚未确立。",
        "老年用药": f"65岁以上患者起始剂量减半，为一次{dose / 2:g}mg，并监测肾功能。",
        "药物相互作用": f"与{partners[0]}合用可使本品血药浓度升高约{chance.randint(20, 90)}%。与{partners[1]}合用时应监测。避免与{partners[2]}同服。",
        "药物过量": f"过量可出现{harms[0]}和{harms[3]}，应洗胃并给予对症支持治疗，监测生命体征至少{chance.randint(12, 48)}小时。",
        "贮藏": f"遮光，密封，在{chance.choice((20, 25, 30))}℃以下保存。",
    }
    return f"# {name}说明书\n\n" + "\n\n".join(f"## 【{head}】\n\n{text}" for head, text in sections.items()) + "\n"


def write_leaflets(folder: Path, count: int, seed: int = 1, first: int = 0) -> list[str]:
    """Write leaflets ``first`` to ``first + count`` below ``folder``; their drugs' names."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = names(first + count)[first:]
    for number, name in enumerate(chosen, first):
        text = leaflet(name, random.Random(seed * 1_000_003 + number))
        (folder / f"{name}说明书.md").write_text(text, encoding="utf-8")
    return chosen


_QUESTIONS = (
    "{}的用法用量是什么？",
    "{}有哪些不良反应？",
    "{}的禁忌是什么？",
    "{}和华法林能一起吃吗？",
    "孕妇可以用{}吗？",
    "{}漏服了怎么办？",
    "{}怎么保存？",
    "老年人吃{}要减量吗？",
)


def questions(drugs: list[str], count: int, seed: int = 3) -> list[str]:
    """Questions about ``drugs``, all different while there are enough."""
    chance = random.Random(seed)
    return [chance.choice(_QUESTIONS).format(chance.choice(drugs)) for _ in range(count)]
