"""pos report: what was sold, paid, owed and earned over some days, for the manager."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, option

if TYPE_CHECKING:
    from pos_app.services.report.form import Table

NAMES = ("sales", "products", "slow", "customers", "payments", "profit", "owed", "trial-balance")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command("report")
@click.argument("name", metavar="REPORT", type=click.Choice(NAMES))
@option.config
@click.option("--since", type=DAY, help="First business day; 30 days (slow: 90) without it.")
@click.option("--until", type=DAY, help="Last business day, included; today without it.")
@click.option("--warehouse", help="Only this warehouse.")
@click.option("--top", default=20, show_default=True, help="Rows of a list at most.")
@option.as_json
@click.pass_context
def command(context: click.Context, /, name: str, config: Path, **given: Any) -> None:
    """Tell what was sold, paid, owed and earned: of all tills on a server, of one on a till.

    REPORT: sales (per day), products (what sells most), slow (in stock, not sold for 30 days),
    customers, payments (by means), profit (by month), owed (by age, now), trial-balance (of a
    server that keeps its own books, up to --until). Amounts of different currencies are never
    added; where they are compared, the rate stands below.

    Exit codes: 0 told, 2 no such warehouse or days out of order, 5 unavailable.
    """
    from pos_app.services.report import form

    with answer.errors_if(context, as_json=given["as_json"]):
        table = _table(name, config, given)
        if given["as_json"]:
            answer.write(form.as_data(table))
        else:
            answer.say(*form.as_text(table).split("\n"))


def _table(name: str, config: Path, given: dict[str, Any]) -> Table:
    from pos_app.bootstrap import install
    from pos_app.services.report.form import REPORTS, most_of
    from pos_app.services.report.scope import Asked

    installation = install(config)
    try:
        asked = Asked(
            since=_day(given["since"]),
            until=_day(given["until"]),
            warehouse=given["warehouse"],
        )
        return REPORTS[name](installation.shop, asked, most_of(given["top"]))
    finally:
        installation.close()


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
