"""Purchase orders into SAP, what arrived of them, and the end of those that expect nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.posting import PostingState
from pos_app.domain.purchase import PurchaseState
from pos_app.domain.trade import after_both
from pos_app.errors import RuleBroken
from pos_app.services.posting.account import code_of
from pos_app.services.posting.goods import Line, check_lines, comments
from pos_app.services.posting.step import (
    GIVEN_UP,
    AnyStep,
    CannotPlan,
    EarlierAway,
    GivenUp,
    Mismatch,
    Step,
)
from pos_app.services.posting.trade import EndStep, PromiseStep
from pos_app.services.shop import Shop
from pos_app.store import purchase as purchases
from pos_app.store import queue, stock
from sync.sap import goods_documents
from sync.sap.client import ServiceLayer
from sync.sap.goods_requests import (
    BaseLine,
    OrderKind,
    OrderLine,
    OrderRequest,
    PurchaseReceiptRequest,
    ReceivedLine,
)
from sync.sap.requests import NewBatch, Posted

PURCHASE_ORDER, PURCHASE_RECEIPT = "purchase_order", "purchase_receipt"
PURCHASE_END = "purchase_end"
ENDING = ":end"
"""Behind the key of an order it is the key of its end."""

CENT, ROUNDING_MOST = Decimal("0.01"), Decimal("0.05")
"""A cent for each line may be rounded otherwise, and this much at most (production lesson L11)."""


class PurchaseTaxUnmapped(RuleBroken):
    """SAP's VAT group of purchases taxed like this is not known."""

    code = "purchase_tax_unmapped"

    def __init__(self, percent: Decimal) -> None:
        super().__init__(
            f"No VAT group of purchases is named for {percent:f} %: add it to "
            "sap.purchase_vat_groups in the settings, then try again.",
            percent=percent,
        )


@dataclass(frozen=True)
class PurchaseOrderStep(PromiseStep):
    """The purchase order."""

    kind = PURCHASE_ORDER

    @property
    def rounding(self) -> Decimal:
        """How far SAP's total may be from ours."""
        return min(CENT * len(self.request.lines), ROUNDING_MOST)

    def check(self, held: Posted) -> None:
        """The same supplier's, and the same but for cents that VAT per group rounds otherwise."""
        wanted = self.request
        total = held.doc_total if wanted.currency is None else held.doc_total_fc
        apart = abs(total - self.total.amount)
        if held.card_code != wanted.card_code or apart > self.rounding:
            raise Mismatch(
                f"SAP holds purchase order {held.doc_num} of {held.card_code} over {total} under "
                f"the key of {wanted.num_at_card} of {wanted.card_code} over {self.total}: "
                "compare the two and correct SAP."
            )


@dataclass(frozen=True)
class PurchaseReceiptStep(Step[Posted]):
    """Goods that arrived, on their order."""

    request: PurchaseReceiptRequest
    kind = PURCHASE_RECEIPT
    moves_goods = True

    @property
    def key(self) -> str:
        """The identity of the arrival; an order has many (production lesson L61)."""
        return self.request.key

    @property
    def set_name(self) -> str:
        """Where SAP keeps it."""
        return goods_documents.PURCHASE_RECEIPTS

    def find(self, sap: ServiceLayer) -> Posted | None:
        """By its key."""
        return goods_documents.find_purchase_receipt(sap, self.key)

    def check(self, held: Posted) -> None:
        """The same supplier's, the same arrival and the very same goods."""
        wanted = self.request
        if (held.card_code, held.num_at_card) != (wanted.card_code, wanted.num_at_card):
            raise Mismatch(
                f"SAP holds goods receipt {held.doc_num} of {held.card_code} "
                f"({held.num_at_card}) under the key of {wanted.num_at_card} of "
                f"{wanted.card_code}: compare the two and correct SAP."
            )
        check_lines(
            wanted.num_at_card,
            held.doc_num,
            wanted=(
                Line.of(line.item_code, line.warehouse, line.quantity, line.batches)
                for line in wanted.lines
            ),
            found=held.lines,
        )

    def send(self, sap: ServiceLayer) -> Posted:
        """Book it, if SAP's order still expects as much."""
        return goods_documents.post_purchase_receipt(sap, self.request)


