"""Signatures: PayNow's hash over values, the HMAC of the others; compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

HEADERS = ("x-signature", "x-callback-signature", "x-webhook-signature", "x-hub-signature-256")
"""Where the signature of a JSON callback may stand, in this order."""

_HASH = "hash"


def paynow_hash(pairs: Iterable[tuple[str, str]], key: str) -> str:
    """SHA-512 in capitals over all values in their order but the hash, then the integration key.

    Source: PayNow's developer pages, "Generating Hash".
    """
    text = "".join(value for name, value in pairs if name.lower() != _HASH) + key
    return hashlib.sha512(text.encode()).hexdigest().upper()


def is_paynows(pairs: Iterable[tuple[str, str]], key: str) -> bool:
    """Whether a message carries the hash its values have."""
    rows = list(pairs)
    said = next((value for name, value in rows if name.lower() == _HASH), "")
    return _equal(said.upper(), paynow_hash(rows, key))


def canonical(told: Mapping[str, Any]) -> str:
    """The fields of a JSON callback that its signature may be over (contract §2.15)."""
    amount = told.get("amount")
    names = ("transactionId", "externalTransactionId", "reference")
    front = [str(told.get(name) or "") for name in names]
    money = "" if amount is None or amount == "" else f"{Decimal(str(amount)):.2f}"
    back = [str(told.get(name) or "") for name in ("currency", "status", "statusMessage")]
    return "|".join([*front, money, *back])


def hmac_of(content: bytes, key: str) -> str:
    """HMAC-SHA256 in lower-case hexadecimal."""
    return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()


def is_signed(
    body: bytes, told: Mapping[str, Any], headers: Mapping[str, str], *, key: str
) -> bool:
    """Whether a JSON callback is signed with the key, over its bytes or over its named fields."""
    said = next((headers[name] for name in HEADERS if headers.get(name)), "")
    said = (said or str(told.get("signature") or "")).strip().lower().removeprefix("sha256=")
    over_bytes = _equal(said, hmac_of(body, key))
    over_fields = _equal(said, hmac_of(canonical(told).encode(), key))
    return bool(key) and (over_bytes or over_fields)


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
