"""``make bench``: every benchmark, one after the other; each prints its table and writes benchmarks/results/<name>.json."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ORDER = (
    "startup",
    "ingest_speed",
    "embedding",
    "retrieval",
    "answers",
    "chat",
    "behaviour",
    "calibrate_evidence",
    "checks",
    "recorded_answers",
    "hostile",
    "kill",
    "service_throughput",
    "service_load",
    "service_kill",
    "service_upload",
    "chat",
    "ui_speed",
)
"""Quick and undisturbed ones first: the later ones keep both cores busy."""


def main() -> None:
    """Run the benchmarks named, or all; the exit status tells whether one failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*ORDER, []], help="which ones (default: all)")
    chosen = parser.parse_args().names or ORDER
    folder = Path(__file__).resolve().parent
    failed = []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, str(folder / f"{name}.py")], check=False).returncode != 0:
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
