"""Whose conversations ``kbchat chat`` keeps, and which it goes on with."""

from __future__ import annotations

import getpass

from kbchat.app import App
from kbchat.errors import NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import StoredConversation


def local_user() -> str:
    """The name conversations of this command line are kept under."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run under a number without a name
        return "local"


def resumed(app: App, conversation_id: int | None) -> StoredConversation:
    """The conversation with this id, or the one used last. Raises NotFoundError."""
    if conversation_id is not None:
        return app.store.conversation(local_user(), conversation_id)
    latest = app.store.conversations(local_user(), limit=1)
    if not latest:
        raise NotFoundError(
            Bilingual("There is no conversation to resume.", "没有可以继续的对话。"),
            Bilingual("Begin one with `kbchat chat`.", "请用 `kbchat chat` 开始新对话。"),
        )
    return latest[0]
