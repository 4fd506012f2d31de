"""Chinese names of persons: announced (姓名, 我叫, 患者, 我女儿), called by courtesy (女士), or alone beside another identifier.

A name is a surname of the table with one or two characters more. Where something announces a name without a mark between
(我爱人孙丽娟怀孕12周), it ends where a word of the account begins; a run that is itself a word (高热, 常年) is no name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import rjieba

from kbchat.medical.phi_tables import IdentifierSpan, shapes

_STRONG_LABEL = re.compile(
    r"(?:(?:患者|病人|病员|产妇|家属|联系人|监护人|孩子|宝宝|患儿|本人|陪护人?|申请人|投保人|就诊人|签字人|受检者|收货人)?(?:的)?(?:真实)?(?:姓名|名字|全名)"
    r"|(?:家属|患者|本人|监护人|代理人|受试者)?(?:签字|签名|签署)|监护人|联系人|紧急联系人|收件人|收货人|就诊人|申请人|投保人|被保险人|参保人|经办人|持卡人|户主|受检者|"
    r"陪护人?|照护者|[曾原]用?名|大名|小名|乳名)\s*(?:是|为|叫)?\s*[:]?\s*"
)
_KIN = (
    r"(?:妈妈?|爸爸?|母亲|父亲|爹|娘|爷爷?|奶奶|姥姥|姥爷|外公|外婆|公公|婆婆|岳父|岳母|丈母娘|哥哥?|弟弟?|姐姐?|妹妹?|儿子|女儿|闺女|孩子|宝宝|孙子|孙女|"
    r"外孙女?|侄子|侄女|外甥女?|老公|老婆|丈夫|妻子|太太|爱人|对象|男友|女友|男朋友|女朋友|未婚[夫妻]|同事|朋友|邻居|室友|同学|亲戚|老伴|伯伯|伯父|伯母|叔叔?|婶婶?|"
    r"舅舅?|舅妈|姑姑?|姑妈|姨妈?|阿姨|嫂子|表[哥弟姐妹]|堂[哥弟姐妹]|二宝|大宝|老大|老二|双胞胎)"
)
_WEAK_LABEL = re.compile(
    rf"(?:(?:(?:患者|病人)(?:名)?叫|我(?:的)?名(?:字)?(?:叫做?|是)|我叫做?|本人(?:名)?叫?|名叫|名为|叫做|(?:{_KIN}|老人|他|她|患儿|我家?{_KIN})"
    rf"(?:的)?(?:名字|大名|全名)?(?:叫做?|名叫|是叫)|(?:我|我们|我家|家里|俺|她|他|的|[,。;:!?、\s]|^){_KIN}|患者|病人|病员|患儿|产妇|孕妇|孕产妇|伤者|死者|逝者|家属|"
    r"受试者|受检者|志愿者|参保人|(?:^|(?<=[,。;:!?、\s好]))(?:我是|这是|这里是|俺是))\s*[:]?\s*)"
)
_CALLED = ("叫", "叫做", "名字是", "名是", "大名", "小名", "乳名", "名为")
_AFTER_NAME = r"(?=$|[,。;:!?、()\s\[\]|/\-\d]|性别|男|女|年龄|电话|手机|身份证|住院号|床号|民族|出生|签字|签名|的|,|先生|女士|小姐|同学|，)"
_COURTESY = r"先生|女士|小姐|太太|夫人|小朋友|同志|老师|阿姨|大爷|大妈|大叔|爷爷|奶奶|婆婆|老人家"
_BY_COURTESY = re.compile(rf"(?=(?P<name>[\u4e00-\u9fff]{{2,4}}?)(?:{_COURTESY}))")
_ALONE = re.compile(
    rf"(?:^|(?<=[,。;:、\s|床]))(?P<name>[\u4e00-\u9fff]{{2,4}})(?=$|[,;、\s|(]|(?:{_COURTESY})(?=[,，。\s]))"
)
_RECEIVER = re.compile(
    r"(?:^|(?<=[,。;:、\s]))(?P<name>[\u4e00-\u9fff]{2,4})\s*[(]?(?:收|亲启|敬启|转交)(?=$|[,。;)\s])"
)
_SIGNED = re.compile(
    r"(?:谢谢[您你]?|感谢|多谢|此致|敬礼|敬上|拜托了?|急)[!,。~ \n]*(?:—+|-+)?\s*(?P<name>[\u4e00-\u9fff]{2,4})\s*[。]?$|\n\s*(?:—+|-+)\s*(?P<dashed>[\u4e00-\u9fff]{2,4})\s*$"
)
# Behind a bed (26床褚行之今早…) a name ends where the account of the patient begins.
_ACCOUNT = "今|昨|现在|目前|复查|血压|血糖|体温|主诉|自诉|诉|术后|术前|入院|出院|夜间|晨|早上|上午|下午|晚上|发热|需要|要|的|想|问"
_DEMOGRAPHIC = re.compile(
    r"^\s*[,、;(\s]\s*(?:男|女|今年\d|\d{1,3}(?:周?岁|个?月)|[一二三四五六七八九十]{1,3}岁|性别|年龄|[MF]\b)"
)
_BESIDE = frozenset({"ID_CARD", "PHONE", "MRN", "INSURANCE", "BED", "DOB", "ADDRESS", "NAME", "PASSPORT"})
_MARK = re.compile(r"[\s,。;:!?、()\[\]|/\-\da-zA-Z<>~]")
_SHORTEST_WORD = 2


def _is_name(candidate: str) -> bool:
    """Whether a run is a surname and a given name, and not a word of the dictionary (高热, 左手麻)."""
    known = shapes()
    if not re.fullmatch(known.name, candidate) or candidate in known.not_names:
        return False
    if any(c in known.not_in_names for c in candidate[1:]):
        return False
    first, kind = rjieba.tag(candidate, False)[0]
    return (
        len(first) == 1
        or first in known.compounds
        or (kind.startswith("nr") and first == candidate and (len(first) > 2 or first[0] in known.common))
    )


def _has_its_shape(run: str) -> bool:
    """Whether a run behind 姓名 or 大名 without a colon can be a name, be it a word too (许诺一)."""
    known = shapes()
    if not re.fullmatch(known.name, run) or run[0] in known.particles:
        return False
    return _is_announced(run, called=True, marked=True, behind="")


def _is_announced(run: str, *, called: bool, marked: bool, behind: str) -> bool:
    """Whether ``run`` behind a weak label is a name, though it may be a word too (陶然): called so, or sex or age follow."""
    if _is_name(run) and (called or marked or run[0] not in shapes().particles):
        return True
    if (called or marked) and rjieba.cut(run, False) != [run]:
        return True
    if called and rjieba.tag(run)[0][1] == "nr":
        return True
    return bool(_DEMOGRAPHIC.match(behind)) and not set(run[1:]) & shapes().not_in_names


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    """Whether a word of the dictionary begins in ``text[start:end]`` and goes on behind it (支气|管炎, 左上|腹)."""
    position = start
    for word in rjieba.cut(text[start : end + 6], False):
        if position >= end:
            return False
        if position + len(word) > end:
            return len(word) > 1
        position += len(word)
    return False


def _account_begins(text: str, end: int) -> bool:
    """Whether a name may end at ``end``: a mark, a particle or verb of one character, or a word of two and more follows."""
    if end >= len(text) or _MARK.match(text, end) or text[end] in shapes().follows:
        return True
    words = rjieba.cut(text[end : end + 6], False)
    return len(words[0]) >= _SHORTEST_WORD


def _glued(text: str, start: int) -> tuple[int, int] | None:
    """The name that begins at ``start`` right before an account (孙丽娟怀孕12周), the longer first."""
    known = shapes()
    surname = next((one for one in known.compounds if text.startswith(one, start)), text[start : start + 1])
    if not surname or (len(surname) == 1 and (surname not in known.surnames or surname in known.particles)):
        return None
    for length in (len(surname) + 2, len(surname) + 1):
        run = text[start : start + length]
        given = run[len(surname) :]
        if len(run) < length or not _is_name(run) or any(c in known.follows for c in given[-1:]):
            continue
        kind = rjieba.tag(given, False)[0] if len(given) > 1 else ("", "")
        common = kind[0] == given and not kind[1].startswith(("nr", "nz", "ns", "a"))  # 于|夜间: a word of its own
        if not common and not _cuts_a_word(text, start, start + length) and _account_begins(text, start + length):
            return start, start + length
    return None


def announced_names(text: str) -> Iterator[tuple[int, int]]:
    """Names behind what announces them."""
    known = shapes()
    strong = re.compile(rf"[\u4e00-\u9fff·]{{2,4}}?{_AFTER_NAME}")
    for match in _STRONG_LABEL.finditer(text):
        run = strong.match(text, match.end())
        if run and (":" in match[0] or " " in match[0] or _has_its_shape(run[0])):
            yield run.span()
    weak = re.compile(rf"(?:{known.name}){_AFTER_NAME}")
    for match in _WEAK_LABEL.finditer(text):
        run = weak.match(text, match.end())
        called = match[0].rstrip(": ").endswith(_CALLED)
        behind = text[run.end() : run.end() + 10] if run else ""
        if run and _is_announced(run[0], called=called, marked=":" in match[0], behind=behind):
            yield run.span()
            continue
        glued = _glued(text, match.end())
        if glued is not None:
            yield glued


def names_by_courtesy(text: str) -> Iterator[tuple[int, int]]:
    """A whole name before 先生, 女士 and the like, from a mark or a word's end on."""
    for match in _BY_COURTESY.finditer(text):
        start, end = match.span("name")
        if _is_name(match["name"]) and (
            start == 0 or _MARK.match(text, start - 1) or text[start - 1] in "是叫给找替帮为请问让对跟和与的床"
        ):
            yield start, end


