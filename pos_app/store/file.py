"""The bytes of files, each content once under its hash: attachments and made documents.

They lie in the database, so that they are written with the row that names them, are the same for
every server process, and are in every backup of it (docs/decisions/0028-files.md).
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Column, Connection, LargeBinary, select

from pos_app.store.schema import Id, Instant, big, table
from pos_app.store.upsert import add_new

files = table(
    "files",
    Column("hash", Id, primary_key=True),  # SHA-256, hexadecimal
    Column("size", big(), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("kept_at", Instant, nullable=False),
)

MOST_TRIES = 5


class FileContested(RuntimeError):
    """A file was dropped again and again by others while it was kept."""


def keep(connection: Connection, data: bytes, *, at: datetime) -> str:
    """Keep a content and return its hash; one that is there is kept from being dropped."""
    digest = hashlib.sha256(data).hexdigest()
    held = select(files.c.hash).where(files.c.hash == digest).with_for_update(read=True)
    row = {"hash": digest, "size": len(data), "data": data, "kept_at": at}
    for _ in range(MOST_TRIES):
        if add_new(connection, files, row) or connection.execute(held).first() is not None:
            return digest
    raise FileContested(digest)


def read(connection: Connection, digest: str) -> bytes | None:
    """A content; None when there is none under this hash."""
    found = connection.execute(select(files.c.data).where(files.c.hash == digest)).scalar()
    return None if found is None else bytes(found)
