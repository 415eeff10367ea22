"""What a document of goods or a promise should be in SAP, from the step the queue sends of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import RowMapping

from pos_app.domain.money import Money
from pos_app.domain.proof import Entry
from pos_app.services.posting.count import LOTS, CountPostingStep, CountStep
from pos_app.services.posting.movement import IssueStep
from pos_app.services.posting.purchase import PurchaseReceiptStep
from pos_app.services.posting.step import AnyStep
from pos_app.services.posting.trade import PromiseStep
from pos_app.services.posting.transfer import TransferRequestStep
from pos_app.services.proof.receipt import batch_name
from pos_app.services.shop import Shop
from sync.sap.goods_day import Place
from sync.sap.goods_requests import MovementLine, ReceivedLine

Moved = tuple[Place, Decimal]
Lotted = tuple[tuple[Place, str], Decimal]
"""A batch of an item at a place, and how much of it."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a step tells."""

    day: date
    moved: Iterable[Moved]
    partner: str = ""
    total: Money | None = field(default=None)
    lots: Iterable[Lotted] | None = field(default=())


def entry_of(step: AnyStep, *, reference: str, till: str) -> Entry | None:
    """A step as an entry of the proof; None for one that makes no document of goods."""
    wanted = _wanted(step)
    if wanted is None:
        return None
    facts = {"day": wanted.day.isoformat()}
    return Entry(
        key=identity(step.set_name, step.key),
        reference=reference,
        name=reference,
        kind=step.kind,
        till=till,
        currency=wanted.total.currency if wanted.total else "",
        total=wanted.total.minor if wanted.total else None,
        quantities=summed(wanted.moved),
        batches=None if wanted.lots is None else lotted(wanted.lots),
        facts=facts | ({"partner": wanted.partner} if wanted.partner else {}),
        is_own=True,
    )


def as_told(shop: Shop, entry: Entry, step: AnyStep, known: RowMapping) -> Entry:
    """An entry with what SAP said, or was told, when the document was posted.

    What goods are worth that leave, or come in without a price of ours, SAP alone knows, and what
    it counted of each batch is its own figure with our difference: both are to stay as they were.
    """
    if step.is_valued_there and entry.total is None and known["doc_total"] is not None:
        local = shop.rules.sap.local_currency
        entry = replace(entry, total=known["doc_total"], currency=local)
    if isinstance(step, CountStep) and LOTS in known["request"]:
        lots = [
            (((item, "", step.warehouse), lot), Decimal(quantity))
            for item, lot, quantity in known["request"][LOTS]
        ]
        entry = replace(entry, batches=lotted(lots))
    return entry


def identity(set_name: str, key: str) -> str:
    """What joins both sides: a count is two documents under one key."""
    return f"{set_name} {key}"


def summed(moved: Iterable[Moved]) -> dict[str, Decimal]:
    """Quantities by item and place in words, each once; nothing of what comes to nothing."""
    made: dict[str, Decimal] = {}
    for place, quantity in moved:
        name = _words(place)
        made[name] = made.get(name, Decimal(0)) + quantity
    return {name: quantity.normalize() for name, quantity in made.items() if quantity}


def lotted(lots: Iterable[Lotted]) -> dict[str, Decimal]:
    """The same by batch."""
    made: dict[str, Decimal] = {}
    for (place, batch), quantity in lots:
        name = batch_name(_words(place), batch)
        made[name] = made.get(name, Decimal(0)) + quantity
    return {name: quantity.normalize() for name, quantity in made.items() if quantity}


def _words(place: Place) -> str:
    item, source, target = place
    return f"{item} from {source} to {target}" if source else f"{item} in {target}"


def _wanted(step: AnyStep) -> _Wanted | None:
    if isinstance(step, PromiseStep):
        asked = step.request
        goods = [((line.item_code, "", line.warehouse), line.quantity) for line in asked.lines]
        return _Wanted(asked.doc_date, goods, asked.card_code, step.total)
    if isinstance(step, PurchaseReceiptStep):
        came = step.request
        goods = [((line.item_code, "", line.warehouse), line.quantity) for line in came.lines]
        return _Wanted(came.doc_date, goods, came.card_code, lots=_lots(came.lines))
    if isinstance(step, IssueStep):
        moved = step.request
        goods = [((line.item_code, "", line.warehouse), line.quantity) for line in moved.lines]
        return _Wanted(moved.doc_date, goods, lots=_lots(moved.lines))
    if isinstance(step, TransferRequestStep):
        sent = step.request
        return _Wanted(
            sent.doc_date,
            [
                ((line.item_code, line.from_warehouse, line.to_warehouse), line.quantity)
                for line in sent.lines
            ],
            lots=[
                (
                    ((line.item_code, line.from_warehouse, line.to_warehouse), lot.number),
                    lot.quantity,
                )
                for line in sent.lines
                for lot in line.batches
            ],
        )
    if isinstance(step, (CountStep, CountPostingStep)):
        goods = [((one.item, "", step.warehouse), one.by) for one in step.differences]
        lots = [
            (((one.item, "", step.warehouse), lot), by)
            for one in step.differences
            for lot, by in one.lots.items()
        ]
        # A counting says of batches what is there, which is remembered; its posting what is off.
        told = lots if isinstance(step, CountPostingStep) else None
        return _Wanted(step.counted_at.date(), goods, lots=told)
    return None


def _lots(lines: Iterable[ReceivedLine | MovementLine]) -> list[Lotted]:
    return [
        (((line.item_code, "", line.warehouse), lot.number), lot.quantity)
        for line in lines
        for lot in line.batches
    ]
