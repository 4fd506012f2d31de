"""kbchat's own servers, started for a benchmark as a hospital starts them: one process tree on a free port."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
from many_leaflets import write_leaflets

from kbchat.app import App
from kbchat.cli.bases import create_base
from kbchat.settings import load_settings

BASE = "leaflets"
TEN_THOUSAND_CHUNKS = 715
_START_SECONDS = 60.0


def base_of_leaflets(folder: Path, leaflets: int = TEN_THOUSAND_CHUNKS) -> list[str]:
    """Ingest invented leaflets (14 chunks each) into ``BASE`` of the data folder ``folder / "data"``; the drugs' names."""
    drugs = write_leaflets(folder / "documents", leaflets)
    app = App(load_settings(data_dir=folder / "data"))
    create_base(app, BASE)
    app.close()
    command = [sys.executable, "-m", "kbchat", "ingest", str(folder / "documents"), "--kb", BASE, "--quiet"]
    subprocess.run([*command, "--data-dir", str(folder / "data")], check=True)
    return drugs


class Server:
    """A running ``kbchat serve`` or ``kbchat ui``."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address

    def resident_mib(self) -> float:
        """Proportional memory of the whole process tree, in MiB (shared pages counted once)."""
        own = psutil.Process(self.process.pid)
        total = 0
        for process in (own, *own.children(recursive=True)):
            try:
                total += process.memory_full_info().pss
            except psutil.Error:  # it has just ended
                continue
        return total / 2**20

    def wait_until_ready(self) -> None:
        """Until ``kbchat serve`` says that all its workers answer."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if httpx.get(f"{self.address}/readyz", timeout=_START_SECONDS, trust_env=False).status_code == 200:
                return
            time.sleep(0.1)
        raise SystemExit("the server does not become ready")

    def kill(self) -> None:
        """SIGKILL to the whole process tree, as when the power goes."""
        own = psutil.Process(self.process.pid)
        everyone = [own, *own.children(recursive=True)]
        for act in (psutil.Process.suspend, psutil.Process.kill):  # first nobody can start or miss anybody any more
            for process in everyone:
                with suppress(psutil.Error):
                    act(process)


@contextmanager
def running(data: Path, command: str = "serve", port: int = 0, **settings: str) -> Iterator[Server]:
    """``kbchat COMMAND`` over ``data`` until the block ends; ``settings`` are KBCHAT_* variables."""
    arguments = [sys.executable, "-m", "kbchat", command, "--port", str(port), "--data-dir", str(data), "--lang", "en"]
    process = subprocess.Popen(
        arguments, env=os.environ | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield Server(process, _address(process))
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    deadline = time.monotonic() + _START_SECONDS
    said: list[str] = []
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if not line:
            break
        said.append(line)
        found = re.search(r"http://[\w.:\[\]]+", line)
        if found:
            threading.Thread(target=_drain, args=(process,), daemon=True).start()
            return found[0]
    raise SystemExit("the server did not start:\n" + "".join(said))


def _drain(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for _ in process.stdout:
        pass


def named(benchmark: str, workers: int) -> str:
    """The name of the results of a benchmark with so many workers, so that those of one worker stay beside them."""
    return benchmark if workers == 1 else f"{benchmark}_{workers}_workers"


def quantile(values: list[float], share: float) -> float:
    """The value below which ``share`` of ``values`` lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * len(ordered) + 0.5) - 1)]
