"""The settings as people may see them: by group, without keys, passwords or tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, SecretStr

from kbchat.settings import Settings

_HIDDEN = "***"
_SECRET_NAME = re.compile(r"(?:^|_)(?:key|secret|password|token)s?$")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")


def shown_settings(settings: Settings) -> dict[str, dict[str, Any]]:
    """Group -> setting -> value; single settings stand under ``general``. Secrets show only whether they are set."""
    groups: dict[str, dict[str, Any]] = {"general": {}}
    for name, value in settings.model_dump().items():
        if isinstance(value, Mapping):
            groups[name] = {key: _shown(key, item) for key, item in value.items()}
        else:
            groups["general"][name] = _shown(name, value)
    return groups


@lru_cache(maxsize=1)
def setting_meanings() -> Mapping[str, Mapping[str, str]]:
    """Group -> setting -> what it is for, in English, as docs/settings.md has it; groups as in :func:`shown_settings`."""
    meanings: dict[str, dict[str, str]] = {"general": {}}
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            meanings[name] = {key: one.description or "" for key, one in kind.model_fields.items()}
        else:
            meanings["general"][name] = field.description or ""
    return meanings


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, SecretStr):
        return _HIDDEN if value.get_secret_value() else ""
    if isinstance(value, Mapping):
        return {str(key): _shown(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(name, item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_NAME.search(name):
        return _HIDDEN if str(value) else ""
    return _CREDENTIALS.sub(f"{_HIDDEN}@", str(value))
