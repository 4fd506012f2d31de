"""The one authorisation table: which role each action needs, and what it concerns.

A knowledge base that a principal may not see is *not found* for it, never forbidden: its existence is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, TypeVar

from kbchat.access.principal import Principal, Role
from kbchat.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from kbchat.messages import Bilingual


class KnowledgeBaseLike(Protocol):
    """What the table needs to know of a knowledge base."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def groups(self) -> tuple[str, ...]:
        """Those whose members may read it; empty: everybody."""
        ...


B = TypeVar("B", bound=KnowledgeBaseLike)


class Action(StrEnum):
    """Everything a principal can ask the services to do."""

    ASK = "ask"
    SEARCH = "search"
    READ_SOURCE = "read_source"
    LIST_BASES = "list_bases"
    LIST_DOCUMENTS = "list_documents"
    CREATE_BASE = "create_base"
    CHANGE_BASE = "change_base"
    CLOSE_BASE = "close_base"
    DELETE_BASE = "delete_base"
    UPLOAD = "upload"
    CHANGE_DOCUMENT = "change_document"
    REREAD = "reread"
    READ_JOBS = "read_jobs"
    OWN_CONVERSATIONS = "own_conversations"
    GIVE_FEEDBACK = "give_feedback"
    READ_ASSISTANTS = "read_assistants"
    CHANGE_ASSISTANTS = "change_assistants"
    RETRIEVAL_TEST = "retrieval_test"
    READ_FIGURES = "read_figures"
    HANDLE_FEEDBACK = "handle_feedback"
    READ_STATUS = "read_status"
    TEST_GENERATOR = "test_generator"
    READ_AUDIT = "read_audit"
    MANAGE_KEYS = "manage_keys"
    EXPORT_OWN_DATA = "export_own_data"
    EXPORT_PERSON = "export_person"
    ERASE_PERSON = "erase_person"


class Scope(StrEnum):
    """What an action concerns.

    ``SELF``: nothing but what belongs to the principal or is open to all. ``BASE``: one knowledge base, to be read.
    ``CURATED``: one knowledge base, to be changed or looked into, which curators may only for those they were given.
    ``ALL``: the whole of kbchat; refused to principals whose token or key is limited to some knowledge bases.
    """

    SELF = "self"
    BASE = "base"
    CURATED = "curated"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Rule:
    """The role an action needs, and what it concerns."""

    role: Role
    scope: Scope

    @property
    def concerns_base(self) -> bool:
        """Whether a knowledge base must be given."""
        return self.scope in (Scope.BASE, Scope.CURATED)


RULES: Mapping[Action, Rule] = MappingProxyType(
    {
        Action.ASK: Rule(Role.READER, Scope.BASE),
        Action.SEARCH: Rule(Role.READER, Scope.BASE),
        Action.READ_SOURCE: Rule(Role.READER, Scope.BASE),
        Action.LIST_BASES: Rule(Role.READER, Scope.SELF),
        Action.LIST_DOCUMENTS: Rule(Role.READER, Scope.BASE),
        Action.CREATE_BASE: Rule(Role.ADMIN, Scope.ALL),
        Action.CHANGE_BASE: Rule(Role.CURATOR, Scope.CURATED),
        Action.CLOSE_BASE: Rule(Role.ADMIN, Scope.BASE),
        Action.DELETE_BASE: Rule(Role.ADMIN, Scope.BASE),
        Action.UPLOAD: Rule(Role.CURATOR, Scope.CURATED),
        Action.CHANGE_DOCUMENT: Rule(Role.CURATOR, Scope.CURATED),
        Action.REREAD: Rule(Role.CURATOR, Scope.CURATED),
        Action.READ_JOBS: Rule(Role.CURATOR, Scope.CURATED),
        Action.OWN_CONVERSATIONS: Rule(Role.READER, Scope.SELF),
        Action.GIVE_FEEDBACK: Rule(Role.READER, Scope.SELF),
        Action.READ_ASSISTANTS: Rule(Role.READER, Scope.SELF),
        Action.CHANGE_ASSISTANTS: Rule(Role.ADMIN, Scope.ALL),
        Action.RETRIEVAL_TEST: Rule(Role.CURATOR, Scope.CURATED),
        Action.READ_FIGURES: Rule(Role.ADMIN, Scope.ALL),
        Action.HANDLE_FEEDBACK: Rule(Role.ADMIN, Scope.ALL),
        Action.READ_STATUS: Rule(Role.ADMIN, Scope.ALL),
        Action.TEST_GENERATOR: Rule(Role.ADMIN, Scope.ALL),
        Action.READ_AUDIT: Rule(Role.ADMIN, Scope.ALL),
        Action.MANAGE_KEYS: Rule(Role.ADMIN, Scope.ALL),
        Action.EXPORT_OWN_DATA: Rule(Role.READER, Scope.SELF),
        Action.EXPORT_PERSON: Rule(Role.ADMIN, Scope.ALL),
        Action.ERASE_PERSON: Rule(Role.ADMIN, Scope.ALL),
    }
)


def sees(principal: Principal, base: KnowledgeBaseLike) -> bool:
    """Whether a knowledge base exists for ``principal``. Groups do not keep out admins; a token's limits do."""
    if principal.bases is not None and base.name not in principal.bases:
        return False
    return not base.groups or principal.has(Role.ADMIN) or not principal.groups.isdisjoint(base.groups)


def visible(principal: Principal, bases: Iterable[B]) -> list[B]:
    """The knowledge bases that exist for ``principal``."""
    return [base for base in bases if sees(principal, base)]


def may(principal: Principal | None, action: Action, base: KnowledgeBaseLike | None = None) -> bool:
    """Whether ``principal`` (None: nobody known) may do ``action``; on ``base`` where the action concerns one.

    Raises ValueError when the action concerns a base and none is given.
    """
    rule = RULES[action]
    if principal is None or not principal.has(rule.role):
        return False
    if rule.scope is Scope.ALL:
        return principal.bases is None
    if not rule.concerns_base:
        return True
    if base is None:
        raise ValueError(f"the action {action} concerns a knowledge base, and none was given")
    if not sees(principal, base):
        return False
    curates = principal.has(Role.ADMIN) or principal.curated is None or base.name in principal.curated
    return rule.scope is not Scope.CURATED or curates


def authorise(principal: Principal | None, action: Action, base: KnowledgeBaseLike | None = None) -> None:
    """Let ``action`` pass, or raise.

    Raises UnauthenticatedError for nobody, NotFoundError when the base does not exist for the principal,
    ForbiddenError when the principal may not do this.
    """
    if principal is None:
        raise UnauthenticatedError(
            Bilingual("Nobody is signed in.", "尚未登录。"),
            Bilingual("Sign in, or send a valid token or key.", "请登录，或提供有效的令牌或密钥。"),
        )
    if base is not None and principal.roles and not sees(principal, base):
        raise base_not_found(base.name)
    if not may(principal, action, base):
        raise ForbiddenError(
            Bilingual("You may not do this here.", "您没有执行此操作的权限。"),
            Bilingual(
                "Ask an administrator of kbchat for the role or the knowledge base that it needs.",
                "如有需要，请向 kbchat 管理员申请相应角色或知识库权限。",
            ),
        )


def base_not_found(name: str) -> NotFoundError:
    """The same words for a base that does not exist and for one that must not be seen."""
    shown = name[:80]
    return NotFoundError(
        Bilingual(f"There is no knowledge base named {shown!r}.", f"没有名为 {shown!r} 的知识库。"),
        Bilingual("Choose one of those that are listed.", "请从列出的知识库中选择。"),
    )
