"""What comes back of a receipt: quantities or a price, why, and how the money goes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from pos_app.domain.limit import Approval
from pos_app.domain.note import WantedLine, check_reason
from pos_app.errors import InvalidInput, RuleBroken
from pos_app.services import refund
from pos_app.services.original import Original
from pos_app.services.original_entry import EnteredOriginal
from pos_app.services.refund import AskedNote, Draft
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.tui import catalogue
from pos_app.tui.approving import with_approval
from pos_app.tui.commands import bindings
from pos_app.tui.money_entry import read_money
from pos_app.tui.place import WIDE, Place
from pos_app.tui.plain import amount, count_of, quantity
from pos_app.tui.refunding import Refunding, RefundRow
from pos_app.tui.tendering import Option, options_of
from pos_app.tui.widgets.dialog import Ask, Choose, Confirm
from pos_app.tui.widgets.entry_line import EntryLine
from pos_app.tui.widgets.pages import Page, in_memory
from pos_app.tui.widgets.record_list import RecordList
from pos_app.tui.widgets.strips import Column
from pos_app.tui.widgets.text import Text

SHORTCUTS = frozenset({"minus", "delete"})
LONGEST_REFERENCE = 60
PAYING = "pay back"
"""While money goes back, no key does anything to this note."""

DAMAGED = "Damaged or spoiled"
REASONS = (
    DAMAGED,
    "Not what was wanted",
    "Wrong item sold",
    "Price was wrong",
    "Sold twice",
)
OTHER = "Another reason …"


Refunder = Callable[[], Refunding]
"""Makes the next state, or refuses."""


class RefundScreen(Place):
    """The lines of one receipt; dismissed with the note that was posted, or with None."""

    PLACE = "refund"
    HEADING = "Return"
    CSS_PATH = "refund.tcss"
    AUTO_FOCUS = "EntryLine"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue.REFUND)]

    def __init__(
        self, shop: Shop, original: Original, *, entered: EnteredOriginal | None = None
    ) -> None:
        super().__init__()
        self.state = Refunding(original=original)
        self._entered_original = entered
        self.head, self.sum, self.prompt = Text(id="head"), Text(id="sum"), Text(id="prompt")
        self.line = EntryLine(
            "How much comes back; Enter alone takes all that is left", shortcuts=lambda: SHORTCUTS
        )
        self._note_id = shop.ids.new()
        self._options = options_of(shop.rules.tender_types, shop.rules.currencies)

    @property
    def has_lines(self) -> bool:
        """Whether something comes back."""
        return bool(self.state.wanted)

    def body(self) -> ComposeResult:
        """The lines of the receipt, and what comes back of each."""
        self.list: RecordList[RefundRow] = RecordList(
            _columns(), self.till.lanes.ask, empty="The receipt has no lines."
        )
        self.list.can_focus = False
        yield self.head
        yield self.list
        yield self.sum

    def entry(self) -> ComposeResult:
        """The quantity of the marked line."""
        with Horizontal(id="entry"):
            yield self.prompt
            yield self.line

    def on_mount(self) -> None:
        """Show the receipt."""
        original = self.state.original
        is_whole = original.left == original.total
        left = "" if is_whole else f", {original.left.label} left"
        self.head.say(
            (f"Receipt {original.receipt}", "bold $primary"),
            f"  {original.sold_on:%d %b %Y} · {original.partner_name} · "
            f"{original.total.label}{left}",
        )
        self.prompt.say(("Comes back >", "bold $primary"))
        rows = self.state.rows
        self.list.show(in_memory(rows), first=Page(rows))
        self._show_sum()

    def _change(self, state: Refunding) -> None:
        """Take another state and repaint what it changed."""
        before, after = self.state.rows, state.rows
        self.state = state
        for old, new in zip(before, after, strict=True):
            if old != new:
                self.list.replace(old, new)
        self._show_sum()
        self.show_keys()
        self.notice.clear()

    def _show_sum(self) -> None:
        lines = count_of(len(self.state.wanted), "line")
        self.sum.say(f"{lines}   ", (f"Goes back {self.state.total.label}", "bold"))

    @property
    def _number(self) -> int:
        """The number of the marked line."""
        row = self.list.row
        if row is None:
            raise RuleBroken("No line is marked: choose one with the arrow keys.")
        return row.line.sold.number

    @on(EntryLine.Entered)
    def _entered(self, message: EntryLine.Entered) -> None:
        message.stop()
        self._do(lambda: self.state.with_quantity(self._number, message.text.strip()))

    def _do(self, deed: Refunder) -> None:
        if self.flows.is_running(PAYING):
            self.app.bell()
            return
        try:
            self._change(deed())
        except (InvalidInput, RuleBroken) as error:
            self.refuse(error)

    def action_previous(self) -> None:
        """Mark the line above."""
        self.list.action_move(-1)

    def action_next(self) -> None:
        """Mark the line below."""
        self.list.action_move(1)

    def action_everything(self) -> None:
        """Take back all that is left of the receipt."""
        self._do(self.state.with_everything)

    def action_undo(self) -> None:
        """Take nothing back of the marked line."""
        self._do(lambda: self.state.without(self._number))

    def action_price(self) -> None:
        """Correct the price of the marked line."""
        self.flows.open("price", self._price)

    async def _price(self) -> None:
        number, original = self._number, self.state.original
        left = original.line(number).sold.creditable
        read = partial(
            read_money, currency=original.currency, table=self.till.shop.rules.currencies
        )
        explain = f"The goods stay with the customer. At most {left.label} can go back."
        money = await self.app.push_screen_wait(
            Ask("Correct the price", f"Amount that goes back in {original.currency}",
                read=read, explain=explain)
        )  # fmt: skip
        if money is not None:
            self._do(lambda: self.state.with_line(WantedLine(line=number, amount=money)))

    def action_pay(self) -> None:
        """Ask why and how, then make the note."""
        self.flows.open(PAYING, self._pay)

    async def _pay(self) -> None:
        if not self.has_lines:
            raise RuleBroken("Nothing comes back yet: choose a line and say how much of it.")
        reason = await self._reason()
        option = await self._option() if reason else None
        if not reason or option is None:
            return
        slip = await self._slip(option)
        if slip is None:
            return
        asked = self._asked(reason, option, slip)
        shop, actor = self.till.shop, self.till.desk.require_actor()
        draft = await self.till.lanes.ask(partial(refund.preview, shop, actor, asked))
        if not await self._confirmed(draft, asked, option):
            return
        self.tell("Posting …")
        posted = await with_approval(self, partial(self._post, asked), sale_id=asked.id)
        if posted is not None:
            self.till.posted(posted)
            self.dismiss(posted)

    async def _post(self, asked: AskedNote, approvals: tuple[Approval, ...]) -> Posted:
        till = self.till
        actor = till.desk.require_actor()
        return await till.lanes.perform(
            f"refund {asked.id}",
            lambda: refund.post(till.shop, actor, asked, approvals=approvals),
        )

    async def _reason(self) -> str:
        chosen = await self.app.push_screen_wait(Choose("Why?", [*REASONS, OTHER]))
        if chosen is None:
            return ""
        if chosen < len(REASONS):
            return REASONS[chosen]
        typed = await self.app.push_screen_wait(
            Ask("Why?", "Reason; it is printed on the note", read=check_reason)
        )
        return str(typed or "")

    async def _option(self) -> Option | None:
        """How the money goes back: first as it came."""
        paid = self.state.original.paid_with
        order = {pair: at for at, pair in enumerate(paid)}
        options = sorted(
            self._options,
            key=lambda row: order.get((row.type.code, row.currency), len(order)),
        )
        names = [
            row.name + ("  (as it was paid)" if (row.type.code, row.currency) in order else "")
            for row in options
        ]
        chosen = await self.app.push_screen_wait(Choose("Pay back in", names))
        return None if chosen is None else options[chosen]

    async def _slip(self, option: Option) -> str | None:
        if not option.type.needs_reference:
            return ""
        asked = await self.app.push_screen_wait(
            Ask(option.name, "Reference of the payment to the customer", read=_reference)
        )
        return None if asked is None else str(asked)

    def _asked(self, reason: str, option: Option, slip: str) -> AskedNote:
        is_damaged = reason == DAMAGED and bool(self.till.shop.rules.damaged_warehouse)
        return AskedNote(
            id=self._note_id,
            receipt=self.state.original.receipt,
            reason=reason,
            lines=tuple(
                replace(row, is_damaged=is_damaged and row.quantity is not None)
                for row in self.state.lines
            ),
            tender=option.type.code,
            currency=option.currency,
            slip=slip,
            entered=self._entered_original,
        )

    async def _confirmed(self, draft: Draft, asked: AskedNote, option: Option) -> bool:
        rules = self.till.shop.rules
        where = rules.warehouse
        if any(row.is_damaged for row in asked.lines):
            where = f"{rules.damaged_warehouse}, as damaged"
        goods = any(row.quantity for row in asked.lines)
        stock = f"The goods go into {where}." if goods else "No goods come back."
        question = (
            f"Credit note of {draft.original.receipt} over {draft.note.total.label}, "
            f"of it VAT {draft.note.vat.label}.\n"
            f"{draft.settled.settled.label} go back: {option.name}.\n{stock}\n\n"
            "It goes to the tax authority and cannot be undone."
        )
        dialog = Confirm("Credit note", question, yes="make it", no="change it")
        answer = await self.app.push_screen_wait(dialog)
        return answer is True

    def action_back(self) -> None:
        """Empty the entry first, then leave the receipt as it is."""
        if self.flows.is_running(PAYING):
            self.app.bell()
        elif self.line.value:
            self.line.value = ""
        else:
            self.dismiss(None)


def _columns() -> tuple[Column[RefundRow], ...]:
    def back(row: RefundRow) -> str:
        if row.wanted is None:
            return ""
        return "price" if row.wanted.quantity is None else quantity(row.wanted.quantity)

    return (
        Column("#", 3, lambda row: row.line.sold.number, align="right", style=lambda _: "muted"),
        Column("Item", 0, lambda row: row.line.name, style=lambda _: "strong"),
        Column("Sold", 8, lambda row: quantity(row.line.sold.quantity), align="right",
               style=lambda _: "muted", least=WIDE),
        Column("Came back", 9, lambda row: quantity(row.line.sold.returned), align="right",
               style=lambda _: "muted", least=WIDE),
        Column("Left", 7, lambda row: quantity(row.line.sold.returnable), align="right"),
        Column("Left worth", 10, lambda row: amount(row.line.sold.creditable), align="right"),
        Column("Back", 7, back, align="right", style=lambda _: "warning"),
        Column("Worth", 10, lambda row: amount(row.worth) if row.worth else "", align="right",
               style=lambda _: "strong"),
    )  # fmt: skip


def _reference(text: str) -> str:
    if not text or len(text) > LONGEST_REFERENCE:
        raise InvalidInput("Type the reference of the payment to the customer.")
    return text
