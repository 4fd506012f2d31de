"""``kbchat serve`` as its own processes: started as a hospital starts it, looked into, killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests import patient

SECONDS = patient.SECONDS
"""How long anything may take on a busy machine."""


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """A service with its processes; ``address`` is where it listens."""

    process: subprocess.Popen[str]
    url: str

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def workers(self) -> list[int]:
        """Ids of the worker processes."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if any("spawn_main" in part for part in child.cmdline()):
                    found.append(child.pid)
        return found

    @contextmanager
    def client_of(self, worker: int, **headers: str) -> Iterator[httpx.Client]:
        """A client whose one connection is that worker's: the others are stopped while it connects. For one thread."""
        others = [psutil.Process(pid) for pid in self.workers() if pid != worker]
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        with patient.Client(base_url=self.url, headers=headers, limits=limits) as client:
            for other in others:
                other.suspend()
            try:
                client.get("/healthz").raise_for_status()
            finally:
                for other in others:
                    other.resume()
            yield client

    def is_ready(self) -> bool:
        """Whether it says so."""
        try:
            return patient.get(f"{self.url}/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def kill_all(self) -> None:
        """SIGKILL to every process at once, as when the power goes."""
        own = psutil.Process(self.process.pid)
        everyone = [own, *own.children(recursive=True)]
        for one in everyone:
            with contextlib.suppress(psutil.Error):
                one.suspend()
        for one in everyone:
            with contextlib.suppress(psutil.Error):
                one.kill()
        self.process.wait(SECONDS)


@contextmanager
def served(folder: Path, *options: str, **environment: str) -> Iterator[ProcessTree]:
    """``kbchat serve`` over a data folder until the block ends, ready to answer; ``options`` are the command's."""
    tree = started(folder, *options, **environment)
    try:
        eventually(tree.is_ready)
        yield tree
    finally:
        tree.process.terminate()
        try:
            tree.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            tree.kill_all()
            raise
        finally:
            assert tree.process.stdout is not None
            tree.process.stdout.close()


def started(folder: Path, *options: str, **environment: str) -> ProcessTree:
    """``kbchat serve``, as soon as it listens; whoever starts it ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kbchat", "--data-dir", str(folder), "--lang", "en", "serve", "--port", "0", *options],
        env=without_settings(os.environ) | environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "http" in line, f"the service did not start: {line!r}"
    return ProcessTree(process, "http" + line.rpartition("http")[2].strip())


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Without the settings of whoever runs the tests."""
    return {name: value for name, value in environment.items() if not name.startswith("KBCHAT_")}


def eventually(is_so: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.1)


def is_over(process: psutil.Process) -> bool:
    """Whether a process works no more (one that nobody has asked after since is kept by name)."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def interrupt(tree: ProcessTree, one: signal.Signals, *, group: bool = False) -> int:
    """Send a signal to the first process, or (a terminal does so) to all of its group; the status it ends with."""
    if group:
        os.killpg(tree.process.pid, one)
    else:
        os.kill(tree.process.pid, one)
    return tree.process.wait(SECONDS)
