"""The document something belongs to, found by the number people ask for it with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pos_app.domain.paperwork import DOORS, DocumentKind
from pos_app.domain.permission import Actor, require
from pos_app.domain.trade import TradeKind
from pos_app.errors import RecordNotFound
from pos_app.services import invoice_view, payment_view
from pos_app.services.credit_note import view as notes
from pos_app.services.purchase import view as purchases
from pos_app.services.shop import Shop
from pos_app.services.trade import view as trades
from pos_app.services.transfer import view as transfers
from pos_app.store import partner as partners

NUMBER_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A document.

    Attributes:
        id: its identity for ever.
        number: as it was asked for; 0 of a statement, which goes by its customer.
        name: the number people know it by.
    """

    kind: DocumentKind
    id: str
    number: int
    name: str
    partner: str = ""


def find(
    shop: Shop, actor: Actor, kind: DocumentKind, number: int | str, *, may_edit: bool = False
) -> Subject:
    """The document of a number, for somebody who may see it, or add to it.

    Args:
        shop: the server.
        actor: who asks.
        kind: of document.
        number: our own or SAP's; of a statement, the customer's code.
        may_edit: whether something is added or taken away.

    Raises:
        PermissionMissing: the actor may not.
        RecordNotFound: there is none.
    """
    check(actor, kind, may_edit=may_edit)
    if kind is DocumentKind.STATEMENT:
        return _account(shop, str(number))
    text = str(number)
    if not (text.isascii() and text.isdecimal()) or int(text[:20]) > NUMBER_MOST:
        raise RecordNotFound(kind.value, text[:40])
    return _FINDERS[kind](shop, int(text))


def check(actor: Actor, kind: DocumentKind, *, may_edit: bool = False) -> None:
    """Let an actor pass who may see documents of a kind, or add to them.

    Raises:
        PermissionMissing: the actor may not.
    """
    doors = DOORS[kind]
    require(actor, *doors.view)
    if may_edit:
        require(actor, *doors.edit)


def _account(shop: Shop, code: str) -> Subject:
    with shop.store.read() as connection:
        partner = partners.by_code(connection, code)
    if partner is None:
        raise RecordNotFound("customer", code[:50])
    return Subject(
        kind=DocumentKind.STATEMENT,
        id=f"statement:{partner.code}",
        number=0,
        name=partner.code,
        partner=partner.code,
    )


def _invoice(shop: Shop, number: int) -> Subject:
    found = invoice_view.by_number(shop, number)
    name = found.receipt or str(found.number)
    return _subject(DocumentKind.INVOICE, found.id, number, name, found.partner)


def _credit_note(shop: Shop, number: int) -> Subject:
    found = notes.by_number(shop, number)
    return _subject(DocumentKind.CREDIT_NOTE, found.id, number, found.name, found.partner)


def _trade(kind: TradeKind, named: DocumentKind) -> Callable[[Shop, int], Subject]:
    def find(shop: Shop, number: int) -> Subject:
        found = trades.by_entry(shop, kind, number)
        return _subject(named, found.id, number, found.number, found.partner)

    return find


def _purchase(shop: Shop, number: int) -> Subject:
    found = purchases.by_entry(shop, number)
    return _subject(DocumentKind.PURCHASE_ORDER, found.id, number, found.number, found.partner)


def _payment(shop: Shop, number: int) -> Subject:
    found = payment_view.by_number(shop, number)
    return _subject(DocumentKind.PAYMENT, found.id, number, str(found.number), found.partner)


def _transfer(shop: Shop, number: int) -> Subject:
    found = transfers.by_number(shop, number)
    return _subject(DocumentKind.TRANSFER, found.id, number, found.number, "")


def _subject(kind: DocumentKind, key: str, number: int, name: str, partner: str) -> Subject:
    return Subject(kind=kind, id=key, number=number, name=name, partner=partner)


_FINDERS: Mapping[DocumentKind, Callable[[Shop, int], Subject]] = {
    DocumentKind.INVOICE: _invoice,
    DocumentKind.CREDIT_NOTE: _credit_note,
    DocumentKind.QUOTATION: _trade(TradeKind.QUOTATION, DocumentKind.QUOTATION),
    DocumentKind.SALES_ORDER: _trade(TradeKind.SALES_ORDER, DocumentKind.SALES_ORDER),
    DocumentKind.PURCHASE_ORDER: _purchase,
    DocumentKind.PAYMENT: _payment,
    DocumentKind.TRANSFER: _transfer,
}


def order_named(shop: Shop, actor: Actor, name: str, *, may_edit: bool = False) -> Subject:
    """The purchase order of a printed number.

    Raises:
        PermissionMissing: the actor may not.
        RecordNotFound: there is none.
    """
    check(actor, DocumentKind.PURCHASE_ORDER, may_edit=may_edit)
    found = purchases.by_number(shop, name)
    kind = DocumentKind.PURCHASE_ORDER
    return _subject(kind, found.id, found.entry, found.number, found.partner)
