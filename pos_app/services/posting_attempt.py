"""One step into SAP, sent at most once: what is on its way is looked for until it must be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from pos_app.services.posting_step import DOCUMENTS
from pos_app.services.shop import Shop
from pos_app.store import posting_claim, rebase
from pos_app.store.schema import to_microseconds
from sync.errors import OutcomeUnknown, Unavailable
from sync.sap import documents
from sync.sap.client import ServiceLayer
from sync.sap.errors import AwaitingApproval, SapRejected
from sync.sap.requests import Posted

FIRST_CLAIM = 1


class NotYetVisible(Exception):
    """SAP may still be committing what it was sent; it is too early to believe a "no".

    Attributes:
        until: from when on it may be believed.
    """

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.until = until


class Mismatch(Exception):
    """SAP holds a document under our key that is not ours, or not to the cent."""


def check_drafts(sap: ServiceLayer, row: RowMapping, key: str) -> None:
    """Send nothing that an earlier attempt left as a draft for approval (production lesson L57)."""
    if row["lease_token"] == FIRST_CLAIM:
        return
    draft = documents.find_draft(sap, key)
    if draft is not None:
        raise AwaitingApproval(draft.doc_entry)


def may_send(shop: Shop, sap: ServiceLayer, row: RowMapping, step: RowMapping) -> None:
    """Refuse to send while an earlier send may still become visible, or the lease is gone."""
    believed = _believed_from(shop, sap, step)
    if believed is not None and shop.clock.now() < believed:
        reason = f"SAP has not shown {step['key']} yet; it is looked for again."
        raise NotYetVisible(reason, believed)
    with shop.store.read() as connection:
        if not posting_claim.is_ours(connection, row):
            raise NotYetVisible("Another worker has taken this document over.", shop.clock.now())


def _believed_from(shop: Shop, sap: ServiceLayer, step: RowMapping) -> datetime | None:
    """From when on a "no" of SAP is the truth; None when nothing of the step is on its way.

    The quiet time begins when the answer was lost: SAP may have worked on it until then. Where
    nobody saw that, since the worker died, it begins when the worker would have given up.
    """
    since: datetime | None = step["sent_at"]
    if since is None:
        return None
    if step["state"] != "lost":
        since += timedelta(seconds=sap.settings.timeouts.write)
    return since + timedelta(seconds=shop.rules.sap.quiet_seconds)


@contextmanager
def sending(shop: Shop, row: RowMapping, step: RowMapping) -> Iterator[None]:
    """On disk before the first byte, so that a crash from here on leaves a visible question.

    Only the refusal of this very request, or that it never left, proves that nothing is on its
    way; the refusal of a look-up proves nothing of what was sent before it.
    """
    sent = {"state": "sent", "sent_at": shop.clock.now()}
    note_step(shop, row, step, sent)
    try:
        yield
    except (SapRejected, Unavailable):
        note_step(shop, row, step, {"state": "waiting", "sent_at": None})
        raise
    except OutcomeUnknown:
        note_step(shop, row, step, {"state": "lost", "sent_at": shop.clock.now()})
        raise


def note_step(shop: Shop, row: RowMapping, step: RowMapping, values: Mapping[str, object]) -> None:
    """Write down how far a step has come."""
    with shop.store.write() as connection:
        posting_claim.move_step(connection, row["queue_id"], step["step"], values)


def done(
    shop: Shop,
    row: RowMapping,
    step: RowMapping,
    posted: Posted,
    *,
    is_adopted: bool,
    state: str = "done",
) -> Posted:
    """Write down what SAP holds of a step; another state than done leaves it to be looked at."""
    values = {
        "state": state,
        "sent_at": shop.clock.now() if state == "done" else None,
        "done_at": shop.clock.now(),
        "doc_entry": posted.doc_entry,
        "doc_num": posted.doc_num,
        "adopted": int(is_adopted),
    }
    with shop.store.write() as connection:
        posting_claim.move_step(connection, row["queue_id"], step["step"], values)
        if step["kind"] in DOCUMENTS:
            # From now on the stock SAP shows contains what this document moved.
            booked = to_microseconds(shop.clock.now())
            rebase.reached(connection, {row["document_id"]: booked})
    return posted
