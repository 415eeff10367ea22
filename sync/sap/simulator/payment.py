"""Payments in and out: which documents they settle, and when those close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import ZERO, Books, Change
from sync.sap.simulator.branch import branch_of
from sync.sap.simulator.kind import Booked
from sync.sap.simulator.line import check_account
from sync.sap.simulator.money import (
    check_day,
    document_rate,
    number,
    to_foreign,
    to_local,
)
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.series import numbered
from sync.sap.simulator.table import Row

ALREADY_PAID = "Invoice is already closed or blocked  [Message 3524-20]"
# Two rates meet when money of one currency pays an invoice of another.
CROSS_TOLERANCE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Direction:
    """What makes money in differ from money out.

    Attributes:
        invoice_type: the documents it settles, in SAP's word,
        settles: and their entity set.
        balance: 1 when the partner owes more afterwards, -1 when less.
        partner: the type of its partner.
    """

    invoice_type: str
    settles: str
    balance: int
    partner: str


PAYMENTS: Mapping[str, str] = {"IncomingPayments": "rCustomer", "VendorPayments": "rSupplier"}
"""The sets of payments, and what one without a DocType is."""

ACCOUNT = "rAccount"
"""Money from or to an account, without a partner."""

DIRECTIONS: Mapping[tuple[str, str], Direction] = {
    ("IncomingPayments", "rCustomer"): Direction("it_Invoice", "Invoices", -1, "cCustomer"),
    ("VendorPayments", "rCustomer"): Direction("it_CredItnote", "CreditNotes", 1, "cCustomer"),
    ("VendorPayments", "rSupplier"): Direction(
        "it_PurchaseInvoice", "PurchaseInvoices", 1, "cSupplier"
    ),
}


@dataclass(frozen=True, slots=True)
class Money:
    """The payment's currency, its rate, and all means in it."""

    currency: str
    rate: Decimal
    means: Decimal


@dataclass(frozen=True, slots=True)
class Settled:
    """One document and how much of it this payment settles.

    Attributes:
        document: the document's row before.
        local: in local currency.
        foreign: in the document's currency, zero when that is the local one.
    """

    document: Row
    local: Decimal
    foreign: Decimal


def create_payment(books: Books, set_name: str, body: Mapping[str, Any], *, today: date) -> Booked:
    """A new payment of one of `PAYMENTS`; raises Refusal and then changes nothing."""
    doc_type = body.get("DocType") or PAYMENTS[set_name]
    body = {**body, **branch_of(books, set_name, body), "DocType": doc_type}
    if set_name in books.company.refuse:
        raise Refusal(-1116, books.company.refuse[set_name])
    if doc_type == ACCOUNT:
        return _for_accounts(books, set_name, body, today)
    direction = DIRECTIONS.get((set_name, doc_type))
    if direction is None:
        raise Refusal(-5006, f"This sandbox books no {set_name} of the type {doc_type}")
    partner = books.row("BusinessPartners", body.get("CardCode"))
    if partner is None:
        raise no_match()
    if partner.get("CardType") != direction.partner:
        raise Refusal(-5002, "Business partner is of the wrong type  [CardCode]")
    day = check_day(books, body, today, set_name=set_name)
    money = _money(books, body, day)
    rows = body.get("PaymentInvoices") or ()
    settled = [_settle(books, body, money, row, direction) for row in rows]
    if len(settled) > books.company.max_invoices_in_payment:
        raise Refusal(-5002, "Too many invoices in one payment  [PaymentInvoices]")
    if len({one.document["DocEntry"] for one in settled}) < len(settled):
        raise Refusal(-5002, "An invoice is named twice  [PaymentInvoices]")
    _check_covered(books, money, settled)
    change = Change()
    for one in settled:
        change.put.append((direction.settles, _paid(one)))
    row = _row(books, set_name, {**body, "CardName": partner.get("CardName")}, day=day, money=money)
    row["PaymentInvoices"] = [_applied(place, one, direction) for place, one in enumerate(settled)]
    change.put.append((set_name, row))
    change.balance.append((row["CardCode"], direction.balance * number(row, "_local")))
    return Booked(row, change)


