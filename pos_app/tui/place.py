"""What every place of the till has in common: its frame, its keys, and one voice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from pos_app.tui import status_facts
from pos_app.tui.bridge import told
from pos_app.tui.catalogue import EVERYWHERE, PLACES
from pos_app.tui.commands import Command, spoken
from pos_app.tui.flows import Flows
from pos_app.tui.scanner import Scanned
from pos_app.tui.widgets.bar import FactBar
from pos_app.tui.widgets.key_bar import KeyBar
from pos_app.tui.widgets.notice import Notice

if TYPE_CHECKING:
    from pos_app.tui.app import TillApp

HELP = "till.help"

WIDE = 110
"""From this many columns on, screens put things side by side."""


class Place(Screen[Any]):
    """One place of the till.

    Attributes:
        PLACE: its name in the catalogue of commands.
        HEADING: what the masthead calls it.
        SCANS: whether it does something with a scan.
        HOLDS_KEYS: whether keys are held back until it is clear that they are no scan; without it
            they come at once, and ``scanned`` has to undo what a scan typed.
    """

    PLACE: ClassVar[str] = ""
    HEADING: ClassVar[str] = ""
    SCANS: ClassVar[bool] = False
    HOLDS_KEYS: ClassVar[bool] = True
    AUTO_FOCUS = "EntryLine, RecordList"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - as Textual has it

    def __init__(self) -> None:
        super().__init__()
        self.flows = Flows(self, self.refuse)
        self.notice = Notice()
        self._masthead = FactBar("masthead")
        self._keys = KeyBar()
        self._status = FactBar("status")
        self._has_question = False

    @property
    def till(self) -> TillApp:
        """The application."""
        return cast("TillApp", self.app)

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands of this place, then those of all places."""
        return (*PLACES[self.PLACE], *PLACES[EVERYWHERE])

    @property
    def has_drawer(self) -> bool:
        """Whether this till can open a drawer."""
        return self.till.shop.rules.has_drawer

    def compose(self) -> ComposeResult:
        """Frame the place: masthead, body, notice, entry, keys, status."""
        yield self._masthead
        yield from self.body()
        yield self.notice
        yield from self.entry()
        yield self._keys
        yield self._status

    def body(self) -> ComposeResult:
        """What the place shows."""
        yield Widget()

    def entry(self) -> ComposeResult:
        """Where people type, below the notice."""
        yield from ()

    def tell(self, sentence: str, *, kind: str = "info") -> None:
        """Say one sentence on this place."""
        self.notice.tell(sentence, kind=kind)

    def refuse(self, error: BaseException) -> None:
        """Say why something was not done, and ring the bell."""
        self.app.bell()
        self.tell(told(error), kind="error")

    def is_valid(self, command: Command) -> bool:
        """Whether a command makes sense now, for the person who is signed in."""
        actor = self.till.actor
        if command.permission and not (actor and actor.may(command.permission)):
            return False
        holder = self.till if command.place == EVERYWHERE else self
        return not command.when or bool(getattr(holder, command.when))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse keys of commands that make no sense now."""
        for command in PLACES[self.PLACE]:
            if command.deed == action:
                return self.is_valid(command)
        return super().check_action(action, parameters)

    def valid_keys(self) -> list[tuple[str, Command]]:
        """Every command valid now, with its first key as it is printed on it."""
        keymap = self.till.keymap
        return [
            (" ".join(spoken(key) for key in command.keys_in(keymap)), command)
            for command in self.commands
            if self.is_valid(command)
        ]

    def show_keys(self) -> None:
        """Bring the key bar up to date."""
        valid = sorted(self.valid_keys(), key=lambda pair: pair[1].id != HELP)
        self._keys.show(
            [(keys.partition(" ")[0], row.label, row.weight) for keys, row in valid if row.weight]
        )

    def show_status(self) -> None:
        """Bring masthead and status line up to date; called every second and on changes."""
        self._masthead.show(*status_facts.masthead(self.till, self.HEADING))
        self._status.show(*status_facts.status_line(self.till))
        if self._has_question is not self.till.has_question:
            self._has_question = self.till.has_question
            self.show_keys()

    def on_screen_resume(self) -> None:
        """Come to the front; subclasses say what else in ``resumed``.

        The library calls a handler of every class, so handlers are not overridden here.
        """
        self.show_keys()
        self.show_status()
        self.resumed()
        if not self.flows.is_opening:
            self.till.release_keys()

    def resumed(self) -> None:
        """Do what has to be done when the place comes to the front."""

    async def opened(self) -> None:
        """Do what could not be done before the shop was open; keys typed ahead wait for it."""

    def on_scanned(self, message: Scanned) -> None:
        """Hand a scan to the place."""
        message.stop()
        self.scanned(message.code, message.at)

    def scanned(self, code: str, at: float) -> None:
        """Refuse a scan nobody here can use: with a sound, by name, and without losing it."""
        del at
        self.app.bell()
        self.till.refused_scans.append(code)
        self.tell(f"{code} was scanned but not sold: go back to the sale.", kind="warning")
