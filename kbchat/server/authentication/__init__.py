"""Who asks: API keys, signed host tokens, OpenID Connect, a trusted proxy, or the one user of this machine.

No cookie is ever read or set. What a client presents is verified by exactly one way, chosen by its shape; a credential
that is presented and not valid is refused, never skipped in favour of a weaker way.
"""

from __future__ import annotations

from kbchat.server.authentication.authenticator import Authenticator

__all__ = ["Authenticator"]
