"""At most one fiscal record per sale, alone with its numbers, and of the sale's very total."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Column, RowMapping, func, select

from pos_app.domain.money import Money
from pos_app.services.check.violation import Books, Violation, money, told
from pos_app.services.check.whole import Whole
from pos_app.store import fiscal, wire

_JOURNAL = wire.plain(fiscal.fiscal_journal)
_QR = re.compile(r"(\d{10})(\d{2})(\d{2})(\d{4})(\d{10})([0-9A-F]{16})\s*\Z")
_NEEDED = (
    ("qr", "QR data"),
    ("verification_code", "verification code"),
    ("device_id", "device"),
    ("receipt_global_no", "global number"),
)


def of_sale(found: Whole) -> Iterator[Violation]:
    """The fiscal record of one sale against the sale."""
    for row in found.journal:
        if not found.is_from_program and row["number"] != found.header["receipt"]:
            words = f"{found.name} is called {row['number']} in the fiscal journal."
            yield Violation("fiscal_number", found.header["receipt"], words)
        yield from _asked(found, row)
        if row["state"] == "fiscalised":
            yield from _complete(found, row)
            yield from _answered(found, row)
            yield from _code(found, row)


def _asked(found: Whole, row: RowMapping) -> Iterator[Violation]:
    """What the device was asked to file; a server does not know it."""
    request = json.loads(row["request"])
    if not isinstance(request, str):
        return
    if hashlib.sha256(request.encode()).hexdigest() != row["digest"]:
        words = f"{found.name} has a request to the fiscal device that was changed afterwards."
        yield Violation("fiscal_request_changed", found.header["receipt"], words)
    data = json.loads(request)
    lines = sum((Decimal(line["amount"]) for line in data["lines"]), Decimal(0))
    for what, amount in (("a total", Decimal(data["total"])), ("lines", lines)):
        yield from _same(found, amount, f"was sent to the fiscal device with {what} of")
    currency, vat = found.header["currency"], abs(found.header["vat"])
    if Decimal(data["tax"]) != Money(vat, currency).amount:
        words = (
            f"{found.name} was sent to the fiscal device with VAT of {data['tax']} {currency} "
            f"and has {money(vat, currency)}."
        )
        yield Violation("fiscal_tax_differs", found.header["receipt"], words)


def _answered(found: Whole, row: RowMapping) -> Iterator[Violation]:
    """What the device says it has filed, where its answer is kept."""
    reply = json.loads(row["reply"]) if row["reply"] else None
    filed = _find(reply, "receipttotal")
    try:
        amount = None if filed is None else Decimal(str(filed))
    except InvalidOperation:
        amount = None
    if amount is not None:
        yield from _same(found, abs(amount), "was filed by the fiscal device with a total of")


def _same(found: Whole, amount: Decimal, words: str) -> Iterator[Violation]:
    currency, total = found.header["currency"], abs(found.header["total"])
    if amount != Money(total, currency).amount:
        text = f"{found.name} {words} {amount:f} {currency} and comes to {money(total, currency)}."
        yield Violation("fiscal_total_differs", found.header["receipt"], text)


def _find(data: Any, name: str) -> Any:
    """The value under a name, wherever it stands and however it is spelt."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if str(key).lower() == name:
                return value
            found = _find(value, name)
            if found is not None:
                return found
    if isinstance(data, list):
        return next((found for found in (_find(row, name) for row in data) if found), None)
    return None


def _complete(found: Whole, row: RowMapping) -> Iterator[Violation]:
    for name, word in _NEEDED:
        if not row[name]:
            words = f"{found.name} is fiscalised and its record lacks the {word}."
            yield Violation("fiscal_record_incomplete", found.header["receipt"], words)


def _code(found: Whole, row: RowMapping) -> Iterator[Violation]:
    """The last 44 characters of the QR data name the record itself (ZIMRA FDMS 7.2 §11)."""
    tail = _QR.search(row["qr"] or "")
    if tail is None:
        if row["qr"]:
            words = f"{found.name} has QR data that does not end in a receipt's code."
            yield Violation("fiscal_code_differs", found.header["receipt"], words)
        return
    device, day, month, year, number, code = tail.groups()
    printed = "-".join(code[at : at + 4] for at in range(0, 16, 4))
    filed_on = (row["filed_at"] or "")[:10]
    pairs = (
        ("device", device.lstrip("0"), (row["device_id"] or "").lstrip("0")),
        ("global number", str(int(number)), str(row["receipt_global_no"])),
        ("verification code", printed, (row["verification_code"] or "").upper()),
        ("date", f"{year}-{month}-{day}", filed_on or f"{year}-{month}-{day}"),
    )
    for word, in_code, in_record in pairs:
        if in_code != in_record:
            words = (
                f"{found.name} has {word} {in_code} in its QR data "
                f"and {told(in_record)} in its fiscal record."
            )
            yield Violation("fiscal_code_differs", found.header["receipt"], words)


def unique(books: Books) -> Iterator[Violation]:
    """No two of our receipts have one place in a day or one code of a device between them.

    Global numbers may begin anew with a day: `chain` looks at those.
    """
    table = _JOURNAL.c
    for word, key in (
        ("counter", (table.device_id, table.fiscal_day, table.receipt_counter)),
        ("QR data", (table.device_id, table.qr)),
    ):
        yield from _shared(books, word, key)


def _shared(books: Books, word: str, key: tuple[Column[Any], ...]) -> Iterator[Violation]:
    both = (func.min(_JOURNAL.c.number).label("one"), func.max(_JOURNAL.c.number).label("other"))
    filled = [column.is_not(None) for column in key]
    query = select(*key, *both, func.count().label("many")).where(*filled).group_by(*key)
    for row in books.rows(query.having(func.count() > 1)):
        words = (
            f"Receipts {row['one']} and {row['other']} share {word} {row[key[-1].name]} "
            f"of device {row['device_id']}."
        )
        yield Violation("fiscal_number_shared", row["other"], words)
