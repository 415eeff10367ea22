"""Whether the server can do its work now, and what stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pos_app.errors import PosError
from pos_app.services import vitals
from pos_app.services.shop import Shop
from pos_app.services.vitals import Vitals
from pos_app.store import migrate

HEALTHY, DEGRADED, UNHEALTHY, UNKNOWN = "Healthy", "Degraded", "Unhealthy", "Unknown"
LATE, TOO_LATE = timedelta(minutes=15), timedelta(minutes=60)
DEEP, TOO_DEEP = 25, 100
"""From when on the queue is degraded, and unhealthy (contract of the back office, §1.8)."""

SLOW, TOO_SLOW = timedelta(milliseconds=500), timedelta(seconds=2)
"""The same of one answer of the database (production lesson L94)."""

WORKER_GONE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The state of the server.

    Attributes:
        is_ready: whether it can serve: all it cannot do without is the database.
        dependencies: each one's word: Healthy, Degraded, Unhealthy or Unknown.
    """

    at: datetime
    is_ready: bool
    dependencies: Mapping[str, str]


def check(shop: Shop) -> Health:
    """Ask the database, and it for everything else."""
    words = {"database": UNHEALTHY}
    try:
        asked_at = shop.clock.now()
        with shop.store.read() as connection:
            is_ready = migrate.version(connection) == migrate.head()
        took = shop.clock.now() - asked_at
        if is_ready:
            words = {"database": _database(took)} | _words(shop, vitals.read(shop))
    except PosError:
        is_ready = False
    return Health(at=shop.clock.now(), is_ready=is_ready, dependencies=words)


def _database(took: timedelta) -> str:
    if took > TOO_SLOW:
        return UNHEALTHY
    return DEGRADED if took > SLOW else HEALTHY


def _words(shop: Shop, seen: Vitals) -> dict[str, str]:
    found = {"queue": _queue(seen.waiting, seen.oldest), "worker": _worker(seen.worker_age)}
    if shop.rules.has_sap:
        found["sap"] = {None: UNKNOWN, True: HEALTHY, False: UNHEALTHY}[seen.sap_up]
    if shop.rules.fiscal.is_required:
        found["fiscal"] = _queue(0, seen.fiscal_oldest)
    return found


def _queue(depth: int, oldest: timedelta | None) -> str:
    age = oldest or timedelta(0)
    if age > TOO_LATE or depth > TOO_DEEP:
        return UNHEALTHY
    return DEGRADED if age > LATE or depth > DEEP else HEALTHY


def _worker(age: timedelta | None) -> str:
    if age is None:
        return UNKNOWN
    return HEALTHY if age <= WORKER_GONE else UNHEALTHY
