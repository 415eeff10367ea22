"""pos stock why: the chain of moves that explains a quantity."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from pos_app.cli import answer, garbage, option
from pos_app.domain.plain import plain
from pos_app.errors import MalformedInput

if TYPE_CHECKING:
    from pos_app.services.stock_why import Why

MOST = 50


@click.group("stock")
def command() -> None:
    """Look into the books of stock."""


@command.command("why")
@click.argument("item")
@option.config
@click.option("--warehouse", default="", help="One warehouse; every one without it.")
@click.option("--at", "moment", default="", help="As it was then, such as 2026-11-02T14:30.")
@click.option("--moves", default=MOST, show_default=True, type=click.IntRange(1, 10_000))
@option.as_json
@click.pass_context
@garbage.left_lying()
def why(context: click.Context, /, item: str, config: Path, **given: Any) -> None:
    """Why the book shows this quantity of ITEM: what was there, and every move since.

    Exit codes: 0 explained, 2 no such item or warehouse, 5 unavailable.
    """
    with answer.errors_if(context, as_json=given["as_json"]):
        found, zone = _found(config, item, given)
        if given["as_json"]:
            answer.write({"item": item, "warehouses": [as_data(one) for one in found]})
        elif not found:
            answer.say(f"Nobody has told of any stock of item {item}: it is unknown, not zero.")
        else:
            answer.say(*"\n\n".join(as_text(one, zone) for one in found).split("\n"))


def _found(config: Path, item: str, given: dict[str, Any]) -> tuple[list[Why], ZoneInfo]:
    from pos_app.bootstrap import install
    from pos_app.services import stock_why

    installation = install(config)
    try:
        shop = installation.shop
        zone = ZoneInfo(shop.rules.zone)
        found = stock_why.explain(
            shop,
            item,
            warehouse=given["warehouse"],
            at=_moment(given["moment"], zone),
            most=given["moves"],
        )
        return found, zone
    finally:
        installation.close()


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedInput("--at", "is no time: write it as 2026-11-02T14:30") from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def as_data(found: Why) -> dict[str, Any]:
    """One warehouse as JSON data; quantities are decimal strings."""
    return {
        "item": found.item,
        "name": found.name,
        "uom": found.uom,
        "warehouse": found.warehouse,
        "at": found.at.isoformat(),
        "on_hand": _plain(found.on_hand),
        "reserved": _plain(found.reserved),
        "available": _plain(found.available),
        "told_from_above": _plain(found.base),
        "opening": _plain(found.opening),
        "moves": [
            {
                "at": link.at.isoformat(),
                "kind": link.kind,
                "document": link.document,
                "batch": link.batch,
                "quantity": _plain(link.quantity),
                "balance": _plain(link.balance),
                "in_base": link.is_in_base,
            }
            for link in found.links
        ],
        "reservations": [
            {
                "reference": hold.reference,
                "quantity": _plain(hold.quantity),
                "expires_at": hold.expires_at.isoformat(),
            }
            for hold in found.holds
        ],
        "in_transit": [
            {
                "transfer": one.number,
                "other": one.other,
                "quantity": _plain(one.quantity),
                "sent_at": one.sent_at.isoformat(),
            }
            for one in found.transit
        ],
    }


def as_text(found: Why, zone: ZoneInfo) -> str:
    """One warehouse for people, in the shop's own time."""
    head = f"{found.item} {found.name} in {found.warehouse}: {_plain(found.on_hand)} {found.uom}"
    lines = [
        head if found.is_now else f"{head} at {_time(found.at, zone)}",
        f"  {'before the first move below, as told from above':52} {_plain(found.opening):>12}",
    ]
    for link in found.links:
        batch = f" batch {link.batch}" if link.batch else ""
        words = f"{_time(link.at, zone)}  {link.kind} {link.document}{batch}"
        lines.append(f"  {words:52} {_signed(link.quantity):>12} {_plain(link.balance):>12}")
    for hold in found.holds:
        words = f"reserved by {hold.reference} until {_time(hold.expires_at, zone)}"
        lines.append(f"  {words:52} {_signed(-hold.quantity):>12}")
    if found.holds:
        lines.append(f"  {'available':52} {'':12} {_plain(found.available):>12}")
    for one in found.transit:
        way = f"to {one.other}" if one.quantity < 0 else f"from {one.other}"
        lines.append(f"  on its way {way}: {_plain(abs(one.quantity))} by {one.number}")
    return "\n".join(map(plain, lines))


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _plain(quantity: Any) -> str:
    return f"{quantity:f}"


def _signed(quantity: Any) -> str:
    return f"{quantity:+f}"
