"""The fiscal day: how it stands, opened and closed on request, X and Z with their accounts."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll

from pos_app.domain.fiscal_day import DayState, StepState
from pos_app.domain.permission import Actor, Permission
from pos_app.errors import InvalidInput, NotFound
from pos_app.services import fiscal_day, fiscal_paper
from pos_app.services.fiscal_account import FiscalDay
from pos_app.services.fiscal_day import DayStanding
from pos_app.services.shop import Shop
from pos_app.tui import catalogue_fiscal, fiscal_text
from pos_app.tui.commands import bindings
from pos_app.tui.place import Place
from pos_app.tui.plain import day_and_time
from pos_app.tui.widgets.dialog import Ask, Confirm
from pos_app.tui.widgets.pages import Page, in_memory
from pos_app.tui.widgets.record_list import RecordList
from pos_app.tui.widgets.strips import Column
from pos_app.tui.widgets.text import Text

DAYS = 62


def read(shop: Shop, actor: Actor) -> tuple[DayStanding, tuple[FiscalDay, ...]]:
    """How the day stands, and the days this person may see: the open one first, then closed."""
    days: list[FiscalDay] = []
    if actor.may(Permission.FISCAL_DAY, Permission.REPORTS_VIEW):
        days += [day for day in fiscal_day.history(shop, actor, limit=DAYS) if day.closed_at]
    if actor.may(Permission.FISCAL_DAY, Permission.SHIFT_X):
        with contextlib.suppress(NotFound):  # no day is open
            days.insert(0, fiscal_day.x(shop, actor))
    return fiscal_day.standing(shop), tuple(days)


class FiscalDayScreen(Place):
    """The day's standing on top, the days below, the marked one with its three accounts."""

    PLACE = "fiscal_day"
    HEADING = "Fiscal day"
    CSS_PATH = "fiscal_day.tcss"
    AUTO_FOCUS = "RecordList"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue_fiscal.FISCAL_DAY)]

    def __init__(self) -> None:
        super().__init__()
        self.intro = Text(id="standing")
        self.detail = Text()
        self.standing: DayStanding | None = None
        self._days: tuple[FiscalDay, ...] | None = None
        self._watched = ""

    def body(self) -> ComposeResult:
        """Standing, list, account."""
        zone = self.till.shop.rules.zone

        def closed(row: FiscalDay) -> str:
            return day_and_time(row.closed_at, zone) if row.closed_at else "open (X)"

        def verdict(row: FiscalDay) -> str:
            if row.closed_at is None:
                return ""
            return "agrees" if row.is_clean else "signed" if row.signed_by else "look"

        styles = {"agrees": "good", "signed": "muted", "look": "bad", "": "muted"}
        columns: tuple[Column[FiscalDay], ...] = (
            Column("Day", 6, lambda row: row.fiscal_day, align="right", style=lambda _: "strong"),
            Column("Closed", 0, closed),
            Column("Receipts", 8, lambda row: row.till.receipts or 0, align="right"),
            Column("", 7, verdict, style=lambda row: styles[verdict(row)]),
        )
        self.list: RecordList[FiscalDay] = RecordList(
            columns, self.till.lanes.ask, empty="No fiscal day is known here yet."
        )
        with Container(id="fiscal_day"):
            with Container(id="days"):
                yield self.intro
                yield self.list
            with VerticalScroll(id="account"):
                yield self.detail

    @property
    def is_open(self) -> bool:
        """Whether the day is open."""
        known = {DayState.OPEN, DayState.WARNED, DayState.OVER}
        return self.standing is not None and self.standing.state in known

    @property
    def is_shut(self) -> bool:
        """Whether the day is closed."""
        return self.standing is not None and self.standing.state is DayState.CLOSED

    @property
    def is_asked(self) -> bool:
        """Whether something is wanted of the day that the device has not been told."""
        step = self.standing.step if self.standing else None
        return step is not None and step.state is StepState.ASKED

    @property
    def has_day(self) -> bool:
        """Whether a day is marked."""
        return self.is_mounted and self.list.row is not None

    @property
    def is_closed_day(self) -> bool:
        """Whether the marked day is closed and nobody has signed it."""
        row = self.list.row if self.is_mounted else None
        return row is not None and row.closed_at is not None and not row.signed_by

    def on_mount(self) -> None:
        """Read the days."""
        self.flows.open("days", self._read)

    def show_status(self) -> None:
        """Follow what becomes of the day."""
        super().show_status()
        if self.is_mounted:
            self.flows.look_up("days", self._read)

    async def _read(self) -> None:
        till, actor = self.till, self.till.desk.require_actor()
        standing, days = await till.lanes.ask(partial(read, till.shop, actor))
        self.intro.say(*fiscal_text.day_standing(standing, zone=till.shop.rules.zone))
        self.standing = standing
        if days != self._days:
            at = self.list.cursor
            self._days = days
            self.list.show(in_memory(days), first=Page(days))
            self.list.action_move(min(at, max(len(days) - 1, 0)))
            self._show(self.list.row)
        self._follow_step()
        self.show_keys()

    def _follow_step(self) -> None:
        """Say how an opening or closing that was asked for here ended."""
        step = self.standing.step if self.standing else None
        if step is None or step.id != self._watched or not step.is_over:
            return
        self._watched = ""
        if step.state is StepState.DONE:
            done = "open" if step.kind == "open" else "closed"
            self.tell(f"The fiscal day is {done}.", kind="good")
        else:
            self.tell(f"The fiscal day was left as it is: {step.problem}", kind="error")

    @on(RecordList.Marked)
    def _marked(self, message: RecordList.Marked) -> None:
        message.stop()
        self._show(message.row)

    def _show(self, row: FiscalDay | None) -> None:
        zone = self.till.shop.rules.zone
        self.detail.say(*(fiscal_text.account(row, zone=zone) if row else ()))
        self.show_keys()

    @on(RecordList.ReadFailed)
    def _failed(self, message: RecordList.ReadFailed) -> None:
        message.stop()
        self.refuse(message.error)

    def action_renew(self) -> None:
        """Read everything again."""
        self._days = None
        self.flows.look_up("days", self._read)

    def action_open(self) -> None:
        """Open the day."""
        self.flows.run("open", self._open)

    async def _open(self) -> None:
        question = "Open a new fiscal day on the device? Counters begin anew."
        if await self.app.push_screen_wait(Confirm("Open the day", question, yes="open it")):
            till, actor = self.till, self.till.desk.require_actor()
            step = await till.lanes.perform(
                "fiscal day", lambda: fiscal_day.open_day(till.shop, actor)
            )
            await self._wanted(step.id, "The device is told to open the day …")

    def action_close(self) -> None:
        """Close the day, after what stands in the way was named."""
        self.flows.run("close", self._close)

    async def _close(self) -> None:
        till, actor = self.till, self.till.desk.require_actor()
        x = await till.lanes.ask(partial(fiscal_day.x, till.shop, actor))
        totals = ", ".join(f"{row.count} {row.kind} {row.total.label}" for row in x.till.documents)
        blocking = self.standing.blocking if self.standing else ()
        in_the_way = ""
        if blocking:
            named = ", ".join(blocking[:5])
            in_the_way = f" Not settled yet: {named}. It will be refused while they are in doubt."
        question = (
            f"Close fiscal day {x.fiscal_day}? It holds {totals or 'no receipts'}.{in_the_way} "
            "A closed day cannot be opened again; the next sale begins a new one."
        )
        dialog = Confirm("Close the day", question, yes="close it", no="leave it open")
        if not await self.app.push_screen_wait(dialog):
            return
        step = await till.lanes.perform(
            "fiscal day", lambda: fiscal_day.close_day(till.shop, actor)
        )
        await self._wanted(step.id, "The device is told to close the day …")

    async def _wanted(self, step_id: str, sentence: str) -> None:
        self._watched = step_id
        self.tell(sentence)
        self.till.background.wake()
        await self._read()

    def action_cancel(self) -> None:
        """Take back what was asked for."""
        self.flows.run("cancel", self._cancel)

    async def _cancel(self) -> None:
        till, actor = self.till, self.till.desk.require_actor()
        reason = await self.app.push_screen_wait(Ask("Take back", "Reason", read=_worded))
        if reason:
            await till.lanes.perform(
                "fiscal day", lambda: fiscal_day.cancel(till.shop, actor, reason=str(reason))
            )
            await self._read()

    def action_print(self) -> None:
        """Print the marked day."""
        row = self.list.row
        if row is not None:
            self.flows.run("print", partial(self._print, row))

    async def _print(self, row: FiscalDay) -> None:
        till, actor = self.till, self.till.desk.require_actor()
        if row.closed_at is None:
            await till.lanes.perform("print X", lambda: fiscal_paper.print_x(till.shop, actor))
        else:
            await till.lanes.perform(
                f"print Z {row.fiscal_day}",
                lambda: fiscal_paper.print_z(till.shop, actor, row.fiscal_day),
            )
        till.background.wake()
        name = "X report" if row.closed_at is None else f"Z report of day {row.fiscal_day}"
        self.tell(f"The {name} is on its way to the printer.", kind="good")

    def action_sign(self) -> None:
        """Put a name and a note to the marked day."""
        row = self.list.row
        if row is not None:
            self.flows.run("sign", partial(self._sign, row))

    async def _sign(self, row: FiscalDay) -> None:
        till, actor = self.till, self.till.desk.require_actor()
        told = " ".join(fiscal_paper.remarks(row))
        dialog = Ask("Sign the day", "Your note", read=_worded, explain=told)
        note = await self.app.push_screen_wait(dialog)
        if note:
            await till.lanes.perform(
                f"sign {row.fiscal_day}",
                lambda: fiscal_day.sign(till.shop, actor, row.fiscal_day, note=str(note)),
            )
            self.tell(f"Day {row.fiscal_day} is signed.", kind="good")
            await self._read()

    def action_back(self) -> None:
        """Back to the device."""
        self.dismiss(None)


def _worded(text: str) -> str:
    if not text or len(text) > 200:
        raise InvalidInput("Type it in a few words.")
    return text
