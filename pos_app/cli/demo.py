"""pos demo: a whole shop on one machine."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import click

from pos_app.cli import answer
from pos_app.cli.till import check_terminal

ITEMS = 2000
SWEEP_SECONDS = 0.2


@click.command("demo")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    help="Keeps all state; the same folder again resumes the shop.",
)
@click.option("--items", type=click.IntRange(10, 200_000), default=ITEMS, help="Of a new shop.")
@click.option("--seed", type=int, default=1, help="What a new shop is grown from.")
@click.option("--database-url", default=None, help="Another database for the server.")
@click.option("--headless", is_flag=True, help="No screen: one line of JSON, then run.")
def command(
    directory: Path, items: int, seed: int, database_url: str | None, headless: bool
) -> None:
    """Open a sample shop: server, SAP, fiscal device, printer, mobile money and a till."""
    if not headless:
        check_terminal("pos demo --headless")
    from pos_app.demo.house import open_house

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _interrupt(stop))
    try:
        if not headless:
            answer.say(f"Opening the sample shop in {directory} …", err=True)
        house = open_house(
            directory, items=items, seed=seed, database_url=database_url, has_agent=headless
        )
    except _Interrupted:
        return
    try:
        if headless:
            click.echo(json.dumps(house.line()))
            while not stop.wait(SWEEP_SECONDS):
                house.sweep()
        else:
            _show(house.folder.till_config, house.folder.notes()["users"])
    except _Interrupted:
        pass
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        house.close()


class _Interrupted(Exception):
    """Somebody asked the demo to end."""


def _interrupt(stop: threading.Event) -> None:
    if stop.is_set():
        return
    stop.set()
    raise _Interrupted


def _show(config: Path, users: list[dict[str, str]]) -> None:
    from pos_app.cli.till import run_screen

    for user in users:
        if user["role"] in {"Cashier", "Manager"}:
            answer.say(f"  {user['role']:<8} user {user['username']}, PIN {user['pin']}", err=True)
    run_screen(config)
