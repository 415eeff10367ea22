"""JSON in, JSON out: how commands read requests and write answers and errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from pos_app.domain.money import Money
from pos_app.errors import MalformedInput, PosError


def read_json(source: str) -> dict[str, Any]:
    """A JSON object from a file, or from standard input for ``-``; numbers keep their digits.

    Raises:
        MalformedInput: it cannot be read, is no JSON, or is no object.
    """
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        data = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except OSError as error:
        raise MalformedInput(source, f"cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise MalformedInput("The request", f"is not valid JSON ({error})") from error
    if not isinstance(data, dict):
        raise MalformedInput("The request", "is not a JSON object")
    return data


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def write(data: Mapping[str, Any]) -> None:
    """One answer as JSON on standard output."""
    click.echo(json.dumps(data, ensure_ascii=False))


def write_error(error: PosError) -> int:
    """An error as JSON on standard output; stderr stays empty. Returns the exit code."""
    body = {"code": error.code, "message": error.sentence, "details": error.details}
    write({"error": body})
    return error.exit_code


def money(amount: Money) -> dict[str, str]:
    """Money as every answer carries it."""
    return {"currency": amount.currency, "amount": str(amount)}
