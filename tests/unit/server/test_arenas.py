"""A service of many threads keeps to few arenas of malloc."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys

import pytest

_PROBE = """
import ctypes, os, sys, threading
from kbchat.server.arenas import limit_arenas
if sys.argv[1] == "limited":
    limit_arenas()
everyone = threading.Barrier(20 * (os.cpu_count() or 1))
def work():
    kept = [bytes(4096) for _ in range(64)]
    everyone.wait()
    del kept
threads = [threading.Thread(target=work) for _ in range(everyone.parties)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
stream = libc.fdopen(1, b"w")
libc.malloc_info(0, ctypes.c_void_p(stream))
libc.fflush(ctypes.c_void_p(stream))
"""


def _arenas(how: str, **more: str) -> int:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, how], env=environment | more, capture_output=True, text=True, check=True
    )
    return len(re.findall(r"<heap nr=", done.stdout))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_many_threads_share_few_arenas() -> None:
    few = 2 * (os.cpu_count() or 1)
    assert _arenas("free") > few
    assert _arenas("limited") <= few
    assert _arenas("limited", MALLOC_ARENA_MAX="1") == 1
