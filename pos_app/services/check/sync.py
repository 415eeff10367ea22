"""What left a till arrived once and is kept as it came; the feed counts every change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, or_, select

from pos_app.services import document
from pos_app.services.check.sale import retold
from pos_app.services.check.violation import Books, Violation
from pos_app.services.check.whole import Whole
from pos_app.store import feed, intake, outbox, sale, stock, wire

ON_THE_WAY = timedelta(hours=24)
"""How long a receipt may be missing between two others that arrived."""

_INTAKE = wire.plain(intake.intake)
_OUTBOX = wire.plain(outbox.outbox)
_FEED = wire.plain(feed.feed)
_MOVES = wire.plain(stock.stock_moves)
_SALES = wire.plain(sale.sales)


def reached(books: Books) -> Iterator[Violation]:
    """On a till: what a sale moved counts from the number its delivery was acknowledged with."""
    query = (
        select(_OUTBOX.c.key, _OUTBOX.c.upstream_seq, _MOVES.c.upstream_seq.label("moved"))
        .join(_MOVES, _MOVES.c.document_id == _OUTBOX.c.key)
        .where(_OUTBOX.c.kind == "sale", _OUTBOX.c.state == "delivered")
        .where(
            or_(
                _MOVES.c.upstream_seq.is_(None),
                # A server of another past lets all older numbers be 0.
                (_MOVES.c.upstream_seq != _OUTBOX.c.upstream_seq) & (_MOVES.c.upstream_seq != 0),
            )
        )
        .distinct()
    )
    for row in books.rows(query):
        words = (
            f"Sale {row['key']} was delivered as number {row['upstream_seq']} "
            f"and its stock moves stand at {row['moved']}."
        )
        yield Violation("delivery_not_counted", row["key"], words)


def accepted(books: Books, found: Whole) -> Iterator[Violation]:
    """On a server: a till's sale is here because it came, once, and is kept as it came."""
    receipt = found.header["receipt"]
    if found.header["origin"] != "till":
        return
    if len(found.accepted) != 1:
        words = f"{found.name} is here and was accepted {len(found.accepted)} times, not once."
        yield Violation("sale_not_accepted", receipt, words)
        return
    row = found.accepted[0]
    if row["till"] != found.header["till"]:
        words = f"{found.name} came from till {row['till']} and says till {found.header['till']}."
        yield Violation("sale_of_another_till", receipt, words)
    kept = [document.content_hash(document.canonical(data)) for data in _as_it_came(found)]
    if row["content_hash"] not in kept:
        words = (
            f"{found.name} is kept with hash {kept[0][:12]} "
            f"and was accepted with {row['content_hash'][:12]}."
        )
        yield Violation("sale_changed", receipt, words)
    yield from _announced(books, found, row["upstream_seq"])


def _as_it_came(found: Whole) -> Iterator[dict[str, object]]:
    """The document as it is kept, and with the reference the server may have told apart."""
    data = retold(found)
    yield data
    header = dict(data["header"])
    reference, mark = header["reference"], f"{header['till']}/"
    if reference and reference.startswith(mark):
        header["reference"] = reference.removeprefix(mark)
        yield {**data, "header": header}


def _announced(books: Books, found: Whole, upstream_seq: int) -> Iterator[Violation]:
    """Tills are told of the stock of every place a sale has moved."""
    places = {f"{move['item']}|{move['warehouse']}" for move in found.moves}
    query = select(_FEED.c.key, _FEED.c.seq).where(_FEED.c.kind == "stock", _FEED.c.key.in_(places))
    told = {row.key: row.seq for row in books.connection.execute(query)}
    for place in sorted(places):
        if told.get(place, 0) < upstream_seq:
            words = (
                f"{found.name} arrived as number {upstream_seq} and the stock of {place} "
                f"was last told as number {told.get(place, 0)}."
            )
            yield Violation("feed_behind", found.header["receipt"], words)


def intakes(books: Books) -> Iterator[Violation]:
    """Every accepted sale and fiscal record has its sale, and every number is one of the feed's."""
    missing = ~select(_SALES.c.id).where(_SALES.c.id == _INTAKE.c.key).exists()
    query = select(_INTAKE).where(_INTAKE.c.kind.in_(("sale", "fiscal")), missing)
    for row in books.rows(query):
        words = f"Envelope {row['id']} of till {row['till']} was accepted and its sale is not here."
        yield Violation("intake_without_sale", row["key"], words)
    shared = select(_INTAKE.c.upstream_seq, func.max(_INTAKE.c.key).label("key")).group_by(
        _INTAKE.c.upstream_seq
    )
    for row in books.rows(shared.having(func.count() > 1)):
        words = f"Number {row['upstream_seq']} of the feed was given to two envelopes."
        yield Violation("feed_number_shared", row["key"], words)
    yield from _beyond(books)


def _beyond(books: Books) -> Iterator[Violation]:
    head = feed.head(books.connection)
    last = head["seq"] if head else 0
    numbers = {
        "The feed": select(func.max(_FEED.c.seq)),
        "An accepted envelope": select(func.max(_INTAKE.c.upstream_seq)),
    }
    for what, query in numbers.items():
        found = books.connection.execute(query).scalar() or 0
        if found > last:
            words = f"{what} has number {found} and the head of the feed is at {last}."
            yield Violation("feed_beyond_head", "feed", words)


def gaps(books: Books) -> Iterator[Violation]:
    """A till's receipts arrive without a gap, sooner or later."""
    table = _SALES.c
    before = books.before(ON_THE_WAY)
    query = select(table.till, table.number, table.posted_at)
    other = table.till != books.rules.till
    rows = books.rows(query.where(other).order_by(table.till, table.number))
    till, last = "", 0
    for row in rows:
        expected = last + 1 if row["till"] == till else 1
        till, last = row["till"], row["number"]
        if last != expected and row["posted_at"] < before:
            words = (
                f"Till {till} sold receipt number {last} long ago "
                f"and number {expected} has not arrived."
            )
            yield Violation("receipt_missing", f"{till}-{expected:06d}", words)
