"""``kbchat doctor --offline``: the main job in a process that can reach nothing outside this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kbchat.cli import network_guard
from kbchat.cli.health import Finding, Verdict
from kbchat.messages import Bilingual
from kbchat.settings import Settings

_SECONDS = 300
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def offline_findings(settings: Settings) -> Iterator[Finding]:
    """Run the proof and tell each step. The data folder is not touched; embedding and answering are as in ``settings``."""
    with tempfile.TemporaryDirectory(prefix="kbchat-offline-") as name:
        folder = Path(name)
        guard = folder / "guard"
        guard.mkdir()
        shutil.copyfile(network_guard.__file__, guard / "sitecustomize.py")
        log = folder / "attempts.log"
        done = _run(folder, guard, log, settings)
        steps = _steps(done.stdout)
        tried = [line for line in _lines(log) if "192.0.2.1" not in line and "kbchat.invalid" not in line]
    yield from _told(steps, done)
    yield _attempts(tried)


def _run(folder: Path, guard: Path, log: Path, settings: Settings) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name.lower() not in _PROXIES}
    environment = {name: value for name, value in environment.items() if not name.startswith("KBCHAT_")}
    environment |= {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(guard), environment.get("PYTHONPATH", "")])),
        "OFFLINE_GUARD_LOG": str(log),
        "KBCHAT_EMBEDDING__MODEL": settings.embedding.model,
        "KBCHAT_LANGUAGE": settings.language,
        "KBCHAT_CONFIG": str(folder / "none.toml"),
    }
    command = [sys.executable, "-m", "kbchat.cli.offline_job", str(folder)]
    try:
        return subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no end after {_SECONDS} s")


def _steps(output: str) -> list[dict[str, Any]]:
    found = []
    for line in output.splitlines():
        try:
            found.append(dict(json.loads(line)))
        except (ValueError, TypeError):  # something a library printed
            continue
    return found


def _lines(log: Path) -> list[str]:
    return log.read_text("utf-8", errors="replace").splitlines() if log.is_file() else []


def _told(steps: list[dict[str, Any]], done: subprocess.CompletedProcess[str]) -> Iterator[Finding]:
    by_name: dict[str, list[dict[str, Any]]] = {}
    for step in steps:
        by_name.setdefault(str(step["step"]), []).append(step)
    kernel = by_name.get("kernel", [])
    if kernel and kernel[0]["ok"]:
        yield Finding("offline network", Verdict.OK, Bilingual(
            f"The job ran in a network of its own without a way out (interfaces: {kernel[0]['detail']}).",
            f"任务在独立且无出口的网络中运行（网络接口：{kernel[0]['detail']}）。",
        ))  # fmt: skip
    else:
        yield Finding("offline network", Verdict.WARNING, Bilingual(
            "The system does not allow a network of its own here; connections of native code are not covered.",
            "当前系统不允许使用独立网络，本机代码发起的连接不在检查范围内。",
        ), Bilingual(
            "Run it where user namespaces are allowed, or with the network cable out.",
            "请在允许用户命名空间的环境中运行，或断开网络后再运行。",
        ))  # fmt: skip
    yield _step(by_name, "guard", "offline guard", Bilingual(
        "Connecting to 192.0.2.1 and resolving a name were tried, and refused.",
        "已尝试连接 192.0.2.1 并解析域名，均被拒绝。",
    ), done)  # fmt: skip
    yield _step(by_name, "ingest", "offline ingest", Bilingual(
        "Two sample documents were read in worker processes, embedded and indexed.",
        "两份示例文档已由工作进程读取、向量化并建立索引。",
    ), done)  # fmt: skip
    yield _step(by_name, "ask", "offline answers", Bilingual(
        "A Chinese and an English question were answered, by the extractive engine.", "抽取式引擎已回答一个中文问题和一个英文问题。"
    ), done)  # fmt: skip
    yield _step(by_name, "cite", "offline citations", Bilingual(
        "Every citation stands on the page it names.", "每条引用都能在所指页面中找到。"
    ), done)  # fmt: skip


def _step(
    by_name: dict[str, list[dict[str, Any]]],
    step: str,
    name: str,
    good: Bilingual,
    done: subprocess.CompletedProcess[str],
) -> Finding:
    found = by_name.get(step, [])
    if found and all(one["ok"] for one in found):
        return Finding(name, Verdict.OK, good)
    last = (done.stderr.strip().splitlines() or [""])[-1][:300]
    wrong = "; ".join(str(one["detail"]) for one in found if not one["ok"])
    return Finding(
        name,
        Verdict.PROBLEM,
        Bilingual(
            f"It did not work: {wrong or last or 'it did not get so far'}.",
            f"未能完成：{wrong or last or '未执行到此步'}。",
        ),
        Bilingual(
            "Run `kbchat doctor` and `kbchat demo` to see why.", "请运行 `kbchat doctor` 与 `kbchat demo` 查找原因。"
        ),
    )


def _attempts(tried: list[str]) -> Finding:
    if not tried:
        return Finding(
            "offline attempts",
            Verdict.OK,
            Bilingual("Nothing else tried to leave this machine.", "没有其他访问外部地址的尝试。"),
        )
    return Finding(
        "offline attempts",
        Verdict.PROBLEM,
        Bilingual(f"Tried to reach: {'; '.join(tried[:5])}.", f"曾尝试访问：{'；'.join(tried[:5])}。"),
        Bilingual("Report this; kbchat must not do so.", "请反馈此问题；kbchat 不应有此行为。"),
    )
