"""pos queue: the documents on their way to SAP, for the administrator of the server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, option

if TYPE_CHECKING:
    from pos_app.bootstrap import Installation
    from pos_app.domain.permission import Actor
    from pos_app.services.posting.view import Queued

CONSOLE = "console"
STATES = ("Pending", "Processing", "Completed", "Failed", "RequiresReview", "Cancelled")
WORDS = 100
"""Characters of a reason in a list."""


@click.group("queue")
def command() -> None:
    """List documents on their way to SAP and what holds them up; try again, take out."""


@command.command("list")
@option.config
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only these.")
@click.option("--incident", default="", help="Only the rows of this incident.")
@click.option("--limit", default=100, type=click.IntRange(1, 10_000), help="How many at most.")
@option.as_json
@click.pass_context
def list_(
    context: click.Context,
    config: Path,
    *,
    states: Sequence[str],
    incident: str,
    limit: int,
    as_json: bool,
) -> None:
    """List documents in the order in which they are taken; without --state those not in SAP."""
    from pos_app.domain.posting import FINAL, PostingState
    from pos_app.services.posting import view

    wanted = [PostingState(state) for state in states]
    wanted = wanted or [state for state in PostingState if state not in FINAL]
    with answer.errors_if(context, as_json=as_json), server(config) as installation:
        total, rows = view.page(installation.shop, states=wanted, incident=incident, limit=limit)
    if as_json:
        answer.write({"total": total, "documents": [_document(row) for row in rows]})
        return
    for row in rows:
        reason = row.reason[:WORDS]
        answer.say(
            f"{row.queue_id:>7} {row.reference:<24} {row.kind:<12} {row.state.value:<14} "
            f"{row.total.label:>16} {at(row.created_at)} {row.incident:<8} {reason}".rstrip()
        )
    shown = f", the first {len(rows)} of them shown" if len(rows) < total else ""
    answer.say(f"{_documents(total)}{shown}." if total else "Nothing waits for SAP.")


@command.command("incidents")
@option.config
@option.as_json
@click.pass_context
def incidents(context: click.Context, config: Path, *, as_json: bool) -> None:
    """Name what stands still, one line for each cause, and what to do about it.

    And what was odd about documents of tills that were taken all the same.
    """
    from pos_app.services import intake_flag
    from pos_app.services.posting import incident

    with answer.errors_if(context, as_json=as_json), server(config) as installation:
        found = incident.found(installation.shop)
        noticed = intake_flag.noticed(installation.shop)
    if as_json:
        rows = [
            {
                "incident": one.name,
                "message": one.sentence,
                "advice": one.advice,
                "count": one.rows,
                "requires_review": one.in_review,
                "since": one.since.isoformat(),
                "example": one.example,
            }
            for one in found
        ]
        odd = [
            {
                "code": one.code,
                "message": one.sentence,
                "advice": one.advice,
                "count": one.documents,
                "since": one.since.isoformat(),
                "example": one.example,
            }
            for one in noticed
        ]
        answer.write({"incidents": rows, "noticed": odd})
        return
    for one in found:
        answer.say(f"{one.name} x{one.rows} since {at(one.since)}, {one.example}: {one.sentence}")
        answer.say(f"         {one.advice}")
    if not found:
        answer.say("Nothing stands still.")
    for odd_one in noticed:
        since, count = at(odd_one.since), odd_one.documents
        answer.say(f"noticed  x{count} since {since}, {odd_one.example}: {odd_one.sentence}")
        answer.say(f"         {odd_one.advice}".rstrip())


@command.command("retry")
@option.config
@click.argument("document")
def retry(config: Path, document: str) -> None:
    """Try DOCUMENT, by number or reference, again now; SAP is asked for it first."""
    from pos_app.services.posting import review

    with server(config) as installation:
        review.retry(installation.shop, console(), document)
    answer.say(f"{document} is tried again.")


@command.command("cancel")
@option.config
@click.argument("document")
@click.option("--reason", required=True, help="Why SAP never hears of it from here.")
def cancel(config: Path, document: str, *, reason: str) -> None:
    """Take DOCUMENT out of the queue for good: SAP is never to hold it.

    One that somebody entered in SAP by hand is not taken out: `pos queue posted` says so.
    """
    from pos_app.services.posting import review

    with server(config) as installation:
        review.cancel(installation.shop, console(), document, reason=reason)
    answer.say(f"{document} is taken out of the queue.")


@command.command("posted")
@option.config
@click.argument("document")
@click.option(
    "--number",
    required=True,
    type=click.IntRange(1, 2**31 - 1),
    help="What SAP calls it; of an invoice with payments, the first that is missing.",
)
def posted(config: Path, document: str, *, number: int) -> None:
    """Say that SAP holds DOCUMENT, which somebody entered there by hand.

    SAP is asked for the number and what it shows is compared; then the document counts as posted.
    """
    from pos_app.sap_line import sap_for_people
    from pos_app.services.posting import by_hand

    with server(config) as installation:
        sap = sap_for_people(installation)
        done = by_hand.settle(installation.shop, sap, console(), document, number=number)
    answer.say(done.sentence)


@command.command("requeue")
@option.config
@click.option("--incident", default="", help="Only the rows of this incident.")
@click.option("--reason", default="", help="Why; kept in the audit.")
@click.option("--dry-run", is_flag=True, help="Only say which ones it would be.")
@option.as_json
@click.pass_context
def requeue(
    context: click.Context,
    config: Path,
    *,
    incident: str,
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Try all that failed or wait for a person again, in their old order."""
    from pos_app.services.posting import review

    choice = review.Choice(incident=incident)
    with answer.errors_if(context, as_json=as_json), server(config) as installation:
        done = review.requeue(installation.shop, console(), choice, reason=reason, is_dry=dry_run)
    if as_json:
        answer.write({"dry_run": dry_run, "documents": list(done.references)})
        return
    for reference in done.references if dry_run else ():
        answer.say(reference)
    verb = "Would be tried again" if dry_run else "Tried again"
    answer.say(f"{verb}: {_documents(len(done.references))}.")


@contextmanager
def server(config: Path) -> Iterator[Installation]:
    """The server a config file describes, closed again at the end."""
    from pos_app.bootstrap import install

    installation = install(config, role="server")
    try:
        yield installation
    finally:
        installation.close()


def console() -> Actor:
    """Whoever may run commands on the server."""
    from pos_app.domain.permission import Actor, Role, effective

    return Actor("", CONSOLE, Role.ADMIN, effective(Role.ADMIN))


def _document(row: Queued) -> dict[str, Any]:
    return {
        "queue_id": row.queue_id,
        "reference": row.reference,
        "kind": row.kind,
        "state": row.state.value,
        "waits_for": row.waits_for,
        "incident": row.incident,
        "reason": row.reason,
        "attempts": row.attempts,
        "failures": row.failures,
        "total": answer.money(row.total),
        "doc_entry": row.doc_entry,
        "queued_at": row.created_at.isoformat(),
        "next_at": row.next_at.isoformat() if row.next_at else None,
    }


def _documents(count: int) -> str:
    return "1 document" if count == 1 else f"{count} documents"


def at(moment: datetime) -> str:
    """A moment as lists show it."""
    return f"{moment:%Y-%m-%d %H:%M}"
