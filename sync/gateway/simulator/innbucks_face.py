"""InnBucks as the simulator speaks it; see `sync.gateway.innbucks` for what is assumed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sync.gateway.simulator import json_face
from sync.gateway.simulator.books import POOR, Books, Taken, Transaction
from sync.gateway.simulator.message import API_KEY, PASSWORD, USER, Post, Reply, Request

PROVIDER = "innbucks"
TOKEN = "sandbox-token"  # noqa: S105 - of a simulator
WORDS = {
    "created": "New",
    "paid": "Claimed",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "refunded": "Reversed",
}
_FIRST_CODE = 701_000


def login(request: Request) -> Reply:
    """``POST /auth/third-party``."""
    told = json_face.read(request)
    is_known = told.get("username") == USER and told.get("password") == PASSWORD
    if not is_known or request.headers.get("x-api-key") != API_KEY:
        return _refusal(401, "Invalid credentials")
    return Reply.of(200, {"accessToken": TOKEN})


def generate(books: Books, request: Request, quirks: list[str], seconds: float | None) -> Reply:
    """``POST /api/code/generate``."""
    if not _is_known(request):
        return _refusal(401, "Sign in")
    told = json_face.read(request)
    cents, key = told.get("amount"), str(told.get("reference") or "")
    if not isinstance(cents, int) or cents <= 0 or not key:
        return _refusal(400, "Invalid request")
    if told.get("msisdn") == POOR:
        return _refusal(422, "Insufficient balance")
    row = Transaction(
        provider=PROVIDER,
        key=key,
        reference=str(told.get("narration") or ""),
        amount=f"{Decimal(cents) / 100:.2f}",
        currency=str(told.get("currency") or "USD"),
        phone=str(told.get("msisdn") or ""),
        external_id=str(_FIRST_CODE + books.next_number()),
        callback_url=str(told.get("callbackUrl") or ""),
        created_at=books.clock.now().isoformat(),
        quirks=quirks,
    )
    try:
        books.add(row, seconds=seconds)
    except Taken:
        return _refusal(409, "Duplicate reference")
    return Reply.of(200, _told(row, "New"))


def enquire(books: Books, request: Request, word: str | None) -> Reply:
    """``POST /api/code/enquiry``."""
    if not _is_known(request):
        return _refusal(401, "Sign in")
    row = books.find(PROVIDER, str(json_face.read(request).get("reference") or ""))
    if row is None:
        return _refusal(404, "There is no such code")
    return Reply.of(200, _told(row, word or WORDS[row.status]))


def callback(row: Transaction, word: str) -> Post:
    """A code was used, or ended."""
    return json_face.callback(row, word, signs_bytes=False)


def _is_known(request: Request) -> bool:
    bearer = request.headers.get("authorization") == f"Bearer {TOKEN}"
    return bearer and request.headers.get("x-api-key") == API_KEY


def _told(row: Transaction, status: str) -> dict[str, Any]:
    amount = row.paid if row.status in {"paid", "refunded"} else row.amount
    return {
        "responseCode": "00",
        "responseMsg": "Approved",
        "reference": row.key,
        "code": row.external_id,
        "status": status,
        "amount": int(Decimal(amount) * 100),
        "currency": row.currency,
    }


def _refusal(status: int, words: str) -> Reply:
    return Reply.of(status, {"responseCode": str(status), "responseMsg": words})
