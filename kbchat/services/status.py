"""How this kbchat is: versions, disk, models, settings, work under way; and the end of the log."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kbchat.access.table import Action
from kbchat.errors import KbchatError
from kbchat.logs import log_path, tail
from kbchat.messages import Bilingual
from kbchat.services.bases import BaseSummary
from kbchat.services.shown_settings import shown_settings
from kbchat.services.versions import versions

if TYPE_CHECKING:
    from kbchat.app import App
    from kbchat.services import Services

_MOST_LINES = 1000
_SIZES_SECONDS = 60.0
_FOLDERS = ("files", "index", "cache", "logs")


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model in use. ``state`` is ``ready``, ``not loaded``, ``unknown`` (a server not asked yet) or ``failed``."""

    spec: str
    name: str
    state: str
    why: Bilingual | None = None
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The state of this kbchat. Sizes in bytes; ``used`` by part of the data folder; ``settings`` as they were configured."""

    versions: Mapping[str, str]
    data_dir: Path
    disk_free: int
    disk_total: int
    used: Mapping[str, int]
    bases: tuple[BaseSummary, ...]
    generator: ModelState
    embedder: ModelState
    settings: Mapping[str, Mapping[str, Any]]
    jobs_running: int


@dataclass(frozen=True, slots=True)
class GeneratorTest:
    """One try of the generator on a made-up leaflet. ``cites``: it named the document. Times in seconds."""

    name: str
    works: bool
    cites: bool
    first_piece: float
    total: float
    why: Bilingual | None = None


class StatusService:
    """The state of this kbchat for one principal."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def overview(self) -> Status:
        """Everything at a glance; no model is loaded and no server asked for it. Raises ForbiddenError, StoreError."""
        self._services.allow(Action.READ_STATUS)
        app = self._services.app
        root = app.store.data_layout.root
        disk = shutil.disk_usage(root)
        return Status(
            versions=versions(),
            data_dir=root,
            disk_free=disk.free,
            disk_total=disk.total,
            used=_sizes(root),
            bases=tuple(self._services.bases.list()),
            generator=_generator_state(app),
            embedder=_embedder_state(app),
            settings=shown_settings(app.configured),
            jobs_running=len(app.store.active_job_uids()),
        )

    def log_tail(self, lines: int = 200) -> list[str]:
        """The last lines of the log (JSON, oldest first); it holds no messages and no persons. Raises ForbiddenError."""
        self._services.allow(Action.READ_STATUS)
        return tail(log_path(self._services.app.settings.data_dir), min(lines, _MOST_LINES))

    def test_generator(self) -> GeneratorTest:
        """Have the generator answer from a made-up leaflet; may take as long as loading the model.

        Raises ForbiddenError. What the generator raises is told in the result, and in ``overview`` from then on.
        """
        self._services.allow(Action.TEST_GENERATOR)
        from kbchat.generation.probe import probe_generator  # noqa: PLC0415 - only what is asked for is imported

        app = self._services.app
        spec = app.settings.generation.model
        try:
            probe = probe_generator(app.generator())
        except KbchatError as error:
            _note(spec, error.user_message)
            return GeneratorTest(spec, False, False, 0.0, 0.0, error.user_message)
        wrote = bool(probe.text.strip())
        why = None if wrote else Bilingual("It wrote nothing.", "没有输出任何内容。")
        _note(spec, why)
        return GeneratorTest(probe.name, wrote, probe.cites, probe.first_piece, probe.total, why)


_noting = threading.Lock()
_tried: dict[str, tuple[datetime, Bilingual | None]] = {}
_measured: dict[Path, tuple[float, dict[str, int]]] = {}


def _note(spec: str, why: Bilingual | None) -> None:
    """Remember how the last try of a generator ended in this process."""
    with _noting:
        _tried[spec] = (datetime.now(UTC), why)


def _generator_state(app: App) -> ModelState:
    from kbchat.generation.factory import EXTRACTIVE, SHELF  # noqa: PLC0415

    spec = app.settings.generation.model.strip()
    shown = _without_credentials(spec)
    if spec == EXTRACTIVE:
        return ModelState(shown, EXTRACTIVE, "ready")
    with _noting:
        checked_at, why = _tried.get(app.settings.generation.model, (None, None))
    if why is not None:
        return ModelState(shown, shown, "failed", why, checked_at)
    try:
        model = SHELF.model(spec, app.settings.generation)
    except KbchatError as error:
        return ModelState(shown, shown, "failed", error.user_message)
    loaded = getattr(model, "is_loaded", None)
    state = "ready" if loaded or checked_at else "unknown" if loaded is None else "not loaded"
    return ModelState(shown, _without_credentials(model.name), state, None, checked_at)


def _embedder_state(app: App) -> ModelState:
    spec = app.settings.embedding.model
    try:
        embedder = app.embedder(spec)
    except KbchatError as error:
        return ModelState(spec, spec, "failed", error.user_message)
    return ModelState(spec, embedder.name if embedder else "", "ready")


def _without_credentials(spec: str) -> str:
    head, separator, rest = spec.rpartition("://")
    return f"{head}{separator}{rest.rpartition('@')[2]}" if separator else spec


def _sizes(root: Path) -> dict[str, int]:
    """Bytes by part of the data folder; counted at most once a minute, as there may be many files."""
    with _noting:
        known = _measured.get(root)
        if known is not None and time.monotonic() - known[0] < _SIZES_SECONDS:
            return known[1]
    sizes = {"database": sum(_size(path) for path in root.glob("kbchat.db*"))}
    for folder in _FOLDERS:
        sizes[folder] = sum(_size(path) for path in (root / folder).rglob("*"))
    with _noting:
        _measured[root] = (time.monotonic(), sizes)
    return sizes


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # gone meanwhile
        return 0
