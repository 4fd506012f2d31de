"""50 clients chatting while an ingest runs: errors, latency, memory.

    python benchmarks/service_load.py [--seconds 300] [--clients 50] [--think 5] [--workers 1] [--steady]

One ``kbchat serve`` (extractive, 10,000 chunks) on this machine; every client asks over its own connection with
``stream: true``, reads the whole answer and thinks for a random time (mean ``--think`` seconds). Meanwhile uploads of new
leaflets are read by the same service without a pause, so the base grows. With ``--steady`` each upload is a new revision of
documents that came by an earlier upload, so that as many chunks stay live. Memory is that of the whole process tree (PSS).
The load generator shares the cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
from many_leaflets import names, questions, write_leaflets
from results_file import print_table, write_results
from service_process import BASE, TEN_THOUSAND_CHUNKS, Server, base_of_leaflets, named, quantile, running

_UPLOAD = 40
_NEW_FROM = 5000
_REPLACED_UPLOADS = 4
_REPLACED_FROM = TEN_THOUSAND_CHUNKS - _REPLACED_UPLOADS * _UPLOAD
_MEMORY_EVERY, _STATE_EVERY = 5, 30
_STATES = f"every {_STATE_EVERY} s; memory and disk in MiB"


@dataclass(frozen=True, slots=True)
class State:
    """How much there is at a moment: live chunks, memory of the process tree, bytes of the data folder (MiB)."""

    second: int
    chunks: int
    memory: int
    disk: int


@dataclass
class Seen:
    """What happened so far."""

    seconds: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    not_answered: int = 0
    uploads: int = 0
    uploaded: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)
    states: list[State] = field(default_factory=list)


async def ask(client: httpx.AsyncClient, question: str, seen: Seen) -> None:
    """One question over one stream."""
    body = {
        "model": "medication",
        "stream": True,
        "messages": [{"role": "user", "content": question}],
        "kbchat": {"bases": [BASE]},
    }
    started = time.perf_counter()
    first, outcome, ended = 0.0, "", False
    try:
        async with client.stream("POST", "/v1/chat/completions", json=body) as response:
            if response.status_code != 200:
                seen.errors.append(f"{response.status_code}: {(await response.aread())[:200]!r}")
                return
            async for line in response.aiter_lines():
                if line == "data: [DONE]":
                    ended = True
                elif line.startswith("data: "):
                    chunk = json.loads(line[6:])
                    if chunk["choices"][0]["delta"].get("content") and not first:
                        first = time.perf_counter() - started
                    outcome = (chunk.get("kbchat") or {}).get("outcome", outcome)
    except httpx.HTTPError as error:
        seen.errors.append(repr(error))
        return
    if not ended:
        seen.errors.append(f"stream ended early: {question}")
        return
    seen.not_answered += outcome != "answered"
    seen.seconds.append(time.perf_counter() - started)
    seen.first.append(first)


async def chat(address: str, asked: list[str], think: float, until: float, *, seen: Seen, seed: int) -> None:
    """One client until the time is over."""
    chance = random.Random(seed)
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
        await asyncio.sleep(chance.uniform(0, think))
        while time.monotonic() < until:
            await ask(client, chance.choice(asked), seen)
            await asyncio.sleep(chance.uniform(0, 2 * think))


async def upload(client: httpx.AsyncClient, folder: Path, seen: Seen, *, steady: bool, revision: int = 2) -> None:
    """Upload leaflets and wait for the job: new ones, or the next ``revision`` of earlier ones."""
    place = folder / f"revision{revision}_upload{seen.uploads}"
    turn, part = divmod(seen.uploads, _REPLACED_UPLOADS)
    if steady:
        write_leaflets(place, _UPLOAD, seed=revision + turn, first=_REPLACED_FROM + part * _UPLOAD)
    else:
        write_leaflets(place, _UPLOAD, first=_NEW_FROM + seen.uploads * _UPLOAD)
    files = [("files", (path.name, path.read_bytes())) for path in sorted(place.iterdir())]
    job = (await client.post(f"/api/bases/{BASE}/uploads", files=files)).raise_for_status().json()
    while job["state"] in ("queued", "running"):
        await asyncio.sleep(0.3)
        job = (await client.get(f"/api/jobs/{job['id']}")).raise_for_status().json()
    if job["state"] != "done" or any(one["state"] != "done" for one in job["files"]):
        seen.errors.append(f"upload: {job['state']} {job['message']}")
    seen.uploads += 1
    seen.uploaded += len(files)


async def keep_uploading(address: str, folder: Path, until: float, seen: Seen, *, steady: bool) -> None:
    """One upload after the other until the time is over."""
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
        while time.monotonic() < until:
            await upload(client, folder, seen, steady=steady)


async def watch(server: Server, data: Path, began: float, until: float, seen: Seen) -> None:
    """Memory every five seconds; chunks and disk too every thirty, and at the end."""
    async with httpx.AsyncClient(base_url=server.address, timeout=60, trust_env=False) as client:
        is_last = False
        while not is_last:
            is_last = time.monotonic() >= until
            second, memory = time.monotonic() - began, await asyncio.to_thread(server.resident_mib)
            seen.memory.append((second, memory))
            if is_last or second >= len(seen.states) * _STATE_EVERY:
                base = (await client.get(f"/api/bases/{BASE}")).raise_for_status().json()
                disk = await asyncio.to_thread(size_mib, data)
                seen.states.append(State(round(second), base["chunks"], round(memory), round(disk)))
            await asyncio.sleep(min(_MEMORY_EVERY, max(0.0, until - time.monotonic())))


def size_mib(folder: Path) -> float:
    """What lies below ``folder``, in MiB."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # gone meanwhile
            total += path.stat().st_size if path.is_file() else 0
    return total / 2**20


