"""A shop with simulated providers of mobile money, without a network and on a clock of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pos_app.domain.money import Money
from pos_app.errors import PosError
from pos_app.services.charge import ask, hear, look
from pos_app.services.charge.ask import Wish
from pos_app.services.charge.gateways import Gateways
from pos_app.services.charge.view import Charge
from pos_app.services.shop import Shop
from sandbox.clock import SandboxClock
from sandbox.fault import Fault
from sync.gateway.door import Door
from sync.gateway.ecocash import Ecocash, Merchant
from sync.gateway.innbucks import Innbucks
from sync.gateway.paynow import Paynow
from sync.gateway.simulator import message
from sync.gateway.simulator.books import Books
from sync.gateway.simulator.in_process import InProcess
from sync.gateway.simulator.message import Post
from sync.gateway.simulator.simulator import Simulator
from tests.shops import FixedClock, actor

URL = "http://gateway.test"
PHONE = "0771234567"
NEVER = "0775555555"
POOR = "0774444444"


def gateways(simulator: Simulator) -> Gateways:
    """Every provider, as the demo sets them up."""

    def door(name: str) -> Door:
        return Door(name, URL, transport=InProcess(simulator))

    paynow = [
        Paynow(door("PayNow"), integration_id=number, key=key, currency=currency, is_sandbox=True)
        for number, (currency, key) in message.PAYNOW.items()
    ]
    innbucks = Innbucks(
        door("InnBucks"),
        user=message.USER,
        password=message.PASSWORD,
        api_key=message.API_KEY,
        callback_key=message.CALLBACK_KEY,
        currencies=("USD",),
        is_sandbox=True,
    )
    ecocash = Ecocash(
        door("EcoCash"),
        user=message.USER,
        password=message.PASSWORD,
        callback_key=message.CALLBACK_KEY,
        merchant=Merchant(
            code="287164",
            pin=message.PIN,
            number="778503033",
            terminal="TERM001",
            location="Harare",
            name="Sunrise Grocers",
            super_name="EcoCash",
        ),
        currencies=("USD", "ZIG"),
        is_sandbox=True,
    )
    return Gateways([*paynow, innbucks, ecocash], public_url="http://shop.test")


def simulator(clock: FixedClock) -> Simulator:
    """The providers on a clock of tests."""
    ticking = SandboxClock(clock.now)
    return Simulator(Books(None, ticking), ticking)


@dataclass
class Till:
    """A shop, its providers, and the callbacks between them."""

    shop: Shop
    clock: FixedClock
    sim: Simulator
    gateways: Gateways
    heard: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, shop: Shop) -> Till:
        clock: Any = shop.clock
        sim = simulator(clock)
        return cls(shop, clock, sim, gateways(sim))

    def ask(self, provider: str = "ecocash", amount: str = "10.00", **wish: Any) -> Charge:
        currency = wish.pop("currency", "USD")
        identity = wish.pop("charge_id", None)
        told = {"phone": PHONE, "partner": "C0001"} | wish
        made = Wish(provider=provider, amount=Money.of(amount, currency), **told)
        return ask.ask(self.shop, self.gateways, actor(), made, charge_id=identity)

    def arm(self, *faults: Fault) -> None:
        self.sim.faults.replace(faults)

    def pass_time(self, seconds: float, *, callbacks: bool = True, work: bool = True) -> None:
        """Let time pass: customers act, callbacks arrive, the server asks."""
        self.clock.sleep(seconds)
        for post in self.sim.act():
            if callbacks:
                self.deliver(post)
        if work:
            look.work(self.shop, self.gateways)

    def deliver(self, post: Post) -> None:
        """Bring a callback; what the shop makes of it is noted."""
        try:
            found = hear.hear(self.shop, self.gateways, post.provider, post.body, post.headers)
            self.heard.append(found.state.value)
        except PosError as error:
            self.heard.append(type(error).__name__)
