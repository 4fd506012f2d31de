"""Alembic's entry: run the steps on the connection that kbchat.store.upgrading hands over."""

from __future__ import annotations

from alembic import context

from kbchat.store import schema_operation

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=schema_operation.jobs.metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
