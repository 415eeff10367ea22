"""Receipts with their lamps, why a lamp is not on yet, and copies."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, VerticalScroll

from pos_app.domain.lamp import Lamp
from pos_app.errors import InvalidInput, RuleBroken
from pos_app.services import original, original_entry, original_share, receipt, spool
from pos_app.services.original import Original
from pos_app.services.original_entry import EnteredOriginal
from pos_app.services.receipt import ReceiptDetail, ReceiptRow
from pos_app.tui import catalogue, print_question
from pos_app.tui.commands import bindings
from pos_app.tui.place import Place
from pos_app.tui.plain import amount, day_and_time, fit, price, quantity
from pos_app.tui.widgets import paper
from pos_app.tui.widgets.dialog import Ask
from pos_app.tui.widgets.entry_line import EntryLine
from pos_app.tui.widgets.lamps import CELL_STYLES, NAMES, STYLES, SYMBOLS, each
from pos_app.tui.widgets.pages import PAGE, Page, Source
from pos_app.tui.widgets.record_list import RecordList
from pos_app.tui.widgets.strips import Column
from pos_app.tui.widgets.text import Part, Text

REASON_WIDTH = 38
LONGEST_NUMBER = 50
LEAST_NAME, FIGURES = 20, 32
"""Cells for a name on a receipt, and for all that stands beside it."""

REASON = {
    Lamp.DONE: "done",
    Lamp.PENDING: "waits its turn",
    Lamp.UNKNOWN: "unclear; it is being found out by reading, never by repeating",
    Lamp.REFUSED: "was refused",
    Lamp.DISPUTED: "is disputed",
    Lamp.FAILED: "failed",
    Lamp.QUARANTINED: "was put aside for the back office",
    Lamp.REVIEW: "waits for somebody to look at it",
}


def _lamp(name: str, heading: str) -> Column[ReceiptRow]:
    def of(row: ReceiptRow) -> Lamp:
        lamp: Lamp = getattr(row.lamps, name)
        return lamp

    return Column(
        heading, 3, lambda row: f" {SYMBOLS[of(row)]}", style=lambda row: CELL_STYLES[of(row)]
    )


class ReceiptsScreen(Place):
    """The newest receipts first; the marked one in full."""

    SCANS = True
    PLACE = "receipts"
    HEADING = "Receipts"
    CSS_PATH = "receipts.tcss"
    AUTO_FOCUS = "RecordList"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue.RECEIPTS)]

    def __init__(self, *, find: str = "") -> None:
        """Show the newest receipts, or those that fit a text."""
        super().__init__()
        self.line = EntryLine("Receipt number, customer or cashier", keeps=True)
        self.detail = Text(id="detail")
        self._text = find

    @property
    def has_receipt(self) -> bool:
        """Whether a receipt is marked."""
        return self.is_mounted and self.list.row is not None

    @property
    def is_sale(self) -> bool:
        """Whether a receipt is marked that goods can come back of; no note is."""
        row = self.list.row if self.is_mounted else None
        return row is not None and row.kind == "invoice"

    @property
    def is_unclear(self) -> bool:
        """Whether nobody knows if the marked receipt was printed."""
        row = self.list.row if self.is_mounted else None
        return row is not None and row.lamps.printed is Lamp.FAILED

    @property
    def _own_books(self) -> bool:
        return self.till.background.snapshot().own_books

    def body(self) -> ComposeResult:
        """The list and the marked receipt."""
        zone = self.till.shop.rules.zone
        columns: tuple[Column[ReceiptRow], ...] = (
            Column("Receipt", 11, lambda row: row.receipt, style=lambda _: "strong"),
            Column("When", 12, lambda row: day_and_time(row.at, zone), style=lambda _: "muted"),
            Column("Customer", 0, lambda row: row.partner_name, least=76),
            Column("Total", 13, lambda row: f"{amount(row.total)} {row.total.currency}",
                   align="right"),
            _lamp("fiscalised", "FIS"), _lamp("printed", "PRN"), _lamp("synced", "SYN"),
            _lamp("in_sap", "BKS" if self._own_books else "SAP"),
        )  # fmt: skip
        self.list: RecordList[ReceiptRow] = RecordList(
            columns, self.till.lanes.ask, empty="No receipt fits."
        )
        self.paper = VerticalScroll(self.detail, id="paper")
        with Container(id="receipts"):
            yield self.list
            yield self.paper

    def entry(self) -> ComposeResult:
        """The search."""
        with Horizontal(id="entry"):
            yield Text(("Find >", "bold $primary"), id="prompt")
            yield self.line

    def on_mount(self) -> None:
        """Read the newest receipts; a key pressed meanwhile is meant for the newest of them."""
        self.line.value = self._text
        self.flows.open("first", self._read_first)

    async def _read_first(self) -> None:
        source = self._source(self._text)
        self.list.show(source, first=await self.till.lanes.ask(partial(source, None, PAGE)))

    def _list(self, text: str) -> None:
        self._text = text
        self.list.show(self._source(text))

    def _source(self, text: str) -> Source[ReceiptRow]:
        shop = self.till.shop

        def page(after: object | None, limit: int) -> Page[ReceiptRow]:
            rows = receipt.recent(shop, limit=limit, before=after, text=text)  # type: ignore[arg-type]
            more = rows[-1].at if len(rows) == limit else None
            return Page(tuple(rows), more)

        return page

    def show_status(self) -> None:
        """Look at the marked receipt again: its lamps may have turned on."""
        super().show_status()
        if self.has_receipt:
            self._look(self.list.row)

    @on(RecordList.Marked)
    def _marked(self, message: RecordList.Marked) -> None:
        message.stop()
        self.show_keys()
        self.paper.scroll_home(animate=False)
        self._look(message.row)

    def _look(self, row: ReceiptRow | None) -> None:
        if row is None:
            self.detail.say("")
        else:
            self.flows.look_up("detail", partial(self._show, row))

    async def _show(self, row: ReceiptRow) -> None:
        shown = await self.till.lanes.ask(partial(receipt.show, self.till.shop, row.receipt))
        if self.list.row is not None and self.list.row.receipt == row.receipt:
            names = {row.code: row.name for row in self.till.shop.rules.tender_types}
            room = max(self.detail.size.width - FIGURES, LEAST_NAME)
            self.detail.say(*_paper(shown, names, room, own_books=self._own_books))
            if shown.row != row:
                self.list.replace(row, shown.row)

    @on(RecordList.Chosen)
    def _chosen(self, message: RecordList.Chosen) -> None:
        message.stop()
        self.paper.focus()

    @on(RecordList.ReadFailed)
    def _failed(self, message: RecordList.ReadFailed) -> None:
        message.stop()
        self.refuse(message.error)

    @on(EntryLine.Entered)
    def _entered(self, message: EntryLine.Entered) -> None:
        message.stop()
        self._list(message.text.strip())
        self.list.focus()

    def scanned(self, code: str, at: float) -> None:
        """Find the receipt whose number was scanned."""
        del at
        self.line.value = code
        self._list(code)
        self.list.focus()

    def on_key(self, event: events.Key) -> None:
        """Search for what is typed wherever the focus is."""
        if event.is_printable and event.character and not self.line.has_focus:
            event.stop()
            self.line.focus()
            self.line.insert_text_at_cursor(event.character)

    def action_search(self) -> None:
        """Go to the search."""
        self.line.focus()

    def action_read(self) -> None:
        """Go to the receipt itself."""
        self.paper.focus()

    def action_renew(self) -> None:
        """Read the list again."""
        self._list(self._text)

    def action_reprint(self) -> None:
        """Print a copy of the marked receipt."""
        row = self.list.row
        if row is not None:
            self.flows.run(f"reprint {row.receipt}", partial(self._reprint, row))

    async def _reprint(self, row: ReceiptRow) -> None:
        till = self.till
        if not till.shop.rules.printer:
            raise RuleBroken("This till has no printer: name one in the settings.")
        actor = till.desk.require_actor()
        await till.lanes.perform(
            f"reprint {row.receipt}", lambda: spool.reprint(till.shop, actor, row.receipt)
        )
        till.background.wake()
        self.tell(f"A copy of {row.receipt} is on its way to the printer.", kind="good")
        self._look(row)

    def action_save(self) -> None:
        """Save the paper of the marked receipt as a PDF file."""
        row = self.list.row
        if row is not None:
            self.flows.run(f"save {row.receipt}", partial(self._save, row))

    async def _save(self, row: ReceiptRow) -> None:
        from pos_app.services import saved_paper

        till = self.till
        actor = till.desk.require_actor()
        made = await till.lanes.perform(
            f"save {row.receipt}",
            lambda: saved_paper.save_in_folder(till.shop, actor, row.receipt),
        )
        name = f"Copy {made.copy_number}" if made.copy_number else "The original"
        self.tell(f"{name} of {row.receipt} is saved as {made.path}.", kind="good")
        self._look(row)

    @property
    def may_office(self) -> bool:
        """Whether there is an office printer, and a receipt to print there."""
        return self.has_receipt and self.till.shop.rules.office is not None

    def action_office(self) -> None:
        """Print the page of the marked receipt in the office."""
        row = self.list.row
        if row is not None:
            self.flows.run(f"office {row.receipt}", partial(self._office, row))

    async def _office(self, row: ReceiptRow) -> None:
        from pos_app.services import office

        till = self.till
        actor = till.desk.require_actor()
        made = await till.lanes.perform(
            f"office {row.receipt}", lambda: office.print_receipt(till.shop, actor, row.receipt)
        )
        till.background.wake()
        name = f"Copy {made.copy_number}" if made.copy_number else "The original"
        self.tell(f"{name} of {row.receipt} is on its way to the office printer.", kind="good")
        self._look(row)

    def action_refund(self) -> None:
        """Take goods back, or correct a price."""
        row = self.list.row
        if row is not None:
            self.flows.open(f"refund {row.receipt}", partial(self._refund, row))

    async def _refund(self, row: ReceiptRow) -> None:
        shop = self.till.shop
        await self._open(await self.till.lanes.ask(partial(original.show, shop, row.receipt)))

    async def _open(self, found: Original, entered: EnteredOriginal | None = None) -> None:
        from pos_app.tui.screens.refund import RefundScreen

        shop = self.till.shop
        posted = await self.app.push_screen_wait(RefundScreen(shop, found, entered=entered))
        if posted is not None:
            self._list(self._text)
            made = await self.till.lanes.ask(partial(receipt.show, shop, posted.receipt))
            back = " and ".join((-row.tendered).label for row in made.tenders)
            self.tell(f"Credit note {posted.receipt} is made: {back} go back.", kind="good")

    def action_elsewhere(self) -> None:
        """Take goods back that another till has sold."""
        self.flows.open("elsewhere", self._elsewhere)

    async def _elsewhere(self) -> None:
        number = await self.app.push_screen_wait(
            Ask("Receipt of another till", "Its number, such as T02-000123", read=_number)
        )
        if number is None:
            return
        till = self.till
        actor, shop = till.desk.require_actor(), till.shop
        self.tell("Asking the server …")
        found = await till.lanes.perform(
            f"fetch {number}", lambda: original_share.show(shop, actor, till.receipts(), number)
        )
        self.notice.clear()
        await self._open(found)

    def action_paper(self) -> None:
        """Take goods back of a receipt that only its paper vouches for."""
        self.flows.open("paper", self._paper)

    async def _paper(self) -> None:
        till = self.till
        shop, actor = till.shop, till.desk.require_actor()
        dialog = paper.PaperDialog(shop.rules.currency, shop.rules.currencies)
        entered = await self.app.push_screen_wait(dialog)
        while entered is not None and not paper.is_whole(entered):
            line = await self.app.push_screen_wait(paper.next_line(entered))
            entered = None if line is None else paper.with_line(entered, line)
        if entered is not None:
            shown = partial(original_entry.show, shop, actor, entered)
            await self._open(await till.lanes.ask(shown), entered)

    def action_seen(self) -> None:
        """Ask whether the marked receipt came out."""
        row = self.list.row
        if row is not None:
            self.flows.run("seen", partial(self._seen, row))

    async def _seen(self, row: ReceiptRow) -> None:
        await print_question.of_document(self, row.sale_id, row.receipt)
        self._look(row)

    def action_back(self) -> None:
        """Back to the list, empty the search, then go back."""
        if self.paper.has_focus:
            self.list.focus()
        elif self.line.value or self._text:
            self.line.value = ""
            self._list("")
            self.list.focus()
        else:
            self.dismiss(None)


def _number(text: str) -> str:
    if not text or len(text) > LONGEST_NUMBER or not text.isprintable():
        raise InvalidInput("Type the number as it stands on the receipt.")
    return text


def _paper(
    shown: ReceiptDetail, tenders: Mapping[str, str], room: int, *, own_books: bool
) -> list[Part]:
    """Return a receipt as text, its names ``room`` cells wide."""
    row = shown.row
    parts: list[Part] = [
        (row.receipt, "bold $primary"), f"  {row.username} · {row.partner_name}\n",
        *_note(shown), "\n",
    ]  # fmt: skip
    for (word, lamp), name in zip(each(row.lamps, own_books=own_books), NAMES, strict=True):
        why = textwrap.wrap(shown.reasons.get(name) or REASON[lamp], REASON_WIDTH)
        told = f"\n{' ' * 13}".join(why)
        parts += [(f"{SYMBOLS[lamp]} {word:<11}", STYLES[lamp]), (f"{told}\n", "$text-muted")]
    parts.append("\n")
    for line in shown.lines:
        what = f"{quantity(line.quantity):>6} x {price(line.unit_price):<9}"
        parts.append(f"{fit(line.name, room)} {what} {amount(line.gross):>11}\n")
    parts += [
        (f"{'Total ' + row.total.currency:<{room}} {'':18} {amount(row.total):>11}\n", "bold"),
        (f"{'of it VAT':<{room}} {'':18} {amount(shown.vat):>11}\n", "$text-muted"),
    ]
    for tender in shown.tenders:
        reference = f"  {tender.reference}" if tender.reference else ""
        name = fit(tenders.get(tender.type, tender.type), room)
        parts.append(f"{name} {tender.tendered.label:>18}{reference}\n")
    for money in shown.change:
        parts.append(f"{'Change':<{room}} {money.label:>18}\n")
    return [*parts, *_fiscal(shown)]


def _note(shown: ReceiptDetail) -> list[Part]:
    """What a note corrects and why, or which notes were made of a sale."""
    if shown.original:
        word = "Credit note" if shown.row.kind == "credit_note" else "Debit note"
        return [(f"{word} of {shown.original}: {shown.reason}\n", "$text-warning")]
    return [(f"Corrected by {', '.join(shown.notes)}\n", "$text-warning")] if shown.notes else []


def _fiscal(shown: ReceiptDetail) -> list[Part]:
    facts = shown.fiscal
    word = "copy" if shown.copies == 1 else "copies"
    copies: list[Part] = [f"\n{shown.copies} {word} printed"] if shown.copies else []
    if facts is None:
        return copies
    numbers = f"day {facts.fiscal_day} · number {facts.receipt_counter} of it"
    return [
        f"\nFiscal receipt {facts.receipt_global_no} · {numbers}\n",
        (f"Verification code {facts.verification_code}\n", "$text-muted"),
        *copies,
    ]
