"""What happens on the chat page: asking, stopping, taking in an answer, opening a conversation."""

from __future__ import annotations

import time
from collections.abc import Iterator

from kbchat.errors import KbchatError
from kbchat.messages import Language
from kbchat.services import Services
from kbchat.services.answer_json import answer_json
from kbchat.services.chat import ChatEvent, ChatRequest, Done
from kbchat.services.keeping import STOPPED
from ui.components.asking import Asking, Suggested
from ui.components.chat_state import ChatState, ShownMessage
from ui.i18n import language

_STOP_SECONDS = 3.0


def ask(services: Services, state: ChatState, question: str) -> None:
    """Begin to answer ``question`` in the open conversation."""
    _begin(services, state, question, regenerate=False)


def regenerate(services: Services, state: ChatState, question: str = "") -> None:
    """Answer the last question anew, or ``question`` in its place."""
    asked = next((one.text for one in reversed(state.messages) if one.role == "user"), "")
    if not asked:
        return
    while state.messages and state.messages[-1].role != "user":
        state.messages.pop()
    state.messages.pop()
    _begin(services, state, question or asked, regenerate=True)


def _begin(services: Services, state: ChatState, question: str, *, regenerate: bool) -> None:
    if state.asking is not None or not question.strip():
        return
    kept = state.conversation is not None
    request = ChatRequest(
        question=question.strip(),
        bases=state.bases,
        assistant=state.assistant,
        conversation_id=state.conversation,
        save=state.saved,
        history=() if kept else state.history(),
        regenerate=regenerate and kept,
    )
    spoken = language()
    state.problem, state.failed, state.editing, state.unanswered = None, False, False, ""
    state.suggestions, state.source, state.closed = [], None, ""
    state.asked_at, state.asked = time.time(), state.asked + 1
    state.asking = Asking(request.question, lambda: _events(services, request, spoken))


def _events(services: Services, request: ChatRequest, spoken: Language) -> Iterator[ChatEvent | Suggested]:
    """The events of an answer, and then what can be asked next."""
    done: Done | None = None
    for event in services.chat.ask(request):
        if isinstance(event, Done):
            done = event
        yield event
    if done is not None:
        try:
            yield Suggested(
                tuple(services.chat.suggestions(done.answer, request.bases, question=done.standalone, language=spoken))
            )
        except KbchatError:  # the answer is there; what to ask next may be missing
            return


def stop(services: Services, state: ChatState) -> None:
    """End the answer under way; what was shown of it stays."""
    asking = state.asking
    if asking is None:
        return
    asking.stop()
    heard = asking.until_ended(_STOP_SECONDS)
    if heard.done is not None or heard.error is not None or heard.failed:  # it was over before it could be stopped
        settle(services, state)
        return
    state.asking = None
    if heard.ended and state.conversation is None and state.saved:
        state.conversation = _begun_since(services, state.asked_at)
    if heard.ended and state.conversation is not None:
        _read(services, state, state.conversation)
        return
    shown = heard.text or heard.draft
    document = {"question": asking.question, "text": shown, "outcome": STOPPED, "unchecked": not heard.text}
    state.messages += [ShownMessage("user", asking.question), ShownMessage("assistant", shown, document)]


def _begun_since(services: Services, moment: float) -> int | None:
    """The conversation that was begun with the question asked at ``moment``; None when nothing was kept."""
    newest = services.conversations.list(limit=5)
    begun = [one.id for one in newest.items if one.created_at.timestamp() >= moment - 1]
    return begun[0] if begun else None


def settle(services: Services, state: ChatState) -> None:
    """Take in the answer, or what went wrong, once nothing more comes."""
    asking = state.asking
    if asking is None:
        return
    heard = asking.heard()
    state.asking = None
    if heard.done is None:
        state.problem, state.failed, state.unanswered = heard.error, heard.error is None, asking.question
        if state.conversation is not None:
            _read(services, state, state.conversation)
        return
    state.suggestions = list(heard.suggestions)
    if heard.done.conversation_id is not None:
        _read(services, state, heard.done.conversation_id)
        return
    document = answer_json(asking.question, heard.done.answer)
    state.messages += [
        ShownMessage("user", asking.question),
        ShownMessage("assistant", heard.done.answer.text, document),
    ]


def open_conversation(services: Services, state: ChatState, conversation_id: int) -> None:
    """Show a kept conversation, and choose what it was asked of. Raises NotFoundError, also for another person's."""
    about = services.conversations.get(conversation_id).about
    state.clear()
    _read(services, state, conversation_id)
    state.choices += 1
    state.assistant, state.bases = about.assistant or state.assistant, about.bases or state.bases


def _read(services: Services, state: ChatState, conversation_id: int) -> None:
    kept = services.conversations.get(conversation_id)
    state.conversation, state.title, state.saved = kept.about.id, kept.about.title, True
    state.messages = [ShownMessage(one.role, one.text, one.answer, one.number) for one in kept.messages]
    state.verdicts = {one.number: one.verdict for one in kept.messages if one.verdict}
