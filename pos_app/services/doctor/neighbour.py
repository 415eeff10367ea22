"""Printer, fiscal device and server: each is asked itself; silence is never taken for health."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from fiscal.errors import FiscalError
from fiscal.messages import Hello
from pos_app.domain.fiscal import Readiness
from pos_app.services import display_text, fiscal_panel, sync
from pos_app.services.doctor.finding import Check, Facts, Finding, State
from pos_app.services.fiscal_panel import Panel
from pos_app.services.shop import PrinterRules, Shop
from printing.status import Paper, PrinterStatus
from sync.errors import OutcomeUnknown, SyncError


class Held(Exception):
    """Another program has the device and does not let go of it now."""


class Instruments(Protocol):
    """How the neighbours are asked; every call is bounded in time and changes nothing."""

    def printer(self, wanted: PrinterRules) -> PrinterStatus:
        """What the printer says of itself. Raises Held, PrintingError."""
        ...

    def fiscal(self) -> Hello:
        """Where the fiscal device stands. Raises Held, FiscalError."""
        ...

    def server(self) -> datetime:
        """The server's clock, if it says that it is well. Raises SyncError."""
        ...


def printer(shop: Shop, instruments: Instruments) -> Finding:
    """Ask the receipt printer."""
    wanted = shop.rules.printer
    if wanted is None:
        return _printer(State.WARN, "No printer is set up: nothing will be printed.")
    if not wanted.profile.answers:
        sentence = "This printer cannot answer: print a test paper and look at it."
        return _printer(State.UNKNOWN, sentence)
    try:
        status = instruments.printer(wanted)
    except Held:
        sentence = (
            "The till does not let go of the printer now: look at its screen, then ask again."
        )
        return _printer(State.UNKNOWN, sentence)
    return _told(wanted, status)


def _told(wanted: PrinterRules, status: PrinterStatus) -> Finding:
    """What a printer's answer is worth."""
    if status.problem is not None:
        return _printer(State.FAIL, str(status.problem))
    if status.paper is Paper.NEAR_END:
        return _printer(State.WARN, "The paper is near its end: lay a new roll ready.")
    if not (wanted.profile.asb or wanted.profile.process_id):
        sentence = (
            "The printer says that it is well, but printers of its kind always say so: "
            "print a test paper and look at it."
        )
        return _printer(State.UNKNOWN, sentence)
    return _printer(State.OK, "The printer is ready and has paper.")


def _printer(state: State, sentence: str) -> Finding:
    return Finding(check=Check.PRINTER, state=state, sentence=sentence)


def display(shop: Shop) -> Finding:
    """How the customer's display was when the till's screen last told it something."""
    problem = display_text.problem(shop)
    if problem is None:
        state, sentence = State.UNKNOWN, "No screen has told the customer display anything yet."
    elif problem:
        state, sentence = State.WARN, problem
    else:
        state, sentence = State.OK, "The customer display takes what it is told."
    return Finding(check=Check.DISPLAY, state=state, sentence=sentence)


def fiscal(shop: Shop, instruments: Instruments, clocks: dict[str, datetime]) -> Finding:
    """Greet the fiscal device, and say how the till stands with it; its clock goes to `clocks`."""
    if not shop.rules.fiscal.device:
        return _fiscal(State.WARN, "No fiscal device is set up: receipts are not filed.")
    try:
        hello = instruments.fiscal()
    except Held:
        sentence = "Another program has the fiscal device now: ask again in a minute."
        return _fiscal(State.UNKNOWN, sentence)
    except FiscalError as error:
        return _fiscal(State.FAIL, str(error))
    if hello.clock is not None:
        clocks["fiscal device"] = hello.clock
    facts: Facts = {"device_id": hello.device_id, "fiscal_day": hello.fiscal_day}
    if not shop.rules.fiscal.is_required:
        return _fiscal(State.OK, "The fiscal device answers.", facts)
    return _stands(fiscal_panel.panel(shop), facts)


def _stands(panel: Panel, facts: Facts) -> Finding:
    if not panel.what_to_do:
        sentence = "The fiscal device answers, and nothing stands in its way."
        return _fiscal(State.OK, sentence, facts)
    is_blocked = panel.standing.readiness is Readiness.BLOCKED or bool(panel.standing.stop)
    return _fiscal(State.FAIL if is_blocked else State.WARN, panel.what_to_do, facts)


def _fiscal(state: State, sentence: str, facts: Facts | None = None) -> Finding:
    return Finding(check=Check.FISCAL, state=state, sentence=sentence, facts=facts or {})


def server(
    shop: Shop, instruments: Instruments, clocks: dict[str, datetime], *, has_server: bool
) -> Finding:
    """Ask the server whether it is well; its clock goes to `clocks`."""
    if not has_server:
        return _server(State.OK, "This machine works without a server.")
    try:
        clocks["server"] = instruments.server()
    except OutcomeUnknown as error:
        return _server(State.UNKNOWN, f"{error} Selling goes on; ask again.")
    except SyncError as error:
        return _server(State.FAIL, f"{error} Selling goes on; check network and server.")
    waiting = sync.queues(shop)
    problem = waiting["outbox"].problem or waiting["downlink"].problem
    if problem:
        return _server(State.WARN, f"The server answers, and yet: {problem}")
    return _server(State.OK, "The server answers and is well.")


def _server(state: State, sentence: str) -> Finding:
    return Finding(check=Check.SERVER, state=state, sentence=sentence)
