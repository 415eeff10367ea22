"""The proof of a day: every side read, then compared, then summed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

from pos_app.domain.permission import Actor, require_till
from pos_app.domain.proof import Difference, Entry, Proof, Read, Side, differences, sums
from pos_app.services.intake_note import TWICE
from pos_app.services.proof import books as own_books
from pos_app.services.proof import consolidation, fiscal, goods, own_goods, receipt, sap, wire
from pos_app.services.proof.consolidation import Explained
from pos_app.services.proof.goods import Goods
from pos_app.services.proof.receipt import Day
from pos_app.services.shop import Shop
from pos_app.store import intake
from sync.errors import SyncError
from sync.sap.client import ServiceLayer

RECEIPTS, SERVER = "the till's books", "the server"


class Server(Protocol):
    """Where a till asks for the server's side of a day: `sync.http.HttpRemote`."""

    def proof(self, day: date) -> Mapping[str, Any]:
        """What `share` says of the day; raises a SyncError where there is no answer."""
        ...


def of_server(shop: Shop, day: date, *, books: ServiceLayer | None) -> Proof:
    """The proof of a server: all tills, its own documents, and SAP.

    Args:
        shop: the server.
        day: a business date.
        books: the way to SAP; None for a shop that keeps its own books.
    """
    held = receipt.read(shop, day, till=None)
    reads = [
        _receipts(held),
        fiscal.read(shop, held),
        server_side(held),
    ]
    booked = _booked(shop, held, books)
    moved = None
    if books is None:
        moved = own_goods.read(shop, held)
    elif not booked.read.problem:
        moved = goods.read(shop, books, held)
        if moved.read.problem:
            booked = replace(booked, read=replace(booked.read, problem=moved.read.problem))
    return _proved(shop, held, [*reads, booked.read], booked=booked, moved=moved)


def of_till(shop: Shop, day: date, *, server: Server | None) -> Proof:
    """The proof of a till: its own receipts, its device's journal, and what the server says."""
    held = receipt.read(shop, day, till=shop.rules.till)
    reads = [
        _receipts(held),
        fiscal.read(shop, held),
    ]
    if server is not None:
        reads += _from_server(server, held)
    return _proved(shop, held, reads)


def share(shop: Shop, actor: Actor, day: date, *, books: ServiceLayer | None) -> dict[str, Any]:
    """On the server: its side of a till's day, and SAP's.

    Raises:
        TillKeyNeeded: no till asks.
    """
    require_till(actor, actor.till)
    held = receipt.read(shop, day, till=actor.till)
    reads = [server_side(held), _booked(shop, held, books).for_till(actor.till)]
    return {"sides": [wire.to_wire(read) for read in reads]}


def _receipts(held: Day) -> Read:
    tills = frozenset(entry.till for entry in held.receipts)
    return Read(side=Side.RECEIPTS, word=RECEIPTS, entries=held.receipts, tills=tills)


def server_side(held: Day) -> Read:
    """What a server itself holds of a day."""
    return Read(
        side=Side.SERVER,
        word=SERVER,
        entries=held.documents,
        tills=held.tills,
        has_payments=True,
    )


def _booked(shop: Shop, held: Day, books: ServiceLayer | None) -> Explained:
    """What SAP or the books hold, with receipts in the place of consolidated invoices."""
    lists = consolidation.of_day(shop, held.day)
    seen = consolidation.joined(held, lists)
    read = own_books.read(shop, seen) if books is None else sap.read(shop, books, seen)
    return consolidation.explained(held, lists, read)


def _from_server(server: Server, held: Day) -> list[Read]:
    waits = receipt.undelivered(held)
    try:
        reads = wire.from_wire(server.proof(held.day))
    except SyncError as error:
        lost = [(Side.SERVER, SERVER), (Side.SAP, sap.WORD)]
        return [Read(side=side, word=word, problem=str(error)) for side, word in lost]
    return [replace(read, waits=waits) if read.side is Side.SERVER else read for read in reads]


def _proved(
    shop: Shop,
    held: Day,
    reads: Sequence[Read],
    *,
    booked: Explained | None = None,
    moved: Goods | None = None,
) -> Proof:
    lists = booked.lists if booked else ()
    changed = booked.differences if booked else ()
    return Proof(
        day=held.day,
        at=shop.clock.now(),
        sides=tuple(reads),
        differences=(
            *_missing(held),
            *_twice(shop, held),
            *_differences(reads, lists),
            *changed,
            *(moved.differences if moved else ()),
            *_others(held, reads),
        ),
        sums=(*sums(reads), *sums(moved.sides if moved else ())),
    )


def _differences(reads: Sequence[Read], lists: Sequence[Entry]) -> Iterator[Difference]:
    """Each side against the one before it on a document's way; SAP against the server's."""
    by_side = {read.side: read for read in reads}
    receipts, server = by_side[Side.RECEIPTS].entries, by_side.get(Side.SERVER)
    documents = receipts if server is None or server.problem else server.entries
    yield from differences(_signed(receipts, documents), by_side[Side.FISCAL])
    if server is not None:
        # A server's own documents have no receipt of a till behind them.
        ours = {entry.key for entry in receipts}
        others = tuple(entry for entry in server.entries if entry.key in ours or not entry.is_own)
        yield from differences(receipts, replace(server, entries=others))
    if Side.SAP in by_side:
        yield from differences([*documents, *lists], by_side[Side.SAP])


def _twice(shop: Shop, held: Day) -> Iterator[Difference]:
    """Notes that give back what another gave back already, as a server found when it took them."""
    notes = {entry.key: entry for entry in held.documents if entry.kind == "credit_note"}
    with shop.store.read() as connection:
        flags = intake.flags_of(connection, notes.keys())
    for key, told in sorted(flags.items()):
        for one in told:
            if one["code"] in TWICE:
                yield Difference(
                    code=one["code"],
                    side=Side.SERVER,
                    reference=notes[key].reference,
                    kind="credit_note",
                    till=notes[key].till,
                    sentence=one["sentence"],
                    name=notes[key].name,
                )


def _signed(receipts: Sequence[Entry], documents: Sequence[Entry]) -> Sequence[Entry]:
    """What a device may have filed: receipts, and invoices a server files itself."""
    ours = {entry.key for entry in receipts}
    return [*receipts, *(entry for entry in documents if entry.is_own and entry.key not in ours)]


def _missing(held: Day) -> Iterator[Difference]:
    """A till's numbers have no gap: what is missing between two receipts was made and is not here.

    Before the day's first receipt the gap begins after the last one before the day.
    """
    for till, number in held.missing:
        reference = f"{till}-{number:06d}"
        yield Difference(
            code="receipts_missing",
            side=Side.RECEIPTS,
            reference=reference,
            kind="",
            till=till,
            sentence=f"{reference} is not here, and later receipts of its till are.",
        )


def _others(held: Day, reads: Sequence[Read]) -> Iterator[Difference]:
    """Orders, goods and whatever else was queued on the day and has not come to its end."""
    word = reads[-1].word
    for row in held.others:
        why = f": {row['reason']}" if row["reason"] else "."
        kind = row["kind"].replace("_", " ")
        yield Difference(
            code="sap_waiting",
            side=Side.SAP,
            reference=row["reference"],
            kind=row["kind"],
            till=row["source"],
            sentence=f"{kind.capitalize()} {row['reference']} is {row['state']} on its way to "
            f"{word}{why}",
            state=row["state"],
            reason=row["reason"],
            since=row["created_at"],
        )
