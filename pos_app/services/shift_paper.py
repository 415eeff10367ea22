"""A shift on paper: its X, its close with what was counted, and slips for cash that moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.shift import MovementKind, ShiftNotOpen
from pos_app.services import shift, spool
from pos_app.services.fiscal_paper import PrinterMissing
from pos_app.services.paper import dressed
from pos_app.services.shop import Shop
from pos_app.store import audit, print_job
from pos_app.store import sale as sales
from pos_app.store import shift as shifts
from printing import shift as paper
from printing.cash import CashKind, CashMovement
from printing.document import Document
from printing.layouts.cash import cash_movement
from printing.layouts.shift import shift_report
from printing.spool import JobState, copy_number

KIND = "shift"
HEAD_DIGITS = 16
"""As much of the audit chain's newest hash as nobody invents by chance."""


def print_shift(shop: Shop, actor: Actor, shift_id: str) -> str:
    """Queue the close of a shift, or the X of one that is open; a second close says COPY.

    Returns:
        The job's id.

    Raises:
        ShiftNotOpen: there is no such shift.
        PrinterMissing: there is no printer.
    """
    require(actor, Permission.SHIFT_X)
    if not shop.rules.printer:
        raise PrinterMissing
    with shop.store.write() as connection:
        row = shifts.by_id(connection, shift_id)
        is_closed = row is not None and row["state"] == "closed"
        earlier = print_job.of_document(connection, shift_id) if is_closed else []
        number = copy_number(JobState(job["state"]) for job in earlier)
        report = report_of(shop, connection, actor, shift_id, copy=number)

        def make(columns: int) -> Document:
            document = shift_report(report, columns, shop.rules.paper.words)
            return dressed(shop, "shift", document)

        job = spool.queue(
            shop,
            connection,
            document_kind=KIND,
            document_id=shift_id if is_closed else f"{shift_id}/X",
            number=number,
            make=make,
        )
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="shift.print",
            subject=report.shift,
            details={"job": job, "copy": number},
        )
    return job


def print_move(
    shop: Shop, actor: Actor, kind: MovementKind, money: Money, *, reason: str
) -> str | None:
    """Queue the slip of cash that was moved in the open shift; nothing where nothing prints.

    Returns:
        The job's id.
    """
    if not shop.rules.printer:
        return None
    now = shop.clock.now()
    with shop.store.write() as connection:
        row = shifts.open_on(connection, shop.rules.till)
        if row is None:
            raise ShiftNotOpen(shop.rules.till)
        slip = CashMovement(
            kind=CashKind(kind.value),
            shop=shop.rules.seller.name,
            till=shop.rules.till,
            shift=_name(row["till"], row["number"]),
            cashier=actor.username,
            at=shop.local(now),
            amount=money.amount,
            currency=money.currency,
            reason=reason,
        )

        def make(columns: int) -> Document:
            document = cash_movement(slip, columns, shop.rules.paper.words)
            return dressed(shop, "cash", document)

        return spool.queue(
            shop,
            connection,
            document_kind="slip",
            document_id=f"{row['id']}/cash/{shop.ids.new()}",
            number=0,
            make=make,
        )


def report_of(
    shop: Shop, connection: Connection, actor: Actor, shift_id: str, *, copy: int = 0
) -> paper.ShiftReport:
    """The paper of a shift; what should be in the drawer stays unsaid before a blind count.

    Raises:
        ShiftNotOpen: there is no such shift.
    """
    row = shifts.by_id(connection, shift_id)
    if row is None:
        raise ShiftNotOpen(shop.rules.till)
    read = shift.report_in(connection, row)
    about, moved = read.shift, shifts.movements_of(connection, shift_id)
    documents = sales.of_shift(connection, shift_id)
    shows_cash = not about.is_open or actor.may(Permission.SALE_APPROVE)
    return paper.ShiftReport(
        shop=shop.rules.seller.name,
        till=about.till,
        shift=_name(about.till, about.number),
        cashier=about.username,
        business_date=about.business_date,
        opened_at=shop.local(about.opened_at),
        printed_at=shop.local(shop.clock.now()),
        closed_at=shop.local(about.closed_at) if about.closed_at else None,
        sales=_totals(documents, lambda kind: kind != "credit_note"),
        refunds=_totals(documents, lambda kind: kind == "credit_note"),
        tenders=_tenders(shop, moved) if shows_cash else (),
        drawers=_drawers(read, moved) if shows_cash else (),
        openings=_openings(shop, read),
        audit_head=audit.head(connection)[1][:HEAD_DIGITS],
        copy_number=copy,
    )


