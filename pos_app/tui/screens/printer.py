"""Set a printer up: choose it, try it with test papers, and write down what they taught."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from pos_app.services import printer_setup
from pos_app.services.printer_setup import Choice
from pos_app.tui import catalogue_printer, printer_text
from pos_app.tui.commands import bindings
from pos_app.tui.place import Place
from pos_app.tui.printer_way import PrinterWay
from pos_app.tui.widgets.dialog import Ask, Choose, Confirm
from pos_app.tui.widgets.text import Text
from printing import trial
from printing.trial import Trial

PORTS_MOST = 8
OTHER = "another address, typed in"


class PrinterScreen(Place):
    """The printer as it is set and as it would be; nothing is written before it is confirmed."""

    PLACE = "printer"
    HEADING = "Printer set-up"
    CSS_PATH = "printer.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue_printer.PRINTER)]

    def __init__(self, way: PrinterWay) -> None:
        super().__init__()
        self.way = way
        self.shown = Text()
        self.saved: Choice | None = None
        self.choice = Choice()
        self.tried: dict[Trial, str] = {}

    def body(self) -> ComposeResult:
        """The printer, its settings, and what the test papers said."""
        with VerticalScroll(id="printer", can_focus=False):
            yield self.shown

    @property
    def has_address(self) -> bool:
        """Whether there is a printer to try."""
        return bool(self.choice.url)

    @property
    def is_changed(self) -> bool:
        """Whether something is not written down yet."""
        return self.saved is not None and bool(self._differences())

    def on_mount(self) -> None:
        """Read what is set now."""
        self.flows.open("read", self._read)

    async def _read(self) -> None:
        self.saved = self.choice = await self.till.lanes.ask(self.way.current)
        self._show()

    def _differences(self) -> list[str]:
        return [] if self.saved is None else printer_setup.differences(self.saved, self.choice)

    def _show(self) -> None:
        self.shown.say(*printer_text.shown(self.choice, self.tried, self._differences()))
        self.show_keys()

    def _take(self, choice: Choice) -> None:
        printer_setup.rules_of(choice)
        self.choice = choice
        self._show()

    def action_address(self) -> None:
        """Choose where the printer is."""
        self.flows.run("address", self._address)

    async def _address(self) -> None:
        found = (await self.till.lanes.ask(self.way.ports))[:PORTS_MOST]
        options = [*(f"{port.address}  {port.name}" for port in found), OTHER]
        number = await self.app.push_screen_wait(Choose("Where is the printer?", options))
        if number is None:
            return
        if number < len(found):
            url = found[number].address
        else:
            url = await self._typed_address()
        if url:
            self._take(replace(self.choice, url=url))
            self.tell("Now choose the profile, then print the ruler.")

    async def _typed_address(self) -> str:
        def read(text: str) -> str:
            return printer_setup.rules_of(replace(self.choice, url=text)).url

        dialog = Ask(
            "Address of the printer", "Address", read=read, value=self.choice.url,
            explain="A device such as /dev/usb/lp0 or COM3, tcp://192.0.2.11:9100, or "
            "rfc2217://192.0.2.10:4001; for a serial line also ?baud=9600&flow=rtscts.",
        )  # fmt: skip
        return str(await self.app.push_screen_wait(dialog) or "")

    def action_profile(self) -> None:
        """Choose the kind of printer."""
        self.flows.run("profile", self._profile)

    async def _profile(self) -> None:
        names = self.way.profiles
        number = await self.app.push_screen_wait(Choose("What kind of printer is it?", names))
        if number is None or names[number] == self.choice.profile:
            return
        # What was learnt of the other kind need not be true of this one.
        self.choice = replace(self.choice, profile=names[number], settings={})
        self.tried.clear()
        self._show()
        self.tell("Print the test papers: each corrects one setting of the profile.")

    def action_ask(self) -> None:
        """Ask the printer how it is."""
        self.flows.run("ask", self._ask)

    async def _ask(self) -> None:
        self.tell("Asking the printer …")
        status = await self.till.lanes.perform("printer", partial(self.way.ask, self.choice))
        self.tell(printer_text.status(status, self.choice))

    def action_ruler(self) -> None:
        """Print the ruler."""
        self._try(Trial.RULER)

    def action_codepage(self) -> None:
        """Print the code pages."""
        self._try(Trial.CODEPAGE)

    def action_qr(self) -> None:
        """Print the QR codes."""
        self._try(Trial.QR)

    def action_cutter(self) -> None:
        """Print the cut."""
        self._try(Trial.CUTTER)

    def action_drawer(self) -> None:
        """Open the drawer."""
        self._try(Trial.DRAWER)

    def _try(self, kind: Trial) -> None:
        self.flows.run("try", partial(self._tried, kind))

    async def _tried(self, kind: Trial) -> None:
        """Print, ask until the answer says something, and keep what it teaches."""
        till, choice = self.till, self.choice
        actor = till.desk.require_actor()
        self.tell("Printing …")
        attempt = partial(self.way.attempt, choice, kind, by=actor.username)
        seen = await till.lanes.perform("printer", attempt)
        if not seen.is_out:
            raise printer_setup.NoPaper(seen.sentence)
        self.notice.clear()
        asked = trial.question(kind)
        dialog = Ask(
            printer_text.NAMES[kind],
            f"{asked.text} ({asked.answers})",
            read=lambda text: printer_setup.taught(choice, kind, text, seen),
            explain=seen.sentence,
        )
        learnt = await self.app.push_screen_wait(dialog)
        if not isinstance(learnt, Choice):
            self.tell("Without an answer nothing was learnt from this paper.")
            return
        lines = printer_setup.differences(choice, learnt)
        self.tried[kind] = ", ".join(lines) or "as the settings have it"
        self.choice = learnt
        self._show()
        self.tell(printer_text.learnt(kind, lines), kind="good")

    def action_save(self) -> None:
        """Write the settings."""
        self.flows.run("save", self._save)

    async def _save(self) -> None:
        lines = self._differences()
        question = "\n".join(["Write this into the settings file?", "", *lines])
        if not await self.app.push_screen_wait(Confirm("Save", question, yes="write it")):
            return
        await self.till.lanes.perform("save printer", partial(self.way.save, self.choice))
        self.saved = self.choice
        self._show()
        self.tell("Written. The till follows it when it is started again.", kind="good")

    def action_back(self) -> None:
        """Back to the shift."""
        self.flows.run("back", self._back)

    async def _back(self) -> None:
        if self.is_changed:
            question = "What was chosen and learnt is not written down. Leave it?"
            if not await self.app.push_screen_wait(Confirm("Not saved", question, yes="leave it")):
                return
        self.dismiss(None)
