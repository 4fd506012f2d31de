"""The widget's script and page. Open to everybody: they hold nothing, and sign in for themselves."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from kbchat.messages import Bilingual
from kbchat.server.openapi import refusals
from kbchat.server.service import TheLanguage

router = APIRouter(tags=["widget"])
_TITLE = Bilingual("Ask about medicines", "用药问答")
_FRESH_FOR = "public, max-age=300"


@cache
def _file(name: str) -> str:
    return resources.files("kbchat.server.widget").joinpath(name).read_text("utf-8")


@router.get(
    "/embed.js",
    summary="The widget's script",
    response_class=Response,
    responses={200: {"description": "JavaScript.", "content": {"text/javascript": {}}}},
)
async def embed_script(request: Request) -> Response:
    """For `<script src="…/embed.js" data-assistant="medication" defer></script>`; see docs/widget.md."""
    return _cached(request, _file("embed.js"), "text/javascript")


@router.get(
    "/embed/chat",
    summary="The chat as a page for a frame",
    response_class=Response,
    responses={**refusals(422), 200: {"description": "HTML.", "content": {"text/html": {}}}},
)
async def embed_page(
    language: TheLanguage,
    lang: Annotated[Literal["zh", "en", ""], Query(description="Language of the page.")] = "",
) -> Response:
    """Only origins of `server.frame_ancestors` may show it in a frame. A token comes in the fragment (`#token=…`)."""
    spoken = lang or language
    page = _file("chat.html").format(lang="zh-CN" if spoken == "zh" else "en", title=_TITLE.in_language(language))
    return Response(page, media_type="text/html", headers={"Cache-Control": "no-store"})


def _cached(request: Request, content: str, media_type: str) -> Response:
    tag = f'"{_digest(content)}"'
    headers = {"Cache-Control": _FRESH_FOR, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


@cache
def _digest(content: str) -> str:

    return hashlib.sha256(content.encode()).hexdigest()[:32]
