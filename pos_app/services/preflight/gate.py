"""Before a batch is posted: what SAP would refuse anyway waits, and spends no attempt on it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from pos_app.domain.preflight import Problem, Stops
from pos_app.services.preflight import morning
from pos_app.services.preflight.morning import Preflight
from pos_app.services.shop import Shop
from pos_app.store import posting_claim
from pos_app.store import preflight as store
from sync.sap.client import ServiceLayer

CLEAR_FOR = timedelta(hours=1)
STOPPED_FOR = timedelta(minutes=1)
"""How long a look is believed: one that found nothing, and one after which documents wait."""


class Gate:
    """Lets documents pass, or says what they wait for; one per worker.

    Without SAP nothing is held back, and our own data are looked at all the same.

    A look that failed stops nothing: SAP is then away, and each document finds that out itself.
    """

    def __init__(self, shop: Shop, sap: ServiceLayer | None) -> None:
        self._shop = shop
        self._sap = sap
        self._lock = threading.Lock()
        self._seen: Preflight | None = None
        self._until: datetime | None = None

    def hold(self, row: RowMapping) -> Problem | None:
        """What a claimed row of the queue has to wait for; None when it may go.

        What SAP may hold already goes on: it is looked up before anything else.
        """
        stopping = [problem for problem in self.look().problems if problem.stops]
        if not stopping:
            return None
        with self._shop.store.read() as connection:
            steps = posting_claim.steps_of(connection, row["queue_id"])
            if any(step["state"] != "waiting" for step in steps):
                return None
            named = store.named_by(connection, row["document_id"])
        named |= {
            Stops.KIND: {row["kind"]},
            Stops.PARTNER: {row["partner"]},
            Stops.CURRENCY: {row["currency"]},
        }
        for problem in stopping:
            if problem.stops is Stops.EVERYTHING or problem.subject in named[problem.stops]:
                return problem
        return None

    def look(self) -> Preflight:
        """The last look, or another where that is too old or of another day; tills get it."""
        with self._lock:
            return self._looked()

    def _looked(self) -> Preflight:
        now = self._shop.clock.now()
        is_stale = self._until is None or now >= self._until
        if self._seen is None or is_stale or self._seen.day != self._shop.today:
            self._seen = morning.look(self._shop, self._sap)
            morning.keep(self._shop, self._seen)
            is_stopped = any(problem.stops for problem in self._seen.problems)
            is_settled = not is_stopped and not self._seen.unread
            self._until = now + (CLEAR_FOR if is_settled else STOPPED_FOR)
        return self._seen
