"""pos preflight: what would stop today's sales and documents, before the first customer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, option

if TYPE_CHECKING:
    from pos_app.services.preflight.morning import Preflight

UNREAD, FOUND = 5, 6


@click.command("preflight")
@option.config
@option.as_json
@click.pass_context
def command(context: click.Context, config: Path, *, as_json: bool) -> None:
    """Look at rates, prices, taxes, accounts, periods, series and fields before the day begins.

    On a server SAP is asked; a till shows what the server found beside its own.

    Exit codes: 0 nothing stands in the way, 5 SAP could not be asked, 6 there is something.
    """
    with answer.errors_if(context, as_json=as_json):
        seen = _look(config)
    if as_json:
        answer.write(as_data(seen))
    else:
        for problem in seen.problems:
            answer.say(f"{problem.code:<22} {problem.sentence}")
        if seen.unread:
            answer.say(f"{'sap_unread':<22} SAP could not be asked: {seen.unread}")
        answer.say("Nothing stands in the way." if seen.is_clear else _count(seen))
    if not seen.is_clear:
        context.exit(UNREAD if seen.unread else FOUND)


def _look(config: Path) -> Preflight:
    from pos_app.bootstrap import install
    from pos_app.sap_line import open_sap
    from pos_app.services.preflight import morning

    installation = install(config)
    try:
        if installation.settings.role == "till":
            return morning.of_till(installation.shop)
        seen = morning.look(installation.shop, open_sap(installation))
        morning.keep(installation.shop, seen)
        return seen
    finally:
        installation.close()


def _count(seen: Preflight) -> str:
    count = len(seen.problems)
    return f"{count} problem{'' if count == 1 else 's'}."


def as_data(seen: Preflight) -> dict[str, Any]:
    """The look as JSON data."""
    return {
        "date": seen.day.isoformat(),
        "at": seen.at.isoformat(),
        "clear": seen.is_clear,
        "unread": seen.unread,
        "problems": [
            {
                "code": problem.code,
                "subject": problem.subject,
                "message": problem.sentence,
                "stops": problem.stops.value,
            }
            for problem in seen.problems
        ],
    }
