"""Assistants: those a principal can use, and changing them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kbchat.access.table import Action
from kbchat.assistants.assistant import Assistant
from kbchat.assistants.shelf import built_in_assistants
from kbchat.assistants.toml_format import assistant_from_toml, assistant_from_values, assistant_to_toml
from kbchat.errors import NotFoundError
from kbchat.messages import Bilingual

if TYPE_CHECKING:
    from kbchat.services import Services

_LONGEST_ID = 64
_COPY = Bilingual("copy", "副本")


class AssistantService:
    """The assistants for one principal."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._shelf = services.app.assistants

    def list(self) -> list[Assistant]:
        """Those whose knowledge bases exist for the principal; built-in ones first. Raises ForbiddenError."""
        self._services.allow(Action.READ_ASSISTANTS)
        if self._services.may(Action.CHANGE_ASSISTANTS):
            return self._shelf.all()
        visible = {base.name for base in self._services.visible_bases()}
        return [one for one in self._shelf.all() if visible.issuperset(one.knowledge_bases)]

    def get(self, name: str) -> Assistant:
        """The assistant with this id or name. Raises NotFoundError naming those there are, ForbiddenError."""
        known = self.list()
        by_id = [one for one in known if one.id == name.strip()]
        for one in by_id or known:
            if one.called(name):
                return one
        raise NotFoundError(
            Bilingual(f"There is no assistant “{name[:80]}”.", f"没有名为“{name[:80]}”的助手。"),
            Bilingual(
                f"Assistants: {', '.join(f'{one.id} ({one.name.en})' for one in known)}.",
                f"现有助手：{'、'.join(f'{one.id}（{one.name.zh}）' for one in known)}。",
            ),
        )

    def can_be_reset(self, name: str) -> bool:
        """Whether deleting it brings back a built-in assistant as it was."""
        found = self.get(name)
        return not found.built_in and any(one.id == found.id for one in built_in_assistants())

    def save(self, assistant: Assistant | Mapping[str, Any]) -> Assistant:
        """Keep a new or changed assistant; values have the keys of its TOML form.

        Raises InvalidInputError naming each wrong key, ConfigurationError for a generator that is none, ConflictError
        for a name that is taken, ForbiddenError.
        """
        self._services.allow(Action.CHANGE_ASSISTANTS)
        wanted = assistant if isinstance(assistant, Assistant) else assistant_from_values(dict(assistant))
        checked = assistant_from_toml(assistant_to_toml(wanted))
        if checked.generator:
            self._services.app.generator(assistant=checked)
        exists = any(one.id == checked.id for one in self._shelf.all())
        kept = self._shelf.edit(checked) if exists else self._shelf.create(checked)
        self._record(kept.id, "changed" if exists else "created")
        return kept

    def duplicate(self, name: str, new_id: str = "") -> Assistant:
        """A copy under another id and name. Raises as :meth:`save`."""
        self._services.allow(Action.CHANGE_ASSISTANTS)
        found = self.get(name)
        known = self._shelf.all()
        key = new_id.strip() or _free_id(found.id, {one.id for one in known})
        taken = {text for one in known for text in (one.name.zh, one.name.en)}
        copied = Bilingual(
            _free_name(f"{found.name.en} ({_COPY.en}", ")", taken),
            _free_name(f"{found.name.zh}（{_COPY.zh}", "）", taken),
        )
        return self.save(replace(found, id=key, name=copied, built_in=False))

    def delete(self, name: str) -> None:
        """Remove one; a changed built-in one becomes as it was. Raises NotFoundError, ConflictError, ForbiddenError."""
        self._services.allow(Action.CHANGE_ASSISTANTS)
        found = self.get(name)
        self._shelf.delete(found.id)
        self._record(found.id, "deleted")

    def export_toml(self, name: str) -> str:
        """An assistant as TOML. Raises NotFoundError, ForbiddenError."""
        self._services.allow(Action.CHANGE_ASSISTANTS)
        return assistant_to_toml(self.get(name))

    def import_toml(self, text: str) -> Assistant:
        """Keep the assistant that ``text`` describes, in place of one with its id. Raises as :meth:`save`."""
        self._services.allow(Action.CHANGE_ASSISTANTS)
        return self.save(assistant_from_toml(text.removeprefix("\ufeff")))

    def _record(self, assistant_id: str, outcome: str) -> None:
        self._services.record(Action.CHANGE_ASSISTANTS, object=f"assistant {assistant_id}", outcome=outcome)


def _free_id(key: str, taken: set[str]) -> str:
    stem = re.sub(r"-\d+$", "", key)
    number = 2
    while (made := f"{stem[: _LONGEST_ID - 4]}-{number}") in taken:
        number += 1
    return made


def _free_name(head: str, tail: str, taken: set[str]) -> str:
    made, number = head + tail, 2
    while made in taken:
        made, number = f"{head} {number}{tail}", number + 1
    return made
