"""Pages for the office printer: a row of the spool before they leave, and the same questions after.

They go by a queue of their own, so that a jammed office never holds back a receipt.
"""

from __future__ import annotations

from sqlalchemy import RowMapping

from pos_app.domain.permission import Actor
from pos_app.errors import PosError, RuleBroken
from pos_app.services import paper, saved_paper, spool
from pos_app.services.saved_paper import Form, SavedPaper
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import print_job
from pos_app.store import sale as sales
from pos_app.store.print_job import OFFICE
from printing.errors import PrintingError
from printing.office import OfficePrinter
from printing.spool import Change, Event, JobState, after, settle

CUT_OFF = "The program stopped while it handed the page over."


class OfficeMissing(RuleBroken):
    """There is no office printer."""

    code = "office_missing"

    def __init__(self) -> None:
        super().__init__("There is no office printer: name one under [office] in the settings.")


def print_receipt(shop: Shop, actor: Actor, receipt: str) -> SavedPaper:
    """Queue the page of a filed receipt; it counts and is marked as a reprint is.

    Raises:
        OfficeMissing: there is none.
        RecordNotFound, NotYetFiscalised, CannotMakePaper: as for saved papers.
    """
    _check(shop)
    return saved_paper.save(shop, actor, receipt, Form.PDF, to=OFFICE)


def print_shift(shop: Shop, actor: Actor, number: int) -> SavedPaper:
    """Queue the close of a shift; see `print_receipt`."""
    _check(shop)
    return saved_paper.save_shift(shop, actor, number, Form.PDF, to=OFFICE)


def print_day(shop: Shop, actor: Actor, day: int) -> SavedPaper:
    """Queue the Z of a fiscal day; see `print_receipt`."""
    _check(shop)
    return saved_paper.save_day(shop, actor, day, Form.PDF, to=OFFICE)


def print_page(shop: Shop, name: str, pdf: bytes) -> None:
    """Queue a page that proves nothing, such as a count sheet or a quotation.

    Raises:
        OfficeMissing: there is none.
    """
    _check(shop)
    with shop.store.write() as connection:
        spool.queue_page(
            shop, connection, kind="page", document_id=f"{name}/{shop.ids.new()}", data=pdf
        )


def work(shop: Shop, office: OfficePrinter, *, limit: int = 20) -> Worked:
    """Hand over what is due, oldest first; for the one holder of the office printer."""
    _recover(shop)
    done = 0
    while done < limit:
        job = _start(shop)
        if job is None:
            break
        if _hand(shop, office, job) is JobState.QUEUED:
            break
        done += 1
    with shop.store.read() as connection:
        first = print_job.first_queued(connection, is_office=True)
    reason = first["reason"] if first else ""
    return Worked(
        done=done,
        waiting=int(first is not None),
        next_at=first["try_at"] if first else None,
        problem=reason,
    )


def _check(shop: Shop) -> None:
    if shop.rules.office is None:
        raise OfficeMissing


def _recover(shop: Shop) -> None:
    with shop.store.read() as connection:
        started = print_job.in_state(connection, JobState.STARTED.value, is_office=True)
    for job in started:
        spool.keep_change(shop, job, Change(after(JobState.STARTED, Event.LOSE_TRACK), CUT_OFF))


def _start(shop: Shop) -> RowMapping | None:
    """Take the next page; its row says STARTED before the first byte leaves."""
    now = shop.clock.now()
    with shop.store.read() as connection:
        job = print_job.next_due(connection, now, is_office=True)
    if job is None:
        return None
    values = {"started_at": now, "attempts": job["attempts"] + 1}
    with shop.store.write() as connection:
        print_job.move(
            connection,
            job["id"],
            was=JobState.QUEUED.value,
            state=JobState.STARTED.value,
            values=values,
        )
    return job


def _hand(shop: Shop, office: OfficePrinter, job: RowMapping) -> JobState:
    try:
        name, data = _page(shop, job)
    except (PrintingError, PosError) as error:
        change = Change(after(JobState.STARTED, Event.FAIL), str(error))
    else:
        outcome = office.hand(data, name)
        change = settle(outcome, attempts=job["attempts"] + 1, now=shop.clock.now())
    spool.keep_change(shop, job, change)
    return change.state


def _page(shop: Shop, job: RowMapping) -> tuple[str, bytes]:
    """A name for the page, and its bytes; those of a filed receipt are made now and kept."""
    moment = job["queued_at"].strftime("%Y%m%d-%H%M%S")
    with shop.store.read() as connection:
        sale = sales.by_id(connection, job["document_id"])
        title = sale["receipt"] if sale else job["document_id"].partition("/")[0]
        name = f"{''.join(c if c.isalnum() or c in '-_' else '-' for c in title)}-{moment}"
        if job["bytes"]:
            return f"{name}-{job['id'][-6:]}", bytes(job["bytes"])
        filed = spool.filed_receipt(
            shop, connection, job["document_id"], copy_number=job["copy_number"]
        )
    data = saved_paper.pdf_of(shop, paper.page_of(shop, filed))
    with shop.store.write() as connection:
        print_job.keep_bytes(connection, job["id"], data)
    return f"{name}-{job['id'][-6:]}", data
