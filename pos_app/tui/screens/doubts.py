"""Receipts in doubt: unknown, refused, disputed, or on the device without a sale of this till."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll

from pos_app.domain.permission import Actor
from pos_app.errors import InvalidInput
from pos_app.services import fiscal_settle, sign_in
from pos_app.services.fiscal_settle import Deed, Found, Side, Trouble
from pos_app.services.shop import Shop
from pos_app.tui import catalogue_fiscal, fiscal_text
from pos_app.tui.commands import bindings
from pos_app.tui.place import Place
from pos_app.tui.plain import since
from pos_app.tui.widgets.approval import ApprovalDialog
from pos_app.tui.widgets.dialog import Ask, Confirm
from pos_app.tui.widgets.pages import Page, in_memory
from pos_app.tui.widgets.record_list import RecordList
from pos_app.tui.widgets.strips import Column
from pos_app.tui.widgets.text import Part, Text

ADVICE = {
    "unknown": "Sent, and its answer was lost. The till keeps asking the device and never sends it "
    "again by itself. Bring the device back; look again to ask at once.",
    "refused": "The device refused it and it is proven not filed. Put right what it names, then "
    "send it again under its own number; or make the sale anew and name that receipt here.",
    "disputed": "The device and this till do not agree. Compare both sides and the paper: adopt "
    "what is this very sale, or send again what the device is proven not to have.",
    "foreign": "The device filed this and no sale of this till stands behind it. Find out who did "
    "it, then note it.",
}
STYLES = {"unknown": "warning", "refused": "bad", "disputed": "bad", "foreign": "warning"}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One row: a receipt of ours in trouble, or one of the device nobody here made."""

    trouble: Trouble | None
    found: Found | None = None

    @property
    def state(self) -> str:
        """Its word."""
        return self.trouble.state.value if self.trouble else "foreign"

    @property
    def number(self) -> str:
        """The receipt's number."""
        if self.trouble is not None:
            return self.trouble.receipt
        return self.found.side.number if self.found else ""

    @property
    def side(self) -> Side:
        """Whose total the list shows."""
        if self.trouble is not None:
            return self.trouble.asked
        if self.found is None:
            raise LookupError
        return self.found.side


def read(shop: Shop) -> tuple[Doubt, ...]:
    """Everything somebody has to look at."""
    ours = tuple(Doubt(trouble) for trouble in fiscal_settle.troubles(shop))
    return (*ours, *(Doubt(None, found) for found in fiscal_settle.found(shop)))


