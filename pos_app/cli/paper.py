"""pos paper: the paper of a receipt as a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pos_app.cli import garbage, option
from pos_app.errors import MalformedInput


@click.command("paper")
@click.argument("receipt")
@option.config
@click.option("--user", required=True, help="Who wants it.")
@click.option("--pin", required=True, help="Their PIN.", envvar="POS_PIN")
@click.option(
    "--as",
    "form",
    type=click.Choice(["pdf", "text", "escpos"]),
    default="pdf",
    show_default=True,
    help="A PDF file, plain text, or the bytes for the till's printer.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; standard output without it.",
)
@garbage.left_lying()
def command(
    receipt: str, *, config: Path, user: str, pin: str, form: str, out: Path | None
) -> None:
    """Save the paper of RECEIPT, marked COPY unless it is the first; it is counted and audited.

    Exit codes: 0 made, 2 wrong input, 3 refused by a rule, 5 unavailable.
    """
    if out is None and form != "text" and sys.stdout.isatty():
        raise MalformedInput("The request", "needs --out FILE: this is nothing for a screen")
    from pos_app.bootstrap import install
    from pos_app.services import saved_paper, sign_in

    installation = install(config, role="till")
    try:
        shop = installation.shop
        actor = sign_in.with_pin(shop, user, pin)
        made = saved_paper.save(shop, actor, receipt, saved_paper.Form(form), out=out)
    finally:
        installation.close()
    if out is None:
        sys.stdout.buffer.write(made.data)
        sys.stdout.buffer.flush()
        return
    name = f"copy {made.copy_number}" if made.copy_number else "the original"
    click.echo(f"{out}: {name} of receipt {receipt}.")
