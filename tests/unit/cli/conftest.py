"""Running commands in this process, as a person would type them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kbchat.cli import main

LEAFLET = """# 阿司匹林肠溶片说明书

## 【适应症】
用于降低急性心肌梗死疑似患者的发病风险。

## 【用法用量】
口服。一次100mg，一日1次，饭前用适量水送服。

## 【禁忌】
对本品过敏者禁用。活动性消化性溃疡患者禁用。
"""


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def kbchat(data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """``kbchat("kb", "list")`` runs the command over an own data folder, in English, without settings from outside."""
    for name in list(os.environ):
        if name.startswith("KBCHAT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("KBCHAT_EMBEDDING__MODEL", "none")

    def run(*arguments: str | Path, lang: str = "en") -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--data-dir", str(data_dir), "--lang", lang, *map(str, arguments)])
        captured = capsys.readouterr()
        return Result(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def leaflets(tmp_path: Path) -> Path:
    """A folder with two small leaflets."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "阿司匹林.md").write_text(LEAFLET, encoding="utf-8")
    (folder / "布洛芬.md").write_text(
        LEAFLET.replace("阿司匹林肠溶片", "布洛芬缓释胶囊").replace("100mg", "0.3g"), encoding="utf-8"
    )
    return folder
