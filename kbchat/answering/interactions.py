"""Two drugs in question or answer: what the documents of each say about the other, pair by pair, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from kbchat.answering.citations import Quote
from kbchat.medical.drug_names import core_name
from kbchat.messages import Bilingual, Language
from kbchat.retrieval.retriever import Restriction, Retriever
from kbchat.text.deferred_pattern import deferred
from kbchat.text.sentences import split_sentences
from kbchat.text.tokens import fold
from kbchat.types import Entity, Passage, Query, SectionKind

_MOST_DRUGS = 4
_MOST_DRUGS_OF_ANSWER = 3
_SENTENCES_EACH = 2
_SECTIONS_EACH = 3
_LOOKED_THROUGH = 12
_LONGEST_NAME = 30
# What somebody asks who takes both; storage or composition of two drugs is no question about both together.
_APART = frozenset({SectionKind.STORAGE, SectionKind.COMPOSITION, SectionKind.PHARMACOLOGY, SectionKind.DIAGNOSIS})
_TELLING = (SectionKind.INTERACTIONS, SectionKind.CONTRAINDICATIONS, SectionKind.WARNINGS, SectionKind.DOSAGE)
# Besides 相互作用 and its kin: both are to be taken together, or one with the other.
_TOGETHER = deferred(
    r"一起|一块|同时|同服|同用|同吃|合用|联用|联合|并用|混|配伍|相互|冲突|犯冲|打架|间隔|隔多久|"
    r"\b(?:together|with|alongside|combin\w*|interact\w*|same time|mix\w*|co-?admin\w*|plus|while (?:on|taking))\b"
)
_BULLET = deferred(r"^(?:[•·・●○■◆▪◦‣\-–—*]|[(（]?\d{1,2}[)）.、])\s*(?!\d)")
_LEAFLET = deferred(r"(?:使用)?说明书$|\s+(?:package )?leaflet$", re.IGNORECASE)
_ASKED = Bilingual("{name} interactions with {others}", "{name}与{others}的药物相互作用")
_NOT_NAMED = Bilingual(
    "The interactions section of {name} does not mention {other} by name.",
    "{name}的药物相互作用部分没有点名提到{other}。",
)
_TITLE = Bilingual("**{first} and {second}** · interactions", "**{first}与{second}** · 药物相互作用")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two drugs: a heading, and lines with their sources."""

    title: str
    rows: tuple[tuple[str, Quote], ...]


@dataclass(frozen=True, slots=True)
class PairFindings:
    """The passages fetched because several drugs were named, and what is put below the answer, pair by pair.

    Quotes count passages from the first of the answer: those of the answer, then ``passages``.
    """

    passages: tuple[Passage, ...] = ()
    pairs: tuple[Pair, ...] = ()

    def below(self, answer: str) -> list[str | Quote]:
        """The lines to put below ``answer``; sentences that stand in it already are not repeated."""
        lines: list[str | Quote] = []
        shown = [" ".join(answer.split())]
        for pair in self.pairs:
            rows: list[str | Quote] = []
            for text, quote in pair.rows:
                if not any(text in one for one in shown):
                    rows += [f"\n- {text}", quote]
                    shown.append(text)
            lines += [f"\n\n{pair.title}", *rows] if rows else []
        return lines


def drugs_asked(query: Query) -> tuple[Entity, ...]:
    """The different drugs of the base that a question about using them together names; fewer than two: none."""
    if query.intents and query.intents[0] in _APART:
        return ()
    found = _different(query.entities, query)
    return found[:_MOST_DRUGS] if len(found) > 1 else ()


def asks_about_both(query: Query) -> bool:
    """Whether a question asks what two drugs do to each other, and not only names both (which one with meals?)."""
    if SectionKind.INTERACTIONS in query.intents:
        return True
    return len(drugs_asked(query)) > 1 and bool(_TOGETHER.search(fold(query.standalone_text)))


def _different(entities: Sequence[Entity], query: Query, besides: Sequence[Entity] = ()) -> tuple[Entity, ...]:
    """The drugs among ``entities``, each once, without those ``besides``."""
    found: list[Entity] = []
    for entity in entities:
        if entity.is_product and not any(_same_drug(entity, known, query) for known in (*besides, *found)):
            found.append(entity)
    return tuple(found)


def _same_drug(one: Entity, other: Entity, query: Query) -> bool:
    """Whether two names of a question stand for one drug: its generic and its brand, or a part of its name."""
    if one.documents & other.documents or one.subjects & other.subjects:
        return True
    first, second = _forms(one, query), _forms(other, query)
    return any(a in b or b in a for a in first for b in second)


def find_interactions(
    query: Query, retriever: Retriever, before: Sequence[Passage], language: Language
) -> PairFindings:
    """Fetch the interaction sections of every drug asked about and quote what each says about the others.

    ``before`` are the answer's passages. Raises what retrieving raises.
    """
    return _findings(tuple(combinations(drugs_asked(query), 2)), query, retriever, before, language)


