"""What the server is given besides the shop: secrets already resolved, limits, the demo's clock."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pos_app.api.hub import Hub
from pos_app.domain.permission import Actor
from pos_app.domain.rate_limit import Rules
from pos_app.services.backup.make import Beside
from pos_app.services.charge.gateways import Gateways
from pos_app.services.fiscal_proxy_day import DayDevice
from pos_app.services.fiscal_proxy_read import LicenseDevice, ReadDevice
from pos_app.services.sap_access import SapAccess
from sync.sap.client import ServiceLayer
from sync.webhook.address import Policy
from sync.webhook.sender import Sender


class MovableClock(Protocol):
    """The clock of a demo, which may be set."""

    def set(self, now: datetime) -> None:
        """Make this the current instant."""
        ...


class ProxyDevice(DayDevice, ReadDevice, LicenseDevice, Protocol):
    """Everything the routes need of `fiscal.driver.Driver`."""


class Tried(Protocol):
    """What came of trying a connection to SAP."""

    @property
    def is_good(self) -> bool:
        """Whether SAP let us in and answered."""
        ...

    @property
    def words(self) -> str:
        """One sentence."""
        ...

    @property
    def milliseconds(self) -> int:
        """How long it took."""
        ...

    @property
    def at(self) -> datetime:
        """When."""
        ...


class SapDoor(Protocol):
    """What the routes need of `pos_app.sap_line.SapLine`."""

    def access(self) -> SapAccess:
        """Where SAP is."""
        ...

    def tried(self, access: SapAccess | None = None, *, password: str = "") -> Tried:
        """Sign in there and ask for something."""
        ...

    def keep(self, actor: Actor, access: SapAccess, *, password: str) -> None:
        """Change where SAP is."""
        ...


class FiscalWay(Protocol):
    """The way to the server's fiscal device, `pos_app.fiscal_port.FiscalPort`."""

    def use(self, wait_seconds: float = 0) -> AbstractContextManager[ProxyDevice | None]:
        """Have the device alone; None when somebody else has it all that time."""
        ...

    def look(self, wait_seconds: float = 0) -> AbstractContextManager[ProxyDevice | None]:
        """Have it for reading only."""
        ...

    def keep(self, is_kept: bool) -> None:
        """Say whether the device is kept after this turn."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """Settings of one API server.

    Attributes:
        jwt_secret: what access tokens are signed with, at least 32 bytes.
        seal_secret: what second factors are sealed with at rest; empty for `jwt_secret`.
        limits: the rate limits.
        demo_clock: the clock ``POST /_sandbox/clock`` moves; None outside the demo, where there is
            no such route.
        post_soon: wakes the SAP worker after a document was queued; None where none runs here.
        fetch_prices: brings the prices from SAP now; None where there is no SAP.
        sap: the way to SAP for people who wait; None in a shop that keeps its own books.
        fiscal: the way to the fiscal device; None on a server without one.
        sap_line: where SAP is, tried and changed by Admins.
        gateways: the providers of mobile money; none is a shop without.
        backup: what goes into a backup beside the database, and opens one that is encrypted.
        hub: where notifications are pushed from.
        webhook_policy: where webhooks may go besides the public network.
        webhook_sender: what a trial of one is sent with.
        keeps_answers: whether reads of goods, prices and rates are answered again from memory for
            as long as nothing has changed.
        posting_seconds: how long an invoice waits for SAP before its answer goes out without.
    """

    jwt_secret: str = field(repr=False)
    seal_secret: str = field(default="", repr=False)
    backup: Beside = field(default_factory=Beside)
    webhook_policy: Policy = field(default_factory=Policy)
    webhook_sender: Sender = field(default_factory=lambda: Sender(Policy()))
    limits: Rules = field(default_factory=Rules)
    demo_clock: MovableClock | None = None
    post_soon: Callable[[], None] | None = None
    fetch_prices: Callable[[], object] | None = None
    sap: ServiceLayer | None = None
    fiscal: FiscalWay | None = None
    sap_line: SapDoor | None = None
    gateways: Gateways = field(default_factory=Gateways)
    hub: Hub = field(default_factory=Hub)
    keeps_answers: bool = True
    posting_seconds: float = 2.0

    @property
    def is_demo(self) -> bool:
        """Whether somebody tries the server out, on a clock that can be set."""
        return self.demo_clock is not None
