"""Options several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def config(command: Command) -> Command:
    """--config FILE: the till or server to work on."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        required=True,
        help="The config file of the till or server.",
    )(command)


def as_json(command: Command) -> Command:
    """--json: JSON instead of words."""
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")(command)
