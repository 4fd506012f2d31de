"""What each of several workers gets of the whole service's limits, and which models it may load."""

from __future__ import annotations

from math import ceil

from kbchat.app import App
from kbchat.generation.factory import is_loaded_here, several_processes
from kbchat.settings import Settings

_SHARED = ("threads", "chats", "uploads", "in_flight")


def share_of(settings: Settings, workers: int) -> Settings:
    """The settings of one of so many workers: limits on what goes on at once are divided, rounded up.

    Connections are not dealt out evenly, so one worker may be at its share while another has room; and the service as a
    whole never goes beyond its limits by more than the rounding.
    """
    server = {name: ceil(getattr(settings.server, name) / workers) for name in _SHARED}
    access = {"refusals_noted": ceil(settings.access.refusals_noted / workers)}
    return settings.model_copy(
        update={
            "server": settings.server.model_copy(update=server),
            "access": settings.access.model_copy(update=access),
        }
    )


def check_models(app: App, workers: int) -> None:
    """Raises ConfigurationError when a generator of the settings or of an assistant would be loaded in every worker."""
    named = [app.settings.generation.model, *(assistant.generator for assistant in app.assistants.all())]
    for spec in named:
        if is_loaded_here(spec):
            raise several_processes(spec, workers)
