"""Uploads and jobs: files come in, and how far they are."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from functools import partial
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal

import anyio
import anyio.from_thread
import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from kbchat.errors import InvalidInputError, KbchatError
from kbchat.messages import Bilingual, Language
from kbchat.server.content_digest import ContentDigest
from kbchat.server.multipart import MultipartReader
from kbchat.server.once import TheKey
from kbchat.server.openapi import problems
from kbchat.server.problems import code_of
from kbchat.server.routes.bases import BaseName
from kbchat.server.routes.documents import LARGEST_ID
from kbchat.server.service import TheJobs, TheLanguage, ThePage, TheService

if TYPE_CHECKING:
    from ingest.jobs import Job as StoredJob
    from ingest.jobs import JobService

router = APIRouter(prefix="/api", tags=["uploads"])

JobId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Id of the job.")]
_BLOCK = 1 << 20
_LOOK_EVERY = 0.5
_SIGN_OF_LIFE = 15.0
_OCR = ("auto", "off", "all")


class JobFile(BaseModel):
    """One file of a job and how far it is."""

    number: int
    name: str
    size: int
    state: Literal["waiting", "reading", "done", "failed", "cancelled"]
    pages_done: int
    pages_total: int = Field(description="0 until known.")
    status: str = Field(description="As in the ingest report; empty until the file is through.", examples=["added"])
    message: str
    remedy: str
    error: str
    pages: int
    ocr_pages: int
    chunks: int
    seconds: float
    warnings: list[str]
    document_id: int | None


class Job(BaseModel):
    """Work that goes on behind the request."""

    id: int
    uid: str
    knowledge_base: str
    owner: str
    kind: Literal["upload", "reread"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    ocr: str
    files: list[JobFile]
    files_done: int
    pages_done: int
    pages_total: int
    report: dict[str, Any] | None = Field(description="Totals, notes and seconds of a finished job.")
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    message: str
    remedy: str


class Jobs(BaseModel):
    """A part of the list of jobs, newest first."""

    items: list[Job]
    offset: int
    limit: int


class Reread(BaseModel):
    """Documents to read again from their stored originals."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"documents": [3, 4], "ocr": "all"}]})

    documents: list[Annotated[int, Field(ge=1, le=LARGEST_ID)]] = Field(min_length=1, max_length=1000)
    ocr: Literal["auto", "off", "all"] | None = Field(None, description="When pages are read from their picture.")
    password: str | None = Field(None, max_length=200, description="Opens encrypted files.")


_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "ocr": {"type": "string", "enum": list(_OCR), "description": "Before the files."},
                        "password": {"type": "string", "description": "Opens encrypted files. Before the files."},
                        "files": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
                    },
                }
            }
        },
    }
}


@router.post(
    "/bases/{base}/uploads",
    summary="Upload files",
    status_code=202,
    response_model=Job,
    responses=problems(404, 409, 413),
    openapi_extra=_FORM,
)
async def upload(
    base: BaseName, request: Request, service: TheService, jobs: TheJobs, language: TheLanguage, once: TheKey
) -> Response:
    """Queue files to be read; zip archives are unpacked. When this answers, the files are on disk and will be read.

    A file of a name that is there already becomes a new revision. The body is read as it arrives and never kept in
    memory. For curators.
    """
    body = request.stream()

    def next_piece() -> bytes:
        return anyio.from_thread.run(_next, body)

    reader = MultipartReader(request.headers.get("content-type", ""), next_piece)
    take = partial(_take, jobs, base, reader, language)
    answer = partial(once.answer_content, take, partial(_read, reader), status=202)
    response = await anyio.to_thread.run_sync(answer, limiter=service.uploads)
    _point_to(response, request)
    return response


async def _next(body: AsyncIterator[bytes]) -> bytes:
    return await anext(body, b"")


def _take(
    jobs: JobService, base: str, reader: MultipartReader, language: Language, digest: ContentDigest
) -> dict[str, Any]:
    """In a thread: hand the files over as they arrive."""
    from ingest.jobs import JobOptions  # noqa: PLC0415 - the readers are loaded when documents come

    every, ocr, password = _form(reader, digest)
    if ocr is not None and ocr not in _OCR:
        raise InvalidInputError(
            Bilingual(f"{ocr[:20]!r} is no way to use OCR.", f"{ocr[:20]!r} 不是可用的 OCR 选项。"),
            Bilingual("Use auto, off or all.", "可用值：auto、off、all。"),
        )
    options = JobOptions(ocr=ocr, password=password)  # type: ignore[arg-type] # checked above
    return jobs.submit_upload(base, every, options=options).as_json(language)


