"""EcoCash Instant Payment as the simulator speaks it."""

from __future__ import annotations

import base64
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from sync.gateway.json_callback import currency_of
from sync.gateway.simulator import json_face
from sync.gateway.simulator.books import POOR, Books, Taken, Transaction
from sync.gateway.simulator.message import PASSWORD, PIN, USER, Post, Reply, Request

PROVIDER = "ecocash"
WORDS = {
    "created": "PENDING",
    "paid": "SUCCESS",
    "failed": "FAILED",
    "cancelled": "FAILED",
    "refunded": "REFUNDED",
}
_NEEDED = ("clientCorrelator", "referenceCode", "endUserId", "merchantCode", "merchantNumber")


def start(books: Books, request: Request, quirks: list[str], seconds: float | None) -> Reply:
    """``POST /transactions/amount/``."""
    told = json_face.read(request)
    wrong = _wrong(request, told)
    if wrong is not None:
        return wrong
    amount, currency = _money(told)
    if amount is None or currency not in {"USD", "ZIG"}:
        return _refusal(400, "E004", "Invalid amount")
    if told["endUserId"] == POOR:
        return _refusal(422, "E010", "Insufficient Balance")
    row = Transaction(
        provider=PROVIDER,
        key=str(told["clientCorrelator"]),
        reference=str(told["referenceCode"]),
        amount=f"{amount:.2f}",
        currency=currency,
        phone=str(told["endUserId"]),
        external_id=f"MP{books.clock.now():%y%m%d.%H%M}.T{books.next_number():07}",
        callback_url=str(told.get("notifyUrl") or ""),
        created_at=books.clock.now().isoformat(),
        quirks=quirks,
    )
    try:
        books.add(row, seconds=seconds)
    except Taken:
        return _refusal(400, "E005", "Duplicate correlator")
    return Reply.of(200, _told(row, "PENDING"))


def look(books: Books, request: Request, word: str | None) -> Reply:
    """``GET /{msisdn}/transactions/amount/{correlator}``, of a charge or of a refund."""
    if not _is_known(request):
        return _refusal(401, "E006", "Invalid credentials")
    _, phone, _, _, key = request.path.split("/", 4)
    refund = books.refund_of(unquote(key))
    if refund is not None:
        return Reply.of(200, _refund(refund[0], refund[1]))
    row = books.find(PROVIDER, unquote(key))
    if row is None or row.phone != unquote(phone):
        return _refusal(404, "E008", "Transaction not found")
    return Reply.of(200, _told(row, word or WORDS[row.status]))


def refund(books: Books, request: Request) -> Reply:
    """``POST /transactions/refund/``."""
    told = json_face.read(request)
    wrong = _wrong(request, told)
    if wrong is not None:
        return wrong
    row = books.by_external(PROVIDER, str(told.get("originalEcocashReference") or ""))
    amount, _ = _money(told)
    if row is None:
        return _refusal(404, "E008", "Transaction not found")
    if row.status != "paid":
        return _refusal(409, "E009", "Refund not eligible")
    if amount is None or row.refunded + amount > Decimal(row.paid):
        return _refusal(422, "E012", "Refund exceeds original")
    made = books.give_back(row, str(told["clientCorrelator"]), amount)
    return Reply.of(200, _refund(row, made))


def callback(row: Transaction, word: str) -> Post:
    """A status change."""
    return json_face.callback(row, word, signs_bytes=True)


def _is_known(request: Request) -> bool:
    token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    return request.headers.get("authorization") == f"Basic {token}"


def _wrong(request: Request, told: dict[str, Any]) -> Reply | None:
    if not _is_known(request):
        return _refusal(401, "E006", "Invalid credentials")
    if any(not told.get(name) for name in _NEEDED) or told.get("merchantPin") != PIN:
        return _refusal(400, "E001", "Missing required field")
    return None


def _money(told: dict[str, Any]) -> tuple[Decimal | None, str]:
    try:
        inside = told["paymentAmount"]["charginginformation"]
        amount = Decimal(str(inside["amount"]))
    except (KeyError, TypeError, InvalidOperation):
        return None, ""
    return (amount if amount > 0 else None), currency_of(inside.get("currency"))


def _told(row: Transaction, status: str) -> dict[str, Any]:
    amount = row.paid if row.status in {"paid", "refunded"} else row.amount
    return {
        "transactionId": row.external_id,
        "clientCorrelator": row.key,
        "status": status,
        "statusCode": "200",
        "statusMessage": "Transaction Successful",
        "amount": float(amount),
        "currency": "ZWG" if row.currency == "ZIG" else row.currency,
        "endUserId": row.phone,
        "referenceCode": row.reference,
        "timestamp": row.created_at,
    }


def _refund(row: Transaction, made: dict[str, str]) -> dict[str, Any]:
    return {
        "transactionId": made["external_id"],
        "clientCorrelator": made["key"],
        "status": "SUCCESS",
        "statusCode": "200",
        "statusMessage": "Refund processed successfully",
        "originalReference": row.external_id,
        "amount": float(made["amount"]),
        "currency": "ZWG" if row.currency == "ZIG" else row.currency,
    }


def _refusal(status: int, code: str, words: str) -> Reply:
    return Reply.of(status, {"statusCode": code, "statusMessage": words})
