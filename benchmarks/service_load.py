"""50 clients chatting while an ingest runs: errors, latency, memory.

    python benchmarks/service_load.py [--seconds 300] [--clients 50] [--think 5] [--workers 1]

One ``kbchat serve`` (extractive, 10,000 chunks) on this machine; every client asks over its own connection with
``stream: true``, reads the whole answer and thinks for a random time (mean ``--think`` seconds). Meanwhile uploads of new
leaflets are read by the same service without a pause. Memory is that of the whole process tree (PSS). The load generator
shares the cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from many_leaflets import questions, write_leaflets
from results_file import print_table, write_results
from service_process import BASE, Server, base_of_leaflets, named, quantile, running

_UPLOAD = 40
_NEW_FROM = 5000


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


async def upload(address: str, folder: Path, until: float, seen: Seen) -> None:
    """Upload leaflets and wait for the job, again and again."""
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
        while time.monotonic() < until:
            first = _NEW_FROM + seen.uploads * _UPLOAD
            place = folder / f"upload{seen.uploads}"
            write_leaflets(place, _UPLOAD, first=first)
            files = [("files", (path.name, path.read_bytes())) for path in sorted(place.iterdir())]
            job = (await client.post(f"/api/bases/{BASE}/uploads", files=files)).raise_for_status().json()
            while job["state"] in ("queued", "running"):
                await asyncio.sleep(0.3)
                job = (await client.get(f"/api/jobs/{job['id']}")).raise_for_status().json()
            if job["state"] != "done" or any(one["state"] != "done" for one in job["files"]):
                seen.errors.append(f"upload: {job['state']} {job['message']}")
            seen.uploads += 1
            seen.uploaded += len(files)


async def watch(server: Server, until: float, seen: Seen) -> None:
    """Memory every five seconds."""
    began = time.monotonic()
    while time.monotonic() < until:
        seen.memory.append((time.monotonic() - began, await asyncio.to_thread(server.resident_mib)))
        await asyncio.sleep(5)


async def load(server: Server, drugs: list[str], folder: Path, given: argparse.Namespace) -> Seen:
    """The whole load."""
    seen = Seen()
    asked = questions(drugs, 2000)
    async with httpx.AsyncClient(base_url=server.address, timeout=60, trust_env=False) as client:
        first = (ask(client, asked[0], Seen()) for _ in range(4 * given.workers))
        await asyncio.gather(*first)  # a worker opens its index for its first question
    until = time.monotonic() + given.seconds
    clients = (
        chat(server.address, asked, given.think, until, seen=seen, seed=number) for number in range(given.clients)
    )
    await asyncio.gather(*clients, upload(server.address, folder, until, seen), watch(server, until, seen))
    return seen


def steadiness(memory: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Mean MiB of the second and the last quarter of the time, and the most."""
    last = memory[-1][0]
    second = [mib for at, mib in memory if 0.25 * last <= at < 0.5 * last]
    fourth = [mib for at, mib in memory if at >= 0.75 * last]
    return sum(second) / len(second), sum(fourth) / len(fourth), max(mib for _, mib in memory)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--think", type=float, default=5)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        drugs = base_of_leaflets(Path(scratch))
        with running(Path(scratch) / "data", KBCHAT_SERVER__WORKERS=str(given.workers)) as server:
            server.wait_until_ready()
            seen = asyncio.run(load(server, drugs, Path(scratch), given))
    second, fourth, most = steadiness(seen.memory)
    figures: dict[str, object] = {
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
    }
    print_table(("figure", "value"), list(figures.items()))
    for error in seen.errors[:10]:
        print("error:", error)
    options = f"--seconds {given.seconds:g} --clients {given.clients} --think {given.think:g} --workers {given.workers}"
    command = f"python benchmarks/service_load.py {options}"
    print(write_results(named("service_load", given.workers), command, figures))


if __name__ == "__main__":
    main()
