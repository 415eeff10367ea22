"""pos user: users of a server without a browser; the first Admin is made here."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pos_app.cli import api_key, option

CONSOLE = "console"


@click.group("user")
def command() -> None:
    """Add, list and unlock users of a server, and issue their keys."""


command.add_command(api_key.command)


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
    click.echo(f"Added {made.username} as {made.role}.")


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
        click.echo(f"{row.username:<20} {row.role:<16} {state}")


@command.command("unlock")
@option.config
@click.argument("username")
def unlock(config: Path, username: str) -> None:
    """Forget a user's wrong passwords and PINs."""
    from pos_app.bootstrap import install
    from pos_app.services import user

    installation = install(config, role="server")
    try:
        user.unlock(installation.shop, username, by=CONSOLE)
    finally:
        installation.close()
    click.echo(f"Unlocked {username}.")
