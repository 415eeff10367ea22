"""Orders, receipts, transfers, movements and counts in SAP: look up by key, then post, never twice.

The order is that of `sync.sap.documents`: only a proven None of `find_*` allows `post_*`, and no
function here repeats a POST (production lessons L01 to L03).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from sync.errors import OutcomeUnknown, Unavailable
from sync.sap import held
from sync.sap.approval import look_for_draft
from sync.sap.batch_stock import batch_quantities
from sync.sap.client import Row, ServiceLayer
from sync.sap.documents import find_by_key, get_document, post_document
from sync.sap.errors import Kind, MoreThanOne, SapRejected
from sync.sap.goods_payloads import (
    Body,
    count_body,
    count_posting_body,
    movement_body,
    order_body,
    purchase_receipt_body,
    transfer_body,
)
from sync.sap.goods_requests import (
    CountPostingRequest,
    CountRequest,
    MovementKind,
    MovementRequest,
    OrderKind,
    OrderRequest,
    PostedGoods,
    PurchaseReceiptRequest,
    StockTransferRequest,
    TransferKind,
)
from sync.sap.query import Query, any_of, entity, equals
from sync.sap.requests import ZERO, LineState, Posted
from sync.sap.taking_back import close

TRANSFER_SELECT = ("DocEntry", "DocNum", "DocDate", "DocumentStatus", "StockTransferLines")
COUNT_SELECT = (
    "DocumentEntry",
    "DocumentNumber",
    "CountDate",
    "DocumentStatus",
    "InventoryCountingLines",
)
POSTING_SELECT = ("DocumentEntry", "DocumentNumber", "PostingDate", "InventoryPostingLines")
COUNTINGS, POSTINGS = "InventoryCountings", "InventoryPostings"
ASIDE = ":aside"
"""Behind the key of a count: a counting that was replaced by another and never posted."""
PURCHASE_RECEIPTS = "PurchaseDeliveryNotes"
LEVELS_AT_ONCE = 20


class OverReceipt(SapRejected):
    """More would be received than the purchase order still expects (production lesson L61)."""

    def __init__(self, entry: int, line: int, *, wanted: Decimal, left: Decimal) -> None:
        text = f"Line {line} of purchase order {entry} expects {left} more, not {wanted}."
        super().__init__("over_receipt", text, None, kind=Kind.REFUSED)


def find_order(sl: ServiceLayer, kind: OrderKind, key: str) -> Posted | None:
    """The order, quotation or purchase order that carries our key; None when SAP proves none.

    Raises:
        MoreThanOne: several do.
        SyncError: SAP could not be asked, which is not a "no".
    """
    return find_by_key(sl, kind, key)


def get_order(sl: ServiceLayer, kind: OrderKind, doc_entry: int) -> Posted | None:
    """An order, quotation or purchase order by DocEntry as it is now; None when there is none."""
    return get_document(sl, kind, doc_entry)


def post_order(sl: ServiceLayer, request: OrderRequest) -> Posted:
    """Post an order, quotation or purchase order, once; only after `find_order` said None.

    Raises:
        RequestInvalid: cannot be posted as it stands; nothing was sent.
        AwaitingApproval: SAP made a draft of it.
        SapRejected: SAP refused; see its kind.
        Unavailable: proven not processed.
        OutcomeUnknown: look it up.
    """
    return post_document(sl, request.kind, order_body(request, sl.settings))


def find_purchase_receipt(sl: ServiceLayer, key: str) -> Posted | None:
    """The goods receipt PO that carries our key; as `find_order`."""
    return find_by_key(sl, PURCHASE_RECEIPTS, key, with_lines=True)


def post_purchase_receipt(
    sl: ServiceLayer, request: PurchaseReceiptRequest, *, may_exceed: bool = False
) -> Posted:
    """Post a goods receipt PO, once; only after `find_purchase_receipt` said None.

    What is received is compared with what the orders still expect as they are now.

    Args:
        sl: the Service Layer.
        request: what arrived.
        may_exceed: leave it to SAP whether more may come than was ordered.

    Raises:
        OverReceipt: more than is open; nothing was sent.
        RequestInvalid, AwaitingApproval, SapRejected, Unavailable, OutcomeUnknown: as
            `post_order`.
    """
    body = purchase_receipt_body(request, sl.settings)
    if not may_exceed:
        _check_open(sl, request)
    return post_document(sl, PURCHASE_RECEIPTS, body, with_lines=True)


def find_movement(sl: ServiceLayer, kind: MovementKind, key: str) -> Posted | None:
    """The goods issue or receipt that carries our key; as `find_order`."""
    return find_by_key(sl, kind, key, with_lines=True)


def post_movement(sl: ServiceLayer, request: MovementRequest) -> Posted:
    """Post a goods issue or receipt, once; only after `find_movement` said None.

    Raises:
        RequestInvalid, AwaitingApproval, SapRejected, Unavailable, OutcomeUnknown: as
            `post_order`.
    """
    body = movement_body(request, sl.settings)
    return post_document(sl, request.kind, body, with_lines=True)


def find_transfer(sl: ServiceLayer, kind: TransferKind, key: str) -> PostedGoods | None:
    """The transfer or transfer request that carries our key; as `find_order`.

    SAP keeps no mark of a cancelled one, so a cancelled transfer is found too.
    """
    return _find(sl, kind, TRANSFER_SELECT, key=key, field=sl.settings.key_field)


def post_transfer(sl: ServiceLayer, request: StockTransferRequest) -> PostedGoods:
    """Post a stock transfer or a request for one, once; only after `find_transfer` said None.

    Raises:
        RequestInvalid, AwaitingApproval, SapRejected, Unavailable, OutcomeUnknown: as
            `post_order`.
    """
    body = transfer_body(request, sl.settings)
    try:
        return _post(sl, request.kind, body, request.key)
    except SapRejected as refusal:
        if refusal.kind is Kind.MISSING:
            look_for_draft(sl, request.kind, request.key, refusal)
        raise


def find_count(sl: ServiceLayer, key: str) -> PostedGoods | None:
    """The inventory counting that carries our key; as `find_order`."""
    return _find(sl, COUNTINGS, COUNT_SELECT, key=key, field=_count_field(sl))


def set_count_aside(sl: ServiceLayer, key: str, doc_entry: int) -> None:
    """Take our key from a counting that is not to be posted, so that another may carry it.

    Raises:
        SapRejected, Unavailable, OutcomeUnknown: as `post_order`; asked again it does no harm.
    """
    sl.patch(entity(COUNTINGS, doc_entry), {_count_field(sl): f"{key}{ASIDE}"})


def end_counts_aside(sl: ServiceLayer, key: str) -> None:
    """Close what was set aside of a key: an open counting keeps its items from being counted.

    Raises:
        SapRejected, Unavailable, OutcomeUnknown: as `sync.sap.taking_back.close`.
    """
    query = Query(select=COUNT_SELECT, where=equals(_count_field(sl), f"{key}{ASIDE}"))
    for row in sl.rows(COUNTINGS, query):
        counted = read(row, COUNTINGS)
        if counted.status == "open":
            close(sl, COUNTINGS, counted.doc_entry)


def post_count(sl: ServiceLayer, request: CountRequest) -> PostedGoods:
    """Post an inventory counting, once; only after `find_count` said None.

    Raises:
        RequestInvalid, SapRejected, Unavailable, OutcomeUnknown: as `post_order`.
    """
    return _post(sl, COUNTINGS, count_body(request, sl.settings), request.key)


def find_count_posting(sl: ServiceLayer, key: str) -> PostedGoods | None:
    """The inventory posting that carries our key; as `find_order`."""
    return _find(sl, POSTINGS, POSTING_SELECT, key=key, field=_count_field(sl))


def post_count_posting(sl: ServiceLayer, request: CountPostingRequest) -> PostedGoods:
    """Post counted differences, once; only after `find_count_posting` said None.

    Raises:
        RequestInvalid, SapRejected, Unavailable, OutcomeUnknown: as `post_order`.
    """
    return _post(sl, POSTINGS, count_posting_body(request, sl.settings), request.key)


def document_lines(
    sl: ServiceLayer, kind: OrderKind, doc_entry: int
) -> tuple[LineState, ...] | None:
    """The lines of an order and what is open of each now; None when there is no such order."""
    query = Query(select=("DocEntry", "DocumentStatus", "DocumentLines"))
    row = sl.find(kind, doc_entry, query)
    if row is None:
        return None
    return tuple(held.line(line) for line in row["DocumentLines"])


def stock_levels(sl: ServiceLayer, codes: Sequence[str], warehouse: str) -> dict[str, Decimal]:
    """What SAP has of each item in a warehouse now, many items per request (lesson L54).

    An item the warehouse never had is absent.

    Raises:
        SyncError: SAP could not be asked, which is not "nothing".
    """
    found: dict[str, Decimal] = {}
    for first in range(0, len(codes), LEVELS_AT_ONCE):
        wanted = codes[first : first + LEVELS_AT_ONCE]
        query = Query(
            select=("ItemCode", "ItemWarehouseInfoCollection"), where=any_of("ItemCode", wanted)
        )
        for row in sl.rows("Items", query):
            for place in row["ItemWarehouseInfoCollection"]:
                if place["WarehouseCode"] == warehouse:
                    found[row["ItemCode"]] = Decimal(place["InStock"])
    return found


def batch_levels(
    sl: ServiceLayer, codes: Collection[str], warehouse: str
) -> dict[str, dict[str, Decimal]]:
    """What SAP has of each batch of some items in a warehouse now; raises SyncError."""
    found: dict[str, dict[str, Decimal]] = {}
    for row in batch_quantities(sl, warehouse):
        if row.item_code in codes:
            found.setdefault(row.item_code, {})[row.batch] = row.quantity
    return found


def _check_open(sl: ServiceLayer, request: PurchaseReceiptRequest) -> None:
    wanted: dict[tuple[int, int], Decimal] = {}
    for line in request.lines:
        if line.base is not None:
            place = (line.base.entry, line.base.line)
            wanted[place] = wanted.get(place, ZERO) + line.quantity
    for entry in sorted({entry for entry, _ in wanted}):
        lines = document_lines(sl, OrderKind.PURCHASE_ORDER, entry) or ()
        left = {line.line: line.open_quantity if line.is_open else ZERO for line in lines}
        for (of, number), quantity in wanted.items():
            if of == entry and quantity > left.get(number, ZERO):
                raise OverReceipt(entry, number, wanted=quantity, left=left.get(number, ZERO))


def _count_field(sl: ServiceLayer) -> str:
    return sl.settings.count_key_field or "Remarks"


def _find(
    sl: ServiceLayer, set_name: str, select: tuple[str, ...], *, key: str, field: str
) -> PostedGoods | None:
    order = f"{select[0]} desc"
    query = Query(select=select, where=equals(field, key), order_by=order)
    found = [read(row, set_name) for row in sl.rows(set_name, query)]
    if len(found) > 1:
        raise MoreThanOne(set_name, key, [one.doc_entry for one in found])
    return found[0] if found else None


def _post(sl: ServiceLayer, set_name: str, body: Body, key: str) -> PostedGoods:
    row = sl.post(set_name, body)
    try:
        return read(row, set_name)
    except Unavailable as error:
        raise OutcomeUnknown(f"SAP's answer to {set_name} {key} cannot be read.") from error


def select_of(set_name: str) -> tuple[str, ...]:
    """What is read of a transfer, a request for one, a counting or its posting."""
    return {COUNTINGS: COUNT_SELECT, POSTINGS: POSTING_SELECT}.get(set_name, TRANSFER_SELECT)


def read(row: Row, set_name: str) -> PostedGoods:
    """A document of one of those sets as SAP sent it; raises Unavailable where it cannot be."""
    try:
        if set_name == COUNTINGS:
            is_open = row["DocumentStatus"] == "cdsOpen"
            lines = tuple(_count_line(line) for line in row["InventoryCountingLines"])
            return _goods(row, "CountDate", is_open=is_open, lines=lines)
        if set_name == POSTINGS:
            lines = tuple(_count_line(line) for line in row["InventoryPostingLines"])
            return _goods(row, "PostingDate", is_open=False, lines=lines)
        is_open = row["DocumentStatus"] == "bost_Open"
        lines = tuple(held.line(line) for line in row["StockTransferLines"])
        return _goods(row, "DocDate", is_open=is_open, lines=lines)
    except (KeyError, ValueError, TypeError) as error:
        raise Unavailable(f"SAP sent a document that cannot be read: {error!r}") from error


def _goods(row: Row, day: str, *, is_open: bool, lines: Iterable[LineState]) -> PostedGoods:
    entry, number = (
        ("DocEntry", "DocNum") if "DocEntry" in row else ("DocumentEntry", "DocumentNumber")
    )
    return PostedGoods(
        doc_entry=int(row[entry]),
        doc_num=int(row[number]),
        doc_date=held.read_day(row.get(day)),
        status="open" if is_open else "closed",
        lines=tuple(lines),
    )


def _count_line(row: Row) -> LineState:
    return LineState(
        line=int(row["LineNumber"]),
        item_code=row.get("ItemCode") or "",
        warehouse=row.get("WarehouseCode") or "",
        quantity=held.decimal(row["CountedQuantity"]),
        open_quantity=held.decimal(row["Variance"]),
        is_open=row.get("LineStatus") == "clsOpen",
    )
