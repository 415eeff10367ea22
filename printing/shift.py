"""A shift as plain data, for its X report and its close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Denomination:
    """How many notes or coins of one value were counted."""

    value: Decimal
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawerCount:
    """The drawer in one currency; all amounts positive, `counted` None while nobody counted.

    expected = opening + cash_sales + paid_in + loans - cash_refunds - change_given - paid_out -
    pickups,
    as the shop computed it; it is printed, not recomputed here.
    """

    currency: str
    opening: Decimal
    cash_sales: Decimal
    cash_refunds: Decimal
    change_given: Decimal
    paid_in: Decimal
    paid_out: Decimal
    pickups: Decimal
    expected: Decimal
    loans: Decimal = Decimal(0)
    counted: Decimal | None = None
    denominations: tuple[Denomination, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderTotal:
    """What one tender type took in one currency; refunds already taken off."""

    name: str
    currency: str
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTotal:
    """How many documents of a kind, and their total, in one currency."""

    currency: str
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawerOpenings:
    """How often the drawer was opened, of it without a sale, and of it by nobody's wish."""

    total: int
    no_sale: int
    unasked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReport:
    """One cashier's shift; `closed_at` None makes it an X report. Times in the shop's own time.

    `audit_head` is the newest hash of the till's audit chain, so that paper can later prove that
    nothing before it was changed. `voids` and `openings` are None where nobody counted them.
    """

    shop: str
    till: str
    shift: str
    cashier: str
    business_date: date
    opened_at: datetime
    printed_at: datetime
    drawers: tuple[DrawerCount, ...]
    closed_at: datetime | None = None
    sales: tuple[CountTotal, ...] = ()
    refunds: tuple[CountTotal, ...] = ()
    voids: int | None = None
    openings: DrawerOpenings | None = None
    tenders: tuple[TenderTotal, ...] = ()
    notes: str = ""
    audit_head: str = ""
    copy_number: int = 0
    language: str = "en"
