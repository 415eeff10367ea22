"""From our requests about goods to SAP's bodies; raises FieldTooLong and RequestInvalid."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sync.sap.body import batch_rows, check_values, put
from sync.sap.errors import RequestInvalid
from sync.sap.goods_requests import (
    BaseLine,
    CountedLine,
    CountLine,
    CountPostingRequest,
    CountRequest,
    MovementLine,
    MovementRequest,
    OrderLine,
    OrderRequest,
    PurchaseReceiptRequest,
    ReceivedLine,
    StockTransferRequest,
    TransferKind,
    TransferLine,
)
from sync.sap.settings import SapSettings

QUOTATION_TYPE, PURCHASE_ORDER_TYPE, COUNTING_TYPE = 23, 22, 1470000065
"""SAP's object numbers of the documents these follow."""

Body = dict[str, Any]


def order_body(request: OrderRequest, settings: SapSettings) -> Body:
    """The body of ``POST Orders``, ``Quotations`` or ``PurchaseOrders``."""
    body = _trade(request, settings)
    body["DocDueDate"] = request.due_date.isoformat()
    body["DocumentLines"] = [_order_line(line) for line in request.lines]
    return _checked(body, settings.key_field)


def purchase_receipt_body(request: PurchaseReceiptRequest, settings: SapSettings) -> Body:
    """The body of ``POST PurchaseDeliveryNotes``."""
    body = _trade(request, settings)
    lines = [_received_line(line, place) for place, line in enumerate(request.lines)]
    body["DocumentLines"] = lines
    return _checked(body, settings.key_field)


def transfer_body(request: StockTransferRequest, settings: SapSettings) -> Body:
    """The body of ``POST StockTransfers`` or ``InventoryTransferRequests``."""
    _check_lines(request.key, request.lines)
    day = request.doc_date.isoformat()
    first = request.lines[0]
    body: Body = {
        "DocDate": day,
        "TaxDate": day,
        "DueDate": (request.due_date or request.doc_date).isoformat(),
        "FromWarehouse": first.from_warehouse,
        "ToWarehouse": first.to_warehouse,
        settings.key_field: request.key,
    }
    put(body, "Comments", request.comments)
    put(body, "BPLID", request.branch)
    body["StockTransferLines"] = [
        _transfer_line(line, place, request.kind) for place, line in enumerate(request.lines)
    ]
    return _checked(body, settings.key_field)


def movement_body(request: MovementRequest, settings: SapSettings) -> Body:
    """The body of ``POST InventoryGenExits`` or ``InventoryGenEntries``."""
    _check_lines(request.key, request.lines)
    day = request.doc_date.isoformat()
    body: Body = {"DocDate": day, "TaxDate": day, settings.key_field: request.key}
    put(body, "Comments", request.comments)
    put(body, "Reference2", request.reference)
    put(body, "BPL_IDAssignedToInvoice", request.branch)
    lines = [_movement_line(line, place) for place, line in enumerate(request.lines)]
    body["DocumentLines"] = lines
    return _checked(body, settings.key_field)


def count_body(request: CountRequest, settings: SapSettings) -> Body:
    """The body of ``POST InventoryCountings``."""
    _check_lines(request.key, request.lines)
    body: Body = {
        "CountDate": request.count_date.isoformat(),
        "CountTime": request.count_time.strftime("%H:%M:%S"),
        "CountingType": "ctSingleCounter",
        "SingleCounterType": "ctUser",
        "SingleCounterID": request.counter,
    }
    _put_count_key(body, request, settings)
    lines = [_count_line(line, place) for place, line in enumerate(request.lines, 1)]
    body["InventoryCountingLines"] = lines
    return _checked(body, settings.count_key_field)


def count_posting_body(request: CountPostingRequest, settings: SapSettings) -> Body:
    """The body of ``POST InventoryPostings``."""
    _check_lines(request.key, request.lines)
    body: Body = {
        "PostingDate": request.posting_date.isoformat(),
        "CountDate": request.count_date.isoformat(),
    }
    _put_count_key(body, request, settings)
    lines = [_counted_line(line, place) for place, line in enumerate(request.lines, 1)]
    body["InventoryPostingLines"] = lines
    return _checked(body, settings.count_key_field)


def _trade(request: OrderRequest | PurchaseReceiptRequest, settings: SapSettings) -> Body:
    """The header of a document with a partner."""
    _check_lines(request.key, request.lines)
    day = request.doc_date.isoformat()
    body: Body = {
        "CardCode": request.card_code,
        "DocDate": day,
        "TaxDate": day,
        settings.key_field: request.key,
    }
    put(body, "NumAtCard", request.num_at_card)
    put(body, "Comments", request.comments)
    put(body, "DocCurrency", request.currency)
    put(body, "DocRate", request.rate)
    put(body, "BPL_IDAssignedToInvoice", request.branch)
    return body


