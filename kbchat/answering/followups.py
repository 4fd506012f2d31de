"""What a question in a conversation is about: the drug carried over, put aside or exchanged, and the section asked for.

Deterministic. A question that leaves its object out (孕妇能用吗, is it ok in pregnancy?) keeps the drug that was talked about;
one that names another drug in the same pattern (那厄贝沙坦呢, how about bicalutamide?) keeps the section and drops the old
drug; one with a subject of its own drops both. Only what the person wrote counts, not what the assistant said.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from kbchat.answering.mentions import Mention, mentions_in
from kbchat.answering.section_asked import section_asked
from kbchat.medical.sections import question_intents
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold
from kbchat.types import SectionKind, Turn


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question as it stands after the turns before it.

    Attributes:
        standalone_text: the question with what it left out.
        entities: drugs first, then diseases and other topics, as the person wrote them.
        section: the section it asks for; ``other`` when it asks for none.
        carried: whether a name or a section came from an earlier turn.
        topic_changed: whether it leaves the earlier subject.
    """

    standalone_text: str
    entities: tuple[str, ...]
    section: SectionKind
    carried: bool
    topic_changed: bool


@dataclass(frozen=True, slots=True)
class _Focus:
    """What the conversation is about after a turn."""

    drugs: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    section: SectionKind | None = None
    text: str = ""
    named: tuple[str, ...] = ()
    """Every drug named so far, in order."""


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    raw = tomllib.loads(resources.files("kbchat.medical").joinpath("data/followups.toml").read_text("utf-8"))
    names = (
        "change pronoun person opener trailing missing_object bare_section missing_en population own_subject replaces "
        "spacing with_it correction plural compares why uses may_take acknowledged bare_predicate"
    ).split()
    return {name: deferred(raw[name]) for name in names}


@cache
def _together(name: str) -> re.Pattern[str]:
    raw = tomllib.loads(resources.files("kbchat.medical").joinpath("data/followups.toml").read_text("utf-8"))
    return re.compile(raw["together"].replace("{NAME}", re.escape(name)))


_ALLERGIC = deferred(r"过敏(?!反应|性)|\ballergic\b|\ballerg(?:y|ies) to\b")
_ALLERGIC_TO = deferred(
    r"对\s*(?P<zh>[^，,。？?]{2,14}?)(?:也|都|有点|会|严重)?过敏(?!反应|性)|\b(?:allergic|allergy|allergies) to (?P<en>[^,.?;]{3,30})"
)
_FEW_WORDS = 3
_FEW_CHARACTERS = 14
_THIS_AGE = deferred(r"这个?(?:年纪|年龄|岁数)|\bat (?:his|her|this|that|my) age\b")


def _leans(folded: str, mentions: Sequence[Mention], focus: _Focus) -> bool:
    """Whether a question without a drug of its own leans on the drug or topic talked about."""
    cues = _cues()
    if cues["change"].search(folded):
        return False
    folded = cues["acknowledged"].sub("", folded) or folded
    own = [mention for mention in mentions if mention.disease]
    score = 0
    score += 3 * bool(focus.drugs and cues["bare_predicate"].search(folded))
    score += 3 * bool(cues["pronoun"].search(folded))
    score += 3 * bool(cues["person"].search(folded) and focus.topics + focus.drugs)
    score += 2 * bool(cues["opener"].search(folded))
    score += 2 * bool(cues["trailing"].search(folded))
    score += 2 * bool(cues["missing_object"].search(folded) or cues["missing_en"].search(folded))
    score += 3 * bool(cues["bare_section"].search(folded))
    score += 1 * bool(cues["population"].search(folded))
    score += 1 * (len(folded) <= 12 if not folded.isascii() else len(folded.split()) <= 6)
    subjects = [mention for mention in mentions if mention.disease or mention.drug_class]
    score += 2 * bool(question_intents(folded) and not subjects)
    score += 2 * any(_partner(folded, mention.text) for mention in mentions if mention.drug_class)
    score -= 3 * bool(cues["own_subject"].search(folded))
    score -= 2 * bool(own and not cues["opener"].search(folded) and folded.find(own[0].text.lower()) <= 4)
    score -= 1 * bool(mentions)
    score += 5 * bool(not mentions and not focus.drugs)  # a disease talked about; an old drug needs more to stay
    score += 3 * bool(focus.drugs and _ALLERGIC.search(folded))
    own_class = [
        m for m in mentions if m.drug_class and not _partner(folded, m.text) and not cues["with_it"].search(folded)
    ]
    score -= 4 * bool(
        own_class and not cues["pronoun"].search(folded)
    )  # 我妈的钙片一天该补多少: a medicine of its own, though it has no name
    return score > 0


