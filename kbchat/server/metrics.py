"""Figures for Prometheus: how much is asked and how long it takes, never who asked or what."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300)


class Metrics:
    """The figures of one service, in a registry of its own.

    Where several workers count, prometheus_client keeps what each counts in ``folder``, and what is told is the sum.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "kbchat_http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "kbchat_http_request_seconds",
            "Seconds until a request was answered whole.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._open = Gauge(
            "kbchat_http_requests_open",
            "Requests being answered.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._answers = Counter(
            "kbchat_answers", "Questions answered, by how they ended.", ("outcome", "channel"), registry=self._registry
        )
        self._answer_seconds = Histogram(
            "kbchat_answer_seconds", "Seconds until an answer was whole.", buckets=_SECONDS, registry=self._registry
        )
        self._left = Counter(
            "kbchat_answers_left", "Answers given up because the client had gone.", registry=self._registry
        )

    def request_began(self) -> None:
        """Count a request that is open now."""
        self._open.inc()

    def request_ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request; ``route`` is the route's template, so that no name gets into a label."""
        self._open.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answered(self, outcome: str, channel: str, seconds: float) -> None:
        """Count an answer."""
        self._answers.labels(outcome, channel).inc()
        self._answer_seconds.observe(seconds)

    def left(self) -> None:
        """Count a client that went before its answer was whole."""
        self._left.inc()

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        if self._folder is None:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(together)
