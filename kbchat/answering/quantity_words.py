"""The words around a quantity that say what it is a number of; those that say little are left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import rjieba

from kbchat.text.deferred_pattern import deferred
from kbchat.text.quantities import Quantity, QuantityKind

_LABEL_ZH = deferred(r"[\u4e00-\u9fff]{2,8}$")
_LABEL_EN = deferred(r"[a-z]{4,}", re.IGNORECASE)
_LABEL_TAIL = deferred(r"(?:[每一][日天次周晚]|[\s≥≤><~为是约达到至在于了应用量])+$")
_LABEL_STOPS = frozenset(
    "剂量 用量 每次 一次 每日 每天 一天 一日 患者 最大 最小 起始 开始 推荐 服用 口服 注射 成人 儿童 应用 使用 给予 治疗 控制 不超 超过 "
    "低于 高于 大于 小于 不低 降至 降到 以上 以下 至少 最多 范围 左右 通常 一般 可以 需要 增加 减少 减为 调整 达到 建议 单次 首次 随后 "
    "之后 然后 维持 初始 年龄 体重 间隔 连续 疗程 期间 本品 药物 病人 常用 为每 约为 分别".split()
)
_LABEL_STOPS_EN = frozenset(
    "take with dose doses daily maximum minimum starting start initial about approximately least most than then followed "
    "once twice three times every each total should must patients patient adults adult children tablets tablet given give "
    "need needs require requires last lasts within below above over under more less from into that this for and the is are".split()
)


_OF_WHOM = deferred(r"\s*(?:in|for|with|if|among|otherwise)\b[^,.;\d]{0,40}", re.IGNORECASE)
_WORDS_BEHIND = 4
_SAYS_NOTHING = frozenset(
    "可能 可以 应该 开始 如果 通常 一般 需要 时间 使用 情况 效果 发生 出现 发生率 增至 加至 减至 目标 长期 继续 必须 左右 大约 至少 最多 "
    "此后 随后 以后 然后 再次 重复 延长 缩短 给药 用药 停药 服药 用量 用法 次数 总量 人群 病人 有效 常规 不同 其他 其它 相同 分别 为宜 "
    "不得 不能 不可 不宜 不要 不应 持续 间隔 每次 每日 每天 一次 一日 一天 首次 首剂 首日 单次".split()
)
_OF_WHAT = deferred(r"\s*(?:of|in|for|among|with)\s+(?:the\s+)?[a-z][^,.;]*?(?=\band\b|$)", re.IGNORECASE)
_KIND = deferred(r"[a-d\dⅰ-ⅳ一二三四][型级期组类度]|[a-z]级")
_GENERAL = frozenset(
    "每次 一次 每日 每天 一天 一日 患者 病人 剂量 用量 服用 使用 应用 给予 治疗 用药 给药 不超 超过 低于 高于 大于 小于 不低 以上 以下 至少 最多 "
    "左右 通常 一般 需要 可以 建议 推荐 应该 大约 分别".split()
)
_WORD = deferred(r"[a-z]{2,}")
_HAN = deferred(r"[\u4e00-\u9fff]{2,}")
_WHOSE = deferred(r"([\u4e00-\u9fff]{2,8}?)(?:患者|病人|人群|者|的人)")
_TAIL = 24
_SAYS_LITTLE = "的了就则应该要可以须需即时后前内外者患病人用吃服打药马上再也都不没别请立和与或在于为是有"


def words_before(text: str, quantity: Quantity, clause: tuple[int, int]) -> frozenset[str]:
    """The words right before a quantity in its clause: pairs of Chinese characters, English words."""
    head = text[clause[0] : quantity.start]
    chinese = _LABEL_ZH.search(_LABEL_TAIL.sub("", head))
    if chinese:
        run = chinese[0]
        return frozenset(run[i : i + 2] for i in range(len(run) - 1)) - _LABEL_STOPS
    words = [word.lower() for word in _LABEL_EN.findall(head)][-4:]
    return frozenset(words) - _LABEL_STOPS_EN


def of_whom(text: str, quantity: Quantity, clause: tuple[int, int]) -> frozenset[str]:
    """English words behind a quantity that say of whom it holds: in, for or with somebody, otherwise."""
    match = _OF_WHOM.match(text, quantity.end, clause[1])
    words = [word.lower() for word in _LABEL_EN.findall(match[0])][:_WORDS_BEHIND] if match else []
    return frozenset(words) - _LABEL_STOPS_EN


def context(text: str, quantities: Sequence[Quantity], index: int, clause: tuple[int, int]) -> frozenset[str]:
    """What a quantity is told of, in its clause: the words before it, or those behind where none stand before or "of" does.

    Chinese and English words, and kinds such as 2型 or C级; words that say little are left out.
    """
    ahead = (other for other in quantities[:index] if other.kind is not QuantityKind.PERIOD)
    low = max([clause[0], *(other.end for other in ahead if other.end <= quantities[index].start)])
    high = min([clause[1], *(other.start for other in quantities[index + 1 :] if other.start >= quantities[index].end)])
    before, behind = text[low : quantities[index].start], text[quantities[index].end : high]
    of = _OF_WHAT.match(behind)
    return (_content(of[0]) if of else frozenset()) or _content(before) or _content(behind)


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring Chinese characters of ``text``."""
    return frozenset(pair for run in _HAN.findall(text) for pair in map("".join, pairwise(run)))


