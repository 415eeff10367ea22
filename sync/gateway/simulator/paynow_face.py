"""PayNow as the simulator speaks it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl, urlencode

from sync.gateway import sign
from sync.gateway.simulator.books import POOR, Books, Taken, Transaction
from sync.gateway.simulator.message import PAYNOW, Post, Reply, Request

PROVIDER = "paynow"
WORDS = {
    "created": "Created",
    "paid": "Paid",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
}
_KIND = "application/x-www-form-urlencoded"


def start(books: Books, request: Request, quirks: list[str], seconds: float | None) -> Reply:
    """``POST /interface/initiatetransaction``."""
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    told = dict(pairs)
    if told.get("id") not in PAYNOW:
        return _error("Invalid Id.")
    currency, key = PAYNOW[told["id"]]
    if not sign.is_paynows(pairs, key):
        return _error(f"Invalid Hash. Hash should start with: {sign.paynow_hash(pairs, key)[:6]}")
    try:
        amount = Decimal(told.get("amount", ""))
    except InvalidOperation:
        amount = Decimal(0)
    if amount <= 0:
        return _error("Invalid amount field")
    if told.get("phone") == POOR:
        return _error("Insufficient balance")
    row = Transaction(
        provider=PROVIDER,
        key=told.get("reference", ""),
        reference=told.get("additionalinfo", ""),
        amount=f"{amount:.2f}",
        currency=currency,
        phone=told.get("phone", ""),
        external_id=str(9500 + books.next_number()),
        callback_url=told.get("resulturl", ""),
        created_at=books.clock.now().isoformat(),
        quirks=quirks,
    )
    try:
        books.add(row, seconds=seconds)
    except Taken:
        return _error("Duplicate reference")
    place = f"{request.base}/Payment/ConfirmPayment/{row.external_id}"
    fields = [("status", "Ok"), ("browserurl", place), ("pollurl", _poll_url(request.base, row))]
    fields.append(("paynowreference", row.external_id))
    return _signed(fields, key)


def poll(books: Books, request: Request, word: str | None) -> Reply:
    """``POST /Interface/CheckPayment/?guid=…``."""
    guid = dict(parse_qsl(request.query)).get("guid", "")
    row = books.by_external(PROVIDER, guid)
    if row is None:
        return _error("Transaction not found")
    return _signed(_fields(row, word or WORDS[row.status], request.base), _key(row))


def callback(row: Transaction, word: str, base: str) -> Post:
    """A status update."""
    fields = _fields(row, word, base)
    fields.append(("hash", sign.paynow_hash(fields, _key(row))))
    return Post(row.callback_url, {"content-type": _KIND}, urlencode(fields).encode(), PROVIDER)


def _fields(row: Transaction, word: str, base: str) -> list[tuple[str, str]]:
    amount = row.paid if row.status in {"paid", "refunded"} else row.amount
    return [
        ("reference", row.key),
        ("paynowreference", row.external_id),
        ("amount", amount),
        ("status", word),
        ("pollurl", _poll_url(base, row)),
    ]


def _poll_url(base: str, row: Transaction) -> str:
    return f"{base}/Interface/CheckPayment/?guid={row.external_id}"


def _key(row: Transaction) -> str:
    return next(key for currency, key in PAYNOW.values() if currency == row.currency)


def _signed(fields: list[tuple[str, str]], key: str) -> Reply:
    signed = [*fields, ("hash", sign.paynow_hash(fields, key))]
    return Reply(200, urlencode(signed).encode(), _KIND)


def _error(words: str) -> Reply:
    return Reply(200, urlencode([("status", "Error"), ("error", words)]).encode(), _KIND)
