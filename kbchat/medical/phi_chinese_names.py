"""Chinese names of persons: announced (姓名, 我叫, 患者, 我女儿), called by courtesy (女士), or alone beside another identifier.

A name is a surname of the table with one or two characters more, or a transliterated name. Where something announces a name
without a mark between (我爱人孙丽娟怀孕12周), it ends where a word of the account begins; a run that is itself a word (高热,
常年) or a medicine (万托林) is no name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import rjieba

from kbchat.medical.phi_chinese_runs import (
    WHOLE_NAME,
    fits,
    is_known_name,
    is_name,
    is_name_at_a_number,
    is_new_name,
    is_word,
)
from kbchat.medical.phi_tables import IdentifierSpan, shapes
from kbchat.text.deferred_pattern import deferred

_KIN = (
    r"(?:妈妈?|爸爸?|母亲|父亲|爹|娘|爷爷?|奶奶|姥姥|姥爷|外公|外婆|公公|婆婆|岳父|岳母|丈母娘|哥哥?|弟弟?|姐姐?|妹妹?|儿子|女儿|闺女|孩子|宝宝|孙子|孙女|"
    r"外孙女?|侄子|侄女|外甥女?|老公|老婆|丈夫|妻子|太太|爱人|对象|男友|女友|男朋友|女朋友|未婚[夫妻]|同事|朋友|邻居|室友|同学|亲戚|老伴|伯伯|伯父|伯母|叔叔?|婶婶?|"
    r"舅舅?|病友|舅妈|姑姑?|姑妈|姨妈?|阿姨|嫂子|表[哥弟姐妹]|堂[哥弟姐妹]|二宝|大宝|老大|老二|双胞胎)"
)
_WHO = r"患者|病人|病员|产妇|孕妇|孕产妇|患儿|家属|伤者|死者|逝者|受试者|受检者|志愿者|参保人|住户|家长|护工|月嫂|保姆|老太太|老爷子|老先生|老大爷|老奶奶|老人家|学生|员工|职工|学员|住民"
_CAME = r"(?:收|送|转|来|接|住|推|抬|管)(?:进来|过来|进|过|来|入)?(?:的)"
"""Somebody who was admitted: 昨晚收的那个…, 刚送来的是…"""
_TELLS = r"来电|打来|打电话|致电|来问|来访|代[诉述问办取领]|转[述告达]|询问|咨询|反映|反应|留言|来院|陪[同护诊]|说|称|诉|问|找|家住|住在|那[位个]"
"""What stands right behind a name and is no part of it: 家属…来电, …代诉."""
_STRONG_LABEL = deferred(
    rf"(?:(?:{_WHO}|联系人|监护人|孩子|宝宝|本人|陪护人?|申请人|投保人|就诊人|签字人|收货人)?(?:的)?(?:真实)?(?:姓名|名字|全名)"
    r"|(?:家属|患者|本人|监护人|代理人|受试者)?(?:签字|签名|签署)|监护人|联系人|紧急联系人|收件人?|收货人?|就诊人|问诊人|申请人|投保人|被保险人|参保人|经办人|持卡人|户主|受检者|留言人|咨询人|提问者|填表人|报告人|预约人|取药人|代办人|"
    r"陪护人?|照护者|[曾原]用?名|大名|小名|乳名)\s*(?:是|为|叫)?\s*[:]?\s*"
)
_WEAK_LABEL = deferred(
    rf"(?:(?:(?:患者|病人)(?:名)?叫|(?:我|俺|咱)(?:的)?名(?:字)?(?:叫做?|是)|(?:我|俺|咱)叫做?|本人(?:名)?叫?|名叫|名为|叫做|(?:{_KIN}|老人家?|老太太|老爷子|老先生|他|她|患儿|我家?{_KIN})"
    rf"(?:的)?(?:名字|大名|全名)?(?:叫做?|名叫|是叫)|(?:我|我们|我家|家里|俺|咱|她|他|的|[,。;:!?、\s]|^){_KIN}|{_WHO}|登记|挂号|病历[\]】]|病例[\]】]|{_CAME}(?:那[个位]|这[个位]|是)(?:病人|患者|老人|孩子|叫)?|(?:那[位个]|这[位个]|有[位个]|一[位个])叫|委托|户名|"
    r"(?:^|(?<=[,。;:!?、\s好\d]))(?:我是|这是|这里是|俺是|找|联系|通知|转告|转给|呼叫))\s*[:]?\s*)"
)
_CALLED = ("叫", "叫做", "名字是", "名是", "大名", "小名", "乳名", "名为")
_LABEL_FOLLOWS = r"性别|年龄|电话|手机|联系|身份证|证件|住院号|门诊号|病案号|病历号|床号|民族|出生|生日|签字|签名|地址|住址|医保|社保|护照"
_NUMBER_FOLLOWS = deferred(r"电话|手机|联系方式|身份证|证件|住院号|门诊号|病案号|病历号|床号|地址|住址|医保|社保|护照")
_AFTER_NAME = rf"(?=$|[,。;:!?、()\s\[\]|/\-\d]|{_LABEL_FOLLOWS}|男|女|的|先生|女士|小姐|同学|{_TELLS})"
_COURTESY = r"先生|女士|小姐|太太|夫人|小朋友|同志|老师|阿姨|大爷|大妈|大叔|爷爷|奶奶|婆婆|老人家|家属|家里人|家人"
_BY_COURTESY = deferred(rf"(?=(?P<name>[\u4e00-\u9fff]{{2,4}}?)(?:{_COURTESY}))")
_BEFORE_COURTESY = "是叫给找替帮为请问让对跟和与的床"
_ALONE = deferred(
    rf"(?:^|(?<=[,。;:、\s|/\]床]))(?P<name>[\u4e00-\u9fff]{{2,4}})(?=$|[,。;、\s|(/]|(?:{_COURTESY})(?=[,。\s]))"
)
_OF = r"的(?=复查|复诊|报告|结果|化验|片子|检查|病理|病历|床|CT|MR|B超|彩超|心电图|住院|医保|吊瓶|引流|伤口|家属|医嘱|尿管|标本|用药|[A-Z]{2,6}|药(?!物|效|理|典|方))"
_OF_RECORD = deferred(_OF)
_RECORD = deferred(rf"(?:^|(?<=[,。;:、\s]))(?P<name>[\u4e00-\u9fff]{{2,3}}){_OF}")
_ASKED_ABOUT = deferred(
    r"(?:^|(?<=[,。;:!?、\s好]))(?:(?:请问|麻烦|劳驾|帮忙|帮我?|替我?|给我?)+(?:查询?|查看|看看?|问)?(?:一?下)?|(?:我想|想)?(?:查询|查看|查|问)(?:一?下)?)(?=[\u4e00-\u9fff]{3})"
)
_DONE_FOR = deferred(
    r"(?:给|帮|替|为)(?P<name>[\u4e00-\u9fff]{2,3})(?=改|开药|开点|换药|停药|加药|减药|查|约|挂|抽血|打针|输液|测|送|拿|取|翻身)"
)
_CALLED_IN = deferred(
    r"(?:请|让|叫一?下|喊一?下|通知|告诉|转告|提醒)(?P<name>[\u4e00-\u9fff]{2,3})(?=到\S{0,4}(?:窗口|诊室|护士站|病房|导诊台)|来\S{0,3}(?:取|拿|复查|窗口|诊室|一下)|明天|明早|今天空腹|家属|空腹)"
)
_I = deferred(r"(?:^|(?<=[,。;:!?、\s好]))我(?P<name>[\u4e00-\u9fff]{3})(?=[,，])")
_RELATED = deferred(
    rf"(?:我是|这里是|这是|[^\u4e00-\u9fff]是|^是|我们是)(?P<name>[\u4e00-\u9fff]{{2,3}}?)(?:的|他|她)?(?:{_KIN}|家属|家长|家人|陪护|监护人|班主任|护工)"
)
_RIGHT_BEFORE = deferred(r"(?:^|(?<=[,。;:、\s|/\]】]))(?P<name>[\u4e00-\u9fff]{2,4})\s?$")
# 张三男45岁, 张三电话138…: a name from a mark on, run into what is told of the person.
_RUN_IN = deferred(
    r"(?:^|(?<=[,。;:、\s|/\]】]))(?P<name>[\u4e00-\u9fff]{2,3})(?:(?=[男女](?:[,、\s\d]|性|$))|(?=\d{1,3}周?岁)|(?=(?:电话|手机|联系方式|身份证|住院号|门诊号|病案号|病历号|床号|住址|医保号|医保卡)))"
)
_TOUCHING = r"(?P<name>[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{2,6}·[\u4e00-\u9fff·]{2,8})"
_BEFORE_TOUCHING = deferred(rf"(?:^|(?<=[,。;:、\s|/\]】])){_TOUCHING}[\s,、;|/(]{{1,2}}$")
_BEHIND_TOUCHING = deferred(rf"(?:[\s,、;|/)]{{1,2}}|的){_TOUCHING}(?=$|[,。;、\s|/(])")
_FAMILY_NAME = deferred(
    r"我姓(?P<family>[\u4e00-\u9fff])[,、]?\s*(?:名|叫)(?P<name>[\u4e00-\u9fff]{1,3})(?=[,。;\s]|$)"
)
_RECEIVER = deferred(r"(?:^|(?<=[,。;:、\s]))(?P<name>[\u4e00-\u9fff]{2,4})\s*[(]?(?:收|亲启|敬启|转交)(?=$|[,。;)\s])")
_SIGNED = deferred(
    r"(?:谢谢[您你]?|感谢|多谢|此致|敬礼|敬上|拜托了?|急)[!,。~ \n]*(?:—+|-+)?\s*(?P<name>[\u4e00-\u9fff]{2,4})\s*[。]?$"
    r"|\n\s*(?:—+|-+)\s*(?P<dashed>[\u4e00-\u9fff]{2,4})\s*$"
)
# Behind a bed (26床褚行之今早…) a name ends where the account of the patient begins.
_ACCOUNT = "今|昨|现在|目前|复查|血压|血糖|体温|主诉|自诉|诉|术后|术前|入院|出院|夜间|晨|早上|上午|下午|晚上|发热|需要|要|的|想|问"
_DEMOGRAPHIC = deferred(
    r"^的(?:电话|手机|住院号|身份证|门诊号|微信|病案号)|^\s*[,、;(\s]\s*(?:男|女|今年\d|\d{1,3}(?:周?岁|个?月)|[一二三四五六七八九十]{1,3}岁|性别|年龄|[MF]\b)"
)
_BESIDE = frozenset(
    {"ID_CARD", "PHONE", "MRN", "INSURANCE", "BED", "DOB", "ADDRESS", "NAME", "PASSPORT", "EMAIL", "WECHAT"}
)
_MARK = deferred(r"[\s,。;:!?、()\[\]|/\-\da-zA-Z<>~]")
_NO_GIVEN_NAMES = frozenset("tdvprmfc")
"""Tags of the dictionary for words that are hardly a given name: times, adverbs, verbs, numerals."""
_SHORTEST_WORD = 2
_AT_ONCE = 2
_APART = deferred(r"$|[,。;!?、()\s]|的")
_NICKNAME = deferred(r"([\u4e00-\u9fff])\1(?=[,、;(\s])")


def _is_announced(run: str, *, called: bool, marked: bool, behind: str) -> bool:
    """Whether ``run`` behind a weak label is a name, though it may be a word too (陶然): called so, or sex or age follow."""
    sure = called or marked or bool(_DEMOGRAPHIC.match(behind))
    if not fits(run, loose=sure) or (run[0] in shapes().particles and not sure):
        return False
    return sure or not is_word(run) or is_new_name(run)


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


def _glued(text: str, start: int, *, sure: bool = False) -> tuple[int, int] | None:
    """The name that begins at ``start`` right before an account (孙丽娟怀孕12周), the longer first; ``sure``: a bed stands before."""
    known = shapes()
    foreign = known.foreign.match(text, start)
    if foreign and len(foreign[0]) > 1 and _account_begins(text, foreign.end()):
        return foreign.span()
    surname = next((one for one in known.compounds if text.startswith(one, start)), text[start : start + 1])
    whole = text[start : start + WHOLE_NAME]
    if (is_known_name(whole) or (sure and is_new_name(whole))) and _account_begins(text, start + WHOLE_NAME):
        return start, start + WHOLE_NAME
    for length in (len(surname) + 2, len(surname) + 1):
        run, end = text[start : start + length], start + length
        labelled = bool(_NUMBER_FOLLOWS.match(text, end))
        if len(run) < length or not is_name(run, loose=labelled):
            continue
        if not labelled and (surname in known.particles or run[-1] in known.follows):
            continue
        given = run[len(surname) :]
        kind = rjieba.tag(given, False)[0] if len(given) > 1 else ("", "")
        common = kind[0] == given and kind[1][:1] in _NO_GIVEN_NAMES  # 于|夜间: a word of its own
        if labelled or (not common and not _cuts_a_word(text, start, end) and _account_begins(text, end)):
            return start, end
    return None


def announced_names(text: str, found: list[IdentifierSpan]) -> Iterator[tuple[int, int]]:
    """Names behind what announces them; where another identifier follows at once, a word may be one too (患者路遥，1949…)."""
    known = shapes()
    strong = re.compile(rf"[\u4e00-\u9fff·]{{2,9}}?{_AFTER_NAME}")
    for match in _STRONG_LABEL.finditer(text):
        run = strong.match(text, match.end())
        if run is None or not fits(run[0], loose=True):
            glued = _glued(text, match.end())
            if glued is not None and (run is None or glued[1] < run.end()):
                yield glued
                continue
        if run is None:
            continue
        short = len(run[0]) <= WHOLE_NAME + 1 or known.foreign.fullmatch(run[0])
        if short and (":" in match[0] or " " in match[0] or fits(run[0])) and run[0][0] not in known.particles:
            yield run.span()
    weak = re.compile(rf"(?:{known.foreign.pattern}|{known.long_name}){_AFTER_NAME}")
    for match in _WEAK_LABEL.finditer(text):
        marked = match[0].rstrip().endswith((":", "]", "】"))
        called = match[0].rstrip(": ").endswith(_CALLED)
        nickname = _NICKNAME.match(text, match.end())
        if nickname and _DEMOGRAPHIC.match(text[nickname.end() : nickname.end() + 10]):
            yield nickname.span()
            continue
        run = weak.match(text, match.end())
        behind = text[run.end() : run.end() + 10] if run else ""
        beside = run is not None and any(0 <= span.start - run.end() <= _AT_ONCE for span in found)
        if run and _is_announced(run[0], called=called or beside, marked=marked, behind=behind):
            yield run.span()
        elif (glued := _glued(text, match.end())) is not None:
            yield glued
    for match in _ASKED_ABOUT.finditer(text):
        asked = _glued(text, match.end())
        if asked is None or asked[1] - asked[0] < WHOLE_NAME:
            continue
        given = text[asked[0] + 1 : asked[1]]
        plain = text[asked[0]] in known.common and rjieba.cut(given, False) != [given]
        if plain or _OF_RECORD.match(text, asked[1]):
            yield asked


def names_by_courtesy(text: str) -> Iterator[tuple[int, int]]:
    """A whole name before 先生, 女士, 的报告 and the like, from a mark or a word's end on; my own name behind 我."""
    for match in _BY_COURTESY.finditer(text):
        start, end = match.span("name")
        begins = start == 0 or _MARK.match(text, start - 1) or text[start - 1] in _BEFORE_COURTESY
        loose = len(match["name"]) >= WHOLE_NAME
        begins = begins and match["name"][0] not in shapes().particles
        if begins and (is_name(match["name"], loose=loose) or is_new_name(match["name"])):
            yield start, end
    for pattern in (_RECORD, _I, _DONE_FOR, _RELATED, _CALLED_IN):
        for match in pattern.finditer(text):
            run = match["name"]
            loose = len(run) >= WHOLE_NAME and run[0] in shapes().common
            if is_name(run, loose=loose) and run[0] not in shapes().particles:
                yield match.span("name")


