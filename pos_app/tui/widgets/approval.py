"""A manager's yes, on the spot: own name, own PIN and a reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult

from pos_app.errors import InvalidInput
from pos_app.tui.widgets.dialog import Dialog
from pos_app.tui.widgets.entry_line import EntryLine
from pos_app.tui.widgets.text import Text

A = TypeVar("A")

Approver = Callable[[str, str, str], Awaitable[A]]
"""Makes the approval from user, PIN and reason, or refuses it."""


class ApprovalDialog(Dialog[A | None], Generic[A]):
    """Asks for an approval; wrong answers keep it open."""

    def __init__(self, sentence: str, approve: Approver[A]) -> None:
        super().__init__("Approval needed", is_grave=True)
        self._sentence, self._approve = sentence, approve

    def question(self) -> ComposeResult:
        """What is to be approved, then user, PIN and reason."""
        yield Text(self._sentence + "\n")
        yield Text("Manager", classes="label")
        yield EntryLine(keeps=True, id="user")
        yield Text("PIN", classes="label")
        yield EntryLine(keeps=True, password=True, id="pin")
        yield Text("Reason", classes="label")
        yield EntryLine(keeps=True, id="reason")
        yield Text(
            ("Enter", "bold $primary"), " next   ", ("Esc", "bold $primary"), " without approval"
        )

    @on(EntryLine.Entered, "#user")
    def _to_pin(self, message: EntryLine.Entered) -> None:
        message.stop()
        self.query_one("#pin", EntryLine).focus()

    @on(EntryLine.Entered, "#pin")
    def _to_reason(self, message: EntryLine.Entered) -> None:
        message.stop()
        self.query_one("#reason", EntryLine).focus()

    @on(EntryLine.Entered, "#reason")
    def _finish(self, message: EntryLine.Entered) -> None:
        message.stop()
        self.flows.run("approve", self._ask)

    async def _ask(self) -> None:
        user, pin, reason = (
            self.query_one(f"#{name}", EntryLine).value.strip()
            for name in ("user", "pin", "reason")
        )
        for name, value in (("user", user), ("pin", pin), ("reason", reason)):
            if not value:
                self.query_one(f"#{name}", EntryLine).focus()
                raise InvalidInput("An approval needs the manager's name, PIN and a reason.")
        entry = self.query_one("#pin", EntryLine)
        entry.value = ""
        entry.focus()
        self.dismiss(await self._approve(user, pin, reason))
