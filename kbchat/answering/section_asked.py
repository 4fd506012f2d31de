"""Which single section a question asks for, out of the intents found in it and a few ways of asking that need more context."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kbchat.answering.mentions import Mention, mentions_in
from kbchat.answering.section_classifier import Guess, section_classifier
from kbchat.medical.sections import question_intents
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold
from kbchat.types import SectionKind as K


@dataclass(frozen=True, slots=True)
class _Rule:
    """``pattern`` gives ``kind`` where the first intent is one of ``instead_of`` (None: no intent)."""

    kind: K
    pattern: re.Pattern[str]
    instead_of: frozenset[K | None]
    needs_drug: bool = False


_SETTLED = frozenset({K.PREGNANCY, K.PEDIATRIC, K.GERIATRIC, K.RENAL_HEPATIC, K.OVERDOSE, K.STORAGE})
_ANY = frozenset({None, *K}) - _SETTLED
_RULES = (
    # 恩替卡韦肾功差要调量吗
    _Rule(
        K.RENAL_HEPATIC,
        deferred(
            r"(?:肾|肝|肾脏|肝脏)功?能?(?:差|弱|不行|不太?好|异常|减退|下降)|(?:poor|bad|weak|reduced|impaired) (?:kidney|renal|liver|hepatic)"
        ),
        frozenset({None, *K}) - {K.PREGNANCY, K.OVERDOSE},
    ),
    _Rule(K.PEDIATRIC, deferred(r"(?:^|[我他她]家?|的|给)(?:小|大|二)?(?:娃|宝贝?)(?!娃|宝)"), _ANY),
    # 会不会进到奶里去
    _Rule(
        K.PREGNANCY,
        deferred(
            r"(?:进|到|入).{0,3}奶(?:里|水|中)|奶里|避孕(?:吗|么|不|多久|几个月)|\b(?:near|at|before) term\b|\btrimester|(?:pass|get|go)\w* into (?:my |the )?(?:breast )?milk"
        ),
        _ANY,
    ),
    # 拆开一支只用了一半，剩下的还能用不
    _Rule(
        K.STORAGE,
        deferred(
            r"(?:剩下?的?|拆开|打开|开了(?:封|瓶)?|没用完).{0,10}(?:还能|能不能|能再|接着|继续|可以).{0,4}(?:用|吃|喝|打|喷|滴)|(?:left ?over|opened|the rest).{0,24}(?:still|keep|use)"
        ),
        _ANY,
    ),
    # 要跟饭吃吗, 隔了一天还补吗
    _Rule(
        K.DOSAGE,
        deferred(
            r"(?:跟|和|随|同|就)着?(?:饭|餐|食物)(?:一起|一块|同时)?(?:吃|服|用)|(?:还|要|该|用)(?:不用)?补(?:吗|么|不|吃|服|打|种|上|回来)|(?:take|have) (?:it )?with (?:food|meals?)"
        ),
        _ANY - {K.STORAGE},
    ),
    # 要吃几个月, should I double up
    _Rule(
        K.DOSAGE,
        deferred(
            r"(?:吃|用|服|打|喝|连用|连续|疗程)(?:几|多少|多长)(?:天|周|个?月|年|时间|疗程)|(?:输|滴|推|泵)(?:注|得|的)?多快|(?:拖|晚|迟|耽误|推迟)(?:了|打|吃)\S{1,8}(?:怎么|咋|要紧|行吗|可以)|\bdouble up\b|\bskip (?:it|the|a|one)\b|\bmake up for\b"
        ),
        frozenset({None}),
    ),
    # 几岁可以开始吃
    _Rule(
        K.PEDIATRIC,
        deferred(
            r"(?:几岁|多大(?:的孩子)?|多少岁|几个月(?:大|的(?:宝宝|孩子)))(?:才|就)?(?:可以|能|开始)|(?:from|at) what age can"
        ),
        frozenset({None, K.DOSAGE, K.CONTRAINDICATIONS}),
        needs_drug=True,
    ),
    _Rule(K.DIAGNOSIS, deferred(r"分(?:成|为)?(?:几|哪几)(?:个)?(?:级|期|型|度|类)"), frozenset({None})),
    # can she still have it with a chest infection
    _Rule(
        K.WARNINGS,
        deferred(
            r"\b(?:still|keep|carry on|continue)\b.{0,30}\b(?:infect\w*|fever|cold|flu|bleed\w*|rash|surgery|operation|sick|unwell)\b"
            r"|(?:还能|能不能|可以)(?:继续|接着|再)(?:吃|用|打|服).{0,8}(?:感染|发烧|感冒|出血|皮疹)"
        ),
        _ANY - {K.STORAGE},
        needs_drug=True,
    ),
    # 打修美乐的人发烧了还能继续打吗: a new symptom under treatment
    _Rule(
        K.WARNINGS,
        deferred(
            r"(?:烧|感染|感冒|咳|出血|晕|疼|痛|皮疹|过敏|吐|腹泻|不舒服|难受|fever|infect\w*|bleed\w*|rash|dizzy|sick)"
            r".{0,14}(?:还能|还可以|能不能|继续|keep|continue|still|carry on)"
        ),
        _ANY,
        needs_drug=True,
    ),
    # 能降低心血管风险吗, 治类风湿吗, does it help
    _Rule(
        K.INDICATIONS,
        deferred(
            r"(?:能|可以|会)(?:不能)?(?:降低|预防|治|治疗|治好|改善|减少|缓解|控制|退烧|止痛|消炎|根治|辅助)\S{0,14}(?:吗|么|不|嘛|\?|$)"
            r"|治\S{1,10}(?:吗|么|不|$)|\bis (?!the treatment|treatment).{2,30} for (?!the |a |an |my |me|use|how|children|kids|elderly|pregnan)\S+"
            r"|\b(?:does|do|will|can) .{2,30} (?:help|treat|lower|prevent|reduce|cure|relieve)\b"
        ),
        _ANY - {K.INTERACTIONS, K.DOSAGE},
    ),
    _Rule(
        K.INDICATIONS,
        deferred(
            r"^(?:ok\.?,? |and )?what(?:'s| is| are) (?!.{0,20}treatment)(?:a |an )?.{2,60}"
            r"(?:prophylaxis|therapy|drug|medicine|used for|for)\b"
        ),
        frozenset({None, K.RECOMMENDATION}),
    ),
    # 要查肝功吗, how often is potassium checked
    _Rule(
        K.WARNINGS,
        deferred(
            r"(?:查|测|监测|复查|化验).{0,6}(?:肝功|肾功|血钾|血常规|血糖|血压|血脂|肌酸|肌酐|结核|乙肝|心电图|视力|inr|凝血|电解质)"
            r"|(?:monitor|check|test)\w*.{0,20}(?:liver|kidney|potassium|blood|inr|tb|tuberculosis|hepatitis|ecg)"
        ),
        frozenset({None, K.DOSAGE}),
    ),
    _Rule(
        K.DOSAGE,
        deferred(r"嚼|掰|碾|磨(?:碎|粉)|化开|\b(?:crush\w*|split|chew\w*|halve|dissolve|open the capsule)\b"),
        frozenset({None, K.CONTRAINDICATIONS}),
    ),
    # 和钙片要隔多久, can I have it with coffee
    _Rule(
        K.INTERACTIONS,
        deferred(
            r"(?:和|跟|与|同)\S{1,14}(?:隔|间隔|错开)(?:多久|多长|几|多少)|\b(?:take|have|drink|eat|use|taken|given|mix|ok|okay|safe|"
            r"fine|compatible)\b.{0,24}\bwith\b(?! (?:food|meals?|water)\b)"
        ),
        frozenset({None, K.CONTRAINDICATIONS, K.DOSAGE}),
    ),
    _Rule(
        K.ADVERSE_REACTIONS,
        deferred(
            r"会(?:不会)?.{0,4}(?:咳|吐|晕|痛|疼|肿|胖|瘦|秃|心慌|失眠|口干|便秘|出血|低血糖|发烧|犯困|没劲|抽筋|尿频|耳鸣|阳痿|"
            r"长痘|掉发)\S{0,4}(?:吗|么|不|$)"
        ),
        frozenset({None}),
    ),
    # 会手脚脱皮吗, 嘴干正常不, does it give you red eyes
    _Rule(
        K.ADVERSE_REACTIONS,
        deferred(
            r"会(?:不会)?(?!诊|员|议|更|好|自|传)\S{1,12}(?:吗|么|不|嘛|$)|(?:吃|用|打|服|喝|涂|喷)(?:了|完|过|后)\S{0,10}(?:正常|怎么回事|要紧|没事|碍事|咋回事)|(?:甲状腺|肝|肾|胃|心脏?|眼睛?|骨头?|皮肤|头发|脑子)\S{0,3}(?:有(?:没有?)?(?:事|影响|损害|问题)|受影响)"
            r"|\b(?:give|make|leave)s? (?:you|me|one|him|her|them|people|a person)\b|\bdoes .{2,40}\b(?:swell|hurt|affect|damage|upset|stain|darken|lower|raise)\b"
        ),
        frozenset({None}),
        needs_drug=True,
    ),
    # 普伐他汀碍事不, after a talk about taking both
    _Rule(K.INTERACTIONS, deferred(r"犯冲|冲突|打架|相克|\ba problem with\b|\bclash"), _ANY),
    # 能吃菠菜吗, of somebody who takes a drug
    _Rule(
        K.INTERACTIONS,
        deferred(
            r"(?:吃|喝|配|就)(?:点|些|着)?(?:菠菜|西[兰蓝]花|海鲜|鸡蛋|香蕉|橙|橘|苹果|豆|辣|火锅|牛羊?肉|奶酪|可乐|蜂蜜|绿叶菜|青菜|动物肝|猪肝|坚果|人参|三七|保健品|补品|补药)"
            r"|\b(?:eat|have|drink|take)\b.{0,16}\b(?:cranberr\w*|spinach|kale|broccoli|cheese|bananas?|soya?|eggs?|dairy|juice|liquorice|herbal|supplements?|greens|tea)\b"
        ),
        frozenset({None, K.CONTRAINDICATIONS, K.DOSAGE}),
        needs_drug=True,
    ),
    # 开车的人能吃不
    _Rule(
        K.WARNINGS,
        deferred(r"开车|驾驶|司机|\bdriv(?:e|ing)\b"),
        frozenset({None, K.CONTRAINDICATIONS}),
        needs_drug=True,
    ),
    _Rule(
        K.CONTRAINDICATIONS,
        deferred(r"\b(?:ok|okay|fine|alright|suitable) (?:in|for|if|with)\b"),
        frozenset({None}),
        needs_drug=True,
    ),
    # 这算糖尿病了吗
    _Rule(
        K.DIAGNOSIS,
        deferred(
            r"(?:算(?:不算|是)?|是不是|属于)\S{0,8}(?:病|症|炎|高血压|高血糖|低血糖|贫血|肥胖|超标)(?:了)?(?:吗|么|不|$|[?？])|怎么(?:查|确诊|诊断)|does (?:this|that|it) (?:count as|mean i have)"
        ),
        frozenset({None, K.CONTRAINDICATIONS, K.PREGNANCY}),
    ),
)
# Life with a disease is in no leaflet's dosage section.
_LIFE = deferred(
    r"盐|饮食|吃饭|水果|蔬菜|运动|锻炼|睡眠|体重|喝水|出院|解除隔离|入组|排班|包装|洗头|洗澡|低头|上班|上学|坐飞机|游泳|同房|化妆|染发|传染|隔离|contagious|infectious|swim|fly|salt|diet|foods?\b|exercise|packag\w*|\bship|discharge"
)
_FOLLOW_UP = deferred(
    r"(?:多久|多长时间|隔多久|几个月|几年|啥时候|什么时候|何时|几岁).{0,4}(?:去|要|该)?(?:查|复查|做|吹|测|筛|检查|复诊|随访|打第|接种)|第[一二三四1-4]针.{0,4}(?:啥|什么)时候"
    r"|\b(?:how often|when|at what age|how soon)\b.{0,40}\b(?:screen\w*|check\w*|test\w*|scan\w*|follow)"
)
_DIET = deferred(
    r"(?:能|可以|可|适合|应该|不能)(?:不能|不可以)?(?:吃|喝)(?:点|些)?(?:豆|海鲜|鸡蛋|菠菜|牛奶|咖啡|茶|火锅|香蕉|西瓜|葡萄|橙|苹果|蜂蜜|红枣|辣|粥|面|肉|鱼|虾|坚果|粗粮|糖|甜)"
    r"|\bcan (?:i|you|he|she|they|people|patients) (?:eat|drink)\b"
)
_WHAT_TO_DO = deferred(r"怎么办|咋办|咋整|如何是好|\bwhat (?:should|can|do) (?:i|we|you) do\b")
_HOW_DIAGNOSED = deferred(r"(?:病|症|炎|癌|血压)(?:要|该)?怎么(?:查|确诊|诊断)")
_MEDICINE = deferred(r"药|针|片|胶囊|颗粒|疫苗|注射|胰岛素|服|剂|膏|dose|tablet|inject|medic|drug|vaccin")


def section_by_rules(question: str, *, has_drug: bool) -> K | None:
    """The section that the rules find a question to ask for, or None."""
    return _by_rules(question, has_drug=has_drug)[0]


def _by_rules(question: str, *, has_drug: bool) -> tuple[K | None, bool]:
    """What the rules say, and whether by wording that is of one section alone."""
    folded = fold(question)
    intents = question_intents(question)
    first = intents[0] if intents else None
    if first in _SETTLED and not _HOW_DIAGNOSED.search(folded):
        return first, True
    for rule in _RULES:
        if first in rule.instead_of and (has_drug or not rule.needs_drug) and rule.pattern.search(folded):
            return rule.kind, True
    return (first, False) if has_drug else (_without_drug(folded, first), False)


def _without_drug(folded: str, first: K | None) -> K | None:
    """What a question asks for that speaks of no medicine: life with a disease, when to look again, what to do."""
    if not _MEDICINE.search(folded) and (_LIFE.search(folded) or _DIET.search(folded)):
        return K.OTHER
    if first is None and _WHAT_TO_DO.search(folded):
        return K.RECOMMENDATION
    if first in (None, K.DOSAGE, K.DIAGNOSIS, K.WARNINGS) and _FOLLOW_UP.search(folded):
        return K.RECOMMENDATION  # when to look again, at what age to begin: no leaflet says it
    return first


_AHEAD = 0.3
"""How far ahead a guess must be to stand against a rule."""


_AHEAD_OF_WORDING = 0.5
"""The same where the rule is one of wording that is of one section alone."""
_AHEAD_OF_NOTHING = 0.05
_AHEAD_OF_CONTEXT = 0.3
"""How far ahead it must be where the section of the turn before would be kept otherwise."""

_OF_A_MEDICINE = frozenset({K.DOSAGE, K.CONTRAINDICATIONS, K.COMPOSITION, K.PHARMACOLOGY, K.INTERACTIONS, K.OVERDOSE})


def section_guess(question: str, *, has_drug: bool, mentions: Sequence[Mention] | None = None) -> Guess:
    """What the classifier makes of a question; the arguments are those of :func:`section_asked`."""
    names = mentions_in(question, ()) if mentions is None else mentions
    by_rules = section_by_rules(question, has_drug=has_drug)
    return section_classifier().guess(question, names, by_rules=by_rules, has_drug=has_drug)


def section_asked(
    question: str, *, has_drug: bool, mentions: Sequence[Mention] | None = None, known_section: bool = False
) -> K | None:
    """The section a question asks for by itself, or None.

    The rules and the classifier together: a guess stands where no rule speaks, or where it is well ahead.

    Args:
        question: as written.
        has_drug: whether it names or implies a drug.
        mentions: the names in it, where they are known already.
        known_section: whether it is a fragment that may take its section from the turn before.
    """
    by_rules, specific = _by_rules(question, has_drug=has_drug)
    guess = section_guess(question, has_drug=has_drug, mentions=mentions)
    if by_rules is None:
        unlikely = not has_drug and guess.section in _OF_A_MEDICINE and not _MEDICINE.search(fold(question))
        needed = _AHEAD_OF_CONTEXT if known_section or unlikely else _AHEAD_OF_NOTHING
    else:
        needed = _AHEAD_OF_WORDING if specific else _AHEAD
    return guess.section if guess.margin > needed else by_rules
