"""Words of the chat page."""

from __future__ import annotations

from kbchat.messages import Bilingual

TITLE = Bilingual("Ask the documents", "查阅资料")
