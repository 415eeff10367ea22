"""Post a sale: one transaction, after which the sale exists; all the rest follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.drawer import DrawerCause
from pos_app.domain.limit import Approval
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.sale import Sale, SaleState
from pos_app.domain.shift import ShiftNotOpen
from pos_app.domain.tender import Settlement, Tender, settle
from pos_app.errors import ReferenceConflict, ReferenceForgotten
from pos_app.services import allocation, credit, document, fiscal_request, fiscal_standing
from pos_app.services.credit import Passed
from pos_app.services.drawer.opening import open_for
from pos_app.services.prompt import use
from pos_app.services.shop import Shop
from pos_app.store import audit, item_search, outbox, reservation, setting, sold, stock
from pos_app.store import fiscal as journal
from pos_app.store import sale as sales
from pos_app.store import shift as shifts

CASH = "cash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The answer to a posting: the sale exists, and this is what it came to.

    Attributes:
        paid: what was handed over, in the sale's currency.
        replayed: whether this repeats the answer to an earlier request.
    """

    sale_id: str
    receipt: str
    currency: str
    total: Money
    vat: Money
    paid: Money
    change: tuple[Money, ...]
    replayed: bool


def post(
    shop: Shop,
    actor: Actor,
    sale: Sale,
    tenders: Sequence[Tender],
    *,
    reference: str = "",
    content: str = "",
    change_currency: str | None = None,
    approvals: Sequence[Approval] = (),
) -> Posted:
    """Make a sale final in one durable transaction: nothing says PAID before it.

    Args:
        shop: the till.
        actor: who sells.
        sale: the basket with its frozen prices and rate.
        tenders: what the customer handed over.
        reference: the caller's own key, unique for ever; again, it gives the first answer.
        content: canonical text of what the caller asked for; tells a repetition from a reuse.
        change_currency: the currency change is wanted in.
        approvals: what a manager agreed to, for exactly this sale.

    Raises:
        AccountNeedsCustomer: nobody in particular would owe it.
        ApprovalNeeded: the customer would owe more than the actor may agree to.
        ReferenceConflict: the reference belongs to a sale of another content.
        ReferenceForgotten: it belongs to a sale of before these books were restored.
        PromptNotTakeable, ReferenceUsed: money of a wallet is not there, or paid another sale.
        RuleBroken, NotAllowed, InvalidInput: a rule of the shop says no; nothing was stored.
        DatabaseBusy, DiskFull: nothing was stored.
        OutcomeUnknown: the commit itself failed; ask again with the same sale.
    """
    require(actor, Permission.SALE_SELL)
    final = sale.renumbered().moved(SaleState.POSTED)
    asked = document.content_hash(content or document.request_text(final, tenders))
    with shop.store.write() as connection:
        known = known_as(connection, final.id, reference)
        if known is not None:
            return first_answer(connection, known, asked, reference)
        shift_id = shifts.open_id(connection, shop.rules.till)
        if shift_id is None:
            raise ShiftNotOpen(shop.rules.till)
        fiscal_standing.check(shop, connection)
        drawer = _drawer(connection, shift_id, tenders)
        settlement = settle(
            final.total, tenders, rate=final.rate, drawer=drawer, change_currency=change_currency
        )
        passed = _on_account(
            shop, connection, actor, final, settlement, tenders=tenders, approvals=approvals
        )
        # From here on the goods this sale had reserved are free for it, and only for it.
        reservation.confirm_for(connection, final.id, shop.clock.now())
        asking = {"reference": reference or None, "content_hash": asked, "shift_id": shift_id}
        rows = _rows(
            shop, connection, actor=actor, sale=final, settlement=settlement, asking=asking
        )
        use.finish(shop, connection, final.id, tenders)
        _store(shop, connection, final, rows=rows, passed=passed)
        if settlement.opens_drawer:
            open_for(
                shop,
                connection,
                DrawerCause.SALE,
                username=actor.username,
                shift_id=shift_id,
                document_id=final.id,
            )
    return answer(rows.header, settlement.change, replayed=False)


def replay(shop: Shop, reference: str, content: str) -> Posted | None:
    """The first answer given for a caller's reference, or None when the reference is new.

    Raises:
        ReferenceConflict: it belongs to a sale of another content.
        ReferenceForgotten: it belongs to a sale of before a restore.
    """
    with shop.store.read() as connection:
        known = sales.by_reference(connection, reference)
        if known is None:
            check_forgotten(connection, reference)
            return None
        return first_answer(connection, known, document.content_hash(content), reference)


def known_as(connection: Connection, sale_id: str, reference: str) -> Mapping[str, Any] | None:
    """The document that has this reference or identity already."""
    known = sales.by_reference(connection, reference) if reference else None
    if reference and known is None:
        check_forgotten(connection, reference)
    return known or sales.by_id(connection, sale_id)


def check_forgotten(connection: Connection, reference: str) -> None:
    """Let a reference pass that was not used in an earlier life of these books.

    Raises:
        ReferenceForgotten: it was, as the server or the old books have told.
    """
    row = sold.by_reference(connection, reference)
    if row is not None:
        total = Money(row["total"], row["currency"]).label
        known = f"receipt {row['receipt']} over {total}"
        raise ReferenceForgotten(reference, known, where="on the server or in the books kept aside")


