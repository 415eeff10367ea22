"""Incoming payments: what came in, which invoices it settles, and when they close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import ZERO, Books, Change
from sync.sap.simulator.document import Booked
from sync.sap.simulator.money import (
    check_day,
    document_rate,
    number,
    to_foreign,
    to_local,
)
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.table import Row

ALREADY_PAID = "Invoice is already closed or blocked  [Message 3524-20]"
# Two rates meet when money of one currency pays an invoice of another.
CROSS_TOLERANCE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Money:
    """The payment's currency, its rate, and all means in it."""

    currency: str
    rate: Decimal
    means: Decimal


@dataclass(frozen=True, slots=True)
class Settled:
    """One invoice and how much of it this payment settles.

    Attributes:
        invoice: the invoice's row before.
        local: in local currency.
        foreign: in the invoice's currency, zero when that is the local one.
    """

    invoice: Row
    local: Decimal
    foreign: Decimal


def create_payment(books: Books, body: Mapping[str, Any], *, today: date) -> Booked:
    """A new incoming payment; raises Refusal and then changes nothing."""
    if body.get("DocType", "rCustomer") != "rCustomer":
        raise Refusal(-5006, "This sandbox takes payments from customers only")
    partner = books.row("BusinessPartners", body.get("CardCode"))
    if partner is None:
        raise no_match()
    day = check_day(books, body, today)
    money = _money(books, body, day)
    settled = [_settle(books, body, money, row) for row in body.get("PaymentInvoices") or ()]
    if len(settled) > books.company.max_invoices_in_payment:
        raise Refusal(-5002, "Too many invoices in one payment  [PaymentInvoices]")
    if len({one.invoice["DocEntry"] for one in settled}) < len(settled):
        raise Refusal(-5002, "An invoice is named twice  [PaymentInvoices]")
    _check_covered(books, money, settled)
    change = Change()
    for one in settled:
        change.put.append(("Invoices", _paid(one)))
    row = _row(books, body, partner, day=day, money=money)
    row["PaymentInvoices"] = [_applied(place, one) for place, one in enumerate(settled)]
    change.put.append(("IncomingPayments", row))
    change.balance.append((row["CardCode"], -_local(books, money, money.means)))
    return Booked(row, change)


def cancel_payment(books: Books, entry: Any, *, today: date) -> Booked:
    """Take a payment back: its invoices open again; raises Refusal when it cannot be."""
    payment = books.row("IncomingPayments", entry)
    if payment is None:
        raise no_match()
    if payment["Cancelled"] == "tYES":
        raise Refusal(-5002, "Payment has already been cancelled")
    check_day(books, {}, today)
    change = Change()
    for applied in payment["PaymentInvoices"]:
        invoice = books.row("Invoices", applied["DocEntry"])
        if invoice is not None:
            change.put.append(("Invoices", _reopened(invoice, applied)))
    change.put.append(("IncomingPayments", {**payment, "Cancelled": "tYES"}))
    change.balance.append((payment["CardCode"], number(payment, "_local")))
    return Booked(None, change)


def _money(books: Books, body: Mapping[str, Any], day: date) -> Money:
    local = books.company.local_currency
    currency = body.get("DocCurrency") or local
    if books.row("Currencies", currency) is None:
        raise no_match()
    means = _means(books, body)
    if means <= 0:
        raise Refusal(-5002, "Payment has no payment means  [CashSum]")
    return Money(currency, document_rate(books, body, currency, day), means)


def _means(books: Books, body: Mapping[str, Any]) -> Decimal:
    """All means together; the header has no total and no card or cheque sum of its own."""
    total = ZERO
    for amount, account in (("CashSum", "CashAccount"), ("TransferSum", "TransferAccount")):
        if number(body, amount) < 0:
            raise Refusal(-5002, f"Amount must not be negative  [{amount}]")
        if number(body, amount):
            _check_account(books, body.get(account), account)
            total += number(body, amount)
    for card in body.get("PaymentCreditCards") or ():
        if books.row("CreditCards", card.get("CreditCard")) is None:
            raise no_match()
        total += number(card, "CreditSum")
    for check in body.get("PaymentChecks") or ():
        total += number(check, "CheckSum")
    return total


def _check_account(books: Books, code: Any, name: str) -> None:
    row = books.row("ChartOfAccounts", code) if code else None
    if row is None:
        raise Refusal(-5002, f"Account '{code or ''}' is not valid  [{name}]")
    if row.get("ActiveAccount") == "tNO":
        raise Refusal(-5002, f"Account '{code}' is not active  [{name}]")


def _settle(books: Books, body: Mapping[str, Any], money: Money, row: Mapping[str, Any]) -> Settled:
    if row.get("InvoiceType", "it_Invoice") != "it_Invoice":
        raise Refusal(-5006, "This sandbox settles invoices only")
    invoice = books.row("Invoices", row.get("DocEntry"))
    if invoice is None:
        raise no_match()
    if invoice["DocumentStatus"] == "bost_Close":
        raise Refusal(-10, ALREADY_PAID)
    if invoice["CardCode"] != body["CardCode"]:
        raise Refusal(-5002, "Invoice belongs to another business partner  [PaymentInvoices]")
    if invoice["DocCurrency"] == books.company.local_currency:
        return _settle_local(invoice, row)
    return _settle_foreign(books, money, invoice, row)


