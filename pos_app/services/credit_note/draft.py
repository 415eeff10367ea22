"""What a credit note would come to: lines of its invoice, at what was charged for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import Connection

from pos_app.domain.credit_note import CreditNoteType
from pos_app.domain.money import Money, half_up, multiply
from pos_app.domain.note import (
    NoteKind,
    WantedLine,
    check_balance,
    check_reason,
    compose,
    everything_left,
)
from pos_app.domain.price import after_discount
from pos_app.domain.refund import Refund, check_age
from pos_app.domain.tax import vat_on_net
from pos_app.errors import InvalidInput, RuleBroken
from pos_app.services import invoice_price, invoice_view, note_request
from pos_app.services import original as lookup
from pos_app.services.credit_note.asked import AskedCreditNote, AskedLine
from pos_app.services.original import Original, OriginalLine
from pos_app.services.shop import Shop
from pos_app.store import invoice as invoices
from pos_app.store import sale as sales
from pos_app.store import warehouse as warehouses
from pos_app.store.fast import Record

CENT = Decimal("0.01")


class InvoiceUncreditable(InvalidInput):
    """A credit note corrects an invoice, and the law wants it named (ZIMRA RCPT015)."""

    code = "invoice_uncreditable"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} {why}: name a posted invoice of this customer.", reason=why)


class LineUncreditable(InvalidInput):
    """A line that is none of the invoice's, or could be two of them."""

    code = "line_uncreditable"

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"Line {line} {why}.", line=line, reason=why)


