"""pos mail: the letters a server sends, for its administrator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, option
from pos_app.cli.queue import at, console, server

if TYPE_CHECKING:
    from pos_app.services.mail.view import SpooledMail

STATES = (
    "Pending", "Sending", "Handed", "Sent", "Unknown", "Failed", "Cancelled", "Expired",
)  # fmt: skip


@click.group("mail")
def command() -> None:
    """List mail that waits or stands still; send it again, or give it up."""


@command.command("list")
@option.config
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only these.")
@click.option("--limit", default=100, type=click.IntRange(1, 10_000), help="How many at most.")
@option.as_json
@click.pass_context
def list_(
    context: click.Context, config: Path, *, states: Sequence[str], limit: int, as_json: bool
) -> None:
    """List letters, newest first; without --state those that are not sent or given up."""
    from pos_app.domain.mail import MailState
    from pos_app.services.mail import view

    wanted = [MailState(state) for state in states]
    with answer.errors_if(context, as_json=as_json), server(config) as installation:
        rows = view.page(installation.shop, console(), states=wanted, limit=limit)
    if as_json:
        answer.write({"mails": [_mail(row) for row in rows]})
        return
    for row in rows:
        told = f" {row.reason}" if row.reason else ""
        people = ", ".join(row.recipients)
        answer.say(
            f"{row.id} {row.state.value:<9} {at(row.queued_at)} {people}: {row.subject}{told}"
        )
    if not rows:
        answer.say("No such mail." if wanted else "No mail waits.")


@command.command("retry")
@option.config
@click.argument("mail")
def retry(config: Path, mail: str) -> None:
    """Send MAIL, by its id, again: the same letter, which mailboxes that have it recognise."""
    from pos_app.services.mail import view

    with server(config) as installation:
        view.retry(installation.shop, console(), mail)
    answer.say(f"{mail} is sent again.")


@command.command("cancel")
@option.config
@click.argument("mail")
@click.option("--reason", required=True, help="Why it is not to be sent.")
def cancel(config: Path, mail: str, *, reason: str) -> None:
    """Give MAIL, by its id, up for good."""
    from pos_app.services.mail import view

    with server(config) as installation:
        view.cancel(installation.shop, console(), mail, reason=reason)
    answer.say(f"{mail} is given up.")


def _mail(row: SpooledMail) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "document": row.document_id,
        "recipients": list(row.recipients),
        "left": list(row.left),
        "subject": row.subject,
        "state": row.state.value,
        "reason": row.reason,
        "failures": row.failures,
        "user": row.username,
        "queued_at": row.queued_at.isoformat(),
        "try_at": row.try_at and row.try_at.isoformat(),
    }
