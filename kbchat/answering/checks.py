"""Checks on a generated answer: every marker leads somewhere, every sentence and every quantity stands in its source.

A language model's text is cut into sentences; markers of any form name passages. A sentence that states something and names
no passage gets the one that supports it. What its source does not support is flagged in the text or, where the checks are
strict, replaced by the words of the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kbchat.answering.citations import Quote, assembled
from kbchat.answering.fidelity import check_quantities
from kbchat.answering.markers import find_markers, strip_markers
from kbchat.answering.statements import LEADING, PlacedSentence, is_statement, placed_sentences
from kbchat.answering.support import Support, SupportFinder
from kbchat.embedding.protocol import Embedder
from kbchat.generation.entailment import EntailmentModel
from kbchat.messages import Bilingual, Language
from kbchat.text.quantities import find_quantities
from kbchat.text.tokens import query_tokens
from kbchat.types import Citation, Passage

QUANTITY_FLAG = Bilingual(" (⚠ not in the source: {wrong})", "（⚠ 出处中没有：{wrong}）")
SENTENCE_FLAG = Bilingual(" (⚠ no support found in the documents)", "（⚠ 资料中未找到依据）")
_PART = 0.7
"""A passage named besides the best one keeps its marker with this share of the support a sentence needs."""
_REPLACEMENT = 0.2
"""A passage's sentence stands in for one that was not supported when it shares at least this much with it."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """One sentence ``text`` at ``text[start:end]`` of the answer and what was found.

    ``cited`` are the passages (indices) it names, ``support`` the best among them; ``wrong`` the quantities that they do
    not hold. A sentence that states nothing (``factual`` false) needs no support.
    """

    start: int
    end: int
    text: str
    cited: tuple[int, ...]
    factual: bool
    support: Support | None
    wrong: tuple[str, ...]
    supported: bool
    added: bool = False

    @property
    def passes(self) -> bool:
        """Whether it can stand as it is."""
        return not self.factual or (self.supported and not self.wrong)


@dataclass(frozen=True, slots=True)
class CheckedText:
    """An answer after the checks: ``passed`` of its ``stated`` statements did; ``pieces`` are what ``text`` is made of."""

    text: str
    pieces: tuple[str | Quote, ...]
    citations: tuple[Citation, ...]
    removed_markers: int
    added_markers: int
    unsupported_quantities: tuple[str, ...]
    unsupported_sentences: tuple[str, ...]
    replaced_sentences: tuple[str, ...]
    stated: int
    passed: int
    kept: int

    def too_little(self, least: float) -> bool:
        """Whether too few statements survived to give this answer at all."""
        return self.stated == 0 or not self.citations or self.passed / self.stated < least


class AnswerChecker:
    """The checks of one answer against the passages it was made from."""

    def __init__(
        self,
        passages: Sequence[Passage],
        *,
        given: str = "",
        embedder: Embedder | None = None,
        threshold: float = 0.5,
        entailment: EntailmentModel | None = None,
    ) -> None:
        """``given`` is what the person said: a quantity repeated from there needs no source.

        With ``entailment``, its verdicts are the support; checking then raises GeneratorError when the model fails.
        """
        self._passages = passages
        self._given = given
        self._finder = SupportFinder(passages, embedder, entailment)
        self._threshold = threshold

    def inspect(self, text: str) -> tuple[tuple[Inspected, ...], int]:
        """Every sentence of ``text``, and how many numbers in its markers lead to no passage."""
        placed, removed = placed_sentences(text), 0
        found = []
        for item in placed:
            numbers = [number for marker in item.markers for number in marker.numbers]
            known = tuple(dict.fromkeys(n - 1 for n in numbers if 1 <= n <= len(self._passages)))
            removed += sum(not 1 <= n <= len(self._passages) for n in numbers)
            removed += sum(not marker.numbers for marker in item.markers)
            found.append(self._inspected(text, item, known))
        return tuple(found), removed

    def _inspected(self, text: str, item: PlacedSentence, known: tuple[int, ...]) -> Inspected:
        own = text[item.start : item.end]
        bare = LEADING.sub("", strip_markers(own)).strip()
        if not is_statement(own):
            support = self._finder.best(bare, known) if known and bare else None
            good = support is not None and support.score >= self._threshold
            return Inspected(
                item.start, item.end, bare, known, factual=False, support=support, wrong=(), supported=good
            )
        support = self._finder.best(bare, known or None)
        if support is None:  # no passages at all: a talk
            wrong = check_quantities(bare, "", given=self._given).wrong
            return Inspected(item.start, item.end, bare, (), factual=True, support=None, wrong=wrong, supported=False)
        told = known or (support.passage,)
        wrong = () if support.verbatim else self._wrong_quantities(bare, told)
        supported = self._is_supported(bare, told, support, verified=not wrong)
        cited = tuple(n for n in known if n == support.passage or self._bears(bare, n))
        return Inspected(
            item.start,
            item.end,
            bare,
            cited or ((support.passage,) if supported else ()),
            factual=True,
            support=support,
            wrong=wrong,
            supported=supported,
            added=supported and not known,
        )

    def _wrong_quantities(self, bare: str, told: tuple[int, ...]) -> tuple[str, ...]:
        """The quantities that none of the passages ``told`` holds; each passage is read once for all sentences."""
        wrong: tuple[str, ...] = ()
        for position, number in enumerate(told if find_quantities(bare) else ()):
            here = check_quantities(bare, _source_text(self._passages[number]), given=self._given).wrong
            wrong = here if position == 0 else tuple(one for one in wrong if one in here)
            if not wrong:
                break
        return wrong

    def _is_supported(self, bare: str, told: tuple[int, ...], support: Support, *, verified: bool) -> bool:
        """Whether the passages ``told`` bear a sentence out; each quantity that was ``verified`` counts as a word there."""
        if support.opposed:
            return False
        if support.score >= self._threshold:
            return True
        if len(told) > 1 and self._finder.together(bare, told) >= self._threshold:
            return True
        quantities = find_quantities(bare) if verified and not self._finder.entails else ()
        if not quantities:
            return False
        rest = bare
        for quantity in reversed(quantities):
            rest = f"{rest[: quantity.start]} {rest[quantity.end :]}"
        words, found = len(query_tokens(rest)), self._finder.best(rest, told)
        shared = words * found.score if found is not None else 0.0
        return (shared + len(quantities)) / (words + len(quantities)) >= self._threshold

    def _bears(self, bare: str, number: int) -> bool:
        """Whether a passage named besides the best one has a part in the sentence."""
        found = self._finder.best(bare, (number,))
        return found is not None and found.score >= _PART * self._threshold

    def check(
        self,
        text: str,
        language: Language,
        *,
        strict: bool,
        quantities_only: bool = False,
        tail: Sequence[str | Quote] = (),
    ) -> CheckedText:
        """The answer as it may be shown.

        With ``quantities_only`` (a talk, not an account of documents) sentences need no support, only their quantities do.
        ``tail`` is put behind the text as it is.
        """
        sentences, removed = self.inspect(text)
        if quantities_only:
            sentences = tuple(replace(one, supported=True) for one in sentences)
        writer = _Writer(text, self._passages, self._finder, language, strict=strict)
        for sentence in sentences:
            writer.add(sentence)
        pieces = (*writer.pieces(), *tail)
        cited = assembled(pieces, self._passages, removed)
        stated = [one for one in sentences if one.factual]
        return CheckedText(
            text=cited.text,
            pieces=pieces,
            citations=cited.citations,
            removed_markers=removed,
            added_markers=sum(one.added for one in stated),
            unsupported_quantities=tuple(dict.fromkeys(wrong for one in stated for wrong in one.wrong)),
            unsupported_sentences=tuple(one.text for one in stated if not one.supported),
            replaced_sentences=tuple(writer.replaced),
            stated=len(stated),
            passed=sum(one.passes for one in stated),
            kept=writer.kept,
        )


class _Writer:
    """Puts the answer together again, sentence by sentence."""

    def __init__(
        self, text: str, passages: Sequence[Passage], finder: SupportFinder, language: Language, *, strict: bool
    ) -> None:
        self._text = text
        self._passages = passages
        self._finder = finder
        self._language = language
        self._strict = strict
        self._pieces: list[str | Quote] = []
        self._position = 0
        self._shown: set[tuple[int, int, int]] = set()
        self.replaced: list[str] = []
        self.kept = 0

    def add(self, sentence: Inspected) -> None:
        """One sentence: as it stands, flagged, replaced or left out."""
        self._gap(sentence.start)
        self._position = sentence.end
        own = self._text[sentence.start : sentence.end]
        lead = LEADING.match(own)
        if sentence.passes or not self._strict:
            self._pieces.append(_without_markers(own))
            self._flags(sentence)
            self._cite(sentence)
            self.kept += sentence.factual
            return
        self.replaced.append(sentence.text)
        support = sentence.support
        if support is None or support.closeness < _REPLACEMENT:
            return
        place = (support.passage, support.start, support.end)
        quote = " ".join(self._passages[support.passage].text[support.start : support.end].split())
        if place not in self._shown and is_statement(quote):
            self._shown.add(place)
            self._pieces += [f"{lead[0] if lead else ''}{quote}", Quote(*place)]

    def _gap(self, until: int) -> None:
        """What stands between two sentences: white space and markers."""
        between = _without_markers(self._text[self._position : until])
        if between.strip() or "\n" in between:
            self._pieces.append(between)
        elif between or (self._pieces and isinstance(self._pieces[-1], Quote)):
            self._pieces.append(" ")

    def _flags(self, sentence: Inspected) -> None:
        if not sentence.factual:
            return
        if sentence.wrong:
            wrong = ("、" if self._language == "zh" else ", ").join(sentence.wrong)
            self._pieces.append(QUANTITY_FLAG.in_language(self._language).format(wrong=wrong))
        if not sentence.supported:
            self._pieces.append(SENTENCE_FLAG.in_language(self._language))

    def _cite(self, sentence: Inspected) -> None:
        support = sentence.support
        if support is None or not sentence.supported or not sentence.cited:
            return
        if support.verbatim:
            self._shown.add((support.passage, support.start, support.end))
        self._pieces.append(Quote(support.passage, support.start, support.end))
        for other in (number for number in sentence.cited if number != support.passage):
            found = self._finder.best(sentence.text, (other,))
            if found is not None:
                self._pieces.append(Quote(other, found.start, found.end))

    def pieces(self) -> list[str | Quote]:
        """All pieces in order."""
        return [*self._pieces, _without_markers(self._text[self._position :])]


def _without_markers(text: str) -> str:
    """``text`` without its markers; single spaces around them go too, line breaks stay."""
    kept, position = "", 0
    for marker in find_markers(text):
        kept += text[position : marker.start].rstrip(" ")
        position = marker.end
    return kept + text[position:]


def _source_text(passage: Passage) -> str:
    """What a sentence may take its quantities from: the passage under its own headings."""
    return "\n".join(part for part in (passage.table_header, passage.text) if part)
