"""From a question to a :class:`~kbchat.types.Query`: language, names, intents, words of the other language.

Follow-up questions are resolved before (see ``answering``); this step sees one question that stands by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kbchat.medical.lexicon import Lexicon
from kbchat.medical.sections import question_intents
from kbchat.messages import Language
from kbchat.retrieval.names import NameIndex
from kbchat.text.tokens import fold
from kbchat.types import Entity, Query

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]+")
_LONGEST_UNDERSTOOD = 2000

_ZH_FORM = r"(?:片|胶囊|注射液|注射剂|颗粒|口服液|混悬液|滴眼液|滴剂|软膏|乳膏|凝胶|喷雾剂|吸入剂|栓剂?|贴剂?|丸|散|糖浆|针剂?|疫苗|单抗)"
_ZH_NAMED = re.compile(
    rf"([\u4e00-\u9fff]{{2,10}}?)(?:肠溶|缓释|控释|咀嚼|分散|泡腾|口崩|干|软|硬|冻干|粉|预填充)*{_ZH_FORM}"
)
_ZH_BEFORE_NAME = re.compile(
    r"^.*(?:能用|可以用|在用|使用|服用|正在吃|在吃|吃了|用了|打了|注射|口服|应用|给予|加用|换成|改用|合用|联用|吃|打|用|和|与|跟|或|及|的|对|关于|请问|问|把|孩子|孕妇|老人|患者|病人)"
)


@dataclass(frozen=True, slots=True)
class Understanding:
    """The vocabulary a question is read with."""

    names: NameIndex
    lexicon: Lexicon

    def query(self, text: str, standalone_text: str | None = None) -> Query:
        """Understand ``standalone_text`` (or ``text`` itself when it needs no context)."""
        question = (standalone_text or text)[:_LONGEST_UNDERSTOOD]
        language = language_of(question)
        expansions = self.lexicon.expand(question, language)
        entities = self._entities(question, tuple((item.term, item.source_term) for item in expansions))
        return Query(
            text=text,
            standalone_text=question,
            entities=entities,
            intents=question_intents(question),
            language=language,
            unknown_names=self._unknown_names(question, entities),
            expansions=tuple((item.term, item.weight) for item in expansions),
        )

    def _entities(self, question: str, translations: tuple[tuple[str, str], ...]) -> tuple[Entity, ...]:
        found = list(self.names.find(question))
        covered = {entity.text for entity in found}
        for term, source in translations:
            if fold(source) in covered:
                continue
            entity = self.names.lookup(term, fold(source))
            if entity is not None:
                found.append(entity)
        return tuple(found)

    def _unknown_names(self, question: str, entities: tuple[Entity, ...]) -> tuple[str, ...]:
        known = [entity.text for entity in entities]
        unknown: dict[str, None] = {}
        for name in (*self.lexicon.drugs_in(question), *_named_by_form(question)):
            folded = fold(name)
            overlaps = any(folded in text or text in folded for text in known)
            if not overlaps and self.names.lookup(name, folded) is None:
                unknown.setdefault(name)
        return tuple(unknown)


def language_of(text: str) -> Language:
    """``zh`` when Chinese characters carry the question, else ``en``."""
    han = len(_HAN.findall(text))
    latin = len(_LATIN.findall(text))
    return "zh" if han >= 2 and han >= latin else "en"


def _named_by_form(question: str) -> list[str]:
    """Chinese names that end in a dosage form: 优泌灵乐注射液 -> 优泌灵乐."""
    found: list[str] = []
    for match in _ZH_NAMED.finditer(question):
        name = _ZH_BEFORE_NAME.sub("", match.group(1))
        if len(name) >= 3:
            found.append(name)
    return found
