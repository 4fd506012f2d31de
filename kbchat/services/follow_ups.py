"""A question with what it leaves out put in from the conversation before it."""

from __future__ import annotations

from collections.abc import Sequence

from kbchat.answering.answerer import Answerer
from kbchat.answering.followups import resolve
from kbchat.answering.patient_context import completed_by_reply
from kbchat.app import App
from kbchat.types import Turn


def standalone_question(
    app: App, base_names: Sequence[str], turns: Sequence[Turn], question: str, answerer: Answerer | None = None
) -> str:
    """The question with what it leaves out put in from the conversation; itself when it stands alone.

    The language model of ``answerer``, where it has one, may word it.
    """
    if not turns:
        return question
    completed = completed_by_reply(turns, question)
    if completed is not None:
        turns, question = completed
        if not turns:
            return question
    names = [entity for name in base_names for entity in app.names_for(app.store.base(name)).displays()]
    resolved = resolve(list(turns), question, known_names=names)
    if answerer is None:
        return resolved.standalone_text
    return answerer.standalone(resolved, question, turns, known_names=names)
