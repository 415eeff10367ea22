"""Documents of SAP as rows, read into what we call them; what cannot be read is never a default."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sync.errors import Unavailable
from sync.sap.client import Row
from sync.sap.requests import ZERO, BatchPick, LineState, Posted

ONE = Decimal(1)
EARLIEST = 1900
"""The first year a day of SAP is believed."""


def posted(row: Row, *, with_lines: bool = False) -> Posted:
    """A document with totals.

    Args:
        row: as SAP sent it.
        with_lines: read its lines, too; the row has to contain them.

    Raises:
        Unavailable: it cannot be read.
    """
    try:
        return Posted(
            doc_entry=int(row["DocEntry"]),
            doc_num=int(row["DocNum"]),
            doc_total=decimal(row["DocTotal"]),
            doc_total_fc=decimal(row.get("DocTotalFc")),
            vat_sum=decimal(row.get("VatSum")),
            # Missing, not zero, would read as unpaid (production lesson L19).
            paid_to_date=decimal(row["PaidToDate"]),
            paid_to_date_fc=decimal(row.get("PaidToDateFC")),
            currency=row.get("DocCurrency") or "",
            card_code=row.get("CardCode") or "",
            num_at_card=row.get("NumAtCard") or "",
            doc_date=read_day(row.get("DocDate")),
            status=_status(row),
            cancelled=row.get("Cancelled") == "tYES",
            lines=tuple(line(one) for one in row["DocumentLines"]) if with_lines else (),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Unavailable(f"SAP sent a document that cannot be read: {error!r}") from error


def payment(row: Row, reference: str) -> Posted:
    """A payment; its total is that of its means, since SAP keeps none.

    Raises:
        KeyError, ValueError, TypeError: it cannot be read.
    """
    cards = [card.get("CreditSum") for card in row.get("PaymentCreditCards") or ()]
    checks = [check.get("CheckSum") for check in row.get("PaymentChecks") or ()]
    means = [row.get("CashSum"), row.get("TransferSum"), *cards, *checks]
    total = sum((decimal(amount) for amount in means), ZERO)
    return Posted(
        doc_entry=int(row["DocEntry"]),
        doc_num=int(row["DocNum"]),
        doc_total=total,
        doc_total_fc=ZERO,
        vat_sum=ZERO,
        paid_to_date=ZERO,
        paid_to_date_fc=ZERO,
        currency=row.get("DocCurrency") or "",
        card_code=row.get("CardCode") or "",
        num_at_card=reference,
        doc_date=read_day(row.get("DocDate")),
        status="closed",
        cancelled=row.get("Cancelled") == "tYES",
    )


def line(row: Row) -> LineState:
    """One line of a document; raises KeyError, ValueError, TypeError for one that is none."""
    return LineState(
        line=int(row["LineNum"]),
        item_code=row.get("ItemCode") or "",
        warehouse=row.get("WarehouseCode") or "",
        quantity=decimal(row["Quantity"]),
        # Missing, not zero, would read as nothing to come.
        open_quantity=decimal(row["RemainingOpenQuantity"]),
        is_open=row.get("LineStatus") == "bost_Open",
        batches=tuple(
            BatchPick(str(lot["BatchNumber"]), decimal(lot["Quantity"]))
            for lot in row.get("BatchNumbers") or ()
        ),
    )


def lots(line: Row) -> Iterator[tuple[str, Decimal]]:
    """Batch or serial number and quantity of what a line moves, of every kind of document.

    Raises KeyError, ValueError, TypeError for a row that is none.
    """
    for name in ("BatchNumbers", "InventoryPostingBatchNumbers", "InventoryCountingBatchNumbers"):
        for row in line.get(name) or ():
            yield str(row["BatchNumber"]), decimal(row["Quantity"])
    for row in line.get("SerialNumbers") or ():
        yield str(row["InternalSerialNumber"]), ONE


def _status(row: Row) -> str:
    return "open" if row.get("DocumentStatus") == "bost_Open" else "closed"


def decimal(value: Any) -> Decimal:
    """A number of SAP; null is zero."""
    return ZERO if value is None else Decimal(value)


def read_day(value: Any) -> date | None:
    """A SAP date, with or without its time of day, as a date; null is None.

    Raises:
        Unavailable: any other shape, or a day no shop has seen; never a default (lesson L70).
    """
    if value is None or value == "":
        return None
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        day = date.min
    if day.year < EARLIEST:
        raise Unavailable(f"SAP sent the day {value!r}, which cannot be read.")
    return day