def first_answer(
    connection: Connection, known: Mapping[str, Any], asked: str, reference: str
) -> Posted:
    """The first answer given for a document.

    Raises:
        ReferenceConflict: it was asked for with another content.
    """
    if known["content_hash"] != asked:
        raise ReferenceConflict(reference or known["id"], known["receipt"])
    change = tuple(
        Money(row["amount"], row["currency"]) for row in sales.change_of(connection, known["id"])
    )
    return answer(known, change, replayed=True)


def _drawer(connection: Connection, shift_id: str, tenders: Sequence[Tender]) -> dict[str, Money]:
    """The cash really there, which is what change can be given from; not read without need."""
    if not any(tender.type.gives_change for tender in tenders):
        return {}
    held = shifts.balances_of(connection, shift_id, CASH)
    return {currency: Money(max(minor, 0), currency) for currency, minor in held.items()}


def _on_account(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    sale: Sale,
    settlement: Settlement,
    *,
    tenders: Sequence[Tender],
    approvals: Sequence[Approval],
) -> Passed:
    partner = sale.partner.code if sale.partner else ""
    credit.check_tenders(shop, tenders, partner=partner)
    return credit.check_sale(
        shop,
        connection,
        actor,
        partner=partner,
        owed=settlement.owed,
        document_id=sale.id,
        approvals=approvals,
    )


def _rows(
    shop: Shop,
    connection: Connection,
    *,
    actor: Actor,
    sale: Sale,
    settlement: Settlement,
    asking: dict[str, Any],
) -> document.Rows:
    now = shop.clock.now()
    number = setting.next_number(connection, f"receipt:{shop.rules.till}")
    header = document.header_row(
        sale,
        settlement,
        actor=actor,
        receipt=f"{shop.rules.till}-{number:06d}",
        number=number,
        posted_at=now,
        extra={
            "origin": shop.rules.role,
            "business_date": shop.today,
            "is_fiscal": shop.rules.fiscal.is_required,
            **asking,
        },
    )
    return document.Rows(
        header=header,
        lines=document.line_rows(sale),
        tenders=document.tender_rows(sale.id, settlement),
        change=document.change_rows(sale.id, settlement),
        moves=allocation.moves(shop, connection, sale, now),
    )


def _store(
    shop: Shop,
    connection: Connection,
    sale: Sale,
    *,
    rows: document.Rows,
    passed: Passed,
) -> None:
    header, now = rows.header, rows.header["posted_at"]
    stock.take(
        connection, rows.moves, now, allow_negative=shop.rules.may_oversell, reservation=sale.id
    )
    sales.add(
        connection,
        header=header,
        lines=rows.lines,
        tenders=rows.tenders,
        change=rows.change,
    )
    shifts.add_movements(connection, _movements(rows))
    if header["is_fiscal"]:
        request = fiscal_request.for_sale(shop, sale, header)
        journal.add(connection, fiscal_request.intent(shop, header, request, now))
    item_search.sold(connection, sale.warehouse, [line.item.code for line in sale.lines], now)
    enqueue(shop, connection, rows)
    audit.append(
        connection,
        at=now,
        actor=header["username"],
        action="sale.post",
        subject=header["receipt"],
        details={
            "sale": sale.id,
            "total": str(sale.total),
            "currency": sale.currency,
            **passed.details,
        },
    )


def enqueue(shop: Shop, connection: Connection, rows: document.Rows) -> None:
    """Put a posted document into the outbox, in a stream of its own."""
    text = document.payload(rows)
    outbox.enqueue(
        connection,
        id=shop.ids.new(),
        stream=f"sale:{rows.header['id']}",
        kind="sale",
        key=rows.header["id"],
        payload=text,
        content_hash=document.content_hash(text),
        at=rows.header["posted_at"],
    )


def _movements(rows: document.Rows) -> list[dict[str, Any]]:
    """What the shift accounts for: each tender as handed over, and the change out of the cash."""
    header = rows.header
    shared = {
        "shift_id": header["shift_id"],
        "document_id": header["id"],
        "username": header["username"],
        "reason": "",
        "at": header["posted_at"],
    }
    taken = [
        {"kind": "sale", "tender_type": row["type"], "amount": row["tendered"]}
        | {"currency": row["currency"]}
        for row in rows.tenders
    ]
    given = [
        {"kind": "change", "tender_type": CASH, "amount": -row["amount"]}
        | {"currency": row["currency"]}
        for row in rows.change
    ]
    return [shared | row for row in taken + given]


def answer(header: Mapping[str, Any], change: tuple[Money, ...], *, replayed: bool) -> Posted:
    """What a posted document came to."""
    currency = header["currency"]
    return Posted(
        sale_id=header["id"],
        receipt=header["receipt"],
        currency=currency,
        total=Money(header["total"], currency),
        vat=Money(header["vat"], currency),
        paid=Money(header["paid"], currency),
        change=change,
        replayed=replayed,
    )
