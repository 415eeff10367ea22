"""The fiscal device: how it stands, what it says when it is asked, and what to do about it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll

from pos_app.domain.fiscal_proxy import FiscalDeviceHeld
from pos_app.errors import InvalidInput
from pos_app.services import fiscal_panel, fiscal_settle
from pos_app.services.fiscal_panel import Asked, Panel
from pos_app.tui import catalogue_fiscal, fiscal_text
from pos_app.tui.commands import bindings
from pos_app.tui.place import Place
from pos_app.tui.widgets.dialog import Ask
from pos_app.tui.widgets.text import Text

LOOK_SECONDS = 5.0


class FiscalScreen(Place):
    """The device panel; it follows what the background sees."""

    PLACE = "fiscal"
    HEADING = "Fiscal device"
    CSS_PATH = "fiscal.tcss"
    AUTO_FOCUS = "#facts"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue_fiscal.FISCAL)]

    def __init__(self) -> None:
        super().__init__()
        self.verdict = Text(id="verdict")
        self.facts = Text()
        self.answers = Text()
        self.panel: Panel | None = None
        self._asked: Asked | None = None

    def body(self) -> ComposeResult:
        """The verdict on top; what is known on the left, what the device says on the right."""
        yield self.verdict
        with Container(id="device"):
            with VerticalScroll(id="facts"):
                yield self.facts
            with VerticalScroll(id="answers"):
                yield self.answers

    @property
    def has_device(self) -> bool:
        """Whether there is one to ask."""
        return self.is_mounted and self.till.fiscal is not None

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is sent to the device until somebody has looked."""
        return self.panel is not None and bool(self.panel.standing.stop)

    def resumed(self) -> None:
        """Read how it stands, and the first time ask the device itself."""
        self.flows.look_up("panel", self._read)
        if self._asked is None and self.has_device:
            self.flows.run("ask", self._ask)

    def show_status(self) -> None:
        """Follow what the background sees."""
        super().show_status()
        self.flows.look_up("panel", self._read)

    async def _read(self) -> None:
        till, was = self.till, self.is_stopped
        panel = await till.lanes.ask(partial(fiscal_panel.panel, till.shop))
        self.panel = panel
        zone, now = till.shop.rules.zone, till.shop.clock.now()
        self.verdict.say(*fiscal_text.heading(panel))
        self.facts.say(
            *fiscal_text.device(panel, zone=zone, now=now),
            "\n", *fiscal_text.day_standing(panel.standing.day, zone=zone),
        )  # fmt: skip
        self.answers.say(*fiscal_text.answers(self._asked, zone=zone))
        if was != self.is_stopped:
            self.show_keys()

    def action_ask(self) -> None:
        """Read card, licence and backlog now."""
        self.flows.run("ask", self._ask)

    async def _ask(self) -> None:
        way, shop = self.till.fiscal, self.till.shop
        if way is None:
            return

        def read() -> Asked:
            with way.look(LOOK_SECONDS) as device:
                if device is None:
                    raise FiscalDeviceHeld
                return fiscal_panel.ask(shop, device)

        self.tell("Asking the device …")
        self._asked = await self.till.lanes.ask(read)
        self.notice.clear()
        await self._read()

    def action_accept(self) -> None:
        """Go on with a device the till has stopped for."""
        self.flows.run("accept", self._accept)

    async def _accept(self) -> None:
        till = self.till
        actor = till.desk.require_actor()
        stop = self.panel.standing.stop if self.panel else ""
        dialog = Ask(
            "Go on with this device",
            "Who filed these receipts, or who set the device back?",
            read=_reason,
            explain=f"{stop} What it holds now counts as accounted for from here on.",
            is_grave=True,
        )
        reason = await self.app.push_screen_wait(dialog)
        if reason is None:
            return
        await till.lanes.perform(
            "accept device",
            lambda: fiscal_settle.accept_device(till.shop, actor, reason=str(reason)),
        )
        till.background.wake()
        self.tell("The till goes on with the device.", kind="good")
        await self._read()

    def action_doubts(self) -> None:
        """Look at the receipts in doubt."""
        self.flows.open("doubts", self._doubts)

    async def _doubts(self) -> None:
        from pos_app.tui.screens.doubts import DoubtsScreen

        await self.app.push_screen_wait(DoubtsScreen())

    def action_day(self) -> None:
        """Look at the fiscal day."""
        self.flows.open("day", self._day)

    async def _day(self) -> None:
        from pos_app.tui.screens.fiscal_day import FiscalDayScreen

        await self.app.push_screen_wait(FiscalDayScreen())

    def action_back(self) -> None:
        """Back to the shift."""
        self.dismiss(None)


def _reason(text: str) -> str:
    if not text or len(text) > 200:
        raise InvalidInput("Type in a few words who did it and why it is in order.")
    return text
