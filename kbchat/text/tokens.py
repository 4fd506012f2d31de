"""Tokens for lexical search: Chinese words and bigrams, stemmed English, numbers kept whole.

Used for documents and for questions alike, so that they meet. Chinese is cut by rjieba (search mode gives the parts of
long words too) and into character bigrams, which find what the cutter splits differently in question and document;
English is stemmed with Snowball; traditional characters are read as simplified ones.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from operator import add

from opencc import OpenCC
from snowballstemmer import stemmer

from kbchat.text.deferred_pattern import deferred

_WORD = deferred(
    r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"  # a stretch of Chinese
    r"|[a-zμα-ω]+(?:-?\d+[a-z]?(?![a-z0-9]))?"  # words, and names such as cd4, covid-19
    r"|\d+(?:[.:/]\d+)*"  # numbers kept whole: 2.5, 140/90
)
_SMALL_WORDS_EN = frozenset(
    "a an and are as at be been but by can could did do does for from had has have how i if in into is it its may me my "
    "of on or our shall should so some such than that the their them then there these they this to was we were what "
    "when where which while who will with would you your am being during about get got one ones not no take takes taken "
    "taking use used uses using give given gives giving need needs want wants tell know much many often please say says".split()
)
_SMALL_WORDS_ZH = frozenset(
    "的 了 吗 呢 吧 啊 呀 么 嘛 哦 是 在 我 你 您 他 她 它 我们 你们 他们 咱 和 与 或 及 跟 同 有 没 没有 会 会不会 能 能否 能不能 能用 可以 可不可以 可 "
    "应该 应 该 要 想 得 就 都 也 还 又 很 把 被 给 让 对 对于 关于 按 按照 根据 如果 因为 所以 但 但是 而 并 则 "
    "什么 啥 怎么 怎么样 怎样 怎么办 咋 如何 多少 哪些 哪个 哪种 哪 几 为什么 为何 请问 问 问下 一下 这个 那个 这种 那种 这 那 这样 时候 时 不 一个 个 "
    "吃 用 服 喝 使用 服用 后 前 里 上 下 中 来 去 说 说明书 刚 正在 现在 一般 平时 大概 左右 需要 是否 有没有 是不是 要不要 行不行 行 吃点 常用 "
    "时间 情况 问题 东西 告诉 知道 了解 请 帮 帮忙 谢谢 您好 你好 之后 之前 以后 以前 期间 做 开始 话 的话 出 出来 起来 过 着 地 等 被 让 从 到 于 以".split()
)
_SHORT = 16
_TO_SIMPLIFIED = OpenCC("t2s")


class _Stemmer(threading.local):
    """A stemmer holds the word it works on: threads that shared one would spoil each other's words, for good (_stem)."""

    def __init__(self) -> None:
        self.english = stemmer("english")


_STEMMER = _Stemmer()


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return str(_STEMMER.english.stemWord(word))


def _cut(text: str) -> list[str]:
    found: list[str] = _cutter()(text)
    return found


@cache
def _cutter() -> Callable[[str], list[str]]:
    import rjieba  # noqa: PLC0415 - its dictionary takes 0.13 s to load, and who only folds needs none of it

    cut: Callable[[str], list[str]] = rjieba.cut
    return cut


def fold(text: str) -> str:
    """Lower case, compatibility forms and traditional characters unified (NFKC, then traditional to simplified)."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return folded if folded.isascii() else str(_TO_SIMPLIFIED.convert(folded))


def words(text: str) -> list[str]:
    """Words in order, no bigrams: Chinese by dictionary, English stemmed, small words kept."""
    found: list[str] = []
    for match in _WORD.finditer(fold(text)):
        piece = match.group()
        if "\u3400" <= piece[0] <= "\u9fff" or "\uf900" <= piece[0] <= "\ufaff":
            found.extend(_cut(piece))
        else:
            found.append(_stem(piece) if piece[0].isalpha() else piece)
    return found


def index_tokens(text: str) -> list[str]:
    """All tokens of a text for the index: words, the parts of long words, and Chinese bigrams."""
    folded = fold(text)
    pieces = _WORD.findall(folded)
    if folded.isascii():
        return [_stem(piece) if piece[0].isalpha() else piece for piece in pieces]
    found: list[str] = []
    for piece in pieces:
        if "\u3400" <= piece[0] <= "\u9fff" or "\uf900" <= piece[0] <= "\ufaff":
            cut = _cut(piece)
            found += [word for word in cut if len(word) != 2]
            found += map(add, piece, piece[1:])
            if len(piece) == 1 and not cut:
                found.append(piece)
        else:
            found.append(_stem(piece) if piece[0].isalpha() else piece)
    return found


def query_tokens(text: str) -> list[str]:
    """The tokens of a question, each once, in order.

    Small words are left out, and no bigram is made across one: 吃什么药可以降血脂 gives 降血 and 血脂, not 么药 and 药可.
    """
    return list(_short_query_tokens(text) if len(text) <= _SHORT else _query_tokens(text))


@lru_cache(maxsize=16384)
def _short_query_tokens(text: str) -> tuple[str, ...]:
    """Names and synonyms come again with every question; what a person writes is longer, and is not kept."""
    return _query_tokens(text)


def _query_tokens(text: str) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for match in _WORD.finditer(fold(text)):
        piece = match.group()
        if "\u3400" <= piece[0] <= "\u9fff" or "\uf900" <= piece[0] <= "\ufaff":
            for segment in _segments(piece):
                for token in index_tokens(segment):
                    kept.setdefault(token)
        elif piece not in _SMALL_WORDS_EN:
            kept.setdefault(_stem(piece) if piece[0].isalpha() else piece)
    return tuple(kept)


def _segments(stretch: str) -> list[str]:
    """A stretch of Chinese without its small words."""
    found: list[str] = []
    open_segment = False
    for word in _cut(stretch):
        if word in _SMALL_WORDS_ZH:
            open_segment = False
        elif open_segment:
            found[-1] += word
        else:
            found.append(word)
            open_segment = True
    return found
