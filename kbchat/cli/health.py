"""What ``kbchat doctor`` looks at. Nothing is changed or created; no document text and no question is shown."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kbchat.app import App
from kbchat.errors import KbchatError
from kbchat.messages import Bilingual, Language
from kbchat.services.versions import PACKAGES, versions
from kbchat.settings import Settings, config_path
from kbchat.store import DataLayout, KnowledgeBase

_LITTLE_SPACE = 2 << 30
_NO_SPACE = 200 << 20
_TRIED_PIECES = 16


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its name, how it ended, what was found and what to do."""

    name: str
    verdict: Verdict
    detail: Bilingual
    remedy: Bilingual | None = None

    def as_json(self, language: Language) -> dict[str, Any]:
        """The finding as ``kbchat doctor --json`` prints it."""
        return {
            "name": self.name,
            "verdict": self.verdict.value,
            "detail": self.detail.in_language(language),
            "remedy": self.remedy.in_language(language) if self.remedy else "",
        }


def findings(opened: App) -> Iterator[Finding]:
    """All checks, as they end."""
    settings = opened.settings
    yield _packages()
    yield _settings(settings)
    yield from _data_folder(settings)
    yield _embedder(opened)
    yield _generator(opened)
    yield from _support_model(opened)
    if DataLayout(settings.data_dir.absolute(), embedded=not settings.database_url).is_valid():
        yield from _store(opened)
    yield _reading(settings)
    yield _ocr()
    yield _libreoffice()
    yield _network(settings)


def _ok(name: str, en: str, zh: str) -> Finding:
    return Finding(name, Verdict.OK, Bilingual(en, zh))


def _failed(name: str, error: KbchatError, verdict: Verdict = Verdict.PROBLEM) -> Finding:
    return Finding(name, verdict, error.user_message, error.remedy)


def _packages() -> Finding:
    present = versions()
    missing = [package for package in PACKAGES if package not in present]
    if missing:
        return Finding(
            "packages",
            Verdict.PROBLEM,
            Bilingual(f"Missing: {', '.join(missing)}.", f"缺少：{'、'.join(missing)}。"),
            Bilingual("Install kbchat again with pip.", "请用 pip 重新安装 kbchat。"),
        )
    return _ok("packages", "All packages of the core are installed.", "核心依赖均已安装。")


def _settings(settings: Settings) -> Finding:
    path = config_path(settings.data_dir)
    if path.is_file():
        return _ok("settings", f"Read from {path}.", f"读取自 {path}。")
    return _ok("settings", f"Defaults; there is no {path}.", f"使用默认值；没有 {path}。")


def _data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir.absolute()
    standing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(standing, os.W_OK | os.X_OK):
        yield Finding(
            "data_folder",
            Verdict.PROBLEM,
            Bilingual(f"{standing} may not be written.", f"{standing} 没有写权限。"),
            Bilingual(
                "Make it writable, or name another with --data-dir.", "请授予写权限，或用 --data-dir 指定其他目录。"
            ),
        )
    elif standing == folder:
        yield _ok("data_folder", f"{folder}", f"{folder}")
    else:
        yield _ok("data_folder", f"{folder} (made by the first ingest)", f"{folder}（首次导入时创建）")
    free = shutil.disk_usage(standing).free
    verdict = Verdict.PROBLEM if free < _NO_SPACE else Verdict.WARNING if free < _LITTLE_SPACE else Verdict.OK
    amount = f"{free / (1 << 30):.1f} GiB"
    yield Finding(
        "disk",
        verdict,
        Bilingual(f"{amount} free.", f"剩余 {amount}。"),
        None if verdict is Verdict.OK else Bilingual("Free some space.", "请清理磁盘空间。"),
    )


def _embedder(opened: App) -> Finding:
    spec = opened.settings.embedding.model
    started = time.monotonic()
    try:
        embedder = opened.embedder(spec)
        if embedder is None:
            return _ok("embedder", "None: search by words alone.", "无：仅关键词检索。")
        embedder.embed_query("头痛 headache")
    except KbchatError as error:
        return _failed("embedder", error)
    seconds = time.monotonic() - started
    return _ok(
        "embedder",
        f"{embedder.name}, {embedder.dimension} dimensions, ready in {seconds:.2f} s.",
        f"{embedder.name}，{embedder.dimension} 维，{seconds:.2f} 秒就绪。",
    )


def _generator(opened: App) -> Finding:
    """Has the generator write a few words where it is a language model."""
    from kbchat.generation.factory import EXTRACTIVE  # noqa: PLC0415 - only what is asked for is imported
    from kbchat.generation.probe import probe_generator  # noqa: PLC0415

    settings = opened.settings.generation
    if settings.model.strip() == EXTRACTIVE:
        return _ok(
            "generator",
            "Extractive: answers are quotes, no language model.",
            "摘录式：回答为原文摘录，不使用语言模型。",
        )
    try:
        probe = probe_generator(opened.generator(), pieces=_TRIED_PIECES)
    except KbchatError as error:
        return _failed("generator", error)
    if not probe.text.strip():
        return Finding(
            "generator",
            Verdict.PROBLEM,
            Bilingual(f"{probe.name} wrote nothing.", f"{probe.name} 没有输出任何内容。"),
            Bilingual("Check the model and its server's log.", "请检查模型及其服务的日志。"),
        )
    seconds = probe.total
    return _ok("generator", f"{probe.name} answered in {seconds:.1f} s.", f"{probe.name} 在 {seconds:.1f} 秒内作答。")


