"""Drug names known by their build: the common stems of the INN system and their Chinese renderings.

Source of the method: WHO, "The use of stems in the selection of International Nonproprietary Names", and the Chinese
Pharmacopoeia's approved drug names, which render the stems (-statin 他汀, -sartan 沙坦, -mab 单抗).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kbchat.text.deferred_pattern import deferred

_STEMS_ZH = (
    "他汀 沙坦 普利 普利拉 洛尔 地平 列净 列汀 格列奈 列酮 沙班 加群 单抗 替尼 拉唑 沙星 霉素 环素 西林 培南 唑胺 昔布 洛芬 "
    "芬酸 昔康 他滨 紫杉醇 替康 佐米 帕利 拉韦 那韦 韦林 洛韦 夫定 韦仑 布韦 他韦 米韦 康唑 芬净 硝唑 西泮 唑仑 巴比妥 平酮 "
    "哌酮 匹唑 哌唑 拉酮 氮平 硫平 必利 立酮 西汀 拉辛 法辛 普仑 曲坦 司琼 拉坦 替丁 瑞林 瑞克 鲁肽 那肽 糖肽 唑嗪 雄胺 鲁胺 "
    "曲唑 膦酸 膦酸钠 特罗 鲁司特 米松 奈德 格雷 格瑞洛 肝癸钠 西坦 巴林 巴喷丁 三嗪 西平 溴铵 库铵 卡因 芬太尼 那非 噻嗪 "
    "利酮 贝特 麦布 格列酮 非尼 西利 替龙 莫德 莫司 曲塞 度胺 司美 洛肽"
).split()
STEMS_ZH: tuple[str, ...] = tuple(sorted(set(_STEMS_ZH), key=len, reverse=True))

STEMS_EN: tuple[str, ...] = tuple(
    sorted(
        set(
            "statin sartan pril olol dipine gliflozin gliptin glinide glitazone xaban gatran mab tinib ciclib parib zomib "
            "prazole floxacin mycin micin cycline cillin penem cef oxacin conazole fungin nidazole vir virine navir tegravir "
            "buvir asvir previr ciclovir vudine azepam azolam barbital apine idone piprazole oxetine faxine pramine triptyline "
            "triptan setron tidine glutide natide relin relix zosin lukast ometerol buterol moterol acaterol anterol phylline sonide asone olone ercept tacept grel "
            "parin platin taxel rubicin tecan citabine mustine phosphamide trexate lutamide rafenib degib lisib limus dronate "
            "dronic gabalin racetam caine fentanil coxib profen fenac oxicam tropium curium curonium steride afil thiazide "
            "semide fibrate caftor stim poetin kinra trogin fenacin begron vaptan entan ciguat giline capone bactam "
            "quine artemether penam trectin bendazole quantel lanib metinib virsen lirsen nersen siran meran".split()
        ),
        key=len,
        reverse=True,
    )
)
_LONGER_EN = frozenset({"vir", "mab", "cef"})  # three letters tell less: ask for more before them
_NOT_DRUGS_EN = frozenset(
    "statin statins april nostril cholesterol histidine intercept percept reasone worsen coarsen biostatin somatostatin "
    "ghrelin methicillin mycin sartan prazole gliptin gliflozin xaban setron tinib triptan dipine parin".split()
)
_NOT_DRUGS_ZH = frozenset(
    {"他汀", "沙坦", "普利", "洛尔", "地平", "沙班", "单抗", "替尼", "霉素", "环素", "沙星", "噻嗪", "内酯"}
)

# Characters that transliterate; a Chinese drug name is a run of these before its stem.
SYLLABLES = frozenset(
    "丁万三丙丝丹乌乙亚亮仑他伊伏伐佐佛佩依倍克兰凡利力加劳匹博卡卢厄去双古可右司吉吗吡呋咪咯哈哌哚唑喹噻地坎坦型埃培塔塞复多夫头夸奇奈奎奥奴妥姆孟孢安富尔尤尼屈左巴布希帕庆库度康异"
    "德恒恩戈扑托扬折拉拓拜文斯施旋昂昆昔星普曲更曼替木本杂杜来林柏柔格棕榈欧武比氟氢氧氨氮氯汀沃沙泊法泛波泮泰泼泽洛派海溴满潘炔特玛环玻珠班琥琼瑞瓜瓦生甲的石硝硫硼碘磷磺福立米糠索红纳结维缬罕罗美羟"
    "群考耶肟肼胍胡胺腺舍舒艾芦芬苄苏苯英苷茚莎莫莱萘萨蛋螺裂西诺贝贺赖赛赫辛达迪那酞酮酰酸金钾铵链阿隆雄雪雷青非韦顺马鲁鹿麦齐龙"
)
_STOP_BEFORE = frozenset("酸的吃用服打和与或及能给把停换加")
_STEM_ZH_PATTERN = deferred("|".join(map(re.escape, STEMS_ZH)))
_WORD_EN = deferred(r"[a-z]{6,}")
_LONGEST_HEAD = 6


def looks_like_drug_name(token: str) -> bool:
    """Whether a word, lower case and simplified, is built like the generic name of a drug (瑞舒伐他汀, adalimumab)."""
    token = token.strip().lower()
    if not token or token in _NOT_DRUGS_EN or token in _NOT_DRUGS_ZH:
        return False
    if token.isascii():
        return any(_has_stem_en(token, stem) for stem in STEMS_EN)
    return any(token.endswith(stem) and len(token) > len(stem) for stem in STEMS_ZH)


def stem_candidates(folded: str) -> Iterable[tuple[int, int]]:
    """Start and end of the words of a folded text that are built like a drug's name."""
    for match in _WORD_EN.finditer(folded):
        if looks_like_drug_name(match.group()):
            yield match.start(), match.end()
    last = 0
    for match in _STEM_ZH_PATTERN.finditer(folded):
        start = match.start()
        while (
            start > last
            and match.start() - start < _LONGEST_HEAD
            and folded[start - 1] in SYLLABLES
            and folded[start - 1] not in _STOP_BEFORE
        ):
            start -= 1
        if start < match.start():
            yield start, match.end()
            last = match.end()


def _has_stem_en(token: str, stem: str) -> bool:
    if stem == "cef":
        return token.startswith("cef") and len(token) > 6
    if token.endswith("s") and len(token) > 7:
        token = token[:-1]
    return token.endswith(stem) and len(token) >= len(stem) + (4 if stem in _LONGER_EN else 2) and len(token) >= 6
