"""Chooses the one way by which a request is recognised, and refuses what does not hold."""

from __future__ import annotations

from datetime import UTC, datetime

from kbchat.access.principal import Principal
from kbchat.errors import AccessError, UnauthenticatedError
from kbchat.messages import Bilingual
from kbchat.server.authentication.ambient import proxy_principal, single_user_principal
from kbchat.server.authentication.host_tokens import HostTokens
from kbchat.server.authentication.json_web_tokens import looks_like_token, refused, unverified
from kbchat.server.authentication.listening import check_address
from kbchat.server.authentication.openid import OpenIdTokens
from kbchat.server.authentication.refused import KEY_MARK, refusal_of, refusal_of_token, shown_address
from kbchat.server.authentication.request_identity import Address, RequestIdentity
from kbchat.server.authentication.sessions import SESSION_MARK, Sessions
from kbchat.services.keys import KeyService
from kbchat.services.refusals import RefusedSignIns
from kbchat.settings import Settings
from kbchat.store import Store


class Authenticator:
    """Recognises requests. Safe to share between threads; its calls may read the database."""

    def __init__(self, settings: Settings, store: Store) -> None:
        """Reads the key files that the settings name. Raises ConfigurationError."""
        access = settings.access
        self._settings = settings
        self._store = store
        self._keys = KeyService(store)
        self.sessions = Sessions(store, access.session_minutes)
        self.refusals = RefusedSignIns(store, access.refusals_noted)
        self._host_tokens = HostTokens(access.host_keys, access.audience, store) if access.host_keys else None
        self._openid = OpenIdTokens(access) if access.oidc_issuer else None
        no_other_way = not self._has_other_way() and settings.ui.oidc_client is None
        self.single_user = no_other_way if access.single_user is None else access.single_user

    def _has_other_way(self) -> bool:
        return bool(self._host_tokens or self._openid or self._settings.access.proxy_addresses)

    def _has_key(self) -> bool:
        now = datetime.now(UTC)
        listed = self._store.keys()
        return any(key.is_valid(now) for key in listed)

    def check_address(self, host: str) -> None:
        """Raises ConfigurationError when listening on ``host`` would leave nobody able to sign in, or everybody in."""
        check_address(
            host,
            single_user=self._settings.access.single_user,
            can_sign_in=lambda: self._has_other_way() or self._has_key(),
            remedy=_WAYS,
        )

    def host_token(self, token: str, peer: Address | None = None) -> Principal:
        """Whom a host token vouches for; it is used up by this. Raises UnauthenticatedError for anything else.

        A refusal is entered in the audit, with the address ``peer`` where it is known.
        """
        try:
            return self._host_token(token)
        except UnauthenticatedError as error:
            access = self._settings.access
            self.refusals.note(refusal_of_token(token, error.reason, shown_address(peer), access))
            raise

    def note_refused(self, request: RequestIdentity, error: AccessError) -> None:
        """Enter a refused request in the audit, if it tried to sign in. Writes to the database; never raises."""
        refusal = refusal_of(request, error, self._settings.access, self._store)
        if refusal is not None:
            self.refusals.note(refusal)

    def _host_token(self, token: str) -> Principal:
        if self._host_tokens is None:
            raise _unknown_issuer()
        header, _ = unverified(token)
        return self._host_tokens.principal(token, header)

    def principal(self, request: RequestIdentity) -> Principal:
        """Who sent ``request``. Raises UnauthenticatedError, ForbiddenError.

        A host token is used up by this. What is raised says as ``reason`` what was wrong, where a sign-in was tried.
        """
        presented = request.bearer
        if presented is not None:
            if presented.startswith(KEY_MARK):
                return self._keys.authenticate(presented)
            if presented.startswith(SESSION_MARK):
                return self.sessions.principal(presented)
            if looks_like_token(presented):
                return self._token(presented)
            if not self.single_user:
                neither = Bilingual("it is neither a token nor a key of kbchat", "既不是令牌，也不是 kbchat 密钥")
                raise refused(neither, "no_token")
            # Programs for OpenAI's interface insist on some key; on the one user's machine any word serves.
        found = proxy_principal(request, self._settings)
        if found is not None:
            return found
        if self.single_user:
            return single_user_principal(request, self._settings)
        raise UnauthenticatedError(
            Bilingual("Nobody is signed in.", "尚未登录。"),
            Bilingual(
                "Send “Authorization: Bearer” with a token or an API key.",
                "请在 Authorization: Bearer 中提供令牌或 API 密钥。",
            ),
            "unlisted_proxy" if self._names_somebody(request) else "",
        )

    def _token(self, token: str) -> Principal:
        """The issuer a token names only chooses who verifies it; each verifier accepts its own keys alone."""
        header, claims = unverified(token)
        issuer = claims.get("iss")
        if self._openid is not None and issuer == self._settings.access.oidc_issuer:
            return self._openid.principal(token, header)
        if self._host_tokens is not None:
            return self._host_tokens.principal(token, header)
        raise _unknown_issuer()

    def _names_somebody(self, request: RequestIdentity) -> bool:
        """Whether a header says who asks, as only a listed proxy may."""
        access = self._settings.access
        return bool(access.proxy_addresses and request.header(access.proxy_user_header))


def _unknown_issuer() -> UnauthenticatedError:
    return refused(Bilingual("tokens of this issuer are not accepted here", "此处不接受该签发者的令牌"), "wrong_issuer")


_WAYS = Bilingual(
    "Set up a way to sign in first: access.host_keys (signed tokens), access.oidc_issuer (OpenID Connect), "
    "access.proxy_addresses (a proxy that signs people in), or an API key (kbchat key create). Or stay on 127.0.0.1.",
    "请先配置一种登录方式：access.host_keys（签名令牌）、access.oidc_issuer（OpenID Connect）、"
    "access.proxy_addresses（由反向代理登录），或创建 API 密钥（kbchat key create）；也可以只监听 127.0.0.1。",
)
