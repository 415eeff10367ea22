"""The end of a day as a letter."""

from __future__ import annotations

from collections.abc import Iterator

from pos_app.domain.mail import Mail
from pos_app.errors import Conflict
from pos_app.services.consolidation.report import Report
from pos_app.services.mail.queue import queue
from pos_app.services.shop import Shop

KIND = "end-of-day"


class NobodyToTell(Conflict):
    """No address is set for the end of the day."""

    code = "report_without_address"

    def __init__(self) -> None:
        super().__init__(
            "Nobody is to be told of the end of the day: set sap.report_to in the settings."
        )


def send(shop: Shop, found: Report, *, by: str) -> tuple[str, ...]:
    """Put the report into the mail spool; returns who gets it.

    Raises:
        NobodyToTell: no address is set.
        MailOff: no way to send mail is set up.
    """
    if not shop.rules.sap.report_to:
        raise NobodyToTell
    letter = Mail(
        to=shop.rules.sap.report_to,
        subject=f"End of day {found.day.isoformat()}",
        text="\n".join(text_of(found)),
    )
    with shop.store.write() as connection:
        queue(shop, connection, letter, kind=KIND, by=by, document_id=found.day.isoformat())
    return shop.rules.sap.report_to


def text_of(found: Report) -> Iterator[str]:
    """The report as people read it, sums first."""
    yield f"End of day {found.day.isoformat()}"
    yield ""
    for row in found.sums:
        yield (
            f"{row.count} sales, {row.total.label} with {row.vat.label} VAT, {row.paid.label} paid"
        )
    yield f"Consolidated invoices: {found.posted} of {len(found.lists)} posted"
    for one in found.lists:
        number = f"invoice {one.doc_num}" if one.is_posted else one.state
        yield f"  {one.reference}: {len(one.receipts)} receipts, {one.total.label}, {number}"
    if found.waiting:
        yield f"In no document of SAP yet: {len(found.waiting)}"
    for sale in found.waiting:
        why = f": {sale.reason}" if sale.reason else ""
        yield f"  {sale.reference}, {sale.total.label}, {sale.partner_name or sale.partner}{why}"
