"""Hold an output against a schema of docs/json, in both directions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "json"


def schemas() -> dict[str, Any]:
    """Every schema by its file name."""
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.schema.json"))}


def problems(name: str, instance: Any) -> list[str]:
    """What the schema ``name`` does not allow in ``instance``, and what it does not describe."""
    known = schemas()
    registry: Registry[Any] = Registry().with_resources(
        (file, Resource.from_contents(schema)) for file, schema in known.items()
    )
    validator = Draft202012Validator(known[name], registry=registry)
    wrong = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(instance)]
    return wrong + _undescribed(instance, known[name], known[name], known, "$")


def _undescribed(value: Any, schema: dict[str, Any], root: dict[str, Any], known: dict[str, Any], at: str) -> list[str]:
    while "$ref" in schema:
        file, _, pointer = schema["$ref"].partition("#")
        root = known[file] if file else root
        schema = root
        for part in pointer.strip("/").split("/"):
            schema = schema[part] if part else schema
    if "anyOf" in schema:
        options = [_undescribed(value, {"properties": {}, **option}, root, known, at) for option in schema["anyOf"]]
        return min(options, key=len)
    if isinstance(value, list):
        items = schema.get("items", {})
        return [
            line
            for number, item in enumerate(value)
            for line in _undescribed(item, items, root, known, f"{at}[{number}]")
        ]
    if not isinstance(value, dict) or "additionalProperties" in schema:
        return []
    described = schema.get("properties", {})
    found = [f"{at}.{key}: not described" for key in value if key not in described]
    for key in value.keys() & described.keys():
        found += _undescribed(value[key], described[key], root, known, f"{at}.{key}")
    return found
