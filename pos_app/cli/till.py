"""pos till: the screen of one till, with its background work."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pos_app.cli import garbage, option

if TYPE_CHECKING:
    from pos_app.bootstrap import Installation
    from pos_app.config_file import Glance
    from pos_app.customer_display import CustomerDisplay
    from pos_app.tui.app import TillApp
    from pos_app.tui.interior import Interior


def check_terminal(instead: str) -> None:
    """Refuse to paint where nobody looks and no key can be pressed.

    Args:
        instead: the command that does without a screen.

    Raises:
        click.UsageError: standard input or output is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(f"The screen needs a terminal: open one, or use `{instead}`.")


@click.command("till")
@option.config
def command(config: Path) -> None:
    """Open the screen of one till; one screen per till at a time."""
    check_terminal("pos agent")
    from pos_app.errors import Conflict
    from pos_app.holder import Holder

    with Holder(config.resolve().parent / "screen.lock").held() as is_ours:
        if not is_ours:
            raise Conflict("This till already has a screen: go to it, or close it first.")
        run_screen(config)


def run_screen(config: Path) -> None:
    """Run the screen until its user leaves it.

    Raises:
        PosError: the till cannot be opened; the screen is gone by then.
    """
    with screen(config) as app:
        app.run()
    if app.failure is not None:
        raise app.failure


@contextmanager
def screen(config: Path) -> Iterator[TillApp]:
    """The application of a till, ready to run; whatever it opened is given back at the end.

    Raises:
        ConfigInvalid: the settings do not even say whose till this is.
    """
    house = House(config)
    with garbage.left_lying():  # until the house is open
        from pos_app.tui.app import TillApp

        try:
            yield TillApp(_glance(config), house.open)
        finally:
            house.close()


def _glance(config: Path) -> Glance:
    from pos_app import config_file

    seen = config_file.glance(config, os.environ)
    if seen is None:
        from pos_app.config import glance_of, load

        seen = glance_of(load(config, role="till"))
    return seen


class House:
    """What is opened behind the door while that is on screen already."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._installation: Installation | None = None
        self._display: CustomerDisplay | None = None

    def open(self) -> Interior:
        """Load the program, check the settings, and open the till they describe."""
        from pos_app.background import TillBackground
        from pos_app.bootstrap import install
        from pos_app.log import to_file
        from pos_app.printer_bench import PrinterBench
        from pos_app.tui.interior import Interior
        from pos_app.tui.screens import sale

        del sale  # loaded here, on this thread, so that signing in does not wait for it
        installation = self._installation = install(self._config, role="till")
        to_file(installation.folder / "log" / "till.log")
        garbage.look_at_new_only()
        self._display = installation.devices.customer_display()
        if self._display is not None:
            self._display.lane.start()
        return Interior(
            installation.shop,
            TillBackground(installation),
            installation.settings.till.quick,
            installation.devices.fiscal if installation.settings.fiscal.device else None,
            installation.devices.receipts,
            self._display,
            PrinterBench(installation.shop, self._config),
        )

    def close(self) -> None:
        """Give back what was opened."""
        if self._display is not None:
            self._display.stop()
        if self._installation is not None:
            self._installation.close()
