"""PayNow (paynow.co.zw): form-encoded messages, each with a hash; a link for the customer.

Source: PayNow's developer pages, "Initiate a transaction", "Status Update", "Polling for a Status
Update", "Generating Hash". An integration belongs to one currency, which no message names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

from sync.errors import OutcomeUnknown, Rejected, Unavailable
from sync.gateway import sign
from sync.gateway.door import Answer, Door, is_not_done
from sync.gateway.json_callback import amount_of
from sync.gateway.port import Forged, Known, Order, PayBack, Seen, Started, Unreadable

PROVIDER = "paynow"
LIFE = timedelta(minutes=30)
INITIATE = "/interface/initiatetransaction"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Paynow:
    """One integration; see `sync.gateway.port.Gateway`."""

    provider = PROVIDER
    life = LIFE
    needs_phone = False
    pays_back = False

    def __init__(
        self,
        door: Door,
        *,
        integration_id: str,
        key: str,
        currency: str,
        is_sandbox: bool,
    ) -> None:
        self._door = door
        self._id = integration_id
        self._key = key
        self.currencies = (currency,)
        self.is_sandbox = is_sandbox

    def start(self, order: Order) -> Started:
        """Make the transaction; the customer pays at its link."""
        fields = [
            ("id", self._id),
            ("reference", order.key),
            ("amount", f"{order.amount:.2f}"),
            ("additionalinfo", order.reference),
            ("returnurl", order.return_url or order.callback_url),
            ("resulturl", order.callback_url),
            *([("authemail", order.email)] if order.email else []),
            ("status", "Message"),
        ]
        fields.append(("hash", sign.paynow_hash(fields, self._key)))
        answer = self._post(self._door.url + INITIATE, urlencode(fields).encode())
        told = self._told(answer)
        return Started(
            status="Created",
            external_id=told.get("paynowreference", ""),
            poll_url=told.get("pollurl", ""),
            payment_url=told.get("browserurl", ""),
            instructions="Open the link and pay there.",
        )

    def can_read(self, known: Known) -> bool:
        """PayNow is asked at an address it names itself."""
        return bool(known.poll_url) and self._door.leads_to(known.poll_url)

    def read(self, known: Known) -> Seen | None:
        """An empty POST to the poll address."""
        answer = self._post(known.poll_url, b"", is_read=True)
        try:
            return self._seen(answer.body)
        except (Forged, Unreadable) as error:
            raise OutcomeUnknown(f"PayNow's answer makes no sense ({error}).") from error

    def pay_back(self, wanted: PayBack) -> Seen:  # noqa: ARG002 - of the port
        """PayNow gives money back in its portal alone."""
        raise Unavailable("PayNow takes no refunds by message: give it back in its portal.")

    def read_back(self, wanted: PayBack) -> Seen | None:
        """A refund shows as the status of the payment it was."""
        return self.read(wanted.of)

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Seen:
        """A status update as PayNow posts it to the result address."""
        del headers
        return self._seen(body)

    def _post(self, url: str, body: bytes, *, is_read: bool = False) -> Answer:
        answer = self._door.send("POST", url, headers=_FORM, body=body)
        if is_not_done(answer, is_read=is_read):
            raise Unavailable(f"PayNow is busy (HTTP {answer.status}).")
        if answer.status != 200:
            raise OutcomeUnknown(f"PayNow answered with HTTP {answer.status}.")
        return answer

    def _told(self, answer: Answer) -> dict[str, str]:
        """The reply to a new transaction.

        PayNow hashes no refusal, so one without a hash is a refusal; money that comes after all is
        told by a callback, which is hashed. One with a hash that does not fit is nobody's word,
        and one about a reference it knows says that the question arrived.
        """
        pairs = _readable(answer.body)
        told = {name.lower(): value for name, value in pairs}
        status, words = told.get("status", "").lower(), told.get("error", "PayNow refused it")
        is_proven = sign.is_paynows(pairs, self._key)
        if status == "error" and (is_proven or "hash" not in told) and "uplicate" not in words:
            raise Rejected("error", words, answer.status)
        if status != "ok" or not is_proven:
            raise OutcomeUnknown("PayNow's answer makes no sense: it is not proven by its hash.")
        return told

    def _seen(self, body: bytes) -> Seen:
        pairs = _pairs(body)
        told = {name.lower(): value for name, value in pairs}
        if not sign.is_paynows(pairs, self._key):
            raise Forged("its hash is wrong")
        if "status" not in told or "reference" not in told:
            raise Unreadable("reference or status is missing")
        return Seen(
            status=told["status"],
            key=told["reference"],
            external_id=told.get("paynowreference", ""),
            amount=_amount(told.get("amount")),
            poll_url=told.get("pollurl", ""),
            body=body.decode("utf-8", "replace")[:4000],
        )


def _amount(said: str | None) -> Decimal | None:
    return amount_of((said or "").replace(",", ""))


def _readable(body: bytes) -> list[tuple[str, str]]:
    try:
        return _pairs(body)
    except Unreadable as error:
        raise OutcomeUnknown(f"PayNow's answer makes no sense ({error}).") from error


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode("utf-8")
        found = parse_qsl(text, keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError as error:
        raise Unreadable("the message is no form") from error
    if any("\x00" in name + value for name, value in found):
        raise Unreadable("the message has a NUL in it")
    return found
