"""Worker processes that read files, each under a time and a memory limit.

Every worker has pipes of its own, so one that is killed, crashes or sends half a result spoils nothing for the others:
it is replaced, its file is reported, the rest goes on. (Pools that share one result pipe, pebble's and
``concurrent.futures``', can lose the pipe with the worker.) Workers are plain child processes rather than
``multiprocessing`` ones, which would import the caller's ``__main__`` again: a script, a notebook or a Streamlit page
may call the pipeline as it is.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import psutil

from ingest.worker_process import out_of_memory
from kbchat.errors import DamagedFileError, FileLimitError, KbchatError, LoadError
from kbchat.messages import Bilingual

_POLL = 0.1
_FAMILY_POLL = 1.0
_START_SECONDS = 120.0
_YIELDING = 10
"""The priority (``nice``) of workers that must not slow down other work."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may use: ``seconds`` without a finished page, ``memory`` in bytes resident."""

    seconds: float
    memory: int


@dataclass(frozen=True, slots=True)
class Done:
    """The end of one task: its key, and either the value or the error."""

    key: Any
    value: Any
    error: KbchatError | None
    seconds: float


class WorkerPool:
    """Runs ``target`` (``module:function``, importable in a fresh process) on tasks in ``workers`` processes."""

    def __init__(
        self,
        target: str,
        *,
        workers: int,
        limits: Limits,
        yielding: bool = False,
    ) -> None:
        """``yielding`` workers run only with what time of the processor other programs leave."""
        self._on_beat: Callable[[Any, int, int], None] | None = None
        self._stopped = threading.Event()
        count = max(1, workers)
        threads_each = max(1, (os.cpu_count() or 1) // count)
        self._workers = [_Worker(target, limits, threads_each, self._beat, yielding) for _ in range(count)]
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the processes without waiting for them, so that they load while the caller does something else."""
        for worker in self._workers:
            worker.launch()

    def run(
        self,
        tasks: Iterable[tuple[Any, Any]],
        on_beat: Callable[[Any, int, int], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Iterator[Done]:
        """Yield the end of every (key, task), as they come; ``on_beat`` hears of pages (key, done, total) meanwhile.

        When ``stop`` is set nothing more comes, whatever the workers are doing.

        Tasks are taken from the iterable only when a worker is free, and at most a few finished results wait for the
        caller, so memory stays bounded however many tasks there are. Raises LoadError when workers cannot be started.
        """
        self._on_beat = on_beat
        feed = _Feed(tasks)
        results: queue.Queue[Done | BaseException | None] = queue.Queue(maxsize=len(self._workers))
        serving = [
            threading.Thread(target=self._serve, args=(worker, feed, results), daemon=True) for worker in self._workers
        ]
        watch = threading.Thread(target=self._watch, args=(serving,), daemon=True, name="worker-watch")
        self._threads = [*serving, watch]
        for thread in self._threads:
            thread.start()
        running = len(serving)
        while running:
            try:
                item = results.get(timeout=None if stop is None else _POLL)
            except queue.Empty:
                if stop is not None and stop.is_set():
                    return
                continue
            if item is None:
                running -= 1
            elif isinstance(item, Done):
                yield item
            else:
                raise item

    def close(self) -> None:
        """End all workers, whatever they are doing."""
        self._stopped.set()
        for worker in self._workers:
            worker.kill()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=10)
        for worker in self._workers:
            worker.reap()

    def _beat(self, key: Any, done: int, total: int) -> None:
        if self._on_beat is not None:
            self._on_beat(key, done, total)

    def _serve(self, worker: _Worker, feed: _Feed, results: queue.Queue[Done | BaseException | None]) -> None:
        end: BaseException | None = None
        try:
            for key, task in feed:
                if self._stopped.is_set():
                    break
                done = worker.run(key, task)
                if self._stopped.is_set() or not self._put(results, done):
                    break
        except Exception as error:  # noqa: BLE001 - handed to the caller's thread, which raises it
            end = error
        finally:
            if end is not None:
                self._put(results, end)
            self._put(results, None)

    def _put(self, results: queue.Queue[Done | BaseException | None], item: Done | BaseException | None) -> bool:
        while not self._stopped.is_set():
            try:
                results.put(item, timeout=_POLL)
            except queue.Full:
                continue
            return True
        return False

    def _watch(self, serving: list[threading.Thread]) -> None:
        family_due = 0.0
        while not self._stopped.wait(_POLL):
            with_family = time.monotonic() >= family_due
            if with_family:
                family_due = time.monotonic() + _FAMILY_POLL
            for worker in self._workers:
                worker.enforce(with_family=with_family)
            if not any(thread.is_alive() for thread in serving):
                return


class _Feed:
    """An iterable that several threads draw from."""

    def __init__(self, tasks: Iterable[tuple[Any, Any]]) -> None:
        self._tasks = iter(tasks)
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return self

    def __next__(self) -> tuple[Any, Any]:
        with self._lock:
            return next(self._tasks)


class _Worker:
    """One child process at a time, replaced when it dies. ``run`` belongs to one thread, ``enforce`` to the watch."""

    def __init__(
        self, target: str, limits: Limits, threads: int, on_beat: Callable[[Any, int, int], None], yielding: bool
    ) -> None:
        self._yielding = yielding
        self._target = target
        self._limits = limits
        self._threads = threads
        self._on_beat = on_beat
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._deadline: float | None = None
        self._ended_for: KbchatError | None = None
        self._closed = False
        self._is_ready = False

    def run(self, key: Any, task: Any) -> Done:
        process = self._ready()
        started = time.monotonic()
        value, error = self._exchange(process, key, task)
        return Done(key, value, error, time.monotonic() - started)

    def kill(self) -> None:
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._end(self._process)

    def reap(self) -> None:
        """Wait for the ended process and close its pipes."""
        process = self._process
        if process is None:
            return
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._end(process)
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        self._process = None

    def enforce(self, *, with_family: bool) -> None:
        """End the process if its file has used up its time or memory."""
        with self._lock:
            process, deadline = self._process, self._deadline
            if process is None or deadline is None or self._ended_for is not None:
                return
            if time.monotonic() > deadline:
                self._ended_for = _out_of_time(self._limits.seconds)
            elif _resident(process.pid, with_family=with_family) > self._limits.memory:
                self._ended_for = out_of_memory(self._limits.memory)
            else:
                return
            self._end(process)

    def launch(self) -> subprocess.Popen[bytes]:
        """The process, started if there is none; it need not be ready."""
        environment = dict(os.environ)
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            environment.setdefault(name, str(self._threads))
        command = [sys.executable, "-P", "-m", "ingest.worker_process", self._target, str(self._limits.seconds)]
        with self._lock:
            if self._process is not None:
                return self._process
            if self._closed:
                raise _cannot_start("stopped")
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=environment,
                    start_new_session=True,  # Ctrl-C in the terminal is for the parent alone
                )
            except OSError as error:
                raise _cannot_start(str(error)) from error
            if self._yielding and hasattr(os, "setpriority"):
                os.setpriority(os.PRIO_PROCESS, process.pid, _YIELDING)
            self._process = process
            self._is_ready = False
            self._ended_for = None
        return process

    def _ready(self) -> subprocess.Popen[bytes]:
        process = self.launch()
        if self._is_ready:
            return process
        self._deadline = time.monotonic() + _START_SECONDS
        try:
            message = self._receive(process)
        except (EOFError, pickle.UnpicklingError, OSError) as error:
            code = self._bury()
            raise _cannot_start(f"exit status {code}") from error
        if message[0] != "ready":
            self._bury()
            raise _cannot_start(str(message[-1]).strip().splitlines()[-1])
        self._is_ready = True
        return process

    def _exchange(self, process: subprocess.Popen[bytes], key: Any, task: Any) -> tuple[Any, KbchatError | None]:
        self._deadline = time.monotonic() + self._limits.seconds
        try:
            assert process.stdin is not None
            pickle.dump(task, process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            while True:
                message = self._receive(process)
                if message[0] != "beat":
                    break
                self._deadline = time.monotonic() + self._limits.seconds
                self._on_beat(key, message[1], message[2])
        except (EOFError, pickle.UnpicklingError, OSError):
            return None, self._cause_of_death()
        with self._lock:
            self._deadline = None
            ended = self._ended_for is not None
        if ended:  # the limit was met in the moment the result came; the process is gone, the result is whole
            self._bury()
        return (message[1], None) if message[0] == "done" else (None, message[1])

    def _receive(self, process: subprocess.Popen[bytes]) -> tuple[Any, ...]:
        assert process.stdout is not None
        message: tuple[Any, ...] = pickle.load(process.stdout)  # noqa: S301 - written by our own worker
        return message

    def _cause_of_death(self) -> KbchatError:
        with self._lock:
            reason = self._ended_for
        code = self._bury()
        if reason is not None:
            return reason
        if code == -signal.SIGKILL:
            return out_of_memory(None)
        return _crashed(code)

    def _bury(self) -> int:
        with self._lock:
            process, self._process, self._deadline = self._process, None, None
        assert process is not None
        self._end(process)
        code = process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # unsent bytes of a broken pipe
                    continue
        return code

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        """Kill the process and whatever it has started (an office program that converts a file)."""
        if process.returncode is None:  # not waited for yet, so the number still belongs to it
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                process.kill()


def _resident(pid: int, *, with_family: bool) -> int:
    try:
        process = psutil.Process(pid)
        total = int(process.memory_info().rss)
        if with_family:
            total += sum(int(child.memory_info().rss) for child in process.children(recursive=True))
    except psutil.Error:
        return 0
    return total


def _out_of_time(seconds: float) -> FileLimitError:
    return FileLimitError(
        Bilingual(
            f"Reading it took more than {seconds:g} seconds without getting on.",
            f"读取超过 {seconds:g} 秒仍无进展，已放弃。",
        ),
        Bilingual(
            "Split the file, or raise KBCHAT_INGEST__FILE_TIMEOUT (seconds).",
            "请拆分该文件，或调高 KBCHAT_INGEST__FILE_TIMEOUT（单位：秒）。",
        ),
    )


def _crashed(code: int) -> DamagedFileError:
    try:
        what = signal.Signals(-code).name if code < 0 else f"exit status {code}"
    except ValueError:
        what = f"signal {-code}"
    return DamagedFileError(
        Bilingual(f"The reader crashed on this file ({what}).", f"读取程序在处理该文件时崩溃（{what}）。"),
        Bilingual(
            "The file is probably damaged: open it in the program that made it and save it again.",
            "文件可能已损坏：请用原软件打开后另存。",
        ),
    )


def _cannot_start(detail: str) -> LoadError:
    return LoadError(
        Bilingual(f"The processes that read files cannot be started: {detail}.", f"无法启动读取文件的进程：{detail}。"),
        Bilingual("Run `kbchat doctor` to see what is missing.", "请运行 `kbchat doctor` 查看缺少什么。"),
    )
