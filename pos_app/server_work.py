"""A server's background work: SAP, what ran out, mail, and its own fiscal device."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from pos_app import backup_work, webhook_work
from pos_app.bootstrap import Installation
from pos_app.config import Sap
from pos_app.errors import RemoteUnavailable
from pos_app.holder import Holder
from pos_app.lane import Lane
from pos_app.mail_line import carrier_of
from pos_app.sap_line import SapLine
from pos_app.services import (
    fiscal,
    fiscal_proxy,
    hub,
    password_reset,
    purge,
    reservation,
    stock_snapshot,
)
from pos_app.services.charge import look
from pos_app.services.charge.gateways import Gateways
from pos_app.services.consolidation import run as consolidation
from pos_app.services.hub import Call
from pos_app.services.ledger import told as books
from pos_app.services.mail import work as mail
from pos_app.services.master import pull as master
from pos_app.services.master.pull import ALL_NOW, Rhythm
from pos_app.services.notification.feed import Calls, Feed
from pos_app.services.notification.view import Notification
from pos_app.services.notification.watch import Watcher
from pos_app.services.posting import incident, line, pulse, takeover, work
from pos_app.services.posting.ahead import Ahead
from pos_app.services.preflight.gate import Gate
from pos_app.services.rate_limit import board
from pos_app.services.trade import move
from pos_app.services.webhook import work as webhooks
from pos_app.services.worked import Worked
from sync.sap.client import ServiceLayer

SWEEP_SECONDS = 30.0
NOTICE_SECONDS = 1.0


class ServerWork:
    """The lanes of one server process; several processes share the queue by leases."""

    def __init__(
        self,
        installation: Installation,
        *,
        sap: ServiceLayer | None = None,
        gateways: Gateways | None = None,
    ) -> None:
        self._installation = installation
        self.line = SapLine(installation, sap=sap)
        self._gateways = gateways or Gateways()
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        shop, settings = installation.shop, installation.settings
        self._watcher = Watcher(shop)
        self._gates = threading.Lock()
        self._gate: Gate | None = None
        self._ahead = Ahead()
        path = shop.store.path
        self._alone = Holder(path.with_name(path.name + takeover.LOCK)) if path else None
        self._gated: ServiceLayer | None = None
        self._posting = Lane(
            "posting", self._post, clock=shop.clock, idle_seconds=settings.sap.poll_seconds
        )
        self._lanes = [
            Lane("sweep", self._sweep, clock=shop.clock, idle_seconds=SWEEP_SECONDS),
            self._posting,
            Lane("preflight", self._look, clock=shop.clock, idle_seconds=SWEEP_SECONDS),
            backup_work.lane(installation),
            *webhook_work.lanes(installation),
        ]
        if self._gateways.accounts:
            pause = settings.gateway.poll_seconds
            self._lanes.append(Lane("charge", self._ask, clock=shop.clock, idle_seconds=pause))
        if self.line.has_sap:
            self._lanes.append(Lane("master", self._fetch, clock=shop.clock, idle_seconds=1.0))
        self._carrier = carrier_of(settings, installation.folder, installation.secrets)
        if self._carrier is not None:
            idle = settings.mail.poll_seconds
            self._lanes.append(Lane("mail", self._send, clock=shop.clock, idle_seconds=idle))

    def start(self) -> None:
        """Begin to work."""
        shop = self._installation.shop
        books.announce(shop)
        if self._alone is not None and self._alone.take():
            takeover.take_over(shop)
        for lane in self._lanes:
            lane.start()

    def stop(self) -> None:
        """End all work; what is on its way to SAP is finished first."""
        for lane in self._lanes:
            lane.stop(timeout=30)
        if self._alone is not None:
            self._alone.release()

    def post_soon(self) -> None:
        """A document was queued: do not wait for the next look."""
        self._posting.wake()

    @property
    def has_sap(self) -> bool:
        """Whether there is a SAP to work with."""
        return self.line.has_sap

    @property
    def sap(self) -> ServiceLayer | None:
        """The way to SAP for people who wait; None in a shop that keeps its own books."""
        sap = self.line.current()
        return None if sap is None else sap.interactive()

    def fetch_again(self) -> None:
        """Fetch master data now, whenever it was fetched last.

        Raises:
            RemoteUnavailable: SAP could not be asked for all of it.
        """
        worked = self.fetch_all()
        if worked.problem:
            raise RemoteUnavailable("SAP", worked.problem)

    def fetch_all(self, *, accepts_shrink: bool = False) -> Worked:
        """Fetch everything whole, in the calling thread.

        Args:
            accepts_shrink: somebody looked at SAP and says that what is gone is gone.
        """
        return self._fetch(ALL_NOW, accepts_shrink=accepts_shrink)

    def fetch_now(self) -> Worked:
        """Fetch master data once, in the calling thread."""
        return self._fetch()

    def _post(self) -> Worked:
        shop, gate = self._installation.shop, self._gate_now()
        sap = self.line.current()
        return self._heard(
            work.work(shop, sap, owner=self._owner, hold=gate.hold, ahead=self._ahead)
        )

    def _ask(self) -> Worked:
        return look.work(self._installation.shop, self._gateways)

    def _look(self) -> Worked:
        return Worked(problem=self._gate_now().look().unread)

    def _gate_now(self) -> Gate:
        """The pre-flight of the connection as it is now; both lanes share what it found."""
        with self._gates:
            sap = self.line.current()
            if self._gate is None or sap is not self._gated:
                self._gated, self._gate = sap, Gate(self._installation.shop, sap)
            return self._gate

    def _fetch(self, rhythm: Rhythm | None = None, *, accepts_shrink: bool = False) -> Worked:
        sap = self.line.current()
        if sap is None:
            return Worked()
        settings = self._installation.settings.sap
        worked = master.pull(
            self._installation.shop,
            sap,
            hs_field=settings.hs_field,
            rhythm=rhythm or rhythm_of(settings),
            accepts_shrink=accepts_shrink,
        )
        return self._heard(worked)

    def _heard(self, worked: Worked) -> Worked:
        """Note whether SAP answers, for whoever looks at the connection."""
        if self.line.has_sap and (worked.done or worked.problem.startswith(work.AWAY)):
            is_up = not worked.problem.startswith(work.AWAY)
            line.note(self._installation.shop, is_up=is_up, problem=worked.problem)
        return worked

    def _send(self) -> Worked:
        if self._carrier is None:
            return Worked()
        shop, settings = self._installation.shop, self._installation.settings
        password_reset.work(shop, page=settings.server.password_reset_url)
        return mail.work(shop, self._carrier, owner=self._owner)

    def _sweep(self) -> Worked:
        password_reset.tidy(self._installation.shop)
        reservation.sweep(self._installation.shop)
        move.expire(self._installation.shop)
        self._consolidate()
        stock_snapshot.due(self._installation.shop)
        stock_snapshot.work(self._installation.shop)
        incident.watch(self._installation.shop)
        board.clean_up(self._installation.shop)
        webhooks.watch_stock(self._installation.shop)
        purge.purge(self._installation.shop)
        hub.forget(self._installation.shop)
        told = self._watcher.look()
        # Last of all: where people are not told any more, health must not say that all is well.
        pulse.beat(self._installation.shop)
        return Worked(done=told)

    def _consolidate(self) -> None:
        """The end of the day has come: its lists are fixed, and go to SAP at once."""
        done = consolidation.due(self._installation.shop)
        if done is not None and done.lists:
            self.post_soon()


class FiscalWork:
    """The lane of a server's own fiscal device: what is in doubt is settled, invoices are filed."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._lane = Lane("fiscal", self._work, clock=installation.shop.clock, idle_seconds=1.0)

    def start(self) -> None:
        """Begin to work, where there is a device."""
        if self._installation.settings.fiscal.device:
            self._lane.start()

    def stop(self) -> None:
        """Finish what is under way."""
        self._lane.stop(timeout=30)

    def _work(self) -> Worked:
        shop, port = self._installation.shop, self._installation.devices.fiscal
        if fiscal_proxy.first_doubt(shop) is None:
            return Worked()
        with port.use() as device:
            if device is None:
                return Worked()
            worked = fiscal_proxy.settle(shop, device)
            if shop.rules.fiscal.is_required and not worked.waiting:
                worked = fiscal.work(shop, device)
            port.keep(fiscal_proxy.first_doubt(shop) is not None)
            return worked


class NoticeWork:
    """The lane that brings what any process tells to whoever is connected to this one."""

    def __init__(
        self,
        installation: Installation,
        push: Callable[[Sequence[Notification]], None],
        call: Callable[[Sequence[Call]], None],
    ) -> None:
        self._feed, self._push = Feed(installation.shop), push
        self._calls, self._call = Calls(installation.shop), call
        self._lane = Lane(
            "notices", self._tell, clock=installation.shop.clock, idle_seconds=NOTICE_SECONDS
        )

    def start(self) -> None:
        """Begin to look."""
        self._lane.start()

    def stop(self) -> None:
        """Look no more."""
        self._lane.stop()

    def _tell(self) -> Worked:
        self._push(self._feed.new())
        self._call(self._calls.new())
        return Worked()


def rhythm_of(settings: Sap) -> Rhythm:
    """How often master data is fetched, from the settings."""
    return Rhythm(
        every=timedelta(seconds=settings.master_seconds),
        small=timedelta(seconds=max(settings.small_seconds, settings.master_seconds)),
        goods_days=settings.goods_days,
        whole_days=settings.whole_days,
    )
