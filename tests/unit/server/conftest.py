"""A small kbchat whose service knows a portal's key, and requests to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kbchat.app import App
from kbchat.server.authentication.request_identity import RequestIdentity, address
from kbchat.settings import load_settings
from tests.running_service import SECRET


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``his.key`` (HS256), and ``rsa`` and ``ec`` as key pairs in PEM."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "his.key").write_bytes(SECRET)
    for name, private in (
        ("rsa", rsa.generate_private_key(65537, 2048)),
        ("ec", ec.generate_private_key(ec.SECP256R1())),
    ):
        (folder / f"{name}.pem").write_bytes(
            private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        (folder / f"{name}.pub").write_bytes(
            private.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
    return folder


@pytest.fixture
def open_app(tmp_path: Path) -> Iterator[Callable[..., App]]:
    """An application over an empty data folder with the given groups of settings."""
    opened: list[App] = []

    def make(**groups: Any) -> App:
        app = App(load_settings(data_dir=tmp_path / "data", language="en", **groups))
        opened.append(app)
        return app

    yield make
    for app in opened:
        app.close()


@pytest.fixture
def request_of() -> Callable[..., RequestIdentity]:
    """A request as authentication sees it."""

    def make(
        bearer: str = "", *, peer: str = "127.0.0.1", method: str = "GET", headers: dict[str, str] | None = None
    ) -> RequestIdentity:
        sent = {
            "host": "127.0.0.1:8000",
            **({"authorization": f"Bearer {bearer}"} if bearer else {}),
            **(headers or {}),
        }
        return RequestIdentity(method, address((peer, 1)), tuple(sent.items()))

    return make
