"""What SAP still expects of an order of which invoices took something without following it.

An order that waits for an approval holds no invoice up, and an invoice whose order SAP has changed
stands alone. SAP then expects the goods of both. Each line is brought to what was ordered less
what was invoiced apart from the order, as `docs/decisions/0044-open-of-an-order.md` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.posting import PostingState
from pos_app.domain.trade import TradeKind, TradeState, is_promise_over
from pos_app.services.posting import attempt
from pos_app.services.posting.queueing import enqueue
from pos_app.services.posting.step import AnyStep, CannotPlan, EarlierAway, GivenUp, Mismatch, Step
from pos_app.services.posting.trade import FOLLOWS, SALES_ORDER, PromiseStep, queueing
from pos_app.services.shop import Shop
from pos_app.store import posting, posting_claim, queue
from pos_app.store import sale as sales
from pos_app.store import trade as trades
from sync.sap import open_lines
from sync.sap.client import ServiceLayer
from sync.sap.open_lines import OpenOrder
from sync.sap.requests import ZERO, LineState

OPEN = "trade_open"
OPENING = ":open"
"""Behind the key of an order it is the key of what is left open of it."""

LOWERED = "lowered"
"""Under this word a step remembers which line it brought to which quantity."""

Changes = dict[int, Decimal | None]
"""The quantity each line is to have, None for one to be closed; lines count from 0 as in SAP."""


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line of an order of ours.

    Attributes:
        taken: what invoices took of it that are in SAP, following it or not.
    """

    line: int
    item: str
    quantity: Decimal
    taken: Decimal


@dataclass(frozen=True)
class OpenStep(Step[OpenOrder]):
    """An order that is to promise no more than is open of it.

    Attributes:
        number: what people know it by.
        invoices: what SAP calls its invoices.
        seen: as SAP shows it before the change, once that is known.
        changes: what is to become of its lines.
    """

    entry: int
    number: str
    open_key: str
    lines: tuple[OrderedLine, ...]
    invoices: tuple[int, ...]
    seen: OpenOrder | None = None
    changes: Changes = field(default_factory=dict)
    kind = OPEN

    @property
    def key(self) -> str:
        """That of the order, with a mark."""
        return self.open_key

    @property
    def sending(self) -> Mapping[str, Any]:
        """The lines that are lowered, for whoever compares the order afterwards."""
        lowered = {str(line): str(left) for line, left in self.changes.items() if left is not None}
        return {LOWERED: lowered} if lowered else {}

    def find(self, sap: ServiceLayer) -> OpenOrder | None:
        """The order, once SAP expects no more of it than is open."""
        shown = self._read(sap)
        return None if self._wanted(sap, shown) else shown

    def check(self, held: OpenOrder) -> None:
        """It was found by its entry."""

    def prepared(self, sap: ServiceLayer) -> OpenStep:
        """With what is to be changed, by SAP's figures of this moment and in their version."""
        shown = self._read(sap)
        return replace(self, seen=shown, changes=self._wanted(sap, shown))

    def send(self, sap: ServiceLayer) -> OpenOrder:
        """Lower or close its lines, and look whether SAP did."""
        if self.seen is None or not self.changes:
            return self.seen or self._read(sap)
        shown = open_lines.lower(sap, self.seen, self.changes)
        left = self._wanted(sap, shown)
        if left:
            raise Mismatch(
                f"SAP said yes and still expects more of sales order {shown.doc_num} than is open "
                f"of {self.number}: {_words(left)} there by hand, then try again."
            )
        return shown

    def _read(self, sap: ServiceLayer) -> OpenOrder:
        shown = open_lines.read(sap, self.entry)
        if shown is None:
            raise Mismatch(f"SAP has no sales order {self.entry} any more: look at {self.number}.")
        return shown

    def _wanted(self, sap: ServiceLayer, shown: OpenOrder) -> Changes:
        """What is to be changed; nothing where SAP expects as much as is open, or less."""
        if shown.is_over:
            return {}
        followed = open_lines.followed(sap, self.entry, self.invoices)
        there = {line.line: line for line in shown.lines}
        made: Changes = {}
        for line in self.lines:
            apart = line.taken - followed.get(line.line, ZERO)
            if apart > 0:
                made |= self._lowered(line, there.get(line.line), line.quantity - apart)
        return made

    def _lowered(self, line: OrderedLine, there: LineState | None, most: Decimal) -> Changes:
        if there is None or not there.is_open:
            return {}
        if there.item_code != line.item:
            raise Mismatch(
                f"Line {line.line + 1} of sales order {self.number} is {line.item} here and "
                f"{there.item_code} in SAP: lower there what was invoiced, and cancel this row."
            )
        if there.quantity <= most:
            return {}
        delivered = there.quantity - there.open_quantity
        return {line.line: most if most > delivered else None}


def _words(changes: Changes) -> str:
    told = (
        f"close line {line + 1}" if left is None else f"bring line {line + 1} to {left:f}"
        for line, left in sorted(changes.items())
    )
    return " and ".join(told)


