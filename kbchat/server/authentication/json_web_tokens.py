"""Strict reading of signed JSON Web Tokens: one pinned algorithm a key, required claims, bounded sizes.

The algorithm never comes from the token: a key is used with the one it is configured with, so ``alg: none`` and a
public key taken for a shared secret (RFC 8725, sections 2.1 and 3.1) are refused before any signature is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from kbchat.errors import UnauthenticatedError
from kbchat.messages import Bilingual

CLOCK_SKEW = 30
"""Seconds by which the clock of who signed may differ from ours."""
LONGEST_TOKEN = 8192

KeyMaterial = bytes | RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A key and the one algorithm it verifies."""

    id: str
    algorithm: str
    material: KeyMaterial


def refused(why: Bilingual, reason: str) -> UnauthenticatedError:
    """The error for a token that is not accepted; ``reason`` is the word that the audit gets."""
    return UnauthenticatedError(
        Bilingual(f"The token is not accepted: {why.en}.", f"令牌未被接受：{why.zh}。"),
        Bilingual("Get a new token from the system you came from.", "请从您进入的系统重新获取令牌。"),
        reason,
    )


def looks_like_token(text: str) -> bool:
    """Whether ``text`` has the shape of a signed token: three parts, the first of them a JSON object."""
    return text.count(".") == 2 and text.startswith("eyJ")


def unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims as they stand, proven by nothing: only to choose who verifies. Raises UnauthenticatedError."""
    if len(token) > LONGEST_TOKEN:
        raise refused(Bilingual("it is too long", "令牌过长"), "unreadable")
    try:
        read = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        raise refused(Bilingual("it cannot be read", "无法读取"), "unreadable") from error
    header, claims = read["header"], read["payload"]
    if not isinstance(claims, dict):
        raise refused(Bilingual("it cannot be read", "无法读取"), "unreadable")
    return header, claims


def verified(
    token: str, key: VerificationKey, *, audience: str, issuer: str = "", required: Sequence[str]
) -> dict[str, Any]:
    """The claims of ``token``, proven by ``key``. Raises UnauthenticatedError with the reason.

    ``required`` claims must be there; ``exp``, ``nbf``, ``iat``, ``aud`` and (where given) ``iss`` must hold now.
    """
    try:
        return jwt.decode(
            token,
            key.material,
            algorithms=[key.algorithm],
            audience=audience,
            issuer=issuer or None,
            leeway=CLOCK_SKEW,
            options={"require": list(required), "verify_iss": bool(issuer)},
        )
    except jwt.PyJWTError as error:
        raise refused(*_reason(error)) from error
    except (ValueError, TypeError, OverflowError) as error:  # claims of odd types
        raise refused(Bilingual("it cannot be read", "无法读取"), "unreadable") from error


_REASONS: tuple[tuple[type[jwt.PyJWTError], str, Bilingual], ...] = (
    (jwt.ExpiredSignatureError, "expired", Bilingual("it has expired", "已过期")),
    (
        jwt.ImmatureSignatureError,
        "too_early",
        Bilingual("it is not valid yet; compare the clocks", "尚未生效，请核对两台机器的时钟"),
    ),
    (jwt.InvalidAudienceError, "wrong_audience", Bilingual("it is meant for another audience", "受众（aud）不符")),
    (jwt.InvalidIssuerError, "wrong_issuer", Bilingual("it comes from another issuer", "签发者（iss）不符")),
    (jwt.MissingRequiredClaimError, "missing_claim", Bilingual("a claim is missing", "缺少必需的声明")),
    (
        jwt.InvalidAlgorithmError,
        "wrong_algorithm",
        Bilingual("it is not signed with the algorithm of its key", "签名算法与密钥不符"),
    ),
    (jwt.InvalidSignatureError, "bad_signature", Bilingual("its signature is wrong", "签名错误")),
)


def _reason(error: jwt.PyJWTError) -> tuple[Bilingual, str]:
    """Why a token was refused, in words that help whoever set up the signing and tell nothing secret; and the code."""
    if isinstance(error, jwt.MissingRequiredClaimError):
        return Bilingual(f"the claim {error.claim} is missing", f"缺少声明 {error.claim}"), "missing_claim"
    found = ((said, code) for kind, code, said in _REASONS if isinstance(error, kind))
    return next(found, (Bilingual("it is not valid", "无效"), "invalid"))
