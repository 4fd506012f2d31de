"""Tokens as an estimate: an answer of quotes has no tokens of a model, and models count differently."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kbchat.server.openai.schema import Usage

_WIDE = re.compile(r"[\u3000-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_PER_TOKEN = 4


def estimated_tokens(text: str) -> int:
    """One for each Chinese character and each four others (OpenAI's rule of thumb); 0 for nothing."""
    wide = len(_WIDE.findall(text))
    return wide + -(-(len(text) - wide) // _PER_TOKEN)


def usage_of(sent: Iterable[str], answered: str) -> Usage:
    """The estimate for one exchange."""
    prompt, completion = sum(map(estimated_tokens, sent)), estimated_tokens(answered)
    return Usage(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)
