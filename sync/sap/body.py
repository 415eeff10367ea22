"""What every body has in common: lengths and codes checked before anything leaves.

SAP truncates nothing: it refuses a text that is too long, and with it the whole document (SAP
Service Layer $metadata and its refusals "Value too long in property").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sync.sap.errors import FieldTooLong, RequestInvalid
from sync.sap.requests import BatchPick, NewBatch

TRANSFER_REFERENCE_MAX = 27
KEY_LENGTH = 100
CODES: Mapping[str, int] = {
    "CardCode": 15,
    "ItemCode": 50,
    "WarehouseCode": 8,
    "FromWarehouseCode": 8,
    "FromWarehouse": 8,
    "ToWarehouse": 8,
    "BatchNumber": 36,
    "VatGroup": 8,
    "DocCurrency": 3,
    "CashAccount": 15,
    "TransferAccount": 15,
    "AccountCode": 15,
    "InventoryOffsetIncreaseAccount": 15,
    "InventoryOffsetDecreaseAccount": 15,
}
"""Codes and their most characters; an empty one names nothing and is refused."""

LENGTHS: Mapping[str, int] = {
    **CODES,
    "NumAtCard": 100,
    "Comments": 254,
    "Remarks": 254,
    "JournalMemo": 50,
    "TransferReference": TRANSFER_REFERENCE_MAX,
    "CounterReference": 8,
    "Reference2": 11,
    "BankCode": 30,
    "Branch": 50,
    "AccounttNum": 50,
    "CostingCode": 8,
    "DistributionRule": 8,
}


def check_values(body: Mapping[str, Any], *, key_field: str | None) -> None:
    """Refuse a text longer than SAP takes, or an empty code, anywhere in a body.

    Raises:
        FieldTooLong, RequestInvalid: nothing was sent.
    """
    for name, value in body.items():
        if isinstance(value, str):
            limit = KEY_LENGTH if name == key_field else LENGTHS.get(name)
            if limit is not None and len(value) > limit:
                raise FieldTooLong(name, value, limit)
            if not value and (name in CODES or name == key_field):
                raise RequestInvalid(f"{name} is empty.")
        elif isinstance(value, list):
            for row in value:
                check_values(row, key_field=key_field)


def batch_rows(
    batches: Sequence[BatchPick | NewBatch], number: int, *, item: str, quantity: Decimal | None
) -> list[dict[str, Any]]:
    """The batches of a line in SAP's words.

    Args:
        batches: at most one of each number.
        number: of the line in its document.
        item: named in a refusal.
        quantity: what they must add up to; None for a line in another unit of measure, whose
            factor only SAP applies here.

    Raises:
        RequestInvalid: a batch is named twice, or they do not add up.
    """
    if len({pick.number for pick in batches}) < len(batches):
        raise RequestInvalid(f"A batch of {item} is named twice on one line.")
    if quantity is not None and sum(pick.quantity for pick in batches) != quantity:
        raise RequestInvalid(f"The batches of {item} do not add up to {quantity}.")
    return [_batch(pick, number) for pick in batches]


def put(body: dict[str, Any], name: str, value: Any) -> None:
    """Add what is said; None and an empty text say nothing."""
    if value is not None and value != "":
        body[name] = value


def _batch(pick: BatchPick | NewBatch, number: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "BatchNumber": pick.number,
        "Quantity": pick.quantity,
        "BaseLineNumber": number,
    }
    if isinstance(pick, NewBatch):
        put(row, "ExpiryDate", pick.expiry and pick.expiry.isoformat())
        put(row, "ManufacturingDate", pick.manufactured and pick.manufactured.isoformat())
    return row