def names_in_a_row(text: str, found: list[IdentifierSpan]) -> Iterator[tuple[int, int]]:
    """A second name joined to one that was found (顾长卿、苏合都想查)."""
    for span in found:
        joint = re.compile(r"\s*[、和与及]\s*").match(text, span.end) if span.type == "NAME" else None
        if joint and (glued := _glued(text, joint.end())) is not None:
            yield glued


def names_behind_beds(text: str, found: list[IdentifierSpan]) -> Iterator[tuple[int, int]]:
    """A name right behind a bed's number, or behind another number and 的."""
    pattern = re.compile(rf"{shapes().name}(?=$|[,。;:!? ]|{_ACCOUNT})")
    for span in found:
        owned = text.startswith("的", span.end)
        if span.type != "BED" and not (owned and span.type in _BESIDE):
            continue
        start = span.end + owned
        run = pattern.match(text, start)
        if run and (is_name(run[0]) or is_new_name(run[0])):
            yield run.span()
        elif (glued := _glued(text, start, sure=True)) is not None:
            yield glued


def names_run_in(text: str) -> Iterator[tuple[int, int]]:
    """A name run into what is told of the person (张三男45岁), and a given name behind the family name (我姓张，叫…)."""
    for match in _RUN_IN.finditer(text):
        if match["name"][0] not in shapes().particles and is_name(match["name"]):
            yield match.span("name")
    for match in _FAMILY_NAME.finditer(text):
        yield match.span("name")


