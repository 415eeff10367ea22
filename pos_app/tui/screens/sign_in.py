"""The door: who works at the till now; a sale in progress waits behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from pos_app.errors import InvalidInput
from pos_app.tui import catalogue
from pos_app.tui.commands import bindings
from pos_app.tui.place import Place
from pos_app.tui.plain import amount, count_of
from pos_app.tui.widgets.entry_line import EntryLine
from pos_app.tui.widgets.pages import Page, in_memory
from pos_app.tui.widgets.record_list import RecordList
from pos_app.tui.widgets.strips import Column
from pos_app.tui.widgets.text import Text

if TYPE_CHECKING:
    from pos_app.domain.permission import Actor
    from pos_app.services.sign_in import Person


class SignInScreen(Place):
    """Name, then PIN or password."""

    PLACE = "sign_in"
    HEADING = "Sign in"
    CSS_PATH = "sign_in.tcss"
    AUTO_FOCUS = "#user"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue.SIGN_IN)]
    COLUMNS: ClassVar[Sequence[Column[Person]]] = (
        Column("User", 16, lambda row: row.username, style=lambda _: "strong"),
        Column("Name", 0, lambda row: row.name),
        Column("Role", 16, lambda row: row.role, style=lambda _: "muted", least=56),
    )

    def __init__(self) -> None:
        super().__init__()
        self.waiting = Text(id="waiting")
        self.user = EntryLine("Your user name", keeps=True, id="user")
        self.secret = EntryLine(keeps=True, password=True, id="secret")
        self.secret_label = Text("PIN", classes="label")
        self.uses_pin = True
        self._people: list[Person] = []

    def body(self) -> ComposeResult:
        """Fields on the left, people on the right."""
        glance = self.till.glance
        self.list: RecordList[Person] = RecordList(
            self.COLUMNS, self.till.lanes.ask, empty="Nobody of that name."
        )
        self.list.can_focus = False
        with Horizontal(id="door"):
            with Vertical(id="fields"):
                yield Text((glance.shop, "bold $primary"), id="shop")
                yield Text(f"Till {glance.till} · {glance.place}", classes="label")
                yield self.waiting
                yield Text("User", classes="label")
                yield self.user
                yield self.secret_label
                yield self.secret
                yield Text(("Enter", "bold $primary"), " goes on   ",
                           ("↑ ↓", "bold $primary"), " choose", classes="label")  # fmt: skip
            yield self.list

    def resumed(self) -> None:
        """Start afresh; whoever was here last only needs the secret."""
        self.secret.value = ""
        self.notice.clear()
        self.waiting.say("\n")
        (self.secret if self.user.value else self.user).focus()
        if self.till.is_open:
            self._show_waiting()
            self.flows.look_up("people", self._read)

    async def opened(self) -> None:
        """List who may sign in, so that names typed ahead are completed from it."""
        self.show_status()
        await self.flows.finish(self._read)

    def _show_waiting(self) -> None:
        desk = self.till.desk
        if desk.sale is not None and desk.has_lines:
            sale = desk.sale
            lines = count_of(len(sale.lines), "line")
            text = f"A sale of {lines}, {amount(sale.total)} {sale.currency}, is waiting."
            self.waiting.say((f"\n{text}\n", "$text-warning"))

    async def _read(self) -> None:
        from pos_app.services import sign_in

        self._people = await self.till.lanes.ask(lambda: sign_in.people(self.till.shop))
        self._narrow()

    def _narrow(self) -> None:
        text = self.user.value.strip().casefold()
        rows = [
            person
            for person in self._people
            if text in person.username.casefold() or text in person.name.casefold()
        ]
        rows.sort(key=lambda person: person.username.casefold() != text)
        self.list.show(in_memory(rows), first=Page(tuple(rows)))
        self._choose_secret(self._person())

    def _person(self) -> Person | None:
        text = self.user.value.strip().casefold()
        return next((row for row in self._people if row.username.casefold() == text), None)

    def _choose_secret(self, person: Person | None) -> None:
        self.uses_pin = person is None or person.has_pin
        self._show_secret()

    def _show_secret(self) -> None:
        self.secret_label.say("PIN" if self.uses_pin else "Password")

    @on(EntryLine.Changed, "#user")
    def _typed(self, message: EntryLine.Changed) -> None:
        message.stop()
        self._narrow()

    @on(EntryLine.Entered, "#user")
    def _to_secret(self, message: EntryLine.Entered) -> None:
        message.stop()
        marked = self.list.row
        if self._person() is None and marked is not None and self.user.value.strip():
            self.user.value = marked.username
        if not self.user.value.strip():
            self.refuse(InvalidInput("Type your user name, or choose it with ↑ and ↓."))
        else:
            self.secret.focus()

    @on(EntryLine.Entered, "#secret")
    def _sign_in(self, message: EntryLine.Entered) -> None:
        message.stop()
        self.flows.run("sign in", self._try)

    async def _try(self) -> None:
        username, secret = self.user.value.strip(), self.secret.value
        if not username or not secret:
            (self.secret if username else self.user).focus()
            what = "PIN" if self.uses_pin else "password"
            raise InvalidInput(f"Type your user name and your {what}.")
        from pos_app.services import sign_in

        self.secret.value = ""
        check = sign_in.with_pin if self.uses_pin else sign_in.with_password
        self.tell("Checking …")

        def run() -> Actor:
            return check(self.till.shop, username, secret)

        actor = await self.till.lanes.perform("sign in", run)
        self.notice.clear()
        self.till.enter(actor)

    def action_secret(self) -> None:
        """Change between PIN and password."""
        self.uses_pin = not self.uses_pin
        self._show_secret()
        self.secret.focus()

    def action_previous(self) -> None:
        """Mark the person above."""
        self._mark(-1)

    def action_next(self) -> None:
        """Mark the person below."""
        self._mark(1)

    def _mark(self, step: int) -> None:
        self.list.action_move(step)
        row = self.list.row
        if row is not None:
            with self.prevent(EntryLine.Changed):
                self.user.value = row.username
            self._choose_secret(row)

    def action_back(self) -> None:
        """Empty the fields."""
        self.secret.value = ""
        self.user.value = ""
        self.notice.clear()
        self.user.focus()
