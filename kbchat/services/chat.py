"""Questions and answers: who may ask what, follow-ups understood, everything told as it happens, kept and counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kbchat.access.table import Action
from kbchat.answering.answerer import Answerer, checked_question
from kbchat.answering.events import AnswerEvents, Final
from kbchat.answering.patient_context import completed_by_reply
from kbchat.app import DEFAULT_BASE
from kbchat.assistants.assistant import Assistant
from kbchat.errors import InvalidInputError, KbchatError
from kbchat.messages import Bilingual, Language
from kbchat.services.chat_events import (
    ChatEvent,
    ChatEvents,
    ChatRequest,
    Done,
    Draft,
    Piece,
    Progress,
    Step,
    pieces_of,
)
from kbchat.services.follow_ups import standalone_question
from kbchat.services.keeping import KeptConversation, turns_of
from kbchat.services.next_questions import follow_up_questions, follow_ups_of_kept
from kbchat.services.question_log import QuestionLog
from kbchat.services.suggestions import example_questions
from kbchat.store import StoredConversation, StoredMessage
from kbchat.text.language import language_of
from kbchat.types import Answer, Turn

if TYPE_CHECKING:
    from kbchat.services import Services

__all__ = ["ChatEvent", "ChatEvents", "ChatRequest", "ChatService", "Done", "Draft", "Piece", "Progress", "Step"]

_TURNS_READ = 20
_UNDERSTANDING = Bilingual("Understanding the question", "正在理解问题")
_UNDERSTOOD = Bilingual("Understood as: {text}", "理解为：{text}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that may be asked, with all it needs. ``replaced`` are the messages whose place it takes."""

    question: str
    bases: tuple[str, ...]
    answerer: Answerer
    history: tuple[Turn, ...]
    replaced: tuple[int, ...]
    kept: KeptConversation
    language: Language | None
    log: QuestionLog
    on_stopped: Callable[[int], None] | None


