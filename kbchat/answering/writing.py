"""From passages to a checked text: the generator writes, the checks look, the documents' own words stand in for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from kbchat.answering.checks import AnswerChecker, CheckedText
from kbchat.answering.citations import assembled, cited_pieces
from kbchat.answering.events import CHECKING, QUOTING, THINKING, Draft, Progress, Step, Steps, writing
from kbchat.answering.interactions import PairFindings
from kbchat.answering.safety import Safety
from kbchat.embedding.protocol import Embedder
from kbchat.errors import GeneratorError
from kbchat.generation.entailment import EntailmentModel
from kbchat.generation.extractive import ExtractiveGenerator
from kbchat.generation.protocol import GenerationRequest, Generator
from kbchat.generation.refusal import is_refusal
from kbchat.messages import Bilingual, Language
from kbchat.settings import AnswerSettings
from kbchat.text.sentences import split_sentences
from kbchat.types import Checks, Citation, Passage

_FAILED = Bilingual(
    "The language model did not answer ({why}) These are the documents' own words.",
    "语言模型未能回答（{why}）以下为资料原文。",
)
_UNSUPPORTED = Bilingual(
    "What the language model wrote did not pass the checks. These are the documents' own words.",
    "语言模型写的内容没有通过核对，以下为资料原文。",
)
_UNCHECKED = Bilingual(
    "What the language model wrote could not be checked ({why}) These are the documents' own words.",
    "语言模型写的内容无法核对（{why}）以下为资料原文。",
)
_LOOK = 1.0
"""Seconds without a piece after which whoever waits is told so, and may leave."""
_COUNTED = 20
"""Characters written between two counts, where the text itself is held back."""
_ENDS = ("。", "！", "？", ".", "!", "?", "”", "）", ")", "]", "】", "|")


@runtime_checkable
class _Waited(Protocol):
    """A model's stream that one can wait for with an eye on the clock."""

    def wait(self, seconds: float) -> bool:
        """Whether ``next`` returns or raises at once, after at most ``seconds``."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text and what the checks found; ``checking`` is seconds. ``refused``: the generator found no answer.

    ``passages`` were fetched for what it says; citations come from them and from the request's.
    """

    text: str
    citations: tuple[Citation, ...]
    generator: str
    checking: float
    removed_markers: int = 0
    added_markers: int = 0
    unsupported_quantities: tuple[str, ...] = ()
    unsupported_sentences: tuple[str, ...] = ()
    replaced_sentences: tuple[str, ...] = ()
    fallback: str = ""
    refused: bool = False
    passages: tuple[Passage, ...] = ()

    @classmethod
    def of(cls, checked: CheckedText, generator: str, checking: float) -> Written:
        """A checked text under its generator's name."""
        return cls(
            checked.text,
            checked.citations,
            generator,
            checking,
            checked.removed_markers,
            checked.added_markers,
            checked.unsupported_quantities,
            checked.unsupported_sentences,
            checked.replaced_sentences,
        )

    def onto(self, checks: Checks) -> Checks:
        """``checks`` with what was found here."""
        return replace(
            checks,
            removed_markers=self.removed_markers,
            added_markers=self.added_markers,
            unsupported_quantities=self.unsupported_quantities,
            unsupported_sentences=self.unsupported_sentences,
            replaced_sentences=self.replaced_sentences,
        )


