"""/api/bases/…/documents: documents, cards, revisions, sections, originals."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse

from kbchat.server.openapi import problems
from kbchat.server.routes.bases import BaseName
from kbchat.server.service import ThePage, TheServices
from kbchat.services.documents import DocumentDetail, DocumentRow, RevisionRow, SectionView
from kbchat.services.revision_difference import DiffLine
from kbchat.types import DocumentKind

router = APIRouter(prefix="/api/bases/{base}/documents", tags=["documents"])

LARGEST_ID = 2**63 - 1
DocumentId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Id of the document.")]
RevisionId = Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="A revision's id; else the newest.")]


class Documents(BaseModel):
    """A part of the list of documents."""

    items: list[DocumentRow]
    total: int


class Revisions(BaseModel):
    """All revisions, newest first."""

    items: list[RevisionRow]
    total: int


class Sections(BaseModel):
    """A part of the sections of a revision, in the document's order."""

    items: list[SectionView]
    total: int


class Difference(BaseModel):
    """The new text with what was removed between; empty when nothing changed."""

    lines: list[DiffLine]


class CardChange(BaseModel):
    """Fields of the card to correct; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"manufacturer": "ACME", "revised_on": "2024-05"}]}
    )

    kind: DocumentKind | None = None
    title: str | None = Field(None, max_length=500)
    language: str | None = Field(None, pattern="^(zh|en)$")
    generic_names: list[str] | None = Field(None, max_length=50)
    brand_names: list[str] | None = Field(None, max_length=50)
    english_names: list[str] | None = Field(None, max_length=50)
    manufacturer: str | None = Field(None, max_length=500)
    strength: str | None = Field(None, max_length=500)
    issuer: str | None = Field(None, max_length=500)
    version: str | None = Field(None, max_length=200)
    approved_on: str | None = Field(None, max_length=10)
    revised_on: str | None = Field(None, max_length=10)

    def fields(self) -> dict[str, Any]:
        """Those that were sent."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


@router.get("", summary="List documents", responses=problems(404))
def list_documents(
    base: BaseName,
    services: TheServices,
    page: ThePage,
    text: Annotated[str, Query(max_length=200, description="Words that name or title must have.")] = "",
    kind: Annotated[DocumentKind | None, Query(description="Only documents of this kind.")] = None,
    sort: Annotated[
        str, Query(max_length=40, description="Order; with `-` before it, falling.", examples=["-updated"])
    ] = "name",
    include_retired: Annotated[bool, Query(description="Also those taken out of search.")] = False,
) -> Documents:
    """Documents with their newest revision."""
    found = services.documents.list(
        base,
        include_retired=include_retired,
        text=text,
        kind=kind.value if kind else "",
        sort=sort,
        offset=page.offset,
        limit=page.limit,
    )
    return Documents(items=found.items, total=found.total)


@router.get("/{document_id}", summary="One document", responses=problems(404))
def get_document(base: BaseName, document_id: DocumentId, services: TheServices) -> DocumentDetail:
    """Its card, revisions, warnings and outline."""
    return services.documents.get(base, document_id)


@router.patch("/{document_id}/card", summary="Correct the card", responses=problems(404, 409))
def change_card(base: BaseName, document_id: DocumentId, body: CardChange, services: TheServices) -> DocumentDetail:
    """The card of the newest revision; search follows at once. For curators."""
    return services.documents.change_card(base, document_id, **body.fields())


@router.post("/{document_id}/retire", summary="Take out of search", responses=problems(404))
def retire(base: BaseName, document_id: DocumentId, services: TheServices) -> DocumentRow:
    """Its pages stay readable, so that citations still lead somewhere. Doing it twice is once. For curators."""
    return services.documents.retire(base, document_id)


@router.post("/{document_id}/restore", summary="Bring back into search", responses=problems(404, 409))
def restore(base: BaseName, document_id: DocumentId, services: TheServices) -> DocumentRow:
    """Doing it twice is once. For curators."""
    return services.documents.restore(base, document_id)


@router.get("/{document_id}/revisions", summary="Revisions", responses=problems(404))
def revisions(base: BaseName, document_id: DocumentId, services: TheServices) -> Revisions:
    """All states of the document, newest first."""
    found = list(services.documents.revisions(base, document_id))
    return Revisions(items=found, total=len(found))


@router.get("/{document_id}/difference", summary="What changed between two revisions", responses=problems(404))
def difference(
    base: BaseName,
    document_id: DocumentId,
    services: TheServices,
    old: Annotated[int, Query(ge=1, le=LARGEST_ID, description="Id of the earlier revision.")],
    new: Annotated[int, Query(ge=1, le=LARGEST_ID, description="Id of the later revision.")],
) -> Difference:
    """Paragraph by paragraph; long unchanged stretches are gaps."""
    return Difference(lines=list(services.documents.difference(base, document_id, old, new)))


@router.get("/{document_id}/sections", summary="Sections and chunks", responses=problems(404))
def sections(
    base: BaseName, document_id: DocumentId, services: TheServices, page: ThePage, revision: RevisionId = None
) -> Sections:
    """What was read from the document, and how it was cut."""
    found = services.documents.sections(base, document_id, revision)
    return Sections(items=list(found[page.offset : page.offset + page.limit]), total=len(found))


@router.get(
    "/{document_id}/original",
    summary="The file itself",
    response_class=FileResponse,
    responses={**problems(404), 200: {"description": "The file.", "content": {"*/*": {}}}},
)
def original(
    base: BaseName, document_id: DocumentId, services: TheServices, revision: RevisionId = None
) -> FileResponse:
    """As it was uploaded. What could run in a browser (HTML, XML) is sent as an attachment."""
    found = services.documents.original(base, document_id, revision)
    return FileResponse(found.path, media_type=found.media_type, headers=disposition(found.name, inline=found.inline))


def disposition(name: str, *, inline: bool) -> dict[str, str]:
    """The header that names a file; a name of any signs cannot break out of it."""
    kind = "inline" if inline else "attachment"
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._- ") else "_" for sign in name)
    return {"Content-Disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