def _is_short(folded: str) -> bool:
    return len(folded.split()) <= _FEW_WORDS if folded.isascii() else len(folded) <= _FEW_CHARACTERS


def _partner(folded: str, drug: str) -> bool:
    return bool(_together(fold(drug)).search(folded))


def _step(question: str, focus: _Focus, known_names: Collection[str]) -> tuple[Resolved, _Focus]:
    """Resolve one question against the focus, and the focus after it."""
    folded = fold(question).strip()
    mentions = mentions_in(question, known_names)
    drugs = tuple(mention.text for mention in mentions if mention.drug)
    topics = tuple(mention.text for mention in mentions if not mention.drug)
    if not drugs and focus.drugs and focus.section and _names_a_kind_instead(folded, mentions):
        drugs = tuple(mention.text for mention in mentions if mention.drug_class)
        topics = tuple(topic for topic in topics if topic not in drugs)
    returned = () if drugs else _returned_to(folded, focus)
    if returned:
        focus = replace(focus, drugs=returned, partners=())
        return _leaning(question, folded, mentions, focus)
    if focus.drugs and drugs and _is_allergy_to(folded, drugs):
        return _leaning(question, folded, mentions, focus)
    if drugs:
        return _with_own_drugs(question, folded, drugs, topics, focus)
    if (focus.drugs or focus.topics) and _leans(folded, mentions, focus):
        return _leaning(question, folded, mentions, focus)
    changed = bool(focus.drugs or focus.topics)
    text = _without_announcement(question, folded) if changed else question
    section = section_asked(text, has_drug=False)
    resolved = Resolved(text, topics, section or SectionKind.OTHER, carried=False, topic_changed=changed)
    classes = tuple(mention.text for mention in mentions if mention.drug_class)
    rest = tuple(topic for topic in topics if topic not in classes)
    return resolved, _Focus(drugs=classes, topics=rest, section=section, text=question)


def _names_a_kind_instead(folded: str, mentions: Sequence[Mention]) -> bool:
    """Whether a kind of medicine takes the place of the drug: 打错了，我想问的是益生菌; what about statins?"""
    cues = _cues()
    kinds = [mention for mention in mentions if mention.drug_class]
    if not kinds or cues["change"].search(folded) or any(_partner(folded, kind.text) for kind in kinds):
        return False
    return bool(cues["correction"].search(folded) or _INSTEAD.search(folded))


_INSTEAD = deferred(
    r"^(?:那|那么|换|换成|改成|改用|如果是)?[^，,。？?]{2,10}呢[?？]?$|^(?:what about|how about|same (?:for|with)) [a-z ]{3,30}\??$"
)
_FIRST = deferred(r"第一[个种]|前者|最(?:开始|初|早|先)|一开始|\bthe first\b|\bthe former\b|\bfirst one\b")
_SECOND = deferred(r"第二[个种]|后者|后(?:面)?(?:一|那)[个种]|\bthe second\b|\bthe latter\b|\bsecond one\b")
_EARLIER = deferred(
    r"(?:前面|刚才|刚刚|之前|先前|上面|原来|上一)(?:说|问|提)?(?:到|过)?的?(?:那|这)?(?:一)?[个种款](?!问题)"
    r"|\b(?:the )?(?:earlier|previous|other|original) (?:one|drug|medicine|tablet|medication)\b|\bback to the (?:one|drug) before\b"
)


def _returned_to(folded: str, focus: _Focus) -> tuple[str, ...]:
    """The drug of an earlier turn that a question points back to (前面那个, the second one), or nothing."""
    if len(focus.named) < _PAIR_SIZE:
        return ()
    if _FIRST.search(folded) and not re.search(r"第一[个种](?:月|礼拜|星期|疗程)", folded):
        return (focus.named[0],)
    if _SECOND.search(folded):
        return (focus.named[1],)
    if _EARLIER.search(folded):
        others = [name for name in focus.named if name not in focus.drugs] or list(focus.named[:1])
        return (others[-1],)
    return ()


_PAIR_SIZE = 2


def _is_allergy_to(folded: str, drugs: Sequence[str]) -> bool:
    """Whether the only drugs named are what somebody is allergic to."""
    match = _ALLERGIC_TO.search(folded)
    told = (match["zh"] or match["en"]) if match else ""
    return bool(told) and all(fold(drug) in told for drug in drugs)