def cancel_payment(books: Books, set_name: str, entry: Any, *, today: date) -> Booked:
    """Take a payment back: its documents open again; raises Refusal when it cannot be."""
    payment = books.row(set_name, entry)
    if payment is None:
        raise no_match()
    if payment["Cancelled"] == "tYES":
        raise Refusal(-5002, "Payment has already been cancelled")
    check_day(books, {}, today, set_name=set_name)
    change = Change(put=[(set_name, {**payment, "Cancelled": "tYES"})])
    if payment["DocType"] == ACCOUNT:
        return Booked(None, change)
    direction = DIRECTIONS[set_name, payment["DocType"]]
    for applied in payment["PaymentInvoices"]:
        document = books.row(direction.settles, applied["DocEntry"])
        if document is not None:
            change.put.append((direction.settles, _reopened(document, applied)))
    change.balance.append((payment["CardCode"], -direction.balance * number(payment, "_local")))
    return Booked(None, change)


def _for_accounts(books: Books, set_name: str, body: Mapping[str, Any], today: date) -> Booked:
    """Money that comes from accounts or goes to them, such as petty cash or fees of a bank."""
    day = check_day(books, body, today, set_name=set_name)
    money = _money(books, body, day)
    rows = list(body.get("PaymentAccounts") or ())
    if body.get("CardCode") or body.get("PaymentInvoices"):
        raise Refusal(-5002, "A payment of accounts has no partner and no invoices  [DocType]")
    for row in rows:
        if not row.get("AccountCode") or number(row, "SumPaid") <= 0:
            raise Refusal(-5002, "Account or amount is missing  [PaymentAccounts]")
        check_account(books, row["AccountCode"], "PaymentAccounts.AccountCode")
    if sum((number(row, "SumPaid") for row in rows), ZERO) != money.means:
        raise Refusal(-5002, "Payment differs from the sum of its accounts  [PaymentAccounts]")
    row = _row(books, set_name, body, day=day, money=money)
    row |= {"PaymentInvoices": [], "PaymentAccounts": _numbered_lines(rows)}
    return Booked(row, Change(put=[(set_name, row)]))


def _numbered_lines(rows: list[Row]) -> list[Row]:
    return [{**row, "LineNum": place} for place, row in enumerate(rows)]


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
            if not body.get(account):
                raise Refusal(-5002, f"Account '' is not valid  [{account}]")
            check_account(books, body.get(account), account)
            total += number(body, amount)
    for card in body.get("PaymentCreditCards") or ():
        if books.row("CreditCards", card.get("CreditCard")) is None:
            raise no_match()
        total += number(card, "CreditSum")
    for check in body.get("PaymentChecks") or ():
        total += _cheque(check)
    return total


def _cheque(check: Mapping[str, Any]) -> Decimal:
    """What a cheque is made out for; one without an amount or a number is refused."""
    if number(check, "CheckSum") <= 0:
        raise Refusal(-5002, "Check amount must be greater than zero  [PaymentChecks.CheckSum]")
    if number(check, "CheckNumber") <= 0:
        raise Refusal(-5002, "Check number is missing  [PaymentChecks.CheckNumber]")
    return number(check, "CheckSum")


def _settle(
    books: Books,
    body: Mapping[str, Any],
    money: Money,
    row: Mapping[str, Any],
    direction: Direction,
) -> Settled:
    if row.get("InvoiceType", "it_Invoice") != direction.invoice_type:
        text = f"This sandbox settles {direction.settles} only here  [PaymentInvoices]"
        raise Refusal(-5006, text)
    document = books.row(direction.settles, row.get("DocEntry"))
    if document is None:
        raise no_match()
    if document["DocumentStatus"] == "bost_Close":
        raise Refusal(-10, ALREADY_PAID)
    if document["CardCode"] != body["CardCode"]:
        raise Refusal(-5002, "Invoice belongs to another business partner  [PaymentInvoices]")
    if document["DocCurrency"] == books.company.local_currency:
        return _settle_local(document, row)
    return _settle_foreign(books, money, document, row)


