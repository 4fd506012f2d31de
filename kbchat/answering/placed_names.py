"""Names that no table holds, known by where they stand: 金水宝是不是一码事, 吃可必特会心跳快吗, what about sacubitril."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from kbchat.medical.drug_stems import SYLLABLES
from kbchat.medical.lexicon import word_borders
from kbchat.text.deferred_pattern import deferred

_END_ZH = (
    r"(?=呢|咧|嘞|哩|也|是(?:不是|治|管|干|什么|啥)|会(?:不会)?|能(?:不能)?|可(?:以|不可以)|要|怎么|咋|一[天次日]|每[天日次]|多久|饭[前后]|空腹|治|管|跟|和|"
    r"[,，。.?？!！ ]|$)"
)
_START_ZH = r"(?:(?:^|[,，。 !！?？、:：])(?:那(?:么|要是)?|要是|如果是|换成?|改[成吃用])?|(?<=[吃服用打喷抹涂搽滴]))"
_PLACED_ZH = deferred(rf"{_START_ZH}(?P<name>[\u4e00-\u9fff]{{2,6}}?){_END_ZH}")
_BRAND_ENDINGS = frozenset("宝平康乐灵清通舒泰定妥停净安林达特丹星欣维克素")
_NOT_IN_NAMES = frozenset(
    "的了吗呢么那这哪个几多少最每次从往上下加减吃喝用服后前能可不会要还再也都就把被给让和与跟或及在是有没过着到我你您他她它们谁啥什怎样行对请问好谢医生病人孩子爸妈爷奶药片粒天周月年岁时间一二两三四五六七八九十半"
)
_WORD_EN = r"(?P<name>[A-Za-z][A-Za-z-]{3,})"
_PLACED_EN = deferred(
    rf"(?:^(?:and|or|what about|how about|same (?:for|with)|then|ok so|so)|\bwhat(?:'s| is)|\b(?:is|on|taking|takes?|took|started|prescribed|swallowed|using|does|can|dose of|about)) {_WORD_EN}"
    r"(?= (?:for|safe|ok|okay|dose|tablets?|capsules?|injections?|used|then|too|cause|make|interact|help|with|in pregnancy|while|when|and)\b|\s*[,?.!]|$)",
    re.IGNORECASE,
)
_ORDINARY_EN = deferred(
    r"(?:ing|tion|sion|ment|ness|able|ible|ally|edly|less|ful|ward|wards|ship|self|selves|body|thing|where|time|day|night|week|weeks|month|year|years|ies|ous|ed|er|ers|est|ly|ity|ance|ence|al|ic|ive|sy)$"
)
_LONGEST_ORDINARY = 6
ORDINARY_WORDS = frozenset(
    "moderate severe mild advanced chronic acute elderly private separate immediate appropriate late early today tomorrow yesterday tonight afterwards monday tuesday wednesday thursday friday saturday sunday christmas weekend weekends evening morning afternoon bedtime exactly really actually already together because another travel travelling that this these those them they there then than what when with without from into food water milk about after before again instead either neither another other others different someone anyone people person mother father mum husband wife "
    "daughter son baby babies child children patients woman women pregnant grandma grandpa pregnancy breakfast lunch dinner alcohol driving school "
    "surgery holiday purpose average ok okay right wrong better worse enough second third first earlier later latter former insulin medicine medicines tablet tablets capsule capsules injection infection treatment nothing something everything hospital doctor nurse still also just only even ever never always your yours mine ours".split()
)


def placed_names(text: str, folded: str, known: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Start and end of words that stand where a drug is named and are no word otherwise known.

    Args:
        text: as written.
        folded: the same folded.
        known: where terms of the lexicon stand; none of them is given again.
    """
    if folded.isascii():
        found = (match for match in _PLACED_EN.finditer(text) if len(text) == len(folded) and _is_strange(match, text))
    else:
        found = (match for match in _PLACED_ZH.finditer(folded) if _may_be_a_name(folded, match))
    for match in found:
        start, end = match.span("name")
        if not any(start < high and low < end for low, high in known):
            yield start, end


def _is_strange(match: re.Match[str], text: str) -> bool:
    """Whether an English word is a brand by its capital, or a name by being long and without an ordinary ending."""
    word = match["name"]
    if word.lower() in ORDINARY_WORDS:
        return False
    capital = word[0].isupper() and match.start("name") > 0 and not text.isupper()
    return capital or (len(word) > _LONGEST_ORDINARY and not _ORDINARY_EN.search(word.lower()))


def _may_be_a_name(folded: str, match: re.Match[str]) -> bool:
    """Whether a run of characters falls apart into pieces, none a longer word, and sounds like a name."""
    name, (start, end) = match["name"], match.span("name")
    if set(name) & _NOT_IN_NAMES:
        return False
    borders = word_borders(folded)
    pieces = _pieces(start, end, borders)
    if not {start, end} <= borders or max(pieces) > 1:
        return False
    foreign = sum(character in SYLLABLES for character in name)
    return foreign == len(name) or (len(name) > 2 and foreign * 2 >= len(name) and name[-1] in _BRAND_ENDINGS)


def _pieces(start: int, end: int, borders: Iterable[int]) -> list[int]:
    inside = sorted({start, end, *(border for border in borders if start < border < end)})
    return [after - before for before, after in pairwise(inside)]
