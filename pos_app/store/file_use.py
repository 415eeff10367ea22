"""Which rows name a file, and letting go of one that none names any more."""

from __future__ import annotations

from sqlalchemy import Connection, delete, exists, select

from pos_app.store.attachment import attachments
from pos_app.store.file import files
from pos_app.store.paperwork import signatures

USERS = (attachments.c.hash, signatures.c.hash)


def drop_unused(connection: Connection, digest: str) -> None:
    """Forget a content nobody uses; whoever starts to use it meanwhile waits or comes first."""
    held = select(files.c.hash).where(files.c.hash == digest).with_for_update()
    connection.execute(held)
    where = files.c.hash == digest
    for column in USERS:
        where = where & ~exists().where(column == digest)
    connection.execute(delete(files).where(where))
