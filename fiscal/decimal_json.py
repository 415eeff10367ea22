"""JSON whose numbers are exact: decimals in, decimals out, never a binary float."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any


def loads(text: str | bytes) -> Any:
    """Parse JSON; numbers with a point become Decimal. Raises ValueError, also for NaN."""
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse)


def dumps(value: Any) -> str:
    """Write JSON without blanks; a Decimal becomes a JSON number with its own digits."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(str(key))}:{dumps(entry)}" for key, entry in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(dumps(entry) for entry in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def safe(value: Any) -> Any:
    """The same data with every Decimal as text, for writers that know no Decimal."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {str(key): safe(entry) for key, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [safe(entry) for entry in value]
    return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number in JSON")
