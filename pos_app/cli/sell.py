"""pos sell: one sale from JSON, through the very same use case as the screen."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, option
from pos_app.errors import MalformedInput, PosError

if TYPE_CHECKING:
    from pos_app.services.quick_sale import WantedSale

KEYS = frozenset(
    {"user", "pin", "customer", "reference", "currency", "lines", "tenders", "approval"}
)
LINE_KEYS = frozenset({"item", "barcode", "quantity", "discount_percent", "batch", "price"})
TENDER_KEYS = frozenset({"type", "currency", "amount", "reference"})


@click.command("sell")
@option.config
@click.argument("source", default="-")
@click.pass_context
def command(context: click.Context, config: Path, source: str) -> None:
    """Make one sale: SOURCE is a JSON file, or - for standard input.

    Exit codes: 0 sold, 2 wrong input, 3 refused by a rule, 4 outcome unknown, 5 unavailable.
    """
    try:
        _sell(config, source)
    except PosError as error:
        context.exit(answer.write_error(error))


def _sell(config: Path, source: str) -> None:
    wanted = _wanted(answer.read_json(source))
    from pos_app.bootstrap import install
    from pos_app.services import quick_sale, receipt

    installation = install(config)
    try:
        posted = quick_sale.sell(installation.shop, wanted)
        installation.devices.settle(posted.sale_id)
        detail = receipt.show(installation.shop, posted.receipt)
    finally:
        installation.close()
    fiscal = detail.fiscal
    answer.write(
        {
            "receipt": posted.receipt,
            "sale_id": posted.sale_id,
            "currency": posted.currency,
            "total": str(posted.total),
            "vat": str(posted.vat),
            "paid": str(posted.paid),
            "change": [answer.money(money) for money in posted.change],
            "replayed": posted.replayed,
            "lamps": detail.row.lamps.as_words(),
            "fiscal": None
            if fiscal is None
            else {
                "qr": fiscal.qr,
                "verification_code": fiscal.verification_code,
                "receipt_global_no": fiscal.receipt_global_no,
                "receipt_counter": fiscal.receipt_counter,
                "fiscal_day": fiscal.fiscal_day,
                "device_id": fiscal.device_id,
            },
        }
    )


def _wanted(data: dict[str, Any]) -> WantedSale:
    from pos_app.services.quick_sale import Consent, WantedSale, content_of

    _only(data, KEYS, "The request")
    approval = data.get("approval")
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
        if isinstance(approval, dict)
        else None,
    )


def _line(row: dict[str, Any], number: int) -> Any:
    from pos_app.services.quick_sale import WantedLine

    where = f"Line {number}"
    _only(row, LINE_KEYS, where)
    if bool(row.get("item")) == bool(row.get("barcode")):
        raise MalformedInput(where, "needs either item or barcode")
    return WantedLine(
        item=_text(row, "item"),
        barcode=_text(row, "barcode"),
        quantity=_decimal(row, "quantity", where) or Decimal(0),
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
        amount=_decimal(row, "amount", where) or Decimal(0),
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


def _decimal(data: dict[str, Any], key: str, where: str) -> Decimal | None:
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise MalformedInput(where, f"needs {key} as a decimal in quotes")
    try:
        return Decimal(value)
    except InvalidOperation as error:
        raise MalformedInput(where, f"has a {key} that is no number") from error
