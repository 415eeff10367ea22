"""pos sync: deliver what is waiting and fetch what changed, and bring lamps on."""

from __future__ import annotations

import time
from pathlib import Path

import click

from pos_app.cli import answer, option

WAIT_MAX_SECONDS = 60.0


@click.command("sync")
@option.config
@click.option("--once", is_flag=True, help="Exit when nothing more can be done now.")
@option.as_json
def command(config: Path, *, once: bool, as_json: bool) -> None:
    """Settle, print, deliver and fetch; with --once until nothing more can be done now."""
    from pos_app.bootstrap import install
    from pos_app.log import to_file
    from pos_app.services import status

    installation = install(config, role="till")
    to_file(installation.folder / "log" / "sync.log")
    try:
        while True:
            done = _round(installation)
            if once and not done:
                break
            if not done:
                time.sleep(installation.settings.server.sync_seconds)
        seen = status.status(installation.shop)
    finally:
        installation.close()
    _show(seen, as_json=as_json)


def _round(installation: object) -> int:
    from pos_app.bootstrap import Installation

    assert isinstance(installation, Installation)  # noqa: S101 - narrows a late import
    devices = installation.devices
    works = (devices.work_fiscal, devices.work_printer, devices.work_sync)
    return sum(work().done for work in works)


def _show(seen: object, *, as_json: bool) -> None:
    from pos_app.cli.status import as_data, as_text
    from pos_app.services.status import Status

    assert isinstance(seen, Status)  # noqa: S101 - narrows a late import
    if as_json:
        answer.write(as_data(seen))
    else:
        answer.say(*as_text(seen).split("\n"))
