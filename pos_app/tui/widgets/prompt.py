"""Waiting for a customer's phone: how it stands, how long there is, and the way out."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from pos_app.domain.prompt import Prompt, PromptState
from pos_app.domain.tender import TenderType
from pos_app.services.prompt import ask, look
from pos_app.tui.widgets.dialog import Dialog
from pos_app.tui.widgets.text import Text

if TYPE_CHECKING:
    from pos_app.services.charge.till import PromptServer
    from pos_app.tui.app import TillApp

PAUSE = 0.5
"""Seconds from one look at the server to the next."""

_WORDS = {
    PromptState.ASKED: "Asking …  nobody knows yet whether it arrived",
    PromptState.WAITING: "Waiting for the customer …",
    PromptState.PAID: "Paid.",
    PromptState.UNPAID: "Not paid.",
    PromptState.REVIEW: "In doubt: a manager decides.",
}


class PromptDialog(Dialog[Prompt | None]):
    """Sends one question and watches it; answered with how it ended, or stands when left.

    Esc leaves it: no provider takes a question back, so it is watched on in the background.
    """

    def __init__(
        self, till: TillApp, server: PromptServer, prompt: Prompt, kind: TenderType
    ) -> None:
        super().__init__(f"{kind.name} {prompt.amount.label}", is_grave=True)
        self._till, self._server, self._prompt = till, server, prompt
        self.stand = Text()
        self.show_how = Text()

    def question(self) -> ComposeResult:
        """Whose phone, how it stands, what the customer does, and the way out."""
        if self._prompt.phone:
            yield Text(("Customer  ", "$text-muted"), f"+{self._prompt.phone}")
        yield self.stand
        yield self.show_how
        yield Text(
            ("Esc", "bold $primary"),
            " leaves it: the till watches on, take another tender",
            classes="keys",
        )  # fmt: skip

    def on_mount(self) -> None:
        """Send it, and look until it has ended."""
        self._paint()
        self.flows.run("prompt", self._ask)

    async def _ask(self) -> None:
        shop, server = self._till.shop, self._server
        key = self._prompt.id
        self._prompt = await self._till.lanes.ask(partial(ask.send, shop, server, key))
        while self._prompt.is_open:
            self._paint()
            await asyncio.sleep(PAUSE)
            self._prompt = await self._till.lanes.ask(partial(look.once, shop, server, key))
        self._finish()

    def _finish(self) -> None:
        """Answer, once it ended; behind a locked till nobody could take the answer."""
        if self.is_current and not self._prompt.is_open:
            self.dismiss(self._prompt)

    def on_screen_resume(self) -> None:
        """Answer what ended meanwhile."""
        self._finish()

    def action_give_up(self) -> None:
        """Leave it, and say how it stands."""
        self.dismiss(self._prompt)

    def _paint(self) -> None:
        prompt = self._prompt
        left = prompt.seconds_left(self._till.shop.clock.now())
        self.stand.say(
            (f"\n{_WORDS[prompt.state]}   ", "bold"), f"{left // 60}:{left % 60:02} left"
        )
        shown = prompt.shown
        lines = [shown.get(name, "") for name in ("instructions", "payment_url", "ussd")]
        self.show_how.say("\n".join(line for line in lines if line))
