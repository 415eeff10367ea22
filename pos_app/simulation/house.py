"""The day of the house: when people come, when it closes, and when something breaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial

from pos_app.domain.fiscal_day import DayState
from pos_app.services import fiscal_day
from pos_app.simulation.bug import Planted
from pos_app.simulation.cashier import Cashier
from pos_app.simulation.mischief import Fault
from pos_app.simulation.people import manager
from pos_app.simulation.plan import Plan
from pos_app.simulation.rules import ZONE_HOURS
from pos_app.simulation.sap import Sap
from pos_app.simulation.server import Server
from pos_app.simulation.till import Till
from pos_app.simulation.world import World

DAWN, OPENS, CLOSES = time(6, 45), time(7), time(18)
NOON, FISCAL_CLOSE, VAN = time(12, 30), time(20), time(6, 30)
WEATHER_SECONDS = 1200
AGAIN_SECONDS = 45
CLOSE_AGAIN_SECONDS = 1200
MEETINGS = 10
CUT_MINUTES = 120
AUTHORITY_MINUTES = 480
JUMP_MINUTES = 150


class House:
    """Tills, server, SAP and everybody in them."""

    def __init__(self, world: World, plan: Plan, *, planted: Planted) -> None:
        """Open the house; nobody works in it before `start`."""
        self.world = world
        self._plan = plan
        self.sap = Sap(world, days=plan.days, moves=plan.moving_rates)
        self.server = Server(world, self.sap, planted)
        self.tills = [
            Till(world, number, server=self.server, planted=planted)
            for number in range(1, plan.tills + 1)
        ]
        self._cashiers = [Cashier(world, till) for till in self.tills]

    def start(self) -> None:
        """Begin to work, and plan every day."""
        self.server.start()
        for till in self.tills:
            till.start()
        today = self.world.clock.now()
        for day in range(self._plan.days):
            self._plan_day(today + timedelta(days=day))
            self.world.schedule.at(_local(today + timedelta(days=day), VAN), self.sap.deliver)
        self._plan_weather()

    def close(self) -> None:
        """Give every database back."""
        for till in self.tills:
            till.close()
        self.server.close()

    def heal(self) -> None:
        """Everything that was broken is repaired, and nothing breaks any more."""
        self.world.mischief.stop()
        self.sap.heal()
        self.sap.deliver()
        self.server.cut_off.clear()
        for till in self.tills:
            till.clock.put_right()
            till.fiscal_desk.heal()
            till.printer_desk.heal()
            till.wake()
            till.printing.wake(1)
        self.server.posting.wake(1)

    def meet(self) -> None:
        """Let everybody hear the last of everybody: SAP, server, tills."""
        world = self.world
        for _ in range(MEETINGS):
            worked = self.server.fetch_now()
            world.trace.note("server", "fetched", done=worked.done, why=worked.problem)
            if not worked.problem:
                break
            world.clock.sleep(AGAIN_SECONDS)
        for till in self.tills:
            with world.event(till.code, "meet", till.steps, revive=till.revive):
                till.sync_now()

    def _plan_day(self, day: datetime) -> None:
        """Everything that happens at its hour, a few seconds apart at each till."""
        for at, (till, cashier) in enumerate(zip(self.tills, self._cashiers, strict=True)):
            deeds = (
                (DAWN, "close late", partial(self._close_day, till)),
                (OPENS, "open", cashier.open_shift),
                (NOON, "pick up", cashier.pick_up),
                (CLOSES, "close", cashier.close_shift),
                (FISCAL_CLOSE, "close day", partial(self._close_evening, till, day)),
            )
            for hour, what, deed in deeds:
                when = _local(day, hour) + timedelta(seconds=7 * at)
                self.world.schedule.at(when, self._deed(till, what, deed))
            self._plan_customers(till, cashier, day)

    def _deed(self, till: Till, what: str, deed: Callable[[], None]) -> Callable[[], None]:
        """Something that has to be done, and is done again until it has worked."""

        def attempt() -> None:
            is_done = False
            with self.world.event(till.code, what, till.steps, revive=till.revive):
                deed()
                is_done = True
                self.world.trace.note(till.code, what)
                till.wake()
            if not is_done:
                self.world.schedule.after(AGAIN_SECONDS, attempt)

        return attempt

    def _close_evening(self, till: Till, day: datetime) -> None:
        """The evenings it is forgotten the till may do it, or dawn brings it."""
        if day.toordinal() % 2 == 1:
            self._close_day(till)

    def _close_day(self, till: Till, number: int | None = None) -> None:
        """The manager closes the fiscal day, and asks again while the device refuses."""
        day = fiscal_day.standing(till.shop)
        is_open = day.state not in {DayState.UNKNOWN, DayState.CLOSED}
        if not is_open or number not in {None, day.fiscal_day}:
            return
        if day.step is None or day.step.is_over:
            fiscal_day.close_day(till.shop, manager(), reason="evening")
        again = self._deed(till, "close again", partial(self._close_day, till, day.fiscal_day))
        self.world.schedule.after(CLOSE_AGAIN_SECONDS, again)

    def _plan_customers(self, till: Till, cashier: Cashier, day: datetime) -> None:
        """The first of the day; each brings the next."""
        rng = self.world.rng(f"{till.code} {day.date()} doors")
        closes = _local(day, CLOSES)

        def plan(start: datetime) -> None:
            when = start + timedelta(seconds=rng.expovariate(1 / self._plan.pace))
            if when < closes:
                self.world.schedule.at(when, lambda: come(when))

        def come(when: datetime) -> None:
            with self.world.event(till.code, "sell", till.steps, revive=till.revive):
                cashier.serve()
            plan(when)

        plan(_local(day, OPENS) + timedelta(minutes=1))

    def _plan_weather(self) -> None:
        self.world.schedule.after(WEATHER_SECONDS, self._weather)

    def _weather(self) -> None:
        mischief = self.world.mischief
        for till in self.tills:
            if mischief.strikes(Fault.PARTITION):
                self._cut(till.code)
            if mischief.strikes(Fault.AUTHORITY_AWAY):
                self._cut_authority(till)
            if mischief.strikes(Fault.PAPER_OUT):
                till.printer_desk.misbehave()
            if mischief.strikes(Fault.CLOCK_JUMP):
                self._jump(till)
        if mischief.strikes(Fault.PARTITION):
            self._cut("")
        self._plan_weather()

    def _cut(self, code: str) -> None:
        """A till's line, or the one to SAP, is down for a while."""
        minutes = self.world.mischief.rng.randint(2, CUT_MINUTES)
        self.world.trace.note(code or "SAP", "line cut", minutes=minutes)

        def mend() -> None:
            if code:
                self.server.cut_off.discard(code)
            else:
                self.sap.is_away = False

        if code:
            self.server.cut_off.add(code)
        else:
            self.sap.is_away = True
        self.world.schedule.after(minutes * 60, mend)

    def _cut_authority(self, till: Till) -> None:
        """A device cannot deliver for a while; it signs on, and its day cannot be closed."""
        minutes = self.world.mischief.rng.randint(2, AUTHORITY_MINUTES)
        self.world.trace.note(till.code, "authority cut off", minutes=minutes)
        till.fiscal_desk.reach_authority(up=False)
        mend = partial(till.fiscal_desk.reach_authority, up=True)
        self.world.schedule.after(minutes * 60, mend)

    def _jump(self, till: Till) -> None:
        minutes = self.world.mischief.rng.randint(-JUMP_MINUTES, JUMP_MINUTES)
        self.world.trace.note(till.code, "clock jumps", minutes=minutes)
        till.clock.jump(timedelta(minutes=minutes))
        self.world.schedule.after(self.world.mischief.rng.randint(600, 10800), till.clock.put_right)


def _local(day: datetime, at: time) -> datetime:
    """A moment of the shop's own day."""
    midnight = (day + timedelta(hours=ZONE_HOURS)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return midnight + timedelta(hours=at.hour - ZONE_HOURS, minutes=at.minute)
