"""A small OpenID Connect provider on loopback: it signs in whoever comes as ``person``, without asking."""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


@dataclass
class IdentityProvider:
    """What it says of people, and what it was asked."""

    server: ThreadingHTTPServer
    person: dict[str, Any] = field(default_factory=dict)
    private: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    nonces: dict[str, str] = field(default_factory=dict)
    """The nonce of every code given."""
    left: int = 0
    """How often somebody signed out."""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/leave",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}

    def token(self, code: str) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "kbchat", "iat": now, "exp": now + 300, "nonce": self.nonces.pop(code)}
        signed = jwt.encode(claims | self.person, self.private, algorithm="RS256", headers={"kid": "one"})
        return {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": signed}


class _Handler(BaseHTTPRequestHandler):
    provider: IdentityProvider

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        provider = self.provider
        if address.path == "/.well-known/openid-configuration":
            self._json(provider.described())
        elif address.path == "/jwks":
            self._json(provider.keys())
        elif address.path == "/authorize":
            code = uuid.uuid4().hex
            provider.nonces[code] = asked["nonce"]
            self._redirect(asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]}))
        elif address.path == "/leave":
            provider.left += 1
            self._redirect(asked["post_logout_redirect_uri"])
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._json(self.provider.token(sent["code"][0]))

    def _json(self, value: object) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _redirect(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()


def provider() -> IdentityProvider:
    """A provider that answers until its server is shut down."""
    handler = type("Handler", (_Handler,), {})
    found = IdentityProvider(ThreadingHTTPServer(("127.0.0.1", 0), handler))
    handler.provider = found  # type: ignore[attr-defined]
    threading.Thread(target=found.server.serve_forever, daemon=True).start()
    return found
