"""The one place that wires the screen: one App and one job runner a process, one Services a run of the script."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from ingest.jobs import JobRunner
from kbchat.access.principal import Principal
from kbchat.app import DEFAULT_BASE, App
from kbchat.errors import KbchatError
from kbchat.services import Services
from kbchat.services.suggestions import example_questions
from kbchat.settings import Settings, load_settings
from ui.identity import current_principal
from ui.original_links import OriginalLinks
from ui.sign_in import SignIn

_log = logging.getLogger(__name__)
_lock = threading.Lock()


@dataclass(slots=True)
class _Process:
    """What lives as long as the process."""

    app: App | None = None
    runner: JobRunner | None = None
    sign_in: SignIn | None = None
    original_links: OriginalLinks = field(default_factory=OriginalLinks)


_process = _Process()


def application() -> App:
    """The App of this process, made at the first call; its job runner works from then on.

    Raises ConfigurationError, StoreError, SchemaError.
    """
    with _lock:
        if _process.app is None:
            app = App(load_settings())
            app.store  # noqa: B018 - opened here, so that a wrong data folder is told at the start
            sign_in = SignIn(app.settings, app.store)
            runner = JobRunner(app)
            runner.start()
            _process.app, _process.runner, _process.sign_in = app, runner, sign_in
            threading.Thread(target=_warm_up, args=(app,), name="warm-up", daemon=True).start()
        return _process.app


def _warm_up(app: App) -> None:
    """Open what the first question would have to wait for; an error is told to who asks, not here."""
    try:
        filled = [base.name for base in app.store.bases()]
        preferred = [name for name in filled if name == DEFAULT_BASE] or filled[:1]
        if preferred:
            example_questions(app, preferred, app.settings.language)  # searches, so that everything is read
    except KbchatError as error:
        _log.warning("warming up: %s", error)


def close() -> None:
    """Stop the job runner and close the App; the next call of :func:`application` makes new ones."""
    with _lock:
        app, runner = _process.app, _process.runner
        _process.app = _process.runner = _process.sign_in = None
        _process.original_links = OriginalLinks()
    if runner is not None:
        runner.stop()
    if app is not None:
        app.close()


def settings() -> Settings:
    """The settings of this process."""
    return application().settings


def sign_in() -> SignIn:
    """The ways by which people are known here. Raises what :func:`application` raises."""
    application()
    found = _process.sign_in
    assert found is not None
    return found


def original_links() -> OriginalLinks:
    """The addresses of originals that this process handed out."""
    return _process.original_links


def services(principal: Principal | None = None) -> Services:
    """The services for ``principal`` (default: whoever uses this session). Cheap: made anew in every run of the script.

    Raises UnauthenticatedError when nobody is known.
    """
    return Services(application(), principal or current_principal(sign_in()), channel="ui")