async def load(server: Server, drugs: list[str], folder: Path, given: argparse.Namespace) -> Seen:
    """The whole load."""
    seen = Seen()
    asked = questions(drugs, 2000)
    async with httpx.AsyncClient(base_url=server.address, timeout=60, trust_env=False) as client:
        earlier = Seen(errors=seen.errors)
        while given.steady and earlier.uploads < _REPLACED_UPLOADS:
            await upload(client, folder, earlier, steady=True, revision=1)
        first = (ask(client, asked[0], Seen()) for _ in range(4 * given.workers))
        await asyncio.gather(*first)  # a worker opens its index for its first question
    began = time.monotonic()
    until = began + given.seconds
    clients = (
        chat(server.address, asked, given.think, until, seen=seen, seed=number) for number in range(given.clients)
    )
    uploads = keep_uploading(server.address, folder, until, seen, steady=given.steady)
    await asyncio.gather(*clients, uploads, watch(server, folder / "data", began, until, seen))
    return seen


def steadiness(memory: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Mean MiB of the second and the last quarter of the time, and the most."""
    last = memory[-1][0]
    second = [mib for at, mib in memory if 0.25 * last <= at < 0.5 * last]
    fourth = [mib for at, mib in memory if at >= 0.75 * last]
    return sum(second) / len(second), sum(fourth) / len(fourth), max(mib for _, mib in memory)


def growth(memory: list[tuple[float, float]]) -> float:
    """By how many MiB a minute the memory grew over the last two thirds of the time (least squares)."""
    late = [(at, mib) for at, mib in memory if at >= memory[-1][0] / 3]
    seconds, sizes = zip(*late, strict=True)
    return 60 * statistics.linear_regression(seconds, sizes).slope


def figures(given: argparse.Namespace, seen: Seen) -> dict[str, Any]:
    """What the load has shown."""
    second, fourth, most = steadiness(seen.memory)
    return {
        "workers": given.workers,
        "clients": given.clients,
        "seconds": given.seconds,
        "mean thinking, s": given.think,
        "questions answered": len(seen.seconds),
        "questions a second": round(len(seen.seconds) / given.seconds, 2),
        "errors": len(seen.errors),
        "not answered from documents": seen.not_answered,
        "first token p50 / p95, s": [round(quantile(seen.first, share), 3) for share in (0.5, 0.95)],
        "whole answer p50 / p95 / max, s": [round(quantile(seen.seconds, share), 3) for share in (0.5, 0.95, 1.0)],
        "uploads finished meanwhile": seen.uploads,
        "documents ingested meanwhile": seen.uploaded,
        "memory, second quarter / last quarter / most, MiB": [round(second), round(fourth), round(most)],
        "memory, growth over the last two thirds, MiB a minute": round(growth(seen.memory), 1),
        _STATES: [asdict(state) for state in seen.states],
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--think", type=float, default=5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--steady", action="store_true", help="upload new revisions: the base does not grow")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        base_of_leaflets(Path(scratch), _REPLACED_FROM if given.steady else TEN_THOUSAND_CHUNKS)
        drugs = names(TEN_THOUSAND_CHUNKS)
        with running(Path(scratch) / "data", KBCHAT_SERVER__WORKERS=str(given.workers)) as server:
            server.wait_until_ready()
            seen = asyncio.run(load(server, drugs, Path(scratch), given))
    told = figures(given, seen)
    print_table(("figure", "value"), [(name, value) for name, value in told.items() if name != _STATES])
    print()
    print_table(list(told[_STATES][0]), [list(state.values()) for state in told[_STATES]])
    for error in seen.errors[:10]:
        print("error:", error)
    options = f"--seconds {given.seconds:g} --clients {given.clients} --think {given.think:g} --workers {given.workers}"
    command = f"python benchmarks/service_load.py {options}{' --steady' if given.steady else ''}"
    print(write_results(named(f"service_load{'_steady' if given.steady else ''}", given.workers), command, told))


if __name__ == "__main__":
    main()
