"""Money of a charge into the books: one incoming payment under the charge's own identity, once."""

from __future__ import annotations

import structlog
from sqlalchemy import RowMapping

from pos_app.domain.charge import Matter
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor, Role
from pos_app.errors import PosError, ReferenceConflict, Unavailable
from pos_app.services import invoice_view, payment
from pos_app.services.charge import matter, view
from pos_app.services.payment import Application, OverApplied, Receipt
from pos_app.services.shop import Shop
from pos_app.store import charge as charges
from pos_app.store import invoice as invoices
from pos_app.store import payment as payments

BATCH = 50
TRIES = 5


def work(shop: Shop) -> int:
    """Book what came in and is not in the books; how many were."""
    with shop.store.read() as connection:
        rows = charges.to_book(connection, limit=BATCH)
    return sum(book(shop, row["id"]) for row in rows)


def book(shop: Shop, charge_id: str) -> bool:
    """Book the money of one charge, if it is due; whether anything was done.

    What is open of the invoice is paid, the rest is on the customer's account. Several processes
    may try: the payment has the charge's identity, and the books take an identity once.
    """
    for _ in range(TRIES):
        with shop.store.read() as connection:
            row = view.found(charges.by_id(connection, charge_id), charge_id)
        if row["booking"] != "due":
            return False
        try:
            return _book(shop, row)
        except OverApplied:
            continue  # somebody paid the invoice at this moment: what is open now is less
        except Unavailable as error:
            structlog.get_logger(lane="charge").warning("not booked yet", why=error.sentence)
            return False
        except PosError as error:
            _give_up(shop, row, error.sentence)
            return True
    return False


def _book(shop: Shop, row: RowMapping) -> bool:
    with shop.store.read() as connection:
        is_booked = payments.by_id(connection, row["id"]) is not None
    if not is_booked:
        try:
            payment.receive(shop, _actor(row), _receipt(shop, row), document_id=row["id"])
        except ReferenceConflict:
            # Another process was faster, when the invoice had another balance.
            structlog.get_logger(lane="charge").info("booked elsewhere", charge=row["id"])
    _set(shop, row, "done")
    return True


def _receipt(shop: Shop, row: RowMapping) -> Receipt:
    currency = row["currency"]
    money = Money(row["amount"] if row["received"] is None else row["received"], currency)
    zero = Money.zero(currency)
    provider = row["provider"]
    return Receipt(
        partner=row["partner"],
        currency=currency,
        cash=zero,
        transfer=money,
        cheque=zero,
        card=zero,
        applications=_applications(shop, row, money),
        remarks=f"{provider} {row['reference']}"[:250],
        transfer_reference=(row["external_id"] or row["id"])[:100],
        transfer_date=shop.today,
        transfer_account=shop.rules.sap.accounts.get((provider, currency), ""),
    )


def _applications(shop: Shop, row: RowMapping, money: Money) -> tuple[Application, ...]:
    if row["invoice_number"] is None:
        return ()
    with shop.store.read() as connection:
        known = invoice_view.find(connection, row["invoice_number"])
    if known is None or known["state"] != invoices.POSTED or known["partner"] != row["partner"]:
        return ()
    still = min(known["total"] - known["paid"], money.minor)
    if still <= 0:
        return ()
    return (Application(row["invoice_number"], Money(still, row["currency"])),)


def _actor(row: RowMapping) -> Actor:
    return Actor("", row["username"], Role.ADMIN, frozenset())


def _give_up(shop: Shop, row: RowMapping, sentence: str) -> None:
    with shop.store.write() as connection:
        charges.booked(connection, row["id"], "person")
        why = f"its money came and the books do not take it: {sentence}"
        matter.put(shop, connection, Matter.NOT_BOOKED, row, why=why)


def _set(shop: Shop, row: RowMapping, booking: str) -> None:
    with shop.store.write() as connection:
        charges.booked(connection, row["id"], booking)
