"""Errors as answers: problem details (RFC 9457) for the API, OpenAI's shape below /v1, in the reader's language."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from kbchat.errors import (
    AccessError,
    BusyError,
    ConfigurationError,
    ConflictError,
    EncryptedFileError,
    ForbiddenError,
    GeneratorBusyError,
    GeneratorError,
    InvalidInputError,
    KbchatError,
    LoadError,
    NotFoundError,
    PagePictureError,
    PromptTooLongError,
    StorageFullError,
    TooLargeError,
    UnauthenticatedError,
    UnsupportedFormatError,
)
from kbchat.messages import Bilingual, Language

_log = logging.getLogger("kbchat.server")
_FOLDERS = re.compile(
    r"(?<![A-Za-z0-9_./:\\-])(?:[A-Za-z]:[\\/]|/)(?:[^\s/\\:'\"“”‘’，。；：,;()（）]+[\\/])*(?=[^\s/\\])"
)
"""The folders before a file's name, in a path from the root; no part of an address or of a word with a slash."""
PROBLEM_TYPE = "application/problem+json"
_BEARER = {"WWW-Authenticate": 'Bearer realm="kbchat"'}

# The first that fits: leaves stand before what they are leaves of.
_STATUS: tuple[tuple[type[KbchatError], int], ...] = (
    (UnauthenticatedError, 401),
    (ForbiddenError, 403),
    (AccessError, 403),
    (NotFoundError, 404),
    (PagePictureError, 404),
    (BusyError, 503),
    (ConflictError, 409),
    (ConfigurationError, 409),
    (TooLargeError, 413),
    (InvalidInputError, 422),
    (UnsupportedFormatError, 415),
    (EncryptedFileError, 422),
    (LoadError, 422),
    (PromptTooLongError, 422),
    (StorageFullError, 507),
    (GeneratorBusyError, 503),
    (GeneratorError, 502),
)

_TITLES: Mapping[int, Bilingual] = {
    400: Bilingual("The request cannot be understood", "请求无法理解"),
    401: Bilingual("Not signed in", "尚未登录"),
    403: Bilingual("Not allowed", "没有权限"),
    404: Bilingual("Not found", "未找到"),
    405: Bilingual("Not possible here", "此处不支持该方法"),
    408: Bilingual("Too slow", "请求超时"),
    409: Bilingual("Not possible as things stand", "与当前状态冲突"),
    413: Bilingual("Too large", "内容过大"),
    415: Bilingual("Not this kind of content", "不支持的内容类型"),
    422: Bilingual("Cannot be used", "内容无法使用"),
    500: Bilingual("Something broke here", "服务内部出错"),
    502: Bilingual("The language model failed", "语言模型出错"),
    503: Bilingual("Too busy just now", "暂时繁忙"),
    507: Bilingual("No space left", "存储空间不足"),
}
_OTHER = Bilingual("The request failed", "请求失败")


def status_of(error: KbchatError) -> int:
    """The HTTP status for an error; 500 for what only the people who run kbchat can mend."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def code_of(error: KbchatError) -> str:
    """A stable word for programs: the error's class, as ``not_found`` for NotFoundError."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__.removesuffix("Error")).lower()


def language_of(accepted: str | None, default: Language) -> Language:
    """The better liked of the two languages in an Accept-Language header; ``default`` where it names neither."""
    best: tuple[float, Language] | None = None
    for item in (accepted or "")[:500].split(","):
        name, _, parameters = item.partition(";")
        tag = name.strip().lower().partition("-")[0]
        weight = re.search(r"q\s*=\s*([01](?:\.\d{1,3})?)", parameters)
        liked = float(weight.group(1)) if weight else 1.0
        if tag in ("zh", "en") and liked > 0 and (best is None or liked > best[0]):
            best = (liked, "zh" if tag == "zh" else "en")
    return best[1] if best else default


def error_response(error: KbchatError, path: str, language: Language) -> JSONResponse:
    """An error meant for a person."""
    status = status_of(error)
    message, remedy = told(error, language)
    headers = dict(_BEARER) if status == 401 else {"Retry-After": "2"} if error.retryable and status == 503 else {}
    return _shaped(path, status, code_of(error), message, remedy, language, headers)


def told(error: KbchatError, language: Language) -> tuple[str, str]:
    """Message and remedy for whoever asked.

    What only the people who run kbchat can mend is logged, and told without the folders of the server.
    """
    message, remedy = error.user_message.in_language(language), error.remedy.in_language(language)
    status = status_of(error)
    if status in (500, 507) or isinstance(error, ConfigurationError):
        _log.error("failed", exc_info=error)
    elif status < 500:
        return message, remedy
    return _FOLDERS.sub("", message), _FOLDERS.sub("", remedy)


def http_response(error: HTTPException, path: str, language: Language) -> JSONResponse:
    """An error of HTTP itself: no such path, no such method, a body that ends early."""
    title = _TITLES.get(error.status_code, _OTHER)
    said = Bilingual(str(error.detail), title.zh)
    headers = dict(error.headers or {})
    return _shaped(path, error.status_code, "http", said.in_language(language), "", language, headers)


def validation_response(error: RequestValidationError, path: str, language: Language) -> JSONResponse:
    """A request with a wrong field: which, and what was expected. What was sent is not repeated."""
    wrong = [
        {"field": ".".join(str(part) for part in item["loc"]), "message": str(item["msg"])} for item in error.errors()
    ]
    listed = "; ".join(f"{item['field']}: {item['message']}" for item in wrong[:5])
    message = Bilingual(f"The request has wrong fields: {listed}.", f"请求中有字段不正确：{listed}。")
    remedy = Bilingual("See /api/openapi.json for what is expected.", "字段要求见 /api/openapi.json。")
    return _shaped(
        path, 422, "invalid_input", message.in_language(language), remedy.in_language(language), language, {}, wrong
    )


def broken_response(path: str, language: Language) -> JSONResponse:
    """Something unforeseen: nothing of it is told."""
    message = Bilingual("The service could not do this.", "服务无法完成该请求。").in_language(language)
    remedy = Bilingual("Try again; the log of kbchat has the reason.", "请重试；原因见 kbchat 日志。").in_language(
        language
    )
    return _shaped(path, 500, "internal", message, remedy, language, {})


def openai_error(status: int, code: str, message: str, param: str | None = None) -> dict[str, Any]:
    """An error in OpenAI's shape."""
    kinds = {
        401: "authentication_error",
        403: "permission_error",
        404: "invalid_request_error",
        429: "rate_limit_error",
    }
    kind = kinds.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _shaped(  # noqa: PLR0917 - the fields of one answer
    path: str,
    status: int,
    code: str,
    message: str,
    remedy: str,
    language: Language,
    headers: Mapping[str, str],
    wrong: list[dict[str, str]] | None = None,
) -> JSONResponse:
    sent = {**headers, "Content-Language": language}
    if path.startswith("/v1/"):
        param = wrong[0]["field"].partition(".")[2] if wrong else None
        theirs = 400 if status == 422 else status  # as OpenAI has it
        return JSONResponse(openai_error(theirs, code, f"{message} {remedy}".strip(), param), theirs, sent)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES.get(status, _OTHER).in_language(language),
        "status": status,
        "detail": message,
        "remedy": remedy,
        "code": code,
    }
    if wrong:
        body["errors"] = wrong
    return JSONResponse(body, status, sent, media_type=PROBLEM_TYPE)