def plan(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Read an order and say what SAP is asked to keep.

    Raises:
        CannotPlan: there is no such order.
        PurchaseTaxUnmapped, UnmappedCurrency: SAP has no group or code for it.
    """
    order = purchases.by_id(connection, row["document_id"])
    if order is None:
        raise CannotPlan(f"The books hold no purchase order {row['document_id']}.")
    request = OrderRequest(
        kind=OrderKind.PURCHASE_ORDER,
        key=row["key"],
        card_code=order["partner"],
        doc_date=order["doc_date"],
        due_date=max(order["due_date"] or order["doc_date"], order["doc_date"]),
        num_at_card=order["number"],
        currency=code_of(shop, order["currency"]),
        comments=comments(order),
        lines=tuple(
            OrderLine(
                item_code=line["item"],
                quantity=line["quantity"],
                warehouse=line["warehouse"],
                vat_group=_group(shop, line["tax_percent"]),
                unit_price=line["unit_price"],
                discount_percent=after_both(line["discount_percent"], order["discount_percent"]),
                costing_code=shop.rules.sap.cost_centre or None,
            )
            for line in purchases.lines_of(connection, [order["id"]])
        ),
    )
    is_over = order["state"] == PurchaseState.CANCELLED
    given_up = GIVEN_UP.format(order["number"], order["state"]) if is_over else ""
    return (PurchaseOrderStep(request, Money(order["total"], order["currency"]), given_up),)


def plan_receipt(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Read an arrival and say what SAP is asked to book, on its order.

    Raises:
        CannotPlan: there is no such arrival, or SAP never hears of its order.
        EarlierAway: the order is not in SAP yet and goes first.
    """
    receipt = purchases.receipt_by_id(connection, row["document_id"])
    order = purchases.by_id(connection, receipt["purchase_id"]) if receipt else None
    if receipt is None or order is None:
        raise CannotPlan(f"The books hold no goods receipt {row['document_id']}.")
    entry = _entry_of(connection, order["id"])
    managed = {move["line"] for move in stock.moves_of(connection, receipt["id"]) if move["batch"]}
    lines: dict[tuple[int, str], list[RowMapping]] = {}
    for line in purchases.receipt_lines_of(connection, [receipt["id"]]):
        lines.setdefault((line["purchase_line"], line["warehouse"]), []).append(line)
    request = PurchaseReceiptRequest(
        key=row["key"],
        card_code=order["partner"],
        doc_date=receipt["doc_date"],
        num_at_card=receipt["number"],
        currency=code_of(shop, order["currency"]),
        comments=comments(receipt),
        lines=tuple(
            ReceivedLine(
                item_code=parts[0]["item"],
                quantity=sum((part["quantity"] for part in parts), Decimal(0)),
                warehouse=place,
                base=BaseLine(entry, number),
                batches=_lots(parts, managed),
            )
            for (number, place), parts in lines.items()
        ),
    )
    return (PurchaseReceiptStep(request),)


def plan_end(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Say which order SAP expects nothing of any more.

    Raises:
        GivenUp: SAP never got it, so nothing is to be ended there.
        EarlierAway: the order or an arrival of it is not in SAP yet and goes first.
        CannotPlan: there is no such order.
    """
    del shop
    if queue.is_out(queue.of_kind(connection, row["document_id"], PURCHASE_ORDER)):
        raise GivenUp(f"SAP holds nothing of {row['reference']}: there is nothing to end.")
    entry = _entry_of(connection, row["document_id"])
    arrivals = [one["id"] for one in purchases.receipts_of(connection, row["document_id"])]
    for queued in queue.rows_of(connection, arrivals, kinds=[PURCHASE_RECEIPT]):
        if queued["state"] not in {PostingState.COMPLETED.value, PostingState.CANCELLED.value}:
            raise EarlierAway(f"{queued['reference']} is not in SAP yet; it goes first.")
    return (EndStep(OrderKind.PURCHASE_ORDER, entry, row["key"], bool(arrivals)),)


def _lots(parts: list[RowMapping], managed: set[int]) -> tuple[NewBatch, ...]:
    """The batches of a line, each once."""
    found: dict[str, NewBatch] = {}
    for part in parts:
        if part["line"] in managed:
            before = found[part["batch"]].quantity if part["batch"] in found else Decimal(0)
            found[part["batch"]] = NewBatch(
                part["batch"], before + part["quantity"], part["expiry"]
            )
    return tuple(found.values())


def _group(shop: Shop, percent: Decimal) -> str:
    group = shop.rules.sap.purchase_groups.get(percent)
    if group is None:
        raise PurchaseTaxUnmapped(percent)
    return group


def _entry_of(connection: Connection, purchase_id: str) -> int:
    """SAP's number of an order.

    Raises:
        EarlierAway: it is not there yet.
        CannotPlan: it never will be.
    """
    queued = queue.of_kind(connection, purchase_id, PURCHASE_ORDER)
    if queued is None or queued["state"] == PostingState.CANCELLED.value:
        raise CannotPlan("Its purchase order was never sent to SAP: book it there by hand.")
    found = queue.results(connection, [queued["queue_id"]], kind=PURCHASE_ORDER)
    posted = found.get(queued["queue_id"])
    if posted is None or posted["state"] != "done":
        raise EarlierAway(f"{queued['reference']} is not in SAP yet; it goes first.")
    return int(posted["doc_entry"])
