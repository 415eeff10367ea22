"""pos check: recompute every invariant from the stored facts."""

from __future__ import annotations

from pathlib import Path

import click

from pos_app.cli import answer, option

VIOLATED = 6


@click.command("check")
@option.config
@click.option("--server", is_flag=True, help="Check the server's books, SAP included.")
@option.as_json
@click.pass_context
def command(context: click.Context, config: Path, *, server: bool, as_json: bool) -> None:
    """Name every violation; exit 6 when there is one."""
    from pos_app.bootstrap import install
    from pos_app.services import check

    installation = install(config, role="server" if server else None)
    try:
        found = check.check(installation.shop, is_server=server)
    finally:
        installation.close()
    if as_json:
        rows = [
            {"code": row.code, "subject": row.subject, "message": row.sentence} for row in found
        ]
        answer.write({"violations": rows})
    else:
        for row in found:
            click.echo(f"{row.code} {row.subject}: {row.sentence}")
        click.echo("Everything adds up." if not found else f"{len(found)} violations.")
    if found:
        context.exit(VIOLATED)
