"""Names of persons in English: behind a label or a title, behind a relative, in an introduction, or beside an identifier."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kbchat.medical.lexicon import Lexicon
from kbchat.medical.phi_tables import IdentifierSpan
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

_WORD = r"(?!I['’])[A-Z][a-zà-öø-ÿ]*(?:['’\-][A-Z]?[a-zà-öø-ÿ]+|[A-Z][a-zà-öø-ÿ]+)*"
_CAPITAL = rf"(?:{_WORD})(?<=..)"
_PARTICLE = r"(?:de la|de|van der|van|von|bin|binti|al|da|del|di|le|la|St\.?)"
_MORE = rf"(?:\s+(?:[A-Z]\.|{_CAPITAL}|{_PARTICLE}\s+{_CAPITAL}))"
_FIRST = rf"(?:(?:Van|Von|De|Di|La|Le|Al|El|St\.?)\s+(?:(?:der|den|la|los)\s+)?{_CAPITAL}|(?:[A-Z]\.\s*){{1,2}}{_CAPITAL}|{_CAPITAL})"
_NAME = rf"(?P<name>{_FIRST}{_MORE}{{0,3}})"
_WHOLE = rf"(?P<name>{_FIRST}{_MORE}{{1,3}})"
_KIN = (
    r"(?:wife|husband|partner|spouse|son|daughter|mother|father|mum|mom|dad|brother|sister|grandmother|grandfather|grandma|"
    r"grandpa|granny|nan|aunt|uncle|niece|nephew|cousin|friend|flatmate|roommate|colleague|neighbou?r|fianc[eé]e?|girlfriend|boyfriend|baby|"
    r"toddler|grandson|granddaughter|mother-in-law|father-in-law|carer|twins?)"
)
_LABELS = deferred(
    r"(?:(?i:\b(?:patient|client|full|first|last|family|given|sur|guardian|mother'?s|father'?s|next of kin|emergency contact|"
    r"contact|resident|subject|policy ?holder|insured|preferred|legal)?\s*name(?:\s+is)?|\bpatient|\bpt|\bguardian|\bnext of kin|\bsigned(?: by)?|"
    r"\bcontact person|\bemergency contact|\battn|\bresident|\bclient)(?:\s*[:#]\s*|\s+[-–]\s+)"
    r"|(?i:\bmy (?:full |legal )?name(?:'s| is)\s+|\b(?:the )?name'?s\s+|\b(?:patient|" + _KIN + r")(?:'s)? name is\s+|\bnamed\s+|\bcalled\s+|"
    r"\bon behalf of\s+|\bcaring for\s+)"
    r"|\b(?:Mr|Mrs|Ms|Miss|Mx|Master)\b\.?\s+|\b(?:[Pp]atient|[Pp]t|[Rr]esident|[Cc]lient)\s+(?=[A-Z][\w'’]+\s+(?:[A-Z]\.|(?:[A-Z][a-z]+|in|is|has|was|needs|wants|asks)\b)))" + _NAME
)  # fmt: skip
_PLAIN = deferred(
    r"(?i:\b(?:my (?:full )?name(?:'s| is)|(?:patient(?:'s)? )?name\s*[:#]))\s*(?P<name>(?:[a-z]{2,}|[A-Z]{2,})(?:[ -](?:[a-z]{2,}|[A-Z]{2,})){1,2}?)"
    r"(?=\s*(?:[,.;(|\n/]|$|\d|and\b|i\b|dob\b|DOB\b|mrn\b|MRN\b|age\b|born\b|from\b))"
)
_SURNAME_IN_CAPITALS = deferred(
    r"(?<![\w])(?P<name>[A-Z]{3,}(?:-[A-Z]{3,})?,\s*[A-Z][a-z]+)(?=\s*(?:[,;(]|DOB|MRN|NHS|\d|$))"
)
_LAST_FIRST = deferred(rf"(?i:\bname)\s*:\s*(?P<name>{_CAPITAL},\s*{_CAPITAL}(?:\s+[A-Z]\.?)?)(?=\s*[;|\n(]|\s*$)")
_LAST_FIRST_BESIDE = deferred(rf"(?:^|(?<=[\n;|]))\s*(?P<name>{_CAPITAL},\s*{_CAPITAL}(?:\s+[A-Z]\.?)?)(?=\s*[,;|(])")
_RELATIVE = deferred(
    rf"\b(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Tt]heir|[Tt]he)\s+(?:late\s+|older\s+|younger\s+|eldest\s+|little\s+|elderly\s+)?(?:{_KIN}|patient|resident|client)"
    rf"[,:]?\s+\(?{_NAME}\b(?!\s+(?:disease|syndrome|lymphoma|sign))|\b(?:for|is|about|from|with)\s+{_KIN}\s+{_WHOLE.replace('<name>', '<whole>')}"
)
_SPOKEN_OF = deferred(
    r"\b(?:[Cc]ontact|[Cc]all(?:ed|ing)?|[Pp]hone|[Rr]ing|[Ee]mail|[Tt]ext|[Tt]ell|[Ss]poke (?:with|to)|[Ss]peak (?:with|to)|"
    r"(?:daughter|son|wife|husband|mother|father|carer|parent|child) of|[Rr]e:|[Rr]egarding|^I,)\s+" + _WHOLE
)
_HERE = deferred(rf"(?:^|(?<=[.!?,\n]\s)){_WHOLE}\s+(?:here|speaking|calling|writing)\b")
_INTRODUCED = deferred(
    rf"(?:^|(?<=[.!?,:;\n]\s)|(?<=[.!?,:;\n]))\s*(?:(?:Hi|Hello|Dear \w+|Good (?:morning|afternoon|evening)|Hey)[,!.]?\s+)?(?:I'm|I am|I’m|[Tt]his is|[Ii]t's|[Ii]t is|"
    rf"[Ss]peaking is|[Mm]e,)\s+(?:{_WHOLE}|(?P<one>{_CAPITAL})(?=,?\s*(?:\(?\d{{1,3}}\b|and I\b|from\b|here\b|aged\b|calling\b|phoning\b|writing\b)))"
)
_SIGNED = deferred(
    rf"(?:(?:[Kk]ind |[Bb]est |[Ww]arm )?[Rr]egards|[Tt]hanks(?: a lot| so much)?|[Tt]hank you|[Ss]incerely|[Cc]heers|[Bb]est wishes|[Bb]est)[,!.]?\s*(?:[-–—]\s*)?\n?\s*"
    rf"{_NAME}\s*[.]?$"
)
_DEMOGRAPHIC = r"\s*[,(]\s*(?:(?:a |an )?\d{1,3}\s*(?:y/?o\b|yrs?\b|years?\b|-year|[MF]\b)|age[d]?\s*:?\s*\d|(?:M|F|male|female)\b|DOB\b|born\b|d\.o\.b)|\s*[,(]?\s*(?:今年\d|男|女|\d{1,3}岁)"
_BEFORE_DEMOGRAPHIC = deferred(rf"(?<![\w'’])(?<!Dr\s)(?<!Dr\.\s){_WHOLE}(?={_DEMOGRAPHIC})")
_BETWEEN_MARKS = deferred(
    rf"(?:^|(?<=[.;:,(\n|/]\s)|(?<=[\n|(/])|(?<=for\s)|(?<=of\s)){_WHOLE}(?=\s*(?:[,;:|/()\n–-]|$|'s\b|\bis\b|\bDOB\b|\bMRN\b|\bNHS\b|\bborn\b|\bbed\b))"
)
_LETTER = deferred("[A-Za-z]")
_SAINT = deferred(r"\b(?:St\.?|Saint)\s+$")
_CALLED_AFTER = deferred(
    r"(?:['’]s?)?\s+(?:(?:general|memorial|university|district|county|community|royal|teaching|children['’]s)\s+)?(?:hospital|ward|clinic|infirmary|surgery|"
    r"medical cent(?:re|er)|unit|house|street|road|disease|syndrome|lymphoma|sign|cyst|criteria|score|scale|equation|formula|method|test|stain|phenomenon|palsy|"
    r"tablets?|capsules?|cream|ointment|syrup|tea|oil)\b"
    r"|(?:市|省|县|区|镇|路|街)?(?:[\u4e00-\u9fff]{0,4}(?:大学|医院|医学院|药业|制药|集团|公司|前后|节气|前夕|[、和与及][\u4e00-\u9fff]{1,4}[丸丹散汤片膏饮]|诊所|卫生院|药房|药店)|牌|氏|综合征|现象|试验|评分|公式|疗法|颗粒|胶囊|口服液|注射液|软膏)",
    re.IGNORECASE,
)
_NEAR = 6
_BESIDE = frozenset({"ID_CARD", "PHONE", "MRN", "INSURANCE", "BED", "DOB", "ADDRESS", "PASSPORT", "EMAIL"})
_NO_NAME = frozenset(
    "the this that he she it not unknown none denies type has is was with reports presents male female information leaflet "
    "reminder card cards alert diary booklet counselling safety group care education guide registry package insert patient patients history asks asked wants need needs please "
    "can may what when how why which who where does do did should could would will my our your his her their i we you they "
    "hospital clinic ward unit department emergency street road national health service insurance number record medical chart bed "
    "medicare medicaid insurance bay wing floor level cell lot room id mrn dob nhs ssn phone tel mobile email address name date birth and or for from on in at of to a an "
    "son daughter mother father mum mom dad husband wife brother sister baby hashimoto bell apgar glasgow killip kawasaki sjogren marfan paget lyme moderna pfizer novartis roche lilly vx wx tylenol parkinson alzheimer crohn hodgkin down graves cushing addison raynaud monday tuesday wednesday thursday friday saturday sunday "
    "january february march april june july august september october november december "
    "asian chinese english british american indian african european diabetic hypertensive pregnant allergic vitamin plan part "
    "limited ltd inc corp corporation company gmbh pharma pharmaceuticals laboratories university syndrome disease tablets tablet capsules injection hi hello dear thanks regards doctor nurse pharmacist pharmacy".split()
)


def is_person(name: str) -> bool:
    """Whether capitalised words can be a person: none is an everyday word, none is a medicine."""
    words = [fold(word).strip(".,'’") for word in re.split(r"[\s,]+", name)]
    if words[0] in _NO_NAME or words[0].removesuffix("'s") in _NO_NAME or any(word in _NO_NAME for word in words[1:]):
        return False
    return not Lexicon.curated().drugs_in(name) and not any(match.is_drug for match in Lexicon.curated().matches(name))


def of_a_place(text: str, start: int, end: int) -> bool:
    """Whether a run is part of what a hospital, a street or a disease is called (St. Mary's Ward, Baker cyst)."""
    return bool(_SAINT.search(text, max(0, start - 6), start) or _CALLED_AFTER.match(text, end))


def _trimmed(match: re.Match[str], group: str = "name") -> tuple[int, int]:
    """The span of a name without words behind it that are no part of it (Mrs Eleanor Whitcombe Does …) and without 's."""
    start, end = match.span(group)
    words = list(re.finditer(r"\S+", match[group]))
    for word in words[1:]:
        if fold(word[0]).strip(".,") in _NO_NAME:
            end = start + word.start()
            break
    text = match.string[start:end].rstrip()
    text = re.sub(r"['’]s$", "", text)
    return start, start + len(text)


def english_names(text: str) -> Iterator[tuple[int, int]]:
    """Names behind a label, a title, a relative or an introduction, and in a signature."""
    if not _LETTER.search(text):
        return
    for match in _LAST_FIRST.finditer(text):
        yield match.span("name")
    for pattern in (_PLAIN, _SURNAME_IN_CAPITALS):
        for match in pattern.finditer(text):
            if is_person(match["name"]):
                yield match.span("name")
    for pattern in (_LABELS, _RELATIVE, _SIGNED, _BEFORE_DEMOGRAPHIC, _INTRODUCED, _SPOKEN_OF, _HERE):
        for match in pattern.finditer(text):
            group = next(name for name, value in match.groupdict().items() if value)
            start, end = _trimmed(match, group)
            if is_person(text[start:end]):
                yield start, end


def english_names_beside(text: str, found: list[IdentifierSpan]) -> Iterator[tuple[int, int]]:
    """Two capitalised words between marks right beside another identifier (John Doe, MRN 00123456)."""
    beside = [span for span in found if span.type in _BESIDE] if _LETTER.search(text) else []
    for match in _LAST_FIRST_BESIDE.finditer(text) if beside else ():
        start, end = match.span("name")
        if any(0 <= _gap(text, end, span.start) <= _NEAR for span in beside) and is_person(text[start:end]):
            yield start, end
    for match in _BETWEEN_MARKS.finditer(text) if beside else ():
        start, end = _trimmed(match)
        near = any(0 <= start - span.end <= _NEAR or 0 <= _gap(text, end, span.start) <= _NEAR for span in beside)
        if near and " " in text[start:end] and is_person(text[start:end]):
            yield start, end


def _gap(text: str, end: int, start: int) -> int:
    """Characters between a name and an identifier, the identifier's label left out; -1 where it stands before."""
    if start < end:
        return -1
    between = text[end:start]
    return len(
        re.sub(
            r"(?i)\b(?:mrn|dob|d\.o\.b\.?|nhs|ssn|phone|tel|mobile|bed|id|email|passport|address|no|number|hospital|date of birth|born)\b\.?",
            "",
            between,
        ).strip()
    )
