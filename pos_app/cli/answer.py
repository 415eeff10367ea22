"""JSON in, JSON out: how commands read requests and write answers and errors."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from pos_app.cli import fault
from pos_app.domain.money import Money
from pos_app.domain.plain import plain
from pos_app.errors import MalformedInput, PosError

_HARMFUL = re.compile(
    "[\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ud800-\\udfff\\ufeff]"
)
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def read_json(source: str) -> dict[str, Any]:
    """A JSON object from a file, or from standard input for ``-``; numbers keep their digits.

    Raises:
        MalformedInput: it cannot be read, is no JSON, or is no object.
    """
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        data = json.loads(
            raw.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_refuse,
            object_pairs_hook=_object,
        )
        for text in _texts(data):
            _check(text)
    except OSError as error:
        raise MalformedInput(source, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise MalformedInput("The request", "is not UTF-8") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise MalformedInput("The request", f"is not valid JSON ({error})") from error
    if not isinstance(data, dict):
        raise MalformedInput("The request", "is not a JSON object")
    return data


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _check(text: str) -> None:
    """Refuse what no database can keep: NUL, and half of a pair of characters."""
    if _UNSTORABLE.search(text):
        raise ValueError("a text holds a character that cannot be stored")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no key stands twice: which of the two was meant is nobody's guess."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return made


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def write(data: Mapping[str, Any]) -> None:
    """One answer as JSON on standard output, in which no terminal finds a command either."""
    text = json.dumps(data, ensure_ascii=False)
    click.echo(_HARMFUL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def say(*lines: str, err: bool = False) -> None:
    """Lines for people: whatever a name in one holds, it moves no cursor and begins no line."""
    for line in lines:
        click.echo(plain(line), err=err)


@contextmanager
def errors_as_json(context: click.Context) -> Iterator[None]:
    """End the command on any error, as JSON on standard output; stderr stays empty."""
    try:
        yield
    except click.exceptions.Exit:
        raise
    except Exception as error:  # noqa: BLE001 - the edge: every error becomes a sentence
        told = fault.known(error)
        write_error(told)
        context.exit(told.exit_code)


@contextmanager
def errors_if(context: click.Context, *, as_json: bool) -> Iterator[None]:
    """Tell errors as JSON when the answer was asked for as JSON; else leave them be."""
    if not as_json:
        yield
        return
    with errors_as_json(context):
        yield


def write_error(error: PosError) -> None:
    """An error as JSON on standard output."""
    body = {"code": error.code, "message": error.sentence, "details": error.details}
    write({"error": body})


def money(amount: Money) -> dict[str, str]:
    """Money as every answer carries it."""
    return {"currency": amount.currency, "amount": str(amount)}
