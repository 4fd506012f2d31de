"""Throughput of /v1/chat/completions beside a service that loads its LangChain index for every question.

    python benchmarks/service_throughput.py [--seconds 20] [--clients 8]

Both run on this machine over the same 715 leaflets (about 10,000 chunks each), take turns, and are asked the same questions
by the same clients, which wait for nothing but the answer. Also: the size of the widget's script as it is sent.
"""

from __future__ import annotations

import argparse
import gzip
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from many_leaflets import questions
from naive_service import save_index
from results_file import print_table, write_results
from service_process import BASE, base_of_leaflets, quantile, running

_CHUNKS = 10_000
_ROUNDS = 3
Body = Callable[[str], dict[str, object]]


def ours(question: str) -> dict[str, object]:
    """A request to kbchat."""
    return {"model": "medication", "messages": [{"role": "user", "content": question}], "kbchat": {"bases": [BASE]}}


def theirs(question: str) -> dict[str, object]:
    """A request to the peer."""
    return {"model": "any", "messages": [{"role": "user", "content": question}]}


@contextmanager
def peer(folder: Path) -> Iterator[str]:
    """The peer's address, while it runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = Path(__file__).with_name("naive_service.py")
    process = subprocess.Popen([sys.executable, str(script), str(folder), str(port)], stdout=subprocess.DEVNULL)
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


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        asked = questions(base_of_leaflets(folder), 2000)
        pieces = save_index(folder / "documents", folder / "peer", _CHUNKS)
        rates: dict[str, list[float]] = {"kbchat": [], "peer": []}
        latencies: dict[str, list[float]] = {"kbchat": [], "peer": []}
        with running(folder / "data") as server, peer(folder / "peer") as other:
            measure(server.address, ours, asked, 1, 2)
            measure(other, theirs, asked, 1, 2)
            for _ in range(_ROUNDS):
                for name, address, body in (("kbchat", server.address, ours), ("peer", other, theirs)):
                    taken = measure(address, body, asked, given.clients, given.seconds)
                    rates[name].append(len(taken) / given.seconds)
                    latencies[name] += taken
            widget = httpx.get(f"{server.address}/embed.js", trust_env=False).content
    best = {name: sorted(found)[len(found) // 2] for name, found in rates.items()}
    figures: dict[str, object] = {
        "clients": given.clients,
        "answers a second, kbchat (median of rounds)": round(best["kbchat"], 1),
        "answers a second, loading LangChain FAISS for every question": round(best["peer"], 1),
        "ratio": round(best["kbchat"] / best["peer"], 1),
        "latency p50 / p95, kbchat, s": [round(quantile(latencies["kbchat"], share), 3) for share in (0.5, 0.95)],
        "latency p50 / p95, peer, s": [round(quantile(latencies["peer"], share), 3) for share in (0.5, 0.95)],
        "peer's pieces": pieces,
        "widget script, kB gzip": round(len(gzip.compress(widget, 9)) / 1000, 1),
    }
    print_table(("figure", "value"), list(figures.items()))
    print(write_results("service_throughput", "python benchmarks/service_throughput.py", figures))


if __name__ == "__main__":
    main()
