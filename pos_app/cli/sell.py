"""pos sell: one sale from JSON, through the very same use case as the screen."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, option
from pos_app.errors import MalformedInput

if TYPE_CHECKING:
    from pos_app.bootstrap import Installation
    from pos_app.services.quick_sale import WantedSale
    from pos_app.services.receipt import FiscalFacts, ReceiptDetail
    from pos_app.services.sale import Posted

KEYS = frozenset(
    {"user", "pin", "customer", "reference", "currency", "lines", "tenders", "approval"}
)
LINE_KEYS = frozenset({"item", "barcode", "quantity", "discount_percent", "batch", "price"})
APPROVAL_KEYS = frozenset({"user", "pin", "reason"})
TENDER_KEYS = frozenset({"type", "currency", "amount", "reference"})
DIGITS_MAX = 30
"""Digits before or after the point, far beyond what any rule of the shop lets pass."""


@click.command("sell")
@option.config
@click.argument("source", default="-")
@click.pass_context
def command(context: click.Context, config: Path, source: str) -> None:
    """Make one sale: SOURCE is a JSON file, or - for standard input.

    Exit codes: 0 sold, 2 wrong input, 3 refused by a rule, 4 outcome unknown, 5 unavailable.
    """
    with answer.errors_as_json(context):
        _sell(config, source)


def _sell(config: Path, source: str) -> None:
    wanted = _wanted(answer.read_json(source))
    from pos_app.bootstrap import install
    from pos_app.services import quick_sale

    installation = install(config, role="till")
    try:
        posted = quick_sale.sell(installation.shop, wanted)
        detail = _bring_on(installation, posted)
    finally:
        installation.close()
    answer.write(_answer(posted, detail))


def _bring_on(installation: Installation, posted: Posted) -> ReceiptDetail | None:
    """Let the devices work on the new sale; it exists, whatever becomes of that.

    Returns:
        How far it came, or None when that cannot be read now.
    """
    from pos_app.services import receipt

    try:
        installation.devices.settle(posted.sale_id)
        return receipt.show(installation.shop, posted.receipt)
    except Exception:  # noqa: BLE001 - logged; the sale exists and must not look failed
        import structlog

        from pos_app.log import to_file

        to_file(installation.folder / "log" / "sell.log")
        structlog.get_logger().exception("after the sale", receipt=posted.receipt)
        return None


def _answer(posted: Posted, detail: ReceiptDetail | None) -> dict[str, Any]:
    from pos_app.domain.lamp import Lamps

    fiscal = detail.fiscal if detail else None
    lamps = detail.row.lamps if detail else Lamps()
    return {
        "receipt": posted.receipt,
        "sale_id": posted.sale_id,
        "currency": posted.currency,
        "total": str(posted.total),
        "vat": str(posted.vat),
        "paid": str(posted.paid),
        "change": [answer.money(money) for money in posted.change],
        "replayed": posted.replayed,
        "lamps": lamps.as_words(),
        "fiscal": None if fiscal is None else _fiscal(fiscal),
    }


def _fiscal(facts: FiscalFacts) -> dict[str, Any]:
    return {
        "qr": facts.qr,
        "verification_code": facts.verification_code,
        "receipt_global_no": facts.receipt_global_no,
        "receipt_counter": facts.receipt_counter,
        "fiscal_day": facts.fiscal_day,
        "device_id": facts.device_id,
    }


def _wanted(data: dict[str, Any]) -> WantedSale:
    from pos_app.services.quick_sale import Consent, WantedSale, content_of

    _only(data, KEYS, "The request")
    approval = _approval(data)
    lines, tenders = _rows(data, "lines"), _rows(data, "tenders")
    return WantedSale(
        user=_text(data, "user", is_required=True),
        pin=_text(data, "pin", is_required=True),
        customer=_text(data, "customer"),
        reference=_text(data, "reference"),
        currency=_text(data, "currency"),
        lines=[_line(row, number) for number, row in enumerate(lines, start=1)],
        tenders=[_tender(row, number) for number, row in enumerate(tenders, start=1)],
        content=content_of(data),
        consent=Consent(
            user=_text(approval, "user", is_required=True),
            pin=_text(approval, "pin", is_required=True),
            reason=_text(approval, "reason", is_required=True),
        )
        if approval is not None
        else None,
    )


def _approval(data: dict[str, Any]) -> dict[str, Any] | None:
    approval = data.get("approval")
    if approval is None:
        return None
    if not isinstance(approval, dict):
        raise MalformedInput("The approval", "is not an object with user, pin and reason")
    _only(approval, APPROVAL_KEYS, "The approval")
    return approval


def _line(row: dict[str, Any], number: int) -> Any:
    from pos_app.services.quick_sale import WantedLine

    where = f"Line {number}"
    _only(row, LINE_KEYS, where)
    if bool(row.get("item")) == bool(row.get("barcode")):
        raise MalformedInput(where, "needs either item or barcode")
    return WantedLine(
        item=_text(row, "item"),
        barcode=_text(row, "barcode"),
        quantity=_needed(row, "quantity", where),
        discount_percent=_decimal(row, "discount_percent", where),
        price=_decimal(row, "price", where),
        batch=_text(row, "batch"),
    )


def _tender(row: dict[str, Any], number: int) -> Any:
    from pos_app.services.quick_sale import WantedTender

    where = f"Tender {number}"
    _only(row, TENDER_KEYS, where)
    return WantedTender(
        type=_text(row, "type", is_required=True),
        currency=_text(row, "currency", is_required=True),
        amount=_needed(row, "amount", where),
        reference=_text(row, "reference"),
    )


def _rows(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = data.get(key)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise MalformedInput("The request", f"needs {key}, a list of objects")
    return rows


def _only(data: dict[str, Any], known: frozenset[str], where: str) -> None:
    for key in sorted(set(data) - known):
        raise MalformedInput(where, f"has an unknown key {key}")


def _text(data: dict[str, Any], key: str, *, is_required: bool = False) -> str:
    value = data.get(key)
    if value is None and not is_required:
        return ""
    if not isinstance(value, str) or (is_required and not value):
        raise MalformedInput("The request", f"needs {key} as text")
    return value


def _needed(data: dict[str, Any], key: str, where: str) -> Decimal:
    value = _decimal(data, key, where)
    if value is None:
        raise MalformedInput(where, f"needs {key} as a decimal in quotes")
    return value


def _decimal(data: dict[str, Any], key: str, where: str) -> Decimal | None:
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise MalformedInput(where, f"needs {key} as a decimal in quotes")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise MalformedInput(where, f"has a {key} that is no number") from error
    if not number.is_finite() or number.adjusted() > DIGITS_MAX or number.adjusted() < -DIGITS_MAX:
        raise MalformedInput(where, f"has a {key} that is no number a shop can use")
    return number
