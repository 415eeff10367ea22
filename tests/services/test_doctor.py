"""The look at everything before the day: what is broken is named, what is silent is unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from fiscal.errors import Unavailable as Away
from fiscal.messages import Hello
from pos_app.domain.preflight import Problem, Stops
from pos_app.errors import DatabaseBusy
from pos_app.services.doctor import books, examine, machine
from pos_app.services.doctor.books import BACKUP_AT
from pos_app.services.doctor.finding import Check, Finding, State, age
from pos_app.services.doctor.neighbour import Held
from pos_app.services.preflight import morning
from pos_app.services.shop import PrinterRules
from pos_app.store import setting
from pos_app.store.engine import Store, open_store
from printing.profile import profile_named
from printing.status import PrinterStatus
from sync.errors import OutcomeUnknown, Unavailable
from tests.counter import Counter, counter


class Real:
    """Asks what stands on the counter, and a server that is well."""

    def __init__(self, till: Counter) -> None:
        self.till = till
        self.apart = timedelta()

    def printer(self, wanted: PrinterRules) -> PrinterStatus:
        return self.till.printer.status()

    def fiscal(self) -> Hello:
        return self.till.driver.hello()

    def server(self) -> datetime:
        return self.till.shop.clock.now() + self.apart


@pytest.fixture
def till(sqlite_store: Store) -> Counter:
    made = counter(sqlite_store)
    made.file()
    return made


@pytest.fixture
def instruments(till: Counter) -> Real:
    return Real(till)


@pytest.fixture
def look(till: Counter, instruments: Real, tmp_path: Path) -> Callable[[], dict[Check, Finding]]:
    def call() -> dict[Check, Finding]:
        found = examine.examine(till.shop, instruments, tmp_path, has_server=True)
        return {finding.check: finding for finding in found}

    return call


Look = Callable[[], dict[Check, Finding]]


def note_backup(till: Counter, passed: timedelta) -> None:
    with till.shop.store.write() as connection:
        setting.write(connection, BACKUP_AT, (till.shop.clock.now() - passed).isoformat())


def test_everything_is_looked_at_once_and_named(look: Look, till: Counter) -> None:
    note_backup(till, timedelta(hours=2))
    found = look()
    assert set(found) == set(Check) - {Check.DISPLAY}  # this till has none
    states = {check: finding.state for check, finding in found.items()}
    assert states[Check.PRICES] is State.FAIL  # nothing was ever fetched here
    assert states[Check.PREFLIGHT] is State.WARN  # some goods of the shop have no price
    del states[Check.PRICES], states[Check.PREFLIGHT]
    assert set(states.values()) == {State.OK}, found


@pytest.mark.parametrize(
    ("do", "state", "word"),
    [
        ("paper_out", State.FAIL, "paper"),
        ("cover_open", State.FAIL, "cover"),
        ("unplug", State.FAIL, "cable"),
        ("silence", State.FAIL, "does not answer"),
        ("near_end", State.WARN, "near its end"),
    ],
)
def test_what_is_wrong_with_the_printer_is_said(
    look: Look, till: Counter, do: str, state: State, word: str
) -> None:
    till.jams(do)
    finding = look()[Check.PRINTER]
    assert finding.state is state
    assert word in finding.sentence


def test_a_printer_that_always_says_well_is_not_believed(look: Look, till: Counter) -> None:
    printers = (replace(till.shop.rules.printers[0], profile=profile_named("80mm-clone")),)
    till.shop = replace(till.shop, rules=replace(till.shop.rules, printers=printers))
    found = examine.examine(till.shop, Real(till), Path(), has_server=False)
    states = {finding.check: finding for finding in found}
    assert states[Check.PRINTER].state is State.UNKNOWN
    assert "test paper" in states[Check.PRINTER].sentence


def test_without_a_printer_or_with_one_that_cannot_answer(till: Counter) -> None:
    for printers, state in (
        ((), State.WARN),
        ((PrinterRules(url="file:///x", profile=profile_named("one-way")),), State.UNKNOWN),
    ):
        till.shop = replace(till.shop, rules=replace(till.shop.rules, printers=printers))
        found = examine.examine(till.shop, Real(till), Path(), has_server=False)
        assert {row.check: row.state for row in found}[Check.PRINTER] is state


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Held(), State.UNKNOWN),
        (DatabaseBusy(5), State.UNKNOWN),
        (RuntimeError("boom"), State.UNKNOWN),
    ],
)
def test_a_look_that_fails_is_never_well_and_the_rest_goes_on(
    look: Look, instruments: Real, monkeypatch: pytest.MonkeyPatch, error: Exception, state: State
) -> None:
    def fail(*_: object) -> PrinterStatus:
        raise error

    monkeypatch.setattr(instruments, "printer", fail)
    found = look()
    assert found[Check.PRINTER].state is state
    assert found[Check.SERVER].state is State.OK


def test_a_silent_fiscal_device_fails_and_a_held_one_is_unknown(
    look: Look, till: Counter, instruments: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent() -> Hello:
        raise Away("it does not answer")

    monkeypatch.setattr(instruments, "fiscal", silent)
    assert look()[Check.FISCAL].state is State.FAIL

    def held() -> Hello:
        raise Held

    monkeypatch.setattr(instruments, "fiscal", held)
    assert look()[Check.FISCAL].state is State.UNKNOWN


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Unavailable("The server cannot be reached (refused)."), State.FAIL),
        (OutcomeUnknown("The server's answer got lost (cut)."), State.UNKNOWN),
    ],
)
def test_a_server_that_is_away_is_said_and_tells_no_time(
    look: Look, instruments: Real, monkeypatch: pytest.MonkeyPatch, error: Exception, state: State
) -> None:
    def fail(*_: object) -> datetime:
        raise error

    monkeypatch.setattr(instruments, "server", fail)
    found = look()
    assert found[Check.SERVER].state is state
    assert found[Check.CLOCK].facts.keys() <= {"fiscal_device_seconds"}


@pytest.mark.parametrize(
    ("apart", "state"), [(30, State.OK), (120, State.WARN), (-3600, State.FAIL)]
)
def test_the_clock_is_compared_with_its_neighbours(
    look: Look, instruments: Real, apart: int, state: State
) -> None:
    instruments.apart = timedelta(seconds=apart)
    finding = look()[Check.CLOCK]
    assert finding.state is state
    assert finding.facts["server_seconds"] == apart


def test_a_clock_behind_the_books_fails_whatever_others_say(till: Counter) -> None:
    till.shop.clock.sleep(-7200)
    finding = machine.clock(till.shop, {}, has_server=False)
    assert finding.state is State.FAIL
    assert "2 hours behind" in finding.sentence


def test_no_clock_to_compare_with(till: Counter) -> None:
    assert machine.clock(till.shop, {}, has_server=True).state is State.UNKNOWN
    assert machine.clock(till.shop, {}, has_server=False).state is State.WARN


@pytest.mark.parametrize(
    ("free", "state"),
    [(5_000_000_000, State.OK), (500_000_000, State.WARN), (1_000_000, State.FAIL)],
)
def test_room_on_the_disk(free: int, state: State) -> None:
    assert machine.disk(Path(), lambda _: (free * 2, free, free)).state is state


def test_a_disk_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    assert machine.disk(tmp_path / "nowhere").state is State.UNKNOWN


def test_the_database_finds_its_own_damage(till: Counter) -> None:
    assert books.database(till.shop).state is State.OK
    path = till.shop.store.path
    assert path is not None
    with till.shop.store.read() as connection:
        find = text("SELECT rootpage FROM sqlite_master WHERE name = 'audit_by_time'")
        page = int(str(connection.execute(find).scalar()))
        size = int(str(connection.execute(text("PRAGMA page_size")).scalar()))
    till.shop.store.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 64)
    with open_store(path) as store:
        broken = replace(till.shop, store=store)
        found = examine.examine(broken, Real(till), Path(), has_server=False)
        finding = {row.check: row for row in found}[Check.DATABASE]
    assert finding.state is State.FAIL
    assert "restore" in finding.sentence


@pytest.mark.parametrize(
    ("hours", "state"), [(1, State.OK), (48, State.WARN), (400, State.FAIL), (None, State.WARN)]
)
def test_the_age_of_the_backup(till: Counter, hours: int | None, state: State) -> None:
    if hours is not None:
        note_backup(till, timedelta(hours=hours))
    assert books.backup(till.shop).state is state


def test_a_database_that_does_not_open_leaves_the_rest_unknown(tmp_path: Path) -> None:
    found = examine.without_books(tmp_path, DatabaseBusy(5))
    states = {row.check: row.state for row in found}
    assert set(states) == set(Check)
    assert states.pop(Check.DATABASE) is State.FAIL
    assert states.pop(Check.DISK) is not State.UNKNOWN
    assert set(states.values()) == {State.UNKNOWN}
    assert examine.worst(found) is State.FAIL


def test_ages_in_words() -> None:
    assert age(timedelta(seconds=1)) == "1 second"
    assert age(timedelta(minutes=61)) == "1 hour"
    assert age(timedelta(days=2, hours=5)) == "2 days"
    assert age(timedelta(seconds=-5)) == "0 seconds"


@pytest.mark.parametrize(
    ("stops", "state"), [(Stops.NOTHING, State.WARN), (Stops.EVERYTHING, State.FAIL)]
)
def test_what_the_look_before_the_day_found_is_a_finding(
    till: Counter, stops: Stops, state: State
) -> None:
    own = books.preflight(till.shop)
    assert (own.state, own.facts["problems"]) == (State.WARN, 2)  # goods without a price
    problem = Problem(code="rate", subject="ZIG", sentence="SAP has no rate of today.", stops=stops)
    seen = morning.look(till.shop, None)
    morning.keep(till.shop, replace(seen, problems=(problem,)))
    found = books.preflight(till.shop)
    assert (found.state, found.facts["problems"]) == (state, 3)
    assert ("SAP has no rate" in found.sentence) is (state is State.FAIL), "the gravest first"