def _apart_ahead(text: str, start: int) -> bool:
    return start == 0 or bool(_MARK.match(text, start - 1))


def names_alone(text: str, found: list[IdentifierSpan]) -> Iterator[tuple[int, int]]:
    """A run that looks like a name between marks: beside another identifier, before sex or age, as receiver or signature.

    A run of three characters need not be beside the identifier; it may stand anywhere in such a message.
    """
    for match in _RECEIVER.finditer(text):
        placed = any(0 <= match.start() - span.end <= _AT_ONCE for span in found)
        if is_name(match["name"], loose=placed) or (placed and fits(match["name"], loose=True)):
            yield match.span("name")
    beside = [span for span in found if span.type in _BESIDE]
    for match in _ALONE.finditer(text):
        start, end = match.span("name")
        near = any(0 <= start - span.end <= 6 or 0 <= span.start - end <= 10 for span in beside)
        told = bool(_DEMOGRAPHIC.match(text[end : end + 10]))
        loose = told or (near and len(match["name"]) >= WHOLE_NAME and match["name"][0] not in shapes().particles)
        anywhere = bool(beside) and len(match["name"]) == WHOLE_NAME
        new = (near or told) and is_new_name(match["name"])
        if (near or told or anywhere) and (new or is_name(match["name"], loose=loose)):
            yield start, end
    for match in shapes().foreign.finditer(text):
        if (
            _DEMOGRAPHIC.match(text[match.end() : match.end() + 10])
            or (beside and len(match[0]) >= WHOLE_NAME)
            or (len(match[0]) > WHOLE_NAME and _APART.match(text, match.end()) and _apart_ahead(text, match.start()))
        ):
            yield match.span()
    for span in beside:
        before = _RIGHT_BEFORE.search(text, 0, span.start)
        if before and is_name_at_a_number(before["name"]):
            yield before.span("name")
    for match in _SIGNED.finditer(text):
        group = "name" if match["name"] else "dashed"
        if is_name(match[group]):
            yield match.span(group)


def name_touching(text: str, start: int, end: int) -> tuple[int, int] | None:
    """A run between marks that could be a name, right before or behind ``text[start:end]``."""
    before = _BEFORE_TOUCHING.search(text, 0, start)
    behind = _BEHIND_TOUCHING.match(text, end)
    for match in (before, behind):
        if match is None:
            continue
        run = match["name"]
        if run[0] not in shapes().particles and (is_name(run, loose=len(run) >= WHOLE_NAME) or is_new_name(run)):
            return match.span("name")
    return _glued(text, end) if text[start:end].isupper() and not text[end : end + 1].isspace() else None
