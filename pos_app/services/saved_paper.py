"""Papers as files: PDF, text or printer bytes; counted and marked COPY like any other paper."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import RecordNotFound, RuleBroken, Unavailable
from pos_app.services import count_paper, fiscal_day, fiscal_paper, paper, shift_paper, spool
from pos_app.services.fiscal_account import FiscalDay
from pos_app.services.shop import Shop
from pos_app.store import audit, print_job
from pos_app.store import fiscal_device as devices
from pos_app.store import sale as sales
from pos_app.store import shift as shifts
from printing import escpos, text
from printing.document import PAGE_WIDTH, Document
from printing.errors import PrintingError
from printing.layouts.fiscal_day import fiscal_day_report
from printing.layouts.shift import shift_report
from printing.layouts.stock import count_sheet
from printing.pdf.encode import Stationery
from printing.pdf.encode import encode as encode_pdf
from printing.receipt import Receipt
from printing.spool import JobState, copy_number

PRINTER = "file"
"""Stands where print jobs name their printer."""


class Form(StrEnum):
    """What kind of file."""

    PDF = "pdf"
    TEXT = "text"
    ESCPOS = "escpos"


ENDINGS = {Form.PDF: "pdf", Form.TEXT: "txt", Form.ESCPOS: "bin"}


class CannotMakePaper(RuleBroken):
    """The paper cannot be laid out as it is wanted."""

    code = "cannot_make_paper"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The paper of {name} cannot be made into a file: {reason}", name=name)


class CannotWriteFile(Unavailable):
    """The file cannot be written where it is wanted."""

    code = "cannot_write_file"

    def __init__(self, path: Path, reason: str, *, kept: Path | None = None) -> None:
        advice = f"the paper is in {kept}" if kept else "name another place"
        super().__init__(f"{path} cannot be written ({reason}): {advice}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPaper:
    """A paper that was made: `copy_number` 0 is the one original without the mark.

    `is_queued`: it waits for the office printer.
    """

    name: str
    copy_number: int
    data: bytes
    path: Path | None = None
    is_queued: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A paper in the books.

    Attributes:
        kind, document_id: as in the rows of print jobs.
        name: how people call it.
        make: lays it out as a copy of this number, for a page or for a roll.
    """

    kind: str
    document_id: str
    name: str
    make: Callable[[int, bool], Document]


Find = Callable[[Connection], _Wanted]


def save(
    shop: Shop,
    actor: Actor,
    receipt: str,
    form: Form,
    *,
    out: Path | None = None,
    to: str = PRINTER,
) -> SavedPaper:
    """Make the paper of a filed receipt; it counts as a reprint does, and who asked is audited.

    The file is whole or not there: it is written under another name, the paper is counted, and
    only then it gets its own name.

    Args:
        shop: the till.
        actor: who wants it.
        receipt: its number.
        form: what kind of file.
        out: the file; without it the caller gets the bytes alone.
        to: the queue of the office printer, instead of a file.

    Raises:
        RecordNotFound: there is no such receipt.
        NotYetFiscalised: it has no fiscal record.
        CannotMakePaper: the settings of papers do not fit it; nothing was counted.
        CannotWriteFile: nothing was counted, unless the sentence names another file that holds it.
    """
    require(actor, Permission.RECEIPT_REPRINT)
    return _save(shop, actor, partial(_receipt, shop, receipt), form, out=out, to=to)


def save_day(
    shop: Shop, actor: Actor, day: int, form: Form, *, out: Path | None = None, to: str = PRINTER
) -> SavedPaper:
    """Make the Z report of a closed fiscal day; see `save`.

    Raises:
        RecordNotFound: there is no such closed day here.
        CannotMakePaper, CannotWriteFile: as for receipts.
    """
    closed = fiscal_day.z(shop, actor, day)
    return _save(shop, actor, partial(_day, shop, closed), form, out=out, to=to)


def save_shift(
    shop: Shop, actor: Actor, number: int, form: Form, *, out: Path | None = None, to: str = PRINTER
) -> SavedPaper:
    """Make the close of a shift of this till with what was counted; see `save`.

    Raises:
        RecordNotFound: there is no such closed shift here.
        CannotMakePaper, CannotWriteFile: as for receipts.
    """
    require(actor, Permission.SHIFT_X)
    return _save(shop, actor, partial(_shift, shop, actor, number), form, out=out, to=to)


