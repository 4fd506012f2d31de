"""Keys of programs: ``kbc_<prefix>_<secret>``.

The prefix finds the key, the secret proves it. Of the whole only a SHA-256 is kept. A slow hash (scrypt) protects what
people choose; against 256 random bits guessing is hopeless at any speed, and a slow hash on every request would only
let strangers keep the processor busy.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

_PREFIX_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0, 1: a person may read it out
_PREFIX_LENGTH = 12
_SECRET_BYTES = 32
_FORM = re.compile(r"kbc_([a-z2-9]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. ``text`` is shown once and kept nowhere."""

    prefix: str
    text: str = field(repr=False)
    hash: str


def new_key() -> NewKey:
    """A key of 256 random bits."""
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(_PREFIX_LENGTH))
    text = f"kbc_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    return NewKey(prefix, text, hash_of(text))


def prefix_of(text: str) -> str:
    """The prefix of a key; empty when the text has not the form of one."""
    found = _FORM.fullmatch(text)
    return found[1] if found else ""


def hash_of(text: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(text.encode()).hexdigest()


def fits(text: str, kept: str) -> bool:
    """Whether the key is the one that ``kept`` was made of; takes as long for every wrong one."""
    return hmac.compare_digest(hash_of(text), kept)
