"""Jobs over a real store and real worker processes."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.jobs import Job, JobOptions, JobRunner, JobService
from ingest.jobs.live_progress import LiveProgress
from ingest.jobs.running import RunningJob
from ingest.jobs.staging import folder_of, staging
from ingest.pipeline import IngestOptions, ingest, worker_pool
from kbchat.access.principal import Principal, Role, local_principal
from kbchat.app import App
from kbchat.errors import ForbiddenError, InvalidInputError, NotFoundError
from kbchat.store.jobs import LeaseLostError

LEAFLET = "# {name}\n\n## 【用法用量】\n\n口服。一次{dose}片，一日3次。\n\n## 【禁忌】\n\n对本品过敏者禁用。\n"


def leaflet(name: str, dose: int = 1) -> tuple[str, io.BytesIO]:
    return f"{name}.md", io.BytesIO(LEAFLET.format(name=name, dose=dose).encode())


def outcome(job: Job) -> list[tuple[str, str, str]]:
    return [(file.name, file.state, file.status) for file in job.files]


def test_an_upload_is_read_reported_and_searchable(app: App, service: JobService, runner: JobRunner) -> None:
    job = service.submit_upload("ward", [leaflet("甲药片"), ("空.txt", io.BytesIO())])
    assert (job.state, job.owner, job.kind) == ("queued", "anna", "upload")
    assert [file.state for file in job.files] == ["waiting", "waiting"]

    assert runner.run_one()
    assert not runner.run_one()
    done = service.get(job.id)

    assert done.state == "done"
    assert outcome(done) == [("甲药片.md", "done", "added"), ("空.txt", "failed", "failed")]
    assert done.files[0].pages_done == done.files[0].pages_total == 1
    failed = done.files[1]
    assert failed.message is not None
    assert failed.remedy is not None
    assert failed.message.zh
    assert failed.message.en
    report = service.report(job.id)
    assert report is not None
    assert report["totals"]["added"] == 1
    (document,) = app.store.documents(app.store.base("ward").id)
    assert (document.source, document.name, document.id) == ("upload:甲药片.md", "甲药片.md", done.files[0].document_id)
    assert app.retriever(["ward"]).retrieve("甲药片 用法用量")
    assert list(app.store.data_layout.staging.iterdir()) == []


def test_the_same_name_is_a_new_revision_and_the_same_bytes_nothing(
    app: App, service: JobService, runner: JobRunner
) -> None:
    for dose, expected in ((1, "added"), (2, "updated"), (2, "unchanged")):
        job = service.submit_upload("ward", [leaflet("甲药片", dose)])
        runner.run_one()
        assert service.get(job.id).files[0].status == expected
    (document,) = app.store.documents(app.store.base("ward").id)
    assert document.revision_number == 2

    name, stream = leaflet("甲药片", 2)
    other = service.submit_upload("ward", [("copy of " + name, stream)])
    runner.run_one()
    (file,) = service.get(other.id).files
    assert file.status == "duplicate"
    assert file.message is not None
    assert file.message.en == "same content as 甲药片.md"


def test_an_uploaded_document_stays_when_a_folder_brings_the_same_bytes(
    app: App, service: JobService, runner: JobRunner, tmp_path: Path
) -> None:
    service.submit_upload("ward", [leaflet("甲药片")])
    runner.run_one()
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "x.md").write_bytes(leaflet("甲药片")[1].read())
    base = app.store.base("ward")

    report = ingest(
        [folder], store=app.store, base=base, embedder=None, index=app.index_for(base), settings=app.settings,
        options=IngestOptions(prune=True),
    )  # fmt: skip

    assert [(file.path, file.status.value) for file in report.files] == [("x.md", "duplicate")]
    assert [document.source for document in app.store.documents(base.id)] == ["upload:甲药片.md"]


def test_reading_again_makes_a_new_revision_with_other_options(
    app: App, service: JobService, runner: JobRunner
) -> None:
    service.submit_upload("ward", [leaflet("甲药片"), leaflet("乙药片")])
    runner.run_one()
    first, second = app.store.documents(app.store.base("ward").id)

    job = service.submit_reread("ward", [second.id], options=JobOptions(ocr="off", password="secret"))
    assert job.ocr == "off"
    assert "secret" not in repr(app.store.job(job.id))
    runner.run_one()

    assert outcome(service.get(job.id)) == [(second.name, "done", "updated")]
    assert app.store.document(second.id).revision_number == 2
    assert app.store.document(second.id).source == second.source
    assert app.store.document(first.id).revision_number == 1
    assert list(app.store.data_layout.staging.iterdir()) == []


def test_reading_again_refuses_what_is_not_there(app: App, service: JobService, runner: JobRunner) -> None:
    service.submit_upload("ward", [leaflet("甲药片")])
    runner.run_one()
    (document,) = app.store.documents(app.store.base("ward").id)
    app.store.create_base("other")
    with pytest.raises(NotFoundError):
        service.submit_reread("other", [document.id])
    with pytest.raises(InvalidInputError):
        service.submit_reread("ward", [])
    app.store.retire_document(document.id)
    with pytest.raises(InvalidInputError, match="retired"):
        service.submit_reread("ward", [document.id])


def test_a_job_of_a_dead_worker_is_taken_over_and_ends_as_if_nothing_had_happened(
    app: App, service: JobService, runner: JobRunner
) -> None:
    """The first worker dies after the commits, before it could note anything."""
    job = service.submit_upload("ward", [leaflet("甲药片"), leaflet("乙药片", 3)])
    claimed = app.store.claim_job("dead", timedelta(seconds=-1))
    assert claimed is not None
    with worker_pool(app.settings, 1) as pool:
        folder = folder_of(app.store.data_layout.staging, claimed.uid)
        _die(RunningJob(app, claimed, "dead", timedelta(seconds=30), folder, threading.Event(), pool))

    assert [file.state for file in service.get(job.id).files] == ["waiting", "waiting"]
    assert runner.run_one()

    done = service.get(job.id)
    assert done.state == "done"
    assert outcome(done) == [("甲药片.md", "done", "added"), ("乙药片.md", "done", "added")]
    assert done.report is not None
    assert done.report["totals"]["added"] == 2
    assert [document.revision_number for document in app.store.documents(app.store.base("ward").id)] == [1, 1]


def _die(dead: RunningJob) -> None:
    """Ingest without noting: as a process that is killed between the commit and the next beat."""
    base = dead._base()
    found, _ = dead._found(base, dead.job.files)
    dead._ingest(base, found, LiveProgress({}, lambda report: report), threading.Event())


def test_a_worker_that_wakes_up_after_its_lease_changes_nothing(app: App, service: JobService) -> None:
    job = service.submit_upload("ward", [leaflet("甲药片")])
    app.store.claim_job("slow", timedelta(seconds=-1))
    taken = app.store.claim_job("quick", timedelta(seconds=30))
    assert taken is not None
    assert taken.attempts == 2
    changes: tuple[Callable[[], None], ...] = (
        lambda: app.store.renew_lease(job.id, "slow", timedelta(seconds=30)),
        lambda: app.store.finish_job(job.id, "slow", "done"),
        lambda: app.store.note_progress(job.id, "slow", []),
        lambda: app.store.release_job(job.id, "slow", retry_after=timedelta(0)),
    )
    for change in changes:
        with pytest.raises(LeaseLostError):
            change()
    assert app.store.job(job.id).worker == "quick"


def test_one_job_a_base_and_bases_in_turn(app: App, service: JobService) -> None:
    app.store.create_base("other")
    for base in ("ward", "ward", "other"):
        service.submit_upload(base, [leaflet(f"{base}药")])
    lease = timedelta(seconds=30)
    first = app.store.claim_job("a", lease)
    second = app.store.claim_job("b", lease)
    assert first is not None
    assert second is not None
    assert (first.base, second.base) == ("ward", "other")
    assert app.store.claim_job("c", lease) is None
    app.store.finish_job(second.id, "b", "done")
    app.store.finish_job(first.id, "a", "done")
    service.submit_upload("other", [leaflet("新药")])
    third = app.store.claim_job("a", lease, rather_not=first.base_id)
    assert third is not None
    assert third.base == "other"


def test_cancelling_a_waiting_and_a_running_job(app: App, service: JobService, runner: JobRunner) -> None:
    waiting = service.submit_upload("ward", [leaflet("甲药片")])
    cancelled = service.cancel(waiting.id)
    assert (cancelled.state, [file.state for file in cancelled.files]) == ("cancelled", ["cancelled"])
    assert not runner.run_one()
    assert list(app.store.data_layout.staging.iterdir()) == []

    job = service.submit_upload("ward", [leaflet(f"药{number}") for number in range(20)])
    thread = threading.Thread(target=runner.run_one)
    thread.start()
    _until(lambda: service.get(job.id).state == "running")
    service.cancel(job.id)
    thread.join(30)
    done = service.get(job.id)
    assert done.state in {"cancelled", "done"}
    assert all(file.state in {"done", "cancelled"} for file in done.files)
    count = len(app.store.documents(app.store.base("ward").id))
    assert count == sum(file.state == "done" for file in done.files)


def test_a_busy_base_is_waited_for(app: App, service: JobService, runner: JobRunner) -> None:
    job = service.submit_upload("ward", [leaflet("甲药片")])
    with app.store.writer_lock(app.store.base("ward").id):
        assert runner.run_one()
        waiting = app.store.job(job.id)
        assert (waiting.state, waiting.attempts) == ("queued", 0)
        assert not runner.run_one()
    _until(runner.run_one)
    assert service.get(job.id).state == "done"


def test_a_job_that_kills_its_process_again_and_again_is_given_up(
    app: App, service: JobService, runner: JobRunner
) -> None:
    job = service.submit_upload("ward", [leaflet("甲药片")])
    for _ in range(5):
        app.store.claim_job("dead", timedelta(seconds=-1))
    runner.run_one()
    done = service.get(job.id)
    assert done.state == "failed"
    assert done.message is not None
    assert "given up" in done.message.en


def test_a_staged_file_that_vanished_is_told(app: App, service: JobService, runner: JobRunner) -> None:
    job = service.submit_upload("ward", [leaflet("甲药片"), leaflet("乙药片")])
    next(app.store.data_layout.staging.glob("*/00001.md")).unlink()
    runner.run_one()
    done = service.get(job.id)
    assert outcome(done) == [("甲药片.md", "failed", "failed"), ("乙药片.md", "done", "added")]
    assert done.files[0].remedy is not None
    assert "again" in done.files[0].remedy.en


def test_a_running_runner_stops_and_another_goes_on(app: App, service: JobService) -> None:
    job = service.submit_upload("ward", [leaflet(f"药{number}") for number in range(20)])
    first = JobRunner(app)
    first.start()
    first.start()
    _until(lambda: any(file.state == "done" for file in service.get(job.id).files))
    first.stop()
    assert service.get(job.id).state in {"queued", "done"}
    second = JobRunner(app)
    second.start()
    try:
        _until(lambda: service.get(job.id).is_over)
    finally:
        second.stop()
    done = service.get(job.id)
    assert done.state == "done"
    assert {file.status for file in done.files} == {"added"}
    assert all(document.revision_number == 1 for document in app.store.documents(app.store.base("ward").id))


def test_who_may_what(app: App, service: JobService) -> None:
    job = service.submit_upload("ward", [leaflet("甲药片")])
    reader = JobService(app, Principal("bo", frozenset({Role.READER})))
    with pytest.raises(ForbiddenError):
        reader.submit_upload("ward", [leaflet("乙药片")])
    with pytest.raises(ForbiddenError):
        reader.get(job.id)
    assert reader.list() == []
    elsewhere = JobService(app, Principal("cy", frozenset({Role.CURATOR}), bases=frozenset({"other"})))
    with pytest.raises(NotFoundError, match=f"no job {job.id}"):
        elsewhere.get(job.id)
    with pytest.raises(NotFoundError):
        elsewhere.submit_upload("ward", [leaflet("乙药片")])
    assert [one.id for one in JobService(app, local_principal("dee")).list("ward", active_only=True)] == [job.id]
    assert list(app.store.data_layout.staging.iterdir()) == [app.store.data_layout.staging / job.uid]


def test_leftovers_are_removed_and_what_is_needed_stays(app: App, service: JobService, runner: JobRunner) -> None:
    job = service.submit_upload("ward", [leaflet("甲药片")])
    left = app.store.data_layout.staging / ("0" * 32)
    left.mkdir()
    (left / "00001.pdf").write_bytes(b"half")
    (app.store.data_layout.staging / f"{left.name}.lock").touch()
    runner.clean_up()
    assert [path.name for path in app.store.data_layout.staging.iterdir()] == [job.uid]


def test_a_folder_being_filled_is_no_leftover(app: App, runner: JobRunner) -> None:
    with staging(app.store.data_layout.staging) as (_, folder):
        runner.clean_up()
        assert folder.path.is_dir()


def _until(is_so: Callable[[], bool], seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)
