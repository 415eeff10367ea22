"""The shift: opened on a counted float, read without changing it, closed on a blind count."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from pos_app.domain.permission import Permission
from pos_app.domain.shift import MovementKind
from pos_app.errors import InvalidInput, PosError
from pos_app.services import shift
from pos_app.services import shift_paper as shift_print
from pos_app.services.drawer import opening
from pos_app.services.shift import Shift
from pos_app.tui import catalogue, drawer, shift_paper
from pos_app.tui.commands import bindings
from pos_app.tui.money_entry import read_money
from pos_app.tui.place import Place
from pos_app.tui.widgets.count_grid import CountGrid
from pos_app.tui.widgets.dialog import Ask, Choose, Confirm
from pos_app.tui.widgets.text import Text

MOVES = {
    MovementKind.PAID_IN: "Paid in: cash from outside into the drawer",
    MovementKind.PAID_OUT: "Paid out: cash from the drawer for an expense",
    MovementKind.PICKUP: "Pickup: cash from the drawer to the safe",
    MovementKind.LOAN: "Loan: cash from the safe into the drawer",
}


class ShiftScreen(Place):
    """One place for the whole shift; what can be done next depends on where it stands."""

    PLACE = "shift"
    HEADING = "Shift"
    CSS_PATH = "shift.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue.SHIFT)]

    def __init__(self) -> None:
        super().__init__()
        self.intro = Text(id="intro")
        self.report = Text(id="report")
        self.shift: Shift | None = None
        self.closed: Shift | None = None
        self.is_known = False
        self.is_counting = False

    def body(self) -> ComposeResult:
        """A sentence, and either the count or a report."""
        codes = [row.code for row in self.till.shop.rules.currencies.currencies]
        self.grid = CountGrid(codes)
        with VerticalScroll(id="shift", can_focus=False):
            yield self.intro
            yield self.grid
            yield self.report

    @property
    def is_open(self) -> bool:
        """Whether a shift is open."""
        return self.is_known and self.shift is not None

    @property
    def is_closed(self) -> bool:
        """Whether none is open."""
        return self.is_known and self.shift is None

    @property
    def has_paper(self) -> bool:
        """Whether there is something to print, and a printer."""
        is_there = self.shift is not None or self.closed is not None
        return is_there and bool(self.till.shop.rules.printer)

    @property
    def _tenders(self) -> dict[str, str]:
        """What each tender is called."""
        return {row.code: row.name for row in self.till.shop.rules.tender_types}

    @property
    def has_bench(self) -> bool:
        """Whether a printer can be set up from here."""
        return self.till.bench is not None

    def on_mount(self) -> None:
        """Read where the shift stands."""
        self.grid.display = False
        self.flows.open("read", self._read)

    async def _read(self) -> None:
        self.shift = await self.till.lanes.ask(partial(shift.current, self.till.shop))
        self.is_known = True
        if self.shift is None:
            self._count("No shift is open. Count the float in the drawer, then press "
                        f"{self._key('shift.open')} to open.")  # fmt: skip
        else:
            self._rest()

    def _key(self, command_id: str) -> str:
        return next(keys for keys, row in self.valid_keys() if row.id == command_id).split()[0]

    def _count(self, sentence: str) -> None:
        self.is_counting = True
        self.notice.clear()
        self.intro.say((f"{sentence}\n", "bold"))
        self.report.say("")
        self.grid.clear()
        self.grid.display = True
        self.grid.focus()
        self.show_keys()
        self.show_status()

    def _rest(self) -> None:
        """Show the open shift."""
        self.is_counting = False
        self.grid.display = False
        self.set_focus(None)
        if self.shift is not None:
            self.intro.say(*shift_paper.heading(self.shift, self.till.shop.rules.zone))
        self.show_keys()
        self.show_status()

    def action_open(self) -> None:
        """Open on what was counted."""
        self.flows.run("open", self._open)

    async def _open(self) -> None:
        till, counts = self.till, self.grid.counts()
        actor = till.desk.require_actor()
        if not counts:
            question = "Open the shift with an empty drawer?"
            dialog = Confirm("Empty float", question, yes="open it empty", no="count first")
            if not await self.app.push_screen_wait(dialog):
                return
        self.shift = await till.lanes.perform(
            "shift", lambda: shift.open_shift(till.shop, actor, counts)
        )
        till.background.wake()
        self._rest()
        self.report.say("")
        self.tell("The shift is open: Esc goes to the sale.", kind="good")

    def action_x(self) -> None:
        """Read the shift."""
        self.flows.run("x", self._x)

    async def _x(self) -> None:
        till = self.till
        actor = till.desk.require_actor()
        read = await till.lanes.ask(lambda: shift.x(till.shop, actor))
        self._rest()
        shows_cash = actor.may(Permission.SALE_APPROVE)
        self.report.say(*shift_paper.reading(read, self._tenders, shows_cash=shows_cash))
        self.notice.clear()

    def action_move(self) -> None:
        """Move cash."""
        self.flows.open("move", self._move)

    async def _move(self) -> None:
        till = self.till
        kinds = list(MOVES)
        chosen = await self.app.push_screen_wait(Choose("Cash in or out", list(MOVES.values())))
        if chosen is None:
            return
        kind, rules = kinds[chosen], till.shop.rules
        read = partial(read_money, currency=rules.currency, table=rules.currencies)
        money = await self.app.push_screen_wait(
            Ask(MOVES[kind].partition(":")[0], f"Amount in {rules.currency}, or like 50 ZIG",
                read=read)
        )  # fmt: skip
        if money is None:
            return
        reason = await self.app.push_screen_wait(Ask(money.label, "What for?", read=_reason))
        if reason is None:
            return
        actor = till.desk.require_actor()
        await till.lanes.perform(
            "move", lambda: shift.move(till.shop, actor, kind, money, reason=reason)
        )
        told = f"{MOVES[kind].partition(':')[0]}: {money.label}."
        try:
            await till.lanes.perform(
                "slip",
                lambda: shift_print.print_move(till.shop, actor, kind, money, reason=reason),
            )
        except PosError as error:
            self.tell(f"{told} Its slip could not be printed: {error.sentence}", kind="warning")
            return
        till.background.wake()
        self.tell(told, kind="good")

    def action_no_sale(self) -> None:
        """Open the drawer without a sale."""
        self.flows.open("no sale", partial(drawer.no_sale, self))

    def action_print(self) -> None:
        """Print the shift shown."""
        self.flows.run("print", self._print)

    async def _print(self) -> None:
        till, shown = self.till, self.shift or self.closed
        if shown is None:
            return
        actor = till.desk.require_actor()
        await till.lanes.perform(
            "print shift", lambda: shift_print.print_shift(till.shop, actor, shown.id)
        )
        till.background.wake()
        self.tell("The shift is on its way to the printer.", kind="good")

    def action_close(self) -> None:
        """Count first, then close on what was counted."""
        if self.till.desk.has_lines:
            self.refuse(InvalidInput("A sale is in progress: park, finish or cancel it first."))
        elif self.is_counting:
            self.flows.run("close", self._close)
        else:
            self._count("Count everything in the drawer, the float included. Then press "
                        f"{self._key('shift.close')} once more.")  # fmt: skip
            self.flows.run("open drawer", self._open_drawer)

    async def _open_drawer(self) -> None:
        """What is to be counted lies in it."""
        till, actor = self.till, self.till.desk.require_actor()
        await till.lanes.perform("drawer", lambda: opening.open_to_count(till.shop, actor))
        till.background.wake()

    async def _close(self) -> None:
        till, counts = self.till, self.grid.counts()
        actor = till.desk.require_actor()
        totals = ", ".join(money.label for money in self.grid.totals().values())
        question = f"Counted: {totals}. Close the shift? The count cannot be changed afterwards."
        dialog = Confirm("Close the shift", question, yes="close it", no="count again")
        if not await self.app.push_screen_wait(dialog):
            return
        closed = await till.lanes.perform(
            "shift", lambda: shift.close_shift(till.shop, actor, counts)
        )
        till.background.wake()
        self.shift, self.closed = None, closed.shift
        self.is_counting = False
        self.grid.display = False
        self.set_focus(None)
        self.intro.say(*shift_paper.heading(closed.shift, till.shop.rules.zone))
        self.report.say(*shift_paper.reading(closed, self._tenders, shows_cash=True))
        self.show_keys()
        self.tell("The shift is closed.", kind="good")

    def action_fiscal(self) -> None:
        """Look at the fiscal device and its day."""
        self.flows.open("fiscal", self._fiscal)

    async def _fiscal(self) -> None:
        from pos_app.tui.screens.fiscal import FiscalScreen

        await self.app.push_screen_wait(FiscalScreen())

    def action_proof(self) -> None:
        """Prove the day."""
        self.flows.open("proof", self._proof)

    async def _proof(self) -> None:
        from pos_app.tui.screens.proof import ProofScreen

        await self.app.push_screen_wait(ProofScreen(self.till.shop.today))

    def action_queue(self) -> None:
        """Look at what is on its way to SAP."""
        self.flows.open("queue", self._queue)

    async def _queue(self) -> None:
        from pos_app.tui.screens.queue import QueueScreen

        await self.app.push_screen_wait(QueueScreen())

    def action_printer(self) -> None:
        """Set the receipt printer up."""
        self.flows.open("printer", self._printer)

    async def _printer(self) -> None:
        from pos_app.tui.screens.printer import PrinterScreen

        bench = self.till.bench
        if bench is not None:
            await self.app.push_screen_wait(PrinterScreen(bench))

    def action_back(self) -> None:
        """Leave a count that was begun, then the place."""
        if self.is_counting and self.shift is not None:
            self._rest()
        else:
            self.dismiss(None)


def _reason(text: str) -> str:
    if not text or len(text) > 100:
        raise InvalidInput("Type in a few words what the cash is for.")
    return text
