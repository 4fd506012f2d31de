"""Which kinds of sections revisions have, without their texts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from kbchat.store import schema
from kbchat.store.database import DatabasePart
from kbchat.store.records import SectionSummary
from kbchat.types import SectionKind

_sections = schema.sections


class Outlines(DatabasePart):
    """What documents are about, part by part."""

    def section_kinds(self, revision_ids: Sequence[int]) -> list[SectionSummary]:
        """The kinds of sections of each revision by subject, in the order of the document, with their length."""
        columns = (_sections.c.revision_id, _sections.c.subject, _sections.c.kind)
        first = func.min(_sections.c.ordinal)
        query = (
            select(*columns, func.sum(func.length(_sections.c.text)))
            .where(_sections.c.revision_id.in_(list(revision_ids)))
            .group_by(*columns)
            .order_by(_sections.c.revision_id, first)
        )
        with self._database.read() as connection:
            return [
                SectionSummary(revision, subject, SectionKind(kind), int(length or 0))
                for revision, subject, kind, length in connection.execute(query)
            ]
