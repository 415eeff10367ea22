"""pos refund: a return or a correction of a price from JSON, through the screen's own use case."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, garbage, option, request
from pos_app.cli import posted as posting
from pos_app.errors import MalformedInput

if TYPE_CHECKING:
    from pos_app.domain.note import NoteKind
    from pos_app.services.original_entry import EnteredOriginal
    from pos_app.services.quick_refund import WantedNote, WantedNoteLine
    from pos_app.services.sale import Posted
    from pos_app.services.shop import Shop

KEYS = frozenset(
    {"user", "pin", "receipt", "reference", "reason", "kind", "lines", "damaged", "tender"}
    | {"approval", "original"}
)
LINE_KEYS = frozenset({"line", "quantity", "amount", "batch", "damaged"})
TENDER_KEYS = frozenset({"type", "currency", "reference"})
ORIGINAL_KEYS = frozenset(
    {"number", "device_id", "device_serial", "receipt_global_no", "fiscal_day", "filed_at"}
    | {"currency", "total", "customer", "lines"}
)
ORIGINAL_LINE_KEYS = frozenset({"item", "quantity", "amount"})


@click.command("refund")
@option.config
@click.argument("source", default="-")
@click.pass_context
def command(context: click.Context, config: Path, source: str) -> None:
    """Make a credit note of a receipt: SOURCE is a JSON file, or - for standard input.

    Exit codes: 0 made, 2 wrong input, 3 refused by a rule, 4 outcome unknown, 5 unavailable.
    """
    with answer.errors_as_json(context), garbage.left_lying():
        _refund(config, source)


def _refund(config: Path, source: str) -> None:
    wanted = _wanted(answer.read_json(source))
    from pos_app.bootstrap import install
    from pos_app.services import quick_refund

    installation = install(config, role="till")
    try:
        posted = quick_refund.make(
            installation.shop, wanted, server=installation.devices.receipts()
        )
        detail = posting.bring_on(installation, posted)
        handed = _handed(installation.shop, posted)
    finally:
        installation.close()
    answer.write(posting.told(posted, detail) | {"paid_back": handed})


def _handed(shop: Shop, posted: Posted) -> list[dict[str, str]]:
    """What was really handed back, in its own currency; below nothing is what a debit note took."""
    from pos_app.services import receipt

    return [
        {"type": tender.type, **answer.money(-tender.tendered)}
        for tender in receipt.tenders_of(shop, posted.sale_id)
    ]


def _wanted(data: dict[str, Any]) -> WantedNote:
    from pos_app.services.quick_refund import WantedNote
    from pos_app.services.quick_sale import content_of

    request.only(data, KEYS, "The request")
    tender, entered = _tender(data), _entered(data)
    return WantedNote(
        user=request.text(data, "user", is_required=True),
        pin=request.text(data, "pin", is_required=True),
        receipt=entered.number if entered else request.text(data, "receipt", is_required=True),
        reason=request.text(data, "reason"),
        reference=request.text(data, "reference"),
        kind=_kind(data),
        lines=_lines(data),
        is_damaged=_flag(data, "damaged", "The request"),
        tender=request.text(tender, "type"),
        currency=request.text(tender, "currency"),
        slip=request.text(tender, "reference"),
        consent=request.consent(data),
        content=content_of(data),
        entered=entered,
    )


def _entered(data: dict[str, Any]) -> EnteredOriginal | None:
    """The original from its paper, where the till does not know it."""
    from pos_app.services.original_entry import EnteredLine, EnteredOriginal

    told, where = data.get("original"), "The original"
    if told is None:
        return None
    if not isinstance(told, dict) or data.get("receipt") is not None:
        raise MalformedInput("The request", "names either receipt or original, as an object")
    request.only(told, ORIGINAL_KEYS, where)
    rows = request.rows(told, "lines")
    for row in rows:
        request.only(row, ORIGINAL_LINE_KEYS, where)
    return EnteredOriginal(
        number=request.text(told, "number", is_required=True),
        device_id=request.text(told, "device_id", is_required=True),
        device_serial=request.text(told, "device_serial", is_required=True),
        receipt_global_no=_whole(told, "receipt_global_no", where),
        fiscal_day=_whole(told, "fiscal_day", where),
        filed_at=_moment(told, where),
        currency=request.text(told, "currency", is_required=True),
        total=request.needed(told, "total", where),
        customer=request.text(told, "customer"),
        lines=[
            EnteredLine(
                item=request.text(row, "item", is_required=True),
                quantity=request.needed(row, "quantity", where),
                amount=request.needed(row, "amount", where),
            )
            for row in rows
        ],
    )


def _moment(data: dict[str, Any], where: str) -> datetime:
    try:
        return datetime.fromisoformat(request.text(data, "filed_at", is_required=True))
    except ValueError as error:
        raise MalformedInput(where, "needs filed_at like 2026-11-02T14:05:00") from error


def _whole(data: dict[str, Any], key: str, where: str) -> int:
    value = data.get(key)
    if type(value) is not int or not 0 < value < 10**10:
        raise MalformedInput(where, f"needs {key} as a whole number above zero")
    return value


def _kind(data: dict[str, Any]) -> NoteKind:
    from pos_app.domain.note import NoteKind

    kind = request.text(data, "kind") or NoteKind.CREDIT.value
    if kind not in set(NoteKind):
        raise MalformedInput("The request", f"has a kind that is none of {', '.join(NoteKind)}")
    return NoteKind(kind)


def _lines(data: dict[str, Any]) -> list[WantedNoteLine]:
    """What comes back; without the key, all that is left of the receipt."""
    if data.get("lines") is None:
        return []
    return [_line(row, at) for at, row in enumerate(request.rows(data, "lines"), start=1)]


def _line(row: dict[str, Any], at: int) -> WantedNoteLine:
    from pos_app.services.quick_refund import WantedNoteLine

    where = f"Line {at} of the request"
    request.only(row, LINE_KEYS, where)
    wanted = WantedNoteLine(
        line=_whole(row, "line", where),
        quantity=request.decimal(row, "quantity", where),
        amount=request.decimal(row, "amount", where),
        batch=request.text(row, "batch"),
        is_damaged=_flag(row, "damaged", where),
    )
    if (wanted.quantity is None) == (wanted.amount is None):
        raise MalformedInput(where, "needs either quantity or amount")
    return wanted


def _tender(data: dict[str, Any]) -> dict[str, Any]:
    tender = data.get("tender")
    if tender is None:
        return {}
    if not isinstance(tender, dict):
        raise MalformedInput("The tender", "is not an object with type and currency")
    request.only(tender, TENDER_KEYS, "The tender")
    return tender


def _flag(data: dict[str, Any], key: str, where: str) -> bool:
    value = data.get(key)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise MalformedInput(where, f"needs {key} as true or false")
    return value
