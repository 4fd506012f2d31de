"""Throughput of /v1/chat/completions beside a service that loads its LangChain index for every question.

    python benchmarks/service_throughput.py [--seconds 20] [--clients 8] [--workers 1 2]

Each runs with as many processes as ``--workers`` says, one number after the other. All run on this machine over the same 715
leaflets (about 10,000 chunks each), take turns, and are asked the same questions by the same clients, which wait for nothing
but the answer (and need processor time of the same machine). Also: the size of the widget's script as it is sent.
"""

from __future__ import annotations

import argparse
import gzip
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from many_leaflets import questions
from naive_service import save_index
from results_file import print_table, write_results
from service_process import BASE, base_of_leaflets, quantile, running

_CHUNKS = 10_000
_ROUNDS = 3
_WARMING_SECONDS = 4.0
Body = Callable[[str], dict[str, object]]


def ours(question: str) -> dict[str, object]:
    """A request to kbchat."""
    return {"model": "medication", "messages": [{"role": "user", "content": question}], "kbchat": {"bases": [BASE]}}


def theirs(question: str) -> dict[str, object]:
    """A request to the peer."""
    return {"model": "any", "messages": [{"role": "user", "content": question}]}


@contextmanager
def peer(folder: Path, processes: int) -> Iterator[str]:
    """The peer's address, while it runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = Path(__file__).with_name("naive_service.py")
    command = [sys.executable, str(script), str(folder), str(port), str(processes)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            time.sleep(0.5)
            try:
                httpx.get(f"{address}/docs", trust_env=False)
                break
            except httpx.TransportError:
                continue
        yield address
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def kbchat(data: Path, workers: int) -> Iterator[str]:
    """The address of kbchat, while it runs."""
    with running(data, KBCHAT_SERVER__WORKERS=str(workers)) as server:
        server.wait_until_ready()
        yield server.address


def measure(address: str, body: Body, asked: list[str], clients: int, seconds: float) -> list[float]:
    """Seconds of every answer that ``clients`` got within ``seconds``, each asking as soon as it is answered."""
    taken: list[float] = []
    until = time.monotonic() + seconds

    def one(offset: int) -> None:
        with httpx.Client(base_url=address, timeout=120, trust_env=False) as client:
            number = offset
            while time.monotonic() < until:
                started = time.perf_counter()
                reply = client.post("/v1/chat/completions", json=body(asked[number % len(asked)]))
                reply.raise_for_status()
                assert reply.json()["choices"][0]["message"]["content"].strip()
                taken.append(time.perf_counter() - started)
                number += clients

    threads = [threading.Thread(target=one, args=(offset,)) for offset in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def in_turn(
    folder: Path, asked: list[str], given: argparse.Namespace
) -> tuple[dict[str, list[float]], dict[str, list[float]], float]:
    """By name of the side answers a second of each round, and seconds of each answer; kB (gzip) of the widget's script."""
    rates: dict[str, list[float]] = {}
    latencies: dict[str, list[float]] = {}
    with ExitStack() as stack:
        sides: list[tuple[str, str, Body]] = []
        for workers in given.workers:
            ourselves = stack.enter_context(kbchat(folder / "data", workers))
            other = stack.enter_context(peer(folder / "peer", workers))
            sides += [(name_of("kbchat", workers), ourselves, ours), (name_of("peer", workers), other, theirs)]
        for _, address, body in sides:
            measure(address, body, asked, given.clients, _WARMING_SECONDS)
        for _ in range(_ROUNDS):
            for name, address, body in sides:
                taken = measure(address, body, asked, given.clients, given.seconds)
                rates.setdefault(name, []).append(len(taken) / given.seconds)
                latencies.setdefault(name, []).extend(taken)
        widget = httpx.get(f"{sides[0][1]}/embed.js", trust_env=False).content
    return rates, latencies, len(gzip.compress(widget, 9)) / 1000


def name_of(side: str, workers: int) -> str:
    """How a side is called in the figures."""
    return f"{side}, {workers} {'process' if workers == 1 else 'processes'}"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        asked = questions(base_of_leaflets(folder), 2000)
        pieces = save_index(folder / "documents", folder / "peer", _CHUNKS)
        rates, latencies, script = in_turn(folder, asked, given)
    median = {name: sorted(found)[len(found) // 2] for name, found in rates.items()}
    figures: dict[str, object] = {"clients": given.clients, "cores": os.cpu_count()}
    for name, rate in median.items():
        figures[f"answers a second, {name} (median of rounds)"] = round(rate, 1)
        figures[f"latency p50 / p95, {name}, s"] = [round(quantile(latencies[name], share), 3) for share in (0.5, 0.95)]
    for workers in given.workers:
        ratio = median[name_of("kbchat", workers)] / median[name_of("peer", workers)]
        figures[f"ratio to the peer, {workers} to {workers} processes"] = round(ratio, 1)
        if workers != given.workers[0]:
            to_first = median[name_of("kbchat", workers)] / median[name_of("peer", given.workers[0])]
            figures[f"ratio to the peer, {workers} to {given.workers[0]} processes"] = round(to_first, 1)
    figures |= {"peer's pieces": pieces, "widget script, kB gzip": round(script, 1)}
    print_table(("figure", "value"), list(figures.items()))
    command = f"python benchmarks/service_throughput.py --workers {' '.join(map(str, given.workers))}"
    print(write_results("service_throughput", command, figures))


if __name__ == "__main__":
    main()
