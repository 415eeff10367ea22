"""One side of a day as JSON, from the server to a till."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from pos_app.domain.proof import Entry, Read, Side, Wait
from sync.errors import Unavailable

_ENTRIES = TypeAdapter(tuple[Entry, ...])
_WAITS = TypeAdapter(dict[str, Wait])
_TEXTS = TypeAdapter(dict[str, str])


def to_wire(read: Read) -> dict[str, Any]:
    """A side as plain JSON data; whether a document is expected there the reader knows himself."""
    return {
        "side": read.side.value,
        "word": read.word,
        "problem": read.problem,
        "entries": _ENTRIES.dump_python(read.entries, mode="json"),
        "waits": _WAITS.dump_python(dict(read.waits), mode="json"),
        "folds": dict(read.folds),
        "tills": sorted(read.tills),
        "has_payments": read.has_payments,
    }


def from_wire(data: object) -> list[Read]:
    """Read the sides back.

    Raises:
        Unavailable: it is no answer of this kind, which is not an empty day.
    """
    try:
        if not isinstance(data, Mapping):
            raise TypeError("no object")
        return [_read(row) for row in data["sides"]]
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"The server's answer is no day's proof ({error!r}).") from error


def _read(row: Mapping[str, Any]) -> Read:
    return Read(
        side=Side(row["side"]),
        word=str(row["word"]),
        problem=str(row["problem"]),
        entries=_ENTRIES.validate_python(row["entries"]),
        waits=_WAITS.validate_python(row["waits"]),
        folds=_TEXTS.validate_python(row["folds"]),
        tills=frozenset(map(str, row["tills"])),
        has_payments=bool(row["has_payments"]),
    )
