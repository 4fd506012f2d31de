"""What happens on the chat page: asking, stopping, taking in an answer, opening a conversation."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from kbchat.errors import KbchatError
from kbchat.services import Services
from kbchat.services.answer_json import answer_json
from kbchat.services.chat import ChatRequest
from kbchat.services.keeping import STOPPED
from ui.components.asking import Asking
from ui.components.chat_state import ChatState, ShownMessage
from ui.i18n import language

_STOP_SECONDS = 3.0
_AT_ONCE = 0.4
"""Seconds in which an answer may come whole: then the page is drawn once, not first with the question alone."""
one_at_a_time = threading.Lock()
"""Held by the one for whom is worked out what to ask next."""


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
    kept_as: list[int] = []
    request = ChatRequest(
        question=question.strip(),
        bases=state.bases,
        assistant=state.assistant,
        conversation_id=state.conversation,
        save=state.saved,
        history=() if kept else state.history(),
        regenerate=regenerate and kept,
        on_stopped=kept_as.append,
    )
    state.problem, state.failed, state.editing, state.unanswered = None, False, False, ""
    state.suggestions, state.answered, state.source, state.closed = None, None, None, ""
    state.kept_as, state.asked = kept_as, state.asked + 1
    state.asking = Asking(request.question, lambda: services.chat.ask(request))
    if state.asking.at_once(_AT_ONCE).ended:
        settle(services, state)


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
    if heard.ended and state.conversation is None and state.kept_as:
        state.conversation = state.kept_as[0]
    if heard.ended and state.conversation is not None:
        _read(services, state, state.conversation)
        return
    shown = heard.text or heard.draft
    document = {"question": asking.question, "text": shown, "outcome": STOPPED, "unchecked": not heard.text}
    state.messages += [ShownMessage("user", asking.question), ShownMessage("assistant", shown, document)]


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
    state.answered = heard.done
    if heard.done.conversation_id is not None:
        _read(services, state, heard.done.conversation_id)
        return
    document = answer_json(asking.question, heard.done.answer)
    state.messages += [
        ShownMessage("user", asking.question),
        ShownMessage("assistant", heard.done.answer.text, document),
    ]


def suggestions(services: Services, state: ChatState) -> list[str]:
    """What can be asked after the last answer; worked out once for each answer, also for one made long ago."""
    if state.suggestions is None:
        last = state.messages[-1] if state.messages else None
        state.suggestions = [] if last is None or last.document is None else _worked_out(services, state, last.document)
    return state.suggestions


def _worked_out(services: Services, state: ChatState, document: Mapping[str, Any]) -> list[str]:
    chat, made = services.chat, state.answered
    try:
        if made is not None:
            return chat.suggestions(made.answer, state.bases, question=made.standalone, language=language())
        return chat.suggestions_of_kept(document, state.bases, language=language())
    except KbchatError:  # the answer is there; what to ask next may be missing
        return []


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
