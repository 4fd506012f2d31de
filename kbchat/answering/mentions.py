"""Drugs, diseases and other subjects that a message names, as they are written in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from kbchat.answering.misspelt import misspelt_drugs
from kbchat.medical.lexicon import Lexicon
from kbchat.retrieval.understanding import names_by_form
from kbchat.text.tokens import fold


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at ``start``; ``text`` as written. ``drug_class`` marks kinds of medicine (降压药, vaccine)."""

    text: str
    start: int
    drug: bool
    disease: bool
    drug_class: bool = False


@dataclass(frozen=True, slots=True)
class _Words:
    not_topics: frozenset[str]
    disease: re.Pattern[str]
    abbreviations: re.Pattern[str]
    forms: re.Pattern[str]
    population: re.Pattern[str]


_CLASS_OF_DRUGS = re.compile(
    r"(?:药|疫苗|麻腮风|百白破|脊灰|流脑|乙脑|胰岛素|抗生素|激素|类似物|抑制剂|拮抗剂|阻滞剂|制剂|针剂?|钙片|铁剂|鱼油|益生菌|褪黑素|保健品)$|^(?:头孢|青霉素|他汀)$|\b(?:antacids?|nsaids?|vaccines?|statins?)$"
)
_EXTRA = re.compile(
    r"(?:新冠|流感|乙肝|甲肝|hpv|狂犬病?|麻腮风|百白破|手足口|脊灰|轮状(?:病毒)?|流脑|乙脑|五联|四联|13价|23价|九价|肺炎(?:球菌)?|带状疱疹|水痘|麻疹|减毒活|活|灭活|卡介|破伤风)?疫苗|长效针剂?|抗酸药|止痛药|退烧药|降[压糖脂]药|感冒药|安眠药|抗凝药|消炎药|抗生素|激素|益生菌|保健品|钙片|铁剂|鱼油|褪黑素|中药|头孢(?![\u4e00-\u9fff])|头孢(?=拉|过|类|能|会|和|跟|后)|青霉素类?|(?<![\u4e00-\u9fff])他汀(?:类)?药?|避孕药|放疗|化疗|麻腮风|百白破|(?<![a-z])(?:ct|mri|pet-ct)(?![a-z])|核磁|增强扫描|造影|胃镜|肠镜|三七(?:粉)?|人参|西洋参|当归|阿胶|枸杞|黄芪|党参|甘草|银杏叶?|红曲|姜黄|石斛|灵芝|冬虫夏草|绿茶|茶叶|豆浆|蜂蜜|可乐|"
    r"食盐|(?<=吃)盐|葡萄柚汁?|西柚汁?|牛奶|咖啡|酒(?!精)|\bantacids?\b|\bnsaids?\b|\bantibiotics?\b|\bpost-exposure prophylaxis\b|\bgrapefruit(?: juice)?\b"
    r"|\balcohol\b|\bcoffee\b|\bmilk\b|\bcalcium\b|\biron tablets?\b|\bcategory [ab]\b|\blive vaccines?\b|\b(?:ct|mri) scans?\b|\b[a-z]+ (?:cancer )?screening\b|\bvitamin [a-ek]\d{0,2}\b|\bst\.? john'?s wort\b|\bginkgo\b|\bginseng\b|\bturmeric\b|\bfish oil\b|\bprobiotics?\b|\bgreen tea\b|\bvaccines?\b"
)
# Chinese patent medicines and brands that no list of ingredients holds.
_PATENT = re.compile(
    r"连花清瘟|板蓝根|云南白药|藿香正气[水液丸]?|蒲地蓝|白加黑|新?康泰克|泰诺(?:林)?|散利痛|百忧解|整肠生|氨糖|钙尔奇|善存|阿斯美|风油精|"
    r"(?:速效救心|麝香保心|复方丹参滴|六味地黄|逍遥|乌鸡白凤|安宫牛黄|牛黄解毒|龙胆泻肝|银翘解毒|香砂六君|补中益气|知柏地黄|金匮肾气|归脾|柏子养心|保和|大活络|小活络)(?:丸|片|胶囊)"
    r"|\bco-(?:codamol|amoxiclav|trimoxazole|beneldopa)\b"
)
# Diseases and tests that no table holds, by how their names end.
_BY_ENDING = re.compile(
    r"(?:^|(?<=[，,。 、得有患对治]))(?!什么|啥|哪|这|那|其[他它]|别的|生|看|毛|犯|种|的|急|老|心脏不|我|他|她|你)[\u4e00-\u9fff]{1,4}(?:病|症|炎|癌|瘤|疹)(?![人毒房历情史状友变因区])"
    r"|帕金森|猩红热|腰突|打鼾|鼻塞|血常规|尿常规|\bmammograms?\b|\bcroup\b|\bsnoring\b"
    r"|\b(?!the |a |an |my |your |any |this |that |some |have |has |with |for |of |is |chronic |severe |serious |bad |does |heart |liver |kidney |what )[a-z]{4,}(?:'s)? (?:disease|syndrome|fever|stones?|infection|reflux)\b"
    r"|\b(?:kidney|gall) ?stones?\b|\b(?:parkinson|alzheimer|crohn)(?:'?s)?\b|\b[a-z]{3,}(?:itis|osis|aemia|emia|pathy|algia)\b"
)


