"""Goods, orders and quotations of a day beside SAP's: by document, quantity, partner and total.

What they should be is what the queue would send today, read anew from the stored documents. What
has not come to its end is named by its state elsewhere, and is not compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.posting import PostingState
from pos_app.domain.proof import CANCELLED, DONE, Difference, Entry, Read, Side, differences
from pos_app.errors import RuleBroken
from pos_app.services.posting import count, movement, purchase, trade, trade_open, transfer
from pos_app.services.posting.kinds import KINDS
from pos_app.services.posting.step import CannotPlan, EarlierAway
from pos_app.services.proof.goods_money import Worth, worth
from pos_app.services.proof.goods_step import as_told, entry_of, identity, lotted, summed
from pos_app.services.proof.receipt import Day, span
from pos_app.services.proof.sap import WORD, currency_of
from pos_app.services.shop import Shop
from pos_app.store import proof as store
from sync.errors import SyncError
from sync.sap import goods_day
from sync.sap.client import ServiceLayer
from sync.sap.goods_day import GoodsDocument

GOODS = (
    trade.QUOTATION,
    trade.SALES_ORDER,
    transfer.TRANSFER_REQUEST,
    transfer.TRANSFER,
    purchase.PURCHASE_ORDER,
    purchase.PURCHASE_RECEIPT,
    count.COUNT,
    movement.GOODS_ISSUE,
    movement.GOODS_RECEIPT,
)
"""Kinds of the queue that become a document of goods, or a promise of goods."""

NAMES = {
    "Quotations": "quotation",
    "Orders": "sales order",
    "PurchaseOrders": "purchase order",
    "PurchaseDeliveryNotes": "goods receipt PO",
    "InventoryTransferRequests": "transfer request",
    "StockTransfers": "transfer",
    "InventoryCountings": "counting",
    "InventoryPostings": "count posting",
    "InventoryGenExits": "goods issue",
    "InventoryGenEntries": "goods receipt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Both sides of a day's goods.

    Attributes:
        ours: as they should be.
        read: as SAP has them.
        unclear: documents that are posted and of which the books cannot say what they should be.
    """

    ours: tuple[Entry, ...] = ()
    read: Read
    unclear: tuple[Difference, ...] = ()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Every one, by document."""
        return () if self.read.problem else (*self.unclear, *differences(self.ours, self.read))

    @property
    def sides(self) -> tuple[Read, ...]:
        """For sums."""
        tills = self.read.tills
        return Read(side=Side.SERVER, word="", entries=self.ours, tills=tills), self.read


@dataclass
class _Books:
    """What our own books say of the day's goods."""

    till: str
    rows: dict[str, RowMapping] = field(default_factory=dict)
    wanted: dict[str, Entry] = field(default_factory=dict)
    rounding: dict[str, int] = field(default_factory=dict)
    lowered: dict[str, int] = field(default_factory=dict)
    at: dict[str, tuple[str, int]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    today: set[str] = field(default_factory=set)
    unclear: dict[str, Difference] = field(default_factory=dict)


def read(shop: Shop, sap: ServiceLayer, day: Day) -> Goods:
    """Read the day's goods on both sides; a read that broke off says so and holds nothing."""
    local = shop.rules.currencies.get(shop.rules.sap.local_currency).sap_code
    tills = frozenset({shop.rules.till})
    try:
        found = [one for one in goods_day.goods(sap, day.day, local_currency=local) if one.key]
        books = _books(shop, day, found)
        found += _elsewhere(sap, books, found, local)
    except SyncError as error:
        return Goods(read=Read(side=Side.SAP, word=WORD, problem=str(error), tills=tills))
    entries = [
        _entry(shop, books, document)
        for document in found
        if _is_told(books, document, is_words=goods_day.is_words(sap, document.set_name))
    ]
    return Goods(
        ours=tuple(_rounded(books, entries)),
        read=Read(side=Side.SAP, word=WORD, entries=tuple(entries), tills=tills),
        unclear=tuple(books.unclear.values()),
    )


def _books(shop: Shop, day: Day, found: Sequence[GoodsDocument]) -> _Books:
    """The documents queued on the day, and those of other days that SAP shows on it."""
    made = _Books(till=shop.rules.till)
    begins, ends = span(shop, day.day)
    with shop.store.read() as connection:
        rows = list(store.queued_of(connection, begins, ends, kinds=GOODS))
        made.today = {row["key"] for row in rows}
        keys = {document.key for document in found}
        ending = {key + trade.ENDING for key in keys | made.today}
        for row in store.queued_by_keys(connection, (keys - made.today) | ending):
            if row["key"] in ending:
                made.ended.add(row["key"].removesuffix(trade.ENDING))
            elif row["kind"] in GOODS:
                rows.append(row)
        entries = store.entries_of(connection, begins, ends, kinds=GOODS)
        for row in rows:
            made.rows[row["key"]] = row
            if row["state"] == PostingState.COMPLETED:
                _plan(shop, connection, made, row, entries)
    return made


def _plan(
    shop: Shop,
    connection: Connection,
    books: _Books,
    row: RowMapping,
    entries: Mapping[tuple[int, str], RowMapping],
) -> None:
    """What a posted document should be in SAP."""
    try:
        steps = KINDS[row["kind"]].plan(shop, connection, row)
        known_worth = worth(shop, connection, row)
    except (CannotPlan, EarlierAway, RuleBroken) as error:
        books.unclear[row["key"]] = _unclear(row, error, till=books.till)
        return
    for step in steps:
        there = trade_open.as_lowered(connection, row, step)
        entry = entry_of(there, reference=row["reference"], till=books.till)
        if entry is None:
            continue
        known = entries.get((row["queue_id"], step.kind))
        entry = _with_money(entry, known_worth)
        if known is not None:
            entry = as_told(shop, entry, step, known)
        books.wanted[entry.key] = entry
        books.rounding[entry.key] = known_worth.rounding
        books.lowered[entry.key] = known_worth.lowered
        if known is not None:
            books.at[entry.key] = (step.set_name, known["doc_entry"])
        if isinstance(step, purchase.PurchaseOrderStep):
            books.rounding[entry.key] = Money.of(step.rounding, entry.currency).minor


def _with_money(entry: Entry, worth: Worth) -> Entry:
    """What the books know of its money, beside what its step told."""
    total = worth.total
    facts = {**entry.facts, **({"account": worth.account} if worth.account else {})}
    if total is not None:
        entry = replace(entry, total=total.minor, currency=total.currency)
    return replace(entry, vat=worth.vat, taxes=worth.taxes, facts=facts)


def _unclear(row: RowMapping, error: Exception, *, till: str) -> Difference:
    words = f"{row['reference']} is in {WORD} and cannot be compared with it: {error}"
    return Difference(
        code="sap_unclear",
        side=Side.SAP,
        reference=row["reference"],
        kind=row["kind"],
        till=till,
        sentence=words,
    )


def _elsewhere(
    sap: ServiceLayer, books: _Books, found: Iterable[GoodsDocument], local: str
) -> Iterator[GoodsDocument]:
    """What is posted and is not of the day in SAP: looked for by its number, many at a time."""
    shown = {identity(document.set_name, document.key) for document in found}
    asked: defaultdict[str, list[int]] = defaultdict(list)
    for key, (set_name, entry) in books.at.items():
        if key not in shown:
            asked[set_name].append(entry)
    for set_name, entries in asked.items():
        for document in goods_day.goods_by_entry(sap, set_name, entries, local_currency=local):
            if identity(document.set_name, document.key) in books.wanted:
                yield document


def _is_told(books: _Books, document: GoodsDocument, *, is_words: bool) -> bool:
    """Whether a document is to be shown.

    Not one on its way, which is named by its state, and not one with words of people for a key.
    """
    if identity(document.set_name, document.key) in books.wanted:
        return True
    row = books.rows.get(document.key)
    if row is None:
        return not is_words
    if document.key in books.unclear:
        return False
    return row["state"] == PostingState.CANCELLED or document.key not in books.today


def _entry(shop: Shop, books: _Books, document: GoodsDocument) -> Entry:
    key = identity(document.set_name, document.key)
    known = books.wanted.get(key)
    currency = currency_of(shop.rules, document.currency)
    total = _minor(document.total, currency)
    is_ended = document.key in books.ended
    return Entry(
        key=key,
        reference=known.reference if known else document.key,
        name=f"{WORD} {NAMES[document.set_name]} {document.doc_num}",
        kind=known.kind if known else NAMES[document.set_name].replace(" ", "_"),
        till=books.till,
        currency=known.currency if known and known.total is None else currency,
        total=None if known and known.total is None else total,
        vat=_minor(document.vat, currency),
        taxes={
            group: Money.rounded(gross, currency).minor for group, gross in document.taxes.items()
        },
        quantities=summed(document.quantities.items()),
        batches=lotted(document.batches.items()),
        facts={
            "day": document.doc_date.isoformat() if document.doc_date else "",
            "partner": document.card_code,
            "account": "/".join(document.accounts),
        },
        state=CANCELLED if document.is_cancelled and not is_ended else DONE,
        note="" if known else _note(books.rows.get(document.key)),
    )


def _minor(amount: Decimal | None, currency: str) -> int | None:
    return None if amount is None else Money.rounded(amount, currency).minor


def _note(row: RowMapping | None) -> str:
    if row is None:
        return "no document here has its key"
    if row["state"] == PostingState.CANCELLED:
        return f"{row['reference']} was given up here"
    return f"{row['reference']} is {row['state']} on its way there"


def _rounded(books: _Books, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Our documents; totals of purchases and VAT are SAP's where they are rounded otherwise."""
    there = {entry.key: entry for entry in entries if entry.state != CANCELLED}
    for key, entry in books.wanted.items():
        told, most = there.get(key), books.rounding.get(key, 0)
        if told is None:
            yield entry
            continue
        is_ours = entry.kind in (trade.QUOTATION, trade.SALES_ORDER)
        anew = books.lowered.get(key, 0)
        yield replace(
            entry,
            total=_near(entry.total, told.total, anew if is_ours else most),
            vat=_near(entry.vat, told.vat, most),
            taxes=_near_each(entry.taxes, told.taxes, anew),
        )


def _near_each(
    ours: Mapping[str, int] | None, theirs: Mapping[str, int] | None, most: int
) -> Mapping[str, int] | None:
    if not ours or not theirs or not most:
        return ours
    return {name: _near(amount, theirs.get(name), most) or 0 for name, amount in ours.items()}


def _near(ours: int | None, theirs: int | None, most: int) -> int | None:
    """Theirs where it is no further away than rounding explains."""
    if ours is None or theirs is None or abs(theirs - ours) > most:
        return ours
    return theirs
