"""Check and choose batches for a whole document, naming every line that cannot be served.

The order of judgement is the contract's: each line by itself, then what lines name, then what is
left for the lines that name nothing, so that two lines never take the same goods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Connection

from pos_app.domain.batch import (
    Allocation,
    Batch,
    BatchNeed,
    BatchNotFound,
    BatchNotReleased,
    InsufficientBatch,
    Strategy,
    allocate,
    expired,
)
from pos_app.domain.item import Item
from pos_app.domain.quantity import QuantityInvalid, check_quantity
from pos_app.errors import InsufficientStock, InvalidInput, PosError, RuleBroken
from pos_app.services.shop import Shop
from pos_app.store import batch as batches
from pos_app.store import item as items
from pos_app.store import stock

NOTHING = Decimal(0)
TOLERANCE = Decimal("0.0001")


class ProblemCode(StrEnum):
    """Why a line cannot be served, in the contract's words."""

    BATCH_ALLOCATION_REQUIRED = "BatchAllocationRequired"
    BATCH_QUANTITY_MISMATCH = "BatchQuantityMismatch"
    INSUFFICIENT_BATCH_QUANTITY = "InsufficientBatchQuantity"
    BATCH_NOT_FOUND = "BatchNotFound"
    BATCH_NOT_RELEASED = "BatchNotReleased"
    WAREHOUSE_REQUIRED = "WarehouseRequired"
    ITEM_NOT_FOUND = "ItemNotFound"
    INSUFFICIENT_TOTAL_STOCK = "InsufficientTotalStock"
    ITEM_NOT_BATCH_MANAGED = "ItemNotBatchManaged"
    INVALID_QUANTITY = "InvalidQuantity"


