"""What runs inside a worker process: read a task, call the target, send the outcome; never outlive the parent.

Started as ``python -m ingest.worker_process MODULE:FUNCTION SECONDS``. Tasks come pickled on standard input, messages
go pickled to what was standard output; the real standard output is closed, so that nothing a library prints can get
between the messages. The messages are ``("ready",)``, ``("broken", text)``, ``("beat", done, total)``,
``("done", value)`` and ``("failed", error)``.
"""

from __future__ import annotations

import faulthandler
import importlib
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

from kbchat.errors import DamagedFileError, FileLimitError, KbchatError
from kbchat.messages import Bilingual

GRACE = 15.0
"""Seconds after which a worker ends itself when nobody has ended it: its parent must be dead."""

_PARENT_CHECK = 1.0

_send: Callable[[tuple[Any, ...]], None] | None = None
_seconds = 0.0
_channel: int | None = None


def beat(done: int, total: int) -> None:
    """Tell that ``done`` of ``total`` pages are read, from when on the time limit counts anew.

    Outside a worker process it does nothing.
    """
    if _send is not None:
        _arm()
        _send(("beat", done, total))


def is_worker() -> bool:
    """Whether this process is a worker, at work on a file."""
    return _send is not None


def mute() -> None:
    """Send nothing from now on: for a fork of the worker, whose messages would get between the worker's own."""
    global _send, _channel  # noqa: PLW0603
    _send = None
    if _channel is not None:
        os.close(_channel)  # so that the parent sees the worker's end, whatever the fork does
        _channel = None


def main(arguments: list[str]) -> None:
    """Serve tasks until standard input ends."""
    global _send, _seconds, _channel
    target, _seconds = arguments[0], float(arguments[1])
    tasks, results = _private_channels()
    _die_with_parent()

    def send(message: tuple[Any, ...]) -> None:
        pickle.dump(message, results, protocol=pickle.HIGHEST_PROTOCOL)
        results.flush()

    try:
        module, _, name = target.partition(":")
        function = getattr(importlib.import_module(module), name)
    except BaseException:
        send(("broken", traceback.format_exc()))
        raise
    _send, _channel = send, results.fileno()
    send(("ready",))
    while True:
        try:
            task = pickle.load(tasks)  # noqa: S301 - written by the parent
        except EOFError:
            return
        _arm()
        message = _outcome(function, task)
        faulthandler.cancel_dump_traceback_later()
        send(message)


def _outcome(function: Callable[[Any], Any], task: Any) -> tuple[Any, ...]:
    try:
        return ("done", function(task))
    except KbchatError as error:
        return ("failed", error)
    except MemoryError:
        return ("failed", out_of_memory(None))
    except RecursionError:
        return ("failed", _damaged("nested too deeply"))
    except Exception as error:  # noqa: BLE001 - readers of foreign formats raise anything on hostile input
        return ("failed", _damaged(f"{type(error).__name__}: {str(error)[:200]}"))


def out_of_memory(limit: int | None) -> FileLimitError:
    """The error for a file whose reader wants more than ``limit`` bytes (None: more than the machine has)."""
    size_en = f" of {limit >> 20} MiB" if limit else ""
    size_zh = f" {limit >> 20} MiB " if limit else ""
    return FileLimitError(
        Bilingual(f"Reading it needs more memory than the limit{size_en}.", f"读取该文件所需内存超过上限{size_zh}。"),
        Bilingual(
            "Split the file, or raise KBCHAT_INGEST__FILE_MEMORY (MiB).",
            "请拆分该文件，或调高 KBCHAT_INGEST__FILE_MEMORY（单位 MiB）。",
        ),
    )


def _damaged(detail: str) -> DamagedFileError:
    return DamagedFileError(
        Bilingual(f"The file cannot be read ({detail}).", f"无法读取该文件（{detail}）。"),
        Bilingual(
            "Open it in the program that made it and save it again, or export it as PDF.",
            "请用原软件打开后另存，或导出为 PDF。",
        ),
    )


def _private_channels() -> tuple[BinaryIO, BinaryIO]:
    tasks, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return tasks, results


def _arm() -> None:
    """End this process if the task goes on long after the parent should have ended it (works without the GIL)."""
    faulthandler.dump_traceback_later(_seconds + GRACE, exit=True, file=2)


def _die_with_parent() -> None:
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_CHECK)
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)  # and whatever the worker itself has started
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


if __name__ == "__main__":
    # Run as __main__, the module would exist twice and beat() of the importable one would stay mute.
    from ingest.worker_process import main as serve

    serve(sys.argv[1:])
