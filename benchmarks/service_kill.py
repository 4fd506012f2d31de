"""kill -9 of the server during uploads: every acknowledged upload is there in the end, no half one is ever visible.

    python benchmarks/service_kill.py [--kills 20] [--seed 1] [--workers 1]

Two clients upload small batches (files, and now and then a zip) to ``kbchat serve``, whose process tree is killed with SIGKILL at a random
instant and started again, over the same data folder. After every kill the store is opened as a reader would: each live
document must be whole (every marker of its file in its text, found by search). At the end the last server runs all jobs
to completion: every file whose upload was acknowledged (status 202) must be there, once, whole.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import tempfile
import threading
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from results_file import print_table, write_results
from service_process import named, running

from kbchat.app import App
from kbchat.cli.bases import create_base
from kbchat.index.protocol import SearchFilters, WeightedToken
from kbchat.settings import load_settings

BASE = "uploads"
SETTINGS = {"KBCHAT_EMBEDDING__MODEL": "none"}
_SECTIONS = 12


def marker(name: str) -> str:
    """A word that stands in one file only."""
    return f"mk{name}"


def text_of(name: str) -> str:
    """A small leaflet whose every section carries its marker."""
    parts = [f"## Section {number}\n\n{marker(name)} part{number}: take with a meal.\n" for number in range(_SECTIONS)]
    return f"# Leaflet {name}\n\n" + "\n".join(parts)


@dataclass
class Told:
    """What clients sent, and what was acknowledged."""

    acknowledged: list[str] = field(default_factory=list)
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def batch(told: Told, chance: random.Random) -> tuple[list[str], list[tuple[str, tuple[str, bytes]]]]:
    """Names of new leaflets, and the form that uploads them."""
    with told.lock:
        names = [f"{told.sent + number:05}" for number in range(chance.randint(1, 6))]
        told.sent += len(names)
    if chance.random() < 0.3:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(f"leaflet{name}.md", text_of(name))
        return names, [("files", (f"batch{names[0]}.zip", packed.getvalue()))]
    return names, [("files", (f"leaflet{name}.md", text_of(name).encode())) for name in names]


def upload(address: str, told: Told, seed: int, stop: threading.Event) -> None:
    """Send batches until the server dies or the time is over."""
    chance = random.Random(seed)
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        while not stop.is_set():
            names, form = batch(told, chance)
            try:
                reply = client.post(f"/api/bases/{BASE}/uploads", files=form)
            except httpx.HTTPError:
                return
            if reply.status_code == 202:
                with told.lock:
                    told.acknowledged += names
            time.sleep(chance.uniform(0, 0.1))


def look(data: Path) -> tuple[dict[str, int], list[str]]:
    """How often each leaflet is live, and what is wrong with one that is."""
    app = App(load_settings(data_dir=data))
    found: dict[str, int] = {}
    faults: list[str] = []
    try:
        base = app.store.base(BASE)
        for document in app.store.documents(base.id):
            name = document.name.removeprefix("leaflet").removesuffix(".md")
            found[name] = found.get(name, 0) + 1
            text = "\n".join(app.store.page_texts(document.revision_id).values())
            if text.count(marker(name)) != _SECTIONS:
                faults.append(f"{document.name}: {text.count(marker(name))} of {_SECTIONS} sections")
            if document.chunks < 1:
                faults.append(f"{document.name}: no chunks")
        index = app.index_for(base)
        for document in app.store.documents(base.id):
            name = document.name.removeprefix("leaflet").removesuffix(".md")
            hits = index.search([WeightedToken(marker(name))], None, SearchFilters(), 50)
            chunks = app.store.chunks(hit.chunk_id for hit in hits)
            if {chunk.document_id for chunk in chunks.values()} != {document.id}:
                faults.append(f"{document.name}: not found by its marker, or found elsewhere")
    finally:
        app.close()
    return found, faults


def killed_round(data: Path, told: Told, chance: random.Random) -> float:
    """Start a server, let clients upload, kill it at a random instant; seconds it lived."""
    stop = threading.Event()
    with running(data, **SETTINGS) as server:
        clients = [
            threading.Thread(target=upload, args=(server.address, told, chance.randrange(1 << 30), stop))
            for _ in range(2)
        ]
        for client in clients:
            client.start()
        if chance.random() < 0.8:  # now and then it is killed while it starts
            server.wait_until_ready()
        lived = chance.uniform(0.2, 4.0)
        time.sleep(lived)
        server.kill()
        stop.set()
        for client in clients:
            client.join()
    return lived


def finished(data: Path, wait: float = 600.0) -> int:
    """Let a server finish all jobs; how many seconds it took."""
    began = time.monotonic()
    with running(data, **SETTINGS) as server, httpx.Client(base_url=server.address, trust_env=False) as client:
        while time.monotonic() - began < wait:
            if not client.get("/api/jobs", params={"active": True}).raise_for_status().json()["items"]:
                break
            time.sleep(0.5)
    return round(time.monotonic() - began)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    os.environ |= SETTINGS | {"KBCHAT_SERVER__WORKERS": str(given.workers)}
    chance, told = random.Random(given.seed), Told()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        app = App(load_settings(data_dir=data))
        create_base(app, BASE)
        app.close()
        for _ in range(given.kills):
            killed_round(data, told, chance)
            faults += look(data)[1]
        took = finished(data)
        found, wrong = look(data)
        faults += wrong
    missing = sorted(set(told.acknowledged) - set(found))
    doubled = sorted(name for name, count in found.items() if count > 1)
    figures: dict[str, object] = {
        "workers": given.workers,
        "kills": given.kills,
        "files sent": told.sent,
        "files acknowledged": len(told.acknowledged),
        "acknowledged and missing": len(missing),
        "there twice": len(doubled),
        "half documents seen": len(faults),
        "there without acknowledgement (allowed)": len(set(found) - set(told.acknowledged)),
        "seconds to finish after the last kill": took,
    }
    print_table(("figure", "value"), list(figures.items()))
    for fault in [*missing[:5], *doubled[:5], *faults[:5]]:
        print("fault:", fault)
    command = f"python benchmarks/service_kill.py --kills {given.kills} --workers {given.workers}"
    print(write_results(named("service_kill", given.workers), command, figures))


if __name__ == "__main__":
    main()
