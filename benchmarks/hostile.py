"""Odd, broken, encrypted and malicious PDFs: every one must end in text or in an error that says why.

    python benchmarks/hostile.py [--folder DIR] [--seconds 60] [--memory 2048] [--workers 2]

Each file is read in a process of its own, under a time and a memory limit, and counted as: read, refused (a leaf of
LoadError), or as a failure of the reader: another exception, a crash, a hang, memory beyond the limit.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

from pebble import ProcessExpired, ProcessPool
from results_file import print_table, write_results

from ingest.loaders.options import LoadOptions
from ingest.loaders.pdf import load_pdf
from kbchat.errors import LoadError

HOSTILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "hostile"
READ = "read"
FAILURES = frozenset({"crashed", "timed out", "out of memory", "other exception"})


@dataclass(frozen=True, slots=True)
class Ending:
    """How one file ended; ``peak`` is the process' largest resident size in MiB."""

    file: str
    status: str
    detail: str
    seconds: float
    peak: float
    pages: int = 0
    ocr_pages: int = 0
    characters: int = 0


def read_one(path: Path, memory: int) -> Ending:
    """Read ``path`` in this process, allowed ``memory`` MiB of data."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory << 20, memory << 20))
    started = time.monotonic()

    def ending(status: str, detail: str = "", pages: int = 0, ocr: int = 0, characters: int = 0) -> Ending:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return Ending(path.name, status, detail, time.monotonic() - started, peak, pages, ocr, characters)

    try:
        loaded = load_pdf(path, LoadOptions())
    except LoadError as error:
        return ending(type(error).__name__, error.user_message.en)
    except MemoryError:
        return ending("out of memory")
    except Exception as error:  # noqa: BLE001 - that nothing else is raised is what is measured
        return ending("other exception", f"{type(error).__name__}: {error}")
    pages = loaded.pages
    return ending(READ, "", len(pages), sum(p.ocr for p in pages), sum(len(p.text) for p in pages))


def read_all(files: Sequence[Path], workers: int, seconds: float, memory: int) -> list[Ending]:
    """Read all files, one process each."""
    endings: list[Ending] = []
    with ProcessPool(max_workers=workers, max_tasks=1, context=get_context("fork")) as pool:
        tasks = [(path, pool.schedule(read_one, args=(path, memory), timeout=seconds)) for path in files]
        for path, task in tasks:
            try:
                endings.append(task.result())
            except FutureTimeoutError:
                endings.append(Ending(path.name, "timed out", f"over {seconds} s", seconds, 0.0))
            except ProcessExpired as error:
                endings.append(Ending(path.name, "crashed", f"exit code {error.exitcode}", 0.0, 0.0))
    return endings


def main() -> int:
    """Run the benchmark; exit status 1 when the reader failed on a file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--folder", type=Path, default=HOSTILE)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--memory", type=int, default=2048, help="MiB")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    files = sorted(path for path in options.folder.iterdir() if path.is_file())
    if not files:
        print(f"no files in {options.folder}")
        return 1
    endings = read_all(files, options.workers, options.seconds, options.memory)
    counts = Counter(ending.status for ending in endings)
    print_table(("status", "files"), counts.most_common())
    slowest = sorted(endings, key=lambda ending: -ending.seconds)[:8]
    print()
    print_table(
        ("slowest", "seconds", "peak MiB", "status"),
        [(e.file, f"{e.seconds:.1f}", f"{e.peak:.0f}", e.status) for e in slowest],
    )
    failed = [ending for ending in endings if ending.status in FAILURES]
    for ending in failed:
        print(f"FAILED {ending.file}: {ending.status} {ending.detail}")
    write_results(
        "hostile",
        "python benchmarks/hostile.py",
        {
            "files": len(endings),
            "with a status": len(endings) - len(failed),
            "statuses": dict(counts.most_common()),
            "largest peak MiB": round(max(ending.peak for ending in endings)),
            "slowest seconds": round(slowest[0].seconds, 1),
            "limits": {"seconds": options.seconds, "memory MiB": options.memory},
            "endings": [
                asdict(ending) | {"seconds": round(ending.seconds, 2), "peak": round(ending.peak)} for ending in endings
            ],
        },
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
