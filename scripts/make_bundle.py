"""Pack kbchat for a machine without internet: ``python scripts/make_bundle.py [--extra local] [--out dist]``.

The archive holds a wheel of kbchat and of everything it needs (for this Python and platform), the sample knowledge base,
the files of ``deploy/``, the guides and a list of checksums. On the target machine ``sh install.sh`` checks the sums and
installs with ``pip --no-index``: nothing is fetched.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_FOLDERS = ("sample_kb", "deploy")
_GUIDES = ("README.md", "README.zh.md", "LICENSE", "CHANGELOG.md", "docs/operations.md", "docs/operations.zh.md")
_SUMS = "SHA256SUMS"


def version() -> str:
    """The version of kbchat in this checkout."""
    found = re.search(r'__version__ = "([^"]+)"', (_ROOT / "kbchat" / "__init__.py").read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit("kbchat/__init__.py names no version")
    return found[1]


def copy_tracked(target: Path) -> None:
    """Copy the checkout's tracked files: build folders of earlier runs must not get into a wheel."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=_ROOT, capture_output=True, check=True).stdout
    for name in tracked.decode().split("\0"):
        if name and (_ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(_ROOT / name, target / name)


def build_wheels(target: Path, extras: tuple[str, ...]) -> None:
    """Put a wheel of kbchat and of every package it needs into ``target``. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "source"
        copy_tracked(source)
        what = f"{source}[{','.join(extras)}]" if extras else str(source)
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
        subprocess.run(
            [*command, "--constraint", str(_ROOT / "constraints.txt"), "--wheel-dir", str(target), what], check=True
        )


def copy_files(target: Path) -> None:
    """Put what is not a wheel into ``target``."""
    for folder in _FOLDERS:
        shutil.copytree(_ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _GUIDES:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(_ROOT / name, target / name)
    shutil.copy2(_ROOT / "constraints.txt", target / "constraints.txt")
    shutil.copy2(_ROOT / "deploy" / "install.sh", target / "install.sh")


def write_sums(target: Path) -> int:
    """Write the SHA-256 of every file below ``target`` in the format of ``sha256sum``; their number."""
    files = sorted(path for path in target.rglob("*") if path.is_file() and path.name != _SUMS)
    lines = [f"{_sha256(path)}  {path.relative_to(target).as_posix()}\n" for path in files]
    (target / _SUMS).write_text("".join(lines), encoding="utf-8")
    return len(files)


def pack(folder: Path, archive: Path) -> None:
    """Write ``folder`` as a .tar.gz, whole or not at all."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    half = archive.with_name(archive.name + ".part")
    with tarfile.open(half, "w:gz", compresslevel=1) as packed:  # wheels are compressed already
        packed.add(folder, arcname=folder.name)
    half.replace(archive)


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def main() -> None:
    """Build the archive and say where it lies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extra", action="append", default=[], help="also pack this extra (local, postgresql)")
    parser.add_argument("--out", type=Path, default=_ROOT / "dist", help="folder to write to")
    given = parser.parse_args()
    name = f"kbchat-{version()}-{sys.platform}-{platform.machine()}-py{sys.version_info[0]}{sys.version_info[1]}"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / name
        folder.mkdir()
        build_wheels(folder / "wheels", tuple(given.extra))
        copy_files(folder)
        count = write_sums(folder)
        archive = given.out / f"{name}.tar.gz"
        pack(folder, archive)
    print(f"{archive}  ({archive.stat().st_size / 2**20:.0f} MiB, {count} files)")
    print(f"SHA-256 {_sha256(archive)}")


if __name__ == "__main__":
    main()
