"""What a document of goods or a promise should be in SAP, from the step the queue sends of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pos_app.domain.money import Money
from pos_app.domain.proof import Entry
from pos_app.services.posting.count import CountPostingStep, CountStep
from pos_app.services.posting.movement import IssueStep
from pos_app.services.posting.purchase import PurchaseReceiptStep
from pos_app.services.posting.step import AnyStep
from pos_app.services.posting.trade import PromiseStep
from pos_app.services.posting.transfer import TransferRequestStep
from sync.sap.goods_day import Place

Moved = tuple[Place, Decimal]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a step tells."""

    day: date
    moved: Iterable[Moved]
    partner: str = ""
    total: Money | None = field(default=None)


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
        facts=facts | ({"partner": wanted.partner} if wanted.partner else {}),
        is_own=True,
    )


def identity(set_name: str, key: str) -> str:
    """What joins both sides: a count is two documents under one key."""
    return f"{set_name} {key}"


def summed(moved: Iterable[Moved]) -> dict[str, Decimal]:
    """Quantities by item and place in words, each once; nothing of what comes to nothing."""
    made: dict[str, Decimal] = {}
    for (item, source, target), quantity in moved:
        name = f"{item} from {source} to {target}" if source else f"{item} in {target}"
        made[name] = made.get(name, Decimal(0)) + quantity
    return {name: quantity.normalize() for name, quantity in made.items() if quantity}


def _wanted(step: AnyStep) -> _Wanted | None:
    if isinstance(step, PromiseStep):
        asked = step.request
        goods = [((line.item_code, "", line.warehouse), line.quantity) for line in asked.lines]
        return _Wanted(asked.doc_date, goods, asked.card_code, step.total)
    if isinstance(step, PurchaseReceiptStep):
        came = step.request
        goods = [((line.item_code, "", line.warehouse), line.quantity) for line in came.lines]
        return _Wanted(came.doc_date, goods, came.card_code)
    if isinstance(step, IssueStep):
        moved = step.request
        goods = [((line.item_code, "", line.warehouse), line.quantity) for line in moved.lines]
        return _Wanted(moved.doc_date, goods)
    if isinstance(step, TransferRequestStep):
        sent = step.request
        return _Wanted(
            sent.doc_date,
            [
                ((line.item_code, line.from_warehouse, line.to_warehouse), line.quantity)
                for line in sent.lines
            ],
        )
    if isinstance(step, (CountStep, CountPostingStep)):
        goods = [((one.item, "", step.warehouse), one.by) for one in step.differences]
        return _Wanted(step.counted_at.date(), goods)
    return None
