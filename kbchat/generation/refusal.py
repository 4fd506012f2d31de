"""The one refusal: prompts ask for it, answers begin with it, checks and tests look for it."""

from __future__ import annotations

import re

from kbchat.messages import Bilingual

NO_EVIDENCE = Bilingual(
    "The documents hold no answer to this question.",
    "资料中没有找到能回答这个问题的内容。",
)

_DECORATION = re.compile(r"[\s\W_]+")


def is_refusal(text: str) -> bool:
    """Whether a generated text is the refusal, in either language, whatever quotes and marks stand around it.

    A text that begins with the refusal and then answers after all counts too: a model that does both cannot be believed.
    """
    bare = _DECORATION.sub("", text).casefold()
    return any(bare.startswith(_DECORATION.sub("", words).casefold()) for words in (NO_EVIDENCE.en, NO_EVIDENCE.zh))
