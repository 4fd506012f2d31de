"""kill -9 at random instants of an ingest: nothing lost, nothing doubled, nothing half-done searchable.

    python benchmarks/kill.py [--kills 50] [--files 200] [--seed 1]

A folder is ingested by ``kbchat ingest`` in a process that is killed at a random instant, again and again; between kills
files are changed, doubled and removed, so that every kill meets work. After each kill the store and the index are
opened as a reader would and compared with what may be true: every live document holds exactly one version of its file,
whole; every file's marker word is found in exactly the document that is committed, and in no other; what was committed
before the kill is still there. At the end a run to completion must bring everything in once.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from results_file import print_table, write_results

from kbchat.app import App
from kbchat.index.protocol import SearchFilters, WeightedToken
from kbchat.settings import load_settings

PARAGRAPHS = 20
SETTINGS = {"KBCHAT_EMBEDDING__MODEL": "none"}


def marker(file: int, version: int) -> str:
    """A word that stands in one version of one file only."""
    return f"mk{file:04}{version:04}"


def text_of(file: int, version: int) -> str:
    """A small leaflet whose every paragraph carries the marker."""
    lines = [f"# Leaflet {file}"]
    for number in range(PARAGRAPHS):
        lines += [f"## Section {number}", f"{marker(file, version)} part{number}: " + "take with a meal. " * 12]
    return "\n\n".join(lines) + "\n"


@dataclass
class Folder:
    """The documents, and which version of each stands on disk; ``past`` is every version that ever did."""

    path: Path
    versions: dict[int, int] = field(default_factory=dict)
    past: dict[int, set[int]] = field(default_factory=dict)

    def write(self, file: int, version: int) -> None:
        """Put a version of a file in place, in one step."""
        temporary = self.path / f".{file}.new"
        temporary.write_text(text_of(file, version), encoding="utf-8")
        temporary.replace(self.path / f"leaflet{file:04}.md")
        self.versions[file] = version
        self.past.setdefault(file, set()).add(version)

    def change_some(self, chance: random.Random, count: int) -> None:
        """New versions of ``count`` files."""
        for file in chance.sample(sorted(self.versions), min(count, len(self.versions))):
            self.write(file, self.versions[file] + 1)


@dataclass(frozen=True)
class Seen:
    """What a reader sees: the live version of every file, and what is wrong with it."""

    versions: Mapping[int, int]
    faults: tuple[str, ...]


def look(data: Path, folder: Folder) -> Seen:
    """Open the store and the index as a reader does and compare them with each other and with the files."""
    app = App(load_settings(data_dir=data))
    faults: list[str] = []
    try:
        if "default" not in {base.name for base in app.store.bases()}:
            return Seen({}, ())
        base = app.store.base("default")
        documents = app.store.documents(base.id)
        index = app.index_for(base)
        live: dict[int, int] = {}
        for document in documents:
            file = int(document.name.removeprefix("leaflet").removesuffix(".md"))
            if file in live:
                faults.append(f"{document.name} is there twice")
            text = "\n".join(app.store.page_texts(document.revision_id).values())
            versions = [v for v in folder.past[file] if marker(file, v) in text]
            if len(versions) != 1 or text.count(marker(file, versions[0])) != PARAGRAPHS:
                faults.append(f"{document.name} holds {text.count('mk')} parts of versions {versions}")
                continue
            live[file] = versions[0]
        for file, past in folder.past.items():
            for version in past:
                hits = index.search([WeightedToken(marker(file, version))], None, SearchFilters(), 1000)
                owners = {chunk.document for chunk in app.store.chunks(hit.chunk_id for hit in hits).values()}
                expected = {f"leaflet{file:04}.md"} if live.get(file) == version else set()
                if owners != expected:
                    faults.append(f"{marker(file, version)} is found in {sorted(owners)}, not {sorted(expected)}")
        if len({document.sha256 for document in documents}) != len(documents):
            faults.append("the same bytes are live twice")
        return Seen(live, tuple(faults))
    finally:
        app.close()


def ingest(data: Path, folder: Folder) -> subprocess.Popen[bytes]:
    """Start an ingest in a process of its own."""
    command = [sys.executable, "-m", "kbchat", "ingest", str(folder.path), "--data-dir", str(data), "--json"]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **SETTINGS}
    )


def killed_at(data: Path, folder: Folder, seconds: float) -> bool:
    """Start an ingest and kill it after ``seconds``. False when it had ended by itself."""
    process = ingest(data, folder)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def run(kills: int, files: int, seed: int, workplace: Path) -> dict[str, object]:
    """The whole trial; returns its figures."""
    os.environ.update(SETTINGS)
    chance = random.Random(seed)
    folder = Folder(workplace / "docs")
    folder.path.mkdir()
    for file in range(files):
        folder.write(file, 0)
    data = workplace / "data"
    longest = _duration(workplace, folder)
    faults: list[str] = []
    done = at_work = 0
    before: Mapping[int, int] = {}
    while done < kills:
        if not killed_at(data, folder, _instant(chance, longest)):
            folder.change_some(chance, files // 2)
            continue
        done += 1
        seen = look(data, folder)
        at_work += dict(seen.versions) != dict(before)
        faults += [f"kill {done}: {fault}" for fault in seen.faults]
        lost = [file for file, version in before.items() if seen.versions.get(file, -1) < version]
        faults += [f"kill {done}: file {file} was lost or put back" for file in lost]
        before = seen.versions
        if all(seen.versions.get(file) == version for file, version in folder.versions.items()):
            folder.change_some(chance, files // 2)
    status = ingest(data, folder).wait()
    seen = look(data, folder)
    faults += [f"end: {fault}" for fault in seen.faults]
    if dict(seen.versions) != folder.versions or status != 0:
        faults.append(f"end: exit status {status}, {len(seen.versions)} of {files} files in their last version")
    return {
        "kills": done,
        "kills_between_commits_seen": at_work,
        "files": files,
        "seed": seed,
        "longest_wait": round(longest, 2),
        "faults": faults,
    }


def _instant(chance: random.Random, longest: float) -> float:
    """Seconds until the kill; most often after the process has started up, when there is something to spoil."""
    earliest = 0.05 if chance.random() < 0.2 else 0.35 * longest
    return chance.uniform(earliest, longest)


def _duration(workplace: Path, folder: Folder) -> float:
    """How long an undisturbed ingest takes."""
    started = time.monotonic()
    ingest(workplace / "undisturbed", folder).wait()
    return time.monotonic() - started


def main() -> None:
    """Run the trial and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kbchat-kill-") as place:
        figures = run(chosen.kills, chosen.files, chosen.seed, Path(place))
    faults = figures["faults"]
    assert isinstance(faults, list)
    rows = [(name, len(faults) if name == "faults" else value) for name, value in figures.items()]
    print_table(["what", "figure"], rows)
    for fault in faults[:20]:
        print(fault)
    write_results("kill", f"python benchmarks/kill.py --kills {chosen.kills} --files {chosen.files}", figures)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
