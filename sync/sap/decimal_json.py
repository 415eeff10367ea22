"""JSON whose numbers are Decimal on both sides and never a float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_encode_text = json.encoder.encode_basestring_ascii


def loads(body: bytes | str) -> Any:
    """Parse JSON; fractions become Decimal, whole numbers int. Raises ValueError."""
    return json.loads(body, parse_float=Decimal, parse_constant=_refuse)


def dumps(value: Any) -> str:
    """Write JSON with every Decimal digit for digit.

    Raises:
        TypeError: for a float, a non-finite Decimal, or any other foreign type.
    """
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number SAP may send.")


def _write(value: Any, put: Any) -> None:
    if isinstance(value, str):
        put(_encode_text(value))
    elif value is None:
        put("null")
    elif isinstance(value, bool):
        put("true" if value else "false")
    elif isinstance(value, int):
        put(str(int(value)))
    elif isinstance(value, Decimal):
        put(_number(value))
    elif isinstance(value, Mapping):
        _write_object(value, put)
    elif isinstance(value, list | tuple):
        _write_array(value, put)
    else:
        raise TypeError(f"{type(value).__name__} has no place in a message to SAP: {value!r}.")


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise TypeError(f"{value} is not a number SAP can read.")
    return format(value, "f")


def _write_object(value: Mapping[Any, Any], put: Any) -> None:
    separator = "{"
    for key, member in value.items():
        put(f"{separator}{_encode_text(str(key))}:")
        _write(member, put)
        separator = ","
    put("}" if value else "{}")


def _write_array(value: list[Any] | tuple[Any, ...], put: Any) -> None:
    separator = "["
    for member in value:
        put(separator)
        _write(member, put)
        separator = ","
    put("]" if value else "[]")
