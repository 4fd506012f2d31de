"""/api/sources: what citations point at."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.responses import FileResponse

from kbchat.errors import InvalidInputError
from kbchat.messages import Bilingual
from kbchat.server.openapi import problems
from kbchat.server.routes.documents import LARGEST_ID, disposition
from kbchat.server.service import TheServices
from kbchat.services.sources import SourceView

router = APIRouter(prefix="/api/sources/{revision_id}", tags=["sources"])

RevisionId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="A revision's id, as in a citation (`revision`).")]
PageNumber = Annotated[int, Path(ge=1, le=1_000_000, description="Number of the page, from 1.")]
_LONGEST_PAGE = 100_000_000
Start = Annotated[int, Query(ge=0, le=_LONGEST_PAGE, description="Where the quote begins in the page's text.")]
End = Annotated[int, Query(ge=0, le=_LONGEST_PAGE, description="Where it ends.")]
Mark = Annotated[str, Query(pattern=r"^\d{1,9}-\d{1,9}$", max_length=19)]


@router.get("/pages/{page}", summary="The text around a quote", responses=problems(404))
def source_view(
    revision_id: RevisionId, page: PageNumber, services: TheServices, start: Start = 0, end: End = 0
) -> SourceView:
    """Document, revision, section, and the text before, in and after the quote; `kind` tells if there is a picture."""
    return services.sources.citation_view(revision_id, page, start, end)


@router.get(
    "/pages/{page}/picture",
    summary="The picture of a page",
    response_class=Response,
    responses={**problems(404), 200: {"description": "The page as PNG.", "content": {"image/png": {}}}},
)
def page_picture(
    revision_id: RevisionId,
    page: PageNumber,
    services: TheServices,
    start: Start = 0,
    end: End = 0,
    mark: Annotated[
        list[Mark] | None,
        Query(max_length=50, description="More stretches to mark, as `start-end`.", examples=["0-20"]),
    ] = None,
    width: Annotated[int, Query(ge=100, le=2400, description="Width in pixels.")] = 1000,
) -> Response:
    """With the quote marked. PDF and pictures only; other formats have no pages."""
    places = [(start, end)] if end > start else []
    places += [_place(text) for text in mark or ()]
    found = services.sources.page_picture(revision_id, page, width_px=width, highlights=places)
    headers = {"X-Picture-Size": f"{found.width}x{found.height}"}
    return Response(found.png, media_type="image/png", headers=headers)


@router.get(
    "/original",
    summary="The file itself",
    response_class=FileResponse,
    responses={**problems(404), 200: {"description": "The file.", "content": {"*/*": {}}}},
)
def source_original(revision_id: RevisionId, services: TheServices) -> FileResponse:
    """The file this revision was read from. What could run in a browser is sent as an attachment."""
    found = services.sources.original(revision_id)
    return FileResponse(found.path, media_type=found.media_type, headers=disposition(found.name, inline=found.inline))


def _place(text: str) -> tuple[int, int]:
    start, _, end = text.partition("-")
    if not int(start) < int(end):
        raise InvalidInputError(
            Bilingual(f"{text!r} is no stretch of text.", f"{text!r} 不是有效的文本范围。"),
            Bilingual("Give start-end, with the end behind the start.", "请按“起点-终点”给出，终点应大于起点。"),
        )
    return int(start), int(end)
