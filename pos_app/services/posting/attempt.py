"""One step into SAP, sent at most once: what is on its way is looked for until it must be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.services.posting.step import AnyStep, GivenUp, Held, Mismatch, StockMoved
from pos_app.services.shop import Shop
from pos_app.store import posting_claim, rebase
from pos_app.store.schema import to_microseconds
from sync.errors import OutcomeUnknown, Unavailable
from sync.sap import approval
from sync.sap.client import ServiceLayer
from sync.sap.errors import AwaitingApproval, DraftRejected, Kind, SapRejected
from sync.sap.requests import Posted

WAITING, SENT, LOST, DRAFT, DONE = "waiting", "sent", "lost", "draft", "done"
"""States of a step: not sent, on its way, its answer lost, a draft SAP may approve, in SAP."""

FIRST_CLAIM = 1


class NotYetVisible(Exception):
    """SAP may still be committing what it was sent; it is too early to believe a "no".

    Attributes:
        until: from when on it may be believed.
    """

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.until = until


def take(
    shop: Shop,
    sap: ServiceLayer,
    row: RowMapping,
    line: RowMapping,
    *,
    step: AnyStep,
    no_at: datetime | None = None,
) -> Held:
    """Look a step up, adopt what is found, and send it where SAP proves that it is not there.

    Args:
        shop: the server.
        sap: the Service Layer.
        row: the row of the queue, claimed.
        line: the step as it is written down.
        step: what it is.
        no_at: when SAP said among others that it holds nothing of it; None where it was not asked.

    Raises:
        Mismatch: SAP holds something else under its key.
        StockMoved: what SAP made of it does not count and is replaced by another.
        NotYetVisible: too early to say.
        GivenUp: it is not there and need not be.
        SyncError: what SAP or the way to it said.
    """
    asked_at = no_at or shop.clock.now()
    found = step.find(sap) if no_at is None else None
    if found is not None:
        return _adopt(shop, row, line, step, found)
    _check_drafts(sap, row, step)
    ready = step.prepared(sap)
    _check_quiet(shop, sap, line, asked_at)
    if step.given_up:
        raise GivenUp(step.given_up)
    try:
        with _sending(shop, row, line, ready):
            posted: Held = ready.send(sap)
    except SapRejected as refusal:
        if refusal.kind is not Kind.SETTLED:
            raise
        # The effect is there: most likely by this very step, whose answer was lost (lesson L19).
        again = step.find(sap)
        if again is None:
            raise Mismatch(f"SAP says that {step.key} is settled: {refusal}") from refusal
        return _adopt(shop, row, line, step, again)
    try:
        step.check(posted)
    except (Mismatch, StockMoved):
        # Nothing follows it before a person has looked; asked again, SAP is looked at again.
        _note_done(shop, row, line, step, posted, state=WAITING)
        raise
    return _note_done(shop, row, line, step, posted)


def _adopt(shop: Shop, row: RowMapping, line: RowMapping, step: AnyStep, found: Held) -> Held:
    step.check(found)
    return _note_done(shop, row, line, step, found, is_adopted=True)


def _check_drafts(sap: ServiceLayer, row: RowMapping, step: AnyStep) -> None:
    """Send nothing that an earlier attempt left as a draft for approval (production lesson L57)."""
    if row["lease_token"] == FIRST_CLAIM:
        return
    draft = step.find_draft(sap)
    if draft is None or (draft.is_rejected and step.given_up):
        return
    if draft.is_rejected:
        why = approval.why_rejected(sap, step.set_name, draft)
        raise DraftRejected(draft.doc_entry, why)
    raise AwaitingApproval(draft.doc_entry, is_approved=draft.is_approved)


def _check_quiet(shop: Shop, sap: ServiceLayer, line: RowMapping, asked_at: datetime) -> None:
    """Refuse to send while an earlier send may still become visible (production lesson L03).

    A "no" is as old as its question, however long SAP took to answer it.
    """
    believed = _believed_from(shop, sap, line)
    if believed is not None and asked_at < believed:
        reason = f"SAP has not shown {line['key']} yet; it is looked for again."
        raise NotYetVisible(reason, believed)


def _believed_from(shop: Shop, sap: ServiceLayer, line: RowMapping) -> datetime | None:
    """From when on a "no" of SAP is the truth; None when nothing of the step is on its way.

    The quiet time begins when the answer was lost: SAP may have worked on it until then. Where
    nobody saw that, since the worker died, it begins when the worker would have given up.
    """
    since: datetime | None = line["sent_at"]
    if since is None:
        return None
    if line["state"] != LOST:
        since += timedelta(seconds=sap.settings.timeouts.write)
    return since + timedelta(seconds=shop.rules.sap.quiet_seconds)


@contextmanager
def _sending(shop: Shop, row: RowMapping, line: RowMapping, step: AnyStep) -> Iterator[None]:
    """On disk before the first byte, so that a crash from here on leaves a visible question.

    Only the refusal of this very request, or that it never left, proves that nothing is on its
    way; the refusal of a look-up proves nothing of what was sent before it. A worker that lost
    its lease meanwhile sends nothing (production lesson L24).
    """
    told = {"state": SENT, "sent_at": shop.clock.now(), "request": dict(step.sending)}
    if not _note(shop, row, line, told):
        raise NotYetVisible("Another worker has taken this document over.", shop.clock.now())
    try:
        yield
    except AwaitingApproval:
        # Refused and kept all the same: whoever approves the draft makes a document of it.
        _note(shop, row, line, {"state": DRAFT, "sent_at": None})
        raise
    except (SapRejected, Unavailable):
        _note(shop, row, line, {"state": WAITING, "sent_at": None})
        raise
    except OutcomeUnknown:
        _note(shop, row, line, {"state": LOST, "sent_at": shop.clock.now()})
        raise


def _note(shop: Shop, row: RowMapping, line: RowMapping, values: Mapping[str, Any]) -> bool:
    """Write down how far a step has come; False when the row is another worker's by now."""
    with shop.store.write() as connection:
        return posting_claim.move_step(connection, row, line["step"], values)


