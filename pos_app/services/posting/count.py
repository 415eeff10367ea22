"""Counted differences into SAP: a counting of them, then its posting.

SAP counts against what it shows at that moment, which lacks our sales on their way and has moved
since somebody counted here. So SAP is told its own figure with our difference on top, and believed
only when it found the very same difference (production lesson L62).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.count import difference
from pos_app.services.posting.step import (
    AnyStep,
    CannotPlan,
    EarlierAway,
    Mismatch,
    Step,
    StockMoved,
)
from pos_app.services.posting.told import Told
from pos_app.services.shop import Shop
from pos_app.store import count as counts
from pos_app.store import posting_claim
from sync.sap import goods_documents
from sync.sap.client import ServiceLayer
from sync.sap.goods_requests import (
    BaseLine,
    CountedLine,
    CountLine,
    CountPostingRequest,
    CountRequest,
    PostedGoods,
)
from sync.sap.requests import BatchPick

COUNT, COUNT_POSTING = "count", "count_posting"
GOODS = "count"
"""What a count waits for while another counting of its goods is open."""
_WOKEN = 4
"""So many are tried when a count has ended: of all that wait for the same goods one gets them."""

NOTHING = Decimal(0)
LOTS = "lots"
"""Under this word a counting remembers what it told SAP of each batch: item, batch, quantity."""


@dataclass(frozen=True)
class Difference:
    """What one item is off, in all and by batch."""

    item: str
    by: Decimal
    lots: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class _Counted(Step[PostedGoods]):
    """What the counting and its posting share."""

    number: str
    count_key: str
    warehouse: str
    counted_at: datetime
    counter: int
    differences: tuple[Difference, ...]

    @property
    def key(self) -> str:
        """The identity of the count."""
        return self.count_key

    def is_ours(self, held: PostedGoods) -> bool:
        """Whether SAP found the very differences that were counted here."""
        ours = {one.item: one.by for one in self.differences}
        return ours == {line.item_code: line.open_quantity for line in held.lines}

    def check(self, held: PostedGoods) -> None:
        """The very differences that were counted here."""
        if not self.is_ours(held):
            raise Mismatch(
                f"SAP's stock moved while count {self.number} was entered, and its document "
                f"{held.doc_num} finds other differences: close that one in SAP, enter the "
                "differences there by hand, and tell both numbers here: SAP holds it."
            )


@dataclass(frozen=True)
class CountStep(_Counted):
    """The counting; it moves nothing."""

    request: CountRequest | None = None
    kind = COUNT

    @property
    def set_name(self) -> str:
        """Where SAP keeps it."""
        return goods_documents.COUNTINGS

    @property
    def sending(self) -> Mapping[str, Any]:
        """What SAP is told of batches: its own figures of that moment with our differences."""
        lines = self.request.lines if self.request is not None else ()
        told = [
            [line.item_code, lot.number, str(lot.quantity)]
            for line in lines
            for lot in line.batches
        ]
        return {LOTS: told}

    def find(self, sap: ServiceLayer) -> PostedGoods | None:
        """By its key; one that the stock moved under and nothing was posted of does not count."""
        held = goods_documents.find_count(sap, self.key)
        return None if held is not None and self._is_stale(sap, held) else held

    def check(self, held: PostedGoods) -> None:
        """The very differences that were counted here.

        Raises:
            StockMoved: it is open and finds others; the next attempt replaces it.
            Mismatch: somebody closed it, or it counts other items.
        """
        if self._is_moved(held):
            raise StockMoved(
                f"SAP's stock moved while count {self.number} was entered: it is entered again."
            )
        super().check(held)

    def prepared(self, sap: ServiceLayer) -> CountStep:
        """On SAP's own figures of this moment, in place of one that SAP's stock moved under.

        Raises:
            Mismatch: SAP has less than is missing.
        """
        held = goods_documents.find_count(sap, self.key)
        if held is not None and self._is_stale(sap, held):
            goods_documents.set_count_aside(sap, self.key, held.doc_entry)
        goods_documents.end_counts_aside(sap, self.key)
        codes = [one.item for one in self.differences]
        levels = goods_documents.stock_levels(sap, codes, self.warehouse)
        managed = {one.item for one in self.differences if one.lots}
        lots = goods_documents.batch_levels(sap, managed, self.warehouse) if managed else {}
        lines = tuple(self._line(one, levels, lots.get(one.item, {})) for one in self.differences)
        request = CountRequest(
            key=self.key,
            count_date=self.counted_at.date(),
            count_time=self.counted_at.time(),
            counter=self.counter,
            lines=lines,
        )
        return replace(self, request=request)

    def send(self, sap: ServiceLayer) -> PostedGoods:
        """Book it."""
        if self.request is None:
            raise TypeError(self.key)
        return goods_documents.post_count(sap, self.request)

    def _is_stale(self, sap: ServiceLayer, held: PostedGoods) -> bool:
        is_moved = self._is_moved(held)
        return is_moved and goods_documents.find_count_posting(sap, self.key) is None

    def _is_moved(self, held: PostedGoods) -> bool:
        items = {line.item_code for line in held.lines}
        is_same = items == {one.item for one in self.differences}
        return held.status == "open" and is_same and not self.is_ours(held)

    def _line(
        self, one: Difference, levels: Mapping[str, Decimal], lots: Mapping[str, Decimal]
    ) -> CountLine:
        there = {
            lot: lots.get(lot, NOTHING) + one.lots.get(lot, NOTHING) for lot in {*lots, *one.lots}
        }
        # Both figures were not read at one moment; those of the batches have to add up.
        counted = (
            sum(there.values(), NOTHING) if one.lots else levels.get(one.item, NOTHING) + one.by
        )
        if counted < 0 or any(part < 0 for part in there.values()):
            raise Mismatch(
                f"Count {self.number} misses more of item {one.item} than SAP has in "
                f"{self.warehouse}: compare the two."
            )
        picks = tuple(BatchPick(lot, part) for lot, part in sorted(there.items()) if part)
        return CountLine(
            item_code=one.item,
            warehouse=self.warehouse,
            counted=counted,
            batches=picks if one.lots else (),
        )


@dataclass(frozen=True)
class CountPostingStep(_Counted):
    """The posting, which moves the differences.

    Attributes:
        entry: of the counting it follows.
    """

    request: CountPostingRequest | None = None
    entry: int = 0
    kind = COUNT_POSTING
    moves_goods = True

    @property
    def set_name(self) -> str:
        """Where SAP keeps it."""
        return goods_documents.POSTINGS

    def find(self, sap: ServiceLayer) -> PostedGoods | None:
        """By its key."""
        return goods_documents.find_count_posting(sap, self.key)

    def after(self, entries: Mapping[str, int]) -> CountPostingStep:
        """The posting, now that its counting is known."""
        return replace(self, entry=entries[COUNT])

    def prepared(self, sap: ServiceLayer) -> CountPostingStep:
        """With the figures of its counting.

        Raises:
            EarlierAway: SAP does not show the counting.
        """
        counting = goods_documents.find_count(sap, self.key)
        if counting is None:
            raise EarlierAway(f"SAP does not show the counting of {self.number}; it goes first.")
        lots = {one.item: one.lots for one in self.differences}
        lines = tuple(
            CountedLine(
                base=BaseLine(self.entry, line.line),
                item_code=line.item_code,
                warehouse=self.warehouse,
                counted=line.quantity,
                batches=tuple(
                    BatchPick(lot, by) for lot, by in sorted(lots[line.item_code].items()) if by
                ),
            )
            for line in counting.lines
        )
        day = self.counted_at.date()
        request = CountPostingRequest(key=self.key, posting_date=day, count_date=day, lines=lines)
        return replace(self, request=request)

    def send(self, sap: ServiceLayer) -> PostedGoods:
        """Book it."""
        if self.request is None:
            raise TypeError(self.key)
        return goods_documents.post_count_posting(sap, self.request)


def plan(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Read a count and say which differences SAP is asked to book; raises CannotPlan."""
    found = counts.by_id(connection, row["document_id"])
    if found is None or found["counted_at"] is None:
        raise CannotPlan(f"The books hold no finished count {row['document_id']}.")
    shared = {
        "number": found["number"],
        "count_key": row["key"],
        "warehouse": found["warehouse"],
        "counted_at": shop.local(found["counted_at"]),
        "counter": shop.rules.stock.counter,
        "differences": _differences(counts.lines_of(connection, [found["id"]])),
    }
    return CountStep(**shared), CountPostingStep(**shared)


def tell(shop: Shop, connection: Connection, row: RowMapping, told: Told) -> None:
    """Let the next counts of goods that it kept from them be tried at once."""
    del row
    if told.lamp == "done":
        posting_claim.wake(connection, GOODS, now=shop.clock.now(), limit=_WOKEN)


def _differences(lines: list[RowMapping]) -> tuple[Difference, ...]:
    found: dict[str, dict[str, Decimal]] = {}
    for line in lines:
        by = difference(line["counted"], line["book"])
        if by:
            found.setdefault(line["item"], {})[line["batch"]] = by
    return tuple(
        Difference(item, sum(lots.values(), NOTHING), {lot: by for lot, by in lots.items() if lot})
        for item, lots in sorted(found.items())
    )
