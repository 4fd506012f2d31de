"""Fitting a prompt into a model: instruction, question and the last turns always, passages by rank as far as they go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kbchat.assistants.assistant import Assistant, Mode
from kbchat.errors import PromptTooLongError
from kbchat.generation.prompts import Document, Prompt, build_prompt, document_text
from kbchat.generation.protocol import GenerationRequest, Turn
from kbchat.messages import Bilingual
from kbchat.text.sentences import split_sentences
from kbchat.types import Passage

_LAST_EXCHANGE = 2
# The share of the space beside instruction and question that earlier turns may take.
_HISTORY_SHARE = {Mode.DOCUMENTS: 0.3, Mode.CONVERSATION: 0.7, Mode.TEXT: 0.5}
_CUT = "…"

Count = Callable[[Prompt], int]


@dataclass(frozen=True, slots=True)
class UsedPassage:
    """``passages[index].text[start:end]`` of the request was given to the model, under the marker ``index + 1``."""

    index: int
    start: int
    end: int
    whole: bool


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """A prompt within the budget, and what of the request went into it."""

    prompt: Prompt
    tokens: int
    used: tuple[UsedPassage, ...]
    turns_left_out: int


def fit_prompt(request: GenerationRequest, assistant: Assistant, count: Count, limit: int) -> FittedPrompt:
    """The prompt of ``request`` in at most ``limit`` tokens, as ``count`` counts them.

    Passages are taken in order of rank; the one that does not fit whole is cut at the end of a sentence, and those after
    it are left out. Raises PromptTooLongError when instruction and question alone are too long.
    """
    return _Fitting(request, assistant, count, limit).fitted()


class _Fitting:
    """One fitting: what is chosen so far, and how many tokens that makes."""

    def __init__(self, request: GenerationRequest, assistant: Assistant, count: Count, limit: int) -> None:
        self._request = request
        self._assistant = assistant
        self._count = count
        self._limit = limit
        self._history: tuple[Turn, ...] = ()
        self._documents: tuple[Document, ...] = ()

    def fitted(self) -> FittedPrompt:
        """Choose turns, then passages."""
        alone = self._tokens()
        if alone > self._limit:
            raise _too_long(alone, self._limit)
        self._take_turns(alone + int((self._limit - alone) * _HISTORY_SHARE[self._assistant.mode]))
        used = self._take_passages() if self._assistant.mode is not Mode.TEXT else ()
        left_out = len(self._request.history) - len(self._history)
        return FittedPrompt(self._prompt(), self._tokens(), used, left_out)

    def _prompt(self, documents: tuple[Document, ...] | None = None, history: tuple[Turn, ...] | None = None) -> Prompt:
        return build_prompt(
            self._assistant,
            self._request.query.language,
            self._documents if documents is None else documents,
            self._history if history is None else history,
            self._request.query.text,
        )

    def _tokens(self, documents: tuple[Document, ...] | None = None, history: tuple[Turn, ...] | None = None) -> int:
        return self._count(self._prompt(documents, history))

    def _take_turns(self, room: int) -> None:
        """The newest turns that fit into ``room`` whole; of the last exchange at least a part."""
        turns = self._request.history
        for place in range(len(turns) - 1, -1, -1):
            if self._tokens(history=turns[place:]) <= room:
                self._history = turns[place:]
            else:
                break
        for place in range(len(turns) - 1 - len(self._history), max(-1, len(turns) - 1 - _LAST_EXCHANGE), -1):
            if not self._take_part(turns[place], room):
                break

    def _take_part(self, turn: Turn, room: int) -> bool:
        """As many sentences of ``turn`` as fit."""
        sentences = split_sentences(turn.content)

        def fits(kept: int) -> bool:
            return self._tokens(history=(_shortened(turn, sentences, kept), *self._history)) <= room

        kept = _most(len(sentences), fits)
        if kept:
            self._history = (_shortened(turn, sentences, kept), *self._history)
        return bool(kept)

    def _take_passages(self) -> tuple[UsedPassage, ...]:
        used: list[UsedPassage] = []
        for index, passage in enumerate(self._request.passages):
            if self._try(index, 0, len(passage.text)):
                used.append(UsedPassage(index, 0, len(passage.text), whole=True))
                continue
            cut = self._cut(index, passage)
            if cut is not None:
                used.append(cut)
            break
        return tuple(used)

    def _cut(self, index: int, passage: Passage) -> UsedPassage | None:
        """As many whole sentences as fit: from the passage's beginning if its found part fits so, else from that part."""
        sentences = split_sentences(passage.text)
        hit = [i for i, (start, end) in enumerate(sentences) if _overlaps(passage, start, end)] or [0]

        def fits(first: int) -> Callable[[int], bool]:
            return lambda n: self._fits(index, sentences[first][0], sentences[first + n - 1][1])

        taken = _most(len(sentences), fits(0))
        first = 0
        if taken <= hit[-1] and hit[0] > 0:
            first = hit[0]
            taken = _most(len(sentences) - first, fits(first))
        if not taken:
            return None
        start, end = sentences[first][0], sentences[first + taken - 1][1]
        self._try(index, start, end)
        return UsedPassage(index, start, end, whole=False)

    def _with(self, index: int, start: int, end: int) -> tuple[Document, ...]:
        passage = self._request.passages[index]
        text = document_text(passage, passage.text[start:end], self._request.query.language)
        before = _CUT if start > 0 else ""
        after = _CUT if end < len(passage.text.rstrip()) else ""
        return (*self._documents, Document(index + 1, passage, f"{before}{text}{after}"))

    def _fits(self, index: int, start: int, end: int) -> bool:
        return self._tokens(self._with(index, start, end)) <= self._limit

    def _try(self, index: int, start: int, end: int) -> bool:
        if not self._fits(index, start, end):
            return False
        self._documents = self._with(index, start, end)
        return True


def _overlaps(passage: Passage, start: int, end: int) -> bool:
    hit_end = passage.hit_start + passage.hit_length
    return start < hit_end and end > passage.hit_start


def _shortened(turn: Turn, sentences: Sequence[tuple[int, int]], kept: int) -> Turn:
    """The first sentences of what a person said; of an answer the last ones, where its question to the person stands."""
    if kept == len(sentences):
        return turn
    if turn.role == "user":
        return Turn(turn.role, turn.content[: sentences[kept - 1][1]] + _CUT)
    return Turn(turn.role, _CUT + turn.content[sentences[-kept][0] :])


def _most(highest: int, fits: Callable[[int], bool]) -> int:
    """The greatest n in 1..highest for which ``fits(n)``, found by halving; 0 when there is none."""
    low, high = 0, highest
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _too_long(tokens: int, limit: int) -> PromptTooLongError:
    return PromptTooLongError(
        Bilingual(
            f"Instruction and question make {tokens} tokens; the language model reads {limit}.",
            f"指令和问题共 {tokens} 个词元，超过语言模型的上限 {limit}。",
        ),
        Bilingual(
            "Shorten the question, or raise generation.input_tokens if the model can read more.",
            "请缩短问题；若模型支持更长的输入，可调大 generation.input_tokens。",
        ),
    )
