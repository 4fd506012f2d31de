"""The path of a request as the routes see it."""

from __future__ import annotations

from starlette.types import Scope


def route_path(scope: Scope) -> str:
    """The path without the prefix under which a proxy shows the service."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    inside = root and (path == root or path.startswith(root + "/"))
    return path[len(root) :] or "/" if inside else path


def header_of(scope: Scope, name: bytes) -> str | None:
    """The first value of a header (``name`` in small letters)."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)
