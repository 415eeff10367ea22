"""pos till: the screen of one till, with its background work."""

from __future__ import annotations

from pathlib import Path

import click

from pos_app.cli import option


@click.command("till")
@option.config
def command(config: Path) -> None:
    """Open the screen of one till; one screen per till at a time."""
    from pos_app.errors import Conflict
    from pos_app.holder import Holder

    with Holder(config.resolve().parent / "screen.lock").held() as is_ours:
        if not is_ours:
            raise Conflict("This till already has a screen: go to it, or close it first.")
        run_screen(config)


def run_screen(config: Path) -> None:
    """Run the screen until its user leaves it."""
    from pos_app.background import TillBackground
    from pos_app.bootstrap import install
    from pos_app.log import to_file
    from pos_app.tui.app import TillApp

    installation = install(config, role="till")
    to_file(installation.folder / "log" / "till.log")
    keys = installation.settings.keys
    try:
        TillApp(
            installation.shop,
            TillBackground(installation),
            keys=keys.map,
            scan_prefix=keys.scan_prefix,
            scan_gap_ms=keys.scan_gap_ms,
            quick=installation.settings.till.quick,
        ).run()
    finally:
        installation.close()
