"""The HTTP service: OpenAI-compatible chat, the management API and the widget.

Routes translate between HTTP and :class:`kbchat.services.Services`; who may do what is decided there.
"""

from __future__ import annotations

__all__: list[str] = []
