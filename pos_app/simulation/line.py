"""The network between a till and the server: it loses, repeats, delays and breaks off."""

from __future__ import annotations

from pos_app.services.local_remote import LocalRemote
from pos_app.simulation.mischief import Fault
from pos_app.simulation.server import Server
from pos_app.simulation.step import Crash, Steps
from pos_app.simulation.world import World
from sync.envelope import Outcome, Parcel, Reply
from sync.errors import OutcomeUnknown, SyncError, Unavailable
from sync.page import Page, Position

LATEST_SECONDS = 6 * 3600


class Line:
    """One till's way to the server; see `sync.remote.Remote`."""

    def __init__(self, world: World, server: Server, till: str, steps: Steps) -> None:
        self._world = world
        self._server = server
        self._till = till
        self._steps = steps

    def send(self, parcel: Parcel) -> Reply:
        """Hand over a parcel; it may arrive twice, late, or be taken without an answer."""
        self._steps.reach("send parcel")
        self._check()
        mischief = self._world.mischief
        if mischief.strikes(Fault.DUPLICATE):
            self._again(parcel, mischief.rng.random() * LATEST_SECONDS)
            if mischief.rng.random() < 0.5:
                self._deliver(parcel)
        reply = self._deliver(parcel)
        if mischief.strikes(Fault.SERVER_REPLY):
            raise OutcomeUnknown("The answer got lost.")
        self._steps.reach("answer of server")
        return reply

    def fetch(self, at: Position, *, till: str, limit: int) -> Page:
        """Ask for changes."""
        self._steps.reach("fetch page")
        self._check()
        if self._world.mischief.strikes(Fault.SERVER_REPLY):
            raise Unavailable("The answer got lost.")
        server = self._server
        try:
            server.steps.begin()
            return self._remote().fetch(at, till=till, limit=limit)
        except Crash as crash:
            raise self._died(crash) from None
        finally:
            server.steps.end()

    def _check(self) -> None:
        if self._till in self._server.cut_off:
            raise Unavailable("The line is cut.")

    def _again(self, parcel: Parcel, seconds: float) -> None:
        """The same parcel once more, whenever the network lets it through."""

        def arrive() -> None:
            self._world.trace.note(self._till, "parcel arrives again")
            try:
                self._deliver(parcel)
            except SyncError as error:
                self._world.trace.note(self._till, "late parcel", error=type(error).__name__)

        self._world.schedule.after(seconds, arrive)

    def _deliver(self, parcel: Parcel) -> Reply:
        server = self._server
        try:
            server.steps.begin()
            reply = self._remote().send(parcel)
        except Crash as crash:
            raise self._died(crash) from None
        finally:
            server.steps.end()
        self._check_kept(reply)
        return reply

    def _check_kept(self, reply: Reply) -> None:
        """What was acknowledged is on disk."""
        told = [row.id for row in reply.results if row.outcome is Outcome.ACCEPTED]
        for envelope in sorted(self._server.lacks(told)):
            words = f"The server has acknowledged envelope {envelope} and does not have it."
            self._world.report("acknowledged_lost", envelope, words)

    def _died(self, crash: Crash) -> SyncError:
        """The server died under the request; the till may itself have, which goes on."""
        if crash.who != "server":
            raise crash
        self._world.trace.note("server", "died", at=crash.where)
        self._server.revive()
        return OutcomeUnknown("The connection broke.")

    def _remote(self) -> LocalRemote:
        return LocalRemote(self._server.shop, principal=f"key of {self._till}")
