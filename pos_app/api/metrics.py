"""Counters and times of the server in Prometheus text."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.types import Scope

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class Metrics:
    """What one server counts; a registry of its own, so that two servers never mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "pos_http_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "pos_http_request_seconds",
            "Time from request to answer.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )

        self._waiting = Gauge(
            "pos_postings_waiting",
            "Documents on their way to SAP.",
            registry=self.registry,
        )
        self._oldest = Gauge(
            "pos_postings_oldest_seconds",
            "How long the oldest of them has waited.",
            registry=self.registry,
        )

    def watch(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request under the route it met, never under its raw path."""
        route = _route(scope)
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self, waiting: int, oldest_seconds: float) -> bytes:
        """Everything counted so far, with the posting queue as it is now."""
        self._waiting.set(waiting)
        self._oldest.set(oldest_seconds)
        return generate_latest(self.registry)


def _route(scope: Scope) -> str:
    """The template of the route a request met; a stranger's path is never a label."""
    found = getattr(scope.get("route"), "path", None)
    if found is None:
        return "unknown"
    is_included = scope["path"].startswith("/api/") and not found.startswith("/api/")
    return f"/api{found}" if is_included else str(found)