def _without_announcement(question: str, folded: str) -> str:
    """The question without the words that say a new one comes or another was meant (换个话题，; no, I meant)."""
    cues = _cues()
    found = cues["change"].search(folded) or cues["correction"].search(folded)
    announced = found if len(folded) == len(question) else None
    rest = question[announced.end() :].lstrip("，,。.：:、 ") if announced else question
    return rest or question


_TAKEN_BOTH = frozenset(
    {None, SectionKind.OTHER, SectionKind.CONTRAINDICATIONS, SectionKind.WARNINGS, SectionKind.INDICATIONS}
)


def _with_own_drugs(
    question: str, folded: str, drugs: tuple[str, ...], topics: tuple[str, ...], focus: _Focus
) -> tuple[Resolved, _Focus]:
    cues = _cues()
    change = bool(cues["change"].search(folded))
    section = section_asked(_without_announcement(question, folded), has_drug=True)
    corrected = bool(cues["correction"].search(folded))
    if corrected and len(drugs) > 1:  # 不是卡托普利，是依那普利
        drugs = tuple(drug for drug in drugs if drug not in focus.drugs) or drugs
    elliptical = corrected or bool(cues["opener"].search(folded) or cues["trailing"].search(folded))
    both_taken = focus.section is None and bool(
        cues["uses"].search(fold(focus.text)) and cues["may_take"].search(folded)
    )
    joined = bool(focus.drugs) and (_partner(folded, drugs[0]) or bool(cues["with_it"].search(folded)) or both_taken)
    added = not change and len(drugs) == 1 and drugs[0] not in focus.drugs and joined
    if added and not (elliptical and section is None):
        both = (*focus.drugs, *drugs)
        text = (
            f"{_joined(focus.drugs, question)}{question}"
            if not question.isascii()
            else f"{', '.join(focus.drugs)}: {question}"
        )
        asked = SectionKind.INTERACTIONS if both_taken or section in _TAKEN_BOTH else section or SectionKind.OTHER
        resolved = Resolved(text, (*both, *topics), asked, carried=True, topic_changed=False)
        return resolved, replace(focus, partners=drugs, section=resolved.section, text=text)
    if section is None and not change and focus.section is not None and (elliptical or _is_short(folded)):
        if (
            focus.section is SectionKind.INTERACTIONS
            and focus.partners
            and not corrected
            and drugs[0] not in focus.drugs
        ):
            return _other_partner(question, drugs, focus)
        kept = focus.section is SectionKind.INTERACTIONS  # what the old drug was asked about with stays
        diseases = tuple(topic for topic in focus.topics if topic not in topics and (kept or _is_disease(topic)))
        text = _exchanged(focus, drugs[0], question)
        resolved = Resolved(text, (*drugs, *topics, *diseases), focus.section, carried=True, topic_changed=False)
        return resolved, _Focus(drugs, (), (*topics, *diseases), focus.section, text)
    changed = change or (bool(focus.drugs) and not set(drugs) & set(focus.drugs))
    resolved = Resolved(question, (*drugs, *topics), section or SectionKind.OTHER, carried=False, topic_changed=changed)
    compared = bool(cues["compares"].search(folded))
    partners = tuple(drug for drug in drugs[1:] if _partner(folded, drug) and not compared)
    subject = tuple(drug for drug in drugs if drug not in partners)
    return resolved, _Focus(subject, partners, topics, section, question)


def _other_partner(question: str, drugs: tuple[str, ...], focus: _Focus) -> tuple[Resolved, _Focus]:
    """Another drug with the one talked about: can A be taken with B? And C?"""
    text = _exchanged(replace(focus, drugs=focus.partners), drugs[0], question)
    resolved = Resolved(text, (*focus.drugs, *drugs), SectionKind.INTERACTIONS, carried=True, topic_changed=False)
    return resolved, replace(focus, partners=drugs, text=text)


