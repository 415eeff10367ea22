"""EcoCash Instant Payment: JSON over HTTP Basic; the customer confirms on the phone.

Source: EcoCash's developer portal, EIP v1.0.0, and its Payment Gateway specification v5: paths,
field names with their odd spelling, statuses PENDING, SUCCESS, FAILED, errors E001 to E015; and EIP
v3, which says ``transactionOperationStatus`` (PENDING SUBSCRIBER VALIDATION, Processing Charge,
COMPLETED, FAILED) and ``ecocashReference``. What is not published is said in docs/integrator.md:
the callback's shape and that a refund is looked up as a charge is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sync.errors import OutcomeUnknown, Rejected, Unavailable
from sync.gateway import json_callback
from sync.gateway.door import Answer, Door, is_not_done
from sync.gateway.json_callback import amount_of, currency_of, decoded
from sync.gateway.port import Known, Order, PayBack, Seen, Started, Unreadable

PROVIDER = "ecocash"
LIFE = timedelta(minutes=5)
CHARGE, REFUND = "/transactions/amount/", "/transactions/refund/"
_CODES = {"USD": "USD", "ZIG": "ZWG"}
_DUPLICATE = "E005"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """Who is paid, as EcoCash registered them."""

    code: str
    pin: str
    number: str
    terminal: str
    location: str
    name: str
    super_name: str


class Ecocash:
    """One merchant; see `sync.gateway.port.Gateway`."""

    provider = PROVIDER
    life = LIFE
    needs_phone = True
    pays_back = True

    def __init__(
        self,
        door: Door,
        *,
        user: str,
        password: str,
        callback_key: str,
        merchant: Merchant,
        currencies: tuple[str, ...],
        is_sandbox: bool,
    ) -> None:
        self._door = door
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        self._callback_key = callback_key
        self._merchant = merchant
        self.currencies = currencies
        self.is_sandbox = is_sandbox

    def start(self, order: Order) -> Started:
        """Send the question to the customer's phone."""
        body = self._body(order, phone=order.phone)
        body |= {
            "notifyUrl": order.callback_url,
            "tranType": "MER",
            "transactionOperationStatus": "Charged",
        }
        told = self._told(self._ask("POST", CHARGE, body))
        return Started(
            status=_status(told) or "PENDING",
            external_id=_external(told),
            instructions="Confirm the payment on your phone with your EcoCash PIN.",
        )

    def can_read(self, known: Known) -> bool:
        """By our own key and the customer's number, which are always known."""
        return bool(known.phone)

    def read(self, known: Known) -> Seen | None:
        """Look the payment up by our key."""
        path = f"/{quote(known.phone, safe='')}/transactions/amount/{quote(known.key, safe='')}"
        answer = self._ask("GET", path, None)
        if answer.status == 404:
            return None
        return _seen(self._told(answer, is_read=True), answer)

    def pay_back(self, wanted: PayBack) -> Seen:
        """Refund a payment that succeeded."""
        body = self._body(wanted, phone=wanted.of.phone)
        body |= {"tranType": "REF", "originalEcocashReference": wanted.of.external_id}
        answer = self._ask("POST", REFUND, body)
        return _seen(self._told(answer), answer)

    def read_back(self, wanted: PayBack) -> Seen | None:
        """Look the refund up by its key, as a payment is."""
        return self.read(Known(key=wanted.key, phone=wanted.of.phone))

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Seen:
        """A callback, signed with the key EcoCash gave for it."""
        return json_callback.hear(body, headers, key=self._callback_key)

    def _body(self, wanted: Order | PayBack, *, phone: str) -> dict[str, Any]:
        merchant = self._merchant
        return {
            "clientCorrelator": wanted.key,
            "referenceCode": wanted.reference,
            "endUserId": phone,
            "remarks": wanted.reference,
            "paymentAmount": {
                "charginginformation": {
                    "amount": f"{wanted.amount:.2f}",
                    "currency": _CODES[wanted.currency],
                    "description": wanted.reference,
                },
                "chargeMetaData": {"channel": "POS"},
            },
            "merchantCode": merchant.code,
            "merchantPin": merchant.pin,
            "merchantNumber": merchant.number,
            "countryCode": "ZW",
            "terminalID": merchant.terminal,
            "location": merchant.location,
            "superMerchantName": merchant.super_name,
            "merchantName": merchant.name,
        }

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        return self._door.send(method, self._door.url + path, headers=self._headers, body=content)

    def _told(self, answer: Answer, *, is_read: bool = False) -> dict[str, Any]:
        """The object of an answer that says how it stands; anything else is raised."""
        try:
            told = decoded(answer.body)
        except Unreadable as error:
            raise _unclear(answer) from error
        if answer.status == 200 and _status(told):
            return told
        code, words = str(told.get("statusCode") or answer.status), str(told.get("statusMessage"))
        if is_not_done(answer, is_read=is_read):
            raise Unavailable(f"EcoCash is busy (HTTP {answer.status}): {words}")
        # A correlator is used once by us: if it is a duplicate, the first one arrived.
        if is_read or _DUPLICATE in code + words or "uplicate" in words:
            raise _unclear(answer)
        if 400 <= answer.status < 500 and "statusMessage" in told:
            raise Rejected(code, words, answer.status)
        raise _unclear(answer)


def _unclear(answer: Answer) -> OutcomeUnknown:
    return OutcomeUnknown(f"EcoCash's answer does not say how it stands (HTTP {answer.status}).")


def _status(told: Mapping[str, Any]) -> str:
    """Its word, under the name v1 or v3 of the interface has for it."""
    return str(told.get("status") or told.get("transactionOperationStatus") or "")


def _external(told: Mapping[str, Any]) -> str:
    """EcoCash's number of a payment; before it is made, there is none that lasts."""
    return str(told.get("ecocashReference") or told.get("transactionId") or "")


def _charged(told: Mapping[str, Any], name: str) -> Any:
    """What was paid, on its own or where the request had it: a short payment must not pass."""
    inner = told.get("paymentAmount")
    charged = inner.get("charginginformation") if isinstance(inner, Mapping) else None
    nested = charged.get(name) if isinstance(charged, Mapping) else None
    return told.get(name) if nested is None else nested


def _seen(told: Mapping[str, Any], answer: Answer) -> Seen:
    try:
        amount = amount_of(_charged(told, "amount"))
    except Unreadable as error:
        raise _unclear(answer) from error
    return Seen(
        status=_status(told),
        key=str(told.get("clientCorrelator") or ""),
        external_id=_external(told),
        amount=amount,
        currency=currency_of(_charged(told, "currency")),
        message=str(told.get("statusMessage") or "")[:500],
        body=answer.text[:4000],
    )
