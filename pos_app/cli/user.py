"""pos user: users of a server without a browser; the first Admin is made here."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pos_app.cli import option


@click.group("user")
def command() -> None:
    """Add, list and unlock users of a server."""


@command.command("add")
@option.config
@click.argument("username")
@click.option("--name", default="", help="Full name.")
@click.option("--email", default="", help="Mail address.")
@click.option("--role", default="Admin", help="One of the contract's roles.")
@click.option("--warehouse", multiple=True, help="Warehouses the user works in.")
@click.option("--pin", default="", help="PIN for tills; better typed on the second line of input.")
def add(config: Path, username: str, **given: object) -> None:
    """Add a user; the password is read from the first line of standard input."""
    from pos_app.bootstrap import install
    from pos_app.services import user

    password = sys.stdin.readline().rstrip("\n")
    pin = str(given["pin"]) or sys.stdin.readline().strip()
    installation = install(config)
    try:
        made = user.add(
            installation.shop,
            username=username,
            name=str(given["name"]) or username,
            email=str(given["email"]),
            role=str(given["role"]),
            warehouses=tuple(given["warehouse"]),  # type: ignore[arg-type]
            password=password,
            pin=pin,
        )
    finally:
        installation.close()
    click.echo(f"Added {made.username} as {made.role}.")


@command.command("list")
@option.config
def list_(config: Path) -> None:
    """List users with their role and whether they are locked."""
    from pos_app.bootstrap import install
    from pos_app.services import user

    installation = install(config)
    try:
        rows = user.every(installation.shop)
    finally:
        installation.close()
    for row in rows:
        click.echo(f"{row.username:<20} {row.role:<16} {row.state}")


@command.command("unlock")
@option.config
@click.argument("username")
def unlock(config: Path, username: str) -> None:
    """Forget a user's wrong passwords and PINs."""
    from pos_app.bootstrap import install
    from pos_app.services import user

    installation = install(config)
    try:
        user.unlock(installation.shop, username)
    finally:
        installation.close()
    click.echo(f"Unlocked {username}.")
