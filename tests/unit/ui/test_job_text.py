"""What jobs and their reports say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ingest.jobs import Job, JobFile
from kbchat.messages import Bilingual
from ui.components.job_text import (
    file_rows,
    job_progress,
    job_title,
    job_tone,
    needing_attention,
    notes_of,
    report_line,
)

BEGUN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WHY, REMEDY = Bilingual("It is broken.", "文件已损坏。"), Bilingual("Fetch it again.", "请重新获取。")


def file(number=1, state="waiting", **fields):
    values = {"name": f"{number}.pdf", "size": 2048, "pages_done": 0, "pages_total": 0, "status": ""} | fields
    return JobFile(number=number, state=state, **values)


def job(*files, state="running", report=None):
    over = state in ("done", "failed", "cancelled")
    return Job(
        1, "u", "demo", "anna", "upload", state, "", tuple(files), report, False, BEGUN, BEGUN,
        BEGUN + timedelta(seconds=12) if over else None,
    )  # fmt: skip


def test_a_job_is_named_by_its_file_or_their_number():
    assert job_title(job(file()), "en") == "Upload: 1.pdf"
    assert job_title(job(file(1), file(2)), "zh") == "上传 2 个文件"


def test_progress_counts_pages_of_the_file_under_way():
    at_work = job(
        file(1, "done", pages_done=4, pages_total=4),
        file(2, "reading", pages_done=5, pages_total=10),
        file(3),
        file(4, "failed"),
    )

    assert job_progress(at_work, "en") == (0.625, "2 of 4 files · 9 pages read")
    assert job_progress(job(), "en") == (0.0, "")


def test_files_under_way_come_first_then_failed_ones():
    rows = file_rows(
        [
            file(1, "done", status="added", pages=3, ocr_pages=1, document_id=7),
            file(2, "failed", status="failed", message=WHY, remedy=REMEDY),
            file(3, "reading", pages_done=1, pages_total=2),
        ],
        "en",
        most=10,
    )

    assert [row.id for row in rows] == ["3", "2", "1"]
    assert rows[0].cells[2].share == 0.5
    assert rows[1].cells[0].note == "It is broken. Fetch it again."
    assert rows[1].cells[1].tone == "bad"
    assert rows[2].cells[0].opens
    assert rows[2].cells[2].text == "3 (1 by OCR)"
    assert len(file_rows([file(n) for n in range(20)], "en", most=5)) == 5


def test_the_report_counts_what_became_of_files():
    done = job(
        file(1, "done", status="added"), file(2, "done", status="added"), file(3, "done", status="updated"),
        file(4, "failed", message=WHY), state="done",
    )  # fmt: skip

    assert report_line(done, "en") == "2 added, 1 new revision, 1 failed, in 12.0 s"
    assert report_line(done, "zh") == "新增 2，新版本 1，失败 1，用时 12.0 s"
    assert [one.number for one in needing_attention(done)] == [4]
    assert job_tone(done) == "warn"
    assert job_tone(job(file(1, "done", status="added"), state="done")) == "good"


def test_notes_come_in_the_language_of_the_reader():
    report = {"notes": [{"en": "A link was skipped.", "zh": "跳过了一个链接。"}]}

    assert notes_of(report, "zh") == ["跳过了一个链接。"]
    assert notes_of(None, "en") == []