def save_count(
    shop: Shop, actor: Actor, warehouse: str, form: Form, *, is_blind: bool, out: Path | None = None
) -> SavedPaper:
    """Make a sheet to count a warehouse with; it proves nothing, so it is not counted itself.

    Raises:
        RecordNotFound: nothing is kept there.
        CannotMakePaper, CannotWriteFile: as for receipts.
    """
    sheet = count_paper.sheet_of(shop, actor, warehouse, is_blind=is_blind)
    words = shop.rules.paper.words
    data = encoded(
        shop, sheet.number, form, lambda width: count_sheet(sheet, width, words), kind="count"
    )
    return kept(sheet.number, data, out)


def kept(name: str, data: bytes, out: Path | None) -> SavedPaper:
    """A paper that proves nothing, written where it is wanted; whole, or not there.

    Raises:
        CannotWriteFile: it is not there.
    """
    if out:
        _name(_write_aside(out, data), out)
    return SavedPaper(name=name, copy_number=0, data=data, path=out)


def save_in_folder(shop: Shop, actor: Actor, receipt: str) -> SavedPaper:
    """Make a PDF in the shop's folder of saved papers, under a name of its own; see `save`."""
    folder = shop.rules.paper.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWriteFile(folder, error.strerror or str(error)) from error
    moment = shop.clock.now().strftime("%Y%m%d-%H%M%S")
    return save(shop, actor, receipt, Form.PDF, out=folder / f"{receipt}-{moment}.pdf")


def _receipt(shop: Shop, receipt: str, connection: Connection) -> _Wanted:
    sale = sales.by_receipt(connection, receipt)
    if sale is None:
        raise RecordNotFound("receipt", receipt)
    filed = spool.filed_receipt(shop, connection, sale["id"], copy_number=0)
    rules, columns = shop.rules.paper, shop.rules.roll.width

    def make(number: int, on_page: bool) -> Document:
        copy = replace(filed, copy_number=number)
        if on_page and rules.of(filed.kind).is_page:
            return paper.page_of(shop, copy)
        return paper.roll_of(shop, copy, columns)

    return _Wanted(kind="copy", document_id=sale["id"], name=receipt, make=make)


def _day(shop: Shop, day: FiscalDay, connection: Connection) -> _Wanted:
    known = devices.by_id(connection, day.device_id)
    serial = known["serial"] if known else ""
    columns = shop.rules.roll.width

    def make(number: int, on_page: bool) -> Document:
        del on_page
        report = fiscal_paper.report_of(shop, day, device_serial=serial, copy=number)
        document = fiscal_day_report(report, columns, shop.rules.paper.words)
        return paper.dressed(shop, "fiscal_day", document)

    return _Wanted(
        kind=fiscal_paper.KIND,
        document_id=f"{day.device_id}/{day.fiscal_day}",
        name=f"Z {day.fiscal_day}",
        make=make,
    )


def _shift(shop: Shop, actor: Actor, number: int, connection: Connection) -> _Wanted:
    row = shifts.by_number(connection, shop.rules.till, number)
    if row is None or row["state"] != "closed":
        raise RecordNotFound("closed shift", str(number))
    report = shift_paper.report_of(shop, connection, actor, row["id"])
    columns = shop.rules.roll.width

    def make(copy: int, on_page: bool) -> Document:
        del on_page
        document = shift_report(replace(report, copy_number=copy), columns, shop.rules.paper.words)
        return paper.dressed(shop, "shift", document)

    return _Wanted(kind=shift_paper.KIND, document_id=row["id"], name=report.shift, make=make)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    wanted: _Wanted
    copy_number: int
    data: bytes


def _save(
    shop: Shop, actor: Actor, find: Find, form: Form, *, out: Path | None, to: str
) -> SavedPaper:
    made = _made(shop, find, form)
    aside = _write_aside(out, made.data) if out else None
    try:
        while not _count(shop, actor, made, form, to=to):
            made = _made(shop, find, form)
            if out:
                _write_aside(out, made.data)
    except BaseException:
        if aside:
            aside.unlink(missing_ok=True)
        raise
    if out and aside:
        _name(aside, out)
    return SavedPaper(
        name=made.wanted.name,
        copy_number=made.copy_number,
        data=made.data,
        path=out,
        is_queued=to != PRINTER,
    )


