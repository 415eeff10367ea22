"""Keys of many waiting documents looked up together, before the first of them is posted.

After an outage each of hundreds of documents would be asked for by itself. Here they are asked for
in one exchange, a bounded number at a time, and each answer stands for its own document. A "no"
holds only for whoever claims the row next: another worker that had it in between may have sent it
(production lessons L01, L24). Anything but a "no" is asked again by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from pos_app.errors import PosError
from pos_app.services.posting import attempt
from pos_app.services.posting.kinds import KINDS
from pos_app.services.posting.step import AnyStep, CannotPlan, EarlierAway, GivenUp, Mismatch
from pos_app.services.shop import Shop
from pos_app.store import posting_claim
from sync.errors import SyncError
from sync.sap import looking
from sync.sap.client import ServiceLayer
from sync.sap.errors import SapRejected

AT_ONCE = 50
"""Documents looked up in one exchange."""

FEW = 5
"""Fewer than these are asked for one by one."""

FRESH = timedelta(minutes=5)
"""A "no" older than this is asked for again."""

_Key = tuple[int, str, str]
"""Row of the queue, kind and key of a step."""


@dataclass
class Ahead:
    """What was looked up together; one for each worker.

    Attributes:
        asked_at: when.
        tokens: the leases of the rows as they were then.
        answers: True where SAP proves that it holds nothing, else its refusal.
        left: rows that may be claimed before the next look.
    """

    asked_at: datetime | None = None
    tokens: dict[int, int] = field(default_factory=dict)
    answers: dict[_Key, bool | SapRejected] = field(default_factory=dict)
    left: int = 0
    is_resting: bool = False

    def look(self, shop: Shop, sap: ServiceLayer) -> SyncError | None:
        """Look up what is due next, unless that was done or too little is due.

        Returns:
            What kept SAP from answering at all: then nothing is to be posted on the strength of it.
            The next look is left out, so that a SAP that takes no batch is asked one by one.
        """
        if self.left > 0:
            self.left -= 1
            return None
        self.tokens, self.answers, self.left = {}, {}, AT_ONCE - 1
        if self.is_resting:
            self.is_resting = False
            return None
        asked = self._due(shop, sap)
        if not asked:
            self.left = 0
            return None
        self.asked_at = shop.clock.now()
        try:
            found = looking.absent(sap, list(asked.values()))
        except SapRejected:
            self.is_resting = True
            return None
        except SyncError as error:
            self.is_resting, self.left = True, 0
            return error
        self.answers = dict(zip(asked, found, strict=True))
        return None

    def no(self, shop: Shop, row: RowMapping, line: RowMapping) -> datetime | None:
        """When SAP proved that it holds nothing of a step; None where it has to be asked.

        Raises:
            SapRejected: it would not say of this one.
        """
        answer = self.answers.pop((row["queue_id"], line["kind"], line["key"]), False)
        is_next = self.tokens.get(row["queue_id"]) == row["lease_token"] - 1
        now = shop.clock.now()
        if not answer or not is_next or self.asked_at is None or now - self.asked_at > FRESH:
            return None
        if isinstance(answer, SapRejected):
            raise answer
        return self.asked_at

    def _due(self, shop: Shop, sap: ServiceLayer) -> dict[_Key, str]:
        """What to ask of the rows that are claimed next."""
        asked: dict[_Key, str] = {}
        with shop.store.read() as connection:
            rows = posting_claim.due(connection, now=shop.clock.now(), limit=AT_ONCE)
            if len(rows) < FEW:
                return {}
            for row in rows:
                self.tokens[row["queue_id"]] = row["lease_token"]
                for step in _open(shop, connection, row):
                    path = step.question(sap)
                    if path:
                        asked[row["queue_id"], step.kind, step.key] = path
        return asked


def _open(shop: Shop, connection: Connection, row: RowMapping) -> list[AnyStep]:
    """The steps of a row that SAP does not hold; none where its turn will say why not."""
    kind = KINDS.get(row["kind"])
    try:
        planned = kind.plan(shop, connection, row) if kind is not None else ()
    except (CannotPlan, EarlierAway, GivenUp, Mismatch, PosError):
        return []
    stored = posting_claim.steps_of(connection, row["queue_id"])
    done = {(line["kind"], line["key"]) for line in stored if line["state"] == attempt.DONE}
    return [step for step in planned if (step.kind, step.key) not in done]
