"""Bodies of ``/api/Payment``: payments by mobile money."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from pos_app.api.shopinventory.schemas.fields import LARGEST_AMOUNT, Number, ShortText
from pos_app.api.wire import Answer, Question


def _as_text(value: object) -> object:
    """An invoice goes by a number or by text (contract A17)."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number and abs(int(str(value))) < 10**20 else value


def _address(value: str) -> str:
    if value and not value.startswith(("http://", "https://")):
        raise PydanticCustomError("url", "Write an address that begins with https://.")
    return value


Price = Annotated[
    Decimal,
    Number,
    Field(ge=Decimal("0.01"), le=LARGEST_AMOUNT, max_digits=16, decimal_places=2),
]
Web = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500), BeforeValidator(_address)
]
InvoiceId = Annotated[ShortText, BeforeValidator(_as_text)]


class ProviderInfo(Answer):
    """One way to pay."""

    name: str
    display_name: str
    is_enabled: bool
    is_sandbox: bool
    supported_currencies: list[str]
    payment_methods: list[str]
    logo_url: str | None = None


class Providers(Answer):
    """Every way to pay by mobile money, set up or not."""

    providers: list[ProviderInfo]


class InitiateQuestion(Question):
    """A payment to ask a customer for; ``callbackUrl`` is read and not used, ours is told."""

    provider: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30)]
    amount: Price
    currency: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5)] = "USD"
    phone_number: Annotated[str, StringConstraints(max_length=30)] | None = None
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    invoice_id: InvoiceId | None = None
    customer_code: ShortText | None = None
    reference: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = (
        None
    )
    return_url: Web | None = None
    callback_url: Web | None = None


class Initiated(Answer):
    """How an asked payment stands, and what the customer needs to pay it."""

    transaction_id: str
    external_transaction_id: str | None
    status: str
    status_message: str | None
    provider: str
    payment_url: str | None
    qr_code: str | None
    ussd_code: str | None
    instructions: str | None
    expires_at: datetime
    provider_data: dict[str, str]


class ChargeStatus(Answer):
    """How a payment stands."""

    transaction_id: str
    external_transaction_id: str | None
    status: str
    status_message: str | None
    provider_status: str | None
    amount: Decimal
    received_amount: Decimal | None
    refunded_amount: Decimal
    currency: str
    provider: str
    created_at: datetime
    completed_at: datetime | None
    needs_person: bool


class ChargeRow(Answer):
    """One payment in a list."""

    id: str
    number: int
    external_transaction_id: str | None
    provider: str
    payment_method: str
    amount: Decimal
    currency: str
    phone_number: str | None
    reference: str
    invoice_id: str | None
    customer_code: str | None
    status: str
    status_message: str | None
    refunded_amount: Decimal
    created_at: datetime
    completed_at: datetime | None


class ChargePage(Answer):
    """A page of payments; ``totalAmount`` is the sum of those with success, over all pages.

    With several currencies it is the sum of one of them, ``totalAmounts`` has each.
    """

    transactions: list[ChargeRow]
    items: list[ChargeRow]
    count: int
    total_count: int
    page: int
    page_size: int
    total_pages: int
    has_more: bool
    total_amount: Decimal
    total_amounts: dict[str, Decimal]


class Done(Answer):
    """What was done."""

    message: str


class RefundDone(Done):
    """What became of a refund; ``Sent`` is not known yet, ``Person`` is given in the portal."""

    refund_id: str
    status: str
    amount: Decimal
    currency: str
