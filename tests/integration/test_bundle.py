"""The offline bundle: whole, refused when altered, and with every file that kbchat reads at run time."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def make_bundle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_bundle", _ROOT / "scripts" / "make_bundle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bundle(make_bundle: ModuleType, tmp_path: Path) -> Path:
    """A bundle without its wheels."""
    folder = tmp_path / "kbchat-bundle"
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels" / "a.whl").write_bytes(b"a wheel")
    make_bundle.copy_files(folder)
    make_bundle.write_sums(folder)
    return folder


def install(bundle: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Run the bundle's installer, without any way to an index."""
    environment = os.environ | {"PYTHON": sys.executable, "PIP_NO_INDEX": "1"}
    return subprocess.run(
        ["sh", str(bundle / "install.sh"), str(target)], env=environment, capture_output=True, text=True, check=False
    )


def test_everything_is_listed_with_its_sum(make_bundle: ModuleType, bundle: Path) -> None:
    listed = {line.split("  ", 1)[1] for line in (bundle / "SHA256SUMS").read_text(encoding="utf-8").splitlines()}
    there = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert listed == there - {"SHA256SUMS"}
    assert {"install.sh", "constraints.txt", "LICENSE", "deploy/nginx.conf", "docs/operations.zh.md"} <= listed
    assert any(name.startswith("sample_kb/") for name in listed)
    assert not any("__pycache__" in name for name in listed)
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=bundle, check=False)
    assert checked.returncode == 0


def test_the_archive_unpacks_to_the_same(make_bundle: ModuleType, bundle: Path, tmp_path: Path) -> None:
    archive = tmp_path / "out" / "bundle.tar.gz"
    make_bundle.pack(bundle, archive)
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "there", filter="data")
    unpacked = tmp_path / "there" / bundle.name
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=unpacked, check=False).returncode == 0
    assert [path.name for path in archive.parent.iterdir()] == [archive.name], "a half archive is left"


@pytest.mark.parametrize("harm", ["altered", "missing"])
def test_a_bundle_that_differs_is_refused(bundle: Path, tmp_path: Path, harm: str) -> None:
    wheel = bundle / "wheels" / "a.whl"
    wheel.unlink() if harm == "missing" else wheel.write_bytes(b"another wheel")
    told = install(bundle, tmp_path / "target")
    assert told.returncode == 1
    assert "differ from SHA256SUMS" in told.stderr
    assert not (tmp_path / "target").exists()


def test_the_wheel_holds_every_file_that_is_read_at_run_time(make_bundle: ModuleType, tmp_path: Path) -> None:
    source = tmp_path / "source"
    make_bundle.copy_tracked(source)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    built = subprocess.run(
        [*command, "--no-build-isolation", "--wheel-dir", str(tmp_path / "wheels"), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        pytest.skip(f"no wheel can be built here: {built.stderr[-300:]}")
    [wheel] = (tmp_path / "wheels").iterdir()
    inside = set(zipfile.ZipFile(wheel).namelist())
    packages = ("kbchat", "ingest", "ui")
    wanted = {
        path.relative_to(source).as_posix()
        for package in packages
        for path in (source / package).rglob("*")
        if path.is_file()
    }
    assert not wanted - inside
    assert {"kbchat/server/widget/embed.js", "kbchat/server/widget/chat.html", "ui/streamlit.toml"} <= inside
    assert {name.partition("/")[0] for name in inside} == {*packages, f"kbchat-{make_bundle.version()}.dist-info"}
