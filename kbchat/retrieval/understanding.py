"""From a question to a :class:`~kbchat.types.Query`: language, names, intents, words of the other language.

Follow-up questions are resolved before (see ``answering``); this step sees one question that stands by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import rjieba

from kbchat.medical.lexicon import Expansion, Lexicon, TermMatch
from kbchat.medical.sections import question_intents
from kbchat.retrieval.names import NameIndex
from kbchat.retrieval.selectors import document_selector
from kbchat.text.language import language_of
from kbchat.text.tokens import fold
from kbchat.types import Entity, Query, Synonym

_LONGEST_UNDERSTOOD = 2000

_ZH_FORM = (
    "(?:肠溶|缓释|控释|咀嚼|分散|泡腾|口崩|薄膜衣|软|硬|冻干|粉|预填充)*"
    "(?:片|胶囊|注射液|注射剂|颗粒|口服液|混悬液|滴眼液|滴剂|软膏|乳膏|凝胶|喷雾剂|吸入剂|栓|贴剂|糖浆|疫苗|单抗)"
)
_NO_NAME = "的了吗呢么那这哪个几一二两三四五六七八九十半多少最每次从往上下加减打吃喝用服后前能可不会要还再也都就把被给让和与跟或及在是有没过着到"
_SHORT_NAME = 2
_LOOKS = "大小红白黄蓝绿粉橙紫圆长整碎散单双全新旧老拆开掉剩余各种药包盒瓶板袋"
_PARTS = "整光胸刀照拍切瓦卡影名底磁芯口软硬糖种些粒颗包盒瓶板袋"
_ZH_NAMED = re.compile(rf"(?:(?<=[{_NO_NAME}])|(?<![\u4e00-\u9fff]))([^\W\da-zA-Z_{_NO_NAME}]{{2,8}}?){_ZH_FORM}")


@dataclass(frozen=True, slots=True)
class Understanding:
    """The vocabulary a question is read with."""

    names: NameIndex
    lexicon: Lexicon

    def query(self, text: str, standalone_text: str | None = None) -> Query:
        """Understand ``standalone_text`` (or ``text`` itself when it needs no context)."""
        question = (standalone_text or text)[:_LONGEST_UNDERSTOOD]
        language = language_of(question)
        matches = self.lexicon.matches(question)
        expansions = self.lexicon.expand(question, language, matches=matches)
        entities = self._entities(question, expansions)
        return Query(
            text=text,
            standalone_text=question,
            entities=entities,
            intents=question_intents(question),
            language=language,
            unknown_names=self._unknown_names(question, entities, matches),
            expansions=tuple(Synonym(item.term, item.source_term, item.weight) for item in expansions),
            selector=document_selector(question).name,
        )

    def entities(self, question: str) -> tuple[Entity, ...]:
        """The names that a question holds, alone."""
        question = question[:_LONGEST_UNDERSTOOD]
        return self._entities(question, self.lexicon.expand(question, language_of(question)))

    def _entities(self, question: str, expansions: Sequence[Expansion]) -> tuple[Entity, ...]:
        found = list(self.names.find(question))
        known = {document for entity in found for document in entity.all_documents}
        for item in expansions:
            entity = self.names.lookup(item.term, fold(item.source_term))
            if entity is not None and not entity.all_documents <= known:
                known |= entity.all_documents
                found.append(entity)
        return tuple(found)

    def _unknown_names(
        self, question: str, entities: tuple[Entity, ...], matches: Sequence[TermMatch]
    ) -> tuple[str, ...]:
        known = [entity.text for entity in entities]
        unknown: dict[str, None] = {}
        for name in (*self.lexicon.drugs_in(question, matches=matches), *names_by_form(question)):
            folded = fold(name)
            overlaps = any(folded in text or text in folded for text in known)
            if not overlaps and self.names.lookup(name, folded) is None:
                unknown.setdefault(name)
        return tuple(unknown)


def names_by_form(question: str) -> list[str]:
    """Chinese names that end in a dosage form: 优泌灵乐注射液 -> 优泌灵乐; of two characters, unless they are a word (止痛片)."""
    names = [match.group(1) for match in _ZH_NAMED.finditer(question)]
    return [name for name in names if (not name.endswith("药") if len(name) > _SHORT_NAME else _may_be_a_name(name))]


def _may_be_a_name(name: str) -> bool:
    if name[0] in _LOOKS or name[1] in _PARTS:
        return False
    return rjieba.cut(name, False) != [name]  # 止痛, 感冒, 外用: what a kind of tablet is for