class DoubtsScreen(Place):
    """The list, the marked one compared side by side, and what a supervisor may do."""

    PLACE = "doubts"
    HEADING = "Receipts in doubt"
    CSS_PATH = "doubts.tcss"
    AUTO_FOCUS = "RecordList"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue_fiscal.DOUBTS)]

    def __init__(self) -> None:
        super().__init__()
        self.detail = Text()
        self._rows: tuple[Doubt, ...] | None = None

    def body(self) -> ComposeResult:
        """The list and the marked receipt."""
        now = self.till.shop.clock.now

        def age_of(row: Doubt) -> str:
            at = row.trouble.since if row.trouble else row.found.found_at if row.found else now()
            return since(at, now())

        columns: tuple[Column[Doubt], ...] = (
            Column("Receipt", 0, lambda row: row.number, style=lambda _: "strong"),
            Column("State", 9, lambda row: row.state, style=lambda row: STYLES[row.state]),
            Column("Since", 7, age_of, align="right", style=lambda _: "muted"),
            Column("Total", 14, lambda row: fiscal_text.total(row.side), align="right"),
        )
        self.list: RecordList[Doubt] = RecordList(
            columns, self.till.lanes.ask, empty="Nothing is in doubt: every receipt is settled."
        )
        with Container(id="doubts"):
            yield self.list
            with VerticalScroll(id="compare"):
                yield self.detail

    def on_mount(self) -> None:
        """Read the list."""
        self.flows.open("doubts", self._read)

    def show_status(self) -> None:
        """Follow what the background settles."""
        super().show_status()
        if self.is_mounted:
            self.flows.look_up("doubts", self._read)

    async def _read(self) -> None:
        rows = await self.till.lanes.ask(partial(read, self.till.shop))
        if rows == self._rows:
            return
        at = self.list.cursor
        self._rows = rows
        self.list.show(in_memory(rows), first=Page(rows))
        self.list.action_move(min(at, max(len(rows) - 1, 0)))
        self._show(self.list.row)

    def _may(self, deed: Deed) -> bool:
        row = self.list.row if self.is_mounted else None
        return row is not None and row.trouble is not None and deed in row.trouble.may

    @property
    def may_look(self) -> bool:
        """Whether asking the device helps."""
        return self._may(Deed.LOOK_AGAIN)

    @property
    def may_adopt(self) -> bool:
        """Whether there is a record to take."""
        return self._may(Deed.ADOPT)

    @property
    def may_send(self) -> bool:
        """Whether it may be filed after all."""
        return self._may(Deed.SEND_AGAIN)

    @property
    def may_write_off(self) -> bool:
        """Whether a correction may take its place."""
        return self._may(Deed.WRITE_OFF)

    @property
    def may_note(self) -> bool:
        """Whether the marked one is nobody's here."""
        row = self.list.row if self.is_mounted else None
        return row is not None and row.found is not None

    @on(RecordList.Marked)
    def _marked(self, message: RecordList.Marked) -> None:
        message.stop()
        self._show(message.row)

    def _show(self, row: Doubt | None) -> None:
        self.detail.say(*(_compared(row) if row else ()))
        self.show_keys()

    @on(RecordList.ReadFailed)
    def _failed(self, message: RecordList.ReadFailed) -> None:
        message.stop()
        self.refuse(message.error)

    def action_renew(self) -> None:
        """Read the list again."""
        self._rows = None
        self.flows.look_up("doubts", self._read)

    def action_look(self) -> None:
        """Ask the device about it at once."""
        self._with_marked(self._look)

    async def _look(self, number: str) -> None:
        shop, actor = self.till.shop, self.till.desk.require_actor()
        await self._do(
            number,
            lambda: fiscal_settle.look_again(shop, actor, number),
            told=f"The device is asked about {number}.",
        )

    def action_send(self) -> None:
        """File it after all."""
        self._with_marked(self._send)

    async def _send(self, number: str) -> None:
        shop, actor = self.till.shop, self.till.desk.require_actor()
        reason = await self._reason("Send again", f"Why may {number} be sent again?")
        if reason:
            await self._do(
                number,
                lambda: fiscal_settle.send_again(shop, actor, number, reason=reason),
                told=f"{number} goes out again once the device is proven not to have it.",
            )

    def action_write_off(self) -> None:
        """Leave it to its correction."""
        self._with_marked(self._write_off)

    async def _write_off(self, number: str) -> None:
        shop, actor = self.till.shop, self.till.desk.require_actor()
        dialog = Ask(
            "Corrected by",
            "Number of the receipt that takes its place",
            read=_named,
            explain=f"{number} will never be filed. Another receipt must stand for what was sold.",
            is_grave=True,
        )
        correction = await self.app.push_screen_wait(dialog)
        if not correction:
            return
        reason = await self._reason("Corrected by", f"Why can {number} not be filed?")
        if reason:
            await self._do(
                number,
                lambda: fiscal_settle.write_off(
                    shop, actor, number, correction=correction, reason=reason
                ),
                told=f"{correction} stands for {number}.",
            )

    def action_adopt(self) -> None:
        """Take the device's record, with a manager's approval."""
        self._with_marked(self._adopt)

    async def _adopt(self, number: str) -> None:
        till = self.till
        shop, actor = till.shop, till.desk.require_actor()
        row = self.list.row
        if row is None or row.trouble is None or row.trouble.found is None:
            return
        theirs = row.trouble.found
        question = (
            f"Compare the paper, the till and the device. Take device receipt "
            f"{theirs.receipt_global_no} of {fiscal_text.total(theirs)} as the fiscal record "
            f"of {number}? That cannot be taken back."
        )
        if not await self.app.push_screen_wait(Confirm("Adopt", question, yes="it is this sale")):
            return

        async def approve(user: str, pin: str, reason: str) -> tuple[Actor, str]:
            return await till.lanes.perform(
                f"approve {number}", lambda: (sign_in.with_pin(shop, user, pin), reason)
            )

        sentence = "Somebody else than who asks must have compared both and approve."
        given = await self.app.push_screen_wait(ApprovalDialog(sentence, approve))
        if given is None:
            self.tell("Not approved, so nothing was changed.", kind="warning")
            return
        approver, reason = given
        await self._do(
            number,
            lambda: fiscal_settle.adopt(shop, actor, number, reason=reason, approver=approver),
            told=f"{number} has the device's record now and is printed from it.",
        )

    def action_noted(self) -> None:
        """Note what a receipt of nobody here is."""
        self._with_marked(self._noted)

    async def _noted(self, number: str) -> None:
        shop, actor = self.till.shop, self.till.desk.require_actor()
        reason = await self._reason("Noted", f"Who filed {number}, and what is it?")
        if reason:
            await self._do(
                number,
                lambda: fiscal_settle.accept_found(shop, actor, number, reason=reason),
                told=f"{number} is noted.",
            )

    def _with_marked(self, story: Callable[[str], object]) -> None:
        row = self.list.row
        if row is not None:
            self.flows.run(f"settle {row.number}", partial(story, row.number))  # type: ignore[arg-type]

    async def _reason(self, title: str, label: str) -> str:
        answer = await self.app.push_screen_wait(Ask(title, label, read=_worded))
        return str(answer or "")

    async def _do(self, number: str, deed: Callable[[], None], *, told: str) -> None:
        await self.till.lanes.perform(f"settle {number}", deed)
        self.till.background.wake()
        self.tell(told, kind="good")
        await self._read()

    def action_back(self) -> None:
        """Back to the device."""
        self.dismiss(None)


def _compared(row: Doubt) -> list[Part]:
    state = row.state
    parts: list[Part] = [(f"{row.number}", "bold $primary"), f"  {state}\n"]
    if row.trouble is not None and row.trouble.reason:
        parts.append((f"{row.trouble.reason}\n", "bold"))
    parts.append((f"{ADVICE[state]}\n", "$text-muted"))
    if row.trouble is not None:
        trouble = row.trouble
        parts += fiscal_text.sides(trouble.asked, trouble.found)
        if trouble.resends:
            parts.append(f"Sent again {trouble.resends} times.\n")
    elif row.found is not None:
        side = row.found.side
        parts += fiscal_text.rows(
            (
                ("Kind", side.kind),
                ("Total", fiscal_text.total(side)),
                ("Device", side.device_id),
                ("Global no", str(side.receipt_global_no or "")),
                ("Fiscal day", str(row.found.fiscal_day or "")),
                ("Filed at", side.filed_at),
            )
        )
    return parts


def _worded(text: str) -> str:
    if not text or len(text) > 200:
        raise InvalidInput("Type the reason in a few words.")
    return text


def _named(text: str) -> str:
    if not text or len(text) > 50:
        raise InvalidInput("Type the number of the other receipt.")
    return text