def _made(shop: Shop, find: Find, form: Form) -> _Made:
    """Lay the paper out with the number it would have now; pages take too long for a lock."""
    with shop.store.read() as connection:
        wanted = find(connection)
        number = _next_number(connection, wanted)
    try:
        data = _encoded(shop, wanted.make(number, form is Form.PDF), form)
    except PrintingError as error:
        raise CannotMakePaper(wanted.name, str(error)) from error
    return _Made(wanted=wanted, copy_number=number, data=data)


def _next_number(connection: Connection, wanted: _Wanted) -> int:
    earlier = print_job.of_document(connection, wanted.document_id)
    return copy_number(JobState(job["state"]) for job in earlier)


def encoded(
    shop: Shop, name: str, form: Form, lay_out: Callable[[int], Document], *, kind: str
) -> bytes:
    """A paper that proves nothing as a file, dressed, as wide as the roll or as a page.

    Args:
        shop: the till or server.
        name: how people call the paper.
        form: what kind of file.
        lay_out: makes the document for so many columns.
        kind: of paper, see `printing.dress.PARTS`.

    Raises:
        CannotMakePaper: the settings of papers do not fit it.
    """
    try:
        is_roll = form is Form.ESCPOS or not shop.rules.paper.of(kind).is_page
        width = shop.rules.roll.width if is_roll else PAGE_WIDTH
        return _encoded(shop, paper.dressed(shop, kind, lay_out(width)), form)
    except PrintingError as error:
        raise CannotMakePaper(name, str(error)) from error


def receipt_file(shop: Shop, filed: Receipt) -> bytes:
    """The PDF page of a filed receipt, for whoever asks a server for it.

    Raises:
        CannotMakePaper: the settings of papers do not fit it.
    """
    try:
        return _encoded(shop, paper.page_of(shop, filed), Form.PDF)
    except PrintingError as error:
        raise CannotMakePaper(filed.reference, str(error)) from error


def _encoded(shop: Shop, document: Document, form: Form) -> bytes:
    match form:
        case Form.TEXT:
            return text.encode(document).encode()
        case Form.ESCPOS:
            return escpos.encode(document, shop.rules.roll)
        case Form.PDF:
            return pdf_of(shop, document)


def pdf_of(shop: Shop, document: Document) -> bytes:
    """A document as pages on the shop's own stationery; raises PrintingError."""
    rules = shop.rules.paper
    stationery = Stationery(logo=rules.logo_file, font=rules.font, font_bold=rules.font_bold)
    return encode_pdf(document, stationery, words=rules.words)


def _count(shop: Shop, actor: Actor, made: _Made, form: Form, *, to: str) -> bool:
    """Write the paper into the books; False when another one took its number meanwhile."""
    now, wanted, is_file = shop.clock.now(), made.wanted, to == PRINTER
    state = JobState.CONFIRMED if is_file else JobState.QUEUED
    with shop.store.write() as connection:
        if _next_number(connection, wanted) != made.copy_number:
            return False
        job = shop.ids.new()
        print_job.add(
            connection,
            {
                "id": job,
                "document_kind": wanted.kind,
                "document_id": wanted.document_id,
                "copy_number": made.copy_number,
                "printer": to,
                "state": state.value,
                "bytes": made.data,
                "attempts": int(is_file),
                "queued_at": now,
                "started_at": now if is_file else None,
                "ended_at": now if is_file else None,
            },
        )
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="paper.save" if is_file else "paper.office",
            subject=wanted.name,
            details={"job": job, "form": form.value, "copy": made.copy_number},
        )
    return True


def _write_aside(out: Path, data: bytes) -> Path:
    """The whole file beside its place, under a name nobody takes for it."""
    aside = out.with_name(f".{out.name}.part")
    try:
        aside.write_bytes(data)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise CannotWriteFile(out, error.strerror or str(error)) from error
    return aside


def _name(aside: Path, out: Path) -> None:
    try:
        aside.replace(out)
    except OSError as error:
        raise CannotWriteFile(out, error.strerror or str(error), kept=aside) from error
