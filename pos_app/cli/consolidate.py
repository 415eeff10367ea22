"""pos consolidate: one invoice per customer, currency and tax group of a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, option

if TYPE_CHECKING:
    from pos_app.services.consolidation.run import Run
    from pos_app.services.consolidation.view import Consolidated, Day
    from pos_app.services.shop import Shop

CONSOLE = "console"


@click.command("consolidate")
@click.argument("day", metavar="[DATE]", default="today")
@option.config
@click.option("--dry-run", is_flag=True, help="Only say which lists it would make.")
@click.option("--show", is_flag=True, help="Only say how far the lists of DATE are.")
@option.as_json
@click.pass_context
def command(
    context: click.Context, day: str, config: Path, *, dry_run: bool, show: bool, as_json: bool
) -> None:
    """Put every receipt up to DATE (2026-11-30, today, yesterday) that waits into a list.

    Each list is of one business date, customer, currency and tax group, is fixed from now on, and
    goes to SAP, or into the built-in books, as one invoice with its payments. Asked again it finds
    what came since, or nothing.
    """
    from pos_app.bootstrap import install
    from pos_app.services.consolidation import run, view

    with answer.errors_if(context, as_json=as_json):
        installation = install(config, role="server")
        try:
            shop = installation.shop
            wanted = option.day(day, shop.today)
            if show:
                _show(view.of_day(shop, wanted), as_json=as_json)
                return
            _tell(
                shop,
                run.run(shop, by=CONSOLE, until=_past(wanted, shop), is_dry=dry_run),
                as_json=as_json,
            )
        finally:
            installation.close()


def _past(day: date, shop: Shop) -> date:
    from pos_app.errors import MalformedInput

    if day > shop.today:
        raise MalformedInput("The date", f"{day} is not over yet: name a day until {shop.today}")
    return day


def _tell(shop: Shop, done: Run, *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "reference": one.reference,
                "date": one.group.day.isoformat(),
                "customer": one.group.partner,
                "tax_group": one.group.tax_group,
                "total": answer.money(one.total),
                "receipts": list(one.receipts),
            }
            for one in done.lists
        ]
        answer.write({"until": done.until.isoformat(), "dry_run": done.is_dry, "lists": rows})
        return
    for one in done.lists:
        name = one.reference or f"{one.group.day} {one.group.partner}"
        answer.say(
            f"{name:<34} {one.group.tax_group:<6} {len(one.receipts):>5} receipts "
            f"{one.total.label:>18}"
        )
    if not done.lists:
        why = "" if shop.rules.sap.consolidates else ": sap.consolidate is off in the settings"
        answer.say(f"No receipt up to {done.until} waits for a list{why}.")
        return
    verb = "would go" if done.is_dry else "go"
    what = "1 receipt" if done.receipts == 1 else f"{done.receipts} receipts"
    lists = "1 invoice" if len(done.lists) == 1 else f"{len(done.lists)} invoices"
    answer.say(f"{what} {verb} to SAP as {lists}.")


def _show(found: Day, *, as_json: bool) -> None:
    if as_json:
        lists = [_list(one) for one in found.lists]
        answer.write(
            {"date": found.day.isoformat(), "lists": lists, "waiting": list(found.waiting)}
        )
        return
    for one in found.lists:
        booked = f"invoice {one.doc_num}" if one.is_posted else ""
        answer.say(
            f"{one.reference:<34} {one.tax_group:<6} {len(one.receipts):>5} receipts "
            f"{one.total.label:>18} {one.state:<14} {booked} {one.reason}".rstrip()
        )
    what = "1 receipt waits" if len(found.waiting) == 1 else f"{len(found.waiting)} receipts wait"
    answer.say(f"{what} for the end of the day.")


def _list(one: Consolidated) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "key": one.id,
        "customer": one.partner,
        "tax_group": one.tax_group,
        "total": answer.money(one.total),
        "vat": answer.money(one.vat),
        "state": one.state,
        "reason": one.reason,
        "doc_entry": one.doc_entry,
        "doc_num": one.doc_num,
        "payments": list(one.payment_nums),
        "receipts": list(one.receipts),
    }
