"""pos user session: where a user is signed in, and ending it."""

from __future__ import annotations

from pathlib import Path

import click

from pos_app.cli import answer, option

CONSOLE = "console"


@click.group("session")
def command() -> None:
    """List and end the sessions of a user."""


@command.command("list")
@option.config
@click.argument("username")
@option.as_json
def list_(config: Path, username: str, *, as_json: bool) -> None:
    """List where a user is signed in: session, last use, end, address, program."""
    from pos_app.bootstrap import install
    from pos_app.services import own_session

    installation = install(config, role="server")
    try:
        rows = own_session.of_user(installation.shop, username)
    finally:
        installation.close()
    if as_json:
        told = [
            {
                "id": row.id,
                "device": row.device,
                "address": row.address,
                "began_at": row.began_at.isoformat(),
                "used_at": row.used_at.isoformat(),
                "ends_at": row.ends_at.isoformat(),
            }
            for row in rows
        ]
        answer.write({"sessions": told})
        return
    for row in rows:
        times = f"used {row.used_at:%Y-%m-%d %H:%M}  ends {row.ends_at:%Y-%m-%d %H:%M} UTC"
        answer.say(f"{row.id}  {times}  {row.address or '-':<15} {row.device or '-'}")
    if not rows:
        answer.say(f"{username} is signed in nowhere.")


@command.command("end")
@option.config
@click.argument("username")
@click.argument("session_id", metavar="[SESSION]", default="")
def end(config: Path, username: str, session_id: str) -> None:
    """End one session of a user, or all where none is named; the password stays."""
    from pos_app.bootstrap import install
    from pos_app.services import own_session

    installation = install(config, role="server")
    try:
        count = own_session.end_of_user(installation.shop, username, session_id or None, by=CONSOLE)
    finally:
        installation.close()
    answer.say(f"Ended {count} session{'' if count == 1 else 's'} of {username}.")
