"""pos user: users of a server without a browser; the first Admin is made here."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pos_app.cli import answer, api_key, option, session

CONSOLE = "console"


@click.group("user")
def command() -> None:
    """Add, list and unlock users of a server, and issue their keys."""


command.add_command(api_key.command)
command.add_command(session.command)


@command.command("add")
@option.config
@click.argument("username")
@click.option("--name", default="", help="Full name.")
@click.option("--email", default="", help="Mail address.")
@click.option("--role", default="Admin", help="One of the contract's roles.")
@click.option("--warehouse", "warehouses", multiple=True, help="Warehouses the user works in.")
def add(
    config: Path, username: str, name: str, email: str, role: str, warehouses: tuple[str, ...]
) -> None:
    """Add a user: standard input holds the password, and on a second line the PIN, if any."""
    from pos_app.bootstrap import install
    from pos_app.services import user

    password, pin = sys.stdin.readline().rstrip("\n"), sys.stdin.readline().strip()
    new = user.NewUser(
        username=username,
        password=password,
        role=role,
        name=name or username,
        email=email,
        pin=pin,
        warehouses=warehouses,
    )
    installation = install(config, role="server")
    try:
        made = user.add(installation.shop, new, by=CONSOLE)
    finally:
        installation.close()
    answer.say(f"Added {made.username} as {made.role}.")


@command.command("list")
@option.config
def list_(config: Path) -> None:
    """List users with their role and whether they may sign in."""
    from pos_app.bootstrap import install
    from pos_app.services import user

    installation = install(config, role="server")
    try:
        rows = user.page(installation.shop, limit=10_000)
        now = installation.shop.clock.now()
    finally:
        installation.close()
    for row in rows:
        state = "active" if row.is_active else "inactive"
        if row.locked_until is not None and row.locked_until > now:
            state = f"locked until {row.locked_until:%H:%M:%S} UTC"
        answer.say(f"{row.username:<20} {row.role:<16} {state}")


@command.command("unlock")
@option.config
@click.argument("username", default="")
@click.option("--address", default="", help="Unlock a network address instead of a user.")
def unlock(config: Path, username: str, address: str) -> None:
    """Forget the wrong passwords and PINs of a user, or from an address."""
    from pos_app.bootstrap import install
    from pos_app.services import guess, user

    if bool(username) == bool(address):
        raise click.UsageError("Name a user or an address, one of them.")
    installation = install(config, role="server")
    try:
        if address:
            guess.unlock_address(installation.shop, address, by=CONSOLE)
        else:
            user.unlock(installation.shop, username, by=CONSOLE)
    finally:
        installation.close()
    answer.say(f"Unlocked {username or address}.")


@command.command("reset-2fa")
@option.config
@click.argument("username")
def reset_two_factor(config: Path, username: str) -> None:
    """Take a user's second factor away, for a lost telephone; every session ends."""
    from pos_app.bootstrap import install
    from pos_app.services import user

    installation = install(config, role="server")
    try:
        was_on = user.reset_two_factor(installation.shop, username, by=CONSOLE)
    finally:
        installation.close()
    if was_on:
        answer.say(f"{username} signs in with the password alone until it is set up anew.")
    else:
        answer.say(f"{username} has no second factor.")


@command.command("password")
@option.config
@click.argument("username")
def set_password(config: Path, username: str) -> None:
    """Give a user the password on standard input; every session ends, the lock is lifted."""
    from pos_app.bootstrap import install
    from pos_app.services import user

    new = sys.stdin.readline().rstrip("\n")
    installation = install(config, role="server")
    try:
        user.set_password(installation.shop, username, new, by=CONSOLE)
    finally:
        installation.close()
    answer.say(f"{username} has a new password.")