def _settle_local(document: Row, row: Mapping[str, Any]) -> Settled:
    applied = number(row, "SumApplied")
    if applied <= 0:
        raise Refusal(-5002, "Applied amount is missing  [PaymentInvoices.SumApplied]")
    if applied > number(document, "DocTotal") - number(document, "PaidToDate"):
        raise _more_than_open()
    return Settled(document, applied, ZERO)


def _settle_foreign(books: Books, money: Money, document: Row, row: Mapping[str, Any]) -> Settled:
    """Money of the document's own currency counts at its rate, other money at its own."""
    currency = document["DocCurrency"]
    rate = number(document, "DocRate") if money.currency == currency else ZERO
    if not rate:
        rate = document_rate(books, {}, currency, date.fromisoformat(document["DocDate"]))
    applied = number(row, "AppliedFC")
    if not applied and number(row, "SumApplied") > 0:
        applied = to_foreign(books, number(row, "SumApplied"), rate, currency)
    if applied <= 0:
        raise Refusal(-5002, "Applied amount is missing  [PaymentInvoices.AppliedFC]")
    if applied > number(document, "DocTotalFc") - number(document, "PaidToDateFC"):
        raise _more_than_open()
    return Settled(document, to_local(books, applied, rate), applied)


def _more_than_open() -> Refusal:
    return Refusal(-5002, "Applied amount exceeds the balance due  [PaymentInvoices]")


def _check_covered(books: Books, money: Money, settled: list[Settled]) -> None:
    """What is applied must have come in; the rest stays on account."""
    if all(one.document["DocCurrency"] == money.currency for one in settled):
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
    document = one.document
    foreign = number(document, "PaidToDateFC") + one.foreign
    local = number(document, "PaidToDate") + one.local
    closes = (
        foreign == number(document, "DocTotalFc")
        if one.foreign
        else local == number(document, "DocTotal")
    )
    return {
        **document,
        # A foreign document fully paid is fully paid locally too; rates differ, SAP books that.
        "PaidToDate": number(document, "DocTotal") if closes else local,
        "PaidToDateFC": foreign,
        "DocumentStatus": "bost_Close" if closes else "bost_Open",
    }


def _applied(place: int, one: Settled, direction: Direction) -> Row:
    return {
        "LineNum": place,
        "DocEntry": one.document["DocEntry"],
        "DocNum": one.document["DocNum"],
        "InvoiceType": direction.invoice_type,
        "InstallmentId": 1,
        "SumApplied": one.local,
        "AppliedFC": one.foreign,
    }


def _reopened(document: Row, applied: Mapping[str, Any]) -> Row:
    foreign = number(document, "PaidToDateFC") - number(applied, "AppliedFC")
    local = number(document, "PaidToDate") - number(applied, "SumApplied")
    nothing_left = bool(number(document, "DocTotalFc")) and not foreign
    return {
        **document,
        "PaidToDate": ZERO if nothing_left else local,
        "PaidToDateFC": foreign,
        "DocumentStatus": "bost_Open",
    }


def _row(books: Books, set_name: str, body: Mapping[str, Any], *, day: date, money: Money) -> Row:
    foreign = money.currency != books.company.local_currency
    return {
        **body,
        "DocEntry": books.next_entry(set_name),
        **numbered(books, set_name, body, day),
        "DocDate": day.isoformat(),
        "DueDate": body.get("DueDate") or day.isoformat(),
        "TaxDate": body.get("TaxDate") or day.isoformat(),
        "DocCurrency": money.currency,
        "DocRate": money.rate if foreign else Decimal(1),
        "CashSumFC": number(body, "CashSum") if foreign else ZERO,
        "Cancelled": "tNO",
        "_local": _local(books, money, money.means),
    }