def _support_model(opened: App) -> Iterator[Finding]:
    """Has the entailment model judge a pair, where one is set."""
    model = opened.entailment
    if model is None:
        return
    started = time.monotonic()
    try:
        model.judge([("孕妇禁用。", "孕妇不能使用。")])
    except KbchatError as error:
        yield _failed("support_model", error)
        return
    seconds = time.monotonic() - started
    name = opened.settings.answer.support_model
    yield _ok("support_model", f"{name} judged in {seconds:.1f} s.", f"{name} 在 {seconds:.1f} 秒内完成判断。")


def _store(opened: App) -> Iterator[Finding]:
    try:
        bases = opened.store.bases()
    except KbchatError as error:
        yield _failed("store", error)
        return
    yield _ok("store", f"{len(bases)} knowledge base{'' if len(bases) == 1 else 's'}.", f"{len(bases)} 个知识库。")
    for base in bases:
        yield _base(opened, base)


def _base(opened: App, base: KnowledgeBase) -> Finding:
    name = f"knowledge_base:{base.name}"
    store = opened.store
    try:
        opened.embedder_for(base)
        index = opened.index_for(base)
        _, indexed = index.document_frequencies(())
        expected, documents = store.chunk_total(base.id), len(store.documents(base.id))
    except KbchatError as error:
        return _failed(name, error)
    if indexed != expected or index.watermark != store.watermark(base.id):
        return Finding(
            name,
            Verdict.PROBLEM,
            Bilingual(
                f"The index holds {indexed} chunks, the store {expected}.",
                f"索引中有 {indexed} 个片段，数据库中有 {expected} 个。",
            ),
            Bilingual(f"Run `kbchat reindex --kb {base.name}`.", f"请运行 `kbchat reindex --kb {base.name}`。"),
        )
    return _ok(
        name,
        f"{documents} documents, {indexed} chunks; the index is up to date.",
        f"{documents} 份文档，{indexed} 个片段；索引已是最新。",
    )


def _reading(settings: Settings) -> Finding:
    """Reads a small file in a worker process, the way an ingest does."""
    from ingest.loaders.options import LoadOptions  # noqa: PLC0415
    from ingest.parsed_file import TARGET, ChunkSizes, ParseTask  # noqa: PLC0415
    from ingest.workers import Limits, WorkerPool  # noqa: PLC0415

    limits = Limits(60.0, settings.ingest.file_memory << 20)
    with tempfile.TemporaryDirectory(prefix="kbchat-doctor-") as folder:
        probe = Path(folder) / "probe.txt"
        probe.write_text("【禁忌】对本品过敏者禁用。\n", encoding="utf-8")
        task = ParseTask(probe, probe.name, LoadOptions(), ChunkSizes(settings.chunk.target, settings.chunk.maximum))
        try:
            with WorkerPool(TARGET, workers=1, limits=limits) as pool:
                (done,) = pool.run([(probe.name, task)])
        except KbchatError as error:
            return _failed("reading", error)
    if done.error is not None:
        return _failed("reading", done.error)
    return _ok("reading", "Worker processes start and read files.", "读取文件的进程工作正常。")


def _ocr() -> Finding:
    found = find_spec("rapidocr")
    places = list(found.submodule_search_locations or ()) if found else []
    models = [path.name for place in places for path in Path(place).rglob("*.onnx")]
    if models:
        return _ok("ocr", f"rapidocr with {len(models)} models on disk.", f"rapidocr，本地模型 {len(models)} 个。")
    return Finding(
        "ocr",
        Verdict.WARNING,
        Bilingual("No OCR models: scanned pages cannot be read.", "没有 OCR 模型：无法读取扫描页。"),
        Bilingual(
            "Install rapidocr again with pip; its wheel carries them.", "请用 pip 重新安装 rapidocr，其安装包自带模型。"
        ),
    )


def _libreoffice() -> Finding:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program:
        return _ok("libreoffice", f"{program}", f"{program}")
    return _ok(
        "libreoffice",
        "Not installed; only needed for the old formats doc, ppt and xls.",
        "未安装；仅旧格式 doc、ppt、xls 需要。",
    )


def _network(settings: Settings) -> Finding:
    named = addresses(settings)
    if not named:
        return _ok("network", "Offline: the settings name no address.", "离线：设置中没有任何网络地址。")
    listed = ", ".join(named)
    return Finding(
        "network",
        Verdict.WARNING,
        Bilingual(f"The settings name addresses: {listed}.", f"设置中指定了网络地址：{listed}。"),
        Bilingual("This is fine if you mean it.", "如为有意设置，可忽略。"),
    )


def addresses(settings: Settings) -> list[str]:
    """Hosts that the settings name, other than this machine. Passwords in URLs are not shown."""
    hosts = []
    for value in _texts(settings.model_dump()):
        for word in value.split("@")[-1:] if "://" not in value else [value]:
            host = urlsplit(word).hostname if "://" in word else None
            if host and host not in ("localhost", "127.0.0.1", "::1"):
                hosts.append(host)
    return sorted(set(hosts))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def interpreter() -> str:
    """The Python that runs kbchat."""
    return sys.executable
