"""A till's background work: the fiscal, print, sync and label lanes, and what they are up to."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from pos_app import backup_work
from pos_app.bootstrap import Installation
from pos_app.lane import Lane
from pos_app.services import status
from pos_app.services.status import Status
from pos_app.services.worked import Worked


class TillBackground:
    """Lanes on threads of their own; screens watch it, commands wake it."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        shop, devices = installation.shop, installation.devices
        self._watchers: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._status = status.status(shop)
        self._lanes = [
            Lane("fiscal", devices.work_fiscal, clock=shop.clock, changed=self._changed),
            Lane("printer", devices.work_printer, clock=shop.clock, changed=self._changed),
            Lane(
                "sync",
                devices.work_sync,
                clock=shop.clock,
                idle_seconds=installation.settings.server.sync_seconds,
                changed=self._changed,
            ),
            Lane(
                "prompts",
                devices.work_prompts,
                clock=shop.clock,
                idle_seconds=1,
                changed=self._changed,
            ),
            Lane("labels", devices.work_labels, clock=shop.clock, changed=self._changed),
            Lane("office", devices.work_office, clock=shop.clock, changed=self._changed),
            backup_work.lane(installation),
            Lane("status", self._look, clock=shop.clock, idle_seconds=1, changed=self._tell),
        ]

    def start(self) -> None:
        """Begin to work."""
        for lane in self._lanes:
            lane.start()

    def stop(self) -> None:
        """End all work, wait for it, and let go of the devices."""
        for lane in self._lanes:
            lane.stop()
        self._installation.devices.close()

    def wake(self) -> None:
        """There is something new to do."""
        for lane in self._lanes:
            lane.wake()

    def snapshot(self) -> Status:
        """The queues as last seen."""
        return self._status

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` whenever a lamp or a queue may have changed; returns what ends it."""
        with self._lock:
            self._watchers.append(changed)

        def end() -> None:
            with self._lock:
                if changed in self._watchers:
                    self._watchers.remove(changed)

        return end

    def _look(self) -> Worked:
        seen = status.status(self._installation.shop)
        is_new = seen != self._status
        self._status = seen
        return Worked(done=int(is_new))

    def _changed(self) -> None:
        """A lane got on: look at the queues again, and let the other lanes follow up."""
        self.wake()

    def _tell(self) -> None:
        with self._lock:
            watchers = list(self._watchers)
        log = structlog.get_logger(lane="status")
        for watcher in watchers:
            try:
                watcher()
            except Exception:
                # One closed screen must not keep the others in the dark.
                log.exception("watcher failed")
