"""Taking work in and telling how far it is. What was taken in is on disk before the call returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from ingest.jobs.records import Job, JobOptions, job_from, result_of
from ingest.jobs.staging import StagingFolder, remove_folder, staging
from ingest.jobs.unpacking import BROKEN, Member, UploadedArchive, is_zip
from ingest.jobs.upload_names import suffix_of, upload_name
from ingest.loaders.failures import damaged
from ingest.report import FileReport
from kbchat.access.principal import Principal
from kbchat.access.table import Action
from kbchat.app import App
from kbchat.errors import InvalidInputError, KbchatError, LoadError, NotFoundError, TooLargeError
from kbchat.messages import Bilingual
from kbchat.services import Services
from kbchat.store.jobs import JobKind, NewJobFile, StoredJob

_MIB = 1 << 20


class JobService:
    """The jobs that a principal may see and give."""

    def __init__(self, app: App, principal: Principal, *, channel: str = "ui") -> None:
        self._app = app
        self._services = Services(app, principal, channel=channel)
        self._root = app.store.data_layout.staging

    def submit_upload(
        self, base: str, files: Iterable[tuple[str, IO[bytes]]], *, options: JobOptions | None = None
    ) -> Job:
        """Queue files (name, open stream) to be read into a knowledge base.

        When this returns, the files are on disk and the job is committed: neither a killed process nor a power cut
        loses them. ``.zip`` archives are unpacked. A file that cannot be taken is in the job as failed, with the
        reason; when all are, the first reason is raised.

        Raises NotFoundError, ForbiddenError, InvalidInputError, TooLargeError, LoadError, StoreError.
        """
        chosen = options or JobOptions()
        target = self._services.allow_on(Action.UPLOAD, base)
        limits = self._app.settings.ingest
        with staging(self._root) as (uid, folder):
            intake = _Intake(folder, limits.upload_files, limits.upload_limit * _MIB)
            for name, stream in files:
                intake.take(name, stream)
            intake.refuse_nothing()
            stored = self._queued("upload", uid, folder, target.id, options=chosen, files=intake.files)
        self._services.record(Action.UPLOAD, base=target.name, object=f"job {stored.id}")
        return job_from(stored)

    def submit_reread(self, base: str, document_ids: Sequence[int], *, options: JobOptions | None = None) -> Job:
        """Queue documents to be read again from their stored originals, each becoming a new revision.

        Raises NotFoundError (also for a document of another base), ForbiddenError, InvalidInputError when none is named
        or one is retired, StoreError.
        """
        chosen = options or JobOptions()
        target = self._services.allow_on(Action.REREAD, base)
        wanted = list(dict.fromkeys(document_ids))
        if not wanted:
            raise InvalidInputError(
                Bilingual("No document was chosen.", "没有选择文档。"),
                Bilingual("Choose at least one.", "请至少选择一份文档。"),
            )
        files = [self._stored_file(target.id, document_id) for document_id in wanted]
        with staging(self._root) as (uid, folder):
            stored = self._queued("reread", uid, folder, target.id, options=chosen, files=files)
        listed = ", ".join(str(key) for key in wanted[:50])
        self._services.record(Action.REREAD, base=target.name, object=f"job {stored.id}: documents {listed}")
        return job_from(stored)

    def _queued(
        self,
        kind: JobKind,
        uid: str,
        folder: StagingFolder,
        base_id: int,
        *,
        options: JobOptions,
        files: Sequence[NewJobFile],
    ) -> StoredJob:
        """Bring what waits in the job's folder to disk, then commit the job. Raises NotFoundError, StoreError."""
        if options.password:
            folder.keep_password(options.password)
        folder.sync()
        return self._app.store.add_job(
            uid,
            base_id,
            owner=self._services.principal.user,
            kind=kind,
            options={"ocr": options.ocr or ""},
            files=files,
        )

    def get(self, job_id: int) -> Job:
        """One job. Raises NotFoundError (also for one of a base that the principal does not see), ForbiddenError."""
        stored = self._app.store.job(job_id)
        try:
            self._services.allow_on_id(Action.READ_JOBS, stored.base_id)
        except NotFoundError as error:
            raise _no_such_job(job_id) from error
        return job_from(stored)

    def list(
        self, base: str | None = None, *, active_only: bool = False, limit: int = 100, offset: int = 0
    ) -> list[Job]:
        """Jobs, the newest first: of one base, or of all whose jobs the principal may see.

        Raises NotFoundError, ForbiddenError.
        """
        if base is not None:
            ids = [self._services.allow_on(Action.READ_JOBS, base).id]
        else:
            seen = self._services.visible_bases()
            ids = [one.id for one in seen if self._services.may(Action.READ_JOBS, one.name)]
        found = self._app.store.jobs(ids, active_only=active_only, limit=limit, offset=offset)
        return [job_from(stored) for stored in found]

    def cancel(self, job_id: int) -> Job:
        """End a job: at once when it waits, else within seconds; what is in stays in, a file under way is given up.

        Raises NotFoundError, ForbiddenError.
        """
        job = self.get(job_id)
        self._services.allow_on(Action.UPLOAD, job.base)
        if self._app.store.cancel_job(job_id):
            self._services.record(Action.UPLOAD, base=job.base, object=f"job {job_id}", outcome="cancelled")
        after = self.get(job_id)
        if after.is_over:
            remove_folder(self._root, after.uid)
        return after

    def report(self, job_id: int) -> Mapping[str, Any] | None:
        """The report of a finished job (see :class:`Job`); None while it is not. Raises NotFoundError, ForbiddenError."""
        return self.get(job_id).report

    def _stored_file(self, base_id: int, document_id: int) -> NewJobFile:
        document = self._app.store.document(document_id)
        if document.base_id != base_id:
            raise NotFoundError(
                Bilingual(f"There is no document {document_id} here.", f"该知识库中没有编号为 {document_id} 的文档。"),
                Bilingual("Choose one of those listed.", "请从列表中选择。"),
            )
        if document.retired_at is not None:
            raise InvalidInputError(
                Bilingual(f"{document.name} is retired.", f"{document.name} 已停用。"),
                Bilingual("Restore it first.", "请先恢复该文档。"),
            )
        size = self._app.store.original(document.sha256).stat().st_size
        return NewJobFile(document.name, "", size, document_id=document_id)


