"""Personal identifiers in a message: found, typed and masked before anything is stored, logged or sent away.

Deterministic. Numbers and addresses go by their shape and by what they are called (``data/identifiers.toml``); names by
what announces them (姓名, 患者, patient name) or by standing alone beside another identifier. Batch numbers, approval
numbers, bar codes and trial numbers are no identifiers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

import rjieba

from kbchat.text.normalise import unify


@dataclass(frozen=True, slots=True)
class IdentifierSpan:
    """``text[start:end]`` identifies a person; ``type`` is NAME, ID_CARD, PHONE, MRN, ADDRESS and so on."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class _Shapes:
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    not_personal: re.Pattern[str]
    name: str
    compounds: frozenset[str]
    not_in_names: frozenset[str]


_STRONG_LABEL = re.compile(
    r"(?:(?:患者|病人|病员|产妇|家属|联系人|监护人|孩子|宝宝|患儿|本人|陪护人?|申请人|投保人|就诊人|签字人)?(?:的)?(?:姓名|名字)"
    r"|(?:家属|患者|本人|监护人|代理人)?(?:签字|签名)|监护人|联系人|收件人|就诊人|申请人|投保人|经办人)\s*(?:是|为|叫)?\s*[:]?\s*"
)
_WEAK_LABEL = re.compile(
    r"(?:(?:患者|病人)(?:名)?叫|我叫|我的名字(?:叫|是)|本人(?:叫)?|名叫|叫做|(?:孩子|宝宝|儿子|女儿|老公|老婆|丈夫|妻子|母亲|父亲|妈妈|爸爸|奶奶|爷爷|老人|老伴|他|她|患儿|"
    r"我(?:爸|妈|爹|娘|爷|奶|外公|外婆|公公|婆婆|哥|弟|姐|妹|女儿|孙子|孙女|同事|朋友|邻居))"
    r"(?:的名字)?(?:叫|名叫|是叫)|患者|病人|患儿|产妇|伤者|死者|家属)\s*[:]?\s*"
)
_AFTER_NAME = r"(?=$|[,。;:!?、()\s\[\]|/\-\d]|性别|男|女|年龄|电话|手机|身份证|住院号|床号|民族|出生|签字|签名|的|,|先生|女士|小姐|同学|，)"
_ALONE = re.compile(
    r"(?:^|(?<=[,。;:、\s|床]))(?P<name>[\u4e00-\u9fff]{2,4})(?=$|[,;、\s|(]|(?:先生|女士|小姐|阿姨|大爷)(?=[,，。\s]))"
)
# Behind a bed (26床褚行之今早…) a name ends where the account of the patient begins.
_ACCOUNT = "今|昨|现在|目前|复查|血压|血糖|体温|主诉|自诉|诉|术后|术前|入院|出院|夜间|晨|早上|上午|下午|晚上|发热|需要|要|的|想|问"
_DEMOGRAPHIC = re.compile(r"^\s*[,、;\s]\s*(?:男|女|\d{1,3}岁|性别)")
_ENGLISH_NAME = r"(?P<name>[A-Z][a-z'’\-]+(?:[A-Z][a-z]+)?(?:\s+(?:[A-Z]\.|[A-Z][A-Za-z'’\-]+|(?:de|van|von|bin|al|da|del)\s+[A-Z][a-z]+)){0,3})"
_ENGLISH_LABELS = re.compile(
    rf"(?:(?i:\b(?:patient|client|full|first|last|family|given|sur|guardian|mother'?s|father'?s|next of kin|emergency contact)?\s*"
    rf"name(?:\s+is)?|\bpatient|\bpt|\bguardian|\bnext of kin|\bsigned(?: by)?|\bcontact person)\s*[:#]\s*|(?i:\bmy name(?:'s| is)\s+|"
    rf"\b(?:patient|son|daughter|husband|wife|mother|father)(?:'s)? name is\s+|\bnamed\s+|\bcalled\s+)|\b(?:Mr|Mrs|Ms|Miss)\.?\s+"
    rf"|\b[Pp]atient\s+(?=[A-Z][a-z]+\s+[A-Z][a-z]+)){_ENGLISH_NAME}"
)
_RELATIVE = re.compile(
    r"\b[Mm]y (?:wife|husband|partner|son|daughter|mother|father|mum|mom|dad|brother|sister|grandmother|grandfather|friend|"
    r"patient|neighbou?r)[,:]?\s+(?P<name>[A-Z][a-z'’\-]+\s+[A-Z][a-z'’\-]+)\b(?!\s+(?:disease|syndrome|lymphoma|sign))"
)
_NOT_ENGLISH_NAMES = frozenset(
    "The This That He She It Not Unknown None Denies Type Has Is Was With Reports Presents Male Female Humalog Humira Eliquis".split()
)
_NAME_TYPES_BESIDE = frozenset({"ID_CARD", "PHONE", "MRN", "INSURANCE", "BED", "DOB", "ADDRESS", "NAME", "PASSPORT"})


