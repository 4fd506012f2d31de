"""All assistants there are: the built-in ones, and those that people made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Protocol

from kbchat.assistants.assistant import Assistant
from kbchat.assistants.toml_format import assistant_from_toml
from kbchat.errors import ConflictError, NotFoundError
from kbchat.messages import Bilingual

# The order in which they are shown.
BUILT_IN = ("medication", "health-education", "consultation", "report", "exam", "record", "general")


class AssistantRepository(Protocol):
    """Where assistants made by people are kept; the store has one."""

    def assistants(self) -> Iterable[Assistant]:
        """All of them, in no particular order."""

    def save_assistant(self, assistant: Assistant) -> None:
        """Keep ``assistant``, in place of the one with the same id."""

    def delete_assistant(self, assistant_id: str) -> bool:
        """Remove one; False when there is none."""


@cache
def built_in_assistants() -> tuple[Assistant, ...]:
    """The assistants that come with kbchat, in the order of ``BUILT_IN``."""
    folder = resources.files("kbchat.assistants").joinpath("builtin")
    return tuple(
        assistant_from_toml(folder.joinpath(f"{name}.toml").read_text("utf-8"), built_in=True) for name in BUILT_IN
    )


class AssistantShelf:
    """Finds, keeps and removes assistants. One kept under a built-in's id stands in its place until it is deleted."""

    def __init__(self, repository: AssistantRepository) -> None:
        self._repository = repository

    def all(self) -> list[Assistant]:
        """Built-in ones first, in their order, then the others by id."""
        kept = {one.id: one for one in self._repository.assistants()}
        first = [kept.pop(one.id, one) for one in built_in_assistants()]
        return [*first, *(kept[key] for key in sorted(kept))]

    def get(self, name: str) -> Assistant:
        """The assistant with this id, or else with this name in either language. Raises NotFoundError naming all."""
        known = self.all()
        by_id = [one for one in known if one.id == name.strip()]
        found = next(iter(by_id or [one for one in known if one.called(name)]), None)
        if found is None:
            raise NotFoundError(
                Bilingual(f"There is no assistant “{name}”.", f"没有名为“{name}”的助手。"),
                Bilingual(
                    f"Assistants: {', '.join(f'{one.id} ({one.name.en})' for one in known)}.",
                    f"现有助手：{'、'.join(f'{one.id}（{one.name.zh}）' for one in known)}。",
                ),
            )
        return found

    def create(self, assistant: Assistant) -> Assistant:
        """Keep a new assistant. Raises ConflictError when its id or one of its names is taken."""
        self._refuse_taken(assistant, self.all())
        return self._kept(assistant)

    def edit(self, assistant: Assistant) -> Assistant:
        """Keep a changed assistant. Raises NotFoundError when there is none with its id, ConflictError for a taken name."""
        self.get(assistant.id)
        self._refuse_taken(assistant, [one for one in self.all() if one.id != assistant.id])
        return self._kept(assistant)

    def delete(self, name: str) -> None:
        """Remove an assistant; a changed built-in one becomes as it was. Raises NotFoundError, ConflictError."""
        found = self.get(name)
        if not self._repository.delete_assistant(found.id):
            raise ConflictError(
                Bilingual(f"“{found.id}” is built in.", f"“{found.id}”是内置助手。"),
                Bilingual("Built-in assistants can be changed, not deleted.", "内置助手可以修改，但不能删除。"),
            )

    def _kept(self, assistant: Assistant) -> Assistant:
        plain = replace(assistant, built_in=False)
        self._repository.save_assistant(plain)
        return plain

    @staticmethod
    def _refuse_taken(assistant: Assistant, others: list[Assistant]) -> None:
        names = (assistant.id, assistant.name.zh, assistant.name.en)
        taken = next((name for name in names for one in others if one.called(name)), None)
        if taken is not None:
            raise ConflictError(
                Bilingual(f"There is an assistant “{taken}” already.", f"已有名为“{taken}”的助手。"),
                Bilingual("Choose another id and name, or edit that one.", "请换一个标识和名称，或修改已有的助手。"),
            )
