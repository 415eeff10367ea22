"""Recompute everything a ledger claims and name each thing that does not hold."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from fiscal import decimal_json, qr
from fiscal.amount import line_total
from fiscal.chain import day_text, hash_of, receipt_text
from fiscal.signing import is_signed
from fiscal.simulator.counters import Counters, counter_row
from fiscal.simulator.draft import tax_rows
from fiscal.simulator.figures import GROSS
from fiscal.simulator.receipt import Receipt, from_dict


def violations(ledger: Mapping[str, Any]) -> list[str]:
    """What is wrong with the ledger of a box; empty when everything holds.

    One receipt per number, global numbers and counters without gaps, dates that only grow, hash
    chain per day, signatures, QR data, arithmetic, counters, balance equal to sales, and what the
    authority has of it.
    """
    receipts = [from_dict(row) for row in ledger["receipts"]]
    device = ledger["device"]
    return [
        *_numbering(receipts),
        *(problem for receipt in receipts for problem in _receipt(receipt, device)),
        *(problem for day in ledger["days"] for problem in _day(day, receipts, device)),
        *_authority(ledger),
    ]


def _numbering(receipts: list[Receipt]) -> Iterator[str]:
    counts = Counter(receipt.number for receipt in receipts)
    for number in sorted(number for number, count in counts.items() if count > 1):
        yield f"{number}: filed more than once"
    before: Receipt | None = None
    for receipt in receipts:
        same_day = before is not None and before.fiscal_day == receipt.fiscal_day
        counter = before.receipt_counter + 1 if before and same_day else 1
        previous = before.hash if before and same_day else ""
        due = before.receipt_global_no + 1 if before else 1
        if receipt.receipt_global_no not in ({due} if same_day else {due, 1}):
            yield f"{receipt.number}: global number {receipt.receipt_global_no}, not {due}"
        if receipt.receipt_counter != counter:
            yield f"{receipt.number}: counter {receipt.receipt_counter}, not {counter}"
        if receipt.previous_hash != previous:
            yield f"{receipt.number}: the chain is broken"
        if before and receipt.date <= before.date:
            yield f"{receipt.number}: dated {receipt.date}, not after {before.date}"
        before = receipt


def _receipt(receipt: Receipt, device: Mapping[str, Any]) -> Iterator[str]:
    who = receipt.number
    text = receipt_text(
        device["device_id"],
        receipt.type,
        currency=receipt.currency,
        global_no=receipt.receipt_global_no,
        date_text=receipt.date,
        total=receipt.total,
        taxes=receipt.taxes,
        previous_hash=receipt.previous_hash,
    )
    signature = base64.b64decode(receipt.signature)
    if receipt.text != text or receipt.hash != hash_of(text):
        yield f"{who}: its hash is not over what it says"
    if not is_signed(text, signature, device["public_key"]):
        yield f"{who}: its signature does not verify"
    code = qr.signature_code(signature)
    date = datetime.fromisoformat(receipt.date).date()
    tail = qr.QrTail(int(device["device_id"]), date, receipt.receipt_global_no, code)
    if receipt.qr != qr.compose(device["qr_url"], tail):
        yield f"{who}: its QR data is not its own"
    if receipt.verification_code != tail.verification_code:
        yield f"{who}: its verification code is not its own"
    yield from _arithmetic(receipt)


def _arithmetic(receipt: Receipt) -> Iterator[str]:
    for line in receipt.lines:
        size = line_total(line.quantity, abs(line.price))
        if abs(line.total) != size:
            yield f"{receipt.number}: line {line.number} is {line.total}, not {size}"
    if sum((line.total for line in receipt.lines), Decimal(0)) != receipt.total:
        yield f"{receipt.number}: its lines do not add up to {receipt.total}"
    if list(receipt.taxes) != tax_rows(receipt.lines):
        yield f"{receipt.number}: its taxes do not follow from its lines"
    if receipt.paid != receipt.total:
        yield f"{receipt.number}: paid {receipt.paid} of {receipt.total}"


def _day(
    day: Mapping[str, Any], receipts: list[Receipt], device: Mapping[str, Any]
) -> Iterator[str]:
    number = day["number"]
    mine = [receipt for receipt in receipts if receipt.fiscal_day == number]
    counters = Counters(mine).rows()
    if day["receipts"] != len(mine):
        yield f"day {number}: {day['receipts']} receipts, not {len(mine)}"
    if day["counters"] != [decimal_json.safe(counter_row(row)) for row in counters]:
        yield f"day {number}: its counters do not follow from its receipts"
    for currency in sorted({row.currency for row in counters}):
        of_currency = [row for row in counters if row.currency == currency]
        sales = sum((row.value for row in of_currency if row.type in GROSS), Decimal(0))
        balance = sum((row.value for row in of_currency if row.money is not None), Decimal(0))
        if sales != balance:
            yield f"day {number}: {currency} sales {sales} and balance {balance} differ"
    if not day["closed"] or day["reconciliation"] == "Manual":
        return
    opened = datetime.fromisoformat(day["opened"]).date()
    text = day_text(device["device_id"], number, opened=opened, counters=counters)
    if day["text"] != text or day["hash"] != hash_of(text):
        yield f"day {number}: its hash is not over what it says"
    if not is_signed(text, base64.b64decode(day["signature"]), device["public_key"]):
        yield f"day {number}: its signature does not verify"


def _authority(ledger: Mapping[str, Any]) -> Iterator[str]:
    """What was delivered is there, once, and nothing else is; closed days are closed there."""
    books = ledger["authority"]["devices"][ledger["device"]["device_id"]]
    there = Counter(row["hash"] for row in books["receipts"])
    for row in ledger["receipts"]:
        count = there.pop(row["hash"], 0)
        if count != 1 and row["delivery"] is not None:
            yield f"{row['number']}: delivered, and the authority has it {count} times"
    if there:
        yield f"the authority has {len(there)} receipts that were never filed"
    for own, known in zip(ledger["days"], books["days"], strict=False):
        status = (own["status"], known["status"])
        if "FiscalDayClosed" in status and status[0] != status[1]:
            yield f"day {own['number']}: {status[0]} here and {status[1]} at the authority"