class Writing:
    """One generator with the checks behind it."""

    def __init__(
        self,
        generator: Generator,
        safety: Safety,
        settings: AnswerSettings,
        embedder: Embedder | None,
        *,
        strict: bool,
        entailment: EntailmentModel | None = None,
    ) -> None:
        self._generator = generator
        self._safety = safety
        self._settings = settings
        self._embedder = embedder
        self._strict = strict
        self._entailment = entailment

    def write(
        self,
        request: GenerationRequest,
        said: str,
        language: Language,
        pairs: PairFindings,
        further: Callable[[str], PairFindings] | None = None,
    ) -> Steps[Written]:
        """An answer from documents; their own words where the model fails or is not to be believed.

        ``said`` is what the person said: quantities may be repeated from there. ``further`` finds the interactions of
        drugs that only a model's answer names; its quotes count from the request's passages on. What the model writes is
        told as it comes, unless the checks are strict. Closing the steps stops the model.
        """
        if isinstance(self._generator, ExtractiveGenerator):
            yield Progress(Step.WRITING, QUOTING)
            return self._quoted(request, said, pairs)
        try:
            text = yield from self._generated(request)
        except GeneratorError as error:
            why = error.user_message.in_language(language)
            return self._instead(request, said, pairs, _FAILED.in_language(language).format(why=why))
        if is_refusal(text):
            return Written(text, (), self._generator.name, 0.0, refused=True)
        yield Progress(Step.CHECKING, CHECKING)
        started = time.perf_counter()
        try:
            checked = self._checker(request, said, self._entailment).check(
                text, language, strict=self._strict, tail=pairs.below(text)
            )
        except GeneratorError as error:  # the entailment model: what nothing has checked is not shown
            why = error.user_message.in_language(language)
            return self._instead(request, said, pairs, _UNCHECKED.in_language(language).format(why=why))
        checking = time.perf_counter() - started
        if checked.too_little(self._settings.least_supported):
            found = self._instead(request, said, pairs, _UNSUPPORTED.in_language(language))
            return replace(
                found,
                checking=found.checking + checking,
                removed_markers=checked.removed_markers,
                unsupported_quantities=checked.unsupported_quantities,
                unsupported_sentences=checked.unsupported_sentences,
                replaced_sentences=checked.replaced_sentences or checked.unsupported_sentences,
            )
        written = Written.of(checked, self._generator.name, checking)
        return written if further is None else _with_pairs(written, checked, request, further(checked.text))

    def talk(self, request: GenerationRequest, said: str, language: Language) -> Steps[Written]:
        """A turn of a talk, or what is made of a given text: only markers and quantities are checked.

        Raises GeneratorError.
        """
        text = yield from self._generated(request)
        yield Progress(Step.CHECKING, CHECKING)
        started = time.perf_counter()
        checked = self._checker(request, said).check(text, language, strict=self._strict, quantities_only=True)
        return Written.of(checked, self._generator.name, time.perf_counter() - started)

    def _checker(
        self, request: GenerationRequest, said: str, entailment: EntailmentModel | None = None
    ) -> AnswerChecker:
        return AnswerChecker(
            request.passages,
            given=said,
            embedder=self._embedder,
            threshold=self._settings.support_threshold,
            entailment=entailment,
        )

    def _generated(self, request: GenerationRequest) -> Steps[str]:
        """What the model wrote, without a last sentence that was cut off; identifiers of persons are masked for it.

        Closing the steps closes the model's stream at once.
        """
        safe = replace(
            request,
            query=self._safety.masked_query(request.query),
            history=self._safety.masked_turns(request.history),
        )
        yield Progress(Step.WRITING, THINKING)
        stream: Iterator[str] = self._generator.stream(safe)
        text, counted = "", 0
        try:
            while True:
                while isinstance(stream, _Waited) and not stream.wait(_LOOK):
                    yield writing(len(text)) if text else Progress(Step.WRITING, THINKING)
                piece = next(stream, None)
                if piece is None:
                    break
                text += piece
                if not self._strict:
                    yield Draft(piece)
                elif len(text) >= counted + _COUNTED:
                    counted = len(text)
                    yield writing(counted)
        finally:
            close: Callable[[], None] | None = getattr(stream, "close", None)
            if close is not None:
                close()
        return _whole_sentences(text) if getattr(stream, "cut_off", False) else text

    def _quoted(self, request: GenerationRequest, said: str, pairs: PairFindings) -> Written:
        text = "".join(ExtractiveGenerator().stream(request))
        started = time.perf_counter()
        pieces, removed = cited_pieces(text, request.passages)
        cited = assembled([*pieces, *pairs.below(text)], request.passages, removed) if text else assembled((), ())
        inspected, _ = self._checker(request, said).inspect(text)
        stated = [one for one in inspected if one.factual]
        return Written(
            cited.text,
            cited.citations,
            ExtractiveGenerator.name,
            time.perf_counter() - started,
            removed,
            unsupported_quantities=tuple(dict.fromkeys(wrong for one in stated for wrong in one.wrong)),
            unsupported_sentences=tuple(one.text for one in stated if not one.supported),
        )

    def _instead(self, request: GenerationRequest, said: str, pairs: PairFindings, why: str) -> Written:
        quoted = self._quoted(request, said, pairs)
        return replace(quoted, text=f"{why}\n\n{quoted.text}", fallback=why) if quoted.citations else quoted


def _with_pairs(written: Written, checked: CheckedText, request: GenerationRequest, found: PairFindings) -> Written:
    """The checked answer with the interactions ``found`` below it, all citations numbered anew."""
    below = found.below(checked.text)
    if not below:
        return written
    cited = assembled([*checked.pieces, *below], (*request.passages, *found.passages))
    return replace(written, text=cited.text, citations=cited.citations, passages=found.passages)


def _whole_sentences(text: str) -> str:
    """``text`` up to the end of its last whole sentence; all of it when there is none."""
    sentences = split_sentences(text)
    if not sentences or text.rstrip().endswith(_ENDS):
        return text
    return text[: sentences[-1][0]].rstrip() if len(sentences) > 1 else text
