"""The way from the set-up screen to printers and to the settings file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pos_app.services.printer_setup import Attempt, Choice
from printing.ports import FoundPort
from printing.status import PrinterStatus
from printing.trial import Trial


class PrinterWay(Protocol):
    """What the screen needs of `pos_app.printer_bench.PrinterBench`."""

    @property
    def profiles(self) -> tuple[str, ...]:
        """The names of the profiles there are."""
        ...

    def ports(self) -> Sequence[FoundPort]:
        """Where a printer may be plugged in."""
        ...

    def current(self) -> Choice:
        """The printer as the settings file has it now."""
        ...

    def ask(self, choice: Choice) -> PrinterStatus:
        """What the printer says of itself."""
        ...

    def attempt(self, choice: Choice, kind: Trial, *, by: str) -> Attempt:
        """Print a test paper."""
        ...

    def save(self, choice: Choice) -> None:
        """Write a choice into the settings file."""
        ...
