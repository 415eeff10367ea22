"""The callback InnBucks and EcoCash share, as the simulator sends it."""

from __future__ import annotations

import json
from typing import Any

from sync.gateway import sign
from sync.gateway.simulator.books import Transaction
from sync.gateway.simulator.message import CALLBACK_KEY, Post, Request


def callback(row: Transaction, word: str, *, signs_bytes: bool) -> Post:
    """EcoCash signs the bytes in a header, InnBucks the named fields in the body."""
    amount = row.paid if row.status in {"paid", "refunded"} else row.amount
    told: dict[str, Any] = {
        "transactionId": row.key,
        "externalTransactionId": row.external_id,
        "reference": row.reference,
        "amount": amount,
        "currency": "ZWG" if row.currency == "ZIG" else row.currency,
        "status": word,
        "statusMessage": f"Payment {word.lower()}",
        "provider": row.provider,
        "phoneNumber": row.phone,
    }
    headers = {"content-type": "application/json"}
    if not signs_bytes:
        told["signature"] = sign.hmac_of(sign.canonical(told).encode(), CALLBACK_KEY)
    body = json.dumps(told).encode()
    if signs_bytes:
        headers["x-signature"] = sign.hmac_of(body, CALLBACK_KEY)
    return Post(row.callback_url, headers, body, row.provider)


def read(request: Request) -> dict[str, Any]:
    """The object of a body; empty for anything else."""
    try:
        told = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