def names_behind_beds(text: str, found: list[IdentifierSpan]) -> Iterator[tuple[int, int]]:
    """A name right behind a bed's number."""
    pattern = re.compile(rf"{shapes().name}(?=$|[,。;:!? ]|{_ACCOUNT})")
    for span in found:
        if span.type != "BED":
            continue
        run = pattern.match(text, span.end)
        if run and _is_name(run[0]):
            yield run.span()
        elif (glued := _glued(text, span.end)) is not None:
            yield glued


def names_alone(text: str, found: list[IdentifierSpan]) -> Iterator[tuple[int, int]]:
    """A run that looks like a name between marks: beside another identifier, before sex or age, as receiver or signature."""
    for match in _RECEIVER.finditer(text):
        if _is_name(match["name"]):
            yield match.span("name")
    beside = [span for span in found if span.type in _BESIDE]
    for match in _ALONE.finditer(text):
        start, end = match.span("name")
        near = any(0 <= start - span.end <= 6 or 0 <= span.start - end <= 10 for span in beside)
        if (near or _DEMOGRAPHIC.match(text[end : end + 10])) and _is_name(match["name"]):
            yield start, end
    for match in _SIGNED.finditer(text):
        group = "name" if match["name"] else "dashed"
        if _is_name(match[group]):
            yield match.span(group)
