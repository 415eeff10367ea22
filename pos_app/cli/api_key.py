"""pos user key: keys for programs and tills, shown once, listed, revoked; tills released."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pos_app.cli import answer, option
from pos_app.cli.queue import console

if TYPE_CHECKING:
    from pos_app.services.api_key import KnownKey

DAYS, DAYS_OF_TILL, DAYS_OF_TILL_MOST = 90, 365, 3650


@click.group("key")
def command() -> None:
    """Issue, list and revoke API keys, and release tills from theirs."""


@command.command("add")
@option.config
@click.argument("name")
@click.option("--user", "username", default="", help="The user whose rights the key has.")
@click.option("--till", default="", help="The till that synchronises with it, and does no more.")
@click.option(
    "--days",
    type=click.IntRange(1, DAYS_OF_TILL_MOST),
    help=f"How long it is good: {DAYS} days, which is the most; for a till {DAYS_OF_TILL}.",
)
@click.option("--read-only", "reads_only", is_flag=True, help="It reads, and does nothing.")
def add(
    config: Path, name: str, username: str, till: str, days: int | None, *, reads_only: bool
) -> None:
    """Issue a key for a user or a till; it is written to standard output, this once."""
    from pos_app.bootstrap import install
    from pos_app.domain.session import KeyScope
    from pos_app.services import api_key

    if bool(username) == bool(till):
        raise click.UsageError("Say whose key it is: either --user NAME or --till CODE.")
    if till and reads_only:
        raise click.UsageError("A till's key delivers: --read-only is for a user's.")
    installation = install(config, role="server")
    try:
        shop = installation.shop
        life = timedelta(days=days or (DAYS_OF_TILL if till else DAYS))
        if till:
            issued = api_key.issue_for_till(shop, console(), till, name, life=life)
        else:
            scope = KeyScope.READ if reads_only else KeyScope.ALL
            issued = api_key.issue(shop, console(), username, name, life=life, scope=scope)
    finally:
        installation.close()
    answer.say(
        f"Key {issued.name} of {f'till {till}' if till else username} is good until "
        f"{issued.expires_at:%Y-%m-%d}; it is shown now and never again:",
        err=True,
    )
    answer.say(issued.key)


@command.command("list")
@option.config
@option.as_json
def list_(config: Path, *, as_json: bool) -> None:
    """List keys: name, whose it is, what it may do, until when."""
    from pos_app.bootstrap import install
    from pos_app.domain.session import KeyScope
    from pos_app.services import api_key

    installation = install(config, role="server")
    try:
        rows = api_key.every(installation.shop)
        now = installation.shop.clock.now()
    finally:
        installation.close()
    if as_json:
        answer.write({"keys": [_as_json(row, row.state(now)) for row in rows]})
        return
    for row in rows:
        until = f"until {row.expires_at:%Y-%m-%d}"
        owner = f"till {row.till}" if row.till else row.username or "nobody"
        reads = "  reads only" if row.scope == KeyScope.READ else ""
        answer.say(f"{row.name:<24} {owner:<20} {row.role:<16} {row.state(now):<8} {until}{reads}")
    if not rows:
        answer.say("There are no keys: issue one with `pos user key add`.")


@command.command("revoke")
@option.config
@click.argument("name")
def revoke(config: Path, name: str) -> None:
    """Make a key useless at once."""
    from pos_app.bootstrap import install
    from pos_app.services import api_key

    installation = install(config, role="server")
    try:
        api_key.retire(installation.shop, console(), name)
    finally:
        installation.close()
    answer.say(f"Revoked {name}.")


@command.command("release")
@option.config
@click.argument("till")
def release(config: Path, till: str) -> None:
    """Let a till sign on anew, although the server knows a newer copy of its books.

    TILL is the till's code. Switch the other machine off first: whichever comes next with a key
    of that till is the till from then on. The audit keeps who did it and when.
    """
    from pos_app.bootstrap import install
    from pos_app.services import intake

    installation = install(config, role="server")
    try:
        intake.release_till(installation.shop, console(), till)
    finally:
        installation.close()
    answer.say(f"Released till {till}: the next that comes with a key of it is the till.")


def _as_json(row: KnownKey, state: str) -> dict[str, str | None]:
    return {
        "name": row.name,
        "user": row.username or None,
        "till": row.till or None,
        "role": row.role,
        "scope": row.scope,
        "state": state,
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
    }
