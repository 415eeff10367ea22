"""pos paper: the paper of a receipt, a shift, a fiscal day or a deal as a file."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, garbage, option
from pos_app.errors import MalformedInput, Unavailable

if TYPE_CHECKING:
    from pos_app.bootstrap import Installation
    from pos_app.domain.permission import Actor
    from pos_app.services.saved_paper import SavedPaper
    from pos_app.services.shop import Shop


class PageWaits(Unavailable):
    """The office printer does not take the page now."""

    code = "page_waits"

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem} The page waits; the till goes on trying.")


DEALS = ("quotation", "order", "delivery", "statement", "transfer", "count")
"""Papers of a server, by the word that stands for them."""


@click.command("paper")
@click.argument("receipt", default="")
@click.argument("number", default="")
@option.config
@click.option("--shift", type=click.IntRange(1), help="Instead of a receipt: a closed shift.")
@click.option("--day", type=click.IntRange(1), help="Instead of a receipt: the Z of a fiscal day.")
@click.option("--count", help="Instead of a receipt: a sheet to count this warehouse with.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day of a statement.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of a statement.")
@click.option("--blind", is_flag=True, help="On that sheet: not what the books say.")
@click.option("--user", required=True, help="Who wants it.")
@click.option("--pin", required=True, help="Their PIN.", envvar="POS_PIN")
@click.option(
    "--as",
    "form",
    type=click.Choice(["pdf", "text", "escpos"]),
    default="pdf",
    show_default=True,
    help="A PDF file, plain text, or the bytes for the till's printer.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; standard output without it.",
)
@click.option("--office", is_flag=True, help="Instead of a file: print it in the office, as PDF.")
@garbage.left_lying()
def command(config: Path, **given: Any) -> None:
    """Save the paper of RECEIPT, marked COPY unless it is the first; it is counted and audited.

    On a server, RECEIPT may be one of quotation, order, delivery, transfer and count (with the
    NUMBER of one, or for a delivery that of an invoice) and statement (with a customer's code).

    Exit codes: 0 made, 2 wrong input, 3 refused by a rule, 5 unavailable.
    """
    out: Path | None = given["out"]
    if sum(bool(given[name]) for name in ("receipt", "shift", "day", "count")) != 1:
        raise MalformedInput(
            "The request", "needs one of: a receipt number, --shift, --day, --count"
        )
    if given["office"] and (out or given["form"] != "pdf"):
        raise MalformedInput("The request", "prints in the office or makes a file, not both")
    if out is None and not given["office"] and given["form"] != "text" and sys.stdout.isatty():
        raise MalformedInput("The request", "needs --out FILE: this is nothing for a screen")
    is_deal = given["receipt"] in DEALS
    if is_deal != bool(given["number"]):
        wanted = "a number behind it" if is_deal else f"one of {', '.join(DEALS)} before a number"
        raise MalformedInput("The request", f"needs {wanted}")
    made = _deal(config, given, out) if is_deal else _made(config, given, out)
    name = f"copy {made.copy_number}" if made.copy_number else "the original"
    if given["office"]:
        answer.say(f"The office printer has {name} of {made.name}.")
        return
    if out is None:
        sys.stdout.buffer.write(made.data)
        sys.stdout.buffer.flush()
        return
    answer.say(f"{out}: {name} of {made.name}.")


def _deal(config: Path, given: dict[str, Any], out: Path | None) -> SavedPaper:
    from pos_app.bootstrap import install
    from pos_app.services import saved_paper, sign_in, statement_paper, stockroom_paper
    from pos_app.services.trade import paper

    form = saved_paper.Form(given["form"])
    installation = install(config, role="server")
    try:
        shop = installation.shop
        actor = sign_in.with_pin(shop, given["user"], given["pin"])
        if given["receipt"] == "statement":
            since, until = _day(given["since"]), _day(given["until"])
            code = given["number"]
            data = statement_paper.save(shop, actor, code, form, since=since, until=until)
        elif given["receipt"] == "transfer":
            data = stockroom_paper.save_transfer(shop, actor, given["number"], form)
        elif given["receipt"] == "count":
            data = stockroom_paper.save_count(shop, actor, given["number"], form)
        else:
            data = paper.save(shop, actor, given["receipt"], given["number"], form)
        name = f"{given['receipt']} {given['number']}"
        made = saved_paper.kept(name, data, out)
        return _handed(installation, made) if given["office"] else made
    finally:
        installation.close()


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _made(config: Path, given: dict[str, Any], out: Path | None) -> SavedPaper:
    from pos_app.bootstrap import install
    from pos_app.services import saved_paper, sign_in

    form = saved_paper.Form(given["form"])
    installation = install(config, role="till")
    try:
        shop = installation.shop
        actor = sign_in.with_pin(shop, given["user"], given["pin"])
        if given["office"]:
            return _handed(installation, _queued(shop, actor, given))
        if given["shift"]:
            return saved_paper.save_shift(shop, actor, given["shift"], form, out=out)
        if given["day"]:
            return saved_paper.save_day(shop, actor, given["day"], form, out=out)
        if given["count"]:
            return saved_paper.save_count(
                shop, actor, given["count"], form, is_blind=given["blind"], out=out
            )
        return saved_paper.save(shop, actor, given["receipt"], form, out=out)
    finally:
        installation.close()


def _queued(shop: Shop, actor: Actor, given: dict[str, Any]) -> SavedPaper:
    """The page, in the queue of the office printer if it is one that counts."""
    from pos_app.services import office, saved_paper

    if given["shift"]:
        return office.print_shift(shop, actor, given["shift"])
    if given["day"]:
        return office.print_day(shop, actor, given["day"])
    if given["count"]:
        pdf, is_blind = saved_paper.Form.PDF, given["blind"]
        return saved_paper.save_count(shop, actor, given["count"], pdf, is_blind=is_blind)
    return office.print_receipt(shop, actor, given["receipt"])


def _handed(installation: Installation, made: SavedPaper) -> SavedPaper:
    """Hand over what waits; a page that nobody takes stays, and is told of."""
    from pos_app.services import office

    if not made.is_queued:
        office.print_page(installation.shop, made.name, made.data)
    worked = installation.devices.work_office()
    if worked.problem:
        raise PageWaits(worked.problem)
    return made