class ChatService:
    """Answers for one principal."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._app = services.app

    def ask(self, request: ChatRequest) -> ChatEvents:
        """Answer a question; what cannot be asked is told at once, other errors while the events are read.

        Raises InvalidInputError, NotFoundError (a base, assistant or conversation that does not exist for the
        principal), ForbiddenError, and whatever opening the bases raises; GeneratorError, GeneratorBusyError while the
        events are read, where the assistant needs a language model (otherwise the documents' words stand in for it).
        """
        return self._events(self._asked(request))

    def suggestions(
        self, answer: Answer, bases: Sequence[str], *, question: str = "", language: Language | None = None
    ) -> list[str]:
        """Questions that go on from an answer: sections there are for the drug at hand, but for those just shown.

        ``question`` is the one answered, standing alone (``Done.standalone``). Raises NotFoundError, ForbiddenError.
        """
        names = self._allowed(bases)
        spoken = language or language_of(question or answer.text)
        return follow_up_questions(self._app, self._app.answerer(names), answer, question, spoken)

    def suggestions_of_kept(
        self, record: Mapping[str, Any], bases: Sequence[str], *, language: Language | None = None
    ) -> list[str]:
        """The same for an answer as it was kept (its JSON without passages). Raises NotFoundError, ForbiddenError."""
        names = self._allowed(bases)
        spoken = language or language_of(str(record["question"]))
        return follow_ups_of_kept(self._app, names, record, spoken)

    def examples(self, bases: Sequence[str], language: Language) -> list[str]:
        """Questions that the documents of the bases answer, to begin with. Raises NotFoundError, ForbiddenError."""
        return example_questions(self._app, self._allowed(bases), language)

    def _asked(self, request: ChatRequest) -> _Asked:
        app, services = self._app, self._services
        conversation, messages = self._conversation(request)
        replaced = _last_pair(messages) if request.regenerate else []
        question = request.question
        if request.regenerate and not question.strip():
            question = replaced[0].text
        question = checked_question(question)
        assistant = self._assistant(request, conversation)
        bases = self._allowed(request.bases or self._default_bases(assistant, conversation))
        earlier = turns_of(messages[: len(messages) - len(replaced)]) if conversation else list(request.history)
        kept = KeptConversation(
            app,
            services.principal.user,
            bases,
            assistant.id if assistant else "",
            conversation,
            save=request.save and request.trial is None,
        )
        language = request.language or language_of(question)
        words = kept.masked(question) if kept.is_wanted else ""
        return _Asked(
            question,
            bases,
            app.answerer(bases, assistant),
            tuple(earlier[-_TURNS_READ:]),
            tuple(one.number for one in replaced),
            kept,
            request.language,
            QuestionLog(bases, assistant.id if assistant else "", language, question, words),
            request.on_stopped,
        )

    def _conversation(self, request: ChatRequest) -> tuple[StoredConversation | None, list[StoredMessage]]:
        if request.conversation_id is None:
            if request.regenerate:
                raise _nothing_asked()
            return None, []
        self._services.allow(Action.OWN_CONVERSATIONS)
        owner, store = self._services.principal.user, self._app.store
        found = store.conversation(owner, request.conversation_id)
        return found, list(self._services.conversations.readable(found))

    def _assistant(self, request: ChatRequest, conversation: StoredConversation | None) -> Assistant | None:
        if request.trial is not None:
            self._services.allow(Action.CHANGE_ASSISTANTS)
            return request.trial
        name = request.assistant or (conversation.assistant if conversation else "")
        return self._services.assistants.get(name) if name else None

    def _default_bases(self, assistant: Assistant | None, conversation: StoredConversation | None) -> tuple[str, ...]:
        if assistant is not None and assistant.knowledge_bases:
            return assistant.knowledge_bases
        if conversation is not None and conversation.bases:
            return conversation.bases
        visible = tuple(base.name for base in self._services.visible_bases())
        return (DEFAULT_BASE,) if DEFAULT_BASE in visible or not visible else visible

    def _allowed(self, names: Sequence[str]) -> tuple[str, ...]:
        """The names of the bases, all of which the principal may ask. Raises NotFoundError, ForbiddenError."""
        return tuple(dict.fromkeys(self._services.allow_on(Action.ASK, name).name for name in names))

    def _events(self, asked: _Asked) -> ChatEvents:
        services, kept, log = self._services, asked.kept, asked.log
        answer: Answer | None = None
        shown = ""
        try:
            standalone = asked.question
            if asked.history:
                yield Progress(Step.SEARCHING, _UNDERSTANDING)
                standalone = standalone_question(self._app, asked.bases, asked.history, asked.question, asked.answerer)
                if standalone != asked.question:
                    yield Progress(Step.SEARCHING, _understood(standalone))
            with closing(self._stream(asked, standalone)) as events:
                for event in events:
                    if isinstance(event, Final):
                        answer = event.answer
                        continue
                    if isinstance(event, Draft):
                        log.shows()
                        shown += event.text
                    yield event
            assert answer is not None
            shown = ""
            for piece in pieces_of(answer.text):
                log.shows()
                shown += piece
                yield Piece(piece)
        except GeneratorExit:  # the reader left
            with self._app.store.together():
                kept.add_stopped(asked.question, shown, answer, instead_of=asked.replaced)
                log.stopped(services, answer, kept.id)
            if asked.on_stopped is not None and kept.id is not None:
                asked.on_stopped(kept.id)
            raise
        except KbchatError:
            with self._app.store.together():
                log.failed(services)
            raise
        with self._app.store.together():
            number = kept.add(asked.question, answer, instead_of=asked.replaced)
            row = log.answered(services, answer, kept.id)
        yield Done(answer, kept.id if number is not None else None, number, row, standalone)

    @staticmethod
    def _stream(asked: _Asked, standalone: str) -> AnswerEvents:
        completed = completed_by_reply(asked.history, asked.question)
        text = asked.question if completed is None else completed[1]
        return asked.answerer.stream(text, standalone=standalone, history=asked.history, language=asked.language)


def _last_pair(messages: Sequence[StoredMessage]) -> list[StoredMessage]:
    """The last question of a conversation and what follows it. Raises InvalidInputError when there is none."""
    begin = max((i for i, one in enumerate(messages) if one.role == "user"), default=None)
    if begin is None:
        raise _nothing_asked()
    return list(messages[begin:])


def _understood(text: str) -> Bilingual:
    return Bilingual(_UNDERSTOOD.en.format(text=text), _UNDERSTOOD.zh.format(text=text))


def _nothing_asked() -> InvalidInputError:
    return InvalidInputError(
        Bilingual("There is no question to ask again.", "没有可以重新提问的问题。"),
        Bilingual("Ask a question first.", "请先提出一个问题。"),
    )
