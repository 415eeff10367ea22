"""Items and currencies of a receipt, in each of the forms programs are known to send them in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree import ElementTree as ET

from pos_app.api.wire import read

ROWS_MOST = 500


class RowsInvalid(ValueError):
    """They cannot be read; ``str()`` says what is wrong, for people."""


def rows(value: str | list[dict[str, Any]]) -> list[dict[str, str]]:
    """Rows with lower-case keys and trimmed texts.

    Args:
        value: an array of objects, the same as JSON text, or XML: one element per row, one
            element per field, in either of the spellings the device's clients use
            (``<items><item>…`` and ``<ITEMS><ITEM>…``).

    Raises:
        RowsInvalid: it is none of them, or has too many rows.
    """
    found = _parsed(value.strip()) if isinstance(value, str) else value
    if len(found) > ROWS_MOST:
        raise RowsInvalid(f"It has {len(found)} rows, {ROWS_MOST} are possible.")
    return [_row(row) for row in found]


def decimal(text: str) -> Decimal | None:
    """A number, or None for anything else."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _parsed(text: str) -> list[Any]:
    if not text:
        return []
    if not text.startswith("["):
        return _from_xml(text)
    try:
        found = read(text.encode())
    except json.JSONDecodeError as error:
        raise RowsInvalid(f"It is not valid JSON: {error.msg}.") from error
    return list(found)


def _from_xml(text: str) -> list[Any]:
    """Elements only: a document type could name other files or blow up."""
    if "<!" in text or "<?" in text.removeprefix("<?xml"):
        raise RowsInvalid("Send plain XML elements, without a document type.")
    try:
        root = ET.fromstring(text)  # noqa: S314 - no document type can be in it
    except ET.ParseError as error:
        raise RowsInvalid(f"It is not valid XML: {error}.") from error
    return [{field.tag: field.text or "" for field in row} for row in root]


def _row(row: Any) -> dict[str, str]:
    if not isinstance(row, Mapping):
        raise RowsInvalid("Each row must be an object of fields.")
    return {str(name).lower(): _text(value) for name, value in row.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | Mapping | list):
        raise RowsInvalid("Each field of a row must be a text or a number.")
    return format(value, "f").strip() if isinstance(value, Decimal) else str(value).strip()
