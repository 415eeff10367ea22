"""The till on a terminal: modes, theme, keys, scanner and lanes; what it sells it does not know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker

from pos_app.domain.lamp import Lamps
from pos_app.domain.permission import Actor
from pos_app.services import receipt, sign_in
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.tui.background import Background
from pos_app.tui.bridge import Lanes, Orphan
from pos_app.tui.catalogue import EVERYWHERE, PLACES, TILL
from pos_app.tui.commands import bindings, checked
from pos_app.tui.desk import Desk
from pos_app.tui.flows import Task
from pos_app.tui.pace import Pace
from pos_app.tui.place import Place
from pos_app.tui.scanner import ScanningApp
from pos_app.tui.theme import INK, THEME

DOOR, WORK = "door", "work"
TICK = 1.0


@dataclass(frozen=True, slots=True)
class LastReceipt:
    """The receipt whose lamps are watched from the sale screen."""

    posted: Posted
    lamps: Lamps


def _door() -> Screen[object]:
    from pos_app.tui.screens.sign_in import SignInScreen

    return SignInScreen()


def _work() -> Screen[object]:
    from pos_app.tui.screens.sale import SaleScreen

    return SaleScreen()


class TillApp(ScanningApp):
    """The screens of one till over the services of its shop.

    Args:
        shop: the till's store, clock, identities and rules.
        background: its fiscal, print and sync work; started after the first paint.
        keys: command id to key, where it differs from the default.
        scan_prefix: a key the scanner sends first, such as ``ctrl+b``; empty to judge by speed.
        scan_gap_ms: longest pause inside a scan.
        quick: number to item code for ``@1`` to ``@99``.

    Raises:
        ConfigInvalid: a key map names an unknown command or uses a key twice.
    """

    CSS_PATH = Path(__file__).with_name("app.tcss")
    TITLE = "POS"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[object]]]] = {DOOR: _door, WORK: _work}
    DEFAULT_MODE = DOOR
    COMMAND_PALETTE_BINDING = "ctrl+o"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(TILL, app=True)]

    class StatusChanged(Message):
        """A lamp or a queue may have changed; sent by the background, from any thread."""

    def __init__(
        self,
        shop: Shop,
        background: Background,
        keys: Mapping[str, str],
        *,
        scan_prefix: str = "",
        scan_gap_ms: int = 40,
        quick: Mapping[str, str] | None = None,
    ) -> None:
        self.keymap = checked(keys, PLACES, everywhere=EVERYWHERE)
        super().__init__(scan_prefix=scan_prefix, scan_gap_ms=scan_gap_ms)
        self.register_theme(THEME)
        self.theme = THEME.name
        self.shop = shop
        self.background = background
        self.quick = dict(quick or {})
        self.lanes = Lanes(self._on_orphan)
        self.desk = Desk(shop, self.lanes)
        self.pace = Pace(lambda: shop.today)
        self.last: LastReceipt | None = None
        self._unwatch: Callable[[], None] | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody works at the till."""
        return self.desk.actor is not None

    def on_mount(self) -> None:
        """Bind the keys, and let the background begin once something is on screen."""
        self.set_keymap(self.keymap)
        self._unwatch = self.background.watch(self._status_changed)
        self.call_after_refresh(self.background.start)
        self.set_interval(TICK, self._tick)

    async def on_unmount(self) -> None:
        """Let running commands end, then the background."""
        if self._unwatch is not None:
            self._unwatch()
        await self.lanes.close()
        await asyncio.to_thread(self.background.stop)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for whoever chooses another theme."""
        return {"ink": INK}

    def key_seen(self, at: float) -> None:
        """Measure from the key to the screen that shows what it did."""
        self.call_after_refresh(self.pace.painted, at)

    def enter(self, actor: Actor) -> None:
        """Let somebody who signed in work; a sale in progress is theirs now."""
        self.desk.actor = actor
        self.switch_mode(WORK)

    async def action_lock(self) -> None:
        """Lock the till; the sale in progress stays on the desk."""
        if self.lanes.is_busy or (isinstance(self.screen, Place) and self.screen.flows.is_busy):
            self.bell()  # a sale is being posted: locking between money and receipt helps nobody
            return
        actor, self.desk.actor = self.desk.actor, None
        self.switch_mode(DOOR)
        if actor is not None:
            await self.lanes.perform("sign out", lambda: sign_in.sign_out(self.shop, actor))

    def action_help(self) -> None:
        """Show the keys of the place in front."""
        from pos_app.tui.screens.help import HelpScreen

        place = self.screen
        if isinstance(place, Place) and not isinstance(place, HelpScreen):
            self.push_screen(HelpScreen(place.HEADING, place.valid_keys()))
        else:
            self.bell()

    def action_leave(self) -> None:
        """End the program when nothing would be lost."""
        place = self.screen
        if not isinstance(place, Place):
            self.bell()
        elif self.desk.has_lines or self.lanes.is_busy:
            self.bell()
            place.tell("A sale is in progress: park, finish or cancel it first.", kind="error")
        else:
            place.flows.run("leave", self._leave)

    async def _leave(self) -> None:
        from pos_app.tui.widgets.dialog import Confirm

        question = "End the program? Fiscal receipts, printing and syncing wait until it is back."
        if await self.push_screen_wait(Confirm("Leave", question, yes="end it")):
            self.exit()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer in the palette what the keys offer, and nothing else."""
        if not isinstance(screen, Place):
            return
        for keys, command in screen.valid_keys():
            holder = self if command.place == EVERYWHERE else screen
            action = getattr(holder, f"action_{command.deed}", None)
            if action is not None:
                name = command.label or command.deed.replace("_", " ").capitalize()
                yield SystemCommand(f"{name}  ({keys})", command.help, action)

    def posted(self, done: Posted) -> None:
        """Remember a sale whose lamps are to be watched, and let the background begin with it."""
        self.last = LastReceipt(done, Lamps())
        self.background.wake()
        self._look_at_lamps()

    def _status_changed(self) -> None:
        self.post_message(self.StatusChanged())

    def on_till_app_status_changed(self) -> None:
        """Bring lamps and queues on screen up to date."""
        self._look_at_lamps()
        self._show_status()

    def _tick(self) -> None:
        self._look_at_lamps()
        self._show_status()

    def _show_status(self) -> None:
        if isinstance(self.screen, Place):
            self.screen.show_status()

    def _look_at_lamps(self) -> None:
        if self.last is not None and not self.last.lamps.are_all_done:
            read: Task = partial(self._read_lamps, self.last)
            _: Worker[None] = self.run_worker(
                read, group="lamps", exclusive=True, exit_on_error=False
            )

    async def _read_lamps(self, last: LastReceipt) -> None:
        lamps = await self.lanes.ask(lambda: receipt.lamps(self.shop, last.posted.sale_id))
        if self.last is not None and self.last.posted is last.posted and lamps != self.last.lamps:
            self.last = LastReceipt(last.posted, lamps)
            self._show_status()

    def _on_orphan(self, orphan: Orphan) -> None:
        if isinstance(orphan.result, Posted):
            self.posted(orphan.result)
        if orphan.error is not None:
            self.bell()
            self.notify(orphan.sentence, severity="error", timeout=60, markup=False)
