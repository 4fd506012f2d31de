"""What lies in the repository: no path of a developer's machine, no package registry, no secret, no large file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 1_000_000
LARGE_ON_PURPOSE = (
    "kbchat/embedding/models/",
    "kbchat/medical/data/safety_weights.safetensors",
    "kbchat/medical/data/section_weights.safetensors",
)

# Written in pieces, so that this file does not find itself.
FORBIDDEN: tuple[tuple[str, str], ...] = (
    (r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me/[a-z]+|Us" + r"ers/[A-Za-z]+)/", "a path of one machine"),
    (r"files\.python" + r"hosted\.org|pypi\.or" + r"g/simple|download\.py" + r"torch\.org", "a package registry"),
    (r"--(?:extra-)?index" + r"-url|--find" + r"-links (?!wheels\b|.\$here/wheels)|--trusted" + r"-host", "a package source; pip's own settings say it"),
    (r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----", "a private key"),
    (r"\b(?:sk|gh[pousr])[-_][A-Za-z0-9]{20,}", "an access token"),
)  # fmt: skip


def tracked_files() -> list[Path]:
    """Every file that git tracks; skips where this is not a checkout."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, timeout=60)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in done.stdout.decode("utf-8").split("\0") if name)
    return [path for path in paths if path.is_file()]


def forbidden_in(text: str) -> list[str]:
    """What in ``text`` must not be in the repository."""
    return [f"{why}: {match.group()}" for pattern, why in FORBIDDEN for match in re.finditer(pattern, text)]


def _text(path: Path) -> str:
    data = path.read_bytes()
    return "" if b"\0" in data[:4096] else data.decode("utf-8", errors="ignore")


def test_nothing_of_one_machine_is_tracked():
    wrong = {str(path.relative_to(ROOT)): found for path in tracked_files() if (found := forbidden_in(_text(path)))}

    assert not wrong


def test_files_are_small():
    large = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.stat().st_size > LARGEST and not str(path.relative_to(ROOT)).startswith(LARGE_ON_PURPOSE)
    ]

    assert not large


def test_licence_is_the_one_declared():
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_constraints_pin_every_direct_dependency():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    direct = {
        name.lower() for name in re.findall(r'^    "([A-Za-z0-9._-]+)(?:\[[a-z]+\])?[><=]', project, re.MULTILINE)
    }
    pinned = dict(
        re.findall(r"^([a-z0-9.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert len(direct) > 30
    assert sorted(direct - set(pinned)) == [], "run `make constraints`"
    assert not [name for name, version in pinned.items() if "+" in version], "a local label fits one build only"


@pytest.mark.parametrize(
    "text",
    [
        "data = '/wo" + "rk/main/data'",
        "see /ho" + "me/anna/kbchat",
        "pip install --index" + "-url https://example.org",
        "https://pypi.or" + "g/simple/x",
        "-----BEGIN RSA PRIVATE" + " KEY-----",
        "token = 'ghp" + "_0123456789abcdefghijABCDEFGHIJ'",
    ],
)
def test_checker_finds(text):
    assert forbidden_in(text)


def test_checker_lets_ordinary_text_pass():
    assert not forbidden_in("homework/main, /usr/share/fonts, skin-rash 0.3g, https://example.org/work/")
