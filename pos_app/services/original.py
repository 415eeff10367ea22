"""The receipt a note is made against, with what is still left of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, RowMapping

from fiscal.messages import Buyer, ReceiptRequest
from pos_app.domain.currency import Rate
from pos_app.domain.fiscal import FiscalState
from pos_app.domain.money import Money
from pos_app.domain.note import NotAnOriginal, OriginalNotFiled
from pos_app.domain.quantity import from_micro
from pos_app.domain.refund import SoldLine
from pos_app.domain.tax import TaxGroup, TaxKind
from pos_app.errors import NotFound
from pos_app.services.rate import BASE, QUOTE
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import item as items
from pos_app.store import original as originals
from pos_app.store import sale as sales
from pos_app.store import stock

Row = RowMapping | Mapping[str, Any]

WEIGHT_DECIMALS = 3
"""Of an item nobody knows any more."""


class ReceiptElsewhere(NotFound):
    """The receipt was not sold on this till."""

    code = "receipt_elsewhere"

    def __init__(self, receipt: str) -> None:
        super().__init__(
            f"This till has not sold receipt {receipt}: check the number, correct it on its own "
            "till, or enter it from its paper with a manager.",
            receipt=receipt,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Where and how the original was filed.

    Attributes:
        number: as it was sent to its device.
        filed_at: the device's local time, as it printed it.
        taxes: tax ids with their percentages, as filed; empty when nobody knows.
        buyer: who was named to the device.
    """

    number: str
    device_id: str
    device_serial: str
    receipt_global_no: int
    fiscal_day: int
    filed_at: str
    taxes: frozenset[tuple[str, Decimal | None]] = frozenset()
    buyer: Buyer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalLine:
    """One line of it, with what a note copies from it and never computes anew.

    Attributes:
        sold: quantities and amounts, with what came back already.
        batches: what of each batch is still out, in the order it left.
    """

    sold: SoldLine
    name: str
    unit_price: Decimal
    discount_percent: Decimal
    price_list: str
    price_rule: str
    hs_code: str
    batches: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A receipt as notes see it.

    Attributes:
        id: of the sale, wherever it was made.
        is_own: whether it was sold on this installation.
        paid_with: tender type and currency of each tender, the largest first.
        filed: what the tax authority knows as its total.
        left: filed, less credit notes, plus debit notes, whether they are filed yet or not.
        filing: None only where a shop has no fiscal device.
        is_entered: whether it was entered from its paper.
    """

    id: str
    receipt: str
    is_own: bool
    sold_on: date
    at: datetime
    partner: str
    partner_name: str
    currency: str
    rate: Rate | None
    total: Money
    filed: Money
    left: Money
    lines: tuple[OriginalLine, ...]
    paid_with: tuple[tuple[str, str], ...]
    filing: Filing | None
    is_entered: bool = False

    @property
    def sold(self) -> tuple[SoldLine, ...]:
        """Its lines for the rules."""
        return tuple(line.sold for line in self.lines)

    def line(self, number: int) -> OriginalLine:
        """One of its lines, which is there."""
        return next(line for line in self.lines if line.sold.number == number)


def show(shop: Shop, receipt: str) -> Original:
    """A receipt that is known on this till, its own or another one's, with what is left of it.

    Raises:
        ReceiptElsewhere: it is not known here.
        NotAnOriginal: it is a note itself.
        OriginalNotFiled: its own record at the fiscal device is not settled.
    """
    with shop.store.read() as connection:
        return load(shop, connection, receipt)


def load(shop: Shop, connection: Connection, receipt: str) -> Original:
    """The same inside a transaction, whose lock makes what is left certain."""
    sale = sales.by_receipt(connection, receipt)
    if sale is not None:
        return _own(shop, connection, sale)
    known = originals.by_number(connection, receipt)
    if known is None:
        raise ReceiptElsewhere(receipt)
    return of_row(shop, connection, known)


def _own(shop: Shop, connection: Connection, sale: Row) -> Original:
    if sale["kind"] != "invoice":
        raise NotAnOriginal(sale["receipt"])
    row = journal.by_sale(connection, sale["id"])
    filing = _filing(shop, sale, row)
    currency, total = sale["currency"], Money(sale["total"], sale["currency"])
    filed = _filed_total(row, total) if row else total
    rows = sales.lines_of(connection, sale["id"])
    notes = sales.notes_of(connection, sale["id"])
    decimals = _decimals(connection, [line["item"] for line in rows])
    back = _Back.of(connection, sale["id"])
    out = _batches(stock.moves_of(connection, sale["id"]))
    lines = tuple(
        OriginalLine(
            sold=_sold(
                shop,
                line,
                currency,
                decimals=decimals.get(line["item"], WEIGHT_DECIMALS),
                back=back,
            ),
            name=line["name"],
            unit_price=line["unit_price"],
            discount_percent=line["discount_percent"],
            price_list=line["price_list"],
            price_rule=line["price_rule"],
            hs_code=line["hs_code"],
            batches=back.left_of(line["line"], out.get(line["line"], {})),
        )
        for line in rows
    )
    return Original(
        id=sale["id"],
        receipt=sale["receipt"],
        is_own=True,
        sold_on=sale["business_date"],
        at=sale["posted_at"],
        partner=sale["partner"],
        partner_name=sale["partner_name"],
        currency=currency,
        rate=_rate(sale["rate"], sale["posted_at"]),
        total=total,
        filed=filed,
        left=filed + _summed(notes, currency),
        lines=lines,
        paid_with=_paid_with(sales.tenders_of(connection, sale["id"])),
        filing=filing,
    )


def _filing(shop: Shop, sale: Row, row: RowMapping | None) -> Filing | None:
    """Its fiscal record, which must be settled before it can be corrected.

    Raises:
        OriginalNotFiled: it is not.
    """
    if row is None:
        if shop.rules.fiscal.is_required:
            raise OriginalNotFiled(sale["receipt"], None)
        return None
    state = FiscalState(row["state"])
    if state is not FiscalState.FISCALISED:
        raise OriginalNotFiled(sale["receipt"], state)
    # What a till filed is told to the server without the request itself.
    request = ReceiptRequest.from_json(row["request"]) if row["request"] else None
    return Filing(
        number=row["number"],
        device_id=row["device_id"] or "",
        device_serial=row["device_serial"] or "",
        receipt_global_no=row["receipt_global_no"] or 0,
        fiscal_day=row["fiscal_day"] or 0,
        filed_at=row["filed_at"] or "",
        taxes=frozenset((line.tax_id, line.tax_percent) for line in request.lines)
        if request
        else frozenset(),
        buyer=request.buyer if request else None,
    )


def _filed_total(row: RowMapping, total: Money) -> Money:
    """What the device says it filed; the total we sent where its answer is thin."""
    told = _find(row["reply"], "receipttotal")
    try:
        return abs(Money.rounded(Decimal(str(told)), total.currency)) if told else total
    except InvalidOperation:
        return total


def _find(data: Any, name: str) -> Any:
    if isinstance(data, Mapping):
        for key, value in data.items():
            found = value if str(key).lower() == name else _find(value, name)
            if found is not None:
                return found
    return None


def of_row(shop: Shop, connection: Connection, row: Row) -> Original:
    """One of another till, device or time; what came back elsewhere is as the server told it."""
    currency, total = row["currency"], Money(row["total"], row["currency"])
    here = sales.notes_of(connection, row["id"])
    mine = {note["id"] for note in here}
    there = [note for note in row["notes"] if note["id"] not in mine]
    back = _Back.of(connection, row["id"], more=there)
    lines = tuple(_foreign_line(shop, line, currency, back) for line in row["lines"])
    elsewhere = Money(sum(note["total"] for note in there), currency)
    at = datetime.combine(row["business_date"], datetime.min.time(), UTC)
    return Original(
        id=row["id"],
        receipt=row["number"],
        is_own=False,
        sold_on=row["business_date"],
        at=at,
        partner=row["partner"],
        partner_name=row["partner_name"],
        currency=currency,
        rate=_rate(row["rate"], at),
        total=total,
        filed=total,
        left=total + _summed(here, currency) + elsewhere,
        lines=lines,
        paid_with=(),
        filing=Filing(
            number=row["number"],
            device_id=row["device_id"],
            device_serial=row["device_serial"],
            receipt_global_no=row["receipt_global_no"],
            fiscal_day=row["fiscal_day"],
            filed_at=row["filed_at"],
        ),
        is_entered=row["source"] == "entered",
    )


def _foreign_line(shop: Shop, line: Mapping[str, Any], currency: str, back: _Back) -> OriginalLine:
    told = {**line, "quantity": from_micro(line["quantity"])}
    percent = line["tax_percent"]
    told["tax_percent"] = None if percent is None else from_micro(percent)
    return OriginalLine(
        sold=_sold(shop, told, currency, decimals=line["decimals"], back=back),
        name=line["name"],
        unit_price=from_micro(line["unit_price"]),
        discount_percent=from_micro(line["discount_percent"]),
        price_list=line["price_list"],
        price_rule=line["price_rule"],
        hs_code=line["hs_code"],
        batches=back.left_of(
            line["line"], {batch: from_micro(micro) for batch, micro in line["batches"]}
        ),
    )


@dataclass(frozen=True, slots=True)
class _Back:
    """What notes took back of each line: quantity, minor units, and of which batch."""

    quantities: Mapping[int, Decimal]
    minors: Mapping[int, int]
    batches: Mapping[tuple[int, str], Decimal]

    @classmethod
    def of(
        cls, connection: Connection, original_id: str, *, more: Iterable[Mapping[str, Any]] = ()
    ) -> _Back:
        """Sum the notes of this installation, and those told from elsewhere."""
        quantities: dict[int, Decimal] = {}
        minors: dict[int, int] = {}
        rows = [dict(row) for row in sales.note_lines_of(connection, original_id)]
        rows += [
            {**line, "quantity": from_micro(line["quantity"])}
            for note in more
            for line in note["lines"]
        ]
        for row in rows:
            number = row["original_line"]
            quantities[number] = quantities.get(number, Decimal(0)) - row["quantity"]
            minors[number] = minors.get(number, 0) - row["gross"]
        return cls(quantities, minors, _batches_back(connection, original_id))

    def left_of(self, line: int, out: Mapping[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
        """What of each batch is still with the customer."""
        rows = (
            (batch, quantity - self.batches.get((line, batch), Decimal(0)))
            for batch, quantity in out.items()
        )
        return tuple((batch, left) for batch, left in rows if left > 0)


def _batches_back(connection: Connection, original_id: str) -> dict[tuple[int, str], Decimal]:
    found: dict[tuple[int, str], Decimal] = {}
    lines = sales.note_lines_of(connection, original_id)
    of_line = {(row["sale_id"], row["line"]): row["original_line"] for row in lines}
    for note_id in sorted({row["sale_id"] for row in lines}):
        for move in stock.moves_of(connection, note_id):
            key = (of_line[note_id, move["line"]], move["batch"])
            found[key] = found.get(key, Decimal(0)) + move["quantity"]
    return found


def _batches(moves: Sequence[RowMapping]) -> dict[int, dict[str, Decimal]]:
    """Which batches left with which line."""
    found: dict[int, dict[str, Decimal]] = {}
    for move in moves:
        if move["batch"]:
            out = found.setdefault(move["line"], {})
            out[move["batch"]] = out.get(move["batch"], Decimal(0)) - move["quantity"]
    return found


def _sold(shop: Shop, line: Row, currency: str, *, decimals: int, back: _Back) -> SoldLine:
    number = line["line"]
    return SoldLine(
        number=number,
        item=line["item"],
        quantity=line["quantity"],
        decimals=decimals,
        uom=line["uom"],
        gross=Money(line["gross"], currency),
        tax=_tax(shop, line["tax_group"], line["tax_percent"]),
        returned=back.quantities.get(number, Decimal(0)),
        credited=Money(back.minors.get(number, 0), currency),
    )


def _tax(shop: Shop, code: str, percent: Decimal | None) -> TaxGroup:
    """The group as it was sold; without an id of the device where that files another percent now.

    Groups the device cannot tell apart are one group on the note as they were on the receipt.
    """
    kind = TaxKind.EXEMPT if percent is None else TaxKind.STANDARD if percent else TaxKind.ZERO
    today = shop.rules.taxes.get(code)
    is_same = today is not None and today.percent == percent
    return TaxGroup(
        code=code,
        name=code,
        kind=kind,
        percent=percent,
        fiscal_tax_id=today.tax_id if today is not None and is_same else "",
        fiscal_code=today.code if today is not None and is_same else code,
        sap_vat_group=code,
        valid_from=date.min,
    )


def _decimals(connection: Connection, codes: Sequence[str]) -> dict[str, int]:
    known = items.find_by_codes(connection, codes)
    return {code: found.decimals for code, found in known.items()}


def _summed(notes: Sequence[RowMapping], currency: str) -> Money:
    """The notes with their signs."""
    return Money(sum(note["total"] for note in notes), currency)


def _rate(rate: Decimal | None, at: datetime) -> Rate | None:
    return None if rate is None else Rate(BASE, QUOTE, rate, at)


def _paid_with(tenders: Sequence[RowMapping]) -> tuple[tuple[str, str], ...]:
    by_worth = sorted(tenders, key=lambda row: -row["in_document"])
    return tuple((row["type"], row["currency"]) for row in by_worth)