@dataclass(slots=True)
class _Intake:
    """The files of one upload as they come in. ``left`` is how many bytes may still follow."""

    folder: StagingFolder
    most_files: int
    left: int
    files: list[NewJobFile] = field(default_factory=list)
    errors: list[KbchatError] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    _count: int = 0

    def take(self, given: str, stream: IO[bytes]) -> None:
        name = upload_name(given)
        staged = self._staged_name(name)
        size = self._write(staged, stream)
        if not is_zip(name, self.folder.path / staged):
            self._note(name, staged, size)
            return
        self.left += size  # the archive itself goes; what it holds counts
        try:
            self._unpack(staged)
        except LoadError as error:
            self._refuse(name, size, error)
        finally:
            self.folder.remove_file(staged)

    def refuse_nothing(self) -> None:
        """Raise when no file is left to read."""
        if any(file.state == "waiting" for file in self.files):
            return
        if self.errors:
            raise self.errors[0]
        raise InvalidInputError(
            Bilingual("No file was sent.", "没有上传文件。"), Bilingual("Choose at least one.", "请至少选择一个文件。")
        )

    def _unpack(self, staged: str) -> None:
        room = self.most_files - len(self.files)
        with UploadedArchive(self.folder.path / staged, most_files=room, most_bytes=self.left) as archive:
            taken = [self._unpacked(archive, member) for member in archive.members]
        for member, (name, size) in zip(archive.members, taken, strict=True):
            if member.refused is not None:
                self._refuse(member.name, member.info.file_size, member.refused)
            else:
                self._note(member.name, name, size)

    def _unpacked(self, archive: UploadedArchive, member: Member) -> tuple[str, int]:
        """Write a member; its name in the folder and its size."""
        if member.refused is not None:
            return "", 0
        staged = self._staged_name(member.name)
        try:
            with archive.open(member) as stream:
                return staged, self._write(staged, stream)
        except BROKEN as error:
            raise damaged(
                f"{member.name} in the archive is broken; nothing of it was taken.",
                f"压缩包中的 {member.name} 已损坏，整个压缩包未被采用。",
            ) from error

    def _write(self, staged: str, stream: IO[bytes]) -> int:
        size = self.folder.add(staged, stream, self.left)
        self.left -= size
        return size

    def _staged_name(self, name: str) -> str:
        self._count += 1
        return f"{self._count:05d}{suffix_of(name)}"

    def _note(self, name: str, staged: str, size: int) -> None:
        if len(self.files) >= self.most_files:
            raise _too_many(self.most_files)
        if name in self.names:
            self.folder.remove_file(staged)
            self._refuse(name, size, _named_twice(name))
            return
        self.names.add(name)
        self.files.append(NewJobFile(name, staged, size))

    def _refuse(self, name: str, size: int, error: KbchatError) -> None:
        self.errors.append(error)
        result = result_of(FileReport.failed(name, error))
        self.files.append(NewJobFile(name, "", size, "failed", result))


def _named_twice(name: str) -> InvalidInputError:
    return InvalidInputError(
        Bilingual(f"Two files of this upload are named {name}.", f"本次上传中有两个文件都叫 {name}。"),
        Bilingual(
            "Rename one, or send it again by itself to replace the other.", "请重命名其一，或单独上传以替换另一个。"
        ),
    )


def _too_many(most: int) -> TooLargeError:
    return TooLargeError(
        Bilingual(f"More than {most} files at a time are not taken.", f"一次最多上传 {most} 个文件。"),
        Bilingual(
            "Upload fewer at a time, or raise KBCHAT_INGEST__UPLOAD_FILES.",
            "请分批上传，或调高 KBCHAT_INGEST__UPLOAD_FILES。",
        ),
    )


def _no_such_job(job_id: int) -> NotFoundError:
    return NotFoundError(
        Bilingual(f"There is no job {job_id}.", f"没有编号为 {job_id} 的任务。"),
        Bilingual("It may be of a knowledge base that was deleted.", "其所属的知识库可能已被删除。"),
    )
