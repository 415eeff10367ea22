"""The till on a terminal: modes, theme, keys, scanner and lanes; what it sells it does not know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker

from pos_app.config_file import Glance
from pos_app.errors import Unavailable
from pos_app.tui.background import Background
from pos_app.tui.bridge import Lanes, Orphan
from pos_app.tui.catalogue import EVERYWHERE, LEAVE, PLACES, TILL
from pos_app.tui.commands import bindings, checked
from pos_app.tui.flows import Task
from pos_app.tui.interior import Interior
from pos_app.tui.pace import Pace, moment
from pos_app.tui.place import Place
from pos_app.tui.scanner import ScanningApp
from pos_app.tui.theme import INK, THEME

if TYPE_CHECKING:
    from pos_app.domain.lamp import Lamps
    from pos_app.domain.money import Money
    from pos_app.domain.permission import Actor
    from pos_app.domain.sale import Sale
    from pos_app.services.sale import Posted
    from pos_app.services.shop import Shop
    from pos_app.tui.desk import Desk
    from pos_app.tui.fiscal_way import FiscalWay
    from pos_app.tui.interior import Elsewhere
    from pos_app.tui.printer_way import PrinterWay

DOOR, WORK = "door", "work"
OPENING = "open the till"
TICK = 1.0
HERE = Path(__file__).parent


class StillOpening(Unavailable):
    """Something was asked of the shop before it stood behind the door."""

    code = "still_opening"

    def __init__(self) -> None:
        super().__init__("The till is still being opened: wait a moment.")


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

    The door is painted first, from next to nothing. The shop is opened behind it, on the lane of
    the commands; keys typed ahead wait for it, and when it cannot be opened the program ends.

    Args:
        glance: whose till this is, and its keys.
        open_shop: opens what stands behind the door; called once, on a thread, after the first
            paint.

    Attributes:
        failure: why the shop could not be opened.

    Raises:
        ConfigInvalid: a key map names an unknown command or uses a key twice.
    """

    CSS_PATH: ClassVar[list[str | PurePath]] = [HERE / "app.tcss", HERE / "screens/sign_in.tcss"]
    TITLE = "POS"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[object]]]] = {DOOR: _door, WORK: _work}
    DEFAULT_MODE = DOOR
    COMMAND_PALETTE_BINDING = "ctrl+o"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(TILL, app=True)]

    class StatusChanged(Message):
        """A lamp or a queue may have changed; sent by the background, from any thread."""

    def __init__(self, glance: Glance, open_shop: Callable[[], Interior]) -> None:
        self.keymap = checked(glance.keys, PLACES, everywhere=EVERYWHERE)
        super().__init__(scan_prefix=glance.scan_prefix, scan_gap_ms=glance.scan_gap_ms)
        self._put_on_theme()
        self.glance = glance
        self.lanes = Lanes(self._on_orphan)
        self.pace = Pace(lambda: self.shop.today)
        self.last: LastReceipt | None = None
        self.failure: BaseException | None = None
        self._open_shop = open_shop
        self._interior: Interior | None = None
        self._open_since = 0.0
        self._desk: Desk | None = None
        self._unwatch: Callable[[], None] | None = None

    def _put_on_theme(self) -> None:
        """Wear our colours from the start: to change them reads every style sheet twice more."""
        self.register_theme(THEME)
        self.set_reactive(App.theme, THEME.name)
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def is_open(self) -> bool:
        """Whether the shop stands behind the door."""
        return self._interior is not None

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody works at the till."""
        return self.actor is not None

    @property
    def actor(self) -> Actor | None:
        """Who works at the till."""
        return None if self._desk is None else self._desk.actor

    @property
    def desk(self) -> Desk:
        """Where the one open sale lies; raises StillOpening."""
        if self._desk is None:
            raise StillOpening
        return self._desk

    @property
    def shop(self) -> Shop:
        """The till's store, clock, identities and rules; raises StillOpening."""
        return self._inside.shop

    @property
    def background(self) -> Background:
        """The till's fiscal, print and sync work; raises StillOpening."""
        return self._inside.background

    @property
    def quick(self) -> Mapping[str, str]:
        """Number to item code for ``@1`` to ``@99``; raises StillOpening."""
        return self._inside.quick

    @property
    def fiscal(self) -> FiscalWay | None:
        """The way to the fiscal device, None without one; raises StillOpening."""
        return self._inside.fiscal

    @property
    def bench(self) -> PrinterWay | None:
        """Where the printer is set up, None where that cannot be; raises StillOpening."""
        return self._inside.bench

    def receipts(self) -> Elsewhere | None:
        """Where the server is asked for receipts and its side of a day; raises StillOpening."""
        return self._inside.receipts()

    @property
    def _inside(self) -> Interior:
        if self._interior is None:
            raise StillOpening
        return self._interior

    def on_mount(self) -> None:
        """Bind the keys, and open the shop once the door is on screen."""
        self.set_keymap(self.keymap)
        self.set_interval(TICK, self._tick)
        if self._interior is None:
            self.hold_keys_until_open()
            self.call_after_refresh(self._begin_to_open)
        else:
            self._begin_to_work(self._interior)

    def _begin_to_open(self) -> None:
        _: Worker[None] = self.run_worker(self._open, group=OPENING, exit_on_error=False)

    async def _open(self) -> None:
        try:
            interior = await self.lanes.perform(OPENING, self._open_shop)
        except Exception as error:  # noqa: BLE001 - handed to whoever runs the application
            self.failure = error
            self.exit()
            return
        self.furnish(interior)
        self._begin_to_work(interior)
        if isinstance(self.screen, Place):
            await self.screen.opened()
        self.release_keys_now_open()

    def furnish(self, interior: Interior) -> None:
        """Put the shop behind the door, before the application runs or while it does."""
        from pos_app.tui.desk import Desk

        self._interior, self._open_since = interior, moment()
        self._desk = Desk(interior.shop, self.lanes)

    def _begin_to_work(self, interior: Interior) -> None:
        self._unwatch = interior.background.watch(self._status_changed)
        self.call_after_refresh(interior.background.start)

    async def on_unmount(self) -> None:
        """Let running commands end, then the background."""
        if self._unwatch is not None:
            self._unwatch()
        await self.lanes.close()
        if self._interior is not None:
            await asyncio.to_thread(self._interior.background.stop)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for whoever chooses another theme."""
        return {"ink": INK}

    def key_seen(self, at: float) -> None:
        """Measure from the key to the screen that shows what it did."""
        if self.is_open and at >= self._open_since:  # what was typed ahead waited, not the screen
            self.call_after_refresh(self.pace.painted, at)

    def is_urgent(self, key: str) -> bool:
        """Whether a key is not kept waiting while the till is being opened: it ends the program."""
        leave = next(command for command in TILL if command.id == LEAVE)
        return key in leave.keys_in(self.keymap)

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
            from pos_app.services import sign_in

            await self.lanes.perform("sign out", lambda: sign_in.sign_out(self.shop, actor))

    def action_help(self) -> None:
        """Show the keys of the place in front."""
        from pos_app.tui.screens.help import HelpScreen

        place = self.screen
        if isinstance(place, Place) and not isinstance(place, HelpScreen):
            self.push_screen(HelpScreen(place.HEADING, place.valid_keys()))
        else:
            self.bell()

    @property
    def has_question(self) -> bool:
        """Whether there is a paper nobody can prove."""
        return self.is_open and self.background.snapshot().asked is not None

    def action_paper(self) -> None:
        """Ask whether the paper in question came out."""
        from pos_app.tui import print_question

        place = self.screen
        if isinstance(place, Place) and self.is_signed_in and self.has_question:
            place.flows.run("paper", partial(print_question.oldest, place))
        else:
            self.bell()

    def action_leave(self) -> None:
        """End the program when nothing would be lost."""
        place = self.screen
        if not isinstance(place, Place):
            self.bell()
        elif not self.is_open:
            place.tell("Ending …")
            self.call_after_refresh(self.exit)  # nobody could do anything yet: nothing to ask
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
        from pos_app.domain.lamp import Lamps

        self.last = LastReceipt(done, Lamps())
        if self._inside.customer is not None:
            from pos_app.services import display_text

            self._inside.customer.finish(display_text.of_end(self.shop, done))
        self.background.wake()
        self._look_at_lamps()

    def show_customer(self) -> None:
        """Let the customer see the line that came last and the total, or the greeting."""
        customer, sale = self._inside.customer, self.desk.sale
        if customer is None:
            return
        if sale is None or sale.is_empty:
            customer.greet()
            return
        from pos_app.services import display_text

        customer.show(display_text.of_sale(self.shop, sale))

    def show_customer_due(self, sale: Sale, due: Sequence[Money], *, is_begun: bool) -> None:
        """Let the customer see what is to pay."""
        customer = self._inside.customer
        if customer is not None:
            from pos_app.services import display_text

            text = display_text.of_tender(self.shop, sale, due, is_begun=is_begun)
            customer.show(text)

    def _status_changed(self) -> None:
        self.post_message(self.StatusChanged())

    def on_till_app_status_changed(self) -> None:
        """Bring lamps and queues on screen up to date."""
        self._look_at_lamps()
        self._show_status()

    def _tick(self) -> None:
        if self.screen_stack:  # the clock may strike once more while the last screen goes
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
        from pos_app.services import receipt

        lamps = await self.lanes.ask(lambda: receipt.lamps(self.shop, last.posted.sale_id))
        if self.last is not None and self.last.posted is last.posted and lamps != self.last.lamps:
            self.last = LastReceipt(last.posted, lamps)
            self._show_status()

    def _on_orphan(self, orphan: Orphan) -> None:
        if orphan.name == OPENING:  # somebody left meanwhile
            self.failure = orphan.error
            return
        from pos_app.services.sale import Posted

        if isinstance(orphan.result, Posted):
            self.posted(orphan.result)
        if orphan.error is not None:
            self.bell()
            self.notify(orphan.sentence, severity="error", timeout=60, markup=False)
