"""Signatures under documents: over the very bytes of the paper that was signed.

The paper is made and kept when somebody signs; the seal is a hash over its hash, the signer, what
was drawn, and when. Whoever verifies computes both anew from what is stored, and is told whether
the document says something else by now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.mail import check_address
from pos_app.domain.paperwork import DocumentKind
from pos_app.domain.permission import Actor
from pos_app.errors import Conflict, InvalidInput, RecordNotFound
from pos_app.services.paperwork import generate, subject
from pos_app.services.paperwork.subject import Subject
from pos_app.services.shop import Shop
from pos_app.store import audit, file
from pos_app.store import paperwork as rows
from pos_app.store.schema import canonical_json, to_microseconds

Row = Mapping[str, Any] | RowMapping

SEALED = ("kind", "document_id", "signer_name", "signer_email", "signer_role", "data", "hash")


class SignatureBroken(Conflict):
    """What is stored is not what was signed."""

    code = "signature_broken"

    def __init__(self, signature_id: int, what: str) -> None:
        super().__init__(
            f"Signature {signature_id} does not hold, {what} is not what it was: have it signed "
            "again and look into the audit.",
            signature=signature_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What somebody signs with; `data` is the signature as it was drawn."""

    name: str
    role: str
    data: str
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature that is kept."""

    id: int
    kind: DocumentKind
    number: int
    signing: Signing
    hash: str
    address: str
    signed_at: datetime
    verified_at: datetime | None


def sign(shop: Shop, actor: Actor, to: Subject, signing: Signing, *, address: str) -> Signature:
    """Keep the paper of a document and a signature over it.

    Raises:
        InvalidInput: name or signature are missing.
        MailInvalid: the signer's address is none.
        NotYetFiscalised, CannotMakePaper: there is no paper to sign.
    """
    if not signing.name.strip() or not signing.data.strip():
        raise InvalidInput("A signature needs a name and what was drawn: send both.")
    email = check_address(signing.email, "signer's address") if signing.email else ""
    made, now = generate.make(shop, to), shop.clock.now()
    with shop.store.write() as connection:
        row: dict[str, Any] = {
            "kind": to.kind.value,
            "document_id": to.id,
            "number": to.number,
            "name": to.name,
            "signer_name": signing.name.strip(),
            "signer_email": email,
            "signer_role": signing.role.strip(),
            "data": signing.data,
            "hash": file.keep(connection, made.data, at=now),
            "username": actor.username,
            "address": address,
            "signed_at": now,
            "verified_by": "",
        }
        row["seal"] = seal_of(row)
        key = rows.add_signature(connection, row)
        _tell(shop, connection, actor, "signature.add", row | {"id": key})
    return _get(shop, key)


def of(shop: Shop, to: Subject) -> list[Signature]:
    """Every signature of a document, oldest first."""
    with shop.store.read() as connection:
        return [_signature(row) for row in rows.signatures_of(connection, to.id)]


def verify(shop: Shop, actor: Actor, signature_id: int) -> bool:
    """Compute a signature anew; returns whether the document still says what was signed.

    Raises:
        RecordNotFound: there is none.
        PermissionMissing: the actor may not see its document.
        SignatureBroken: paper or signature are not what they were.
    """
    now = shop.clock.now()
    with shop.store.write() as connection:
        row = rows.signature(connection, signature_id)
        if row is None:
            raise RecordNotFound("signature", signature_id)
        kind = DocumentKind(row["kind"])
        subject.check(actor, kind)
        data = file.read(connection, row["hash"])
        if data is None or hashlib.sha256(data).hexdigest() != row["hash"]:
            raise SignatureBroken(signature_id, "the paper")
        if seal_of(row) != row["seal"]:
            raise SignatureBroken(signature_id, "the signature")
        rows.verified(connection, signature_id, {"verified_by": actor.username, "verified_at": now})
        _tell(shop, connection, actor, "signature.verify", row)
    number = row["number"] or row["name"]
    today = generate.make(shop, subject.find(shop, actor, kind, number))
    return today.data == data


def seal_of(row: Row) -> str:
    """The hash over everything a signature says."""
    told = {name: row[name] for name in SEALED}
    told["signed_at"] = to_microseconds(row["signed_at"])
    return hashlib.sha256(canonical_json(told).encode()).hexdigest()


def _get(shop: Shop, signature_id: int) -> Signature:
    with shop.store.read() as connection:
        row = rows.signature(connection, signature_id)
    if row is None:
        raise RecordNotFound("signature", signature_id)
    return _signature(row)


def _signature(row: Row) -> Signature:
    return Signature(
        id=row["id"],
        kind=DocumentKind(row["kind"]),
        number=row["number"],
        signing=Signing(
            name=row["signer_name"],
            role=row["signer_role"],
            data=row["data"],
            email=row["signer_email"],
        ),
        hash=row["hash"],
        address=row["address"],
        signed_at=row["signed_at"],
        verified_at=row["verified_at"],
    )


def _tell(shop: Shop, connection: Connection, actor: Actor, action: str, row: Row) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=action,
        subject=row["name"],
        details={"signature": row["id"], "signer": row["signer_name"], "sha256": row["hash"]},
    )
