"""Consolidated invoices in the proof of a day: each explained by its receipts, or named.

SAP, or the books, hold one document for many receipts. Where it comes to what they come to, each
of them is proven by it; where it does not, that document is the difference, and not they.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.consolidation import identity
from pos_app.domain.posting import PostingState
from pos_app.domain.proof import Difference, Entry, Read, Side, Wait, differences, folded
from pos_app.services.posting.consolidation import group_of, tendered
from pos_app.services.proof.receipt import Day, batch_name
from pos_app.services.shop import Shop
from pos_app.store import consolidation as store
from pos_app.store import posting_claim

TILL = "CONSOL"
"""Whose receipt the invoice of many is, in a table by tills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """One list of the day.

    Attributes:
        entry: what its invoice must come to; its key is the one SAP is asked for.
        members: the receipts' keys.
        made_of: how many it was made of.
        is_whole: whether these are the receipts it was made of.
    """

    entry: Entry
    members: tuple[str, ...]
    made_of: int
    is_whole: bool
    state: str
    reason: str
    doc_entry: int | None
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What SAP or the books said, with receipts in the place of the invoices that stand for them.

    Attributes:
        lists: those that differ, as they should be; their invoices are among the entries.
        differences: lists somebody has changed.
    """

    read: Read
    lists: tuple[Entry, ...] = ()
    differences: tuple[Difference, ...] = ()

    def for_till(self, till: str) -> Read:
        """The same for one till: what others and the server itself made is not its concern."""
        known = {entry.key for entry in self.lists}
        entries = tuple(
            entry
            for entry in self.read.entries
            if entry.key not in known and entry.till in ("", till)
        )
        return replace(self.read, entries=entries)


def of_day(shop: Shop, day: date) -> tuple[List, ...]:
    """The lists of a business date."""
    with shop.store.read() as connection:
        return tuple(_list(connection, dict(row)) for row in store.of_day(connection, day))


def _list(connection: Connection, made: Mapping[str, Any]) -> List:
    members = store.members_of(connection, made["id"])
    tenders: dict[str, int] = {}
    for part in tendered(connection, made, members):
        name = f"{part.row['type']} {part.row['currency']}"
        tenders[name] = tenders.get(name, 0) + part.paid.settled
    steps = posting_claim.steps_of(connection, made["queue_id"]) if made["queue_id"] else []
    ids = tuple(row["sale_id"] for row in members)
    return List(
        entry=Entry(
            key=made["id"],
            reference=made["reference"],
            name=made["reference"],
            kind="invoice",
            till=TILL,
            currency=made["currency"],
            total=made["total"],
            vat=made["vat"],
            taxes={made["tax_group"]: made["total"]},
            tenders=tenders,
            batches=_batches(connection, made["id"]),
            facts={"customer": made["partner"], "day": made["business_date"].isoformat()},
            is_own=True,
        ),
        members=ids,
        made_of=made["members"],
        is_whole=identity(group_of(made), ids) == made["id"],
        state=made["state"] or "",
        reason=made["reason"] or "",
        doc_entry=next((step["doc_entry"] for step in steps if step["kind"] == "invoice"), None),
        made_at=made["made_at"],
    )


def _batches(connection: Connection, list_id: str) -> dict[str, Decimal]:
    """What its lines took of batches; a receipt of several tax groups is in several lists."""
    mine = {(line["sale_id"], line["line"]) for line in store.lines_of(connection, list_id)}
    made: dict[str, Decimal] = {}
    for move in store.moves_of(connection, list_id):
        if move["batch"] and (move["document_id"], move["line"]) in mine:
            name = batch_name(move["item"], move["batch"])
            made[name] = made.get(name, Decimal(0)) - move["quantity"]
    return made


def joined(held: Day, lists: Sequence[List]) -> Day:
    """The day as SAP knows it: lists beside the receipts, whose own way there ends with them."""
    members = {key for one in lists for key in one.members}
    queued: dict[str, Any] = {key: row for key, row in held.queued.items() if key not in members}
    for one in lists:
        queued[one.entry.key] = {
            "state": one.state,
            "reason": one.reason,
            "waits_for": "",
            "created_at": one.made_at,
            "doc_entry": one.doc_entry,
        }
    documents = (*held.documents, *(one.entry for one in lists))
    return replace(held, documents=documents, queued=queued)


def explained(held: Day, lists: Sequence[List], read: Read) -> Explained:
    """Set receipts in the place of each invoice that comes to what they come to.

    Args:
        held: the day's receipts.
        lists: the lists of the day.
        read: what SAP or the books said of the `joined` day.
    """
    if read.problem or not lists:
        return Explained(read=read)
    found = {one.entry.key: _found(one, read) for one in lists}
    wrong = [one for one in lists if _is_wrong(one, found[one.entry.key], read)]
    blamed = {key: one for one in wrong for key in one.members}
    waits = {key: wait for key, wait in read.waits.items() if key not in found}
    for one in lists:
        waits |= {key: _wait(one) for key in one.members if not _is_done(one)}
    waits |= {key: _blame(one) for key, one in blamed.items()}
    proven = {one.entry.key for one in lists if one not in wrong and _is_done(one)}
    entries = [
        entry
        for entry in read.entries
        if entry.key not in found or any(entry.key == one.entry.key for one in wrong)
    ]
    entries += _receipts(held, lists, found, proven, read)
    changed = tuple(_changed(one) for one in wrong if not one.is_whole)
    return Explained(
        read=replace(
            read,
            entries=tuple(entries),
            waits=waits,
            expects=lambda entry: entry.key not in blamed,
        ),
        lists=tuple(_expected(one, found[one.entry.key]) for one in wrong),
        differences=changed,
    )


def _found(one: List, read: Read) -> list[Entry]:
    return [entry for entry in read.entries if entry.key == one.entry.key]


def _is_done(one: List) -> bool:
    return one.state == PostingState.COMPLETED


def _is_wrong(one: List, found: Sequence[Entry], read: Read) -> bool:
    """Whether it is called done and is not what it was made of."""
    if not one.is_whole:
        return True
    alone = replace(read, entries=tuple(found), waits={}, expects=lambda _entry: True)
    return _is_done(one) and any(differences([_expected(one, found)], alone))


def _expected(one: List, found: Sequence[Entry]) -> Entry:
    """What it should be; SAP extracts the VAT once, where it was extracted receipt by receipt.

    Each of these roundings is half a cent at most, and no more than all of them is passed over.
    """
    told = found[0].vat if len(found) == 1 else None
    own = one.entry.vat
    if told is not None and own is not None and abs(told - own) * 2 <= len(one.members):
        return replace(one.entry, vat=told)
    return one.entry


def _receipts(
    held: Day,
    lists: Sequence[List],
    found: Mapping[str, Sequence[Entry]],
    proven: set[str],
    read: Read,
) -> list[Entry]:
    """The receipts all of whose lists are proven, each as it stands in them."""
    names: dict[str, list[str]] = {}
    exact: dict[str, bool] = {}
    away: set[str] = set()
    for one in lists:
        for key in one.members:
            if one.entry.key not in proven:
                away.add(key)
                continue
            there = found[one.entry.key][0]
            names.setdefault(key, []).append(f"{there.name} ({one.entry.reference})")
            exact[key] = exact.get(key, True) and there.vat == one.entry.vat
    return [
        replace(
            entry,
            name=" and ".join(names[entry.key]),
            vat=entry.vat if exact[entry.key] else None,
            tenders=folded(entry.tenders or {}, read.folds),
            facts={},
        )
        for entry in held.documents
        if entry.key in names and entry.key not in away
    ]


def _wait(one: List) -> Wait:
    why = f": {one.reason}" if one.reason else ""
    reason = f"it is part of {one.entry.reference}, which is {one.state}{why}"
    return Wait(state="Listed", reason=reason, since=one.made_at)


def _blame(one: List) -> Wait:
    reason = f"{one.entry.reference}, of which it is part, differs: look at the server's proof."
    return Wait(state="disputed", reason=reason, since=one.made_at)


def _changed(one: List) -> Difference:
    words = (
        f"{one.entry.reference} was made of {one.made_of} receipts and holds "
        f"{len(one.members)}, or others, by now."
    )
    return Difference(
        code="sap_list_changed",
        side=Side.SAP,
        reference=one.entry.reference,
        kind="invoice",
        till=TILL,
        sentence=words,
        name=one.entry.reference,
    )
