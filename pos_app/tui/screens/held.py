"""Parked sales, to be taken up again."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from pos_app.services import hold
from pos_app.services.hold import Held
from pos_app.tui import catalogue
from pos_app.tui.commands import bindings
from pos_app.tui.place import Place
from pos_app.tui.plain import amount, remaining, since
from pos_app.tui.widgets.pages import Page, in_memory
from pos_app.tui.widgets.record_list import RecordList
from pos_app.tui.widgets.strips import Column


class HeldScreen(Place):
    """Every parked sale; dismissed with the one to recall, or None."""

    PLACE = "held"
    HEADING = "Recall"
    CSS_PATH = "held.tcss"
    AUTO_FOCUS = "RecordList"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue.HELD)]

    def body(self) -> ComposeResult:
        """The list."""
        self.list: RecordList[Held] = RecordList(
            self._columns(), self.till.lanes.ask,
            empty="No sale is parked: F5 on the sale screen parks one.",
        )  # fmt: skip
        yield self.list

    def _columns(self) -> tuple[Column[Held], ...]:
        now = self.till.shop.clock.now

        def reserved(row: Held) -> str:
            if not row.is_reserved or row.reserved_until is None:
                return "released"
            return f"for {remaining(row.reserved_until, now())}"

        return (
            Column("Parked", 8, lambda row: since(row.held_at, now()), align="right"),
            Column("Note", 0, lambda row: row.note or "-", style=lambda _: "strong"),
            Column("Customer", 22, lambda row: row.partner, least=90),
            Column("By", 12, lambda row: row.username, style=lambda _: "muted"),
            Column("Lines", 6, lambda row: row.line_count, align="right"),
            Column("Total", 16, lambda row: f"{amount(row.total)} {row.total.currency}",
                   align="right", style=lambda _: "strong"),
            Column("Reserved", 12, reserved,
                   style=lambda row: "good" if row.is_reserved else "warning"),
        )  # fmt: skip

    def on_mount(self) -> None:
        """Read the list."""
        self.flows.open("held", self._read)

    async def _read(self) -> None:
        rows = await self.till.lanes.ask(lambda: hold.list_held(self.till.shop))
        self.list.show(in_memory(rows), first=Page(tuple(rows)))

    @on(RecordList.Chosen)
    def _chosen(self, message: RecordList.Chosen) -> None:
        message.stop()
        self.dismiss(message.row)

    def action_choose(self) -> None:
        """Recall the marked sale."""
        self.list.action_choose()

    def action_back(self) -> None:
        """Back to the sale."""
        self.dismiss(None)