class StrategyUnknown(InvalidInput):
    """A text is not a way of choosing batches."""

    code = "strategy_unknown"

    def __init__(self, strategy: object) -> None:
        super().__init__(
            f"Batches cannot be chosen by {str(strategy)[:40]!r}: use FEFO, FIFO or Manual.",
            strategy=str(strategy)[:40],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """What one line asks for.

    Attributes:
        position: where the line stands in the document, from 0.
        number: the line's number as the caller counts.
        batches: batch numbers and quantities the caller names; None or empty names none.
    """

    position: int
    number: int
    item: str
    warehouse: str
    quantity: Decimal
    batches: tuple[tuple[str, Decimal], ...] = ()
    is_auto: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why one line cannot be served."""

    code: ProblemCode
    position: int
    number: int
    item: str
    item_name: str
    warehouse: str
    batch: str
    requested: Decimal
    available: Decimal
    sentence: str

    @property
    def shortage(self) -> Decimal:
        """What is missing, never below nothing."""
        return max(self.requested - self.available, NOTHING)


@dataclass(frozen=True, slots=True)
class Served:
    """A line that can be served, and from which batches; none where the item has none."""

    want: Want
    item: Item
    allocations: tuple[Allocation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A whole document judged."""

    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    served: tuple[Served, ...]
    strategy: Strategy

    @property
    def is_valid(self) -> bool:
        """Whether every line can be served."""
        return not self.problems


class StockInvalid(RuleBroken):
    """Some lines of a document cannot be served from stock."""

    code = "insufficient_stock"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = problems[0].sentence
        more = f" {len(problems) - 1} more lines have problems too." if len(problems) > 1 else ""
        super().__init__(first + more)


def strategy_of(text: str | int) -> Strategy:
    """Read a strategy by name in any case, or by its number.

    Raises:
        StrategyUnknown: there is none of that name.
    """
    if isinstance(text, int):
        known = list(Strategy)
        if 0 <= text < len(known):
            return known[text]
    else:
        for strategy in Strategy:
            if strategy.value.casefold() == text.strip().casefold():
                return strategy
    raise StrategyUnknown(text)


def validate(
    shop: Shop, wants: Sequence[Want], *, strategy: Strategy, reservation: str = ""
) -> Judgement:
    """Judge lines as they stand now, promising nothing; `reservation` does not stand in the way."""
    with shop.store.read() as connection:
        return judge(shop, connection, wants, strategy=strategy, reservation=reservation)


def judge(
    shop: Shop,
    connection: Connection,
    wants: Sequence[Want],
    *,
    strategy: Strategy,
    reservation: str = "",
    ordered: Mapping[stock.Place, Decimal] | None = None,
) -> Judgement:
    """Judge lines within a transaction; what a writer has locked stays true until it ends.

    Args:
        shop: the server.
        connection: a transaction.
        wants: the lines of one document.
        strategy: how batches are chosen where a line names none.
        reservation: the document or reservation whose own claim does not stand in its way.
        ordered: what the order that is made good has committed itself, in the books of SAP.
    """
    now = shop.clock.now()
    court = _Court(strategy=strategy, on=shop.today, ordered=ordered or {})
    court.goods = items.find_by_codes(connection, sorted({want.item for want in wants}))
    places = sorted({(want.item, want.warehouse) for want in wants if want.warehouse})
    court.load(connection, places, now, reservation)
    standing = [want for want in wants if court.stands(want)]
    for want in sorted(standing, key=lambda row: (not row.batches, row.position)):
        court.serve(want)
    return Judgement(
        problems=tuple(sorted(court.problems, key=lambda row: row.position)),
        warnings=tuple(court.warnings),
        served=tuple(sorted(court.served, key=lambda row: row.want.position)),
        strategy=strategy,
    )


@dataclass(slots=True, kw_only=True)
class _Court:
    """What is left of stock and batches while one document is being judged."""

    strategy: Strategy
    on: date
    ordered: Mapping[stock.Place, Decimal] = field(default_factory=dict)
    goods: dict[str, Item] = field(default_factory=dict)
    free: dict[stock.Place, Decimal] = field(default_factory=dict)
    lots: dict[stock.Place, list[Batch]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)

    def load(
        self, connection: Connection, places: Sequence[stock.Place], now: datetime, reservation: str
    ) -> None:
        if not places:
            return
        held = stock.reserved(connection, places, now, reservation=reservation)
        for place, row in stock.of_places(connection, places).items():
            item = self.goods.get(place[0])
            committed = NOTHING if item is None or item.is_batch_managed else row["committed"]
            committed -= min(committed, self.ordered.get(place, NOTHING))
            self.free[place] = row["on_hand"] - committed - held.get(place, NOTHING)
        for lot in batches.free(connection, places, now, reservation=reservation):
            self.lots.setdefault((lot.item, lot.warehouse), []).append(lot)

    def stands(self, want: Want) -> bool:
        """Whether the line makes sense by itself."""
        item = self.goods.get(want.item)
        if not want.warehouse:
            self._refuse(
                want,
                ProblemCode.WAREHOUSE_REQUIRED,
                f"Line {want.number} names no warehouse: say where item {want.item} leaves from.",
            )
        elif item is None or (want.item, want.warehouse) not in self.free:
            self._refuse(
                want,
                ProblemCode.ITEM_NOT_FOUND,
                f"Item {want.item} is not known in warehouse {want.warehouse}: check both codes.",
            )
        else:
            return self._has_quantity(want, item) and self._has_batches(want, item)
        return False

    def _has_quantity(self, want: Want, item: Item) -> bool:
        try:
            check_quantity(want.quantity, uom=item.uom, decimals=item.decimals, item=item.code)
        except QuantityInvalid as error:
            self._refuse(want, ProblemCode.INVALID_QUANTITY, error.sentence)
            return False
        return True

    def _has_batches(self, want: Want, item: Item) -> bool:
        if want.batches and not item.is_batch_managed:
            code = ProblemCode.ITEM_NOT_BATCH_MANAGED
            sentence = f"Item {item.code} is not kept in batches: leave the batches out."
        elif item.is_batch_managed and not want.batches and not self._may_choose(want):
            code = ProblemCode.BATCH_ALLOCATION_REQUIRED
            sentence = f"Item {item.code} is kept in batches: name them for line {want.number}."
        elif want.batches and abs(_named(want) - want.quantity) > TOLERANCE:
            code = ProblemCode.BATCH_QUANTITY_MISMATCH
            sentence = (
                f"The batches of line {want.number} sum to {_named(want):f} and the line says "
                f"{want.quantity:f}: make them equal."
            )
        else:
            return True
        self._refuse(want, code, sentence)
        return False

    def _may_choose(self, want: Want) -> bool:
        return want.is_auto and self.strategy is not Strategy.MANUAL

    def serve(self, want: Want) -> None:
        """Take the line's goods out of what is left."""
        item, place = self.goods[want.item], (want.item, want.warehouse)
        if want.quantity > self.free[place]:
            error = InsufficientStock(
                want.item, want.warehouse, want.quantity, max(self.free[place], NOTHING)
            )
            self._refuse(want, ProblemCode.INSUFFICIENT_TOTAL_STOCK, error.sentence)
            return
        allocations: tuple[Allocation, ...] = ()
        if item.is_batch_managed:
            try:
                allocations = self._allocate(want, place)
            except PosError as error:
                self._refuse(want, *_named_problem(error), batch=error.details.get("batch"))
                return
        self.free[place] -= want.quantity
        self.served.append(Served(want, item, allocations))

    def _allocate(self, want: Want, place: stock.Place) -> tuple[Allocation, ...]:
        needs = [
            BatchNeed(want.position, want.item, want.warehouse, quantity, batch)
            for batch, quantity in want.batches
        ] or [BatchNeed(want.position, want.item, want.warehouse, want.quantity)]
        lots = self.lots.get(place, [])
        strategy = Strategy.FEFO if want.batches else self.strategy
        taken = allocate(needs, lots, strategy=strategy, on=self.on)
        for late in expired(taken, on=self.on):
            self.warnings.append(
                f"Batch {late.batch} of item {late.item} expired on {late.expiry}: check it."
            )
        used = {row.batch: row.quantity for row in taken}
        self.lots[place] = [
            replace(lot, quantity=lot.quantity - used.get(lot.number, NOTHING)) for lot in lots
        ]
        return taken

    def _refuse(
        self, want: Want, code: ProblemCode, sentence: str, *, batch: object = None
    ) -> None:
        item = self.goods.get(want.item)
        place = (want.item, want.warehouse)
        available = self.free.get(place, NOTHING)
        if isinstance(batch, str) and batch:
            lots = self.lots.get(place, [])
            available = sum((lot.quantity for lot in lots if lot.number == batch), NOTHING)
        self.problems.append(
            Problem(
                code=code,
                position=want.position,
                number=want.number,
                item=want.item,
                item_name=item.name if item else "",
                warehouse=want.warehouse,
                batch=batch if isinstance(batch, str) else "",
                requested=want.quantity,
                available=max(available, NOTHING),
                sentence=sentence,
            )
        )


def _named(want: Want) -> Decimal:
    return sum((quantity for _, quantity in want.batches), NOTHING)


_CODES: tuple[tuple[type[PosError], ProblemCode], ...] = (
    (BatchNotFound, ProblemCode.BATCH_NOT_FOUND),
    (BatchNotReleased, ProblemCode.BATCH_NOT_RELEASED),
    (InsufficientBatch, ProblemCode.INSUFFICIENT_BATCH_QUANTITY),
    (InsufficientStock, ProblemCode.INSUFFICIENT_TOTAL_STOCK),
)


def _named_problem(error: PosError) -> tuple[ProblemCode, str]:
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code, error.sentence
    return ProblemCode.INVALID_QUANTITY, error.sentence


def places_of(wants: Iterable[Want]) -> list[stock.Place]:
    """The places a document touches, for locking them before it is judged."""
    return sorted({(want.item, want.warehouse) for want in wants if want.warehouse})
