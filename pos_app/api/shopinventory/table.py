"""Rows as a CSV file that a spreadsheet takes for what it is: text and numbers, never formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fastapi import Response

from pos_app.api.wire import moment

CSV = "text/csv"
MARKS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a text for a formula, wide forms too (OWASP, CSV injection)."""


def safe(value: object) -> str:
    """A cell as text; a text that begins like a formula is led by an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, int | date):
        return str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(MARKS) or text.startswith(MARKS) else text


def text(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A header and one line per row, as RFC 4180 writes them."""
    names = list(columns)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe(name) for name in names])
    for row in rows:
        writer.writerow([safe(row.get(name)) for name in names])
    return out.getvalue()


def file(name: str, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> Response:
    """The same as a file to save; the mark in front tells spreadsheets that it is UTF-8."""
    body = ("\ufeff" + text(columns, rows)).encode()
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=f"{CSV}; charset=utf-8", headers=headers)
