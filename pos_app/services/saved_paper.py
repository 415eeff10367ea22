"""A receipt as a file: PDF, text or printer bytes; counted and marked COPY like any other paper."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import RecordNotFound, RuleBroken, Unavailable
from pos_app.services import paper, spool
from pos_app.services.shop import Shop
from pos_app.store import audit, print_job
from pos_app.store import sale as sales
from printing import escpos, text
from printing.errors import PrintingError
from printing.layouts.page import receipt_page
from printing.pdf.encode import Stationery
from printing.pdf.encode import encode as encode_pdf
from printing.profile import profile_named
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

    def __init__(self, receipt: str, reason: str) -> None:
        super().__init__(f"Receipt {receipt} cannot be made into a file: {reason}", receipt=receipt)


class CannotWriteFile(Unavailable):
    """The file cannot be written where it is wanted."""

    code = "cannot_write_file"

    def __init__(self, path: Path, reason: str, *, kept: Path | None = None) -> None:
        advice = f"the paper is in {kept}" if kept else "name another place"
        super().__init__(f"{path} cannot be written ({reason}): {advice}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPaper:
    """A paper that was made: `copy_number` 0 is the one original without the mark."""

    receipt: str
    copy_number: int
    data: bytes
    path: Path | None = None


def save(
    shop: Shop, actor: Actor, receipt: str, form: Form, *, out: Path | None = None
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

    Raises:
        RecordNotFound: there is no such receipt.
        NotYetFiscalised: it has no fiscal record.
        CannotMakePaper: the settings of papers do not fit it; nothing was counted.
        CannotWriteFile: nothing was counted, unless the sentence names another file that holds it.
    """
    require(actor, Permission.RECEIPT_REPRINT)
    made = _made(shop, receipt, form)
    aside = _write_aside(out, made.data) if out else None
    try:
        while not _count(shop, actor, made, form):
            made = _made(shop, receipt, form)
            if out:
                _write_aside(out, made.data)
    except BaseException:
        if aside:
            aside.unlink(missing_ok=True)
        raise
    if out and aside:
        _name(aside, out)
    return SavedPaper(receipt=receipt, copy_number=made.copy_number, data=made.data, path=out)


def save_in_folder(shop: Shop, actor: Actor, receipt: str) -> SavedPaper:
    """Make a PDF in the shop's folder of saved papers, under a name of its own; see `save`."""
    folder = shop.rules.paper.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWriteFile(folder, error.strerror or str(error)) from error
    moment = shop.clock.now().strftime("%Y%m%d-%H%M%S")
    return save(shop, actor, receipt, Form.PDF, out=folder / f"{receipt}-{moment}.pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    sale: RowMapping
    copy_number: int
    data: bytes


def _made(shop: Shop, receipt: str, form: Form) -> _Made:
    """Lay the paper out with the number it would have now; pages take too long for a lock."""
    with shop.store.read() as connection:
        sale = sales.by_receipt(connection, receipt)
        if sale is None:
            raise RecordNotFound("receipt", receipt)
        number = _next_number(connection, sale["id"])
        filed = spool.filed_receipt(shop, connection, sale["id"], copy_number=number)
    try:
        data = _encoded(shop, filed, form)
    except PrintingError as error:
        raise CannotMakePaper(receipt, str(error)) from error
    return _Made(sale=sale, copy_number=number, data=data)


def _next_number(connection: Connection, sale_id: str) -> int:
    earlier = print_job.of_document(connection, sale_id)
    return copy_number(JobState(job["state"]) for job in earlier)


def _encoded(shop: Shop, filed: Receipt, form: Form) -> bytes:
    rules, profile = shop.rules.paper, profile_named(shop.rules.printer_profile)
    is_page = form is Form.PDF and filed.kind in rules.pages
    document = (
        receipt_page(filed, rules.words) if is_page else paper.roll_of(shop, filed, profile.columns)
    )
    match form:
        case Form.TEXT:
            return text.encode(document).encode()
        case Form.ESCPOS:
            return escpos.encode(document, profile)
        case Form.PDF:
            stationery = Stationery(
                logo=rules.logo_file, font=rules.font, font_bold=rules.font_bold
            )
            return encode_pdf(document, stationery, words=rules.words)


def _count(shop: Shop, actor: Actor, made: _Made, form: Form) -> bool:
    """Write the paper into the books; False when another one took its number meanwhile."""
    now, sale = shop.clock.now(), made.sale
    with shop.store.write() as connection:
        if _next_number(connection, sale["id"]) != made.copy_number:
            return False
        job = shop.ids.new()
        print_job.add(
            connection,
            {
                "id": job,
                "document_kind": "copy",
                "document_id": sale["id"],
                "copy_number": made.copy_number,
                "printer": PRINTER,
                "state": JobState.CONFIRMED.value,
                "bytes": made.data,
                "attempts": 1,
                "queued_at": now,
                "started_at": now,
                "ended_at": now,
            },
        )
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="receipt.save",
            subject=sale["receipt"],
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
