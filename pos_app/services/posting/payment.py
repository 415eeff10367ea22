"""An incoming payment of the API as SAP is asked to book it: one payment, all its invoices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.tender import SapMeans, UnmappedTender
from pos_app.errors import RuleBroken
from pos_app.services.posting.account import code_of, shown_code
from pos_app.services.posting.money_step import PaymentStep
from pos_app.services.posting.step import AnyStep, CannotPlan, EarlierAway
from pos_app.services.shop import Shop
from pos_app.store import invoice as invoices
from pos_app.store import payment as payments
from pos_app.store import posting
from pos_app.store import sale as sales
from sync.sap.requests import CardSlip, Cash, ChequeSlip, PaymentRequest, Settles, Transfer

DEFAULT_CARD = 1
"""SAP's credit card of a payment that names none."""


class ChequeUnnumbered(RuleBroken):
    """SAP keeps cheques by their number, and the payment names none."""

    code = "cheque_unnumbered"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"Payment {reference} contains a cheque without its number, which SAP does not take: "
            "enter it in SAP by hand.",
            reference=reference,
        )


def plan(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Read an incoming payment of its own and say what SAP is asked to book.

    Raises:
        CannotPlan: there is no such payment.
        EarlierAway: an invoice it settles is not in SAP yet.
        UnmappedTender, UnmappedCurrency: SAP has no account or code for it.
        ChequeUnnumbered: it cannot be posted from here.
    """
    payment = payments.by_id(connection, row["document_id"])
    if payment is None:
        raise CannotPlan(f"The books hold no payment {row['document_id']}.")
    by_hand = _by_hand(connection, payment)
    settles = [] if by_hand else list(_settles(shop, connection, payment))
    request = _request(shop, payment, settles)
    return (PaymentStep(request, shown_code(shop, request.currency), by_hand=by_hand),)


def _request(shop: Shop, row: RowMapping, settles: list[Settles]) -> PaymentRequest:
    reference = f"PAY-{row['id']}"
    first = settles[0] if settles else Settles(0, None, Money.zero(row["currency"]).amount)
    return PaymentRequest(
        reference=reference,
        card_code=row["partner"],
        doc_date=row["doc_date"],
        invoice_entry=first.invoice_entry,
        invoice_currency=first.invoice_currency,
        applied=first.applied,
        others=tuple(settles[1:]),
        currency=code_of(shop, row["currency"]),
        cash=_cash(shop, row),
        transfer=_transfer(shop, row),
        cards=tuple(_cards(row)),
        cheques=tuple(_cheques(row, reference)),
    )


def _by_hand(connection: Connection, row: RowMapping) -> str:
    """Why it cannot be sent: SAP never gets an invoice it settles from here; empty where it can."""
    lines = payments.lines_of(connection, [row["id"]])
    known = sales.status_of(connection, [line["invoice_id"] for line in lines])
    for line in lines:
        status = known.get(line["invoice_id"])
        is_there = status is not None and status["doc_entry"] is not None
        if not is_there and posting.was_taken_out(connection, line["invoice_id"]):
            number = invoices.by_ids(connection, [line["invoice_id"]])[line["invoice_id"]]["entry"]
            return (
                f"Invoice {number} of this payment was taken out of the queue to SAP: enter the "
                "payment there by hand and say that SAP holds it, or cancel this row."
            )
    return ""


def _settles(shop: Shop, connection: Connection, row: RowMapping) -> Iterable[Settles]:
    lines = payments.lines_of(connection, [row["id"]])
    known = sales.status_of(connection, [line["invoice_id"] for line in lines])
    numbers = invoices.by_ids(connection, [line["invoice_id"] for line in lines])
    for line in lines:
        status = known.get(line["invoice_id"])
        if status is None or status["doc_entry"] is None:
            number = numbers[line["invoice_id"]]["entry"]
            raise EarlierAway(f"Invoice {number} of this payment is not in SAP yet; it goes first.")
        applied = Money(line["applied"], row["currency"]).amount
        yield Settles(status["doc_entry"], code_of(shop, row["currency"]), applied)


def _cash(shop: Shop, row: RowMapping) -> Cash | None:
    if not row["cash"]:
        return None
    account = row["cash_account"] or _account(shop, SapMeans.CASH, row["currency"])
    return Cash(account, Money(row["cash"], row["currency"]).amount)


def _transfer(shop: Shop, row: RowMapping) -> Transfer | None:
    if not row["transfer"]:
        return None
    account = row["transfer_account"] or _account(shop, SapMeans.TRANSFER, row["currency"])
    amount = Money(row["transfer"], row["currency"]).amount
    return Transfer(account, amount, row["transfer_reference"][:27])


def _account(shop: Shop, means: SapMeans, currency: str) -> str:
    """The account of the first tender type that settles by these means in this currency."""
    for kind in shop.rules.tender_types:
        account = shop.rules.sap.accounts.get((kind.code, currency))
        if kind.sap_means == means and account is not None:
            return account
    raise UnmappedTender(f"{means.value} {currency}")


def _cards(row: RowMapping) -> Iterable[CardSlip]:
    told: list[dict[str, Any]] = row["details"].get("cards") or (
        [{"card": 0, "last_digits": "", "voucher": "", "minor": row["card"]}] if row["card"] else []
    )
    for slip in told:
        yield CardSlip(
            credit_card=slip["card"] or DEFAULT_CARD,
            amount=Money(slip["minor"], row["currency"]).amount,
            voucher=slip["voucher"] or row["id"][:20],
            number=slip["last_digits"] or "0000",
            valid_until=_end_of_month(row["doc_date"]),
        )


def _cheques(row: RowMapping, reference: str) -> Iterable[ChequeSlip]:
    told: list[dict[str, Any]] = row["details"].get("cheques") or []
    if row["cheque"] and not (told and all(slip["number"] > 0 for slip in told)):
        raise ChequeUnnumbered(reference)
    for slip in told:
        yield ChequeSlip(
            number=slip["number"],
            amount=Money(slip["minor"], row["currency"]).amount,
            due=date.fromisoformat(slip["due"]) if slip["due"] else row["doc_date"],
            bank=slip["bank"],
            branch=slip["branch"],
            account=slip["account"],
        )


def _end_of_month(day: date) -> date:
    first_of_next = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first_of_next - timedelta(days=1)
