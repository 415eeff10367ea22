"""What we ask SAP to book beside sales and money: orders, goods on their way, counts, and results.

Quantities are Decimal. Every request carries a key born with the document it stands for, at most
100 characters (SAP Service Layer user guide, production lesson L01).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

from sync.sap.requests import ZERO, BatchPick, LineState, NewBatch


class OrderKind(StrEnum):
    """Documents that promise goods and move none; the value is SAP's entity set."""

    ORDER = "Orders"
    QUOTATION = "Quotations"
    PURCHASE_ORDER = "PurchaseOrders"


class TransferKind(StrEnum):
    """A request for goods of another warehouse, or their move; the value is SAP's entity set."""

    REQUEST = "InventoryTransferRequests"
    TRANSFER = "StockTransfers"


class MovementKind(StrEnum):
    """Goods out or in without a partner; the value is SAP's entity set."""

    ISSUE = "InventoryGenExits"
    RECEIPT = "InventoryGenEntries"


@dataclass(frozen=True, slots=True)
class BaseLine:
    """The line of the document this one follows: its DocEntry and LineNum."""

    entry: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line of an order, quotation or purchase order.

    Attributes:
        item_code: SAP item.
        quantity: in the line's unit of measure.
        warehouse: where the goods leave or arrive.
        vat_group: SAP VAT group, of sales or of purchases.
        price_after_vat: per unit with VAT, or None.
        unit_price: per unit without VAT and before the discount, or None; without any price SAP
            takes its own.
        discount_percent: off the unit price.
        gross_total: the line's total with VAT to the cent, for prices that round unevenly, or None.
        costing_code: distribution rule, or None.
        uom_entry: unit of measure, None for the item's own.
        base: line of the quotation a sales order follows, or None.
    """

    item_code: str
    quantity: Decimal
    warehouse: str
    vat_group: str
    price_after_vat: Decimal | None = None
    unit_price: Decimal | None = None
    discount_percent: Decimal = ZERO
    gross_total: Decimal | None = None
    costing_code: str | None = None
    uom_entry: int | None = None
    base: BaseLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """A sales order, quotation or purchase order.

    Attributes:
        kind: which of them.
        key: our idempotency key.
        card_code: the customer, or the supplier of a purchase order.
        doc_date: business date; also tax date.
        due_date: delivery, or the last day of a quotation; SAP refuses none.
        num_at_card: the readable number of the document.
        lines: at least one.
        currency: SAP's own code, None for the local currency.
        rate: in SAP's own direction, None for SAP's rate of the day.
        comments: free text.
        branch: BPLID of a multi-branch company.
    """

    kind: OrderKind
    key: str
    card_code: str
    doc_date: date
    due_date: date
    num_at_card: str
    lines: tuple[OrderLine, ...]
    currency: str | None = None
    rate: Decimal | None = None
    comments: str = ""
    branch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLine:
    """Goods of one line of a purchase order that arrived.

    Attributes:
        item_code: SAP item.
        quantity: in the line's unit of measure.
        base: line of the purchase order, None for goods nobody ordered.
        warehouse: where they arrived.
        vat_group: SAP VAT group of purchases, empty for that of the order or item.
        unit_price: per unit without VAT, None for that of the order.
        batches: the batches of a batch-managed item; together exactly the quantity.
        uom_entry: unit of measure, None for the item's own.
    """

    item_code: str
    quantity: Decimal
    warehouse: str
    base: BaseLine | None = None
    vat_group: str = ""
    unit_price: Decimal | None = None
    batches: tuple[NewBatch, ...] = ()
    uom_entry: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseReceiptRequest:
    """A goods receipt PO.

    Attributes:
        key: our idempotency key; one per receipt, not per order (production lesson L61).
        card_code: the supplier.
        doc_date: business date of the receipt.
        num_at_card: number of the supplier's delivery note.
        lines: at least one.
        currency: SAP's own code, None for the local currency.
        rate: in SAP's own direction, None for SAP's rate of the day.
        comments: free text.
        branch: BPLID of a multi-branch company.
    """

    key: str
    card_code: str
    doc_date: date
    num_at_card: str
    lines: tuple[ReceivedLine, ...]
    currency: str | None = None
    rate: Decimal | None = None
    comments: str = ""
    branch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLine:
    """Goods from one warehouse to another.

    Attributes:
        item_code: SAP item.
        quantity: in the line's unit of measure.
        from_warehouse: their source,
        to_warehouse: and their destination.
        batches: of a batch-managed item; a request names none.
        base: line of the request a transfer follows, or None.
        costing_code: distribution rule, or None.
        uom_entry: unit of measure, None for the item's own.
    """

    item_code: str
    quantity: Decimal
    from_warehouse: str
    to_warehouse: str
    batches: tuple[BatchPick, ...] = ()
    base: BaseLine | None = None
    costing_code: str | None = None
    uom_entry: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTransferRequest:
    """A stock transfer, or the inventory transfer request that asks for one.

    Attributes:
        kind: which of them.
        key: our idempotency key.
        doc_date: business date.
        due_date: when the goods are wanted, None for the document date.
        lines: at least one.
        comments: free text.
        branch: BPLID of a multi-branch company.
    """

    kind: TransferKind
    key: str
    doc_date: date
    lines: tuple[TransferLine, ...]
    due_date: date | None = None
    comments: str = ""
    branch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementLine:
    """Goods that leave or come in for a reason.

    Attributes:
        item_code: SAP item.
        quantity: in the line's unit of measure.
        warehouse: where.
        account: account of the reason, such as breakage.
        unit_price: cost per unit of goods that come in, None for SAP's own.
        batches: of a batch-managed item; together exactly the quantity.
        costing_code: distribution rule, or None.
        uom_entry: unit of measure, None for the item's own.
    """

    item_code: str
    quantity: Decimal
    warehouse: str
    account: str
    unit_price: Decimal | None = None
    batches: tuple[NewBatch, ...] = ()
    costing_code: str | None = None
    uom_entry: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRequest:
    """A goods issue or a goods receipt.

    Attributes:
        kind: which of them.
        key: our idempotency key.
        doc_date: business date.
        lines: at least one.
        comments: the reason in words.
        reference: at most 11 characters.
        branch: BPLID of a multi-branch company.
    """

    kind: MovementKind
    key: str
    doc_date: date
    lines: tuple[MovementLine, ...]
    comments: str = ""
    reference: str = ""
    branch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountLine:
    """What was counted of one item in one warehouse.

    Attributes:
        item_code: SAP item.
        warehouse: where.
        counted: in the unit of measure; zero is a count, nothing counted has no line.
        batches: counted per batch; together exactly `counted`.
        is_frozen: keep the item still until the count is posted.
    """

    item_code: str
    warehouse: str
    counted: Decimal
    batches: tuple[BatchPick, ...] = ()
    is_frozen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRequest:
    """An inventory counting; it moves nothing.

    Attributes:
        key: our idempotency key.
        count_date: the day it was counted,
        count_time: and when; sales after it are not part of it (production lesson L62).
        counter: SAP's internal key of the user who counted.
        lines: at least one, numbered from 1.
        comments: free text; only where the company has a field of its own for the key.
        branch: number of the branch, or None.
    """

    key: str
    count_date: date
    count_time: time
    counter: int
    lines: tuple[CountLine, ...]
    comments: str = ""
    branch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """One counted line as it is posted.

    Attributes:
        base: the counting's entry and line number, None without a counting.
        item_code: SAP item.
        warehouse: where.
        counted: what there is to be.
        batches: the difference per batch, below zero for what is missing; together the variance.
        price: cost per unit of what was found, None for SAP's own.
        gain_account: where a surplus is booked, None for SAP's own,
        loss_account: and what is missing.
    """

    item_code: str
    warehouse: str
    counted: Decimal
    base: BaseLine | None = None
    batches: tuple[BatchPick, ...] = ()
    price: Decimal | None = None
    gain_account: str | None = None
    loss_account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPostingRequest:
    """An inventory posting: the counted differences become stock movements.

    Attributes:
        key: our idempotency key.
        posting_date: business date.
        count_date: the day it was counted.
        lines: at least one.
        comments: as in `CountRequest`.
        branch: number of the branch, or None.
    """

    key: str
    posting_date: date
    count_date: date
    lines: tuple[CountedLine, ...]
    comments: str = ""
    branch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedGoods:
    """A document without money as SAP holds it.

    Attributes:
        doc_entry: SAP's identity of it; store this one.
        doc_num: the number people see; unique per series only.
        doc_date: posting or count date; None when SAP did not say.
        status: ``open`` or ``closed``.
        lines: as SAP has them now.
    """

    doc_entry: int
    doc_num: int
    doc_date: date | None
    status: str
    lines: tuple[LineState, ...]
