"""Signed host tokens: the hospital's system vouches for a person, for minutes and for one use.

Nothing of it needs a cookie or a redirect, so it works in a frame and where third-party cookies are blocked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from kbchat.access.principal import Principal
from kbchat.errors import ConfigurationError
from kbchat.messages import Bilingual
from kbchat.server.authentication import claims as claim
from kbchat.server.authentication.json_web_tokens import CLOCK_SKEW, KeyMaterial, VerificationKey, refused, verified
from kbchat.settings import HostKey
from kbchat.store import Store

LONGEST_LIFE = 600
"""Seconds between ``iat`` and ``exp``, at most."""
_SHORTEST_SECRET = 32
_SMALLEST_RSA = 2048
_LONGEST_ID = 256
_REQUIRED = ("exp", "iat", "aud", "sub", "jti")


class HostTokens:
    """Verifies host tokens."""

    def __init__(self, keys: Sequence[HostKey], audience: str, store: Store) -> None:
        """Reads the key files. Raises ConfigurationError."""
        self._keys = {key.id: (key, VerificationKey(key.id, key.algorithm, key_material(key))) for key in keys}
        if len(self._keys) != len(keys):
            raise ConfigurationError(
                Bilingual("Two keys of access.host_keys have one id.", "access.host_keys 中有重复的 id。"),
                Bilingual("Give each key its own id.", "请为每个密钥设置不同的 id。"),
            )
        self._audience = audience
        self._store = store

    def principal(self, token: str, header: Mapping[str, Any]) -> Principal:
        """Whom ``token`` vouches for; the token is used up by this. Raises UnauthenticatedError."""
        settings, key = self._key(header)
        said = verified(token, key, audience=self._audience, issuer=settings.issuer, required=_REQUIRED)
        asked = claim.names(said, "roles")
        given = claim.roles(asked if asked is not None else ("reader",))
        if not given <= claim.roles(settings.roles):
            raise refused(Bilingual("its key may not give that role", "其密钥无权授予该角色"), "role_not_given")
        found = Principal(
            claim.user_name(said["sub"]),
            given,
            bases=claim.names(said, "bases"),
            groups=claim.names(said, "groups") or frozenset(),
            curated=claim.names(said, "curated"),
            method="token",
        )
        self._use(key.id, said)
        return found

    def _key(self, header: Mapping[str, Any]) -> tuple[HostKey, VerificationKey]:
        named = header.get("kid")
        if named is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        if not isinstance(named, str) or named not in self._keys:
            raise refused(Bilingual("its key (kid) is not known here", "未登记其密钥（kid）"), "unknown_key")
        return self._keys[named]

    def _use(self, key_id: str, said: Mapping[str, Any]) -> None:
        """The last check, so that only a token that is valid otherwise is remembered."""
        begins, ends = said["iat"], said["exp"]
        if not all(isinstance(moment, int | float) for moment in (begins, ends)):  # the library also reads "123"
            raise refused(Bilingual("its times are no numbers", "其时间不是数字"), "bad_claim")
        lived = ends - begins
        if not 0 < lived <= LONGEST_LIFE:
            raise refused(Bilingual("it lives longer than ten minutes", "有效期超过十分钟"), "lives_too_long")
        token_id = said["jti"]
        if not isinstance(token_id, str) or not 0 < len(token_id) <= _LONGEST_ID:
            raise refused(Bilingual("its jti cannot be used", "jti 无法使用"), "bad_claim")
        expires = datetime.fromtimestamp(ends, UTC) + timedelta(seconds=2 * CLOCK_SKEW)
        if not self._store.use_token(f"{key_id}\0{token_id}", expires):
            raise refused(Bilingual("it has been used already", "已被使用过"), "replayed")


def key_material(key: HostKey) -> KeyMaterial:
    """The secret or public key in the file of ``key``. Raises ConfigurationError."""
    try:
        content = key.file.read_bytes().strip()
    except OSError as error:
        raise _unusable(key, Bilingual(f"it cannot be read ({error})", f"无法读取（{error}）")) from error
    if key.algorithm == "HS256":
        if len(content) < _SHORTEST_SECRET or content.startswith(b"-----"):
            raise _unusable(key, Bilingual("a secret of at least 32 bytes is needed", "需要至少 32 字节的密钥"))
        return content
    try:
        public = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _unusable(key, Bilingual("it is not a public key in PEM", "不是 PEM 格式的公钥")) from error
    if key.algorithm == "RS256" and isinstance(public, RSAPublicKey) and public.key_size >= _SMALLEST_RSA:
        return public
    if key.algorithm == "ES256" and isinstance(public, EllipticCurvePublicKey) and isinstance(public.curve, SECP256R1):
        return public
    raise _unusable(
        key,
        Bilingual(
            "RS256 needs RSA of at least 2048 bits, ES256 the curve P-256",
            "RS256 需要至少 2048 位的 RSA 公钥，ES256 需要 P-256 曲线",
        ),
    )


def _unusable(key: HostKey, why: Bilingual) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            f"The file {key.file} of the host key {key.id!r} cannot be used: {why.en}.",
            f"主机密钥 {key.id!r} 的文件 {key.file} 无法使用：{why.zh}。",
        ),
        Bilingual("Correct access.host_keys or the file.", "请修改 access.host_keys 或该文件。"),
    )