def _leaning(question: str, folded: str, mentions: Sequence[Mention], focus: _Focus) -> tuple[Resolved, _Focus]:
    cues = _cues()
    topics = tuple(mention.text for mention in mentions)
    fragment = bool(cues["opener"].search(folded) or cues["trailing"].search(folded))
    section = section_asked(question, has_drug=bool(focus.drugs), known_section=fragment and focus.section is not None)
    drugs = (*focus.drugs, *focus.partners) if cues["plural"].search(folded) else focus.drugs
    if _THIS_AGE.search(folded):
        groups = [
            kind for kind in question_intents(focus.text) if kind in (SectionKind.GERIATRIC, SectionKind.PEDIATRIC)
        ]
        section = groups[0] if groups else section
    if focus.section is SectionKind.INTERACTIONS and cues["spacing"].search(folded):
        section, drugs = SectionKind.INTERACTIONS, (*focus.drugs, *focus.partners, *focus.topics)
    elif section is None and (fragment or cues["person"].search(folded) or cues["why"].search(folded)):
        section = focus.section
    elif section is SectionKind.RENAL_HEPATIC and fragment and focus.section is SectionKind.DOSAGE:
        section = SectionKind.DOSAGE  # "and in severe kidney failure?" after a dose asks for that dose
    exchanged = fragment and not focus.drugs and any(mention.disease for mention in mentions)  # 那糖尿病呢
    keeps_disease = not exchanged and (not focus.drugs or fragment or cues["person"].search(folded))
    diseases = tuple(t for t in focus.topics if keeps_disease and _is_disease(t) and t not in topics)
    other, other_text = _the_other_of_a_pair(question, focus.text)
    known = () if exchanged else tuple(t for t in focus.topics if _is_disease(t))
    entities = tuple(dict.fromkeys((*drugs, *other, *topics, *diseases, *known)))
    text = other_text or _completed(question, (*drugs, *diseases), focus)
    resolved = Resolved(text, entities, section or SectionKind.OTHER, carried=True, topic_changed=False)
    kept = tuple(dict.fromkeys((*focus.topics, *topics)))
    return resolved, replace(focus, topics=kept, section=section or focus.section, text=text)


def _is_disease(topic: str) -> bool:
    return any(mention.disease for mention in mentions_in(topic, ()))


_PAIR = deferred(
    r"(?P<head>\b(?:category|type|class|group|schedule)\s+|)(?P<mark>[AB12甲乙]|I{1,2})(?P<tail>[类型组级]|)(?![\w])",
    re.IGNORECASE,
)
_OTHER_OF_PAIR = deferred(r"the other (?:one|category|type|class|group)|另(?:外)?一(?:类|型|组|种|级)")
_COUNTERPARTS = {"A": "B", "B": "A", "1": "2", "2": "1", "甲": "乙", "乙": "甲", "I": "II", "II": "I"}


def _the_other_of_a_pair(question: str, earlier: str) -> tuple[tuple[str, ...], str]:
    """Category B for "the other category" after Category A, and the earlier question about it."""
    if not _OTHER_OF_PAIR.search(fold(question)):
        return (), ""
    for match in _PAIR.finditer(earlier):
        if match["head"] or match["tail"]:
            name = match["head"] + _COUNTERPARTS[match["mark"].upper()] + match["tail"]
            return (name,), earlier[: match.start()] + name + earlier[match.end() :]
    return (), ""


def _joined(names: Sequence[str], question: str) -> str:
    return "、".join(names) if not question.isascii() else " and ".join(names)


def _exchanged(focus: _Focus, drug: str, question: str) -> str:
    """The earlier question with the new drug in place of the old."""
    if len(focus.drugs) == 1 and focus.drugs[0] in focus.text:
        return focus.text.replace(focus.drugs[0], drug)
    return f"{drug} {focus.text or question}"


def _completed(question: str, names: Sequence[str], focus: _Focus) -> str:
    if not names:
        return f"{focus.text} {question}".strip()
    cues = _cues()
    missing = [name for name in names if fold(name) not in fold(question)]
    if not missing:
        return question
    bare = question if question.isascii() else re.sub(r"^(?:那么?|请问)|呢(?=[?？。]*$)", "", question)
    if question.isascii():
        return f"{_joined(missing, question)}: {bare}"
    pronoun = cues["pronoun"].search(bare)
    if pronoun:
        return bare[: pronoun.start()] + _joined(missing, question) + bare[pronoun.end() :]
    return f"{_joined(missing, question)}{bare}"


def resolve(turns: Sequence[Turn], question: str, *, known_names: Collection[str] = ()) -> Resolved:
    """Resolve ``question`` against the turns before it.

    Args:
        turns: the conversation so far, oldest first; only the person's turns are read.
        question: the new message.
        known_names: drug names of the knowledge base, besides those of the lexicon.
    """
    focus = _Focus()
    for turn in turns:
        if turn.role == "user":
            _, after = _step(turn.content, focus, known_names)
            new = (mention.text for mention in mentions_in(turn.content, known_names) if mention.drug)
            focus = replace(after, named=tuple(dict.fromkeys((*focus.named, *new))))
    return _step(question, focus, known_names)[0]
