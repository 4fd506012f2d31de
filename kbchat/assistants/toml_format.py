"""Assistants as TOML: read with every mistake named, written so that reading gives the same assistant again."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from kbchat.assistants.assistant import LONGEST_PROMPT, Assistant, Audience, Mode, RetrievalChoice, check_id
from kbchat.errors import InvalidInputError
from kbchat.messages import Bilingual

_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\r\n]*$")]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_PROMPT)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Lines(_Strict):
    zh: _Line
    en: _Line


class _Texts(_Strict):
    zh: _Text = ""
    en: _Text = ""


class _Retrieval(_Strict):
    candidates: int | None = Field(None, ge=10, le=1000)
    passages: int | None = Field(None, ge=1, le=50)
    passage_budget: int | None = Field(None, ge=200, le=20000)
    lexical_weight: float | None = Field(None, ge=0)
    dense_weight: float | None = Field(None, ge=0)


class _Record(_Strict):
    id: str
    name: _Lines
    description: _Lines
    prompt: _Texts = _Texts()
    mode: Mode = Mode.DOCUMENTS
    audience: Audience = "patient"
    knowledge_bases: tuple[_Line, ...] = ()
    generator: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    retrieval: _Retrieval = _Retrieval()
    show_sources: bool = True
    strict: bool | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    new_tokens: int | None = Field(None, ge=1, le=32768)

    @field_validator("id")
    @classmethod
    def _proper_id(cls, value: str) -> str:
        try:
            return check_id(value)
        except InvalidInputError as error:
            raise ValueError(error.remedy.en) from error


def assistant_from_toml(text: str, *, built_in: bool = False) -> Assistant:
    """The assistant that ``text`` describes. Raises InvalidInputError naming each wrong key."""
    try:
        return assistant_from_values(tomllib.loads(text), built_in=built_in)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError(
            Bilingual(f"This is not valid TOML: {error}.", f"不是有效的 TOML：{error}。"),
            Bilingual("Correct the line named.", "请修改所指的那一行。"),
        ) from error


def assistant_from_values(values: dict[str, Any], *, built_in: bool = False) -> Assistant:
    """The assistant with these values, keys as in its TOML form. Raises InvalidInputError naming each wrong key."""
    try:
        record = _Record.model_validate(values)
    except ValidationError as error:
        lines = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors(include_url=False)
        )
        raise InvalidInputError(
            Bilingual(f"This assistant cannot be used: {lines}.", f"助手的内容有误：{lines}。"),
            Bilingual(
                "Correct the keys named; `kbchat assistant export` shows an assistant that works.",
                "请修改所指的字段；可用 `kbchat assistant export` 查看一个可用的助手。",
            ),
        ) from error
    plain = {name: getattr(record, name) for name in _Record.model_fields}
    for key in ("name", "description", "prompt"):
        plain[key] = Bilingual(plain[key].en, plain[key].zh)
    plain["retrieval"] = RetrievalChoice(**record.retrieval.model_dump())
    return Assistant(**plain, built_in=built_in)


def assistant_to_toml(assistant: Assistant) -> str:
    """``assistant`` as TOML; values that are None are left out."""
    top = {
        "id": assistant.id,
        "mode": assistant.mode.value,
        "audience": assistant.audience,
        "knowledge_bases": list(assistant.knowledge_bases),
        "generator": assistant.generator,
        "show_sources": assistant.show_sources,
        "strict": assistant.strict,
        "temperature": assistant.temperature,
        "new_tokens": assistant.new_tokens,
    }
    tables = {
        "name": {"zh": assistant.name.zh, "en": assistant.name.en},
        "description": {"zh": assistant.description.zh, "en": assistant.description.en},
        "prompt": {"zh": assistant.prompt.zh, "en": assistant.prompt.en},
        "retrieval": {one.name: getattr(assistant.retrieval, one.name) for one in fields(assistant.retrieval)},
    }
    lines = _pairs(top)
    for heading, values in tables.items():
        if pairs := _pairs(values):
            lines += ["", f"[{heading}]", *pairs]
    return "\n".join(lines) + "\n"


def _pairs(values: dict[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in values.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value)}]"
    text = _escaped(str(value))
    return f'"""\n{text}"""' if "\n" in text else f'"{text}"'


def _escaped(text: str) -> str:
    """``text`` for a TOML string: line feeds stay, all other control characters, quotes and backslashes are escaped."""
    marks = {"\\": "\\\\", '"': '\\"'}
    return "".join(
        marks.get(c) or (f"\\u{ord(c):04X}" if (ord(c) < 32 and c != "\n") or ord(c) == 127 else c) for c in text
    )