def told_with(
    text: str, quantities: Sequence[Quantity], index: int, sentence: tuple[int, int], clause: tuple[int, int]
) -> frozenset[str]:
    """What is told together with a quantity: its clause, and those before it that hold no other number of their own.

    Pairs of Chinese characters, English words and kinds (2型); numbers and words that say little are left out.
    """
    ahead = [other for other in quantities[:index] if other.kind is not QuantityKind.PERIOD and other.end <= clause[0]]
    low = max([sentence[0], *(other.end for other in ahead)])
    high = min([clause[1], *(other.start for other in quantities[index + 1 :] if other.start >= clause[1])])
    parts, position = [], low
    for other in quantities:
        if low <= other.start < high:
            parts.append(text[position : other.start])
            position = max(position, other.end)
    words = " ".join([*parts, text[position:high]]).lower()
    english = frozenset(_WORD.findall(words)) - _LABEL_STOPS_EN
    return (pairs(words) | english | frozenset(_KIND.findall(words))) - _GENERAL


def whose(text: str, quantity: Quantity, sentence: tuple[int, int]) -> frozenset[str]:
    """Those of whom the sentence spoke last before a quantity (有痛风石者, 糖尿病患者), as pairs of characters."""
    found = _WHOSE.findall(text[sentence[0] : quantity.start])
    return pairs(found[-1].lstrip("有伴患合并对于")) if found else frozenset()


def kind_named(text: str, quantity: Quantity, sentence: tuple[int, int]) -> str:
    """The kind that the sentence named last before a quantity (2型, C级, 三期)."""
    found = _KIND.findall(text[sentence[0] : quantity.start].lower())
    return found[-1] if found else ""


def _content(text: str) -> frozenset[str]:
    folded = text.lower()
    found = set(_KIND.findall(folded))
    for run in re.findall(r"[\u4e00-\u9fff]{2,}", folded):
        found.update(word for word in rjieba.cut(run, False) if len(word) > 1 and word not in _SAYS_NOTHING)
    found.update(word for word in re.findall(r"[a-z]{4,}", folded))
    return frozenset(found) - _LABEL_STOPS - _LABEL_STOPS_EN


def words_after(text: str, quantities: Sequence[Quantity], index: int, sentence: tuple[int, int]) -> frozenset[str]:
    """What the sentence goes on to say before the next quantity: characters of Chinese, words of English."""
    end = min([sentence[1], *(other.start for other in quantities[index + 1 : index + 2])])
    tail = text[quantities[index].end : end][:_TAIL].lower()
    words = set(re.findall(r"[a-z]{3,}", tail)) - _LABEL_STOPS_EN
    return frozenset(words | {c for c in tail if "\u4e00" <= c <= "\u9fff" and c not in _SAYS_LITTLE})
