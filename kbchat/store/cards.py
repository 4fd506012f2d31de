"""Correcting the card of a document: the current revision's card is changed in place, and the indexes are told."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update

from kbchat.errors import ConflictError, EmbedderMismatchError
from kbchat.messages import Bilingual
from kbchat.store import schema
from kbchat.store.committing import record_changes
from kbchat.store.corrections import changed_fields, corrected_card_out, corrected_fields
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import card_in, storable, vectors_out
from kbchat.types import DocumentCard

_documents, _revisions, _sections = schema.documents, schema.revisions, schema.sections


class Cards(DatabasePart):
    """Cards that people correct."""

    def change_card(
        self, revision_id: int, card: DocumentCard, *, vectors: NDArray[np.float32] | None = None
    ) -> DocumentCard:
        """Give a current revision another card; returns the card it had.

        What differs is remembered as a person's correction (see ``corrections``). Sections about the document as a
        whole carry its title as their subject; they follow a new title. ``vectors``
        take the place of the revision's own, where embedding the new title made others.

        Raises ConflictError when the revision is no longer the current one, EmbedderMismatchError for wrong vectors.
        """
        with self._database.write() as connection:
            row = connection.execute(
                select(
                    _documents.c.id,
                    _documents.c.base_id,
                    _documents.c.retired_at,
                    _revisions.c.card,
                    _revisions.c.chunks,
                )
                .join(_revisions, _revisions.c.id == _documents.c.current_revision_id)
                .where(_revisions.c.id == revision_id)
            ).first()
            if row is None:
                raise _not_current()
            before = card_in(row.card)
            stored = corrected_card_out(card, corrected_fields(row.card) | changed_fields(before, card))
            connection.execute(update(_revisions).where(_revisions.c.id == revision_id).values(card=stored))
            if card.title != before.title:
                about_all = (_sections.c.revision_id == revision_id) & (_sections.c.subject == storable(before.title))
                connection.execute(update(_sections).where(about_all).values(subject=storable(card.title)))
            if vectors is not None:
                base = connection.execute(select(schema.bases).where(schema.bases.c.id == row.base_id)).one()
                if vectors.shape != (row.chunks, base.dimension):
                    raise _wrong_vectors()
                of_base = (schema.vectors.c.revision_id == revision_id) & (schema.vectors.c.embedder == base.embedder)
                connection.execute(update(schema.vectors).where(of_base).values(data=vectors_out(vectors)))
            # Retired documents too: the change tells every process that the card it may keep is old.
            action = "add" if row.retired_at is None else "remove"
            record_changes(connection, row.base_id, [(row.id, revision_id, action)])
        return before


def _not_current() -> ConflictError:
    return ConflictError(
        Bilingual("The document was replaced by a newer revision meanwhile.", "该文档已被更新的版本取代。"),
        Bilingual("Open the document again and repeat the change.", "请重新打开该文档后再修改。"),
    )


def _wrong_vectors() -> EmbedderMismatchError:
    return EmbedderMismatchError(
        Bilingual("The vectors do not fit the document's chunks.", "向量与文档片段不符。"),
        Bilingual("Repeat the change.", "请重试。"),
    )
