"""What a sales order still promises in SAP, line by line, and how it is brought to promise less.

Service Layer changes a line that is named by its number and leaves the others as they are. No line
goes below what was delivered of it, and one of which nothing is open is closed instead: what was
ordered stays on it. A change is believed only when it is read back (production lesson L59).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sync.errors import OutcomeUnknown, Unavailable
from sync.sap import held
from sync.sap.client import ServiceLayer
from sync.sap.errors import SapRejected
from sync.sap.goods_requests import OrderKind
from sync.sap.master import CODES_PER_REQUEST
from sync.sap.query import Query, any_of, entity
from sync.sap.requests import ZERO, LineState

SELECT = ("DocEntry", "DocNum", "DocumentStatus", "Cancelled", "DocumentLines")
ORDERS = 17
"""What lines that follow a sales order name as the type of their base."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """A sales order as SAP shows it.

    Attributes:
        is_over: closed or cancelled as a whole.
        version: to be handed back with a change; None where SAP keeps none.
    """

    doc_entry: int
    doc_num: int
    is_over: bool
    lines: tuple[LineState, ...]
    version: str | None


def read(sl: ServiceLayer, doc_entry: int) -> OpenOrder | None:
    """A sales order and what is open of it now; None when SAP proves that there is none.

    Raises:
        SyncError: SAP could not be asked.
    """
    found = sl.find_version(OrderKind.ORDER, doc_entry, Query(select=SELECT))
    if found is None:
        return None
    row = found.row
    try:
        return OpenOrder(
            doc_entry=int(row["DocEntry"]),
            doc_num=int(row["DocNum"]),
            is_over=row["DocumentStatus"] != "bost_Open" or row["Cancelled"] == "tYES",
            lines=tuple(held.line(line) for line in row["DocumentLines"]),
            version=found.etag,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Unavailable(f"SAP sent an order that cannot be read: {error!r}") from error


def followed(sl: ServiceLayer, order: int, invoices: Sequence[int]) -> dict[int, Decimal]:
    """How much of each line of an order these invoices took of it in SAP, by the line's number.

    Raises:
        SyncError: SAP could not be asked, which is not "nothing".
    """
    made: dict[int, Decimal] = {}
    for first in range(0, len(invoices), CODES_PER_REQUEST):
        where = any_of("DocEntry", invoices[first : first + CODES_PER_REQUEST])
        query = Query(select=("DocEntry", "DocumentLines"), where=where)
        for row in sl.rows("Invoices", query):
            for base, quantity in _bases(row.get("DocumentLines"), order):
                made[base] = made.get(base, ZERO) + quantity
    return made


def _bases(lines: object, order: int) -> Iterable[tuple[int, Decimal]]:
    if not isinstance(lines, list):
        raise Unavailable("SAP sent an invoice without its lines.")
    try:
        return [
            (int(line["BaseLine"]), held.decimal(line["Quantity"]))
            for line in lines
            if line.get("BaseType") == ORDERS and line.get("BaseEntry") == order
        ]
    except (KeyError, ValueError, TypeError) as error:
        raise Unavailable(f"SAP sent an invoice that cannot be read: {error!r}") from error


def lower(sl: ServiceLayer, order: OpenOrder, lines: Mapping[int, Decimal | None]) -> OpenOrder:
    """Bring lines of an order to another quantity, or close them where it is None; once.

    Returns:
        The order as SAP shows it afterwards, whatever it did.

    Raises:
        SapRejected: SAP refused, also since the order is another by now; nothing was changed.
        Unavailable: proven not processed.
        OutcomeUnknown: it may have been; read the order.
    """
    rows = [_change(line, quantity) for line, quantity in sorted(lines.items())]
    path = entity(OrderKind.ORDER, order.doc_entry)
    sl.patch(path, {"DocumentLines": rows}, etag=order.version)
    try:
        shown = read(sl, order.doc_entry)
    except (SapRejected, Unavailable) as error:
        raise OutcomeUnknown(f"Sales order {order.doc_num} after its change: {error}") from error
    if shown is None:
        raise OutcomeUnknown(f"SAP does not show sales order {order.doc_num} after its change.")
    return shown


def _change(line: int, quantity: Decimal | None) -> dict[str, object]:
    told = {"LineStatus": "bost_Close"} if quantity is None else {"Quantity": quantity}
    return {"LineNum": line, **told}
