"""Kept answers, and what of them somebody may read now.

A conversation is its owner's, but its answers are words of documents. Who may no longer see a knowledge base (a token
limited to others, a group left) must not read them in an old conversation either: such an answer is withheld as a whole,
for its sentences repeat what it cites. Questions are the owner's own and stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kbchat.access.principal import Principal
from kbchat.access.table import sees
from kbchat.messages import Bilingual
from kbchat.store import Store, StoredMessage

WITHHELD = "withheld"
"""The outcome of an answer that is not shown."""
NOTICE = Bilingual(
    "This answer is from a knowledge base that you may not read now, so it is not shown.",
    "该回答出自您目前无权查看的知识库，因此不予显示。",
)


class Withholding:
    """What is withheld from one principal, as knowledge bases stand now. Make one for each request.

    A knowledge base that was deleted withholds nothing, unless the principal is limited to others.
    """

    def __init__(self, store: Store, principal: Principal) -> None:
        self._store = store
        self._limits = principal.bases
        bases = store.bases()
        self._hidden = {base.name for base in bases if not sees(principal, base)}
        self._hidden_ids = {base.id for base in bases if base.name in self._hidden}

    @property
    def is_possible(self) -> bool:
        """Whether there may be anything to withhold."""
        return self._limits is not None or bool(self._hidden)

    def shown_bases(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of the names that may be told."""
        return tuple(name for name in names if not self._hides_base(name))

    def readable(self, messages: Sequence[StoredMessage], asked_of: Sequence[str]) -> list[StoredMessage]:
        """The messages; of answers to be withheld only that there is one. ``asked_of``: the conversation's bases."""
        if not self.is_possible:
            return list(messages)
        hidden = self._hidden_revisions(one.answer for one in messages)
        return [
            replace(one, text="", outcome=WITHHELD, answer=None)
            if one.role == "assistant" and self._hides(one.answer or {}, asked_of, hidden)
            else one
            for one in messages
        ]

    def take_out(self, messages: Sequence[dict[str, Any]], asked_of: Sequence[str]) -> None:
        """The same for messages as rows: the text and the JSON of answers to be withheld are emptied."""
        if not self.is_possible:
            return
        hidden = self._hidden_revisions(one["answer"] for one in messages)
        for one in messages:
            if one["role"] == "assistant" and self._hides(one["answer"] or {}, asked_of, hidden):
                one |= {"text": "", "outcome": WITHHELD, "answer": None}

    def hides_any(self, names: Sequence[str]) -> bool:
        """Whether one of the knowledge bases may not be read."""
        return any(self._hides_base(name) for name in names)

    def _hides(self, answer: Mapping[str, Any], asked_of: Sequence[str], hidden_revisions: set[int]) -> bool:
        if self.hides_any([str(name) for name in answer.get("bases") or asked_of]):
            return True
        return not hidden_revisions.isdisjoint(_cited(answer))

    def _hides_base(self, name: str) -> bool:
        return name in self._hidden or (self._limits is not None and name not in self._limits)

    def _hidden_revisions(self, answers: Iterable[Mapping[str, Any] | None]) -> set[int]:
        cited = {revision for one in answers for revision in _cited(one or {})}
        if not cited or not self._hidden_ids:
            return set()
        owners = self._store.bases_of_revisions(cited)
        return {revision for revision, base_id in owners.items() if base_id in self._hidden_ids}


def _cited(answer: Mapping[str, Any]) -> list[int]:
    return [int(one["revision"]) for one in answer.get("citations", ())]
