"""The sheets of the stock room: a transfer on its way, and a count as it was entered."""

from __future__ import annotations

from decimal import Decimal

from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.transfer import TransferState
from pos_app.services import count_view, saved_paper
from pos_app.services.count_view import CountedLine
from pos_app.services.saved_paper import Form
from pos_app.services.shop import Shop
from pos_app.services.transfer import view
from pos_app.services.transfer.view import TransferLine
from printing.amount import plain_number
from printing.layouts.stock import count_sheet, transfer_sheet
from printing.stock import CountSheet, StockLine, TransferSheet


def save_transfer(shop: Shop, actor: Actor, number: str, form: Form) -> bytes:
    """The sheet that goes with sent goods, by the transfer's number or its caller's reference.

    Raises:
        PermissionMissing, RecordNotFound: there is none for this actor.
        CannotMakePaper: the settings of papers do not fit it.
    """
    require(actor, Permission.STOCK_VIEW, Permission.INVENTORY_VIEW)
    sheet = transfer_of(shop, number)
    words = shop.rules.paper.words
    return saved_paper.encoded(
        shop,
        sheet.number,
        form,
        lambda width: transfer_sheet(sheet, width, words),
        kind="transfer",
    )


def save_count(shop: Shop, actor: Actor, number: str, form: Form) -> bytes:
    """The sheet of a count as it was entered; raises as `save_transfer`."""
    require(actor, Permission.STOCK_COUNT)
    sheet = count_of(shop, number)
    words = shop.rules.paper.words
    return saved_paper.encoded(
        shop, sheet.number, form, lambda width: count_sheet(sheet, width, words), kind="count"
    )


def transfer_of(shop: Shop, number: str) -> TransferSheet:
    """A transfer as a paper: what was sent, batch by batch; raises RecordNotFound."""
    found = view.by_name(shop, number)
    ended = "" if found.state is TransferState.IN_TRANSIT else f" - {found.state.value}"
    return TransferSheet(
        shop=shop.rules.seller.name,
        number=found.number,
        source=found.source,
        target=found.target,
        made_at=shop.local(found.sent_at),
        made_by=found.sent_by,
        lines=tuple(row for line in found.lines for row in _sent(line)),
        notes=f"{found.comments}{ended}".strip(" -"),
    )


def count_of(shop: Shop, number: str) -> CountSheet:
    """A count as a paper; an open blind one does not tell the books; raises RecordNotFound."""
    found = count_view.by_number(shop, number)
    return CountSheet(
        shop=shop.rules.seller.name,
        number=found.number,
        warehouse=found.warehouse,
        made_at=shop.local(found.counted_at or found.created_at),
        made_by=found.created_by,
        lines=tuple(_counted(line) for line in found.lines),
        notes=found.comments,
    )


def _sent(line: TransferLine) -> list[StockLine]:
    """A row per batch; where some of several batches is missing, the total stands in words."""
    parts: list[tuple[str, Decimal]] = list(line.lots) or [("", line.quantity)]
    is_whole = line.received == line.quantity
    is_told = is_whole or line.received is None or len(parts) == 1
    total = "" if is_told or line.received is None else plain_number(line.received)
    return [
        StockLine(
            code=line.item,
            name=line.name,
            quantity=quantity,
            uom=line.uom,
            batch=lot,
            note=" ".join(text for text in (total, line.reason) if text),
            answer=quantity if is_whole else line.received if is_told else None,
        )
        for lot, quantity in parts
    ]


def _counted(line: CountedLine) -> StockLine:
    return StockLine(
        code=line.item,
        name=line.name,
        quantity=line.book,
        uom=line.uom,
        batch=line.batch,
        answer=line.counted,
    )