def plan(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Say of which order SAP may expect too much.

    Raises:
        GivenUp: it promises nothing any more, or was promised anew: SAP is told of its end.
        EarlierAway: an invoice of it is on its way and goes first.
        CannotPlan: SAP holds no such order.
    """
    del shop
    key = row["key"].partition(OPENING)[0]
    trade = trades.ever(connection, row["document_id"])
    promise = posting.by_key(connection, key)
    if trade is None or promise is None or promise["state"] != PostingState.COMPLETED.value:
        raise CannotPlan(f"SAP holds no {row['reference']}: cancel this row.")
    is_over = is_promise_over(TradeKind(trade["kind"]), TradeState(trade["state"]))
    if is_over or trade["sap_key"] != key:
        raise GivenUp(f"{row['reference']} is {trade['state']}: SAP is told of its end instead.")
    links = trades.links_of(connection, trade["id"])
    known = sales.status_of(connection, sorted({link["invoice_id"] for link in links}))
    if any(status["in_sap"] in {"pending", "unknown"} for status in known.values()):
        raise EarlierAway(f"An invoice of {row['reference']} is on its way; it goes first.")
    entries = {
        invoice: status["doc_entry"]
        for invoice, status in known.items()
        if status["in_sap"] == "done" and status["doc_entry"] is not None
    }
    taken: dict[int, Decimal] = {}
    for link in links:
        if link["invoice_id"] in entries:
            taken[link["line"]] = taken.get(link["line"], ZERO) + link["quantity"]
    step = posting_claim.steps_of(connection, promise["queue_id"])[0]
    return (
        OpenStep(
            entry=step["doc_entry"],
            number=trade["number"],
            open_key=row["key"],
            lines=tuple(
                OrderedLine(
                    line["line"] - 1, line["item"], line["quantity"], taken.get(line["line"], ZERO)
                )
                for line in trades.lines_of(connection, [trade["id"]])
            ),
            invoices=tuple(sorted(entries.values())),
        ),
    )


def after_order(shop: Shop, connection: Connection, row: RowMapping) -> None:
    """Queue a look at an order that has come to SAP after something of it was invoiced."""
    trade = trades.ever(connection, row["document_id"])
    if row["kind"] == SALES_ORDER and trade is not None and trade["sap_key"] == row["key"]:
        _queue(shop, connection, dict(trade), mark="")


def after_invoice(shop: Shop, connection: Connection, row: RowMapping) -> None:
    """Queue a look at the order of an invoice that has come to SAP without following it."""
    links = trades.links_of_invoice(connection, row["document_id"])
    first = posting_claim.steps_of(connection, row["queue_id"])[0]
    if not links or FOLLOWS in first["request"]:
        return
    trade = trades.ever(connection, links[0]["trade_id"])
    if trade is not None and trade["in_sap"] == "done":
        _queue(shop, connection, dict(trade), mark=f":{row['document_id']}")


def _queue(shop: Shop, connection: Connection, trade: Mapping[str, Any], *, mark: str) -> None:
    """Queue it where SAP keeps the books, some of the order is promised, and some was invoiced."""
    is_over = is_promise_over(TradeKind(trade["kind"]), TradeState(trade["state"]))
    if not shop.rules.has_sap or is_over or not trades.links_of(connection, trade["id"]):
        return
    key = f"{trade['sap_key']}{OPENING}{mark}"
    by = trade["approved_by"] or trade["created_by"]
    if posting.by_key(connection, key) is None:
        enqueue(shop, connection, queueing(trade, kind=OPEN, key=key, by=by))


def as_lowered(connection: Connection, row: RowMapping, step: AnyStep) -> AnyStep:
    """The step of an order as SAP should hold it now: some of its lines were lowered there."""
    lowered = lowered_of(connection, row)
    if not lowered or not isinstance(step, PromiseStep):
        return step
    lines = []
    for place, line in enumerate(step.request.lines):
        left = lowered.get(place, line.quantity)
        gross = line.gross_total or ZERO
        if left != line.quantity and line.price_after_vat is not None:
            gross = Money.rounded(line.price_after_vat * left, step.total.currency).amount
        lines.append(replace(line, quantity=left, gross_total=gross))
    total = sum((line.gross_total or ZERO for line in lines), ZERO)
    return replace(
        step,
        request=replace(step.request, lines=tuple(lines)),
        total=Money.rounded(total, step.total.currency),
    )


def lowered_of(connection: Connection, row: RowMapping) -> dict[int, Decimal]:
    """To which quantity each line of an order was lowered in SAP; lines count from 0."""
    made: dict[int, Decimal] = {}
    for queued in queue.rows_of(connection, [row["document_id"]], kinds=[OPEN]):
        if not queued["key"].startswith(f"{row['key']}{OPENING}"):
            continue
        for step in posting_claim.steps_of(connection, queued["queue_id"]):
            if step["state"] == attempt.DONE:
                told = step["request"].get(LOWERED, {})
                made |= {int(line): Decimal(left) for line, left in told.items()}
    return made
