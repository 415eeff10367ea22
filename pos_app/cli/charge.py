"""pos charge: payments by mobile money, and what of them waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, option
from pos_app.cli.queue import console
from pos_app.cli.queue import server as server_of

if TYPE_CHECKING:
    from pos_app.services.charge.view import Charge, Waiting, Whole

BODY = 300
"""Characters of a provider's message that are shown."""


@click.group("charge")
def command() -> None:
    """Look at payments by mobile money; settle what nobody knows, close what waits for you."""


@command.command("list")
@option.config
@click.option("--all", "with_closed", is_flag=True, help="Also what was closed.")
@option.as_json
@click.pass_context
def list_(context: click.Context, config: Path, *, with_closed: bool, as_json: bool) -> None:
    """List what waits for a person: late money, contradictions, other amounts, refunds by hand."""
    from pos_app.services.charge import view

    with answer.errors_if(context, as_json=as_json), server_of(config) as server:
        rows = view.waiting(server.shop, with_closed=with_closed)
    if as_json:
        answer.write({"matters": [_matter(row) for row in rows]})
        return
    for row in rows:
        at = _at(row.opened_at)
        answer.say(f"{row.number:>5} {at} {row.kind.value:<14} {row.sentence}{_closed(row)}")
        if row.closed_at is None:
            answer.say(f"      {row.advice}")
    if not rows:
        answer.say("No payment waits for a person.")


@command.command("show")
@option.config
@click.argument("payment")
@option.as_json
@click.pass_context
def show(context: click.Context, config: Path, payment: str, *, as_json: bool) -> None:
    """Show PAYMENT, by number or identity, with every answer that was heard of it."""
    from pos_app.services.charge import view

    with answer.errors_if(context, as_json=as_json), server_of(config) as server:
        found = view.whole(server.shop, payment)
    if as_json:
        answer.write(_whole(found))
        return
    for line in _lines(found):
        answer.say(line)


@command.command("settle")
@option.config
@click.argument("payment")
@click.option("--paid/--not-paid", "is_paid", required=True, help="What the portal says.")
@click.option("--amount", default="", help="What came, where it is not what was asked for.")
@click.option("--note", required=True, help="Where you saw it; kept in the audit.")
def settle(config: Path, payment: str, *, is_paid: bool, amount: str, note: str) -> None:
    """Say how PAYMENT ended, as seen in the provider's portal, where no answer can tell."""
    from pos_app.domain.money import Money
    from pos_app.services.charge import review, view

    with server_of(config) as server:
        charge = view.whole(server.shop, payment).charge
        received = Money.of(amount, charge.amount.currency) if amount else None
        made = review.settle(
            server.shop, console(), charge.id, is_paid=is_paid, note=note, received=received
        )
    answer.say(f"Payment {made.number} is {made.state.value}.")


@command.command("give-back")
@option.config
@click.argument("payment")
@click.option("--amount", default="", help="A part of it; else all that is left.")
def give_back(config: Path, payment: str, *, amount: str) -> None:
    """Give PAYMENT back to the wallet it came from, by number or identity.

    Where the provider takes no refunds by message, it waits for you to give it in its portal.
    """
    from pos_app.domain.money import Money
    from pos_app.gateway_line import open_gateways
    from pos_app.services.charge import refund, view

    with server_of(config) as server:
        charge = view.whole(server.shop, payment).charge
        money = Money.of(amount, charge.amount.currency) if amount else None
        gateways = open_gateways(server)
        made = refund.give_back(server.shop, gateways, console(), charge.id, amount=money)
    answer.say(_GIVEN[made.state].format(money=made.amount.label, refund=made.id))


@command.command("refund")
@option.config
@click.argument("refund")
@click.option("--given/--not-given", "is_given", required=True, help="What the portal says.")
@click.option("--note", required=True, help="Where you saw it; kept with the refund.")
def refund(config: Path, refund: str, *, is_given: bool, note: str) -> None:
    """Say whether REFUND, by identity, was given back in the provider's portal."""
    from pos_app.services.charge import review

    with server_of(config) as server:
        review.settle_refund(server.shop, console(), refund, is_given=is_given, note=note)
    answer.say("Noted: the money is back." if is_given else "Noted: it was not given back.")


@command.command("close")
@option.config
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
@click.option("--note", required=True, help="What you found and did.")
def close(config: Path, number: int, *, note: str) -> None:
    """Take NUMBER off the list of what waits for a person."""
    from pos_app.services.charge import review

    with server_of(config) as server:
        review.close(server.shop, console(), number, note=note)
    answer.say(f"{number} is closed.")


_GIVEN = {
    "done": "{money} are given back.",
    "sent": "{money} are on their way back; nobody knows yet: see `pos charge show`.",
    "person": "Give {money} back in the provider's portal, then "
    "`pos charge refund {refund} --given --note …`.",
    "refused": "The provider refused to give {money} back: see `pos charge show`.",
}


def _lines(found: Whole) -> Iterator[str]:
    charge = found.charge
    yield f"Payment {charge.number}  {charge.amount.label}  {charge.provider}  {charge.state.value}"
    yield f"  identity {charge.id}, the provider's {charge.external_id or 'unknown'}"
    yield f"  for {charge.reference}, invoice {charge.invoice or '-'}, phone {charge.phone or '-'}"
    if charge.received is not None:
        yield f"  {charge.received.label} came"
    if charge.refunded.minor:
        yield f"  {charge.refunded.label} given back or on the way"
    yield f"  {charge.message}" if charge.message else "  no message"
    for one in found.answers:
        yield f"  {_at(one.at)} {one.source:<8} {one.status:<18} {one.body[:BODY]!r}"
    for back in found.refunds:
        yield f"  refund {back.id} {back.amount.label} {back.state} {back.message}"
    for row in found.matters:
        state = "closed" if row.closed_at else "waits"
        yield f"  {state} {row.number} {row.kind.value}: {row.sentence}"


def _whole(found: Whole) -> dict[str, Any]:
    return _charge(found.charge) | {
        "answers": [
            {"at": one.at.isoformat(), "source": one.source, "status": one.status, "body": one.body}
            for one in found.answers
        ],
        "refunds": [
            {
                "refund": one.id,
                "amount": answer.money(one.amount),
                "state": one.state,
                "message": one.message,
            }
            for one in found.refunds
        ],
        "matters": [_matter(row) for row in found.matters],
    }


def _charge(charge: Charge) -> dict[str, Any]:
    return {
        "payment": charge.number,
        "transaction_id": charge.id,
        "provider": charge.provider,
        "state": charge.state.value,
        "amount": answer.money(charge.amount),
        "received": answer.money(charge.received) if charge.received else None,
        "refunded": answer.money(charge.refunded),
        "external_id": charge.external_id,
        "message": charge.message,
        "booking": charge.booking,
    }


def _matter(row: Waiting) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.kind.value,
        "transaction_id": row.charge_id,
        "message": row.sentence,
        "advice": row.advice,
        "facts": dict(row.facts),
        "opened_at": row.opened_at.isoformat(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "closed_by": row.closed_by,
        "note": row.note,
    }


def _closed(row: Waiting) -> str:
    if row.closed_at is None:
        return ""
    return f" (closed {_at(row.closed_at)} by {row.closed_by}: {row.note})"


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
