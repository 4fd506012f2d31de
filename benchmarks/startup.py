"""How long a person waits: ``kbchat --help``, and a cold ``kbchat ask`` with the default engine.

    python benchmarks/startup.py [--runs 10]

Wall time of whole processes, from start to exit, median and best of the runs; ``ask`` runs over ``sample_kb``, ingested once.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from results_file import print_table, write_results

SAMPLE = Path(__file__).resolve().parents[1] / "sample_kb"
QUESTION = "二甲双胍片的禁忌有哪些？"
TARGETS = {"help": 0.4, "ask": 2.0, "ask --json": 2.0, "search": 2.0}


def wall_times(arguments: Sequence[str], runs: int) -> list[float]:
    """Seconds of each run of ``kbchat`` with these arguments."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "kbchat", *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    return times


def measure(runs: int, data: Path) -> dict[str, dict[str, float]]:
    """Median and best of every command."""
    subprocess.run(
        [sys.executable, "-m", "kbchat", "ingest", str(SAMPLE), "--data-dir", str(data), "--quiet"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    commands = {
        "help": ["--help"],
        "ask": ["ask", QUESTION, "--data-dir", str(data)],
        "ask --json": ["ask", QUESTION, "--json", "--data-dir", str(data)],
        "search": ["search", QUESTION, "--data-dir", str(data)],
    }
    figures = {}
    for name, arguments in commands.items():
        times = wall_times(arguments, runs)
        figures[name] = {
            "median": round(statistics.median(times), 3),
            "best": round(min(times), 3),
            "target": TARGETS[name],
        }
    return figures


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="kbchat-startup-") as place:
        figures = measure(runs, Path(place) / "data")
    rows = [(name, one["median"], one["best"], one["target"]) for name, one in figures.items()]
    print_table(["kbchat …", "median s", "best s", "target s"], rows)
    write_results("startup", f"python benchmarks/startup.py --runs {runs}", {"runs": runs, **figures})


if __name__ == "__main__":
    main()
