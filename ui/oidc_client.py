"""The client by which the pages sign people in with OpenID Connect: Streamlit's own file, checked before it is used."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kbchat.errors import ConfigurationError
from kbchat.messages import Bilingual

_NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_CALLBACK = "/oauth2callback"
_SHORTEST_SECRET = 32
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def check_client(path: Path) -> None:
    """Raises ConfigurationError when the file at ``path`` is no client that people can be signed in by safely."""
    try:
        section = tomllib.loads(path.read_text(encoding="utf-8"))["auth"]
    except (OSError, ValueError) as error:
        raise _unusable(path, Bilingual(f"it cannot be read ({error})", f"无法读取（{error}）")) from error
    except KeyError as error:
        raise _unusable(path, Bilingual("it has no table [auth]", "缺少 [auth] 表")) from error
    if not isinstance(section, dict):
        raise _unusable(path, Bilingual("[auth] is no table", "[auth] 不是表"))
    missing = [name for name in _NEEDED if not isinstance(section.get(name), str) or not section[name]]
    if missing:
        listed = ", ".join(missing)
        raise _unusable(path, Bilingual(f"[auth] lacks {listed}", f"[auth] 缺少 {listed}"))
    _check_values(path, section)


def _check_values(path: Path, section: dict[str, Any]) -> None:
    if any(isinstance(value, dict) for name, value in section.items() if name != "client_kwargs"):
        # With two providers, two people could have one name.
        raise _unusable(path, Bilingual("it names more than one provider", "其中包含多个身份提供方"))
    if len(section["cookie_secret"]) < _SHORTEST_SECRET:
        raise _unusable(
            path,
            Bilingual("cookie_secret needs at least 32 random characters", "cookie_secret 至少需要 32 个随机字符"),
        )
    if urlsplit(section["redirect_uri"]).path[-len(_CALLBACK) :] != _CALLBACK:
        raise _unusable(
            path, Bilingual(f"redirect_uri must end with {_CALLBACK}", f"redirect_uri 须以 {_CALLBACK} 结尾")
        )
    for name in ("redirect_uri", "server_metadata_url"):
        address = urlsplit(section[name])
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise _unusable(path, Bilingual(f"{name} must begin with https://", f"{name} 须以 https:// 开头"))


def _unusable(path: Path, why: Bilingual) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            f"The file {path} (ui.oidc_client) cannot be used: {why.en}.",
            f"文件 {path}（ui.oidc_client）无法使用：{why.zh}。",
        ),
        Bilingual(
            "docs/operations.md, section 3, shows what it must hold.", "所需内容见 docs/operations.zh.md 第 3 节。"
        ),
    )
