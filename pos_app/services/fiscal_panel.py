"""The fiscal device for people: what is known of it, and what it says when it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fiscal.errors import FiscalError
from fiscal.messages import BacklogRow, Card, Hello, License
from pos_app.domain.fiscal import Readiness
from pos_app.domain.fiscal_day import DayState
from pos_app.services import fiscal_settle, fiscal_standing
from pos_app.services.fiscal_proxy_read import refusal
from pos_app.services.fiscal_standing import Standing
from pos_app.services.shop import Shop
from pos_app.store import fiscal_device as devices


class Device(Protocol):
    """What asking needs of `fiscal.driver.Driver`; all of it reads."""

    def hello(self) -> Hello:
        """Who the device is and where it stands."""
        ...

    def card(self) -> Card:
        """Whose device it is."""
        ...

    def license(self) -> License:
        """The software licence."""
        ...

    def backlog(self, day: int) -> list[BacklogRow]:
        """Receipts of a fiscal day that the authority has not got yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A device as it was greeted last.

    Attributes:
        boot_id: changes when it restarts; empty for a box that does not tell.
        last_global_no: up to here every receipt is accounted for.
        said_global_no: what it said itself.
        clock_seconds: how far its clock is ahead of ours; None when it does not tell.
    """

    device_id: str
    serial: str
    boot_id: str
    last_global_no: int
    said_global_no: int
    clock_seconds: int | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Everything the till knows of its device without asking it.

    Attributes:
        address: as the settings have it; empty without a device.
        device: None when none was ever met.
        doubts: receipts that are unknown, refused or disputed.
        what_to_do: one sentence; empty when all is well.
    """

    address: str
    device: Known | None
    standing: Standing
    doubts: int
    what_to_do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the device said when it was asked, and when that was."""

    hello: Hello
    card: Card
    license: License
    backlog: tuple[BacklogRow, ...]
    at: datetime


def panel(shop: Shop) -> Panel:
    """How the device and the till stand with each other; the device is not asked."""
    standing = fiscal_standing.standing(shop)
    with shop.store.read() as connection:
        row = devices.current(connection)
    known = None
    if row is not None:
        known = Known(
            device_id=row["device_id"],
            serial=row["serial"],
            boot_id=row["boot_id"],
            last_global_no=row["last_global_no"],
            said_global_no=row["said_global_no"],
            clock_seconds=row["clock_seconds"],
            seen_at=row["seen_at"],
        )
    doubts = len(fiscal_settle.troubles(shop))
    return Panel(
        address=shop.rules.fiscal.device,
        device=known,
        standing=standing,
        doubts=doubts,
        what_to_do=_what_to_do(shop, standing, doubts=doubts),
    )


def ask(shop: Shop, device: Device) -> Asked:
    """Read the device itself.

    Raises:
        DeviceUnavailable, FiscalNotReady, FiscalRequestRefused: it cannot be read now.
    """
    try:
        hello = device.hello()
        return Asked(
            hello=hello,
            card=device.card(),
            license=device.license(),
            backlog=tuple(device.backlog(hello.fiscal_day)),
            at=shop.clock.now(),
        )
    except FiscalError as error:
        raise refusal(error) from error


def _what_to_do(shop: Shop, standing: Standing, *, doubts: int) -> str:
    """The first thing somebody should see to."""
    if not shop.rules.fiscal.is_required:
        return "This till has no fiscal device: its receipts are not filed."
    return next((advice for advice in _advice(standing, doubts=doubts) if advice), "")


def _advice(standing: Standing, *, doubts: int) -> Iterator[str]:
    """What to do about each thing that is not as it should be, the gravest first."""
    if standing.stop:
        yield f"{standing.stop} Look into the receipts in doubt, then go on with the device."
    if standing.readiness is Readiness.BLOCKED:
        yield standing.reason
    if standing.readiness is Readiness.DEGRADED:
        why = f"{standing.reason.rstrip('.')}. " if standing.reason else ""
        left = max(standing.most - standing.waiting, 0)
        yield (
            f"{why}The till keeps trying and selling goes on: {left} more receipts may wait, each "
            f"for up to {standing.hours} hours."
        )
    if standing.day.state is DayState.WARNED:
        yield "The fiscal day nears its legal end: close it, the next sale opens a new one."
    if doubts:
        yield "Some receipts need somebody to look at them: open the receipts in doubt."
    if standing.found:
        yield "The device holds receipts of nobody here: open the receipts in doubt."
    if standing.day.unsigned:
        numbers = ", ".join(str(number) for number in standing.day.unsigned)
        yield f"Closed days wait for a manager's name: {numbers}. Open the fiscal day."
