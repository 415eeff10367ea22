"""pos shift: open, close or read a shift without a screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, garbage, option

if TYPE_CHECKING:
    from collections.abc import Callable

    from pos_app.domain.permission import Actor
    from pos_app.services.shift import ShiftReport
    from pos_app.services.shop import Shop

_who = option.together(
    [
        option.config,
        click.option("--user", required=True, help="Who does it."),
        click.option("--pin", required=True, help="Their PIN.", envvar="POS_PIN"),
        option.as_json,
    ]
)
COUNT = click.option("--count", default="", help="Such as USD:20=3,USD:1=7,ZIG:10=2.")


@click.group("shift")
def command() -> None:
    """Open, close or read (x) the shift of a till."""


@command.command("open")
@_who
@COUNT
def open_(config: Path, **given: Any) -> None:
    """Open a shift with the float counted into the drawer."""
    from pos_app.domain.shift import parse_counts
    from pos_app.services import shift

    def run(shop: Shop, actor: Actor) -> dict[str, Any]:
        opened = shift.open_shift(shop, actor, parse_counts(given["count"]))
        return {
            "shift": opened.number,
            "user": opened.username,
            "opened_at": opened.opened_at.isoformat(),
        }

    _run(config, given, run)


@command.command("x")
@_who
def x(config: Path, **given: Any) -> None:
    """Read the open shift without changing it."""
    from pos_app.services import shift

    _run(config, given, lambda shop, actor: _report(shift.x(shop, actor)))


@command.command("close")
@_who
@COUNT
def close(config: Path, **given: Any) -> None:
    """Close the shift on what was counted."""
    from pos_app.domain.shift import parse_counts
    from pos_app.services import shift

    def run(shop: Shop, actor: Actor) -> dict[str, Any]:
        return _report(shift.close_shift(shop, actor, parse_counts(given["count"])))

    _run(config, given, run)


@garbage.left_lying()
def _run(
    config: Path,
    given: dict[str, Any],
    run: Callable[[Shop, Actor], dict[str, Any]],
) -> None:
    from pos_app.bootstrap import install
    from pos_app.services import sign_in

    with answer.errors_if(click.get_current_context(), as_json=given["as_json"]):
        installation = install(config, role="till")
        try:
            actor = sign_in.with_pin(installation.shop, given["user"], given["pin"])
            result = run(installation.shop, actor)
        finally:
            installation.close()
    if given["as_json"]:
        answer.write(result)
    else:
        answer.say(*_lines(result))


def _report(report: ShiftReport) -> dict[str, Any]:
    return {
        "shift": report.shift.number,
        "user": report.shift.username,
        "is_open": report.shift.is_open,
        "sales": report.sale_count,
        "drawer_opened": report.openings.total,
        "drawer_no_sale": report.openings.no_sale,
        "drawer_unasked": report.openings.unasked,
        "totals": [answer.money(total) for total in report.totals],
        "balances": [
            {
                "tender": balance.tender_type,
                "currency": balance.currency,
                "expected": str(balance.expected),
                "counted": None if balance.counted is None else str(balance.counted),
                "over_short": None if balance.over_short is None else str(balance.over_short),
            }
            for balance in report.balances
        ],
        "taxes": [
            {
                "group": tax.group,
                "currency": tax.currency,
                "net": str(tax.net),
                "vat": str(tax.vat),
                "gross": str(tax.gross),
            }
            for tax in report.taxes
        ],
    }


def _lines(result: dict[str, Any]) -> list[str]:
    lines = [f"{name}: {value}" for name, value in result.items() if not isinstance(value, list)]
    for name, rows in result.items():
        if isinstance(rows, list):
            lines += [f"{name}: " + ", ".join(f"{k} {v}" for k, v in row.items()) for row in rows]
    return lines
