"""pos backup: the whole till or server in one file, made while it works."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, option

if TYPE_CHECKING:
    from pos_app.services.backup.view import Backup


@click.command("backup")
@option.config
@option.as_json
@click.option("--description", default="", help="Words for whoever looks for it later.")
@click.argument("dest", type=click.Path(path_type=Path), required=False)
@click.pass_context
def command(
    context: click.Context, config: Path, dest: Path | None, *, as_json: bool, description: str
) -> None:
    """Make a backup as DEST, a new file or a folder; else in the settings' own folder.

    It is read back to the last row before it counts. Nobody has to stop working.
    """
    with answer.errors_if(context, as_json=as_json):
        made, path = _make(config, dest, description)
        if as_json:
            answer.write(_data(made, path))
        else:
            answer.say(str(path), f"{made.size} bytes, looked at and whole.")


def _make(config: Path, dest: Path | None, description: str) -> tuple[Backup, Path]:
    from pos_app.backup_work import beside
    from pos_app.bootstrap import install
    from pos_app.domain.permission import EVERY, Actor, Role
    from pos_app.services.backup import make, view

    installation = install(config)
    try:
        shop = installation.shop
        made = make.make(
            shop,
            Actor("", "console", Role.ADMIN, EVERY),
            description=description,
            target=dest,
            beside=beside(installation),
        )
        place = dest or view.folder_of(shop)
    finally:
        installation.close()
    return made, place / made.name if place.is_dir() else place


def _data(made: Backup, path: Path) -> dict[str, Any]:
    return {
        "file": str(path),
        "number": made.number,
        "bytes": made.size,
        "sha256": made.digest,
        "made_at": made.started_at.isoformat(),
    }
