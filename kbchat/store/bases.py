"""Knowledge bases: create, find, rename, delete."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from kbchat.errors import ConflictError, InvalidInputError, NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import schema
from kbchat.store import schema_operation as operation
from kbchat.store.committing import reserve
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import storable
from kbchat.store.records import KnowledgeBase

_NAME_LENGTH = 200
# Every question looks for its bases: these statements are put together once.
_ALL = select(schema.bases).order_by(schema.bases.c.name)
_NAMED = select(schema.bases).where(schema.bases.c.name == bindparam("wanted"))


class Bases(DatabasePart):
    """The knowledge bases of the store."""

    def create_base(self, name: str, *, description: str = "", embedder: str = "", dimension: int = 0) -> KnowledgeBase:
        """A new, empty knowledge base.

        Raises InvalidInputError for a name that cannot be used, ConflictError for one that is taken.
        """
        kept = _usable_name(name)
        values: dict[str, Any] = {
            "uid": uuid4().hex,
            "name": kept,
            "description": description,
            "embedder": embedder if dimension else "",
            "dimension": dimension,
            "epoch": 0,
            "created_at": datetime.now(UTC),
        }
        with self._database.write() as connection:
            _refuse_taken(connection, kept)
            result = connection.execute(insert(schema.bases).values(**values))
            key = result.inserted_primary_key
            assert key is not None
            return KnowledgeBase(id=int(key[0]), **values)

    def base(self, name: str) -> KnowledgeBase:
        """The knowledge base of this name. Raises NotFoundError, naming those that exist."""
        with self._database.read() as connection:
            row = connection.execute(_NAMED, {"wanted": name.strip()}).first()
            if row is not None:
                return _base(row)
            names = connection.scalars(select(schema.bases.c.name).order_by(schema.bases.c.name)).all()
        raise _no_such_base(name, list(names))

    def bases(self) -> list[KnowledgeBase]:
        """All knowledge bases by name."""
        with self._database.read() as connection:
            return [_base(row) for row in connection.execute(_ALL)]

    def rename_base(self, name: str, new_name: str) -> KnowledgeBase:
        """Give a knowledge base another name. Raises NotFoundError, InvalidInputError, ConflictError."""
        base = self.base(name)
        kept = _usable_name(new_name)
        with self._database.write() as connection:
            if kept != base.name:
                _refuse_taken(connection, kept)
            connection.execute(update(schema.bases).where(schema.bases.c.id == base.id).values(name=kept))
        return self.base(kept)

    def describe_base(self, name: str, description: str) -> KnowledgeBase:
        """Give a knowledge base another description. Raises NotFoundError."""
        base = self.base(name)
        with self._database.write() as connection:
            connection.execute(
                update(schema.bases).where(schema.bases.c.id == base.id).values(description=storable(description))
            )
        return self.base(name)

    def close_base_to(self, name: str, groups: Sequence[str]) -> KnowledgeBase:
        """Let only members of ``groups`` see a knowledge base; without any, everybody. Raises NotFoundError."""
        base = self.base(name)
        kept = sorted({storable(group.strip()) for group in groups} - {""})
        with self._database.write() as connection:
            connection.execute(update(schema.bases).where(schema.bases.c.id == base.id).values(groups=kept))
        return self.base(name)

    def delete_base(self, name: str) -> None:
        """Delete a knowledge base with all its documents, revisions and originals. Raises NotFoundError."""
        base = self.base(name)
        with self._database.write() as connection:
            reserve(connection, "change", 1)  # readers keep texts in memory: this tells them to forget
            unused = _delete_rows(connection, base.id)
        shutil.rmtree(self._layout.index_folder(base.id), ignore_errors=True)
        for sha256 in unused:
            (self._layout.files / sha256).unlink(missing_ok=True)


def _delete_rows(connection: Connection, base_id: int) -> list[str]:
    """Delete everything of a base; returns the hashes of originals that no other base refers to."""
    documents = select(schema.documents.c.id).where(schema.documents.c.base_id == base_id)
    revisions = select(schema.revisions.c.id).where(schema.revisions.c.document_id.in_(documents))
    hashes = set(
        connection.scalars(select(schema.revisions.c.sha256).where(schema.revisions.c.document_id.in_(documents)))
    )
    jobs = select(operation.jobs.c.id).where(operation.jobs.c.base_id == base_id)
    connection.execute(delete(operation.job_files).where(operation.job_files.c.job_id.in_(jobs)))
    for table in (schema.changes, schema.ingest_runs, operation.jobs, operation.test_cases, operation.test_runs):
        connection.execute(delete(table).where(table.c.base_id == base_id))
    for table in (schema.vectors, schema.chunks, schema.sections, schema.pages):
        connection.execute(delete(table).where(table.c.revision_id.in_(revisions)))
    connection.execute(delete(schema.revisions).where(schema.revisions.c.document_id.in_(documents)))
    connection.execute(delete(schema.documents).where(schema.documents.c.base_id == base_id))
    connection.execute(delete(schema.bases).where(schema.bases.c.id == base_id))
    kept = set(connection.scalars(select(schema.revisions.c.sha256).distinct()))
    return sorted(hashes - kept)


def _usable_name(name: str) -> str:
    kept = name.strip()
    fits_an_address = "/" not in kept and kept not in (".", "..")  # names are parts of paths of the HTTP service
    if kept and len(kept) <= _NAME_LENGTH and kept.isprintable() and fits_an_address:
        return kept
    raise InvalidInputError(
        Bilingual(f"{name[:60]!r} cannot be the name of a knowledge base.", f"{name[:60]!r} 不能用作知识库名称。"),
        Bilingual(
            f"Use 1 to {_NAME_LENGTH} printable characters without `/`, for example `pharmacy`.",
            f"请使用 1 到 {_NAME_LENGTH} 个可见字符，不能含“/”，例如 `pharmacy`。",
        ),
    )


def _refuse_taken(connection: Connection, name: str) -> None:
    if connection.scalar(select(schema.bases.c.id).where(schema.bases.c.name == name)) is not None:
        raise ConflictError(
            Bilingual(f"There is already a knowledge base named {name!r}.", f"名为 {name!r} 的知识库已存在。"),
            Bilingual("Use that one, or choose another name.", "请使用它，或换一个名称。"),
        )


def _no_such_base(name: str, names: list[str]) -> NotFoundError:
    listed = ", ".join(names)
    exist = Bilingual(
        f"Existing ones: {listed}." if names else "There is none yet.",
        f"已有：{'、'.join(names)}。" if names else "目前还没有任何知识库。",
    )
    return NotFoundError(
        Bilingual(f"There is no knowledge base named {name!r}. {exist.en}", f"没有名为 {name!r} 的知识库。{exist.zh}"),
        Bilingual(
            f"Create it with `kbchat kb create {name}`, or name another with --kb.",
            f"请用 `kbchat kb create {name}` 创建，或用 --kb 指定其他知识库。",
        ),
    )


def _base(row: Row[Any]) -> KnowledgeBase:
    values = row._asdict()
    return KnowledgeBase(**{**values, "groups": tuple(values["groups"])})
