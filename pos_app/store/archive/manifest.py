"""What a backup says of itself: whose it is, of when, of which schema, and what is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pos_app.domain.backup import BackupDamaged
from pos_app.store.archive.content import Content, Shape

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The first thing that is read of a backup.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``: how the rows are kept.
        schema: version of the schema.
        role: ``till`` or ``server``.
        owner: the till's code.
        made_at: aware; nothing later is in it.
        files: SHA-256 of each file in it.
        counters: how far each table has counted.
    """

    dialect: str
    schema: str
    role: str
    owner: str
    made_at: datetime
    type: str
    description: str
    shapes: tuple[Shape, ...]
    contents: Mapping[str, Content]
    files: Mapping[str, str]
    counters: Mapping[str, int]

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(content.rows for content in self.contents.values())


def write(manifest: Manifest) -> bytes:
    """As JSON."""
    data = asdict(manifest) | {"format": FORMAT, "made_at": manifest.made_at.isoformat()}
    return json.dumps(data, indent=1, sort_keys=True).encode("utf-8")


def read(text: bytes, name: str) -> Manifest:
    """From JSON.

    Raises:
        BackupDamaged: it is none of this program's, or a newer one's.
    """
    try:
        data: dict[str, Any] = json.loads(text)
        if data.pop("format") != FORMAT:
            raise BackupDamaged(name, "a newer program made it")
        return Manifest(
            **data
            | {
                "made_at": datetime.fromisoformat(data["made_at"]),
                "shapes": tuple(_shape(row) for row in data["shapes"]),
                "contents": {key: Content(**row) for key, row in data["contents"].items()},
            }
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupDamaged(name, "it does not say what is in it") from error


def _shape(row: Mapping[str, Any]) -> Shape:
    return Shape(
        name=row["name"],
        columns=tuple(row["columns"]),
        kinds=tuple(row["kinds"]),
        counter=row["counter"],
    )