@cache
def _words() -> _Words:
    raw = tomllib.loads(resources.files("kbchat.medical").joinpath("data/followups.toml").read_text("utf-8"))
    return _Words(
        frozenset(raw["not_topics"].split()),
        re.compile(raw["disease"]),
        re.compile(r"(?<![A-Za-z])(?:" + "|".join(raw["abbreviations"].split()) + r")(?![A-Za-z])"),
        re.compile(raw["dosage_forms"]),
        re.compile(raw["population"]),
    )


@cache
def _lexicon() -> Lexicon:
    return Lexicon.curated()


@lru_cache(maxsize=64)
def _names_pattern(names: frozenset[str]) -> re.Pattern[str] | None:
    folded = sorted({fold(name) for name in names if len(name) > 1}, key=len, reverse=True)
    parts = [re.escape(n) if not n.isascii() else rf"(?<![a-z]){re.escape(n)}(?![a-z])" for n in folded]
    return re.compile("|".join(parts)) if parts else None


def _found(text: str, folded: str, known_names: Collection[str]) -> list[tuple[int, int, bool]]:
    """Start, end and whether it is a drug, best first."""
    found: list[tuple[int, int, bool]] = []
    pattern = _names_pattern(frozenset(known_names))
    if pattern is not None:
        found += [(*match.span(), True) for match in pattern.finditer(folded)]
    lexicon = _lexicon()
    matches = lexicon.matches(text)
    found += [(match.start, match.end, True) for match in matches if match.is_drug]
    known = {folded[start:end] for start, end, _ in found}
    for name in lexicon.drugs_in(text):
        start = folded.find(name)
        if name not in known and start >= 0:
            found.append((start, start + len(name), True))
    found += [(*match.span(), True) for match in _PATENT.finditer(folded)]
    for name in names_by_form(folded):
        start = folded.find(name)
        if start >= 0:
            found.append((start, start + len(name), True))
    found += [(*match.span(), False) for match in _EXTRA.finditer(folded)]
    found += (
        [(*match.span(), False) for match in _words().abbreviations.finditer(text)] if len(text) == len(folded) else []
    )
    found += [(match.start, match.end, False) for match in matches if not match.is_drug]
    found += [(*match.span(), False) for match in _BY_ENDING.finditer(folded)]
    if not any(drug for _, _, drug in found):
        found += [(start, end, True) for start, end in misspelt_drugs(folded)]
    return found


def mentions_in(text: str, known_names: Collection[str]) -> tuple[Mention, ...]:
    """The names in ``text`` in order; a dosage form right behind a drug belongs to its name. No two overlap."""
    folded, words = fold(text), _words()
    source = text if len(text) == len(folded) else folded
    kept: list[Mention] = []
    taken: list[tuple[int, int]] = []
    for start, matched_end, named_drug in _found(text, folded, known_names):
        name = folded[start:matched_end].strip()
        if any(start < high and low < matched_end for low, high in taken):
            continue
        if not named_drug and (set(name.split()) <= words.not_topics or words.population.search(name)):
            continue
        drug = named_drug and (not _CLASS_OF_DRUGS.search(name) or name in {fold(known) for known in known_names})
        form = words.forms.match(folded, matched_end) if drug else None
        end = form.end() if form else matched_end
        taken.append((start, end))
        kept.append(_mention(re.sub(r"(?:患者|病人)$", "", source[start:end]), start, drug=drug))
    return tuple(sorted(kept, key=lambda mention: mention.start))


def _mention(written: str, start: int, *, drug: bool) -> Mention:
    name = fold(written)
    disease = not drug and bool(_words().disease.search(name))
    return Mention(written, start, drug, disease, drug_class=not drug and bool(_CLASS_OF_DRUGS.search(name)))
