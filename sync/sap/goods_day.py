"""What SAP booked on one day of goods and promises: orders, arrivals, transfers, movements, counts.

As `sync.sap.day`, with one read per set, however many documents of ours there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sync.errors import Unavailable
from sync.sap.client import Row, ServiceLayer
from sync.sap.day import REVERSAL, taxes_of
from sync.sap.goods_documents import ASIDE, COUNTINGS, POSTINGS, PURCHASE_RECEIPTS
from sync.sap.goods_requests import MovementKind, OrderKind, TransferKind
from sync.sap.held import lots, read_day
from sync.sap.master import CODES_PER_REQUEST, decimal_of
from sync.sap.paging import by_key, counted, read_text
from sync.sap.query import Query, any_of, equals

Place = tuple[str, str, str]
"""Item, warehouse it comes from (empty where it does not move between two), warehouse."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a set tells what a document is."""

    entry: str = "DocEntry"
    number: str = "DocNum"
    day: str = "DocDate"
    lines: str = "DocumentLines"
    quantity: str = "Quantity"
    more: tuple[str, ...] = ("Cancelled", "CancelStatus")


_MONEY = (
    "CardCode", "DocCurrency", "DocTotal", "DocTotalFc", "VatSum", "VatSumFc", "Cancelled",
    "CancelStatus",
)  # fmt: skip
_MOVEMENT = _Shape(more=("DocTotal", "Cancelled", "CancelStatus"))
_TRADE = _Shape(more=_MONEY)
_MOVED = _Shape(lines="StockTransferLines", more=())
_SHAPES: Mapping[str, _Shape] = {
    OrderKind.QUOTATION.value: _TRADE,
    OrderKind.ORDER.value: _TRADE,
    OrderKind.PURCHASE_ORDER.value: _TRADE,
    PURCHASE_RECEIPTS: _TRADE,
    TransferKind.REQUEST.value: _MOVED,
    TransferKind.TRANSFER.value: _MOVED,
    COUNTINGS: _Shape(
        "DocumentEntry", "DocumentNumber", "CountDate", "InventoryCountingLines", "Variance", ()
    ),
    POSTINGS: _Shape(
        "DocumentEntry", "DocumentNumber", "PostingDate", "InventoryPostingLines", "Variance", ()
    ),
    MovementKind.ISSUE.value: _MOVEMENT,
    MovementKind.RECEIPT.value: _MOVEMENT,
}
SETS = tuple(_SHAPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsDocument:
    """A document that moves, counts or promises goods; SAP marks no transfer as cancelled.

    Attributes:
        key: our key, empty for a document nobody here asked for.
        card_code, currency: empty where a document has no partner; the currency is SAP's own code.
        total: in its own currency, of a movement in the local one; None where it has none.
        vat: in its own currency; None where it has none.
        taxes: gross amount by VAT group.
        accounts: of the reasons of a movement, each once.
        quantities: by item and place; of a count what it is off.
        batches: quantity by item and place, and batch; a counting's are what was there.
    """

    set_name: str
    doc_entry: int
    doc_num: int
    doc_date: date | None
    key: str
    card_code: str
    currency: str
    total: Decimal | None
    quantities: Mapping[Place, Decimal]
    is_cancelled: bool
    vat: Decimal | None = None
    taxes: Mapping[str, Decimal] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    batches: Mapping[tuple[Place, str], Decimal] = field(default_factory=dict)


def goods(sl: ServiceLayer, day: date, *, local_currency: str) -> Iterator[GoodsDocument]:
    """Every document of the day; a counting that another replaced is none.

    Raises:
        SapRejected, Unavailable: also in the middle; what came before is then not the day.
        IncompleteRead: rows are missing.
    """
    for set_name, shape in _SHAPES.items():
        where = equals(shape.day, day)
        rows = by_key(sl, set_name, shape.entry, _query(sl, set_name, where))
        for row in counted(sl, set_name, where, rows):
            is_aside = set_name == COUNTINGS and read_text(row, _field(sl, set_name)).endswith(
                ASIDE
            )
            if row.get("CancelStatus") != REVERSAL and not is_aside:
                yield _read(sl, set_name, row, local_currency)


def goods_by_entry(
    sl: ServiceLayer, set_name: str, entries: Sequence[int], *, local_currency: str
) -> Iterator[GoodsDocument]:
    """Documents by what SAP calls them, whatever day they are of; unknown ones yield none."""
    shape = _SHAPES[set_name]
    for place in range(0, len(entries), CODES_PER_REQUEST):
        where = any_of(shape.entry, entries[place : place + CODES_PER_REQUEST])
        for row in by_key(sl, set_name, shape.entry, _query(sl, set_name, where)):
            yield _read(sl, set_name, row, local_currency)


def is_words(sl: ServiceLayer, set_name: str) -> bool:
    """Whether people write their own words where the keys of a set stand."""
    return _field(sl, set_name) == "Remarks"


def _field(sl: ServiceLayer, set_name: str) -> str:
    if set_name in (COUNTINGS, POSTINGS):
        return sl.settings.count_key_field or "Remarks"
    return sl.settings.key_field


def _query(sl: ServiceLayer, set_name: str, where: str) -> Query:
    shape = _SHAPES[set_name]
    own = (shape.entry, shape.number, shape.day, _field(sl, set_name))
    return Query(select=(*own, *shape.more, shape.lines), where=where)


def _read(sl: ServiceLayer, set_name: str, row: Row, local_currency: str) -> GoodsDocument:
    shape = _SHAPES[set_name]
    try:
        has_total, has_partner = "DocTotal" in shape.more, "CardCode" in shape.more
        currency = (row.get("DocCurrency") or local_currency) if has_total else ""
        fc = "" if currency == local_currency else "Fc"
        return GoodsDocument(
            set_name=set_name,
            doc_entry=int(row[shape.entry]),
            doc_num=int(row[shape.number]),
            doc_date=read_day(row[shape.day]),
            key=read_text(row, _field(sl, set_name)),
            card_code=read_text(row, "CardCode") if has_partner else "",
            currency=currency,
            total=decimal_of(row[f"DocTotal{fc}"]) if has_total else None,
            quantities=_quantities(row[shape.lines], shape.quantity),
            is_cancelled=row.get("Cancelled") == "tYES",
            vat=decimal_of(row[f"VatSum{fc}"]) if has_partner else None,
            taxes=taxes_of(row[shape.lines], f"GrossTotal{fc.upper()}") if has_partner else {},
            accounts=_accounts(row[shape.lines]) if has_total and not has_partner else (),
            batches=_batches(row[shape.lines]),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Unavailable(f"SAP sent a document that cannot be read: {error!r}") from error


def _quantities(lines: Sequence[Row], name: str) -> dict[Place, Decimal]:
    made: dict[Place, Decimal] = {}
    for line in lines:
        place = _place(line)
        made[place] = made.get(place, Decimal(0)) + decimal_of(line[name])
    return made


def _batches(lines: Sequence[Row]) -> dict[tuple[Place, str], Decimal]:
    made: dict[tuple[Place, str], Decimal] = {}
    for line in lines:
        for batch, quantity in lots(line):
            lot = (_place(line), batch)
            made[lot] = made.get(lot, Decimal(0)) + quantity
    return made


def _place(line: Row) -> Place:
    names = ("ItemCode", "FromWarehouseCode", "WarehouseCode")
    item, source, target = (read_text(line, one) for one in names)
    return item, source, target


def _accounts(lines: Sequence[Row]) -> tuple[str, ...]:
    return tuple(sorted({read_text(line, "AccountCode") for line in lines}))
