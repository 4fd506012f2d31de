"""OpenID Connect bearer tokens, checked against a file with the issuer's public keys: nothing is fetched."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt

from kbchat.access.principal import Principal, Role
from kbchat.errors import ConfigurationError
from kbchat.messages import Bilingual
from kbchat.server.authentication import claims as claim
from kbchat.server.authentication.json_web_tokens import VerificationKey, refused, verified
from kbchat.settings import AccessSettings

_REQUIRED = ("exp", "iat", "aud", "iss")


class OpenIdTokens:
    """Verifies tokens of one issuer."""

    def __init__(self, settings: AccessSettings) -> None:
        """Reads the key file. Raises ConfigurationError."""
        if settings.oidc_jwks is None:
            raise ConfigurationError(
                Bilingual(
                    "access.oidc_issuer is set, access.oidc_jwks is not.",
                    "已设置 access.oidc_issuer，但未设置 access.oidc_jwks。",
                ),
                Bilingual(
                    "Save the issuer's JWKS as a file and name it there.",
                    "请将签发者的 JWKS 保存为文件并在该项中指定。",
                ),
            )
        self._settings = settings
        self._path = settings.oidc_jwks
        self._lock = threading.Lock()
        self._stamp = _stamp(self._path)
        self._keys = read_keys(self._path, settings.oidc_algorithm)

    def principal(self, token: str, header: Mapping[str, Any]) -> Principal:
        """Whom ``token`` vouches for. Raises UnauthenticatedError."""
        settings = self._settings
        key = self._key(header.get("kid"))
        said = verified(token, key, audience=settings.oidc_audience, issuer=settings.oidc_issuer, required=_REQUIRED)
        return principal_of(said, settings)

    def _key(self, named: object) -> VerificationKey:
        keys = self._current_keys()
        if named is None and len(keys) == 1:
            return next(iter(keys.values()))
        if not isinstance(named, str) or named not in keys:
            raise refused(
                Bilingual("its key (kid) is not in the key file", "密钥文件中没有其密钥（kid）"), "unknown_key"
            )
        return keys[named]

    def _current_keys(self) -> dict[str, VerificationKey]:
        """The keys; the file is read again when it changed, and kept as it was while it cannot be read."""
        with self._lock:
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                try:
                    self._keys = read_keys(self._path, self._settings.oidc_algorithm)
                except ConfigurationError:
                    return self._keys
                self._stamp = stamp
            return self._keys


def principal_of(said: Mapping[str, Any], settings: AccessSettings) -> Principal:
    """Whom verified claims stand for; one without a known role may do nothing. Raises UnauthenticatedError."""
    known = settings.oidc_roles
    given = _words(claim.inner(said, settings.oidc_roles_claim))
    return Principal(
        claim.user_name(claim.inner(said, settings.oidc_user_claim), settings.oidc_user_claim),
        frozenset(Role(known[word]) for word in given if word in known),
        groups=_words(claim.inner(said, settings.oidc_groups_claim)),
        method="oidc",
    )


def _words(value: object) -> frozenset[str]:
    """A claim that holds one word, words by blanks, or a list of them."""
    words = value.split() if isinstance(value, str) else value if isinstance(value, list) else ()
    return frozenset(one for one in words if isinstance(one, str) and one.isprintable())


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size)


def read_keys(path: Path, algorithm: str) -> dict[str, VerificationKey]:
    """The keys of a JWKS file that verify ``algorithm``, by id. Raises ConfigurationError when there are none."""
    try:
        content = json.loads(path.read_bytes())
        listed = content["keys"]
        found = [_key(one, algorithm) for one in listed if isinstance(one, dict) and _fits(one, algorithm)]
    except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
        raise _unusable(path, Bilingual(f"it cannot be read ({error})", f"无法读取（{error}）")) from error
    if not found:
        raise _unusable(path, Bilingual(f"it has no key for {algorithm}", f"其中没有用于 {algorithm} 的密钥"))
    return {key.id: key for key in found}


_FAMILIES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    """Whether a key is public, for signatures, and of the family of ``algorithm``: shared secrets never are."""
    return (
        key.get("kty") == _FAMILIES[algorithm[:2]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and "d" not in key
    )


def _key(content: Mapping[str, Any], algorithm: str) -> VerificationKey:
    return VerificationKey(str(content.get("kid", "")), algorithm, jwt.PyJWK(dict(content), algorithm=algorithm).key)


def _unusable(path: Path, why: Bilingual) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            f"The key file {path} (access.oidc_jwks) cannot be used: {why.en}.",
            f"密钥文件 {path}（access.oidc_jwks）无法使用：{why.zh}。",
        ),
        Bilingual("Save the issuer's JWKS there again.", "请重新保存签发者的 JWKS。"),
    )
