"""Knowledge bases: those that are visible, and changing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kbchat.access.table import Action
from kbchat.errors import InvalidInputError, TooLargeError
from kbchat.messages import Bilingual
from kbchat.services.sources import page_cache
from kbchat.store import BaseTotals, KnowledgeBase

if TYPE_CHECKING:
    from kbchat.services import Services

_LONGEST_DESCRIPTION = 2000
_MOST_GROUPS = 200
_LONGEST_GROUP = 200


@dataclass(frozen=True, slots=True)
class BaseSummary:
    """One knowledge base as lists show it. ``may_change``: the principal may upload and change documents.

    ``may_manage``: it may also close or delete the base. ``updated_at`` is when a document last came or changed.
    ``groups`` are those it is closed to; they are told only to those who may manage it.
    """

    name: str
    description: str
    documents: int
    retired: int
    pages: int
    chunks: int
    groups: tuple[str, ...]
    may_change: bool
    may_manage: bool
    created_at: datetime
    updated_at: datetime | None


class BaseService:
    """Knowledge bases for one principal."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.app.store

    def list(self) -> list[BaseSummary]:
        """The bases that exist for the principal, by name. Raises ForbiddenError."""
        self._services.allow(Action.LIST_BASES)
        totals = self._store.base_totals()
        return [self._summary(base, totals.get(base.id, BaseTotals())) for base in self._services.visible_bases()]

    def get(self, name: str) -> BaseSummary:
        """One base. Raises NotFoundError, ForbiddenError."""
        base = self._services.allow_on(Action.LIST_DOCUMENTS, name)
        return self._summary(base, self._store.base_totals().get(base.id, BaseTotals()))

    def create(self, name: str, description: str = "") -> BaseSummary:
        """A new, empty base for the embedder that the settings name.

        Raises ForbiddenError, InvalidInputError, ConflictError for a name that is taken, EmbedderError.
        """
        services = self._services
        services.allow(Action.CREATE_BASE)
        _check_description(description)
        embedder = services.app.embedder(services.app.settings.embedding.model)
        base = self._store.create_base(
            name,
            description=description,
            embedder=embedder.name if embedder else "",
            dimension=embedder.dimension if embedder else 0,
        )
        services.record(Action.CREATE_BASE, base=base.name)
        return self._summary(base, BaseTotals())

    def rename(self, name: str, new_name: str) -> BaseSummary:
        """Give a base another name; tokens and keys limited to the old name no longer open it.

        Raises NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
        """
        base = self._services.allow_on(Action.CHANGE_BASE, name)
        renamed = self._store.rename_base(base.name, new_name)
        self._services.record(Action.CHANGE_BASE, base=base.name, object=f"name: {renamed.name}")
        return self._summary(renamed, self._store.base_totals().get(base.id, BaseTotals()))

    def describe(self, name: str, text: str) -> BaseSummary:
        """Give a base another description. Raises NotFoundError, ForbiddenError, TooLargeError."""
        base = self._services.allow_on(Action.CHANGE_BASE, name)
        _check_description(text)
        self._store.describe_base(base.name, text.strip())
        self._services.record(Action.CHANGE_BASE, base=base.name, object="description")
        return self.get(base.name)

    def close_to(self, name: str, groups: Sequence[str]) -> BaseSummary:
        """Let only members of ``groups`` (and administrators) see a base; without any, everybody.

        Raises NotFoundError, ForbiddenError, InvalidInputError.
        """
        base = self._services.allow_on(Action.CLOSE_BASE, name)
        if len(groups) > _MOST_GROUPS or any(len(group) > _LONGEST_GROUP for group in groups):
            raise TooLargeError(
                Bilingual("The list of groups is too long.", "用户组列表过长。"),
                Bilingual(
                    f"Give at most {_MOST_GROUPS} groups of at most {_LONGEST_GROUP} characters.",
                    f"最多 {_MOST_GROUPS} 个用户组，每个名称不超过 {_LONGEST_GROUP} 个字符。",
                ),
            )
        kept = self._store.close_base_to(base.name, groups).groups
        self._services.record(Action.CLOSE_BASE, base=base.name, object=", ".join(kept))
        return self.get(base.name)

    def delete(self, name: str, *, confirmation: str) -> None:
        """Delete a base with everything in it; ``confirmation`` must be its name.

        Raises NotFoundError, ForbiddenError, InvalidInputError, BusyError while documents are being read.
        """
        base = self._services.allow_on(Action.DELETE_BASE, name)
        if confirmation.strip() != base.name:
            raise InvalidInputError(
                Bilingual("The name typed is not that of the knowledge base.", "输入的名称与知识库名称不一致。"),
                Bilingual(f"Type {base.name} to delete it for good.", f"如确需永久删除，请输入 {base.name}。"),
            )
        with self._store.writer_lock(base.id):
            self._store.delete_base(base.name)
        self._services.app.forget_base(base.id)
        self._forget_pictures()
        self._services.record(Action.DELETE_BASE, base=base.name)

    def _forget_pictures(self) -> None:
        """Remove drawn pages of originals that went with the base."""
        layout = self._store.data_layout
        cache = page_cache(layout.root, self._services.app.settings.pictures.cache)
        cache.forget_all_but({path.name for path in layout.files.iterdir()})

    def _summary(self, base: KnowledgeBase, totals: BaseTotals) -> BaseSummary:
        may_manage = self._services.may_on(Action.CLOSE_BASE, base)
        return BaseSummary(
            name=base.name,
            description=base.description,
            documents=totals.documents,
            retired=totals.retired,
            pages=totals.pages,
            chunks=totals.chunks,
            groups=base.groups if may_manage else (),
            may_change=self._services.may_on(Action.UPLOAD, base),
            may_manage=may_manage,
            created_at=base.created_at,
            updated_at=totals.updated_at,
        )


def _check_description(text: str) -> None:
    if len(text) > _LONGEST_DESCRIPTION:
        raise TooLargeError(
            Bilingual(
                f"The description has {len(text)} characters.",
                f"说明共 {len(text)} 个字符。",
            ),
            Bilingual(f"Use at most {_LONGEST_DESCRIPTION}.", f"请不超过 {_LONGEST_DESCRIPTION} 个字符。"),
        )
