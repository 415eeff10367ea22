"""A day's documents in SAP: read whole by key cursor, and set beside ours by the key they carry."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlalchemy import RowMapping

from pos_app.domain.money import Money
from pos_app.domain.posting import PostingState
from pos_app.domain.proof import CANCELLED, DONE, Entry, Read, Side, Wait
from pos_app.domain.tender import SapMeans
from pos_app.services.proof.receipt import PAYMENT, Day, batch_name
from pos_app.services.shop import Rules, Shop
from pos_app.store import sale as sales
from sync.errors import SyncError
from sync.sap import day as sap_day
from sync.sap.client import ServiceLayer
from sync.sap.day import PaymentDocument, SalesDocument

WORD = "SAP"
NAMES = {
    "Invoices": "invoice",
    "CreditNotes": "credit note",
    "IncomingPayments": "payment",
    "VendorPayments": "refund",
}
SIGNS = {"Invoices": 1, "CreditNotes": -1, "IncomingPayments": 1, "VendorPayments": -1}
OF_A_SALE = re.compile(r"(.+)-[A-Z]{3}\d+", re.ASCII)
"""The reference of a payment made with a receipt: `posting_step` and `posting_note` write it."""
OF_THE_API = re.compile(r"PAY-(.+)", re.ASCII)


def read(shop: Shop, sap: ServiceLayer, day: Day) -> Read:
    """Everything SAP booked on the day; a read that broke off says so and holds nothing."""
    local = shop.rules.currencies.get(shop.rules.sap.local_currency).sap_code
    try:
        documents = list(sap_day.sales(sap, day.day, local_currency=local))
        payments = list(sap_day.payments(sap, day.day, local_currency=local))
        documents += _elsewhere(sap, day, documents, local)
    except SyncError as error:
        return Read(side=Side.SAP, word=WORD, waits=waits(day), problem=str(error))
    found = _Found(shop.rules, day)
    entries = [*found.documents(documents, payments), *found.payments(payments)]
    return Read(
        side=Side.SAP,
        word=WORD,
        entries=tuple(_explained(shop, day, entry) for entry in entries),
        waits=waits(day),
        folds=folds(shop.rules),
        tills=day.tills,
        has_payments=True,
    )


def waits(day: Day) -> Mapping[str, Wait]:
    """Documents the queue has not brought to their end."""
    return {key: _wait(row) for key, row in day.queued.items() if row["state"] != _COMPLETED}


_COMPLETED = PostingState.COMPLETED.value


def _wait(row: RowMapping) -> Wait:
    reason = row["reason"] or (f"It waits for {row['waits_for']}." if row["waits_for"] else "")
    if row["state"] == PostingState.COLLECTED:
        reason = "it waits for the end of the day."
    return Wait(state=row["state"], reason=reason, since=row["created_at"])


def folds(rules: Rules) -> dict[str, str]:
    """Tenders by their account in SAP, which may stand for several; empty for what is no payment.

    What is bought on account is owed: SAP holds an open invoice and no payment.
    """
    words = _words(rules)
    made: dict[str, str] = {}
    for kind in rules.tender_types:
        for currency in kind.currencies:
            name = f"{kind.code} {currency}"
            account = rules.sap.accounts.get((kind.code, currency), "")
            is_owed = kind.sap_means == SapMeans.ACCOUNT
            made[name] = "" if is_owed else words.get((account, currency), name)
    return made


def _words(rules: Rules) -> dict[tuple[str, str], str]:
    """What an account of a currency is called: the tenders that go there."""
    kinds: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for kind in rules.tender_types:
        for currency in kind.currencies:
            account = rules.sap.accounts.get((kind.code, currency))
            if account is not None and kind.sap_means != SapMeans.ACCOUNT:
                kinds[account, currency].append(kind.code)
    return {key: f"{'/'.join(codes)} {key[1]}" for key, codes in kinds.items()}


def _elsewhere(
    sap: ServiceLayer, day: Day, documents: Iterable[SalesDocument], local: str
) -> Iterator[SalesDocument]:
    """Documents our books say are posted and the day does not show: looked for by their number."""
    shown = {document.key for document in documents}
    kinds = {entry.key: entry.kind for entry in day.documents}
    asked: defaultdict[str, list[int]] = defaultdict(list)
    for key, row in day.queued.items():
        is_posted = row["state"] == _COMPLETED and row.get("doc_entry") is not None
        if is_posted and key not in shown and kinds.get(key) != PAYMENT:
            set_name = "CreditNotes" if kinds.get(key) == "credit_note" else "Invoices"
            asked[set_name].append(row["doc_entry"])
    for set_name, numbers in asked.items():
        yield from sap_day.sales_by_entry(sap, set_name, numbers, local_currency=local)


@dataclass
class _Paid:
    """What SAP holds of the money of one receipt."""

    tenders: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class _Found:
    """SAP's documents in our words."""

    def __init__(self, rules: Rules, day: Day) -> None:
        self._rules = rules
        self._known = {entry.key: entry for entry in day.documents}
        self._keys = {entry.reference: entry.key for entry in day.documents}
        self._words = _words(rules)

    def documents(
        self, documents: Iterable[SalesDocument], payments: Iterable[PaymentDocument]
    ) -> Iterator[Entry]:
        """Invoices and credit notes that carry a key, with the money that SAP counts on them."""
        paid = self._paid(payments)
        # Money is counted once, on a document that was not taken back where there is one.
        for document in sorted(documents, key=lambda document: document.is_cancelled):
            if document.key:
                yield self._document(document, paid.pop(document.key, _Paid()))

    def payments(self, payments: Iterable[PaymentDocument]) -> Iterator[Entry]:
        """Payments made over the API, and those of receipts nobody here knows of."""
        for payment in payments:
            key = self._key_of_api(payment)
            receipt = _receipt_of(payment)
            if key or (receipt and receipt not in self._keys):
                yield self._payment(payment, key, receipt)

    def _document(self, document: SalesDocument, paid: _Paid) -> Entry:
        currency = currency_of(self._rules, document.currency)
        sign = SIGNS[document.set_name]
        known = self._known.get(document.key)
        name = f"{WORD} {NAMES[document.set_name]} {document.doc_num}"
        day = document.doc_date.isoformat() if document.doc_date else ""
        return Entry(
            key=document.key,
            reference=document.num_at_card,
            name=name,
            kind=known.kind if known else NAMES[document.set_name].replace(" ", "_"),
            till=known.till if known else document.num_at_card.partition("-")[0],
            currency=currency,
            total=_minor(document.total, sign),
            vat=_minor(document.vat, sign),
            taxes={group: _minor(gross, sign) for group, gross in document.taxes.items()},
            tenders=paid.tenders,
            batches={
                batch_name(*lot): quantity.normalize()
                for lot, quantity in document.batches.items()
                if quantity
            },
            facts={"customer": document.card_code, "day": day},
            state=CANCELLED if document.is_cancelled else DONE,
            note="; ".join(paid.notes),
        )

    def _payment(self, payment: PaymentDocument, key: str, receipt: str) -> Entry:
        known = self._known.get(key)
        name = f"{WORD} {NAMES[payment.set_name]} {payment.doc_num}"
        return Entry(
            key=key or receipt,
            reference=known.reference if known else receipt,
            name=name,
            kind=PAYMENT,
            till=known.till if known else receipt.partition("-")[0],
            currency=currency_of(self._rules, payment.currency),
            total=_minor(payment.total, SIGNS[payment.set_name]),
            facts={
                "customer": payment.card_code,
                "day": payment.doc_date.isoformat() if payment.doc_date else "",
            },
            state=CANCELLED if payment.is_cancelled else DONE,
        )

    def _paid(self, payments: Iterable[PaymentDocument]) -> dict[str, _Paid]:
        """The money of each receipt, by its key; what was cancelled counts as not there."""
        paid: defaultdict[str, _Paid] = defaultdict(_Paid)
        seen: dict[str, str] = {}
        for payment in payments:
            key = self._keys.get(_receipt_of(payment))
            if key is None:
                continue
            name = f"{WORD} {NAMES[payment.set_name]} {payment.doc_num}"
            if payment.is_cancelled:
                paid[key].notes.append(f"{name} was cancelled")
                continue
            reference = _reference_of(payment)
            if reference in seen:
                paid[key].notes.append(f"{seen[reference]} and {name} both stand for {reference}")
            seen[reference] = name
            self._add(paid[key].tenders, payment)
        return paid

    def _add(self, tenders: dict[str, int], payment: PaymentDocument) -> None:
        currency = currency_of(self._rules, payment.currency)
        sign = SIGNS[payment.set_name]
        amounts = {
            self._words.get((account, currency), f"account {account} {currency}"): amount
            for account, amount in payment.by_account.items()
        }
        if payment.other:
            amounts[f"cards and cheques {currency}"] = payment.other
        for name, amount in amounts.items():
            tenders[name] = tenders.get(name, 0) + _minor(amount, sign)

    def _key_of_api(self, payment: PaymentDocument) -> str:
        for text in payment.references:
            told = OF_THE_API.fullmatch(text)
            if told:
                return told[1]
        return ""


def currency_of(rules: Rules, code: str) -> str:
    """Our code of SAP's; an unknown one stays as it is and differs."""
    for currency in rules.currencies.currencies:
        if currency.sap_code == code:
            return currency.code
    return code


def _reference_of(payment: PaymentDocument) -> str:
    return next((text for text in payment.references if OF_A_SALE.fullmatch(text)), "")


def _receipt_of(payment: PaymentDocument) -> str:
    """The receipt a payment was made with; empty for one of another origin."""
    told = OF_A_SALE.fullmatch(_reference_of(payment))
    return told[1] if told else ""


def _minor(amount: Decimal, sign: int) -> int:
    return Money.rounded(amount, "").minor * sign


def _explained(shop: Shop, day: Day, entry: Entry) -> Entry:
    """A document of this day in SAP whose receipt is of another day here says so."""
    if any(entry.key == known.key for known in day.documents):
        return entry
    with shop.store.read() as connection:
        other = sales.by_id(connection, entry.key) or sales.by_receipt(connection, entry.reference)
    if other is None:
        return entry
    words = f"it belongs to {other['receipt']} of {other['business_date'].isoformat()}"
    return replace(entry, note=words, till=other["till"])
