"""Two ways to be known that need nothing from the client: a trusted proxy's header, and being on this machine.

Both would let a foreign web page act in somebody's name, so a request that changes something must come from a page of
this service (or of a listed origin), and single-user mode answers to the names of loopback only (DNS rebinding).
"""

from __future__ import annotations

from kbchat.access.principal import Principal, Role, local_principal
from kbchat.errors import ForbiddenError, UnauthenticatedError
from kbchat.messages import Bilingual
from kbchat.server.authentication import claims as claim
from kbchat.server.authentication.request_identity import RequestIdentity, within
from kbchat.settings import Settings

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
LOCAL_USER = "local"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def refuse_foreign_page(request: RequestIdentity, allowed_origins: tuple[str, ...]) -> None:
    """Raises ForbiddenError when a page of another origin made the browser send a request that may change something."""
    if request.changes_something and not request.from_own_page(allowed_origins):
        raise ForbiddenError(
            Bilingual("This request comes from a page of another origin.", "该请求来自其他来源的网页。"),
            Bilingual(
                "List the origin in server.cors_origins if it is yours.",
                "若该来源可信，请将其加入 server.cors_origins。",
            ),
            "foreign_page",
        )


def proxy_principal(request: RequestIdentity, settings: Settings) -> Principal | None:
    """Whom the header of a listed proxy names; None when the request comes from elsewhere or names nobody.

    Raises UnauthenticatedError for a name that cannot be one, ForbiddenError for a foreign page.
    """
    access = settings.access
    if not within(request.peer, access.proxy_addresses):
        return None
    user = request.header(access.proxy_user_header)
    if not user:
        return None
    refuse_foreign_page(request, settings.server.cors_origins)
    given = _listed(request, access.proxy_roles_header)
    return Principal(
        claim.user_name(user, access.proxy_user_header),
        claim.roles(given or {Role.READER.value}, access.proxy_roles_header),
        groups=_listed(request, access.proxy_groups_header),
        method="proxy",
    )


def _listed(request: RequestIdentity, header: str) -> frozenset[str]:
    words = (word.strip() for word in (request.header(header) or "").split(","))
    return frozenset(word for word in words if word)


def single_user_principal(request: RequestIdentity, settings: Settings) -> Principal:
    """The one user of this machine. Raises UnauthenticatedError for requests from anywhere else, ForbiddenError."""
    forwarded = any(request.header(name) is not None for name in _FORWARDED)
    if request.peer is None or not request.peer.is_loopback or forwarded:
        raise UnauthenticatedError(
            Bilingual("This kbchat answers to its own machine only.", "此 kbchat 仅供本机使用。"),
            Bilingual(
                "To serve others, set up access.host_keys, access.oidc_issuer, access.proxy_addresses or API keys.",
                "如需对外服务，请配置 access.host_keys、access.oidc_issuer、access.proxy_addresses 或 API 密钥。",
            ),
            "not_this_machine",
        )
    if host_name(request.header("host")) not in LOOPBACK_NAMES | set(settings.server.allowed_hosts):
        raise ForbiddenError(
            Bilingual("This host name is not one of this machine.", "该主机名不属于本机。"),
            Bilingual("Use http://127.0.0.1 or http://localhost.", "请使用 http://127.0.0.1 或 http://localhost。"),
            "foreign_host_name",
        )
    refuse_foreign_page(request, settings.server.cors_origins)
    return local_principal(LOCAL_USER)


def host_name(header: str | None) -> str:
    """The name in a Host header, without the port."""
    value = (header or "").strip().lower()
    return value.partition("]")[0] + "]" if value.startswith("[") else value.partition(":")[0]
