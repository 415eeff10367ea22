"""What is typed and scanned at the sale screen, and the quantity that waits for its item."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from pos_app.domain import entry
from pos_app.domain.entry import parse_entry
from pos_app.errors import InvalidInput, PosError
from pos_app.services import hold_paper
from pos_app.tui.flows import Story
from pos_app.tui.plain import quantity
from pos_app.tui.screens import sale_stories
from pos_app.tui.widgets.dialog import Confirm

if TYPE_CHECKING:
    from pos_app.tui.screens.sale import SaleScreen

MANY = Decimal(100)
"""From this quantity on it is asked whether it is meant: a scanner may have typed it."""


TYPED_MARKS = ("/", "*", "@")


class Entries:
    """Understands one entry after another and starts what it asks for."""

    def __init__(self, screen: SaleScreen) -> None:
        self._screen = screen
        self._next_quantity: Decimal | None = None

    def scanned(self, code: str, at: float) -> None:
        """Sell a scan; a quantity typed before it counts, with or without Enter.

        Fast fingers and pasted text come this way too: what no barcode begins with was typed.
        """
        if code.startswith(TYPED_MARKS):
            self.entered(code, at)
            return
        if hold_paper.is_code(code):
            self._start(partial(sale_stories.recall_scanned, self._screen, code))
            return
        typed = self._typed_quantity()
        wanted = self.take_quantity() or typed
        self._start(partial(sale_stories.sell, self._screen, code, number=wanted, at=at))

    def entered(self, text: str, at: float) -> None:
        """Do what one entry says; what cannot be read stays in the line."""
        try:
            read = parse_entry(text)
        except PosError as error:
            self._screen.line.value = text
            self._screen.refuse(error)
            return
        self._understood(read, at)

    def take_quantity(self) -> Decimal | None:
        """Return the quantity that waits for its item, which waits no more."""
        taken, self._next_quantity = self._next_quantity, None
        self._screen.prompt.say(">")
        return taken

    def _understood(self, read: entry.Entry, at: float) -> None:
        screen = self._screen
        match read:
            case entry.Nothing():
                self._nothing()
            case entry.Code(code, given):
                wanted = given or self.take_quantity()
                self._if_meant(
                    given, partial(sale_stories.sell, screen, code, number=wanted, at=at)
                )
            case entry.NextQuantity(number):
                self._if_meant(number, partial(self._keep, number))
            case entry.SetQuantity(number):
                self._if_meant(number, partial(sale_stories.set_quantity, screen, number))
            case entry.Search(text, given):
                wanted = given or self.take_quantity()
                screen.flows.open(
                    "search", partial(sale_stories.search, screen, text, number=wanted)
                )
            case entry.Correct(line):
                self._start(partial(sale_stories.remove, screen, line))
            case entry.Repeat(given):
                self._if_meant(given, partial(sale_stories.repeat, screen, given))
            case entry.Quick(number):
                self._start(partial(self._quick, number, at))

    def _nothing(self) -> None:
        waiting = self.take_quantity()
        if waiting is not None:
            self._start(partial(sale_stories.set_quantity, self._screen, waiting))

    def _start(self, story: Story) -> None:
        self._screen.flows.also(story)

    def _if_meant(self, number: Decimal | None, story: Story) -> None:
        if number is None or number < MANY:
            self._start(story)
        else:
            self._screen.flows.open("many", partial(self._sure, number, story))

    async def _sure(self, number: Decimal, story: Story) -> None:
        question = f"{quantity(number)} of one item: is that meant?"
        dialog = Confirm("Quantity", question, yes="yes, it is")
        if await self._screen.app.push_screen_wait(dialog):
            await story()

    async def _keep(self, number: Decimal) -> None:
        self._next_quantity = number
        self._screen.prompt.say((f"{quantity(number)} x >", "bold $text-warning"))

    async def _quick(self, number: int, at: float) -> None:
        code = self._screen.till.quick.get(str(number))
        if code is None:
            raise InvalidInput(f"There is no quick item {number}: name it in the settings.")
        await sale_stories.sell(self._screen, code, number=self.take_quantity(), at=at)

    def _typed_quantity(self) -> Decimal | None:
        line = self._screen.line
        try:
            read = parse_entry(line.value)
        except PosError:
            return None
        if isinstance(read, entry.NextQuantity) and read.quantity < MANY:
            line.value = ""
            return read.quantity
        return None
