"""The server and its posting worker: two processes over one database, either of which may die."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from pos_app.ids import SeededIds
from pos_app.services import feed, reservation
from pos_app.services.master import pull as master
from pos_app.services.master.pull import ALL_NOW, Rhythm
from pos_app.services.posting import incident, work
from pos_app.services.shop import Rules, Shop
from pos_app.services.worked import Worked
from pos_app.simulation.bug import Planted
from pos_app.simulation.mischief import Fault
from pos_app.simulation.people import people
from pos_app.simulation.rules import SERVER, rules
from pos_app.simulation.sap import Sap
from pos_app.simulation.schedule import Loop
from pos_app.simulation.step import Steps, StepStore
from pos_app.simulation.world import World
from pos_app.store import user
from pos_app.store.engine import Store, open_store
from pos_app.store.intake import intake as accepted
from pos_app.store.migrate import upgrade
from sync.sap.client import ServiceLayer

HS_FIELD = "U_HSCode"
MASTER_EVERY = timedelta(hours=3)
AGAIN = timedelta(minutes=1)
SWEEP_SECONDS = 1800
POST_SECONDS = 1800


class Server:
    """One server with everything it runs.

    Attributes:
        cut_off: tills whose line is cut.
    """

    def __init__(self, world: World, sap: Sap, planted: Planted) -> None:
        self.sap = sap
        self.cut_off: set[str] = set()
        self.steps = Steps("server", world.mischief, Fault.CRASH)
        self._worker_steps = Steps("worker", world.mischief, Fault.WORKER_KILLED)
        self._world = world
        self._planted = planted
        self._path = world.folder / "server.db"
        self._ids = SeededIds(world.rng("server ids"), world.clock.now)
        self._rules = planted.rules(rules(SERVER, is_server=True))
        self._workers = 0
        self._store = self._opened()
        upgrade(self._store)
        self._begin()
        schedule = world.schedule
        self.posting = Loop(
            schedule, self._post, idle_seconds=POST_SECONDS, least_seconds=AGAIN.seconds
        )
        self._master = Loop(schedule, self._fetch, idle_seconds=MASTER_EVERY.total_seconds())
        self._sweeping = Loop(schedule, self._sweep, idle_seconds=SWEEP_SECONDS)

    def start(self) -> None:
        """Fetch the goods, hire the people, and begin to work."""
        with self.shop.store.write() as connection:
            user.put(connection, people(self._world.clock.now()))
        worked = self.fetch_now()
        if worked.problem:
            self._world.report("program_fault", "server", f"The goods: {worked.problem}")
        with self.shop.store.write() as connection:
            feed.announce(connection)
        for loop in (self.posting, self._master, self._sweeping):
            loop.wake(1)

    def fetch_now(self) -> Worked:
        """Fetch everything from SAP, whenever that was done last."""
        return master.pull(self._worker_shop, self._sl, hs_field=HS_FIELD, rhythm=ALL_NOW)

    def revive(self) -> None:
        """Start the server and its worker anew."""
        self._store.close()
        self._store = self._opened()
        self._begin()

    def lacks(self, envelopes: Sequence[str]) -> set[str]:
        """Which of these envelopes are not on disk here."""
        with self._store.read() as connection:
            rows = connection.execute(select(accepted.c.id).where(accepted.c.id.in_(envelopes)))
            return set(envelopes) - set(rows.scalars())

    def close(self) -> None:
        """Give the database back."""
        self._store.close()

    def _opened(self) -> Store:
        return open_store(self._path, synchronous="OFF")

    def _begin(self) -> None:
        world = self._world
        store = self._planted.server_store(self._store, self.steps, world.mischief)
        self.shop = self._shop(store)
        self._hire()

    def _hire(self) -> None:
        """A worker with a name, a session and a death of its own."""
        self._workers += 1
        store = StepStore(self._store, self._worker_steps, self._world.mischief)
        self._worker_shop = self._shop(store)
        sap = self.sap.http(self._worker_steps)
        self._sl: ServiceLayer = self._planted.service_layer(sap, self._world.clock)

    def _shop(self, store: Store) -> Shop:
        return Shop(store=store, clock=self._world.clock, ids=self._ids, rules=self._rules)

    @property
    def rules(self) -> Rules:
        """The server's rules."""
        return self._rules

    def _post(self) -> float:
        worked = Worked()
        self.sap.misbehave()
        with self._world.event("worker", "post", self._worker_steps, revive=self._hire):
            owner = f"worker {self._workers}"
            worked = work.work(self._worker_shop, self._sl, owner=owner)
            if worked.done or worked.problem:
                self._world.trace.note(
                    "worker", "posted", done=worked.done, left=worked.waiting, why=worked.problem
                )
        return pause_of(worked, self._world)

    def _fetch(self) -> float:
        worked = Worked(next_at=self._world.clock.now() + AGAIN)
        with self._world.event("worker", "fetch", self._worker_steps, revive=self._hire):
            worked = master.pull(
                self._worker_shop, self._sl, hs_field=HS_FIELD, rhythm=Rhythm(every=MASTER_EVERY)
            )
            self._world.trace.note("worker", "fetched", done=worked.done, why=worked.problem)
        return pause_of(worked, self._world)

    def _sweep(self) -> float:
        with self._world.event("server", "sweep", self.steps, revive=self.revive):
            reservation.sweep(self.shop)
            incident.watch(self.shop)
        return 0


def pause_of(worked: Worked, world: World) -> float:
    """Seconds to the next try; 0 when nothing asks for one."""
    if worked.next_at is None:
        return 0
    return max((worked.next_at - world.clock.now()).total_seconds(), 1)
