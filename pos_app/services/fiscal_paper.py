"""A fiscal day on paper: X while it is open, Z once it is closed (ZIMRA FDMS 7.2, Z report)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from pos_app.domain.fiscal_day import DocumentFigure, TaxFigure
from pos_app.domain.permission import Actor
from pos_app.errors import RuleBroken
from pos_app.services import fiscal_day, spool
from pos_app.services.drawer import standing
from pos_app.services.fiscal_account import FiscalDay
from pos_app.services.paper import dressed, seller_of
from pos_app.services.shop import Shop
from pos_app.store import audit, print_job
from pos_app.store import fiscal_device as devices
from printing import fiscal_day as paper
from printing.document import Document
from printing.layouts.fiscal_day import fiscal_day_report
from printing.spool import JobState, copy_number

KIND = "fiscal_day"
NO_SERIAL = "-"


class PrinterMissing(RuleBroken):
    """This till prints nothing."""

    code = "printer_missing"

    def __init__(self) -> None:
        super().__init__("This till has no printer: name one in its settings.")


def print_x(shop: Shop, actor: Actor) -> str:
    """Queue the X report of the open day; nothing is changed by it.

    Returns:
        The job's id.

    Raises:
        RecordNotFound: no day is open.
        PrinterMissing: there is no printer.
    """
    return _queue(shop, actor, fiscal_day.x(shop, actor))


def print_z(shop: Shop, actor: Actor, day: int) -> str:
    """Queue the Z report of a closed day; the second and later papers say COPY.

    Raises:
        RecordNotFound: there is no such closed day here.
        PrinterMissing: there is no printer.
    """
    return _queue(shop, actor, fiscal_day.z(shop, actor, day))


def report_of(
    shop: Shop, day: FiscalDay, *, device_serial: str, copy: int = 0
) -> paper.FiscalDayReport:
    """The paper of a day: the device's figures where it has told them, else our own."""
    figures = day.device or day.till
    counted = figures.documents or day.till.documents
    codes = {row.currency for row in figures.taxes} | {row.currency for row in counted}
    return paper.FiscalDayReport(
        seller=seller_of(shop),
        device_id=day.device_id,
        device_serial=device_serial or NO_SERIAL,
        fiscal_day=day.fiscal_day,
        opened_at=_local(shop, day.opened_at),
        closed_at=_local(shop, day.closed_at),
        currencies=tuple(_currency(shop, code, figures.taxes, counted) for code in sorted(codes)),
        remarks=(*remarks(day), *_drawer(shop, day)),
        copy_number=copy,
    )


def remarks(day: FiscalDay) -> tuple[str, ...]:
    """Where the accounts of a day part, and who has looked at it, in sentences."""
    told = [row.sentence for row in day.differences]
    if day.found:
        told.append(f"On the device without a sale of this till: {', '.join(day.found)}.")
    if day.is_foreign:
        told.append("Somebody else than this till opened or closed the day.")
    if day.closed_at is not None and not day.is_z:
        told.append(
            "Its Z report is not here, lost or with somebody else: the figures are the sum of what "
            "the device answered to this till."
        )
    if day.signed_by:
        told.append(f"Signed by {day.signed_by}: {day.note}")
    return tuple(told) or ("Device, till and shifts agree.",)


def _drawer(shop: Shop, day: FiscalDay) -> tuple[str, ...]:
    """How often the drawer was opened over the day, and without a sale (lesson L100)."""
    if not shop.rules.has_drawer or day.opened_at is None:
        return ()
    until = day.closed_at or shop.clock.now()
    with shop.store.read() as connection:
        openings = standing.between(shop, connection, day.opened_at, until)
    words = shop.rules.paper.words
    named = (
        (words.drawer_openings, openings.total),
        (words.drawer_no_sale, openings.no_sale),
        (words.drawer_unasked, openings.unasked),
    )
    return (" ".join(f"{name}: {count}." for name, count in named),)


def _queue(shop: Shop, actor: Actor, day: FiscalDay) -> str:
    if not shop.rules.printer:
        raise PrinterMissing
    name = f"{day.device_id}/{day.fiscal_day}"
    is_z = day.closed_at is not None
    with shop.store.write() as connection:
        known = devices.by_id(connection, day.device_id)
        earlier = print_job.of_document(connection, name) if is_z else []
        copy = copy_number(JobState(job["state"]) for job in earlier)
        report = report_of(shop, day, device_serial=known["serial"] if known else "", copy=copy)

        def make(columns: int) -> Document:
            document = fiscal_day_report(report, columns, shop.rules.paper.words)
            return dressed(shop, "fiscal_day", document)

        job = spool.queue(
            shop,
            connection,
            document_kind=KIND,
            document_id=name if is_z else f"{name}/X",
            number=copy,
            make=make,
        )
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="fiscal.print_z" if is_z else "fiscal.print_x",
            subject=name,
            details={"job": job, "copy": copy},
        )
        return job


def _currency(
    shop: Shop, code: str, taxes: Sequence[TaxFigure], documents: Sequence[DocumentFigure]
) -> paper.CurrencyTotals:
    counts = {
        row.kind: paper.DocumentTotal(count=row.count, amount=row.total.amount)
        for row in documents
        if row.currency == code
    }
    return paper.CurrencyTotals(
        currency=shop.rules.currencies.get(code).fiscal_code,
        taxes=tuple(_tax(row) for row in taxes if row.currency == code),
        **_counts(counts),
    )


def _counts(counts: Mapping[str, paper.DocumentTotal]) -> dict[str, paper.DocumentTotal]:
    names = {"invoice": "invoices", "credit": "credit_notes", "debit": "debit_notes"}
    return {names[kind]: total for kind, total in counts.items()}


def _tax(row: TaxFigure) -> paper.TaxTotal:
    return paper.TaxTotal(
        name="Exempt" if row.percent is None else "VAT",
        percent=None if row.percent is None else Decimal(row.percent),
        net=row.net.amount,
        tax=row.tax.amount,
        gross=row.gross.amount,
    )


def _local(shop: Shop, moment: datetime | None) -> datetime | None:
    return None if moment is None else shop.local(moment)