def _read(reader: MultipartReader, digest: ContentDigest) -> None:
    """In a thread: the files of an upload that was answered before, for their hash alone."""
    every, _, _ = _form(reader, digest)
    for _, stream in every:
        while stream.read(_BLOCK):
            pass


def _form(
    reader: MultipartReader, digest: ContentDigest
) -> tuple[Iterator[tuple[str, IO[bytes]]], str | None, str | None]:
    """The files, and what came before them: when to use OCR, and a password."""
    files = digest.watched(reader.files())
    first = list(itertools.islice(files, 1))
    ocr, password = reader.fields.get("ocr") or None, reader.fields.get("password") or None
    digest.field("ocr", ocr)
    digest.field("password", password)
    return itertools.chain(first, files), ocr, password


def _point_to(response: Response, request: Request) -> None:
    job = json.loads(bytes(response.body))
    response.headers["Location"] = f"{request.scope.get('root_path', '')}/api/jobs/{job['id']}"


@router.post(
    "/bases/{base}/reread",
    summary="Read documents again",
    status_code=202,
    response_model=Job,
    responses=problems(404, 409),
)
def reread(
    base: BaseName, body: Reread, request: Request, jobs: TheJobs, language: TheLanguage, once: TheKey
) -> Response:
    """From their stored originals, each becoming a new revision. For curators."""
    from ingest.jobs import JobOptions  # noqa: PLC0415

    options = JobOptions(ocr=body.ocr, password=body.password)
    response = once.answer(
        lambda: jobs.submit_reread(base, body.documents, options=options).as_json(language), body, status=202
    )
    _point_to(response, request)
    return response


@router.get("/jobs", summary="List jobs", responses=problems(404))
def list_jobs(
    jobs: TheJobs,
    page: ThePage,
    language: TheLanguage,
    base: Annotated[str | None, Query(max_length=200, description="Only jobs of this knowledge base.")] = None,
    active: Annotated[bool, Query(description="Only jobs that are not over.")] = False,
) -> Jobs:
    """Of the knowledge bases whose jobs you may see."""
    found = jobs.list(base, active_only=active, limit=page.limit, offset=page.offset)
    items = [Job.model_validate(one.as_json(language)) for one in found]
    return Jobs(items=items, offset=page.offset, limit=page.limit)


@router.get("/jobs/{job_id}", summary="One job", responses=problems(404))
def get_job(job_id: JobId, jobs: TheJobs, language: TheLanguage) -> Job:
    """Its files, how far they are, and what became of them."""
    return Job.model_validate(jobs.get(job_id).as_json(language))


@router.post("/jobs/{job_id}/cancel", summary="Cancel a job", responses=problems(404))
def cancel_job(job_id: JobId, jobs: TheJobs, language: TheLanguage) -> Job:
    """What is in stays in; the file under way is finished. Doing it twice is once."""
    return Job.model_validate(jobs.cancel(job_id).as_json(language))


@router.get(
    "/jobs/{job_id}/events",
    summary="Progress of a job",
    response_class=StreamingResponse,
    responses={
        **problems(404),
        200: {
            "description": "Server-sent events `job`, each with the job as JSON, until it is over.",
            "content": {"text/event-stream": {}},
        },
    },
)
async def job_events(job_id: JobId, jobs: TheJobs, language: TheLanguage) -> StreamingResponse:
    """An event at once, then one whenever something changed."""
    first = await anyio.to_thread.run_sync(jobs.get, job_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_progress(jobs, first, language), media_type="text/event-stream", headers=headers)


async def _progress(jobs: JobService, job: StoredJob, language: Language) -> AsyncIterator[str]:
    said = ""
    silent = 0.0
    while True:
        now = json.dumps(job.as_json(language), ensure_ascii=False)
        if now != said:
            yield f"event: job\ndata: {now}\n\n"
            said, silent = now, 0.0
        if job.is_over:
            return
        if silent >= _SIGN_OF_LIFE:
            yield ": working\n\n"
            silent = 0.0
        await asyncio.sleep(_LOOK_EVERY)
        silent += _LOOK_EVERY
        try:
            job = await anyio.to_thread.run_sync(jobs.get, job.id)
        except KbchatError as error:  # the knowledge base was deleted meanwhile
            told = {"code": code_of(error), "detail": error.user_message.in_language(language)}
            yield f"event: error\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"
            return
