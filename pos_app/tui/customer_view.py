"""What the screens need to know of the customer's display."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from printing.display import DisplayText


class CustomerView(Protocol):
    """Two lines in front of the customer; every call returns at once, whatever the device does."""

    def show(self, text: DisplayText) -> None:
        """Show a line, a total, what is due."""
        ...

    def finish(self, text: DisplayText) -> None:
        """Show how a sale ended, for a while."""
        ...

    def greet(self) -> None:
        """Nobody is being served."""
        ...
