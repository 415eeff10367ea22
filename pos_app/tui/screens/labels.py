"""Labels that are due, on their way, and printed; each stays until it is on the shelf."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from pos_app.domain.label import (
    MAY_BE_ASKED,
    MAY_BE_CANCELLED,
    MAY_BE_CONFIRMED,
    Facts,
    LabelCause,
    LabelState,
)
from pos_app.errors import InvalidInput
from pos_app.services.label import queue
from pos_app.services.label.queue import Label
from pos_app.tui import catalogue_label
from pos_app.tui.commands import bindings
from pos_app.tui.place import Place
from pos_app.tui.plain import count_of, price, since
from pos_app.tui.widgets.dialog import Ask, Confirm
from pos_app.tui.widgets.pages import Page, in_memory
from pos_app.tui.widgets.record_list import RecordList
from pos_app.tui.widgets.strips import Column
from pos_app.tui.widgets.text import Text

FILTERS: tuple[tuple[LabelCause | None, str], ...] = (
    (None, "all"),
    (LabelCause.PRICE, "new prices"),
    (LabelCause.NEW, "new goods"),
    (LabelCause.TEXT, "new names and barcodes"),
)
STYLES = {
    LabelState.DUE: "warning",
    LabelState.ASKED: "strong",
    LabelState.SENT: "strong",
    LabelState.PRINTED: "good",
    LabelState.UNSURE: "bad",
}
WORDS = {
    LabelState.DUE: "due",
    LabelState.ASKED: "waits",
    LabelState.SENT: "printing",
    LabelState.PRINTED: "printed",
    LabelState.UNSURE: "came out?",
}


class LabelsScreen(Place):
    """Every label somebody has to do something with."""

    PLACE = "labels"
    HEADING = "Labels"
    CSS_PATH = "labels.tcss"
    AUTO_FOCUS = "RecordList"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue_label.LABELS)]

    def __init__(self) -> None:
        super().__init__()
        self.intro = Text(id="intro")
        self.detail = Text(id="detail")
        self._filter = 0
        self._rows: tuple[Label, ...] | None = None
        self._told: tuple[Label, ...] | None = None

    def body(self) -> ComposeResult:
        """What is shown, the list, and what is to be known of the marked one."""
        now = self.till.shop.clock.now
        columns: tuple[Column[Label], ...] = (
            Column("Item", 12, lambda row: row.item, style=lambda _: "muted"),
            Column("Name", 0, lambda row: row.now.name, style=lambda _: "strong"),
            Column("Shelf shows", 24, lambda row: _prices(row.was), align="right", least=100),
            Column("Should show", 24, lambda row: _prices(row.now), align="right"),
            Column("For", 5, lambda row: row.cause.value, style=lambda _: "muted"),
            Column("Since", 7, lambda row: since(row.due_at, now()), align="right"),
            Column("State", 9, lambda row: WORDS[row.state], style=lambda row: STYLES[row.state]),
        )
        self.list: RecordList[Label] = RecordList(
            columns, self.till.lanes.ask,
            empty="No label is due: every shelf shows what the books say.",
        )  # fmt: skip
        yield self.intro
        yield self.list
        yield self.detail

    def on_mount(self) -> None:
        """Compare the books with the shelves, then read the list."""
        self.flows.run("renew", self._renew)

    def show_status(self) -> None:
        """Follow what the label printer does."""
        super().show_status()
        if self.is_mounted and not self.flows.is_running("renew"):
            self.flows.look_up("labels", self._read)

    async def _renew(self) -> None:
        self.tell("Comparing the books with the shelves …")
        await self.till.lanes.perform("labels", partial(queue.refresh, self.till.shop))
        self.notice.clear()
        await self._read()

    async def _read(self) -> None:
        actor = self.till.desk.require_actor()
        rows = await self.till.lanes.ask(lambda: queue.due(self.till.shop, actor))
        if rows == self._told:
            return
        self._told = rows
        self._show()

    def _show(self) -> None:
        cause, name = FILTERS[self._filter]
        rows = tuple(row for row in self._told or () if cause is None or row.cause is cause)
        at, self._rows = self.list.cursor, rows
        self.list.show(in_memory(rows), first=Page(rows))
        self.list.action_move(min(at, max(len(rows) - 1, 0)))
        states = [row.state for row in rows]
        parts = [f"{states.count(state)} {WORDS[state]}" for state in WORDS if state in states]
        self.intro.say(f"Showing {name}: {count_of(len(rows), 'label')}. {', '.join(parts)}")
        self._explain()

    @on(RecordList.Marked)
    def _marked(self, message: RecordList.Marked) -> None:
        message.stop()
        self._explain()

    def _explain(self) -> None:
        row = self.marked
        self.detail.say("" if row is None else row.problem or _words(row))
        self.show_keys()

    @property
    def marked(self) -> Label | None:
        """The marked label."""
        return self.list.row if self.is_mounted else None

    @property
    def may_print(self) -> bool:
        """Whether the marked label can be printed."""
        return self.marked is not None and self.marked.state in MAY_BE_ASKED

    @property
    def may_confirm(self) -> bool:
        """Whether the marked label can be on the shelf."""
        return self.marked is not None and self.marked.state in MAY_BE_CONFIRMED

    @property
    def may_cancel(self) -> bool:
        """Whether the marked label can be given up."""
        return self.marked is not None and self.marked.state in MAY_BE_CANCELLED

    @property
    def has_due(self) -> bool:
        """Whether a label shown is due."""
        return any(row.state is LabelState.DUE for row in self._rows or ())

    @property
    def has_printed(self) -> bool:
        """Whether a label shown is printed."""
        return any(row.state is LabelState.PRINTED for row in self._rows or ())

    def action_filter(self) -> None:
        """Show what changed in another way."""
        self._filter = (self._filter + 1) % len(FILTERS)
        self._show()

    def action_renew(self) -> None:
        """Compare again."""
        self.flows.run("renew", self._renew)

    def action_print(self) -> None:
        """Print the marked label."""
        if self.marked is not None:
            self.flows.run("print", partial(self._print, [self.marked]))

    def action_print_all(self) -> None:
        """Print what is due and shown."""
        rows = [row for row in self._rows or () if row.state is LabelState.DUE]
        self.flows.run("print", partial(self._print, rows))

    async def _print(self, rows: Sequence[Label]) -> None:
        till, actor = self.till, self.till.desk.require_actor()
        ids = [row.id for row in rows]
        await till.lanes.perform("labels", lambda: queue.ask(till.shop, actor, ids))
        till.background.wake()
        await self._read()
        self.tell(f"{count_of(len(ids), 'label')} on the way to the label printer.", kind="good")

    def action_by_hand(self) -> None:
        """Print a label of any item."""
        self.flows.open("by hand", self._by_hand)

    async def _by_hand(self) -> None:
        asked = await self.app.push_screen_wait(
            Ask("Label by hand", "Item code; 3*code for three; code 0.555 for a weighed pack",
                read=read_wish)
        )  # fmt: skip
        if asked is None:
            return
        till, actor, (code, copies, weight) = self.till, self.till.desk.require_actor(), asked

        def run() -> str:
            return queue.by_hand(till.shop, actor, code, copies=copies, weight=weight)

        await till.lanes.perform("labels", run)
        till.background.wake()
        self.tell(f"The label of {code} is on the way to the label printer.", kind="good")

    def action_confirm(self) -> None:
        """The marked label is on the shelf."""
        if self.marked is not None:
            self.flows.run("confirm", partial(self._confirm, [self.marked]))

    def action_confirm_all(self) -> None:
        """Every printed one is."""
        self.flows.open("confirm", self._confirm_all)

    async def _confirm_all(self) -> None:
        rows = [row for row in self._rows or () if row.state is LabelState.PRINTED]
        question = f"Is every printed label on its shelf ({count_of(len(rows), 'label')})?"
        if await self.app.push_screen_wait(Confirm("On the shelf", question, yes="all are")):
            await self._confirm(rows)

    async def _confirm(self, rows: Sequence[Label]) -> None:
        till, actor = self.till, self.till.desk.require_actor()
        ids = [row.id for row in rows]
        await till.lanes.perform("labels", lambda: queue.confirm(till.shop, actor, ids))
        await self._read()
        self.tell(f"{count_of(len(ids), 'label')} on the shelf.", kind="good")

    def action_cancel(self) -> None:
        """The marked label is not needed."""
        if self.marked is not None:
            self.flows.open("cancel", partial(self._cancel, self.marked))

    async def _cancel(self, row: Label) -> None:
        title = f"No label for {row.item}"
        reason = await self.app.push_screen_wait(
            Ask(title, "Why not? The shelf then counts as right.", read=_reason, is_grave=True)
        )
        if reason is None:
            return
        till, actor = self.till, self.till.desk.require_actor()
        await till.lanes.perform(
            "labels", lambda: queue.cancel(till.shop, actor, [row.id], reason=reason)
        )
        await self._read()
        self.tell(f"The label of {row.item} was cancelled.")

    def action_back(self) -> None:
        """Back to the sale."""
        self.dismiss(None)


def read_wish(text: str) -> tuple[str, int, Decimal | None]:
    """What somebody typed: a code, how many, and the weight of a pack.

    Raises:
        InvalidInput: it is none of these.
    """
    count, star, rest = text.partition("*")
    code, _, weight = (rest if star else text).strip().partition(" ")
    try:
        copies = int(count) if star else 1
        pack = Decimal(weight.strip().removesuffix("kg").strip()) if weight.strip() else None
    except (ValueError, ArithmeticError) as error:
        raise InvalidInput("Type a code, 3*code for three, or code 0.555 for a pack.") from error
    if not code or (pack is not None and not pack.is_finite()):
        raise InvalidInput("Type a code, 3*code for three, or code 0.555 for a pack.")
    return code, copies, pack


def _reason(text: str) -> str:
    if not text:
        raise InvalidInput("Type in a few words why no label is needed.")
    return text


def _prices(facts: Facts | None) -> str:
    if facts is None:
        return "-"
    return "  ".join(f"{price(Decimal(text))} {code}" for code, text in facts.prices.items())


def _words(row: Label) -> str:
    """What else has changed, where a price does not tell it."""
    if row.was is None:
        return f"{row.now.name} is new here."
    if row.was.name != row.now.name:
        return f"The shelf says {row.was.name}."
    if row.was.barcode != row.now.barcode:
        return f"The shelf has barcode {row.was.barcode or 'none'}, it is {row.now.barcode} now."
    return ""
