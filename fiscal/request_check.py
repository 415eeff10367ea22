"""What must hold of a request before a byte of it is sent; the box itself checks less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fiscal.amount import PRICE_DECIMALS, decimals, line_total
from fiscal.errors import RequestInvalid
from fiscal.messages import Buyer, ReceiptLine, ReceiptRequest
from fiscal.profile import Profile

NUMBER_LENGTH_MAX = 39
"""The authority has room for 50 characters, and the device puts its id and a hyphen before."""
NAME_LENGTH_MAX = 200
BUYER_NAME_LENGTH_MAX, TIN_LENGTH_MAX, VAT_NUMBER_LENGTH_MAX = 250, 10, 9
LINES_MAX = 500
_SPOKEN_CURRENCIES = frozenset({"ZIG", "ZWL"})


def check(request: ReceiptRequest) -> None:
    """Refuse what the device would refuse or silently change (ZIMRA FDMS 7.2, receipt fields).

    The device ignores amounts and recomputes every line from quantity and price, so each line and
    the total must already be what it will compute.

    Raises:
        RequestInvalid: with the first thing that is wrong.
    """
    for problem in _problems(request):
        raise RequestInvalid(problem)


def check_profile(request: ReceiptRequest, profile: Profile) -> None:
    """Refuse what this box is not known to take; raises RequestInvalid."""
    if request.kind == "debit" and not profile.takes_debit_notes:
        raise RequestInvalid("the profile of the device does not say that it takes debit notes")


def _problems(request: ReceiptRequest) -> Iterator[str]:
    yield from _head_problems(request)
    if not 0 < len(request.lines) <= LINES_MAX:
        yield f"it has {len(request.lines)} lines, 1 to {LINES_MAX} are possible"
    for line in request.lines:
        yield from _line_problems(line)
    total = sum((line.amount for line in request.lines), Decimal(0))
    if total != request.total:
        yield f"its lines add up to {total} and its total is {request.total}"
    if not 0 <= request.tax <= request.total:
        yield f"its tax {request.tax} is not a part of its total {request.total}"
    yield from _payment_problems(request)


def _head_problems(request: ReceiptRequest) -> Iterator[str]:
    number = request.number
    if not number or number != number.strip() or not number.isprintable():
        yield "its number is blank or has blanks around it"
    if number in {".", ".."}:
        yield "its number is a step in a path, which no box can look up over HTTP"
    if len(number) > NUMBER_LENGTH_MAX:
        yield f"its number is longer than {NUMBER_LENGTH_MAX} characters"
    if not re.fullmatch(r"[A-Z]{3}", request.currency) or request.currency in _SPOKEN_CURRENCIES:
        yield f"{request.currency!r} is not a currency code of the tax authority, such as ZWG"
    if not request.comment.strip():
        yield "its comment is blank, which the device refuses"
    if request.kind != "invoice" and not (request.original_number or request.foreign):
        yield "a credit or debit note must name its original"
    if request.kind == "invoice" and (request.original_number or request.foreign):
        yield "an invoice has no original"
    if request.buyer:
        yield from _buyer_problems(request.buyer)


def _buyer_problems(buyer: Buyer) -> Iterator[str]:
    """A buyer who does not fit is refused only upstream, when the receipt is signed already."""
    if not buyer.name.strip():
        yield "its buyer has no name"
    for what, value, most in (
        ("name", buyer.name, BUYER_NAME_LENGTH_MAX),
        ("TIN", buyer.tin, TIN_LENGTH_MAX),
        ("VAT number", buyer.vat_number, VAT_NUMBER_LENGTH_MAX),
    ):
        if len(value) > most:
            yield f"the {what} of its buyer is longer than {most} characters"


def _line_problems(line: ReceiptLine) -> Iterator[str]:
    which = f"line {line.number}"
    if not line.name.strip():
        yield f"{which} has no name"
    if len(line.name) > NAME_LENGTH_MAX:
        yield f"the name of {which} is longer than {NAME_LENGTH_MAX} characters"
    if not line.tax_id.isdigit():
        yield f"{which} has no tax id of the device"
    if line.quantity <= 0 or line.price <= 0:
        yield f"{which} needs a quantity and a price above zero"  # FDMS 7.2 RCPT022
    if max(decimals(line.quantity), decimals(line.price)) > PRICE_DECIMALS:
        yield f"{which} has more than {PRICE_DECIMALS} decimals"
    if line_total(line.quantity, line.price) != line.amount:
        yield f"{which} is {line.amount}, the device will compute {line.quantity} x {line.price}"


def _payment_problems(request: ReceiptRequest) -> Iterator[str]:
    if not request.payments:
        yield "it has no payment"
    if any(payment.amount < 0 or payment.rate <= 0 for payment in request.payments):
        yield "a payment is negative or has no rate"
    if all(payment.currency == request.currency for payment in request.payments):
        paid = sum((payment.amount for payment in request.payments), Decimal(0))
        if paid != request.total:
            yield f"its payments add up to {paid} and its total is {request.total}"
