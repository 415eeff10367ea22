"""Counters and times of the server in Prometheus text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.types import Scope

from pos_app.services.vitals import Vitals

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})

GAUGES: Mapping[str, str] = {
    "pos_postings_waiting": "Documents on their way to SAP.",
    "pos_postings_oldest_seconds": "How long the oldest of them has waited.",
    "pos_incidents": "Causes for which documents stand still.",
    "pos_incident_documents": "Documents that stand still.",
    "pos_fiscal_waiting": "Receipts that wait for the fiscal device of this server.",
    "pos_fiscal_oldest_seconds": "How long the oldest of them has waited.",
    "pos_sap_up": "Whether SAP answered last (1) or not (0); absent before it was asked.",
    "pos_sap_silent_seconds": "Since when SAP has not answered.",
    "pos_worker_silent_seconds": "Since when no worker has said that it works.",
    "pos_backup_age_seconds": "Age of the newest good backup; absent before the first.",
    "pos_backup_failed": "Whether the newest backup came to nothing (1); absent without any.",
    "pos_database_up": "Whether the database answers (1) or not (0).",
    "pos_database_seconds": "How long it took to read what stands here.",
    "pos_hub_connections": "Connections that wait for notifications at this process.",
}
"""One figure each; a label would only say again what the name says."""

LABELLED: Mapping[str, tuple[str, str]] = {
    "pos_postings": ("state", "Documents in each state of the queue, those SAP has included."),
    "pos_fiscal_troubled": ("state", "Receipts a person has to look at, by state."),
    "pos_till_silent_seconds": ("till", "Since when nothing has come from a till."),
}
"""Labels with few values: states, and tills that ever delivered; never a user or a path."""


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
        # Looking up a label takes longer than counting; there are as many as routes and statuses.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def watch(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request under the route it met, never under its raw path."""
        route = _route(scope)
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        key = (method, route, status)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (
                self._requests.labels(method, route, str(status)),
                self._seconds.labels(method, route),
            )
        requests, times = known
        requests.inc()
        times.observe(seconds)

    def text(
        self,
        seen: Vitals | None,
        *,
        states: Mapping[str, int],
        seconds: float,
        connections: int,
    ) -> bytes:
        """Everything counted so far, with the server as it is now.

        Args:
            seen: what is measured of it; None where the database does not answer.
            states: documents in each state of the queue.
            seconds: how long measuring took.
            connections: of the hub.
        """
        now = CollectorRegistry()
        told: dict[str, float | None] = {
            "pos_database_up": float(seen is not None),
            "pos_database_seconds": seconds,
            "pos_hub_connections": connections,
        }
        if seen is not None:
            told |= _figures(seen)
            _tell(now, "pos_postings", states)
            _tell(now, "pos_fiscal_troubled", seen.troubled)
            silent = {till: age.total_seconds() for till, age in seen.tills.items()}
            _tell(now, "pos_till_silent_seconds", silent)
        for name, value in told.items():
            if value is not None:
                Gauge(name, GAUGES[name], registry=now).set(value)
        return generate_latest(self.registry) + generate_latest(now)


def _figures(seen: Vitals) -> dict[str, float | None]:
    return {
        "pos_postings_waiting": seen.waiting,
        "pos_postings_oldest_seconds": _seconds(seen.oldest or timedelta()),
        "pos_incidents": seen.incidents,
        "pos_incident_documents": seen.standing,
        "pos_fiscal_waiting": seen.fiscal,
        "pos_fiscal_oldest_seconds": _seconds(seen.fiscal_oldest or timedelta()),
        "pos_sap_up": None if seen.sap_up is None else float(seen.sap_up),
        "pos_sap_silent_seconds": _seconds(seen.sap_age),
        "pos_worker_silent_seconds": _seconds(seen.worker_age),
        "pos_backup_age_seconds": _seconds(seen.backup_age),
        "pos_backup_failed": None if seen.backup_failed is None else float(seen.backup_failed),
    }


def _seconds(age: timedelta | None) -> float | None:
    return None if age is None else age.total_seconds()


def _tell(registry: CollectorRegistry, name: str, values: Mapping[str, float]) -> None:
    label, words = LABELLED[name]
    gauge = Gauge(name, words, (label,), registry=registry)
    for key, value in values.items():
        gauge.labels(key).set(value)


def _route(scope: Scope) -> str:
    """The template of the route a request met; a stranger's path is never a label."""
    found = getattr(scope.get("route"), "path", None)
    if found is None:
        return "unknown"
    is_included = scope["path"].startswith("/api/") and not found.startswith("/api/")
    return f"/api{found}" if is_included else str(found)
