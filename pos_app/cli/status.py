"""pos status: the till at a glance, and the lamps of its last receipts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, garbage, option
from pos_app.domain.plain import plain

if TYPE_CHECKING:
    from pos_app.services.fiscal_standing import Standing as FiscalStanding
    from pos_app.services.printer import Standing
    from pos_app.services.receipt import ReceiptRow
    from pos_app.services.spool_question import Unconfirmed
    from pos_app.services.status import Status

LAST = 10


@click.command("status")
@option.config
@option.as_json
@click.option("--last", default=LAST, type=click.IntRange(0, 10_000), help="How many receipts.")
@garbage.left_lying()
def command(config: Path, *, as_json: bool, last: int) -> None:
    """Show queues with their age, and the lamps of the last receipts."""
    from pos_app.bootstrap import install
    from pos_app.services import receipt, status

    installation = install(config)
    try:
        seen = status.status(installation.shop)
        rows = receipt.recent(installation.shop, limit=last) if last else []
    finally:
        installation.close()
    if as_json:
        answer.write(as_data(seen) | {"lamps": [_row(row) for row in rows]})
        return
    answer.say(*as_text(seen).split("\n"))
    for row in rows:
        words = " ".join(f"{name}={lamp}" for name, lamp in row.lamps.as_words().items())
        answer.say(f"{row.receipt}  {row.total.label:>14}  {words}")


def as_data(seen: Status) -> dict[str, Any]:
    """The status as JSON data."""
    since = seen.drawer.open_since
    return {
        "till": seen.till,
        "receipts": seen.receipts,
        "shift": None
        if seen.shift is None
        else {
            "number": seen.shift.number,
            "user": seen.shift.username,
            "opened_at": seen.shift.opened_at.isoformat(),
            "business_date": seen.shift.business_date.isoformat(),
        },
        "rate": None
        if seen.rate is None
        else {
            "base": seen.rate.base,
            "quote": seen.rate.quote,
            "rate": str(seen.rate.rate),
            "at": seen.rate.at.isoformat(),
        },
        "queues": {
            name: {
                "waiting": queue.waiting,
                "oldest_seconds": queue.oldest_seconds,
                "problem": queue.problem,
            }
            for name, queue in seen.queues.items()
        },
        "printers": [_printer(row) for row in seen.printers],
        "paper_question": None if seen.asked is None else _question(seen.asked),
        "drawer": {
            "open_since": since and since.isoformat(),
            "cause": seen.drawer.cause and seen.drawer.cause.value,
            "problem": seen.drawer.problem,
        },
        "display": seen.display,
        "office": seen.office,
        "fiscal": None if seen.fiscal is None else _fiscal(seen.fiscal),
    }


def _printer(row: Standing) -> dict[str, Any]:
    """How one printer is; `trouble` is a word for programs, empty when it is well."""
    return {
        "url": row.url,
        "fallback": row.is_fallback,
        "trouble": row.trouble,
        "sentence": row.sentence,
        "since": row.since and row.since.isoformat(),
    }


def _question(asked: Unconfirmed) -> dict[str, Any]:
    """The oldest paper nobody can prove."""
    return {"job": asked.id, "paper": asked.title, "reason": asked.reason}


def _fiscal(standing: FiscalStanding) -> dict[str, Any]:
    """Readiness, deferred receipts and the fiscal day; `pos fiscal status` says more."""
    left = standing.day.time_left
    return {
        "readiness": standing.readiness.value,
        "reason": standing.reason,
        "deferred": standing.waiting,
        "deferred_most": standing.most,
        "fiscal_day": standing.day.fiscal_day,
        "day": standing.day.state.value,
        "hours_left": None if left is None else f"{left.total_seconds() / 3600:.1f}",
    }


def as_text(seen: Status) -> str:
    """The status for people."""
    shift = "no open shift" if seen.shift is None else f"shift of {seen.shift.username}"
    rate = "no rate"
    if seen.rate is not None:
        rate = f"1 {seen.rate.base} = {seen.rate.rate} {seen.rate.quote}"
    lines = [f"Till {seen.till}: {shift}, {rate}, {seen.receipts} receipts"]
    for name, queue in seen.queues.items():
        age = "" if queue.oldest_seconds is None else f", oldest {queue.oldest_seconds} s"
        trouble = f": {queue.problem}" if queue.problem else ""
        lines.append(f"  {name:<9} {queue.waiting} waiting{age}{trouble}")
    for printer in seen.printers:
        name = "printer 2" if printer.is_fallback else "printer"
        if printer.sentence and printer.since:
            lines.append(f"  {name}, since {printer.since:%H:%M} UTC: {printer.sentence}")
    if seen.office:
        lines.append(f"  office: {seen.office}")
    if seen.display:
        lines.append(f"  display: {seen.display}")
    if seen.asked is not None:
        lines.append(
            f"  {seen.asked.sentence} When it stopped: {seen.asked.reason} "
            "Answer on the till's screen."
        )
    if seen.fiscal is not None:
        day, left = seen.fiscal.day, seen.fiscal.day.time_left
        hours = "" if left is None else f", {left.total_seconds() / 3600:.1f} h left"
        lines.append(
            f"  {seen.fiscal.readiness.value}: {seen.fiscal.waiting} of {seen.fiscal.most} "
            f"receipts deferred, fiscal day {day.fiscal_day or '-'} {day.state.value}{hours}"
        )
    return "\n".join(map(plain, lines))


def _row(row: ReceiptRow) -> dict[str, Any]:
    return {
        "receipt": row.receipt,
        "sale_id": row.sale_id,
        "total": str(row.total),
        "currency": row.total.currency,
        "lamps": row.lamps.as_words(),
    }