def _note_done(
    shop: Shop,
    row: RowMapping,
    line: RowMapping,
    step: AnyStep,
    held: Held,
    *,
    is_adopted: bool = False,
    state: str = DONE,
) -> Held:
    """Write down what SAP holds of a step; another state than done leaves it to be looked at."""
    with shop.store.write() as connection:
        note_done(
            shop, connection, row, line, step=step, held=held, is_adopted=is_adopted, state=state
        )
    return held


def _worth(shop: Shop, step: AnyStep, held: Held) -> dict[str, int]:
    """What SAP says that goods without a price of ours are worth, in its own currency."""
    if not step.is_valued_there or not isinstance(held, Posted):
        return {}
    return {"doc_total": Money.rounded(held.doc_total, shop.rules.sap.local_currency).minor}


def note_done(
    shop: Shop,
    connection: Connection,
    row: RowMapping,
    line: RowMapping,
    *,
    step: AnyStep,
    held: Held,
    is_adopted: bool,
    state: str = DONE,
) -> bool:
    """Write down what SAP holds of a step; False when the row is another worker's by now."""
    now = shop.clock.now()
    values = {
        "state": state,
        "sent_at": now if state == DONE else None,
        "done_at": now,
        "doc_entry": held.doc_entry,
        "doc_num": held.doc_num,
        "adopted": int(is_adopted),
        **_worth(shop, step, held),
    }
    is_ours = posting_claim.move_step(connection, row, line["step"], values)
    if is_ours and step.moves_goods:
        # From now on the stock SAP shows contains what this document moved.
        seq = to_microseconds(now)
        if step.moved:
            rebase.reached_lines(connection, step.moved, seq)
        else:
            rebase.reached(connection, {row["document_id"]: seq})
    return is_ours
