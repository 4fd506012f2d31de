"""Which single section a question asks for, out of the intents found in it and a few ways of asking that need more context."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kbchat.medical.sections import question_intents
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
    # 打修美乐的人发烧了还能继续打吗: a new symptom under treatment
    _Rule(
        K.WARNINGS,
        re.compile(
            r"(?:烧|感染|感冒|咳|出血|晕|疼|痛|皮疹|过敏|吐|腹泻|不舒服|难受|fever|infect\w*|bleed\w*|rash|dizzy|sick)"
            r".{0,14}(?:还能|还可以|能不能|继续|keep|continue|still|carry on)"
        ),
        _ANY,
        needs_drug=True,
    ),
    # 能降低心血管风险吗, 治类风湿吗, does it help
    _Rule(
        K.INDICATIONS,
        re.compile(
            r"(?:能|可以|会)(?:不能)?(?:降低|预防|治|治疗|治好|改善|减少|缓解|控制|退烧|止痛|消炎|根治|辅助)\S{0,14}(?:吗|么|不|嘛|\?|$)"
            r"|治\S{1,10}(?:吗|么|不|$)|\bis .{2,30} for (?!the |a |an |my |me|use|how|children|kids|elderly|pregnan)\S+"
            r"|\b(?:does|do|will|can) .{2,30} (?:help|treat|lower|prevent|reduce|cure|relieve)\b"
        ),
        _ANY - {K.INTERACTIONS, K.DOSAGE},
    ),
    _Rule(
        K.INDICATIONS,
        re.compile(
            r"^(?:ok\.?,? |and )?what(?:'s| is| are) (?!.{0,20}treatment)(?:a |an )?.{2,60}"
            r"(?:prophylaxis|therapy|drug|medicine|used for|for)\b"
        ),
        frozenset({None, K.RECOMMENDATION}),
    ),
    # 要查肝功吗, how often is potassium checked
    _Rule(
        K.WARNINGS,
        re.compile(
            r"(?:查|测|监测|复查|化验).{0,6}(?:肝功|肾功|血钾|血常规|血糖|血压|血脂|肌酸|肌酐|结核|乙肝|心电图|视力|inr|凝血|电解质)"
            r"|(?:monitor|check|test)\w*.{0,20}(?:liver|kidney|potassium|blood|inr|tb|tuberculosis|hepatitis|ecg)"
        ),
        frozenset({None, K.DOSAGE}),
    ),
    _Rule(
        K.DOSAGE,
        re.compile(r"嚼|掰|碾|磨(?:碎|粉)|化开|\b(?:crush\w*|split|chew\w*|halve|dissolve|open the capsule)\b"),
        frozenset({None, K.CONTRAINDICATIONS}),
    ),
    # 和钙片要隔多久, can I have it with coffee
    _Rule(
        K.INTERACTIONS,
        re.compile(
            r"(?:和|跟|与|同)\S{1,14}(?:隔|间隔|错开)(?:多久|多长|几|多少)|\b(?:take|have|drink|eat|use|taken|given|mix|ok|okay|safe|"
            r"fine|compatible)\b.{0,24}\bwith\b(?! (?:food|meals?|water)\b)"
        ),
        frozenset({None, K.CONTRAINDICATIONS, K.DOSAGE}),
    ),
    _Rule(
        K.ADVERSE_REACTIONS,
        re.compile(
            r"会(?:不会)?.{0,4}(?:咳|吐|晕|痛|疼|肿|胖|瘦|秃|心慌|失眠|口干|便秘|出血|低血糖|发烧|犯困|没劲|抽筋|尿频|耳鸣|阳痿|"
            r"长痘|掉发)\S{0,4}(?:吗|么|不|$)"
        ),
        frozenset({None}),
    ),
)
# Life with a disease is in no leaflet's dosage section.
_LIFE = re.compile(
    r"盐|饮食|吃饭|水果|蔬菜|运动|锻炼|睡眠|体重|喝水|出院|解除隔离|入组|排班|包装|salt|diet|exercise|packag\w*|\bship|discharge"
)
_MEDICINE = re.compile(r"药|针|片|胶囊|颗粒|疫苗|注射|胰岛素|服|剂|膏|dose|tablet|inject|medic|drug|vaccin")


def section_asked(question: str, *, has_drug: bool) -> K | None:
    """The section a question asks for by itself, or None. ``has_drug`` tells that it names or implies a drug."""
    folded = fold(question)
    intents = question_intents(question)
    first = intents[0] if intents else None
    if first in _SETTLED:
        return first
    for rule in _RULES:
        if first in rule.instead_of and (has_drug or not rule.needs_drug) and rule.pattern.search(folded):
            return rule.kind
    if not has_drug and not _MEDICINE.search(folded) and _LIFE.search(folded):
        return K.OTHER
    return first
