"""Large uploads over HTTP: memory and disk of the process tree while they come in, and what is refused.

    python benchmarks/service_upload.py [--mib 2047]

One text file just under ``server.upload_limit`` is sent as a stream to ``kbchat serve``; then one over it, once with its
length told (refused unread) and once in chunks without a length (refused on the way). Memory is the proportional set size of
the whole process tree, disk the size of the data folder, both looked at five times a second. Needs three times the file's
size of disk for a while; everything is removed.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from results_file import print_table, write_results
from service_process import Server, running

from kbchat.app import App
from kbchat.cli.bases import create_base
from kbchat.settings import load_settings

BASE = "uploads"
SETTINGS = {"KBCHAT_EMBEDDING__MODEL": "none"}
MIB = 1 << 20
_LONGEST_JOB = 400.0
_BOUNDARY = "upload-benchmark"
_HEAD = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="large.txt"\r\n\r\n'.encode()
_TAIL = f"\r\n--{_BOUNDARY}--\r\n".encode()
_LINE = b"Dosage and administration: one tablet daily with a meal.\n"
_PIECE = (_LINE * (MIB // len(_LINE) + 1))[:MIB]


@dataclass
class Peaks:
    """The highest values seen, in MiB."""

    memory: float = 0.0
    disk: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)


def folder_mib(folder: Path) -> float:
    """Bytes that the files below ``folder`` take on the disk, in MiB."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total / MIB


@contextmanager
def watched(server: Server, data: Path) -> Iterator[Peaks]:
    """Look at memory and disk until the block ends."""
    peaks = Peaks()

    def look() -> None:
        while not peaks.stop.wait(0.2):
            peaks.memory = max(peaks.memory, server.resident_mib())
            peaks.disk = max(peaks.disk, folder_mib(data))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peaks
    finally:
        peaks.stop.set()
        thread.join()


def body(mib: int) -> Iterator[bytes]:
    """A form with one file of so many MiB, made while it is sent."""
    yield _HEAD
    for _ in range(mib):
        yield _PIECE
    yield _TAIL


def send(client: httpx.Client, mib: int, *, with_length: bool) -> tuple[str, float]:
    """Upload; the status (or how the connection ended) and the seconds until it was there."""
    headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    if with_length:
        headers["Content-Length"] = str(len(_HEAD) + mib * MIB + len(_TAIL))
    began = time.monotonic()
    try:
        said = str(client.post(f"/api/bases/{BASE}/uploads", content=body(mib), headers=headers).status_code)
    except httpx.WriteError:  # it was refused and hung up while we still sent
        said = "hung up"
    return said, round(time.monotonic() - began, 1)


def job_over(client: httpx.Client) -> tuple[str, float]:
    """Wait for the job; its state, the file's reason if it failed, and the seconds."""
    began = time.monotonic()
    while True:
        (job,) = client.get("/api/jobs").raise_for_status().json()["items"]
        if time.monotonic() - began > _LONGEST_JOB:
            return "still running", round(time.monotonic() - began, 1)
        if job["state"] not in ("queued", "running"):
            reason = job["files"][0]["message"] or job["message"]
            return f"{job['state']}: {reason}", round(time.monotonic() - began, 1)
        time.sleep(0.5)


def measure(data: Path, mib: int) -> dict[str, object]:
    """Upload under and over the limit."""
    figures: dict[str, object] = {"MiB sent": mib}
    settings = SETTINGS | {"KBCHAT_SERVER__UPLOAD_LIMIT": str(mib + 1)}
    with (
        running(data, **settings) as server,
        httpx.Client(base_url=server.address, timeout=1800, trust_env=False) as client,
    ):
        client.get(f"/api/bases/{BASE}").raise_for_status()
        figures["memory before, MiB"] = round(server.resident_mib())
        for name, size, with_length in (
            ("over the limit, length told", mib + 3, True),
            ("over the limit, in chunks", mib + 3, False),
        ):
            with watched(server, data) as peaks:
                said, seconds = send(client, size, with_length=with_length)
            left = sorted(path.name for path in (data / "staging").glob("*"))
            figures[name] = f"{said} after {seconds} s, {len(left)} files left"
            figures[f"{name}: memory / disk, highest, MiB"] = f"{peaks.memory:.0f} / {peaks.disk:.0f}"
        with watched(server, data) as peaks:
            said, seconds = send(client, mib, with_length=True)
        figures["under the limit"] = f"{said} after {seconds} s"
        figures["under the limit: memory / disk, highest, MiB"] = f"{peaks.memory:.0f} / {peaks.disk:.0f}"
        with watched(server, data) as peaks:
            state, seconds = job_over(client)
        figures["its job"] = f"{state} after {seconds} s"
        figures["its job: memory / disk, highest, MiB"] = f"{peaks.memory:.0f} / {peaks.disk:.0f}"
        client.get("/healthz").raise_for_status()
        time.sleep(2)
        figures["disk in the end, MiB"] = round(folder_mib(data))
    return figures


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=2047)
    given = parser.parse_args()
    os.environ |= SETTINGS
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        app = App(load_settings(data_dir=data))
        create_base(app, BASE)
        app.close()
        figures = measure(data, given.mib)
    print_table(("figure", "value"), list(figures.items()))
    print(write_results("service_upload", f"python benchmarks/service_upload.py --mib {given.mib}", figures))


if __name__ == "__main__":
    main()
