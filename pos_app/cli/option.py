"""Options several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from pos_app.errors import MalformedInput

Command = TypeVar("Command", bound=Callable[..., Any])


def config(command: Command) -> Command:
    """--config FILE: the till or server to work on."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        required=True,
        help="The config file of the till or server.",
    )(command)


def day(text: str, today: date) -> date:
    """A day as people name it.

    Raises:
        MalformedInput: it is none.
    """
    known = {"today": today, "yesterday": date.fromordinal(today.toordinal() - 1)}
    try:
        return known.get(text) or date.fromisoformat(text)
    except ValueError as error:
        raise MalformedInput("The date", f"{text!r} is none: write it like 2026-11-30") from error


def as_json(command: Command) -> Command:
    """--json: JSON instead of words."""
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")(command)


def together(options: Sequence[Callable[[Command], Command]]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order they are listed in."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
