"""httpx with the patience of a busy machine: its own limit, five seconds, is soon over where tests share two cores.

Everything asked here is plain HTTP on loopback, so no certificates are loaded for each question (``verify``).
"""

from __future__ import annotations

from functools import partial

import httpx

SECONDS = 90.0
"""How long anything may take that only must end."""

_PATIENCE = {"timeout": SECONDS, "verify": False, "trust_env": False}

get = partial(httpx.get, **_PATIENCE)
post = partial(httpx.post, **_PATIENCE)
put = partial(httpx.put, **_PATIENCE)
patch = partial(httpx.patch, **_PATIENCE)
delete = partial(httpx.delete, **_PATIENCE)
options = partial(httpx.options, **_PATIENCE)
stream = partial(httpx.stream, **_PATIENCE)
Client = partial(httpx.Client, **_PATIENCE)
