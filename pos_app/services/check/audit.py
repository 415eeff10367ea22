"""The audit chain verifies from its first event, and reaches what was told of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import RowMapping, select

from pos_app.domain.audit import GENESIS, AuditEvent, chain_hash
from pos_app.services import document
from pos_app.services.check.violation import Books, Violation
from pos_app.store import audit, intake, outbox, setting, wire

_OUTBOX = wire.plain(outbox.outbox)
_INTAKE = wire.plain(intake.intake)
TILL = "audit:"


def verified(books: Books) -> Iterator[Violation]:
    """This installation's own chain; the first break is named, what follows it hangs in the air."""
    heads = _told(books)
    previous, seq = GENESIS, 0
    query = select(audit.audit).order_by(audit.audit.c.seq)
    for row in books.rows(query):
        seq += 1
        wrong = _wrong(row, seq, previous)
        if wrong:
            yield Violation("audit_broken", str(row["seq"]), wrong)
            return
        previous = row["hash"]
        if heads.pop(seq, previous) != previous:
            words = f"Audit event {seq} is not the one whose link was told to the server."
            yield Violation("audit_rewritten", str(seq), words)
    last = setting.last_number(books.connection, "audit")
    if max([last, *heads]) != seq:
        words = f"The audit chain ends at event {seq} and has been at {max([last, *heads])}."
        yield Violation("audit_cut", str(seq), words)


def _wrong(row: RowMapping, seq: int, previous: str) -> str:
    if row["seq"] != seq:
        return f"Audit event {row['seq']} stands where {seq} should."
    event = AuditEvent(
        seq=row["seq"],
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        details=row["details"],
    )
    linked = chain_hash(previous, event)
    if (row["previous_hash"], row["hash"]) != (previous, linked):
        return (
            f"Audit event {seq} ({row['action']} of {row['subject']} by {row['actor']}) "
            f"has link {row['hash'][:12]} where {linked[:12]} follows from what it says."
        )
    return ""


def _told(books: Books) -> dict[int, str]:
    """Heads of the chain that left for the server."""
    query = select(_OUTBOX.c.payload).where(_OUTBOX.c.kind == "audit")
    told = (json.loads(row["payload"]) for row in books.rows(query))
    return {data["seq"]: data["hash"] for data in told}


def heads(books: Books) -> Iterator[Violation]:
    """What the server keeps of its tills' chains is what an envelope has told it."""
    kept = select(setting.settings).where(setting.settings.c.name.startswith(TILL))
    for row in books.connection.execute(kept).mappings():
        till = row["name"].removeprefix(TILL)
        data = json.loads(row["value"])
        came = select(_INTAKE.c.content_hash).where(
            _INTAKE.c.kind == "audit",
            _INTAKE.c.till == till,
            _INTAKE.c.till_seq == data.get("told"),
        )
        told = document.canonical({"seq": data["seq"], "hash": data["hash"]})
        accepted = books.connection.execute(came).scalars().all()
        if document.content_hash(told) not in accepted:
            words = (
                f"The audit chain of till {till} is kept at event {data['seq']}, "
                f"which its envelope number {data.get('told')} did not tell."
            )
            yield Violation("audit_head", till, words)