def _settle_local(invoice: Row, row: Mapping[str, Any]) -> Settled:
    applied = number(row, "SumApplied")
    if applied <= 0:
        raise Refusal(-5002, "Applied amount is missing  [PaymentInvoices.SumApplied]")
    if applied > number(invoice, "DocTotal") - number(invoice, "PaidToDate"):
        raise _more_than_open()
    return Settled(invoice, applied, ZERO)


def _settle_foreign(books: Books, money: Money, invoice: Row, row: Mapping[str, Any]) -> Settled:
    """Money of the invoice's own currency counts at its rate, other money at its own."""
    currency = invoice["DocCurrency"]
    rate = number(invoice, "DocRate") if money.currency == currency else ZERO
    if not rate:
        rate = document_rate(books, {}, currency, date.fromisoformat(invoice["DocDate"]))
    applied = number(row, "AppliedFC")
    if not applied and number(row, "SumApplied") > 0:
        applied = to_foreign(books, number(row, "SumApplied"), rate, currency)
    if applied <= 0:
        raise Refusal(-5002, "Applied amount is missing  [PaymentInvoices.AppliedFC]")
    if applied > number(invoice, "DocTotalFc") - number(invoice, "PaidToDateFC"):
        raise _more_than_open()
    return Settled(invoice, to_local(books, applied, rate), applied)


def _more_than_open() -> Refusal:
    return Refusal(-5002, "Applied amount exceeds the balance due  [PaymentInvoices]")


def _check_covered(books: Books, money: Money, settled: list[Settled]) -> None:
    """What is applied must have come in; the rest stays on account."""
    if all(one.invoice["DocCurrency"] == money.currency for one in settled):
        foreign = money.currency != books.company.local_currency
        applied = sum((one.foreign if foreign else one.local for one in settled), ZERO)
        covered = money.means
    else:
        applied = sum((one.local for one in settled), ZERO)
        covered = _local(books, money, money.means) + CROSS_TOLERANCE
    if applied > covered:
        raise Refusal(-5002, "Payment is less than the applied amount  [PaymentInvoices]")


def _local(books: Books, money: Money, amount: Decimal) -> Decimal:
    if money.currency == books.company.local_currency:
        return amount
    return to_local(books, amount, money.rate)


def _paid(one: Settled) -> Row:
    invoice = one.invoice
    foreign = number(invoice, "PaidToDateFC") + one.foreign
    local = number(invoice, "PaidToDate") + one.local
    closes = (
        foreign == number(invoice, "DocTotalFc")
        if one.foreign
        else local == number(invoice, "DocTotal")
    )
    return {
        **invoice,
        # A foreign invoice fully paid is fully paid locally too; rates differ, SAP books that.
        "PaidToDate": number(invoice, "DocTotal") if closes else local,
        "PaidToDateFC": foreign,
        "DocumentStatus": "bost_Close" if closes else "bost_Open",
    }


def _applied(place: int, one: Settled) -> Row:
    return {
        "LineNum": place,
        "DocEntry": one.invoice["DocEntry"],
        "DocNum": one.invoice["DocNum"],
        "InvoiceType": "it_Invoice",
        "InstallmentId": 1,
        "SumApplied": one.local,
        "AppliedFC": one.foreign,
    }


def _reopened(invoice: Row, applied: Mapping[str, Any]) -> Row:
    foreign = number(invoice, "PaidToDateFC") - number(applied, "AppliedFC")
    local = number(invoice, "PaidToDate") - number(applied, "SumApplied")
    nothing_left = bool(number(invoice, "DocTotalFc")) and not foreign
    return {
        **invoice,
        "PaidToDate": ZERO if nothing_left else local,
        "PaidToDateFC": foreign,
        "DocumentStatus": "bost_Open",
    }


def _row(
    books: Books,
    body: Mapping[str, Any],
    partner: Row,
    *,
    day: date,
    money: Money,
) -> Row:
    foreign = money.currency != books.company.local_currency
    return {
        **body,
        "DocEntry": books.next_entry("IncomingPayments"),
        "DocNum": books.next_num("IncomingPayments"),
        "DocType": "rCustomer",
        "DocDate": day.isoformat(),
        "DueDate": body.get("DueDate") or day.isoformat(),
        "TaxDate": body.get("TaxDate") or day.isoformat(),
        "CardName": partner.get("CardName"),
        "DocCurrency": money.currency,
        "DocRate": money.rate if foreign else Decimal(1),
        "CashSumFC": number(body, "CashSum") if foreign else ZERO,
        "Cancelled": "tNO",
        "_local": _local(books, money, money.means),
    }
