"""pos sell: one sale from JSON, through the very same use case as the screen."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, garbage, option, request
from pos_app.cli import posted as posting
from pos_app.errors import MalformedInput

if TYPE_CHECKING:
    from pos_app.bootstrap import Installation
    from pos_app.services.quick_sale import Wallet, WantedSale

KEYS = frozenset(
    {"user", "pin", "customer", "reference", "currency", "lines", "tenders", "approval"}
)
LINE_KEYS = frozenset({"item", "barcode", "quantity", "discount_percent", "batch", "price"})
TENDER_KEYS = frozenset({"type", "currency", "amount", "reference", "phone"})


@click.command("sell")
@option.config
@click.argument("source", default="-")
@click.pass_context
def command(context: click.Context, config: Path, source: str) -> None:
    """Make one sale: SOURCE is a JSON file, or - for standard input.

    Exit codes: 0 sold, 2 wrong input, 3 refused by a rule, 4 outcome unknown, 5 unavailable.
    """
    with answer.errors_as_json(context), garbage.left_lying():
        _sell(config, source)


def _sell(config: Path, source: str) -> None:
    wanted = _wanted(answer.read_json(source))
    from pos_app.bootstrap import install
    from pos_app.services import credit, quick_sale

    installation = install(config, role="till")
    try:
        wallet = _wallet(installation) if _asks(wanted) else quick_sale.nobody
        posted = quick_sale.sell(installation.shop, wanted, wallet)
        detail = posting.bring_on(installation, posted)
        warning = credit.warned(installation.shop, posted.receipt)
    finally:
        installation.close()
    warnings = {"warnings": [warning]} if warning else {}
    answer.write(posting.told(posted, detail) | warnings)


def _asks(wanted: WantedSale) -> bool:
    return any(row.phone for row in wanted.tenders)


def _wallet(installation: Installation) -> Wallet:
    from pos_app.services.prompt import wait

    return partial(wait.paid, installation.shop, installation.devices.receipts())


def _wanted(data: dict[str, Any]) -> WantedSale:
    from pos_app.services.quick_sale import WantedSale, content_of

    request.only(data, KEYS, "The request")
    lines, tenders = request.rows(data, "lines"), request.rows(data, "tenders")
    return WantedSale(
        user=request.text(data, "user", is_required=True),
        pin=request.text(data, "pin", is_required=True),
        customer=request.text(data, "customer"),
        reference=request.text(data, "reference"),
        currency=request.text(data, "currency"),
        lines=[_line(row, number) for number, row in enumerate(lines, start=1)],
        tenders=[_tender(row, number) for number, row in enumerate(tenders, start=1)],
        content=content_of(data),
        consent=request.consent(data),
    )


def _line(row: dict[str, Any], number: int) -> Any:
    from pos_app.services.quick_sale import WantedLine

    where = f"Line {number}"
    request.only(row, LINE_KEYS, where)
    if bool(row.get("item")) == bool(row.get("barcode")):
        raise MalformedInput(where, "needs either item or barcode")
    return WantedLine(
        item=request.text(row, "item"),
        barcode=request.text(row, "barcode"),
        quantity=request.needed(row, "quantity", where),
        discount_percent=request.decimal(row, "discount_percent", where),
        price=request.decimal(row, "price", where),
        batch=request.text(row, "batch"),
    )


def _tender(row: dict[str, Any], number: int) -> Any:
    from pos_app.services.quick_sale import WantedTender

    where = f"Tender {number}"
    request.only(row, TENDER_KEYS, where)
    return WantedTender(
        type=request.text(row, "type", is_required=True),
        currency=request.text(row, "currency", is_required=True),
        amount=request.needed(row, "amount", where),
        reference=request.text(row, "reference"),
        phone=request.text(row, "phone"),
    )