@cache
def _shapes() -> _Shapes:
    raw = tomllib.loads(resources.files("kbchat.medical").joinpath("data/identifiers.toml").read_text("utf-8"))
    patterns = tuple(
        (entry["type"], re.compile(pattern, re.IGNORECASE))
        for entry in raw["identifier"]
        for pattern in entry["patterns"]
    )
    compounds = "|".join(raw["compound_surnames"].split())
    name = rf"(?:(?:{compounds})[\u4e00-\u9fff]{{1,2}}|[{raw['surnames']}][\u4e00-\u9fff]{{1,2}})"
    return _Shapes(
        patterns,
        re.compile(raw["not_personal"]["before"], re.IGNORECASE),
        name,
        frozenset(raw["compound_surnames"].split()),
        frozenset(raw["not_in_names"]),
    )


def _overlaps(start: int, end: int, found: list[IdentifierSpan]) -> bool:
    return any(start < span.end and span.start < end for span in found)


def _numbers_and_places(text: str, found: list[IdentifierSpan]) -> None:
    shapes = _shapes()
    for kind, pattern in shapes.patterns:
        for match in pattern.finditer(text):
            start, end = match.span("value")
            labelled = match.start() < start
            if _overlaps(start, end, found):
                continue
            if not labelled and shapes.not_personal.search(text, max(0, start - 24), start):
                continue
            if kind == "PHONE" and re.match(r"[48]00", match["value"]):
                continue  # toll-free numbers belong to companies
            if labelled and shapes.not_personal.search(text, max(0, match.start() - 24), match.start()):
                continue
            found.append(IdentifierSpan(start, end, kind))


def _is_name(candidate: str) -> bool:
    """Whether a run is a surname and a given name, and not a word of the dictionary (高热, 左手麻)."""
    shapes = _shapes()
    if not re.fullmatch(shapes.name, candidate) or any(c in shapes.not_in_names for c in candidate[1:]):
        return False
    first, kind = rjieba.tag(candidate, False)[0]
    return len(first) == 1 or first in shapes.compounds or (kind == "nr" and first == candidate and len(first) > 2)


def _is_announced_name(run: str, *, called: bool, marked: bool, behind: str) -> bool:
    """Whether ``run`` behind a weak label is a name, though it may be a word too (陶然): called so, or sex or age follow."""
    if _is_name(run):
        return True
    if (called or marked) and rjieba.cut(run, False) != [run]:
        return True
    if called and rjieba.tag(run)[0][1] == "nr":
        return True
    return bool(_DEMOGRAPHIC.match(behind)) and not set(run[1:]) & _shapes().not_in_names


def _labelled_names(text: str) -> Iterator[tuple[int, int]]:
    shapes = _shapes()
    for match in _STRONG_LABEL.finditer(text):
        run = re.compile(rf"[\u4e00-\u9fff·]{{2,4}}?{_AFTER_NAME}").match(text, match.end())
        if run and (":" in match[0] or " " in match[0] or _is_name(run[0])):
            yield run.span()
    for match in _WEAK_LABEL.finditer(text):
        run = re.compile(rf"(?:{shapes.name}){_AFTER_NAME}").match(text, match.end())
        called = match[0].rstrip(": ").endswith(("叫", "叫做", "名字是"))
        if run and _is_announced_name(
            run[0], called=called, marked=":" in match[0], behind=text[run.end() : run.end() + 8]
        ):
            yield run.span()
    for match in _ENGLISH_LABELS.finditer(text):
        if match["name"].split()[0] not in _NOT_ENGLISH_NAMES:
            yield match.span("name")
    for match in _RELATIVE.finditer(text):
        if match["name"].split()[0] not in _NOT_ENGLISH_NAMES:
            yield match.span("name")


def _names_behind_beds(text: str, found: list[IdentifierSpan]) -> Iterator[tuple[int, int]]:
    """A name right behind a bed's number."""
    pattern = re.compile(rf"{_shapes().name}(?=$|[,。;:!? ]|{_ACCOUNT})")
    for span in found:
        run = pattern.match(text, span.end) if span.type == "BED" else None
        if run and _is_name(run[0]):
            yield run.span()


def _names_alone(text: str, found: list[IdentifierSpan]) -> Iterator[tuple[int, int]]:
    """A run that looks like a name between punctuation, beside another identifier or before sex or age."""
    beside = [span for span in found if span.type in _NAME_TYPES_BESIDE]
    for match in _ALONE.finditer(text):
        start, end = match.span("name")
        near = any(0 <= start - span.end <= 6 or 0 <= span.start - end <= 10 for span in beside)
        if (near or _DEMOGRAPHIC.match(text[end : end + 8])) and _is_name(match["name"]):
            yield start, end


def find_identifiers(text: str) -> tuple[IdentifierSpan, ...]:
    """Every identifier of a person in ``text``, in order, without overlaps."""
    unified = unify(text)
    found: list[IdentifierSpan] = []
    _numbers_and_places(unified, found)
    for start, end in _labelled_names(unified):
        if not _overlaps(start, end, found):
            found.append(IdentifierSpan(start, end, "NAME"))
    for start, end in list(_names_behind_beds(unified, found)):
        if not _overlaps(start, end, found):
            found.append(IdentifierSpan(start, end, "NAME"))
    for start, end in list(_names_alone(unified, found)):
        if not _overlaps(start, end, found):
            found.append(IdentifierSpan(start, end, "NAME"))
    return tuple(sorted(found, key=lambda span: span.start))


def mask(text: str) -> str:
    """``text`` with every identifier replaced by its type in brackets, such as ``[NAME]``."""
    for span in reversed(find_identifiers(text)):
        text = f"{text[: span.start]}[{span.type}]{text[span.end :]}"
    return text
