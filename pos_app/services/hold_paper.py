"""A parked sale on paper: a slip whose barcode takes the sale up again at this till."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.sale import Sale
from pos_app.errors import RecordNotFound
from pos_app.services import hold, saved_paper, snapshot, spool
from pos_app.services.hold import Held
from pos_app.services.paper import dressed
from pos_app.services.shop import Shop
from pos_app.store import sale as sales
from printing.document import Document
from printing.dress import ORDER_SLIP
from printing.layouts.slip import order_slip, parked_sale
from printing.slip import OrderSlip, ParkedSale, SlipLine

CODE_DIGITS = 11
"""Of the sale's identity, which ends in chance; with its mark it fits paper of 58 mm."""
CODE = re.compile(r"H[0-9A-F]{11}")


def code_of(held_id: str) -> str:
    """The barcode of a parked sale."""
    return f"H{held_id.replace('-', '')[-CODE_DIGITS:].upper()}"


def is_code(scanned: str) -> bool:
    """Whether a scan looks like the barcode of a parked sale; no item has such a one."""
    return CODE.fullmatch(scanned) is not None


def by_code(shop: Shop, scanned: str) -> Held:
    """The parked sale of a barcode.

    Raises:
        RecordNotFound: no sale of that code is parked here any more.
    """
    for held in hold.list_held(shop):
        if code_of(held.id) == scanned:
            return held
    raise RecordNotFound("parked sale", scanned)


def print_slip(shop: Shop, actor: Actor, held: Held) -> str | None:
    """Queue the slip of a parked sale, and one for whoever packs it where the settings want that.

    Returns:
        The job of the customer's slip; None where nothing prints.

    Raises:
        RecordNotFound: it is not parked any more.
    """
    require(actor, Permission.SALE_HOLD)
    with shop.store.write() as connection:
        row = sales.held_by_id(connection, held.id)
        if row is None:
            raise RecordNotFound("parked sale", held.id)
        sale = snapshot.read(row["basket"], None)
        _queue_order(shop, connection, held, sale)
        if not shop.rules.printer:
            return None
        slip = _slip(shop, held, sale)

        def make(columns: int) -> Document:
            document = parked_sale(slip, columns, shop.rules.paper.words)
            return dressed(shop, "parked_sale", document)

        return spool.queue(
            shop, connection, document_kind="slip", document_id=held.id, number=0, make=make
        )


def _queue_order(shop: Shop, connection: Connection, held: Held, sale: Sale) -> None:
    """The slip for whoever packs the goods: at the till's printer, in the office, or nowhere."""
    ways = shop.rules.paper.of(ORDER_SLIP).goes_to
    order = OrderSlip(
        shop=shop.rules.seller.name,
        number=code_of(held.id),
        till=shop.rules.till,
        cashier=held.username,
        ordered_at=shop.local(held.held_at),
        lines=_lines(sale),
        customer=held.partner,
        notes=held.note,
    )

    def make(columns: int) -> Document:
        return dressed(shop, ORDER_SLIP, order_slip(order, columns, shop.rules.paper.words))

    if "printer" in ways and shop.rules.printer:
        spool.queue(
            shop,
            connection,
            document_kind="slip",
            document_id=f"{held.id}/order",
            number=0,
            make=make,
        )
    if "office" in ways and shop.rules.office:
        spool.queue_page(
            shop,
            connection,
            kind="slip",
            document_id=f"order {order.number}/{held.id}",
            data=saved_paper.pdf_of(shop, make(shop.rules.roll.width)),
        )


def _lines(sale: Sale) -> tuple[SlipLine, ...]:
    return tuple(
        SlipLine(name=line.item.name, quantity=line.quantity, uom=line.item.uom)
        for line in sale.lines
    )


def _slip(shop: Shop, held: Held, sale: Sale) -> ParkedSale:
    zone = ZoneInfo(shop.rules.zone)
    until = held.reserved_until
    code = code_of(held.id)
    return ParkedSale(
        shop=shop.rules.seller.name,
        number=code,
        barcode=code,
        till=shop.rules.till,
        cashier=held.username,
        parked_at=held.held_at.astimezone(zone),
        valid_until=until.astimezone(zone) if until else None,
        lines=_lines(sale),
        total=held.total.amount,
        currency=held.total.currency,
        customer=held.partner,
        label=held.note,
    )
