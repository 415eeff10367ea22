"""Reading a request key by key; whatever is wrong is one sentence."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from pos_app.errors import MalformedInput

if TYPE_CHECKING:
    from pos_app.services.quick_sale import Consent

APPROVAL_KEYS = frozenset({"user", "pin", "reason"})
DIGITS_MAX = 30
"""Digits before or after the point, far beyond what any rule of the shop lets pass."""


def consent(data: dict[str, Any]) -> Consent | None:
    """A manager's name, PIN and reason, if the request has them."""
    from pos_app.services.quick_sale import Consent

    approval = data.get("approval")
    if approval is None:
        return None
    if not isinstance(approval, dict):
        raise MalformedInput("The approval", "is not an object with user, pin and reason")
    only(approval, APPROVAL_KEYS, "The approval")
    return Consent(
        user=text(approval, "user", is_required=True),
        pin=text(approval, "pin", is_required=True),
        reason=text(approval, "reason", is_required=True),
    )


def rows(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of objects that is not empty."""
    rows = data.get(key)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise MalformedInput("The request", f"needs {key}, a list of objects")
    return rows


def only(data: dict[str, Any], known: frozenset[str], where: str) -> None:
    """Refuse keys nobody knows."""
    for key in sorted(set(data) - known):
        raise MalformedInput(where, f"has an unknown key {key}")


def text(data: dict[str, Any], key: str, *, is_required: bool = False) -> str:
    """A text; empty where it may be missing."""
    value = data.get(key)
    if value is None and not is_required:
        return ""
    if not isinstance(value, str) or (is_required and not value):
        raise MalformedInput("The request", f"needs {key} as text")
    return value


def needed(data: dict[str, Any], key: str, where: str) -> Decimal:
    """A decimal that must be there."""
    value = decimal(data, key, where)
    if value is None:
        raise MalformedInput(where, f"needs {key} as a decimal in quotes")
    return value


def decimal(data: dict[str, Any], key: str, where: str) -> Decimal | None:
    """A decimal, written as text or as a number; None when it is missing."""
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise MalformedInput(where, f"needs {key} as a decimal in quotes")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise MalformedInput(where, f"has a {key} that is no number") from error
    if not number.is_finite() or number.adjusted() > DIGITS_MAX or number.adjusted() < -DIGITS_MAX:
        raise MalformedInput(where, f"has a {key} that is no number a shop can use")
    return number
