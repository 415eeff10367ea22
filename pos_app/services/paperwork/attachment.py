"""Files that go with a document: attached, listed, handed out, taken off; each deed is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from pos_app.domain.attachment import LARGEST, LONGEST_TEXT, Attached
from pos_app.domain.paperwork import DocumentKind
from pos_app.domain.permission import Actor
from pos_app.errors import InvalidInput, RecordNotFound, RuleBroken
from pos_app.services.paperwork import subject
from pos_app.services.paperwork.subject import Subject
from pos_app.services.shop import Shop
from pos_app.store import attachment as rows
from pos_app.store import audit, file, file_use

MOST_FILES = 100
MOST_BYTES = 10 * LARGEST


class AttachmentsFull(RuleBroken):
    """A document has as many files as it may have."""

    code = "attachments_full"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has {MOST_FILES} files or {MOST_BYTES // 2**20} MB of them already: "
            "delete one first.",
            document=name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of a document.

    Attributes:
        reference: the document's number as it is printed, or another program's for it.
        hash: SHA-256 of its bytes.
    """

    id: int
    kind: DocumentKind
    document_id: str
    number: int
    reference: str
    name: str
    mime: str
    size: int
    hash: str
    description: str
    goes_with_mail: bool
    username: str
    added_at: datetime


def attach(
    shop: Shop,
    actor: Actor,
    to: Subject,
    attached: Attached,
    *,
    description: str = "",
    goes_with_mail: bool = False,
) -> Attachment:
    """Attach a file that was checked to a document the actor may add to.

    Raises:
        InvalidInput: the description is too long.
        AttachmentsFull: the document has too many files.
    """
    words = description.strip()
    if len(words) > LONGEST_TEXT:
        raise InvalidInput(f"The description is longer than {LONGEST_TEXT} letters: shorten it.")
    now = shop.clock.now()
    with shop.store.write() as connection:
        count, size = rows.total(connection, to.id)
        if count >= MOST_FILES or size + len(attached.data) > MOST_BYTES:
            raise AttachmentsFull(to.name)
        digest = file.keep(connection, attached.data, at=now)
        row = {
            "kind": to.kind.value,
            "document_id": to.id,
            "number": to.number,
            "reference": to.name,
            "name": attached.name,
            "mime": attached.mime,
            "size": len(attached.data),
            "hash": digest,
            "description": words,
            "goes_with_mail": goes_with_mail,
            "username": actor.username,
            "added_at": now,
        }
        made = _attachment({"id": rows.add(connection, row)} | row)  # type: ignore[arg-type]
        _tell(shop, connection, actor, made, "attachment.add")
    return made


def of(shop: Shop, to: Subject) -> list[Attachment]:
    """Every file of a document, oldest first."""
    with shop.store.read() as connection:
        return [_attachment(row) for row in rows.of_document(connection, to.id)]


def read(
    shop: Shop, actor: Actor, attachment_id: int, *, to: Subject | None = None
) -> tuple[Attachment, bytes]:
    """A file with its bytes, for somebody who may see its document; that is audited.

    Args:
        shop: the server.
        actor: who asks.
        attachment_id: its number.
        to: the document it must belong to, where one is named.

    Raises:
        RecordNotFound: there is none, or it is another document's.
        PermissionMissing: the actor may not see documents of its kind.
    """
    with shop.store.write() as connection:
        found = _found(connection, attachment_id, to)
        subject.check(actor, found.kind)
        data = file.read(connection, found.hash)
        if data is None:
            raise RecordNotFound("attachment", attachment_id)
        _tell(shop, connection, actor, found, "attachment.read")
    return found, data


def remove(shop: Shop, actor: Actor, attachment_id: int) -> None:
    """Take a file off its document; the bytes go unless something else uses them.

    Raises:
        RecordNotFound: there is none.
        PermissionMissing: the actor may not change documents of its kind.
    """
    with shop.store.write() as connection:
        found = _found(connection, attachment_id, None)
        subject.check(actor, found.kind, may_edit=True)
        if not rows.remove(connection, attachment_id):
            raise RecordNotFound("attachment", attachment_id)
        file_use.drop_unused(connection, found.hash)
        _tell(shop, connection, actor, found, "attachment.delete")


def _found(connection: Connection, attachment_id: int, to: Subject | None) -> Attachment:
    row = rows.by_id(connection, attachment_id)
    if row is None or (to is not None and row["document_id"] != to.id):
        raise RecordNotFound("attachment", attachment_id)
    return _attachment(row)


def _attachment(row: RowMapping) -> Attachment:
    return Attachment(
        id=row["id"],
        kind=DocumentKind(row["kind"]),
        document_id=row["document_id"],
        number=row["number"],
        reference=row["reference"],
        name=row["name"],
        mime=row["mime"],
        size=row["size"],
        hash=row["hash"],
        description=row["description"],
        goes_with_mail=row["goes_with_mail"],
        username=row["username"],
        added_at=row["added_at"],
    )


def _tell(shop: Shop, connection: Connection, actor: Actor, found: Attachment, action: str) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=action,
        subject=found.reference,
        details={
            "attachment": found.id,
            "kind": found.kind.value,
            "name": found.name,
            "size": found.size,
            "sha256": found.hash,
        },
    )