def find_interactions_of_answer(
    query: Query, answer: str, retriever: Retriever, before: Sequence[Passage], language: Language
) -> PairFindings:
    """The same for drugs of the base that a model's ``answer`` names and the question does not.

    Each is paired with the drugs asked about and with the others; at most three drugs are looked at, those asked about
    first. ``before`` are the answer's passages. Raises what retrieving raises.
    """
    if query.intents and query.intents[0] in _APART:
        return PairFindings()
    asked = _different(query.entities, query)
    named = [entity for base in retriever.bases for entity in base.vocabulary.names.find(answer)]
    new = _different(named, query, asked)
    if not new or len(asked) + len(new) < 2:
        return PairFindings()
    drugs = (*asked[: _MOST_DRUGS_OF_ANSWER - 1], *new)[:_MOST_DRUGS_OF_ANSWER]
    wanted = tuple(pair for pair in combinations(drugs, 2) if pair[1] in new)  # new ones stand last
    return _findings(wanted, query, retriever, before, language)


def _findings(
    wanted: Sequence[tuple[Entity, Entity]],
    query: Query,
    retriever: Retriever,
    before: Sequence[Passage],
    language: Language,
) -> PairFindings:
    collected, asked = list(before), asks_about_both(query)
    drugs = tuple(dict.fromkeys(drug for pair in wanted for drug in pair))
    sections = {drug: _sections(drug, drugs, retriever, collected, language) for drug in drugs}
    pairs = []
    for first, second in wanted:
        rows = [
            row
            for about, other in ((first, second), (second, first))
            for row in _rows(sections[about], collected, _forms(other, query))
            or (_not_named((about, other), sections[about], collected, language) if asked else [])
        ]
        title = _TITLE.in_language(language).format(first=_shown(first), second=_shown(second))
        pairs.append(Pair(title, tuple(rows)))
    return PairFindings(tuple(collected[len(before) :]), tuple(pairs))


def _rows(chosen: Sequence[int], passages: Sequence[Passage], names: Sequence[str]) -> list[tuple[str, Quote]]:
    """What the sections of one drug say about the other (``names``), without the bullets of their lists."""
    quotes = _sentences(chosen, passages, names)
    return [(_BULLET.sub("", " ".join(passages[q.passage].text[q.start : q.end].split())), q) for q in quotes]


def _not_named(
    pair: tuple[Entity, Entity], chosen: Sequence[int], passages: Sequence[Passage], language: Language
) -> list[tuple[str, Quote]]:
    """That the interactions section of one drug does not name the other; nothing where there is no such section."""
    about, other = pair
    own = [i for i in chosen if passages[i].section_kind is SectionKind.INTERACTIONS]
    if not own:
        return []
    start, end = split_sentences(passages[own[0]].text)[0]
    words = _NOT_NAMED.in_language(language).format(name=_shown(about), other=_shown(other))
    return [(words, Quote(own[0], start, end))]


def _sections(
    drug: Entity, drugs: Sequence[Entity], retriever: Retriever, collected: list[Passage], language: Language
) -> list[int]:
    """Indices in ``collected`` of this drug's telling sections; those not there yet are fetched and added."""
    others = ("、" if language == "zh" else ", ").join(_shown(other) for other in drugs if other is not drug)
    question = _ASKED.in_language(language).format(name=_shown(drug), others=others)
    within = Restriction(documents=drug.all_documents)
    fetched = [
        p for p in retriever.retrieve(question, k=_LOOKED_THROUGH, restriction=within).passages if _is_about(p, drug)
    ]
    fetched = [p for p in fetched if p.section_kind in _TELLING and p.text.strip()]
    fetched.sort(key=lambda passage: _TELLING.index(passage.section_kind))
    chosen = [i for i, passage in enumerate(collected) if passage.section_kind in _TELLING and _is_about(passage, drug)]
    for passage in fetched[:_SECTIONS_EACH]:
        if not any(_same_place(passage, known) for known in collected):
            chosen.append(len(collected))
            collected.append(passage)
    return sorted(chosen, key=lambda i: _TELLING.index(collected[i].section_kind))


def _same_place(one: Passage, other: Passage) -> bool:
    return one.chunk_id == other.chunk_id or (one.section_id == other.section_id and one.text in other.text)


def _is_about(passage: Passage, drug: Entity) -> bool:
    return passage.document_id in drug.documents or (passage.document_id, fold(passage.subject)) in drug.subjects


def _forms(drug: Entity, query: Query) -> tuple[str, ...]:
    """The names a document may call a drug by, folded."""
    names = {fold(drug.text), fold(drug.name), fold(core_name(drug.name)), fold(core_name(drug.text))}
    names |= {synonym.term for synonym in query.expansions if synonym.source in names}
    return tuple(name for name in names if len(name) > 1)


def _sentences(chosen: Sequence[int], passages: Sequence[Passage], names: Sequence[str]) -> Iterator[Quote]:
    """The first sentences that speak of one of ``names``."""
    found = 0
    seen: set[str] = set()
    for number in chosen:
        text = passages[number].text
        for start, end in split_sentences(text):
            folded = fold(text[start:end])
            if folded in seen or not any(name in folded for name in names):
                continue
            seen.add(folded)
            yield Quote(number, start, end)
            found += 1
            if found >= _SENTENCES_EACH:
                return


def _shown(drug: Entity) -> str:
    name = _LEAFLET.sub("", drug.name)
    return name if 0 < len(name) <= _LONGEST_NAME else drug.text