def _order_line(line: OrderLine) -> Body:
    body = _goods(line.item_code, line.quantity, line.uom_entry)
    body |= {"WarehouseCode": line.warehouse, "VatGroup": line.vat_group}
    put(body, "PriceAfterVAT", line.price_after_vat)
    put(body, "GrossTotal", line.gross_total)
    put(body, "UnitPrice", line.unit_price)
    put(body, "DiscountPercent", line.discount_percent or None)
    put(body, "CostingCode", line.costing_code)
    return body | _base(line.base, QUOTATION_TYPE)


def _received_line(line: ReceivedLine, place: int) -> Body:
    body = _goods(line.item_code, line.quantity, line.uom_entry)
    body["WarehouseCode"] = line.warehouse
    put(body, "VatGroup", line.vat_group)
    put(body, "UnitPrice", line.unit_price)
    return body | _batches(line, place) | _base(line.base, PURCHASE_ORDER_TYPE)


def _transfer_line(line: TransferLine, place: int, kind: TransferKind) -> Body:
    if line.from_warehouse == line.to_warehouse:
        raise RequestInvalid(f"{line.item_code} cannot move from {line.from_warehouse} to itself.")
    body = _goods(line.item_code, line.quantity, line.uom_entry)
    body |= {"FromWarehouseCode": line.from_warehouse, "WarehouseCode": line.to_warehouse}
    put(body, "DistributionRule", line.costing_code)
    if kind is TransferKind.REQUEST:
        if line.batches:
            raise RequestInvalid(f"A request names no batches; {line.item_code} does.")
        return body
    return body | _batches(line, place) | _base(line.base, "InventoryTransferRequest")


def _movement_line(line: MovementLine, place: int) -> Body:
    body = _goods(line.item_code, line.quantity, line.uom_entry)
    body |= {"WarehouseCode": line.warehouse, "AccountCode": line.account}
    put(body, "UnitPrice", line.unit_price)
    put(body, "CostingCode", line.costing_code)
    return body | _batches(line, place)


def _count_line(line: CountLine, place: int) -> Body:
    if line.counted < 0:
        raise RequestInvalid(f"The count of {line.item_code} must not be below zero.")
    body: Body = {
        "ItemCode": line.item_code,
        "WarehouseCode": line.warehouse,
        "Counted": "tYES",
        "UoMCountedQuantity": line.counted,
    }
    if line.is_frozen:
        body["Freeze"] = "tYES"
    if line.batches:
        body["InventoryCountingBatchNumbers"] = batch_rows(
            line.batches, place, item=line.item_code, quantity=line.counted
        )
    return body


def _counted_line(line: CountedLine, place: int) -> Body:
    body: Body = {
        "ItemCode": line.item_code,
        "WarehouseCode": line.warehouse,
        "CountedQuantity": line.counted,
    }
    put(body, "Price", line.price)
    put(body, "InventoryOffsetIncreaseAccount", line.gain_account)
    put(body, "InventoryOffsetDecreaseAccount", line.loss_account)
    if line.batches:
        rows = batch_rows(line.batches, place, item=line.item_code, quantity=None)
        body["InventoryPostingBatchNumbers"] = rows
    return body | _base(line.base, COUNTING_TYPE)


def _put_count_key(
    body: Body, request: CountRequest | CountPostingRequest, settings: SapSettings
) -> None:
    """The key in its own field, or in Remarks where the company has none."""
    put(body, "BranchID", request.branch)
    if settings.count_key_field is not None:
        body[settings.count_key_field] = request.key
        put(body, "Remarks", request.comments)
        return
    if request.comments:
        raise RequestInvalid("Counts have no field for words while Remarks carries their key.")
    body["Remarks"] = request.key


def _goods(item_code: str, quantity: Decimal, uom_entry: int | None) -> Body:
    if quantity <= 0:
        raise RequestInvalid(f"The quantity of {item_code} must be above zero.")
    body: Body = {"ItemCode": item_code, "Quantity": quantity}
    put(body, "UoMEntry", uom_entry)
    return body


def _batches(line: ReceivedLine | TransferLine | MovementLine, place: int) -> Body:
    if not line.batches:
        return {}
    told = line.quantity if line.uom_entry is None else None
    return {"BatchNumbers": batch_rows(line.batches, place, item=line.item_code, quantity=told)}


def _base(base: BaseLine | None, base_type: int | str) -> Body:
    if base is None:
        return {}
    return {"BaseType": base_type, "BaseEntry": base.entry, "BaseLine": base.line}


def _check_lines(key: str, lines: Sequence[object]) -> None:
    if not lines:
        raise RequestInvalid(f"The document {key} has no lines.")


def _checked(body: Body, key_field: str | None) -> Body:
    check_values(body, key_field=key_field)
    return body
