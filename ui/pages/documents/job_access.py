"""The jobs that the person in front of the screen may see and give."""

from __future__ import annotations

from ingest.jobs import JobService
from kbchat.services import Services


def jobs_of(services: Services) -> JobService:
    """The job service for the principal of ``services``."""
    return JobService(services.app, services.principal, channel=services.channel)