class NoDevice(RuleBroken):
    """What was filed on a fiscal device is corrected on one."""

    code = "no_fiscal_device"

    def __init__(self, receipt: str) -> None:
        super().__init__(
            f"Receipt {receipt} was filed on a fiscal device and this server has none: "
            "make the credit note at a till.",
            receipt=receipt,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A credit note that could be posted now.

    Attributes:
        invoice_row: the invoice it corrects.
        wanted: what is asked of each line, and where its goods come back to.
    """

    original: Original
    invoice_row: Record
    wanted: tuple[WantedLine, ...]
    note: Refund
    reason: str


def draft(
    shop: Shop,
    connection: Connection,
    asked: AskedCreditNote,
    *,
    allowed: Sequence[str],
    username: str,
) -> Draft:
    """Work a credit note out by everything that is known now; nothing is stored.

    Raises:
        InvoiceUncreditable, LineUncreditable, WarehouseNotYours: it asks for something else.
        OriginalNotFiled, NoDevice: the invoice's own fiscal record is not there to correct.
        ReturnTooMuch, CreditTooMuch, BalanceExceeded, NothingLeft: more than is left.
        RefundTooOld, TaxNotAsSold: the law says no.
    """
    reason = check_reason(asked.reason)
    row = _invoice(shop, connection, asked)
    sale = sales.by_id(connection, row["id"])
    if sale is None:
        raise InvoiceUncreditable(f"Invoice {asked.invoices[0]}", "is not posted")
    original = lookup.load(shop, connection, sale["receipt"])
    if original.filing is not None and not shop.rules.fiscal.is_required:
        raise NoDevice(original.receipt)
    check_age(original.sold_on, shop.today)
    _check_places(connection, asked, allowed=allowed, username=username)
    lines = {line["line"]: line["warehouse"] for line in sales.lines_of(connection, row["id"])}
    wanted = tuple(
        replace(ask, warehouse=ask.warehouse or lines[ask.line])
        for ask in _wanted(shop, original, asked, is_gross=sale["is_gross"])
    )
    made = compose(NoteKind.CREDIT, original.sold, wanted)
    if shop.rules.fiscal.is_required:
        note_request.check_taxes(original, made)
    check_balance(original.receipt, asked=made.total, left=original.left)
    return Draft(original=original, invoice_row=row, wanted=wanted, note=made, reason=reason)


def _invoice(shop: Shop, connection: Connection, asked: AskedCreditNote) -> Record:
    found = (invoice_view.find(connection, number) for number in asked.invoices)
    row = next((row for row in found if row is not None), None)
    if row is not None:
        # Of two who credit it at once the second sees what the first has left.
        row = invoices.held(connection, row["id"])
    if row is None:
        name = f"Invoice {asked.invoices[0]}" if asked.invoices else "The credit note"
        raise InvoiceUncreditable(name, "does not exist" if asked.invoices else "names no invoice")
    name = f"Invoice {asked.invoices[0]}"
    if asked.partner and asked.partner != row["partner"]:
        raise InvoiceUncreditable(name, f"is not one of customer {asked.partner}")
    if asked.currency and shop.rules.currencies.get(asked.currency).code != row["currency"]:
        raise InvoiceUncreditable(name, f"is in {row['currency']}")
    return row


def _check_places(
    connection: Connection,
    asked: AskedCreditNote,
    *,
    allowed: Sequence[str],
    username: str,
) -> None:
    places = {asked.warehouse, *(line.warehouse for line in asked.lines)} - {""}
    for place in sorted(places):
        known = warehouses.by_code(connection, place)
        if known is None or not known.is_active:
            raise LineUncreditable(0, f"would come back to {place}, which is not in use")
    invoice_price.check_places_of(username, places, allowed)


def _wanted(
    shop: Shop, original: Original, asked: AskedCreditNote, *, is_gross: bool
) -> Iterator[WantedLine]:
    is_damaged = asked.type is CreditNoteType.DAMAGE
    if not asked.lines:
        for row in everything_left(original.sold, original.receipt):
            yield _placed(shop, row, asked, "", is_damaged=is_damaged)
        return
    left = {line.sold.number: line.sold.returnable for line in original.lines}
    for number, line in enumerate(asked.lines):
        found = _line_of(original, line, number, left)
        if not asked.type.is_of_goods:
            amount = _amount(line, found, original.currency, is_gross=is_gross)
            yield WantedLine(line=found.sold.number, amount=amount)
            continue
        _check_price(line, found, number)
        left[found.sold.number] -= line.quantity
        row = WantedLine(line=found.sold.number, quantity=line.quantity, batch=line.batch)
        yield _placed(shop, row, asked, line.warehouse, is_damaged=is_damaged)


def _placed(
    shop: Shop, row: WantedLine, asked: AskedCreditNote, own: str, *, is_damaged: bool
) -> WantedLine:
    """Where goods come back to, if they do; damaged ones to the place for such, if there is one."""
    place = own or asked.warehouse
    if is_damaged and shop.rules.damaged_warehouse:
        place = shop.rules.damaged_warehouse
    return WantedLine(
        line=row.line,
        quantity=row.quantity,
        batch=row.batch,
        warehouse=place,
        is_restocked=asked.is_restocked,
    )


def _line_of(
    original: Original, asked: AskedLine, number: int, left: dict[int, Decimal]
) -> OriginalLine:
    """The line that is meant: the one named, else the first of that item with enough left."""
    same = [line for line in original.lines if line.sold.item == asked.item]
    if asked.original is not None:
        named = [line for line in same if line.sold.number == asked.original + 1]
        if not named:
            why = f"names line {asked.original} of the invoice, which is not one of {asked.item}"
            raise LineUncreditable(number, why)
        return named[0]
    if not same:
        raise LineUncreditable(number, f"is of {asked.item}, which the invoice does not have")
    enough = [line for line in same if left[line.sold.number] >= asked.quantity]
    return (enough or same)[0]


def _check_price(asked: AskedLine, found: OriginalLine, number: int) -> None:
    """Goods are credited at what was charged; another price is another type of note."""
    if asked.unit_price is not None and abs(asked.unit_price - found.unit_price) > CENT:
        why = (
            f"was charged at {found.unit_price.normalize():f} and would be credited at "
            f"{asked.unit_price.normalize():f}: use type Adjustment to correct a price"
        )
        raise LineUncreditable(number, why)


def _amount(asked: AskedLine, found: OriginalLine, currency: str, *, is_gross: bool) -> Money:
    """What a price is corrected by, VAT included."""
    price = found.unit_price if asked.unit_price is None else asked.unit_price
    price = half_up(after_discount(price, asked.discount_percent), 6)
    amount = Money.rounded(multiply(price, asked.quantity), currency)
    return amount if is_gross else amount + vat_on_net(amount, found.sold.tax.percent)
