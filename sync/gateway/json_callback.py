"""The JSON callback InnBucks and EcoCash share (contract: ``PaymentCallbackPayload``)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sync.gateway import sign
from sync.gateway.port import Forged, Seen, Unreadable

CURRENCIES = {"ZWG": "ZIG", "ZWL": "ZIG", "ZIG": "ZIG", "USD": "USD"}
"""Every name a currency goes by at a provider, and ours."""


def decoded(body: bytes) -> dict[str, Any]:
    """The object in a body without a float in it; raises Unreadable."""
    try:
        told = json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the body is no JSON") from error
    if not isinstance(told, dict):
        raise Unreadable("the body is no JSON object")
    return told


def amount_of(said: object) -> Decimal | None:
    """An amount as a number or as text; None where there is none.

    Raises:
        Unreadable: it is something else.
    """
    if said is None or said == "":
        return None
    try:
        amount = Decimal(str(said))
    except InvalidOperation as error:
        raise Unreadable("the amount is no number") from error
    if not amount.is_finite() or abs(amount) > 10**13:
        raise Unreadable("the amount is no number")
    return amount


def currency_of(said: object) -> str:
    """Our name of a currency; one nobody knows is told as it is, so that it fits nothing."""
    text = str(said or "").strip().upper()
    return CURRENCIES.get(text, text)


def hear(body: bytes, headers: Mapping[str, str], *, key: str) -> Seen:
    """Check and read a callback; raises Forged and Unreadable."""
    told = {name[:1].lower() + name[1:]: value for name, value in decoded(body).items()}
    amount = amount_of(told.get("amount"))
    if not all(_is_text(value) for value in told.values() if isinstance(value, str)):
        raise Unreadable("the message has what is no text in it")
    if not sign.is_signed(body, told, headers, key=key):
        raise Forged
    return Seen(
        status=str(told.get("status") or ""),
        key=str(told.get("transactionId") or told.get("reference") or ""),
        external_id=str(told.get("externalTransactionId") or ""),
        amount=amount,
        currency=currency_of(told.get("currency")),
        message=str(told.get("statusMessage") or "")[:500],
        body=body.decode("utf-8")[:4000],
    )


def _is_text(said: str) -> bool:
    """Whether it can be written down: JSON may name a NUL, and halves of letters."""
    return not any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in said)


def _refuse(name: str) -> object:
    raise ValueError(name)
