"""Assistants made or changed by people, kept as TOML."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, insert, select

from kbchat.assistants.assistant import Assistant
from kbchat.assistants.toml_format import assistant_from_toml, assistant_to_toml
from kbchat.store import schema
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import storable

_assistants = schema.assistants


class Assistants(DatabasePart):
    """An :class:`~kbchat.assistants.shelf.AssistantRepository` in the store."""

    def assistants(self) -> list[Assistant]:
        """All that are kept, by id."""
        with self._database.read() as connection:
            kept = connection.scalars(select(_assistants.c.toml).order_by(_assistants.c.id)).all()
        return [assistant_from_toml(text) for text in kept]

    def save_assistant(self, assistant: Assistant) -> None:
        """Keep ``assistant``, in place of the one with the same id."""
        values = {
            "id": assistant.id,
            "toml": storable(assistant_to_toml(assistant)),
            "updated_at": datetime.now(UTC),
        }
        with self._database.write() as connection:
            connection.execute(delete(_assistants).where(_assistants.c.id == assistant.id))
            connection.execute(insert(_assistants).values(**values))

    def delete_assistant(self, assistant_id: str) -> bool:
        """Remove one; False when there is none."""
        with self._database.write() as connection:
            found = connection.execute(delete(_assistants).where(_assistants.c.id == assistant_id))
            return bool(found.rowcount)
