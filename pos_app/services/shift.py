"""Shifts: open with a float, move cash, read (X), count blind and close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.drawer import DrawerCause, Openings
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.shift import (
    SIGNS,
    Count,
    MovementKind,
    ShiftAlreadyOpen,
    ShiftNotOpen,
    ShiftNotYours,
    check_drawer,
    counted,
)
from pos_app.errors import InvalidInput
from pos_app.services import document
from pos_app.services.drawer import standing
from pos_app.services.drawer.opening import open_for
from pos_app.services.shop import Shop
from pos_app.store import audit, outbox, setting
from pos_app.store import sale as sales
from pos_app.store import shift as shifts

CASH = "cash"
MOVE_PERMISSIONS = {
    MovementKind.PAID_IN: Permission.DRAWER_PAID_IN,
    MovementKind.PAID_OUT: Permission.DRAWER_PAID_OUT,
    MovementKind.PICKUP: Permission.DRAWER_PICKUP,
    MovementKind.LOAN: Permission.DRAWER_PICKUP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One cashier's accountable period on this till."""

    id: str
    till: str
    number: int
    username: str
    is_open: bool
    business_date: date
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One tender in one currency: what should be there, what was counted; None before the count."""

    tender_type: str
    currency: str
    expected: Money
    counted: Money | None

    @property
    def over_short(self) -> Money | None:
        """Counted less expected: positive is over, negative short."""
        return None if self.counted is None else self.counted - self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSum:
    """Net, VAT and gross of one tax group in one currency over the shift."""

    group: str
    currency: str
    net: Money
    vat: Money
    gross: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReport:
    """The X reading of an open shift, or the result of a closed one."""

    shift: Shift
    balances: tuple[Balance, ...]
    taxes: tuple[TaxSum, ...]
    totals: tuple[Money, ...]
    sale_count: int
    counts: tuple[Count, ...]
    openings: Openings


def current(shop: Shop) -> Shift | None:
    """The open shift of this till."""
    with shop.store.read() as connection:
        row = shifts.open_on(connection, shop.rules.till)
    return _shift(row) if row else None


def open_shift(shop: Shop, actor: Actor, counts: Sequence[Count]) -> Shift:
    """Open the till's shift with the float counted into the drawer.

    Raises:
        ShiftAlreadyOpen: somebody's shift is open.
        UnmappedCurrency: a count in a currency the shop does not take.
    """
    require(actor, Permission.SHIFT_OPEN)
    floats = _in_shop_currencies(shop, counted(counts))
    now = shop.clock.now()
    with shop.store.write() as connection:
        known = shifts.open_on(connection, shop.rules.till)
        if known is not None:
            raise ShiftAlreadyOpen(shop.rules.till, known["username"])
        row: dict[str, Any] = {
            "id": shop.ids.new(),
            "till": shop.rules.till,
            "number": setting.next_number(connection, f"shift:{shop.rules.till}"),
            "user_id": actor.user_id,
            "username": actor.username,
            "state": "open",
            "business_date": shop.today,
            "opened_at": now,
        }
        shifts.add(connection, row)
        shifts.add_counts(connection, _count_rows(row["id"], "open", counts))
        for money in floats.values():
            _move(connection, row["id"], actor, kind=MovementKind.FLOAT, money=money, at=now)
        open_for(shop, connection, DrawerCause.SHIFT, username=actor.username, shift_id=row["id"])
        _tell(shop, connection, row["id"], event="open")
        details = {"float": [money.label for money in floats.values()]}
        _audit(connection, actor, "shift.open", row["id"], details, at=now)
    found = current(shop)
    if found is None:
        raise ShiftNotOpen(shop.rules.till)
    return found


def move(shop: Shop, actor: Actor, kind: MovementKind, money: Money, *, reason: str) -> None:
    """Note cash paid in or out, a pickup for the safe or a loan from it.

    Raises:
        ShiftNotOpen, DrawerShort: no shift, or more should leave than is there.
        InvalidInput: the amount is not above zero, the reason is missing, or the kind is made
            by sales alone.
    """
    require(actor, MOVE_PERMISSIONS.get(kind, Permission.DRAWER_OPEN))
    if kind not in MOVE_PERMISSIONS or money.minor <= 0 or not reason.strip():
        raise InvalidInput("Cash moves need an amount above zero and a reason: enter both.")
    now = shop.clock.now()
    with shop.store.write() as connection:
        shift = _open_row(shop, connection)
        if SIGNS[kind] < 0:
            check_drawer(_cash(connection, shift["id"]), money)
        _move(connection, shift["id"], actor, kind=kind, money=money, at=now, reason=reason)
        open_for(shop, connection, DrawerCause.CASH, username=actor.username, shift_id=shift["id"])
        details = {"amount": money.label, "reason": reason}
        _audit(connection, actor, f"shift.{kind.value}", shift["id"], details, at=now)


def x(shop: Shop, actor: Actor) -> ShiftReport:
    """Read the open shift without changing it; what is counted stays unknown.

    Raises:
        ShiftNotOpen: there is nothing to read.
    """
    require(actor, Permission.SHIFT_X)
    with shop.store.read() as connection:
        return report_in(connection, _open_row(shop, connection))


def close_shift(shop: Shop, actor: Actor, counts: Sequence[Count]) -> ShiftReport:
    """Close the shift on what was counted; expected figures are shown only afterwards.

    Raises:
        ShiftNotOpen: there is no open shift.
        ShiftNotYours: it is another cashier's and this actor may not close theirs.
    """
    require(actor, Permission.SHIFT_CLOSE)
    cash = _in_shop_currencies(shop, counted(counts))
    now = shop.clock.now()
    with shop.store.write() as connection:
        row = _open_row(shop, connection)
        if row["username"] != actor.username:
            _may_close_others(actor, row["username"])
        shifts.add_counts(connection, _count_rows(row["id"], "close", counts))
        shifts.add_results(connection, _result_rows(connection, row["id"], cash))
        ended = {"state": "closed", "closed_at": now, "closed_by": actor.username}
        if not shifts.close(connection, row["id"], ended):
            raise ShiftNotOpen(shop.rules.till)
        report = report_in(connection, _by_id(connection, row["id"]))
        _tell(shop, connection, row["id"], event="close")
        details = {
            f"{balance.tender_type} {balance.currency}": str(balance.over_short)
            for balance in report.balances
        }
        _audit(connection, actor, "shift.close", row["id"], details, at=now)
    return report


def report(shop: Shop, shift_id: str) -> ShiftReport:
    """The figures of any shift, open or closed."""
    with shop.store.read() as connection:
        return report_in(connection, _by_id(connection, shift_id))


def _may_close_others(actor: Actor, owner: str) -> None:
    if not actor.may(Permission.SHIFT_CLOSE_OTHER):
        raise ShiftNotYours(owner)


def _open_row(shop: Shop, connection: Connection) -> Mapping[str, Any]:
    row = shifts.open_on(connection, shop.rules.till)
    if row is None:
        raise ShiftNotOpen(shop.rules.till)
    return row


def _by_id(connection: Connection, shift_id: str) -> Mapping[str, Any]:
    row = shifts.by_id(connection, shift_id)
    if row is None:
        raise ShiftNotOpen(shift_id)
    return row


def _in_shop_currencies(shop: Shop, amounts: Mapping[str, Money]) -> Mapping[str, Money]:
    for currency in amounts:
        shop.rules.currencies.get(currency)
    return amounts


def _cash(connection: Connection, shift_id: str) -> dict[str, Money]:
    return {
        currency: Money(minor, currency)
        for (tender_type, currency), minor in shifts.balances(connection, shift_id).items()
        if tender_type == CASH
    }


def _move(
    connection: Connection,
    shift_id: str,
    actor: Actor,
    *,
    kind: MovementKind,
    money: Money,
    at: datetime,
    reason: str = "",
) -> None:
    row = {
        "shift_id": shift_id,
        "kind": kind.value,
        "tender_type": CASH,
        "currency": money.currency,
        "amount": money.minor * SIGNS[kind],
        "document_id": None,
        "username": actor.username,
        "reason": reason,
        "at": at,
    }
    shifts.add_movements(connection, [row])


def _count_rows(shift_id: str, moment: str, counts: Sequence[Count]) -> list[dict[str, Any]]:
    return [
        {
            "shift_id": shift_id,
            "moment": moment,
            "currency": count.currency,
            "denomination": count.denomination,
            "pieces": count.pieces,
        }
        for count in counts
    ]


def _result_rows(
    connection: Connection, shift_id: str, cash: Mapping[str, Money]
) -> list[dict[str, Any]]:
    """Cash is compared with the count; other tenders count as declared by their slips (L66)."""
    expected = shifts.balances(connection, shift_id)
    keys = sorted({*expected, *((CASH, currency) for currency in cash)})
    rows = []
    for tender_type, currency in keys:
        due = expected.get((tender_type, currency), 0)
        there = cash.get(currency, Money.zero(currency)).minor if tender_type == CASH else due
        rows.append(
            {
                "shift_id": shift_id,
                "tender_type": tender_type,
                "currency": currency,
                "expected": due,
                "counted": there,
            }
        )
    return rows


def report_in(connection: Connection, row: Mapping[str, Any]) -> ShiftReport:
    """The figures of a shift whose row was read."""
    documents = sales.of_shift(connection, row["id"])
    totals: dict[str, int] = {}
    for sale in documents:
        totals[sale["currency"]] = totals.get(sale["currency"], 0) + sale["total"]
    return ShiftReport(
        shift=_shift(row),
        balances=_balances(connection, row["id"]),
        taxes=_taxes(documents),
        totals=tuple(Money(minor, currency) for currency, minor in sorted(totals.items())),
        sale_count=len(documents),
        counts=tuple(
            Count(count["currency"], count["denomination"], count["pieces"])
            for count in shifts.counts_of(connection, row["id"])
            if count["moment"] == "close"
        ),
        openings=standing.of_shift(connection, row["id"]),
    )


def _balances(connection: Connection, shift_id: str) -> tuple[Balance, ...]:
    expected = shifts.balances(connection, shift_id)
    results = {
        (row["tender_type"], row["currency"]): row
        for row in shifts.results_of(connection, shift_id)
    }
    balances = []
    for tender_type, currency in sorted({*expected, *results}):
        result = results.get((tender_type, currency))
        due = result["expected"] if result else expected[tender_type, currency]
        balances.append(
            Balance(
                tender_type=tender_type,
                currency=currency,
                expected=Money(due, currency),
                counted=Money(result["counted"], currency) if result else None,
            )
        )
    return tuple(balances)


def _taxes(documents: Sequence[RowMapping]) -> tuple[TaxSum, ...]:
    sums: dict[tuple[str, str], list[int]] = {}
    for sale in documents:
        for tax in sale["taxes"]:
            row = sums.setdefault((tax["group"], sale["currency"]), [0, 0, 0])
            for at, name in enumerate(("net", "vat", "gross")):
                row[at] += tax[name]
    return tuple(
        TaxSum(
            group=group,
            currency=currency,
            net=Money(row[0], currency),
            vat=Money(row[1], currency),
            gross=Money(row[2], currency),
        )
        for (group, currency), row in sorted(sums.items())
    )


def _shift(row: Mapping[str, Any]) -> Shift:
    return Shift(
        id=row["id"],
        till=row["till"],
        number=row["number"],
        username=row["username"],
        is_open=row["state"] != "closed",
        business_date=row["business_date"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
    )


def _tell(shop: Shop, connection: Connection, shift_id: str, *, event: str) -> None:
    """Put the shift as it now stands into the outbox."""
    row = dict(_by_id(connection, shift_id))
    facts = {
        "shift": {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in row.items()
        },
        "event": event,
        "results": [dict(result) for result in shifts.results_of(connection, shift_id)],
        "counts": [
            {**count, "denomination": format(count["denomination"], "f")}
            for count in shifts.counts_of(connection, shift_id)
        ],
        "movements": [
            {**movement, "at": movement["at"].isoformat()}
            for movement in shifts.movements_of(connection, shift_id)
        ],
    }
    text = document.canonical(facts)
    outbox.enqueue(
        connection,
        id=shop.ids.new(),
        stream=f"shift:{shift_id}",
        kind="shift",
        key=f"{shift_id}:{event}",
        payload=text,
        content_hash=document.content_hash(text),
        at=shop.clock.now(),
    )


def _audit(
    connection: Connection,
    actor: Actor,
    action: str,
    subject: str,
    details: dict[str, Any],
    *,
    at: datetime,
) -> None:
    audit.append(
        connection, at=at, actor=actor.username, action=action, subject=subject, details=details
    )
