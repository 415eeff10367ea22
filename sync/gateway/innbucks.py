"""InnBucks: a payment code the customer types or scans; JSON with a key and a token.

Known from public sources: the login at ``/auth/third-party`` with ``X-Api-Key`` and a bearer token,
and the deep link of a code (PayNow's developer pages, "Express Checkout"). The names of the code
messages are not published; those used here are listed as assumed in docs/integrator.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sync.errors import OutcomeUnknown, Rejected, Unavailable
from sync.gateway import json_callback
from sync.gateway.door import Answer, Door, is_not_done
from sync.gateway.json_callback import amount_of, currency_of, decoded
from sync.gateway.port import Known, Order, PayBack, Seen, Started, Unreadable

PROVIDER = "innbucks"
LIFE = timedelta(minutes=15)
LOGIN, GENERATE, ENQUIRY = "/auth/third-party", "/api/code/generate", "/api/code/enquiry"
DEEP_LINK = "schinn.wbpycode://innbucks.co.zw?pymInnCode="


class Innbucks:
    """One merchant; see `sync.gateway.port.Gateway`."""

    provider = PROVIDER
    life = LIFE
    needs_phone = True
    pays_back = False

    def __init__(
        self,
        door: Door,
        *,
        user: str,
        password: str,
        api_key: str,
        callback_key: str,
        currencies: tuple[str, ...],
        is_sandbox: bool,
    ) -> None:
        self._door = door
        self._login = {"username": user, "password": password}
        self._api_key = api_key
        self._callback_key = callback_key
        self.currencies = currencies
        self.is_sandbox = is_sandbox

    def start(self, order: Order) -> Started:
        """Have a code made that is worth the amount."""
        body = {
            "reference": order.key,
            "narration": order.reference,
            "amount": int(order.amount * 100),
            "currency": order.currency,
            "type": "PAYMENT",
            "msisdn": order.phone,
            "callbackUrl": order.callback_url,
        }
        told = self._told(self._ask(GENERATE, body))
        code = str(told.get("code") or "")
        if not code:
            raise OutcomeUnknown("InnBucks' answer has no payment code in it.")
        return Started(
            status=str(told.get("status") or "New"),
            external_id=code,
            payment_url=DEEP_LINK + code,
            qr=code,
            code=code,
            instructions=f"Enter the code {code} in the InnBucks app, or scan it.",
        )

    def can_read(self, known: Known) -> bool:
        """By our own reference, which is always known."""
        return bool(known.key)

    def read(self, known: Known) -> Seen | None:
        """Enquire by our reference."""
        answer = self._ask(ENQUIRY, {"reference": known.key})
        if answer.status == 404:
            return None
        told = self._told(answer, is_read=True)
        try:
            amount = amount_of(told.get("amount"))
        except Unreadable as error:
            raise _unclear(answer) from error
        return Seen(
            status=str(told.get("status") or ""),
            key=str(told.get("reference") or ""),
            external_id=str(told.get("code") or ""),
            amount=None if amount is None else amount / Decimal(100),
            currency=currency_of(told.get("currency")),
            message=str(told.get("responseMsg") or "")[:500],
            body=answer.text[:4000],
        )

    def pay_back(self, wanted: PayBack) -> Seen:  # noqa: ARG002 - of the port
        """InnBucks publishes no refund; it is given in its portal."""
        raise Unavailable("InnBucks takes no refunds by message: give it back in its portal.")

    def read_back(self, wanted: PayBack) -> Seen | None:
        """A refund shows as the status of the payment it was."""
        return self.read(wanted.of)

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Seen:
        """A callback, signed with the key InnBucks gave for it."""
        return json_callback.hear(body, headers, key=self._callback_key)

    def _ask(self, path: str, body: dict[str, Any]) -> Answer:
        headers = {"X-Api-Key": self._api_key, "Content-Type": "application/json"}
        headers["Authorization"] = f"Bearer {self._token(headers)}"
        url = self._door.url + path
        return self._door.send("POST", url, headers=headers, body=json.dumps(body).encode())

    def _token(self, headers: Mapping[str, str]) -> str:
        """Signed in anew each time: a token's life is nowhere promised, and payments are few."""
        content = json.dumps(self._login).encode()
        try:
            answer = self._door.send("POST", self._door.url + LOGIN, headers=headers, body=content)
            token = str(decoded(answer.body).get("accessToken") or "")
        except (OutcomeUnknown, Unreadable) as error:
            raise Unavailable("InnBucks does not let us sign in now.") from error
        if answer.status != 200 or not token:
            raise Unavailable(f"InnBucks does not let us sign in (HTTP {answer.status}).")
        return token

    def _told(self, answer: Answer, *, is_read: bool = False) -> dict[str, Any]:
        try:
            told = decoded(answer.body)
        except Unreadable as error:
            raise _unclear(answer) from error
        if answer.status == 200:
            return told
        words = str(told.get("responseMsg") or told.get("message") or "it said no")
        if is_not_done(answer, is_read=is_read):
            raise Unavailable(f"InnBucks is busy (HTTP {answer.status}): {words}")
        if 400 <= answer.status < 500 and answer.status not in {408, 409}:
            raise Rejected(str(told.get("responseCode") or answer.status), words, answer.status)
        raise _unclear(answer)


def _unclear(answer: Answer) -> OutcomeUnknown:
    return OutcomeUnknown(f"InnBucks' answer does not say how it stands (HTTP {answer.status}).")
