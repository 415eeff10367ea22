"""The other answer to a document that stands still: somebody entered it in SAP by hand.

It is believed only as SAP itself shows it: read by its number, compared like a document that is
adopted, and given our key. Then it is in SAP for everybody: what follows it goes on, and the stock
SAP shows contains what it moved. Taken out of the queue instead, its goods would count twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import RowMapping

from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.posting import PostingState
from pos_app.errors import Conflict, RemoteUnavailable
from pos_app.services.posting import attempt, work
from pos_app.services.posting.review import (
    MayBeInSap,
    MoveNotAllowed,
    find,
    is_taken_out,
    note,
    put_back,
)
from pos_app.services.posting.step import (
    AnyStep,
    CannotPlan,
    EarlierAway,
    GivenUp,
    Mismatch,
    StockMoved,
)
from pos_app.services.posting.view import TROUBLED
from pos_app.services.posting.walk import laid_out
from pos_app.services.sap_access import NoSapHere
from pos_app.services.shop import Shop
from pos_app.store import posting_claim, queue
from sync.errors import SyncError
from sync.sap import entered
from sync.sap.client import ServiceLayer
from sync.sap.entered import Entered


class NotTheDocument(Conflict):
    """What SAP shows under the number is not the document of ours."""

    code = "posting_not_the_document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What is in SAP now.

    Attributes:
        reference: of our document.
        kind: what SAP holds: an invoice, a payment.
        number: what SAP calls it.
        left: what of the document is still to be posted; it goes on by itself.
    """

    reference: str
    kind: str
    number: int
    left: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """For whoever said so."""
        said = f"SAP holds {self.kind.replace('_', ' ')} {self.number} of {self.reference}"
        if not self.left:
            return f"{said}: the document is posted."
        return f"{said}: what is left goes on ({', '.join(self.left)})."


def settle(shop: Shop, sap: ServiceLayer | None, actor: Actor, key: str, *, number: int) -> Settled:
    """Take the word of a person that SAP holds a document, once SAP shows it.

    Of a document that becomes several in SAP it is the first that is not there yet. One that was
    taken out of the queue because it was entered by hand may be told, too.

    Args:
        shop: the server.
        sap: the Service Layer.
        actor: who says so.
        key: our document's number in the queue, or its reference.
        number: what SAP calls its document.

    Raises:
        PermissionMissing: the actor may not.
        NoSapHere: the shop keeps its own books.
        RecordNotFound: there is no such document in the queue.
        MoveNotAllowed: it is being posted, in SAP, or was given up.
        MayBeInSap: it was sent from here, and what SAP shows is another one.
        NotTheDocument: SAP shows none of that number, or not ours.
        RemoteUnavailable: SAP does not answer, which is no yes; nothing was changed.
    """
    require(actor, Permission.POSTING_CANCEL)
    if sap is None:
        raise NoSapHere
    row, line, step = _open_step(shop, key)
    try:
        one = _read(sap, row, line, step, number)
        _check_free(shop, row, step, one)
        is_marked = entered.give_key(sap, step.set_name, one, step.key)
    except SyncError as error:
        raise RemoteUnavailable("SAP", str(error)) from error
    with shop.store.write() as connection:
        if not attempt.note_done(
            shop, connection, row, line, step=step, held=one.held, is_adopted=True
        ):
            raise MoveNotAllowed(row["reference"], PostingState.PROCESSING, "changed")
        lines = posting_claim.steps_of(connection, row["queue_id"])
        left = tuple(one["kind"] for one in lines if one["state"] != attempt.DONE)
        details = {
            "was": row["state"],
            "kind": step.kind,
            "doc_entry": one.held.doc_entry,
            "doc_num": number,
            "is_marked": is_marked,
        }
        note(
            shop,
            connection,
            actor,
            action="posting.by_hand",
            subject=row["reference"],
            details=details,
        )
        if left:
            put_back(shop, connection, row)
        elif not work.complete(shop, connection, row):
            raise MoveNotAllowed(row["reference"], PostingState.PROCESSING, "changed")
    return Settled(reference=row["reference"], kind=step.kind, number=number, left=left)


def _open_step(shop: Shop, key: str) -> tuple[RowMapping, RowMapping, AnyStep]:
    """The row and the first of its steps that SAP does not hold."""
    with shop.store.write() as connection:
        row = find(connection, key)
        if row["state"] not in (PostingState.PENDING, *TROUBLED) and not is_taken_out(row):
            raise MoveNotAllowed(row["reference"], row["state"], "said to be in SAP")
        try:
            lines = laid_out(shop, connection, row)
        except (CannotPlan, EarlierAway, GivenUp, Mismatch) as error:
            raise NotTheDocument(f"{row['reference']} cannot be compared: {error}") from error
        for line, step in lines:
            if step is not None:
                return row, line, step
    raise MoveNotAllowed(row["reference"], row["state"], "said to be in SAP")


def _read(
    sap: ServiceLayer, row: RowMapping, line: RowMapping, step: AnyStep, number: int
) -> Entered:
    """The one document of that number which is ours."""
    word = step.kind.replace("_", " ")
    if not step.set_name:
        raise NotTheDocument(f"A {word} is no document of its own in SAP: try it again instead.")
    found = entered.numbered(sap, step.set_name, number, key=step.key)
    if not found:
        raise NotTheDocument(f"SAP shows no {word} {number}: look at the number.")
    refusals: list[str] = []
    good: list[Entered] = []
    for one in found:
        try:
            step.check(one.held)
        except (Mismatch, StockMoved) as error:
            refusals.append(f"SAP's {word} {number} is not {row['reference']}: {error}")
        else:
            good.append(one)
    if not good:
        raise NotTheDocument(refusals[0])
    if len(good) > 1:
        raise NotTheDocument(f"SAP shows {len(good)} of {word} {number}: cancel the others there.")
    one = good[0]
    if one.text != step.key:
        _check_nothing_sent(sap, row, line, step)
    return one


def _check_nothing_sent(
    sap: ServiceLayer, row: RowMapping, line: RowMapping, step: AnyStep
) -> None:
    """Beside what was entered by hand nothing of ours may still appear (lesson L03)."""
    if line["state"] in {attempt.SENT, attempt.LOST}:
        raise MayBeInSap(row["reference"])
    draft = step.find_draft(sap)
    if draft is not None and not draft.is_rejected:
        raise NotTheDocument(
            f"{row['reference']} waits in SAP as draft {draft.doc_entry}, too: reject that draft "
            "there first."
        )


def _check_free(shop: Shop, row: RowMapping, step: AnyStep, one: Entered) -> None:
    """One document of SAP stands for one of ours."""
    words = f"SAP's {step.kind.replace('_', ' ')} {one.held.doc_num}"
    if one.is_anothers and one.text != step.key:
        raise NotTheDocument(f"{words} carries the key of another document, {one.text}.")
    with shop.store.read() as connection:
        other = queue.of_entry(connection, step.kind, one.held.doc_entry)
    if other is not None and other["queue_id"] != row["queue_id"]:
        raise NotTheDocument(f"{words} is {other['reference']} already.")
