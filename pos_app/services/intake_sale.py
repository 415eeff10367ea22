"""A sale that a till posted, on the server: checked, stored as it is, and sent on to SAP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.currency import RateMissing
from pos_app.domain.money import Money
from pos_app.errors import MalformedInput
from pos_app.services import credit, document, intake_flag, intake_note, invoice_entry
from pos_app.services.charge import claimed
from pos_app.services.credit_note import entry
from pos_app.services.posting.queueing import enqueue_sale
from pos_app.services.received import Received, Refusal, content, flag
from pos_app.services.shop import Shop
from pos_app.store import intake as accepted
from pos_app.store import invoice as invoices
from pos_app.store import item as items
from pos_app.store import original as originals
from pos_app.store import partner as partners
from pos_app.store import sale as sales
from pos_app.store import stock, wire
from pos_app.store.stock import Move
from sync.envelope import Envelope, Outcome

KINDS = {"invoice": 1, "credit_note": -1, "debit_note": 1}
"""Kinds of documents, and the sign of their totals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A sale as it came: rows of our tables, every value of the right form."""

    header: dict[str, Any]
    lines: list[dict[str, Any]]
    tenders: list[dict[str, Any]]
    change: list[dict[str, Any]]
    moves: list[Move]
    original: dict[str, Any] | None = None


def take(shop: Shop, connection: Connection, till: str, envelope: Envelope) -> Received:
    """Store a till's sale with its stock moves, and queue it for SAP.

    The sale happened: goods and money have changed hands. What is odd about it (an item nobody
    knows, stock below nothing) is flagged, never a reason to lose it.

    Raises:
        Refusal: it contradicts itself, another document, or the till that sends it.
    """
    data = content(envelope.payload)
    try:
        found = read(data)
    except MalformedInput as error:
        raise Refusal(Outcome.REFUSED, "malformed", error.sentence) from error
    check(found, till, envelope)
    first = _known(connection, found.header, envelope)
    if first is not None:
        return Received(upstream_seq=first)
    intake_note.check(connection, found.header, found.lines, entered=found.original)
    over, doubt = _credit(shop, connection, found)
    _add(connection, found)
    if found.header["kind"] == "credit_note":
        entry.enter(shop, connection, found.header, found.lines, found.tenders)
    else:
        invoice_entry.enter(shop, connection, found.header, found.tenders)
        claimed.claim(shop, connection, found.header, found.tenders)
        if over is not None:
            invoices.mark_above_limit(connection, found.header["id"], over)
    places = {(move.item, move.warehouse) for move in found.moves}
    stock.take(connection, found.moves, found.header["posted_at"], allow_negative=True)
    changes = [("stock", f"{item}|{warehouse}") for item, warehouse in sorted(places)]
    changes.append(("series", till))
    if found.header["reference"]:
        changes.append(("sold", found.header["id"]))
    enqueue_sale(
        shop,
        connection,
        sale_id=found.header["id"],
        source=till,
        reference=found.header["receipt"],
        reservation_id=None,
        priority=0,
    )
    flags = (*_flags(connection, found, places), *doubt)
    intake_flag.tell(shop, connection, found.header, flags)
    return Received(changes=tuple(changes), flags=flags)


def _credit(
    shop: Shop, connection: Connection, found: Document
) -> tuple[Money | None, tuple[dict[str, str], ...]]:
    """How far it takes its customer above the credit limit, as this server knows it, and a flag.

    To be asked before it is entered among what the customer owes.
    """
    header = found.header
    if header["kind"] != "invoice":
        return None, ()
    paid = sum(
        row["in_document"] for row in found.tenders if invoice_entry.settles(shop, row["type"])
    )
    owed = Money(header["total"] - paid, header["currency"])
    if owed.minor <= 0:
        return None, ()
    try:
        over = credit.over_limit(shop, connection, header["partner"], owed)
    except RateMissing as error:
        words = f"Whether {owed.label} on account are within the limit is not known"
        return None, (flag("credit_unknown", f"{words}: {error.sentence}"),)
    if over is None:
        return None, ()
    words = f"Customer {header['partner']} owes {over.label} more than the credit limit by it."
    return over, (flag("above_credit_limit", words),)


def read(data: Mapping[str, Any]) -> Document:
    """Read a sale from its canonical JSON.

    Raises:
        MalformedInput: something is missing or of a wrong form.
    """
    if data.get("format") != document.FORMAT:
        raise MalformedInput("The sale", f"is not of format {document.FORMAT}")
    head = data.get("header")
    header = wire.decode(sales.sales, head, where="The sale", origin="till")
    mine = {"sale_id": header["id"]}
    return Document(
        header=header,
        lines=_rows(sales.sale_lines, data, "lines", mine),
        tenders=_rows(sales.sale_tenders, data, "tenders", mine),
        change=_rows(sales.sale_change, data, "change", mine),
        moves=[_move(row, header["id"]) for row in _list(data, "moves")],
        original=_entered(data.get("original")),
    )


def check(found: Document, till: str, envelope: Envelope) -> None:
    """Check what a document says of itself: whose it is, its number, its sums.

    One figure to the cent: lines = total = settled tenders. Nothing is computed anew; prices, VAT
    and rates are the till's, as the customer saw them.

    Raises:
        Refusal: it contradicts itself or its envelope.
    """
    header = found.header
    own = (header["id"], header["till"], header["receipt"])
    if own != (envelope.key, till, f"{till}-{header['number']:06d}"):
        words = f"Sale {own[0]} is not till {till}'s receipt {own[2]}."
        raise Refusal(Outcome.REFUSED, "not_its_own", words)
    wrong = next((what for what, is_right in _sums(found) if not is_right), None)
    if wrong is not None:
        words = f"Receipt {header['receipt']} does not add up: {wrong}."
        raise Refusal(Outcome.REFUSED, "sums_differ", words)


def _sums(found: Document) -> Iterable[tuple[str, bool]]:
    header, lines = found.header, found.lines
    sign = KINDS.get(header["kind"], 0)
    yield (
        f"kind {header['kind']!r} with total {header['total']}",
        sign * header["total"] >= 0 != sign,
    )
    yield "it has no lines", bool(lines)
    for name, total in (("net", "net"), ("vat", "vat"), ("gross", "total")):
        yield f"the {name} of its lines", sum(line[name] for line in lines) == header[total]
    yield "net and VAT of a line", all(line["net"] + line["vat"] == line["gross"] for line in lines)
    yield "its tenders", sum(row["in_document"] for row in found.tenders) == header["total"]
    yield "its taxes", _tax_sums(header["taxes"]) == (header["net"], header["vat"], header["total"])
    yield "its stock moves", _moved_as_sold(found)


def _tax_sums(taxes: Any) -> tuple[int, ...] | None:
    try:
        return tuple(sum(tax[name] for tax in taxes) for name in ("net", "vat", "gross"))
    except (TypeError, KeyError):
        return None


def _moved_as_sold(found: Document) -> bool:
    """Whether each line moved what it sold, out or back in; an item without stock moves nothing."""
    sign = -KINDS.get(found.header["kind"], 0)
    sold = {line["line"]: abs(line["quantity"]) for line in found.lines}
    moved: dict[int, Decimal] = {}
    for move in found.moves:
        moved[move.line] = moved.get(move.line, Decimal(0)) + move.quantity * sign
    return all(sold.get(line) == quantity for line, quantity in moved.items())


def _known(connection: Connection, header: Mapping[str, Any], envelope: Envelope) -> int | None:
    """The first acceptance of a sale that is here already; None when it is new.

    Raises:
        Refusal: it, or its number, is here with another content.
    """
    for row in accepted.of_key(connection, "sale", header["id"]):
        if row["content_hash"] == envelope.content_hash:
            return int(row["upstream_seq"])
    same = sales.by_id(connection, header["id"]) or sales.by_receipt(connection, header["receipt"])
    if same is not None:
        words = f"Receipt {header['receipt']} is here already with another content."
        raise Refusal(Outcome.CONFLICT, "other_content", words)
    return None


def _add(connection: Connection, found: Document) -> None:
    header, reference = found.header, found.header["reference"]
    if reference and sales.by_reference(connection, reference) is not None:
        # Callers of different tills may use the same words; each till's are its own (L22).
        header = header | {"reference": f"{header['till']}/{reference}"}
    if found.original is not None:
        originals.put(connection, found.original)
    sales.add(
        connection,
        header=header,
        lines=found.lines,
        tenders=found.tenders,
        change=found.change,
    )


def _flags(
    connection: Connection, found: Document, places: set[tuple[str, str]]
) -> Iterable[dict[str, str]]:
    header = found.header
    codes = {line["item"] for line in found.lines}
    for code in sorted(codes - items.find_by_codes(connection, codes).keys()):
        yield flag("item_unknown", f"Item {code} is not known here.", subject=code)
    if partners.by_code(connection, header["partner"]) is None:
        words = f"Partner {header['partner']} is not known here."
        yield flag("partner_unknown", words, subject=header["partner"])
    for (item, warehouse), row in sorted(stock.of_places(connection, places).items()):
        if row["on_hand"] < 0:
            words = f"Item {item} is at {row['on_hand']:f} in warehouse {warehouse}."
            yield flag("negative_stock", words, subject=f"{item}|{warehouse}|")
    for lot in stock.batches_of(connection, places):
        if lot["on_hand"] < 0:
            words = (
                f"Batch {lot['batch']} of item {lot['item']} is at {lot['on_hand']:f} "
                f"in warehouse {lot['warehouse']}."
            )
            subject = f"{lot['item']}|{lot['warehouse']}|{lot['batch']}"
            yield flag("negative_stock", words, subject=subject)
    yield from intake_note.flags(connection, header)


def _entered(data: Any) -> dict[str, Any] | None:
    """The receipt of another device or time that a till's note names, as it was entered there."""
    return None if data is None else wire.decode(originals.originals, data, where="The original")


def _rows(
    table: Any, data: Mapping[str, Any], name: str, mine: Mapping[str, Any]
) -> list[dict[str, Any]]:
    return [
        wire.decode(table, row, where=f"{name} {at}", **mine)
        for at, row in enumerate(_list(data, name), start=1)
    ]


def _list(data: Mapping[str, Any], name: str) -> Sequence[Any]:
    rows = data.get(name)
    if not isinstance(rows, list):
        raise MalformedInput("The sale", f"has no list of {name}")
    return rows


def _move(data: Any, sale_id: str) -> Move:
    given = {"document_id": sale_id, "at": None, "upstream_seq": None}
    row = wire.decode(stock.stock_moves, data, where="A stock move", **given)
    return Move(
        document_kind=row["document_kind"],
        document_id=sale_id,
        line=row["line"],
        item=row["item"],
        warehouse=row["warehouse"],
        quantity=row["quantity"],
        batch=row.get("batch", ""),
    )
