"""The door stands before the shop is open: what is typed ahead waits, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from pos_app.errors import DatabaseDamaged
from pos_app.services.shop import Shop
from pos_app.tui.app import StillOpening, TillApp
from pos_app.tui.interior import Interior
from pos_app.tui.pace import moment
from tests.tui.conftest import House, Person, glance_at
from tests.tui.grocer import PASSWORD, PIN, Quiet

DAMAGED = DatabaseDamaged("till.db", "it is a picture")


class Builders:
    """Open the shop when they are told to, or fail to."""

    def __init__(self, interior: Interior) -> None:
        self.interior = interior
        self.error: Exception | None = None
        self.called, self.may_end = threading.Event(), threading.Event()

    def open(self) -> Interior:
        self.called.set()
        self.may_end.wait()
        if self.error is not None:
            raise self.error
        return self.interior

    def finish(self, error: Exception | None = None) -> None:
        self.error = error
        self.may_end.set()


@pytest.fixture
def quiet(make_till: Callable[..., Shop]) -> Quiet:
    return Quiet(make_till())


@pytest.fixture
def builders(quiet: Quiet, house: House) -> Iterator[Builders]:
    made = Builders(Interior(quiet.shop, quiet, {}))
    yield made
    made.finish()


@pytest.fixture
def come(quiet: Quiet, builders: Builders, house: House) -> Callable[..., object]:
    """Puts somebody in front of a till whose shop is being opened."""

    async def run(keys: dict[str, str] | None = None) -> Person:
        app = TillApp(glance_at(quiet.shop, keys), builders.open)
        await house.open(app, (120, 40))
        somebody = Person(app, quiet)
        await somebody.until(builders.called.is_set)
        return somebody

    return run


async def at_work(till: Person, username: str) -> None:
    await till.until(lambda: till.app.is_signed_in)
    await till.at("SaleScreen")
    assert till.app.actor.username == username


async def test_the_door_is_painted_before_anything_is_opened(
    come: Callable, builders: Builders, quiet: Quiet
) -> None:
    till = await come()
    assert not till.app.is_open
    await till.sees("SIGN IN", "T01", "Corner Grocer", "Mbare", "nobody signed in", "opening")
    for ask in (lambda: till.app.shop, lambda: till.app.desk, lambda: till.app.background):
        with pytest.raises(StillOpening):
            ask()
    builders.finish()
    await till.sees("no shift", "10:00", "1 USD = 27.00 ZIG", "Thandi Moyo")
    await till.until(lambda: quiet.calls == ["start"])
    assert "opening" not in till.text


async def test_a_name_is_seen_while_it_is_typed_and_what_follows_waits(
    come: Callable, builders: Builders
) -> None:
    till = await come()
    await till.type("thandi")
    await till.sees("thandi")
    await till.type(f"\r{PIN}\r")
    assert till.app.screen.secret.value == ""
    assert not till.app.is_signed_in
    builders.finish()
    await at_work(till, "thandi")


async def test_a_name_typed_ahead_is_completed_from_the_list(
    come: Callable, builders: Builders
) -> None:
    till = await come()
    await till.type("far\r")
    builders.finish()
    await till.until(lambda: till.app.screen.user.value == "farai")


async def test_who_has_no_pin_is_asked_for_the_password_even_when_it_was_typed_ahead(
    come: Callable, builders: Builders
) -> None:
    till = await come()
    await till.type(f"rudo\r{PASSWORD}\r")
    builders.finish()
    await at_work(till, "rudo")


async def test_letters_typed_behind_a_key_that_waits_keep_their_order(
    come: Callable, builders: Builders
) -> None:
    till = await come()
    await till.type("nobody")
    await till.press("escape")
    await till.type(f"thandi\r{PIN}\r")
    assert till.app.screen.user.value == "nobody"
    builders.finish()
    await at_work(till, "thandi")


async def test_a_scan_while_the_shop_opens_is_named_and_never_a_user_name(
    come: Callable, builders: Builders
) -> None:
    till = await come()
    await till.scan("6001234567890")
    builders.finish()
    await till.sees("6001234567890 was scanned but not sold")
    assert till.app.screen.user.value == ""


@pytest.mark.parametrize("key", ["ctrl+q", "f11"])
async def test_the_program_can_be_ended_while_the_shop_opens(
    come: Callable, builders: Builders, quiet: Quiet, key: str
) -> None:
    till = await come({"till.leave": key})
    await till.type("thandi\r")  # keys that wait do not hold it up
    till._send(key, None, 0.2)
    await till.sees("Ending …")
    builders.finish()
    await till.until(lambda: not till.app.is_running)
    assert till.app.failure is None
    assert quiet.calls == []


async def test_a_shop_that_cannot_be_opened_ends_the_program_with_its_error(
    come: Callable, builders: Builders, quiet: Quiet
) -> None:
    till = await come()
    await till.type(f"thandi\r{PIN}\r")
    builders.finish(DAMAGED)
    await till.until(lambda: not till.app.is_running)
    assert till.app.failure is DAMAGED
    assert quiet.calls == []


async def test_an_error_is_told_even_when_nobody_waits_for_the_shop_any_more(
    come: Callable, builders: Builders, house: House
) -> None:
    till = await come()
    till._send("ctrl+q", None, 0.2)
    await till.sees("Ending …")
    builders.finish(DAMAGED)
    await till.until(lambda: not till.app.is_running)
    await house.close()
    assert till.app.failure is DAMAGED


async def test_waiting_for_the_shop_is_no_slow_screen(come: Callable, builders: Builders) -> None:
    till = await come()
    await till.press("escape")
    await till.until(lambda: moment() > till._time)
    builders.finish()
    await till.sees("Thandi Moyo")
    assert till.app.pace.count == 0
    await till.type("1")
    assert till.app.pace.count == 1