def _openings(shop: Shop, read: shift.ShiftReport) -> paper.DrawerOpenings | None:
    if not shop.rules.has_drawer:
        return None
    counted = read.openings
    return paper.DrawerOpenings(
        total=counted.total, no_sale=counted.no_sale, unasked=counted.unasked
    )


def _name(till: str, number: int) -> str:
    return f"{till}-S{number:04d}"


def _totals(
    documents: Iterable[RowMapping], is_wanted: Callable[[str], bool]
) -> tuple[paper.CountTotal, ...]:
    sums: dict[str, list[int]] = {}
    for row in documents:
        if is_wanted(row["kind"]):
            sums.setdefault(row["currency"], []).append(row["total"])
    return tuple(
        paper.CountTotal(
            currency=code, count=len(sums[code]), amount=Money(sum(sums[code]), code).amount
        )
        for code in sorted(sums)
    )


def _tenders(shop: Shop, moved: Iterable[RowMapping]) -> tuple[paper.TenderTotal, ...]:
    """What each tender took: with the change that went back, less what was refunded."""
    taking = {MovementKind.SALE, MovementKind.CHANGE, MovementKind.REFUND}
    sums: dict[tuple[str, str], list[int]] = {}
    counts: dict[tuple[str, str], int] = {}
    for row in moved:
        key = (row["tender_type"], row["currency"])
        if row["kind"] in taking:
            sums.setdefault(key, []).append(row["amount"])
            counts[key] = counts.get(key, 0) + (row["kind"] != MovementKind.CHANGE)
    return tuple(
        paper.TenderTotal(
            name=shop.rules.tender_type(tender).name,
            currency=currency,
            count=counts[tender, currency],
            amount=Money(sum(sums[tender, currency]), currency).amount,
        )
        for tender, currency in sorted(sums)
    )


def _drawers(read: shift.ShiftReport, moved: Sequence[RowMapping]) -> tuple[paper.DrawerCount, ...]:
    return tuple(
        _drawer(read, row, [move for move in moved if _is_cash(move, row.currency)])
        for row in read.balances
        if row.tender_type == shift.CASH
    )


def _is_cash(move: RowMapping, currency: str) -> bool:
    return bool(move["tender_type"] == shift.CASH and move["currency"] == currency)


def _drawer(
    read: shift.ShiftReport, row: shift.Balance, moved: Sequence[RowMapping]
) -> paper.DrawerCount:
    def moves(kind: MovementKind) -> Decimal:
        minor = sum(abs(move["amount"]) for move in moved if move["kind"] == kind)
        return Money(minor, row.currency).amount

    return paper.DrawerCount(
        currency=row.currency,
        opening=moves(MovementKind.FLOAT),
        cash_sales=moves(MovementKind.SALE),
        cash_refunds=moves(MovementKind.REFUND),
        change_given=moves(MovementKind.CHANGE),
        paid_in=moves(MovementKind.PAID_IN),
        paid_out=moves(MovementKind.PAID_OUT),
        pickups=moves(MovementKind.PICKUP),
        loans=moves(MovementKind.LOAN),
        expected=row.expected.amount,
        counted=None if row.counted is None else row.counted.amount,
        denominations=tuple(
            paper.Denomination(value=count.denomination, count=count.pieces)
            for count in read.counts
            if count.currency == row.currency
        ),
    )
