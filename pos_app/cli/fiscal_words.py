"""The fiscal day as JSON data and as lines, for `pos fiscal`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pos_app.domain.fiscal_day import DayFigures, rate_name
from pos_app.services.fiscal_account import FiscalDay
from pos_app.services.fiscal_settle import Found, Side, Trouble
from pos_app.services.fiscal_standing import Standing
from pos_app.services.fiscal_step import DayStep


def standing(now: Standing, troubles: Sequence[Trouble], found: Sequence[Found]) -> dict[str, Any]:
    """How device, day and receipts stand."""
    day_, left = now.day, now.day.time_left
    return {
        "readiness": now.readiness.value,
        "reason": now.reason,
        "device_id": day_.device_id,
        "seen_at": _at(day_.seen_at),
        "away_since": _at(now.away_since),
        "stop": now.stop,
        "day": {
            "state": day_.state.value,
            "fiscal_day": day_.fiscal_day,
            "opened_at": _at(day_.opened_at),
            "hours_left": None if left is None else f"{left.total_seconds() / 3600:.1f}",
            "closes_at": _at(day_.closes_at),
            "blocking": list(day_.blocking),
            "unsigned": list(day_.unsigned),
            "step": None if day_.step is None else step(day_.step),
        },
        "deferred": {
            "waiting": now.waiting,
            "most": now.most,
            "oldest_seconds": now.oldest_seconds,
            "hours": now.hours,
        },
        "receipts": [_trouble(row) for row in troubles],
        "found": [
            _side(row.side) | {"fiscal_day": row.fiscal_day, "found_at": _at(row.found_at)}
            for row in found
        ],
    }


def step(step_: DayStep) -> dict[str, Any]:
    """The opening or closing of a day."""
    return {
        "step": step_.kind.value,
        "state": step_.state.value,
        "by": step_.asked_by,
        "fiscal_day": step_.fiscal_day,
        "problem": step_.problem,
    }


def day(shown: FiscalDay) -> dict[str, Any]:
    """One fiscal day with its accounts."""
    return {
        "fiscal_day": shown.fiscal_day,
        "device_id": shown.device_id,
        "opened_at": _at(shown.opened_at),
        "opened_by": shown.opened_by,
        "closed_at": _at(shown.closed_at),
        "closed_by": shown.closed_by,
        "receipts": shown.till.receipts,
        "till": _taxes(shown.till),
        "documents": [
            {
                "currency": row.currency,
                "kind": row.kind,
                "count": row.count,
                "total": str(row.total),
            }
            for row in shown.till.documents
        ],
        "device": None if shown.device is None else _taxes(shown.device),
        "is_z": shown.is_z,
        "differences": [row.sentence for row in shown.differences],
        "found": list(shown.found),
        "is_foreign": shown.is_foreign,
        "shifts": [
            {
                "shift": part.number,
                "user": part.username,
                "receipts": part.receipts,
                "totals": [row.label for row in part.totals],
                "elsewhere": list(part.elsewhere),
            }
            for part in shown.shifts
        ],
        "signed_by": shown.signed_by,
        "note": shown.note,
    }


def lines(data: dict[str, Any], indent: str = "") -> list[str]:
    """Data for people: a line per fact, lists and tables below their name."""
    told: list[str] = []
    for name, value in data.items():
        word = f"{indent}{name.replace('_', ' ')}"
        if isinstance(value, dict):
            told += [f"{word}:", *lines(value, indent + "  ")]
        elif isinstance(value, list):
            told += _list(word, value, indent)
        elif value not in (None, ""):
            told.append(f"{word}: {_word(value)}")
    return told


def _list(word: str, rows: list[Any], indent: str) -> list[str]:
    if not rows:
        return []
    told = [f"{word}:"]
    for row in rows:
        if isinstance(row, dict):
            facts = (
                f"{key} {_word(value)}" for key, value in row.items() if value not in (None, "", [])
            )
            told.append(f"{indent}  {', '.join(facts)}")
        else:
            told.append(f"{indent}  {row}")
    return told


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)


def _taxes(figures: DayFigures) -> list[dict[str, str]]:
    return [
        {
            "currency": row.currency,
            "rate": rate_name(row.percent),
            "net": str(row.net),
            "tax": str(row.tax),
            "gross": str(row.gross),
        }
        for row in figures.taxes
    ]


def _trouble(row: Trouble) -> dict[str, Any]:
    return {
        "receipt": row.receipt,
        "state": row.state.value,
        "reason": row.reason,
        "since": _at(row.since),
        "asked": _side(row.asked),
        "found": None if row.found is None else _side(row.found),
        "may": [deed.value for deed in row.may],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "number": side.number,
        "device_id": side.device_id,
        "kind": side.kind,
        "currency": side.currency,
        "total": None if side.total is None else str(side.total),
        "receipt_global_no": side.receipt_global_no,
    }


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
